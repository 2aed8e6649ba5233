//! The one law: what is settled is a function of the set of facts, whatever way they came.

use proptest::prelude::*;
use reweigh::{Digest, Engine, Settings};
use reweigh_reading::{
    Action, Fact, Height, Instant, Measure, ReadingId, ResetReason, Revision, Source, Unit, UserId,
};

use crate::world::{
    Hand, by_definition, memory, open, open_stepped, policy, tell_apart, tell_verdicts_apart,
};

/// How facts are handed in and what happens meanwhile.
#[derive(Debug, Clone)]
pub(crate) enum Deed {
    Offer(Vec<usize>),
    Settle,
    Checkpoint,
    Wait(i64),
    Reopen,
    Kill,
}

fn instant(minute: i64) -> Instant {
    Instant::from_unix_seconds(1_700_000_000 + 60 * minute).unwrap()
}

/// A fact of a small world, so that ids, keys and contents meet.
pub(crate) fn fact() -> impl Strategy<Value = Fact> {
    let minute = prop_oneof![4 => (0..40_i64).prop_map(|day| day * 1_440 + 420), 1 => 0..60_000_i64];
    let value = prop_oneof![6 => (780..830_i32).prop_map(|it| f64::from(it) / 10.0), 1 => 40.0..200.0_f64];
    let kind = 0..25_u8;
    (0..3_u8, minute, 0..2_u8, value, kind, 0..12_u8, 0..3_u32).prop_map(
        |(user, minute, source, value, kind, id, revision)| {
            let user = UserId::new(&format!("user-{user}")).unwrap();
            let source = Source::new(if source == 0 { "scale" } else { "manual" }).unwrap();
            let measure = Measure::new(value, Unit::Kilogram).unwrap();
            let given: ReadingId = format!("id-{id}").parse().unwrap();
            let revision = Revision::new(revision);
            let action = match kind {
                0..=15 => return Fact::reading(user, instant(minute), source, measure),
                16 | 17 => Action::Add(measure),
                18 | 19 => Action::Amend(measure),
                20 => Action::Retract,
                21 => Action::Reset { reason: ResetReason::new("asked").unwrap() },
                22 => Action::Height(Height::new(1.8).unwrap()),
                23 => {
                    // A made id that is made of something else, as an edited export has it.
                    let told = Fact::reading(user.clone(), instant(minute), source.clone(), measure);
                    let edited = Measure::new(value + 0.3, Unit::Kilogram).unwrap();
                    let id = told.id().clone();
                    return Fact::new(
                        user,
                        id,
                        Revision::FIRST,
                        instant(minute),
                        source,
                        Action::Add(edited),
                    );
                }
                _ => {
                    // A correction of a made id.
                    let told = Fact::reading(user.clone(), instant(minute), source.clone(), measure);
                    let amended = Measure::new(value + 1.0, Unit::Kilogram).unwrap();
                    return Fact::new(
                        user,
                        told.id().clone(),
                        Revision::FIRST.next().unwrap(),
                        instant(minute),
                        source,
                        Action::Amend(amended),
                    );
                }
            };
            Fact::new(user, given, revision, instant(minute), source, action)
        },
    )
}

pub(crate) fn deeds(facts: usize) -> impl Strategy<Value = Vec<Deed>> {
    let offer = proptest::collection::vec(0..facts, 1..12).prop_map(Deed::Offer);
    let deed = prop_oneof![
        8 => offer,
        2 => Just(Deed::Settle),
        2 => Just(Deed::Checkpoint),
        1 => (0..3_000_i64).prop_map(Deed::Wait),
        1 => Just(Deed::Reopen),
        1 => Just(Deed::Kill),
    ];
    proptest::collection::vec(deed, 1..20)
}

pub(crate) fn settings() -> impl Strategy<Value = Settings> {
    (1..4_usize, 1..40_usize, 1..6_usize, 16..40_usize, 1..5_usize, 1..20_usize, 0..1_500_u32).prop_map(
        |(workers, readings, buffer, turn, snapshots, transaction, after)| Settings {
            workers,
            settle_readings: readings,
            max_buffer_readings: buffer,
            turn_facts: turn,
            snapshot_every: snapshots,
            transaction_facts: transaction,
            transaction_users: 2,
            settle_after_ms: after,
            buffer_bytes_max: 64 << 20,
            backoff_ms: 0,
            ..Settings::default()
        },
    )
}

proptest! {

    /// Proves I1, I2, A6, C7, H6, W1, W2, W6, W14, W15.
    #[test]
    fn whatever_way_they_come_the_same_facts_settle_to_the_same_bits(
        facts in proptest::collection::vec(fact(), 1..60),
        first in settings(),
        second in settings(),
        deeds in deeds(60),
        seed in any::<u64>(),
    ) {
        let (store, clock) = (memory(), Hand::new());
        let open = |settings: &Settings| open_stepped(&store, settings.clone(), &clock, seed);
        prop_assert_eq!(live(&facts, &deeds, open, [&first, &second], &clock), by_definition(&facts, &policy()));
        tell_verdicts_apart(&store, &facts);
    }

    /// Proves I1, W1.
    #[test]
    fn threads_change_nothing(
        facts in proptest::collection::vec(fact(), 1..60),
        first in settings(),
        second in settings(),
        deeds in deeds(60),
    ) {
        let (store, clock) = (memory(), Hand::new());
        let open = |settings: &Settings| open(&store, settings.clone(), &clock);
        prop_assert_eq!(live(&facts, &deeds, open, [&first, &second], &clock), by_definition(&facts, &policy()));
    }
}

/// Does what is said with an engine, hands in every fact at the end, and gives the digest.
fn live(
    facts: &[Fact],
    deeds: &[Deed],
    open: impl Fn(&Settings) -> Engine,
    settings: [&Settings; 2],
    clock: &Hand,
) -> Digest {
    let mut engine = open(settings[0]);
    let mut reopened = 0;
    for deed in deeds {
        match deed {
            Deed::Offer(places) => {
                let batch: Vec<Fact> = places.iter().filter_map(|place| facts.get(*place).cloned()).collect();
                engine.ingest(batch).unwrap();
            }
            Deed::Settle => engine.settle().unwrap(),
            Deed::Checkpoint => engine.checkpoint().unwrap(),
            Deed::Wait(ms) => clock.advance_ms(*ms),
            Deed::Reopen | Deed::Kill => {
                if matches!(deed, Deed::Reopen) {
                    engine.close().unwrap();
                } else {
                    drop(engine);
                }
                reopened += 1;
                engine = open(settings[reopened % 2]);
            }
        }
    }
    engine.ingest(facts.to_vec()).unwrap();
    let digest = engine.digest().unwrap();
    tell_apart(&engine, facts);
    assert_eq!(engine.status().unwrap().tail.facts, 0);
    digest
}
