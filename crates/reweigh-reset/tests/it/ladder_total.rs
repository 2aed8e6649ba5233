//! Whatever the ladder is given.

use proptest::prelude::*;
use reweigh_judge::{fingerprint, fold_on};
use reweigh_reading::{Elapsed, Instant, Kilograms, OrderKey, Source};
use reweigh_reset::{
    Evidence, KeptVersion, KnownReading, LadderSettings, Rung, RungNumbers, StateVersion, recover, serve,
};
use reweigh_state::{Checked, Expectations, PlainResetter, Profile, UserState};

use crate::life::{Life, day, fold_with};

fn instant() -> impl Strategy<Value = Instant> {
    let near = (0..40_000_i64).prop_map(|hours| {
        "2020-01-01T00:00:00Z".parse::<Instant>().unwrap().saturating_add(Elapsed::from_hours(hours))
    });
    let any = (Instant::MIN.unix_micros()..=Instant::MAX.unix_micros())
        .prop_map(|micros| Instant::from_unix_micros(micros).unwrap());
    prop_oneof![12 => near, 1 => any, 1 => Just(Instant::MIN), 1 => Just(Instant::MAX)]
}

fn kilograms() -> impl Strategy<Value = Kilograms> {
    let kg = prop_oneof![
        8 => 60.0..100.0_f64,
        1 => 3.0..500.0_f64,
        1 => 1e-300..10_000.0_f64,
        1 => Just(f64::from_bits(1)),
        1 => Just(10_000.0),
    ];
    kg.prop_map(|kg| Kilograms::new(kg).unwrap())
}

fn readings() -> impl Strategy<Value = Vec<KnownReading>> {
    let reading =
        (instant(), kilograms(), prop::bool::weighted(0.1), 0..5_u8).prop_map(|(at, weight, refused, id)| {
            KnownReading {
                key: OrderKey::new(at, Source::unknown(), format!("r{id}").parse().unwrap()),
                weight,
                refused,
            }
        });
    // Runs of one instant and one value come up too.
    (prop::collection::vec(reading, 0..12), 0..4_usize).prop_map(|(mut readings, copies)| {
        if let Some(first) = readings.first().cloned() {
            readings.extend(std::iter::repeat_n(first, copies));
        }
        readings
    })
}

fn settings() -> impl Strategy<Value = LadderSettings> {
    let numbers = || {
        let process = prop_oneof![Just(0.0), Just(100.0), 0.0..1.0_f64];
        let noise = prop_oneof![Just(0.01), Just(100.0), 0.5..2.0_f64];
        (process, noise, prop_oneof![Just(1.0), Just(100.0)])
            .prop_map(|(process, noise, factor)| RungNumbers { process, noise, factor })
    };
    (2..5_u32, 1..90_i64, numbers(), numbers(), prop_oneof![Just(1.0), Just(1_000.0)]).prop_map(
        |(history_readings, days, measured, conservative, conservative_variance)| LadderSettings {
            history_readings,
            history_for: Elapsed::from_days(days),
            measured,
            conservative,
            conservative_variance,
        },
    )
}

/// A state, good or damaged, and its bytes, good or damaged.
fn state(damage: u8, profile: Profile) -> UserState {
    let policy = profile.policy().check().unwrap();
    let (mut state, _) = fold_with(&Life::of("ada").daily(0, 15, 80.0).events(), &policy, &mut PlainResetter);
    match damage {
        0 => state.hypotheses.clear(),
        1 => state.hypotheses[0].body.widen_level(f64::NAN),
        2 => state.hypotheses[0].share = f64::INFINITY,
        3 => state.last_reading = None,
        4 => state.key = None,
        5 => state.readings = 0,
        _ => {}
    }
    state
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    /// Whatever is given, each rung and the whole ladder end in a valid state or in a refusal that says why of every
    /// rung; never in a panic, and in the same way whatever the order of the evidence. A state that was served can be
    /// gone on with.
    ///
    /// Proves E3, W8.
    #[test]
    fn the_ladder_ends_in_a_valid_state_or_a_refusal(
        at in instant(),
        readings in readings(),
        settings in settings(),
        profile in prop::sample::select(Profile::ALL.to_vec()),
        short in 0..3_u32,
        damage in prop::collection::vec(0..12_u8, 2),
        noise in prop::collection::vec(any::<u8>(), 0..64),
        with_prior in any::<bool>(),
        flip in any::<prop::sample::Index>(),
    ) {
        let mut policy = profile.policy();
        // Some policies let nobody adapt after a gap.
        policy.resets.hard.readings = policy.resets.hard.readings.min(short * 5);
        let policy = policy.check().unwrap();
        let expectations = Expectations { fingerprint: fingerprint(&policy), policy: &policy };
        let settings = settings.check().unwrap();
        let prior = state(damage[0], profile);
        let good = state(damage[1], profile).encode();
        let mut flipped = good.clone();
        let place = flip.index(flipped.len());
        flipped[place] ^= 0x10;
        let other = state(9, Profile::Clinical).encode();
        let mut versions = [&noise, &flipped, &other, &good]
            .map(Vec::as_slice)
            .into_iter()
            .zip([5, 4, 3, 2])
            .map(|(bytes, version)| KeptVersion { version: StateVersion::new(version), bytes })
            .collect::<Vec<_>>();
        if damage[1] == 11 {
            versions.clear();
        }
        let evidence = Evidence {
            at,
            prior: with_prior.then_some(&prior),
            versions: &versions,
            readings: &readings,
            expectations,
        };
        let answer = recover(&evidence, &settings);

        let (mut backwards, mut reordered) = (readings.clone(), versions.clone());
        backwards.reverse();
        reordered.reverse();
        let shuffled = Evidence { versions: &reordered, readings: &backwards, ..evidence };
        prop_assert_eq!(format!("{:?}", recover(&shuffled, &settings)), format!("{answer:?}"));

        match answer {
            Ok(recovered) => {
                let served = recovered.provenance.rung();
                let before: Vec<_> = recovered.passed_over.iter().map(|passed| passed.rung).collect();
                prop_assert_eq!(before, Rung::ALL.into_iter().take_while(|rung| *rung != served).collect::<Vec<_>>());
                let estimate = recovered.state.estimate().expect("what is served has an estimate");
                prop_assert!(estimate.level_kg.is_finite() && estimate.variance > 0.0);
                let again = Checked::decode(&recovered.state.encode(), &expectations);
                prop_assert_eq!(again.map(Checked::into_inner), Ok(recovered.state.clone().into_inner()));

                // Readings after what it knows go on from it, before and after the instant it was asked for, and the
                // result is valid.
                let key = recovered.state.key.as_ref().map_or(Instant::MIN, OrderKey::at);
                let (start, mut life) = (day(0.0), Life::of("ada"));
                for n in 1..12 {
                    let days = key.since(start).days() + f64::from(n * n);
                    if day(days) < Instant::MAX {
                        life = life.on(days, 80.0, "scale");
                    }
                }
                let mut state = recovered.state.into_inner();
                fold_on(&mut state, &life.events(), &policy, &mut PlainResetter, &mut ());
                let state = Checked::state(state, &expectations);
                prop_assert!(state.is_ok(), "{:?}", state.map_err(|violations| violations.findings));
            }
            Err(refusal) => {
                prop_assert_eq!(refusal.passed_over.len(), Rung::ALL.len());
                for passed in &refusal.passed_over {
                    prop_assert!(!passed.why.to_string().is_empty());
                }
            }
        }
        for rung in Rung::ALL {
            if let Ok((state, provenance)) = serve(rung, &evidence, &settings) {
                prop_assert_eq!(provenance.rung(), rung);
                let estimate = state.estimate().expect("what is served has an estimate");
                if matches!(rung, Rung::History | Rung::Interpolation) {
                    let most = settings.get().conservative_variance;
                    prop_assert!(estimate.variance <= most * (1.0 + 1e-9), "{} > {most}", estimate.variance);
                }
                if rung == Rung::History {
                    let weights: Vec<_> = readings.iter().map(|reading| reading.weight.get()).collect();
                    let (low, high) = weights.iter().fold((f64::MAX, 0.0_f64), |(low, high), kg| {
                        (low.min(*kg), high.max(*kg))
                    });
                    prop_assert!((low..=high).contains(&estimate.level_kg) || high - low < 1e-9);
                }
                prop_assert!(Checked::state(state.into_inner(), &expectations).is_ok());
            }
        }
    }
}
