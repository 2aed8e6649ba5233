//! An estimate knows nothing of what comes after it.

use reweigh_judge::effective;
use reweigh_state::Policy;

use crate::life::{Life, Story, scatter};

fn busy_life() -> Life {
    let mut life = Life::new().daily(0, 60, 80.0).daily(95, 40, 72.0).height(3.0, 1.75).reset(110.0);
    for n in 0..30 {
        life = life.on(f64::from(n) * 3.0 + 0.6, 81.0 + scatter(n), "gym");
    }
    life.kg(20.3, 61.0).kg(25.3, 61.5).kg(30.3, 176.4).kg(40.3, 29.0).on(50.3, 95.0, "care-team-upload")
}

/// Proves H5, I1.
#[test]
fn the_estimate_at_every_key_is_the_same_when_everything_after_it_is_cut_off() {
    let policy = Policy::default().check().unwrap();
    let events = effective(busy_life().facts).events;
    let whole = Story::of(&events, &policy);
    for cut in 1..=events.len() {
        let part = Story::of(&events[..cut], &policy);
        let bits =
            |story: &Story, n: usize| story.estimates[..n].iter().map(|kg| kg.to_bits()).collect::<Vec<_>>();
        let n = part.estimates.len();
        assert_eq!(bits(&part, n), bits(&whole, n), "cut after {cut}");
    }
}
