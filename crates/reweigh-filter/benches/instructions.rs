//! Instructions of a thousand predicts and updates, for both models, beside the same by other hands.
//!
//! `cargo bench -p reweigh-filter --bench instructions`, where valgrind and `gungraun-runner` (of the version
//! of gungraun in `Cargo.lock`) are installed. Where they are not it says so and stops. Unlike times, these
//! counts do not depend on what else the machine does.

use std::process::{Command, Stdio};

mod contenders;

/// What gungraun generates, which has a `main` of its own.
mod counted {
    #![expect(unused_qualifications, reason = "gungraun generates its items as it likes")]

    use std::hint::black_box;

    use gungraun::{library_benchmark, library_benchmark_group};
    use nalgebra::SVector;
    use reweigh_filter::{Gaussian, LocalLevel, LocalLinearTrend};

    use super::contenders::{self, Adskalman, Plain1, Plain2, Reading};

    type Case<M> = (Vec<Reading>, M);

    fn case<M>(model: M) -> Case<M> {
        (contenders::readings(1_000), model)
    }

    fn adskalman1() -> Adskalman<1> {
        Adskalman::new(&contenders::level_model(), &contenders::ours1_start())
    }

    fn adskalman2() -> Adskalman<2> {
        Adskalman::new(&contenders::trend_model(), &contenders::ours2_start())
    }

    #[library_benchmark]
    #[bench::thousand(case(()))]
    fn level_plain((readings, ()): Case<()>) -> Plain1 {
        let (rate, noise) = black_box((contenders::LEVEL_RATE, contenders::NOISE));
        contenders::plain1_chain(&readings, rate, noise)
    }

    #[library_benchmark]
    #[bench::thousand(case(contenders::level_model()))]
    fn level_reweigh((readings, model): Case<LocalLevel>) -> Gaussian<1> {
        contenders::ours1_chain(&readings, &model)
    }

    #[library_benchmark]
    #[bench::thousand(case(adskalman1()))]
    fn level_adskalman((readings, model): Case<Adskalman<1>>) -> SVector<f64, 1> {
        contenders::adskalman1_chain(&readings, &model)
    }

    #[library_benchmark]
    #[bench::thousand(case(contenders::level_model()))]
    fn level_kfilter((readings, model): Case<LocalLevel>) -> [f64; 1] {
        contenders::kfilter1_chain(&readings, &model, &contenders::ours1_start())
    }

    #[library_benchmark]
    #[bench::thousand(case(()))]
    fn trend_plain((readings, ()): Case<()>) -> Plain2 {
        let (level, trend, noise) =
            black_box((contenders::LEVEL_RATE, contenders::TREND_RATE, contenders::NOISE));
        contenders::plain2_chain(&readings, level, trend, noise)
    }

    #[library_benchmark]
    #[bench::thousand(case(contenders::trend_model()))]
    fn trend_reweigh((readings, model): Case<LocalLinearTrend>) -> Gaussian<2> {
        contenders::ours2_chain(&readings, &model)
    }

    #[library_benchmark]
    #[bench::thousand(case(contenders::trend_model()))]
    fn trend_reweigh_scored((readings, model): Case<LocalLinearTrend>) -> (Gaussian<2>, f64) {
        contenders::ours2_scored_chain(&readings, &model)
    }

    #[library_benchmark]
    #[bench::thousand(case(adskalman2()))]
    fn trend_adskalman((readings, model): Case<Adskalman<2>>) -> SVector<f64, 2> {
        contenders::adskalman2_chain(&readings, &model)
    }

    #[library_benchmark]
    #[bench::thousand(case(contenders::trend_model()))]
    fn trend_kfilter((readings, model): Case<LocalLinearTrend>) -> [f64; 2] {
        contenders::kfilter2_chain(&readings, &model, &contenders::ours2_start())
    }

    library_benchmark_group!(
        name = steps,
        benchmarks = [
            level_plain,
            level_reweigh,
            level_adskalman,
            level_kfilter,
            trend_plain,
            trend_reweigh,
            trend_reweigh_scored,
            trend_adskalman,
            trend_kfilter
        ]
    );

    gungraun::main!(library_benchmark_groups = steps);

    pub(super) fn run() {
        main();
    }
}

/// Whether a program is there and answers.
fn answers(program: &str) -> bool {
    let quiet = Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    quiet.is_ok_and(|status| status.success())
}

fn main() {
    // The runner starts this program again, under valgrind, with this argument.
    let under_the_runner = std::env::args().nth(1).is_some_and(|argument| argument == "--gungraun-run");
    if !under_the_runner {
        contenders::check_that_all_agree(&contenders::readings(1_000));
        if !contenders::figures_are_wanted() {
            return;
        }
        for program in ["valgrind", "gungraun-runner"] {
            if !answers(program) {
                eprintln!("instruction counts skipped: {program} is not installed");
                return;
            }
        }
    }
    counted::run();
}
