//! How the filter adapts after a reset, and stops.

use reweigh_reading::{Elapsed, Instant};

use crate::policy::ResetProfile;
use crate::reset::{ResetKind, ResetPlan};
use crate::state::{Adaptation, Fading};

const SINCE: Instant = Instant::UNIX_EPOCH;

fn profile() -> ResetProfile {
    ResetProfile {
        variance: 2.0,
        level: 9.0,
        trend: 5.0,
        noise: 3.0,
        readings: 4,
        days: 10.0,
        decay: 0.5,
        threshold: 0.25,
    }
}

fn begun(profile: ResetProfile) -> Adaptation {
    Adaptation::begin(&ResetPlan { kind: ResetKind::Hard, at: SINCE, cause: 0.0, profile })
}

fn after(days: i64, micros: i64) -> Instant {
    SINCE.checked_add(Elapsed::from_days(days)).unwrap().checked_add(Elapsed::from_micros(micros)).unwrap()
}

/// It begins with the plan's instant and the profile's numbers.
///
/// Proves C4, C5.
#[test]
fn it_begins_as_planned() {
    let wanted = Adaptation {
        kind: Some(ResetKind::Hard),
        since: SINCE,
        factors: Fading { level: 9.0, trend: 5.0, noise: 3.0 },
        decay: 0.5,
        readings: 0,
        readings_max: 4,
        days_max: 10.0,
        threshold: 0.25,
    };
    assert_eq!(begun(profile()), wanted);
    assert!(wanted.active() && !Adaptation::none().active());
}

/// Each accepted reading leaves `decay` of each factor's excess over one; the last of its readings ends it.
///
/// Proves C5.
#[test]
fn factors_fade_with_readings_until_the_last() {
    let mut adaptation = begun(profile());
    let mut said = Vec::new();
    while adaptation.active() {
        said.push((adaptation.factors.level, adaptation.factors.trend, adaptation.factors.noise));
        adaptation.accept();
    }
    assert_eq!(said, [(9.0, 5.0, 3.0), (5.0, 3.0, 2.0), (3.0, 2.0, 1.5), (2.0, 1.5, 1.25)]);
    assert_eq!(adaptation, Adaptation::none());
    adaptation.accept();
    assert_eq!(adaptation, Adaptation::none(), "what is over stays over");
}

/// Without decay the factors stay until its readings end it.
///
/// Proves C5.
#[test]
fn a_decay_of_one_keeps_the_factors() {
    let mut adaptation = begun(ResetProfile { decay: 1.0, ..profile() });
    for readings in 1..4 {
        adaptation.accept();
        assert_eq!(adaptation.factors, Fading { level: 9.0, trend: 5.0, noise: 3.0 });
        assert_eq!(adaptation.readings, readings);
    }
    adaptation.accept();
    assert!(!adaptation.active());
}

/// It ends when its days are over, to the microsecond, and not before; readings or not.
///
/// Proves C5.
#[test]
fn it_ends_with_its_days() {
    for accepted in 0..3 {
        let mut adaptation = begun(profile());
        for _ in 0..accepted {
            adaptation.accept();
        }
        let before = adaptation;
        for at in [SINCE, after(-1, 0), after(9, 0), after(10, -1)] {
            adaptation.pass(at);
            assert_eq!(adaptation, before, "{at}");
        }
        adaptation.pass(after(10, 0));
        assert_eq!(adaptation, Adaptation::none());
        adaptation.pass(after(11, 0));
        assert_eq!(adaptation, Adaptation::none());
    }
}

/// A profile that gives no reading or no day begins nothing.
///
/// Proves C5.
#[test]
fn a_profile_without_readings_or_days_begins_nothing() {
    assert_eq!(begun(ResetProfile { readings: 0, ..profile() }), Adaptation::none());
    assert_eq!(begun(ResetProfile { days: 0.0, ..profile() }), Adaptation::none());
    let mut one = begun(ResetProfile { readings: 1, ..profile() });
    assert!(one.active());
    one.accept();
    assert_eq!(one, Adaptation::none());
}

/// What stands for no adaptation changes nothing: factors of one.
#[test]
fn none_multiplies_by_one() {
    assert_eq!(Adaptation::none().factors, Fading::NONE);
    assert_eq!(Fading::NONE, Fading { level: 1.0, trend: 1.0, noise: 1.0 });
}
