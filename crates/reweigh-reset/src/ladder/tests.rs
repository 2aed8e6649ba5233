use reweigh_reading::{Elapsed, Kilograms, OrderKey, Source};
use reweigh_state::{
    AuditOutcome, AuditedReset, Chain, CheckedPolicy, Expectations, Fingerprint, Hypothesis, Profile, Scale,
    SnapshotError, Window, source_hash,
};

use super::*;
use crate::port::StateVersion;

const DAY_MICROS: f64 = 86_400e6;

fn at(days: f64) -> Instant {
    let start: Instant = "2026-01-01T07:00:00Z".parse().unwrap();
    #[expect(clippy::cast_possible_truncation, reason = "days of a test")]
    start.saturating_add(Elapsed::from_micros((days * DAY_MICROS) as i64))
}

fn reading(days: f64, kg: f64) -> KnownReading {
    let key = OrderKey::new(at(days), Source::unknown(), format!("{days}-{kg}").parse().unwrap());
    KnownReading { key, weight: Kilograms::new(kg).unwrap(), refused: false }
}

fn readings(all: &[(f64, f64)]) -> Vec<KnownReading> {
    all.iter().map(|(days, kg)| reading(*days, *kg)).collect()
}

fn policy() -> CheckedPolicy {
    Profile::Balanced.policy().check().unwrap()
}

fn expectations(policy: &CheckedPolicy) -> Expectations<'_> {
    Expectations { fingerprint: Fingerprint::of(1, policy), policy }
}

fn settings() -> CheckedLadderSettings {
    LadderSettings::default().check().unwrap()
}

/// What one rung serves of readings at a day: level and variance.
fn served(rung: Rung, days: f64, readings: &[KnownReading]) -> Result<(f64, f64), NotServed> {
    let policy = policy();
    let evidence =
        Evidence { at: at(days), prior: None, versions: &[], readings, expectations: expectations(&policy) };
    serve(rung, &evidence, &settings()).map(|(state, _)| {
        let estimate = state.estimate().unwrap();
        (estimate.level_kg, estimate.variance)
    })
}

#[track_caller]
fn check(rung: Rung, days: f64, given: &[(f64, f64)], expected: (f64, f64)) {
    let (level, variance) = served(rung, days, &readings(given)).unwrap();
    assert!((level - expected.0).abs() < 1e-9, "level {level}, expected {}", expected.0);
    assert!((variance - expected.1).abs() < 1e-9, "variance {variance}, expected {}", expected.1);
}

#[track_caller]
fn refuses(rung: Rung, days: f64, given: &[KnownReading], why: &str) {
    assert_eq!(served(rung, days, given).unwrap_err().to_string(), why);
}

/// A state that goes up to a day.
fn settled(days: f64, policy: &CheckedPolicy) -> UserState {
    let mut state = UserState::unborn(Fingerprint::of(1, policy));
    state.key = Some(reading(days, 80.0).key);
    state.last_reading = Some(at(days));
    state.readings = 1;
    state.tally.accepted = 1;
    state.window = Window::empty_at(1);
    state.scales[0] = Some(Scale { source: source_hash(&Source::unknown()), last: 0 });
    state.chain = Chain::default().link(b"settled");
    state.hypotheses = vec![Hypothesis::first(policy.prior())];
    state
}

/// Mean, and the spread of the readings, never below the noise of one.
///
/// Proves E3.
#[test]
fn history_gives_mean_and_variance() {
    check(Rung::History, 3.0, &[(0.0, 78.0), (1.0, 80.0), (3.0, 85.0)], (81.0, 13.0));
    // A day's age adds a day's process noise.
    check(Rung::History, 4.0, &[(0.0, 78.0), (1.0, 80.0), (3.0, 85.0)], (81.0, 13.1));
}

/// Readings that are equal have a variance of zero and are no more certain than one scale.
///
/// Proves E3.
#[test]
fn history_of_equal_readings_is_as_uncertain_as_one_reading() {
    check(Rung::History, 2.0, &[(0.0, 80.1), (1.0, 80.1), (2.0, 80.1)], (80.1, 1.0));
    let mut at_once = readings(&[(2.0, 80.1), (2.0, 80.1), (2.0, 80.1)]);
    for (n, reading) in at_once.iter_mut().enumerate() {
        reading.key = OrderKey::new(at(2.0), Source::unknown(), format!("r{n}").parse().unwrap());
    }
    assert_eq!(served(Rung::History, 2.0, &at_once), Ok((80.1, 1.0)));
}

/// A reading that is given several times is one reading.
///
/// Proves E3.
#[test]
fn a_reading_given_again_counts_once() {
    let few = "1 plausible readings in 7 days, 3 are needed";
    refuses(Rung::History, 2.0, &readings(&[(2.0, 80.1), (2.0, 80.1), (2.0, 80.1)]), few);
    check(Rung::Interpolation, 0.0, &[(0.0, 80.0), (0.0, 80.0), (2.0, 82.0)], (80.0, 1.0));
}

/// A stranger among the last readings moves nothing; where too many disagree, or the readings are spread wider than
/// the conservative rung is, history does not serve.
///
/// Proves E3.
#[test]
fn history_is_about_what_most_readings_agree_on() {
    // The newest that agrees is a day old.
    check(Rung::History, 2.0, &[(0.0, 80.0), (1.0, 80.0), (2.0, 500.0)], (80.0, 1.0 + 0.1));
    check(
        Rung::History,
        4.0,
        &[(0.0, 79.0), (1.0, 80.0), (2.0, 20.0), (3.0, 80.5), (4.0, 80.5)],
        (80.0, 1.0),
    );
    let two = readings(&[(0.0, 60.0), (1.0, 60.1), (2.0, 90.0), (3.0, 90.1), (4.0, 90.2)]);
    refuses(Rung::History, 4.0, &two, "only 3 of 5 plausible readings in 7 days agree, two thirds must");
    let wide = readings(&[(0.0, 50.0), (1.0, 80.0), (2.0, 110.0)]);
    refuses(Rung::History, 2.0, &wide, "its variance would be 900.0 kg², more than 100 kg²");
}

/// Proves E3.
#[test]
fn history_needs_three_plausible_readings_in_seven_days() {
    let few = "2 plausible readings in 7 days, 3 are needed";
    refuses(Rung::History, 8.0, &readings(&[(0.9, 80.0), (2.0, 80.0), (8.0, 80.0)]), few);
    check(Rung::History, 8.0, &[(1.0, 80.0), (2.0, 80.0), (8.0, 80.0)], (80.0, 1.0));
    // What comes after the instant, what no body weighs and what was refused do not count.
    let mut given =
        readings(&[(1.0, 80.0), (2.0, 80.0), (9.0, 80.0), (3.0, 1.0), (4.0, 9_000.0), (5.0, 80.0)]);
    given[5].refused = true;
    refuses(Rung::History, 8.0, &given, few);
    refuses(Rung::History, 8.0, &[], "0 plausible readings in 7 days, 3 are needed");
}

/// Between two readings the level is on the line, and the variance that of a random walk tied at both ends.
///
/// Proves E3.
#[test]
fn interpolation_is_a_bridge() {
    check(Rung::Interpolation, 1.0, &[(0.0, 80.0), (2.0, 82.0)], (81.0, 0.5 + 0.1 * 0.5));
    check(Rung::Interpolation, 0.5, &[(0.0, 80.0), (2.0, 82.0)], (80.5, 0.5625 + 0.0625 + 0.1 * 0.375));
    // At a reading it is that reading.
    check(Rung::Interpolation, 0.0, &[(0.0, 80.0), (2.0, 82.0)], (80.0, 1.0));
}

/// Several readings of one instant speak for it together, on either side; there is no division by the time between
/// them.
///
/// Proves E3.
#[test]
fn interpolation_takes_neighbours_at_one_instant_together() {
    check(Rung::Interpolation, 0.0, &[(0.0, 79.0), (0.0, 81.0), (2.0, 82.0)], (80.0, 1.0));
    check(Rung::Interpolation, 0.0, &[(0.0, 79.9), (0.0, 80.1), (2.0, 82.0)], (80.0, 0.5));
    let microsecond = 1.0 / DAY_MICROS;
    let (level, variance) =
        served(Rung::Interpolation, 0.0, &readings(&[(0.0, 80.0), (microsecond, 60.0)])).unwrap();
    assert!((level - 80.0).abs() < 1e-9 && (variance - 1.0).abs() < 1e-9, "{level} {variance}");
}

/// Neighbours that no walk leads between are a jump at an unknown moment: in the middle nobody knows which side it is.
///
/// Proves E3.
#[test]
fn interpolation_across_a_jump_is_uncertain_or_refused() {
    check(Rung::Interpolation, 1.0, &[(0.0, 80.0), (2.0, 70.0)], (75.0, 0.5 + 0.1 * 0.5 + 100.0 * 0.25));
    check(Rung::Interpolation, 0.0, &[(0.0, 80.0), (2.0, 500.0)], (80.0, 1.0));
    let stranger = readings(&[(0.0, 80.0), (2.0, 500.0)]);
    refuses(Rung::Interpolation, 1.0, &stranger, "its variance would be 44100.6 kg², more than 100 kg²");
}

/// A gap of years is served for what it is worth, and when it is worth less than the conservative rung, not at all.
///
/// Proves E3.
#[test]
fn interpolation_over_years_is_uncertain_or_refused() {
    check(Rung::Interpolation, 500.0, &[(0.0, 80.0), (1_000.0, 82.0)], (81.0, 0.5 + 25.0));
    let far = readings(&[(0.0, 80.0), (6_000.0, 82.0)]);
    refuses(Rung::Interpolation, 3_000.0, &far, "its variance would be 150.5 kg², more than 100 kg²");
    let all = readings(&[(0.0, 80.0)]);
    refuses(Rung::Interpolation, 1.0, &all, "no plausible reading after the instant");
    refuses(Rung::Interpolation, -1.0, &all, "no plausible reading at or before the instant");
}

/// About the newest plausible reading, the less certain the older, and never less than of a stranger.
///
/// Proves E3.
#[test]
fn conservative_is_about_the_newest_plausible_reading() {
    check(Rung::Conservative, 3.0, &[(0.0, 70.0), (3.0, 80.0), (4.0, 90.0)], (80.0, 100.0));
    check(Rung::Conservative, 13.0, &[(0.0, 70.0), (3.0, 80.0)], (80.0, 110.0));
    check(Rung::Conservative, 4_000.0, &[(0.0, 70.0)], (70.0, 22.0 * 22.0));
    refuses(
        Rung::Conservative,
        3.0,
        &readings(&[(1.0, 2.0)]),
        "no plausible reading at or before the instant",
    );
}

/// Whoever goes on from a rung adapts with its factors, which fade.
///
/// Proves C4, E3.
#[test]
fn a_rung_sets_its_own_adaptation() {
    let policy = policy();
    let given = readings(&[(0.0, 80.0), (1.0, 80.0), (2.0, 80.0)]);
    let evidence = Evidence {
        at: at(2.0),
        prior: None,
        versions: &[],
        readings: &given,
        expectations: expectations(&policy),
    };
    for (rung, level, noise) in [(Rung::History, 10.0, 4.0), (Rung::Conservative, 50.0, 40.0)] {
        let (state, _) = serve(rung, &evidence, &settings()).unwrap();
        let factors = state.adaptation.factors;
        assert!((factors.level - level).abs() < 1e-9 && (factors.noise - noise).abs() < 1e-9, "{factors:?}");
        let mut adaptation = state.adaptation;
        adaptation.accept();
        assert!(adaptation.factors.level < level && adaptation.factors.noise < noise);
    }
}

/// The state before what failed is served as it is; the next best is the newest version that can be read, is valid,
/// and is about the instant.
///
/// Proves C1, E3, W8.
#[test]
fn states_are_served_as_they_are_if_they_fit() {
    let policy = policy();
    let (prior, old, new) = (settled(9.0, &policy), settled(5.0, &policy), settled(20.0, &policy));
    let (bytes_old, bytes_new) = (old.encode(), new.encode());
    let torn = &bytes_old[..40];
    let kept = |version, bytes| KeptVersion { version: StateVersion::new(version), bytes };
    let versions = [
        kept(3, bytes_old.as_slice()),
        kept(9, bytes_new.as_slice()),
        kept(7, torn),
        kept(8, b"".as_slice()),
    ];
    let evidence = Evidence {
        at: at(10.0),
        prior: Some(&prior),
        versions: &versions,
        readings: &[],
        expectations: expectations(&policy),
    };
    let recovered = recover(&evidence, &settings()).unwrap();
    assert_eq!(recovered.provenance, Provenance::Rollback { last: Some(at(9.0)) });
    assert_eq!(recovered.state.encode(), prior.encode());

    let recovered = recover(&Evidence { prior: None, ..evidence }, &settings()).unwrap();
    let version = StateVersion::new(3);
    assert_eq!(recovered.provenance, Provenance::Version { version, last: Some(at(5.0)) });
    assert_eq!(recovered.state.encode(), bytes_old);

    let early = Evidence { at: at(1.0), prior: None, ..evidence };
    let Err(NotServed::NoGoodVersion(why)) = serve(Rung::LastGood, &early, &settings()) else { panic!() };
    assert!(matches!(
        why.as_slice(),
        [
            (_, NotServed::TooNew { .. }),
            (_, NotServed::Unreadable(SnapshotError::Empty)),
            (_, NotServed::Unreadable(SnapshotError::Checksum { .. })),
            (_, NotServed::TooNew { .. })
        ]
    ));
    let none = Evidence { versions: &[], ..early };
    assert_eq!(serve(Rung::LastGood, &none, &settings()), Err(NotServed::NoVersion));
}

/// A state that the fold itself would have started over from is passed over for what the readings say; without newer
/// readings an old state is still the best there is.
///
/// Proves E3.
#[test]
fn a_state_with_much_newer_readings_is_overtaken() {
    let policy = policy();
    let prior = settled(0.0, &policy);
    let newer = readings(&[(40.0, 90.0), (41.0, 90.0), (42.0, 90.0)]);
    let evidence = Evidence {
        at: at(43.0),
        prior: Some(&prior),
        versions: &[],
        readings: &newer,
        expectations: expectations(&policy),
    };
    let recovered = recover(&evidence, &settings()).unwrap();
    assert_eq!(recovered.provenance.rung(), Rung::History);
    assert_eq!(
        recovered.passed_over[0].to_string(),
        "rollback: it goes up to 2026-01-01T07:00:00Z, and there are readings 42 days newer"
    );
    let alone = Evidence { readings: &[], ..evidence };
    assert_eq!(recover(&alone, &settings()).unwrap().provenance.rung(), Rung::Rollback);
    let soon = readings(&[(29.0, 90.0)]);
    let soon = Evidence { readings: &soon, ..evidence };
    assert_eq!(recover(&soon, &settings()).unwrap().provenance.rung(), Rung::Rollback);
}

/// A state that breaks a rule, was made under another policy or knows nothing yet is not served.
///
/// Proves E3, W8.
#[test]
fn a_broken_or_empty_state_is_not_served() {
    let policy = policy();
    let why = |state: &UserState| {
        let evidence = Evidence {
            at: at(10.0),
            prior: Some(state),
            versions: &[],
            readings: &[],
            expectations: expectations(&policy),
        };
        serve(Rung::Rollback, &evidence, &settings()).unwrap_err()
    };
    let mut broken = settled(0.0, &policy);
    broken.hypotheses[0].share = 0.5;
    broken.height_m = Some(9.0);
    let NotServed::Invalid(findings) = why(&broken) else { panic!() };
    assert_eq!(findings.len(), 2, "all of them are listed");
    let other = Profile::Clinical.policy().check().unwrap();
    assert!(matches!(why(&settled(0.0, &other)), NotServed::Invalid(_)));
    assert_eq!(why(&UserState::unborn(Fingerprint::of(1, &policy))), NotServed::NoEstimate);
}

/// When nothing can be served every rung says why, and an operator is called for.
///
/// Proves E3, E4.
#[test]
fn without_anything_an_operator_has_to_decide() {
    let policy = policy();
    let evidence = Evidence {
        at: at(0.0),
        prior: None,
        versions: &[],
        readings: &[],
        expectations: expectations(&policy),
    };
    let refusal = recover(&evidence, &settings()).unwrap_err();
    let rungs: Vec<_> = refusal.passed_over.iter().map(|passed| passed.rung).collect();
    assert_eq!(rungs, Rung::ALL);
    insta::assert_snapshot!(refusal, @"no rung serves 2026-01-01T07:00:00Z: rollback: there is no prior state; last_good: there is no version; history: 0 plausible readings in 7 days, 3 are needed; interpolation: no plausible reading at or before the instant; conservative: no plausible reading at or before the instant; manual: an operator has to decide; rebuild the user from its facts, or restore a version by hand");
    let record = refusal.record(at(1.0), 5, 7);
    assert_eq!((record.outcome, record.steps.len()), (AuditOutcome::Refused, 6));
}

/// The audit says which rung served, from what, and why those before it did not.
///
/// Proves E3.
#[test]
fn the_record_names_the_rung_and_those_before_it() {
    let policy = policy();
    let given = readings(&[(0.0, 80.0)]);
    let evidence = Evidence {
        at: at(1.0),
        prior: None,
        versions: &[],
        readings: &given,
        expectations: expectations(&policy),
    };
    let record = recover(&evidence, &settings()).unwrap().record(at(2.0), 12, 7);
    assert_eq!(record.reset, Some(AuditedReset::Conservative));
    assert_eq!(record.reason, "about the reading of 2026-01-01T07:00:00Z");
    let steps: Vec<_> = record
        .steps
        .iter()
        .map(|step| format!("{} [{}] {}", step.operation, step.made, step.verdict))
        .collect();
    assert_eq!(
        steps,
        [
            "rollback [] there is no prior state",
            "last_good [] there is no version",
            "history [] 1 plausible readings in 7 days, 3 are needed",
            "interpolation [] no plausible reading after the instant",
            "conservative [level 80.000 kg, variance 101.000 kg²] valid",
        ]
    );
}

/// Proves E3.
#[test]
fn every_setting_has_bounds() {
    let default = LadderSettings::default();
    let at = |settings: LadderSettings| settings.check().map_err(|errors| errors[0].key);
    assert!(at(default).is_ok());
    let mut numbers = default.measured;
    numbers.factor = 100.5;
    assert_eq!(at(LadderSettings { measured: numbers, ..default }), Err("measured.factor"));
    numbers = RungNumbers { process: -0.1, ..default.conservative };
    assert_eq!(at(LadderSettings { conservative: numbers, ..default }), Err("conservative.process"));
    assert_eq!(at(LadderSettings { history_readings: 101, ..default }), Err("history_readings"));
    assert_eq!(
        at(LadderSettings { history_for: Elapsed::from_days(91), ..default }),
        Err("history_for_days")
    );
    assert_eq!(at(LadderSettings { conservative_variance: 0.5, ..default }), Err("conservative_variance"));
}
