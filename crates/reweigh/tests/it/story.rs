//! What the engine tells of a user, and why.

use proptest::prelude::*;
use reweigh::{Engine, EngineError, Provisional, Role, Settings, StoryLine, Which};
use reweigh_judge::effective;
use reweigh_reading::{
    Action, Fact, Height, Instant, MadeId, Measure, ReadingId, ResetReason, Revision, Source, Unit, UserId,
};
use reweigh_state::{AuditedReset, Outcome, Reason, ResetKind};
use reweigh_store::{PinCause, Store};

use crate::law::fact;
use crate::world::{Hand, memory, open, open_stepped};

fn ada() -> UserId {
    UserId::new("ada").unwrap()
}

fn day(day: i64) -> Instant {
    Instant::from_unix_seconds(1_760_000_000 + 86_400 * day).unwrap()
}

fn kg(value: f64) -> Measure {
    Measure::new(value, Unit::Kilogram).unwrap()
}

fn reading(at: i64, value: f64) -> Fact {
    Fact::reading(ada(), day(at), Source::new("scale").unwrap(), kg(value))
}

fn settled(facts: Vec<Fact>) -> Engine {
    let engine = open(&memory(), Settings::default(), &Hand::new());
    engine.ingest(facts).unwrap();
    engine.settle().unwrap();
    engine
}

fn lines(engine: &Engine) -> Vec<StoryLine> {
    engine.story(&ada()).unwrap().unwrap().lines
}

/// Proves H5.
#[test]
fn every_reading_has_its_verdict_scores_and_numbers() {
    let mut facts: Vec<Fact> = (0..20).map(|at| reading(at, 80.0)).collect();
    facts.push(reading(20, 176.4));
    let engine = settled(facts);
    let lines = lines(&engine);
    for line in &lines[..20] {
        assert_eq!(line.verdict.unwrap().outcome, Outcome::Accepted);
        assert!(line.quality.unwrap() > 0.0 && line.nis.unwrap() >= 0.0);
        assert!((line.smoothed_kg.unwrap() - 80.0).abs() < 0.5 && line.smoothed_variance.unwrap() > 0.0);
    }
    assert_eq!(lines[0].reset, Some(AuditedReset::Planned(ResetKind::Initial)));
    let odd = lines[20].verdict.unwrap();
    assert_eq!((odd.outcome, odd.reason.code()), (Outcome::Rejected, "other_unit"));
    let why = engine.explain(&ada(), &Which::At(day(20))).unwrap();
    assert_eq!(why.line, lines[20]);
    let why = why.explanation.unwrap();
    assert!(why.scores.safety < 1.0 || why.scores.plausibility < 1.0);
    assert!(why.quality < why.threshold && why.likeliest().rejects());
    assert!(why.accepted_kg.is_some() && !why.what_would_change_it().is_empty());
}

/// Readings that looked wrong when they came are taken back in once others agree with them.
///
/// Proves H6.
#[test]
fn hindsight_reinstates_a_true_change() {
    let before: Vec<Fact> = (0..20).map(|at| reading(at, 80.0)).collect();
    let engine = settled(before);
    engine.ingest(reading(20, 91.0)).unwrap();
    engine.settle().unwrap();
    let first = lines(&engine)[20].verdict.unwrap();
    assert_ne!(first.outcome, Outcome::Accepted, "one odd reading never wins");
    engine.ingest((21..40).map(|at| reading(at, 91.0)).collect::<Vec<_>>()).unwrap();
    engine.settle().unwrap();
    let lines = lines(&engine);
    assert_eq!(lines[20].verdict.unwrap().outcome, Outcome::Accepted);
    assert_eq!(lines[20].verdict.unwrap().reason, Reason::BeganShift);
    assert_eq!(lines[20].reset, Some(AuditedReset::LevelShift));
    assert!((lines[20].smoothed_kg.unwrap() - 91.0).abs() < 1.5, "{:?}", lines[20]);
}

/// What is explained is the reading as it came: the reset that it made due is behind it.
///
/// Proves C4.
#[test]
fn an_explanation_stands_after_the_reset_that_its_reading_made_due() {
    let mut facts: Vec<Fact> = (0..20).map(|at| reading(at, 80.0)).collect();
    facts.push(reading(90, 84.0));
    let engine = settled(facts);
    let why = engine.explain(&ada(), &Which::At(day(90))).unwrap();
    assert_eq!(why.line.reset, Some(AuditedReset::Planned(ResetKind::Hard)));
    let spread = why.explanation.unwrap().spread_kg;
    let usual = engine.explain(&ada(), &Which::At(day(19))).unwrap().explanation.unwrap().spread_kg;
    assert!(spread > 2.0 * usual, "{spread} against {usual}");
    // The first reading has a reset behind it too, and can be explained.
    assert!(engine.explain(&ada(), &Which::At(day(0))).unwrap().explanation.is_some());
}

/// Proves I2, H5.
#[test]
fn what_does_not_hold_is_told_with_its_role() {
    let mut facts: Vec<Fact> = (0..10).map(|at| reading(at, 80.0)).collect();
    let telling = |of: &Fact, revision, action| {
        let (source, id) = (of.source().clone(), of.id().clone());
        Fact::new(ada(), id, Revision::new(revision), of.at(), source, action)
    };
    let amended = telling(&facts[3], 1, Action::Amend(kg(80.4)));
    let lost = telling(&facts[3], 1, Action::Amend(kg(80.2)));
    let retraction = telling(&facts[4], 1, Action::Retract);
    let orphan = telling(&reading(30, 70.0), 2, Action::Amend(kg(70.0)));
    let source = Source::new("clerk").unwrap();
    let height = Height::new(1.8).unwrap();
    let id = MadeId::of_height(&ada(), &source, day(5), height);
    let tall = Fact::new(ada(), id.into(), Revision::FIRST, day(5), source.clone(), Action::Height(height));
    let reason = ResetReason::new("new scale").unwrap();
    let id = MadeId::of_reset(&ada(), &source, day(6), &reason);
    let reset = Fact::new(ada(), id.into(), Revision::FIRST, day(6), source, Action::Reset { reason });
    let others =
        [amended.clone(), lost.clone(), retraction.clone(), orphan.clone(), tall.clone(), reset.clone()];
    facts.extend(others);
    let engine = settled(facts.clone());
    let lines = lines(&engine);
    assert_eq!(lines.len(), facts.len());
    let of = |fact: &Fact| {
        let line = lines.iter().find(|line| line.fact == *fact).unwrap();
        (line.role, line.verdict.map(|verdict| verdict.outcome))
    };
    assert_eq!(of(&amended), (Role::Reading, Some(Outcome::Accepted)));
    assert_eq!(of(&lost), (Role::Superseded { conflict: true }, Some(Outcome::Superseded)));
    assert_eq!(of(&facts[3]), (Role::Superseded { conflict: false }, Some(Outcome::Superseded)));
    assert_eq!(of(&facts[4]), (Role::Retracted, Some(Outcome::Retracted)));
    assert_eq!(of(&retraction), (Role::Retraction, None));
    assert_eq!(of(&orphan), (Role::Waiting, None));
    assert_eq!(of(&tall), (Role::Height, None));
    assert_eq!(of(&reset), (Role::Reset, None));
    let of_reset = lines.iter().find(|line| line.fact == reset).unwrap();
    assert_eq!(of_reset.reset, Some(AuditedReset::Planned(ResetKind::Manual)));
    // What was known then is told beside those too, from the first reading on.
    assert!(lines.iter().all(|line| line.estimate.is_some()));
    // Asked for by id, the telling that holds is what is explained.
    let asked = engine.explain(&ada(), &Which::Id(facts[3].id().clone())).unwrap();
    assert_eq!(asked.line.fact, amended);
    let gone = engine.explain(&ada(), &Which::Id(facts[4].id().clone())).unwrap();
    assert_eq!((gone.line.role, gone.explanation), (Role::Retracted, None));
}

#[test]
fn who_asks_for_what_is_not_there_is_told_so() {
    let engine = settled(vec![reading(3, 80.0)]);
    let bob = UserId::new("bob").unwrap();
    assert_eq!(engine.story(&bob).unwrap(), None);
    let no_user = engine.explain(&bob, &Which::At(day(1))).unwrap_err();
    assert_eq!(no_user.code(), "engine_no_user");
    let too_early = engine.explain(&ada(), &Which::At(day(1))).unwrap_err();
    assert!(matches!(too_early, EngineError::NoReadingBefore { at, .. } if at == day(1)));
    let id: ReadingId = "nothing".parse().unwrap();
    assert_eq!(engine.explain(&ada(), &Which::Id(id)).unwrap_err().code(), "engine_no_reading");
    assert_eq!(engine.find(&ada(), "made-").unwrap().len(), 1);
    assert!(engine.find(&ada(), "x").unwrap().is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Wherever the facts are, in the journal, in memory or in the main file, each has one line, in its place; and the
    /// verdicts that the store keeps are those of the story.
    ///
    /// Proves I2, I3, H5.
    #[test]
    fn the_story_has_every_fact_once_and_the_verdicts_of_the_store(
        facts in proptest::collection::vec(fact(), 1..50),
        cuts in proptest::collection::vec((1..12_usize, 0..4_u8), 1..12),
        page in 1..9_usize,
        seed in any::<u64>(),
    ) {
        let (store, clock) = (memory(), Hand::new());
        let settings = Settings { turn_facts: 16, max_buffer_readings: 4, ..Settings::default() };
        let engine = open_stepped(&store, settings, &clock, seed);
        let mut left = facts.as_slice();
        for (count, then) in cuts {
            let (batch, rest) = left.split_at(count.min(left.len()));
            left = rest;
            engine.ingest(batch.to_vec()).unwrap();
            match then {
                0 => engine.settle().unwrap(),
                1 => engine.checkpoint().unwrap(),
                _ => {}
            }
        }
        engine.ingest(left.to_vec()).unwrap();
        engine.settle().unwrap();
        let in_memory = told(&engine, &facts, page);
        engine.digest().unwrap();
        prop_assert_eq!(in_memory, told(&engine, &facts, page));
        let mut exported = Vec::new();
        engine.each_fact(|fact| exported.push(fact.clone())).unwrap();
        for user in engine.users(None, 100).unwrap() {
            let story = engine.story(&user).unwrap().unwrap();
            // These lives jump: the guard may hold the served state back, and nothing else may.
            let pinned = matches!(story.provisional, None | Some(Provisional::Pinned(PinCause::Jump, _)));
            prop_assert!(pinned, "{:?}", story.provisional);
            let own: Vec<&Fact> = exported.iter().filter(|fact| *fact.user() == user).collect();
            prop_assert_eq!(own, story.lines.iter().map(|line| &line.fact).collect::<Vec<_>>());
            let history = store.history(&user, None, 10_000).unwrap();
            for recorded in history.facts.iter().chain(&history.told) {
                let line = story.lines.iter().find(|line| line.fact == recorded.fact).unwrap();
                let kept = recorded.verdict.map(|verdict| verdict.outcome);
                if line.role == Role::Reading {
                    prop_assert_eq!(recorded.verdict, line.verdict, "{:?}", line.fact);
                } else {
                    let held = matches!(kept, Some(Outcome::Accepted | Outcome::Rejected | Outcome::Held));
                    prop_assert!(!held, "{:?} is kept as {:?}", line, kept);
                }
            }
        }
    }
}

/// Every user's lines, held against what `effective` says and against pages of facts.
fn told(engine: &Engine, facts: &[Fact], page: usize) -> Vec<StoryLine> {
    let mut all = Vec::new();
    for user in engine.users(None, 100).unwrap() {
        let lines = engine.story(&user).unwrap().unwrap().lines;
        let own = effective(facts.iter().filter(|fact| *fact.user() == user).cloned());
        let count = |role: fn(Role) -> bool| lines.iter().filter(|line| role(line.role)).count();
        let holds = |role| matches!(role, Role::Reading | Role::Height | Role::Reset);
        assert_eq!(count(holds), own.events.len());
        assert_eq!(count(|role| matches!(role, Role::Superseded { .. })), own.superseded.len());
        assert_eq!(count(|role| role == Role::Retracted), own.retracted.len());
        assert_eq!(count(|role| role == Role::Retraction), own.retractions.len());
        assert_eq!(count(|role| role == Role::Waiting), own.waiting.len());
        let mut paged: Vec<Fact> = Vec::new();
        loop {
            let after = paged.last().map(Fact::key);
            let more = engine.facts(&user, after.as_ref(), page).unwrap();
            if more.is_empty() {
                break;
            }
            paged.extend(more);
        }
        assert_eq!(paged, lines.iter().map(|line| line.fact.clone()).collect::<Vec<_>>());
        all.extend(lines);
    }
    all
}
