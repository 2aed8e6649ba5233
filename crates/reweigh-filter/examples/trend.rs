//! Six weeks of one person's made-up readings: filtered as they come, looked back on, carried forward.
//!
//! They come at irregular times: once there are two in a day, and once none for ten days.
//! `cargo run -p reweigh-filter --example trend` draws them.
#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use std::error::Error;

use reweigh_filter::{Belief, Forecast, LocalLinearTrend, Model, Run, Sample};

/// Day and kilograms.
const READINGS: [(f64, f64); 20] = [
    (0.0, 84.1),
    (1.0, 83.6),
    (2.0, 84.2),
    (4.0, 83.5),
    (5.0, 83.9),
    (5.5, 83.0),
    (8.0, 83.3),
    (9.0, 82.7),
    (11.0, 83.1),
    (12.0, 82.4),
    (14.0, 82.5),
    (16.0, 82.0),
    (26.0, 81.7),
    (27.0, 81.2),
    (29.0, 81.5),
    (31.0, 80.8),
    (34.0, 81.1),
    (36.0, 80.6),
    (38.0, 80.1),
    (41.0, 80.4),
];

/// Days for which the last estimate is carried forward.
const AHEAD: f64 = 14.0;

fn main() -> Result<(), Box<dyn Error>> {
    // In a day the level wanders by 0.1 kg and the trend by 0.01 kg/day; a reading is off by 0.4 kg.
    let model = LocalLinearTrend::new(0.1 * 0.1, 0.01 * 0.01, 0.4 * 0.4)?;

    let mut before = 0.0;
    let samples = READINGS.map(|(day, kilograms)| {
        let sample = Sample::new(day - before, kilograms);
        before = day;
        sample
    });
    let run = Run::over(&model, Belief::unknown(), &samples)?;
    let hindsight = run.smooth()?;

    println!("  day  reading   then    now   o reading, | now, () 95 %");
    for ((&(day, kilograms), step), smoothed) in READINGS.iter().zip(run.steps()).zip(&hindsight) {
        // One reading tells no trend, so there is no state before the second.
        let then =
            step.filtered.known().map_or_else(|_| "-".to_owned(), |state| format!("{:.1}", state.mean()[0]));
        let now = smoothed.forecast(&model.loading(), 0.0)?;
        println!(
            "{day:5.1}  {kilograms:7.1}  {then:>5}  {:5.1}  {}",
            now.mean(),
            plot(&now, Some(kilograms))?
        );
    }

    let last = run.last().known()?;
    let later = model.predict(last, AHEAD)?.forecast(&model.loading(), 0.0)?;
    println!("{AHEAD:+5}                  {:5.1}  {}", later.mean(), plot(&later, None)?);
    println!("\nThe trend is {:+.2} kg a week.", 7.0 * last.mean()[1]);
    Ok(())
}

/// One line of the plot: six columns to the kilogram, the first at 77 kg.
fn plot(now: &Forecast, reading: Option<f64>) -> Result<String, Box<dyn Error>> {
    let interval = now.interval(0.95)?;
    let mut line = [' '; 54];
    for (kilograms, mark) in
        [(Some(interval.low), '('), (Some(interval.high), ')'), (Some(now.mean()), '|'), (reading, 'o')]
    {
        let column = kilograms.map(|kilograms| (kilograms - 77.0) * 6.0).filter(|column| *column >= 0.0);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "columns are few and not negative"
        )]
        if let Some(place) = column.and_then(|column| line.get_mut(column.round() as usize)) {
            *place = mark;
        }
    }
    Ok(line.iter().collect::<String>().trim_end().to_owned())
}
