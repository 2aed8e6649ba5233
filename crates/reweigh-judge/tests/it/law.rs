//! The one law, for one user: the state is a function of the set of facts.

use proptest::prelude::*;
use reweigh_judge::{effective, fingerprint, fold, fold_on};
use reweigh_reading::{
    Action, Fact, GivenId, Height, Measure, ReadingId, ResetReason, Revision, Source, Unit,
};
use reweigh_state::{Checked, Expectations, PlainResetter, Policy, UserState};

use crate::life::{day, user};

/// What a generated fact is made of.
#[derive(Debug, Clone)]
struct Seed {
    id: u8,
    revision: u8,
    slot: u16,
    source: u8,
    what: What,
}

#[derive(Debug, Clone)]
enum What {
    Reading(u8),
    Odd(u16),
    Pounds(u8),
    Retract,
    Reset,
    Height(u8),
}

fn seeds() -> impl Strategy<Value = Vec<Seed>> {
    let what = prop_oneof![
        12 => any::<u8>().prop_map(What::Reading),
        2 => (20u16..3000).prop_map(What::Odd),
        1 => any::<u8>().prop_map(What::Pounds),
        1 => Just(What::Retract),
        1 => Just(What::Reset),
        1 => (100u8..220).prop_map(What::Height),
    ];
    let seed =
        (any::<u8>(), 0u8..4, 0u16..900, 0u8..6, what).prop_map(|(id, revision, slot, source, what)| Seed {
            id,
            revision: revision / 2,
            slot,
            source,
            what,
        });
    prop::collection::vec(seed, 1..120)
}

fn fact(seed: &Seed) -> Fact {
    // A slot is a quarter of a day; many ids, so that most readings stand alone.
    let at = day(f64::from(seed.slot) * 0.25);
    let source =
        Source::new(["scale", "gym", "clinic", "care-team-upload", "phone", "form"][seed.source as usize])
            .unwrap();
    let id = ReadingId::Given(GivenId::new(&format!("r{}-{}", seed.id, seed.slot % 2)).unwrap());
    let reading = |value: f64, unit| {
        let measure = Measure::new(value, unit).unwrap();
        if seed.revision == 0 { Action::Add(measure) } else { Action::Amend(measure) }
    };
    let action = match &seed.what {
        What::Reading(off) => reading(78.0 + f64::from(*off) / 64.0, Unit::Kilogram),
        What::Odd(tenths) => reading(f64::from(*tenths) / 10.0, Unit::Kilogram),
        What::Pounds(off) => reading(172.0 + f64::from(*off) / 32.0, Unit::Pound),
        What::Retract => Action::Retract,
        What::Reset => Action::Reset { reason: ResetReason::new("asked").unwrap() },
        What::Height(cm) => Action::Height(Height::new(f64::from(*cm) / 100.0).unwrap()),
    };
    Fact::new(user(), id, Revision::new(u32::from(seed.revision)), at, source, action)
}

fn settled(facts: Vec<Fact>) -> UserState {
    fold(&effective(facts).events, &Policy::default().check().unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    /// Proves I1, I2, W1, W2, W14.
    #[test]
    fn order_and_repetition_do_not_show(
        seeds in seeds(),
        shuffle in any::<u64>(),
        again in prop::collection::vec(any::<prop::sample::Index>(), 0..20),
    ) {
        let facts: Vec<Fact> = seeds.iter().map(fact).collect();
        let mut other = facts.clone();
        for index in &again {
            other.push(index.get(&facts).clone());
        }
        let mut state = shuffle | 1;
        for n in (1..other.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            other.swap(n, (state >> 33) as usize % (n + 1));
        }
        let (a, b) = (settled(facts), settled(other));
        prop_assert_eq!(a.chain, b.chain);
        prop_assert_eq!(a.encode(), b.encode());
    }

    /// Proves I1, A6.
    #[test]
    fn every_cut_at_a_snapshot_gives_the_same_bits(seeds in seeds()) {
        let policy = Policy::default().check().unwrap();
        let fingerprint = fingerprint(&policy);
        let expectations = Expectations { fingerprint, policy: &policy };
        let events = effective(seeds.iter().map(fact)).events;
        let whole = fold(&events, &policy);
        for cut in 0..=events.len() {
            let (before, after) = events.split_at(cut);
            let bytes = fold(before, &policy).encode();
            let restored = Checked::decode(&bytes, &expectations);
            let mut state = restored.map_err(|error| TestCaseError::fail(format!("cut {cut}: {error:?}")))?.into_inner();
            prop_assert_eq!(&state.encode(), &bytes);
            fold_on(&mut state, after, &policy, &mut PlainResetter, &mut ());
            prop_assert_eq!(&state, &whole, "cut {}", cut);
        }
    }

    /// Proves D4, D6.
    #[test]
    fn every_state_of_a_fold_keeps_every_rule(seeds in seeds()) {
        let policy = Policy::default().check().unwrap();
        let fingerprint = fingerprint(&policy);
        let mut state = UserState::unborn(fingerprint);
        for event in effective(seeds.iter().map(fact)).events {
            reweigh_judge::take_in(&mut state, &event, &policy, &mut PlainResetter, &mut ());
            let checked = Checked::state(state.clone(), &Expectations { fingerprint, policy: &policy });
            prop_assert!(checked.is_ok(), "{:?}", checked.err().map(|violations| violations.findings));
            prop_assert!(state.encode().len() <= 4_096);
        }
    }

    /// Proves I3.
    #[test]
    fn every_fact_is_counted_in_one_place(seeds in seeds()) {
        let facts: Vec<Fact> = seeds.iter().map(fact).collect();
        let all = effective(facts.clone());
        let counted = all.events.len() as u64
            + all.superseded.len() as u64
            + all.retracted.len() as u64
            + all.retractions.len() as u64
            + all.waiting.len() as u64
            + all.duplicates;
        prop_assert_eq!(counted, facts.len() as u64);
    }
}
