//! Bits that may not move: a change here raises `STEP_VERSION`.

use std::fmt::Write as _;

use reweigh_state::{Policy, Profile};

use crate::life::{Life, scatter};

fn life(seed: u32) -> Life {
    let mut life = Life::new().daily(0, 120, 70.0 + f64::from(seed)).daily(170, 60, 62.0 + f64::from(seed));
    for n in 0..60 {
        let n = n + seed;
        life = life.on(f64::from(n) * 1.7 + 0.55, 70.6 + f64::from(seed) + scatter(n), "gym");
    }
    life.height(1.0, 1.7)
        .kg(33.3, 155.0 + f64::from(seed))
        .kg(50.4, 24.5)
        .kg(60.4, 55.0)
        .kg(70.4, 55.3)
        .reset(150.0)
}

/// Proves I1, I4.
#[test]
fn the_chains_of_known_lives_are_known() {
    let mut lines = String::new();
    for profile in Profile::ALL {
        let policy = profile.policy().check().unwrap();
        for seed in 0..3 {
            let story = life(seed).folded_under(&policy);
            writeln!(lines, "{profile:?} {seed} {}", story.state.chain).unwrap();
        }
    }
    insta::assert_snapshot!(lines);
}

/// Proves I4.
#[test]
fn the_fingerprint_of_the_default_policy_is_known() {
    let policy = Policy::default().check().unwrap();
    insta::assert_snapshot!(reweigh_judge::fingerprint(&policy));
}
