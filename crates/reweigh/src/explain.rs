//! Why a reading got its verdict.

use reweigh_judge::{Event, Explanation, Resets, Step, step};
use reweigh_reading::{Instant, ReadingId, UserId};
use reweigh_state::{CheckedPolicy, PlainResetter, Resetter, UserState};

use crate::engine::Engine;
use crate::error::EngineError;
use crate::fold::event_of;
use crate::known;
use crate::lines::{Role, StoryLine, tell};

/// Which fact is asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// The one of an id: the telling that holds; if none does, the one that was taken back or waits.
    Id(ReadingId),
    /// The last reading that was taken at or before an instant.
    At(Instant),
}

/// A fact in its place, and why it got its verdict.
#[derive(Debug, Clone, PartialEq)]
pub struct Explained {
    /// The fact and what became of it, with all that came after.
    pub line: StoryLine,
    /// What there was to say when it came, before anything after it. None for what is no reading that holds.
    pub explanation: Option<Explanation>,
}

impl Engine {
    /// Why a reading got its verdict.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/open.rs")); }
    /// use reweigh::Which;
    ///
    /// let engine = doc::engine();
    /// let mut facts: Vec<_> = (1..=12).map(|day| doc::reading("ada", day, 80.0)).collect();
    /// facts.push(doc::reading("ada", 13, 176.4));
    /// engine.ingest(facts)?;
    /// engine.settle()?;
    ///
    /// let odd = engine.explain(&"ada".parse()?, &Which::At("2026-01-14T00:00:00Z".parse()?))?;
    /// let sentence = odd.explanation.unwrap().sentence();
    /// assert!(sentence.contains("lb recorded as kg"), "{sentence}");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Nothing is known of the user, or nothing of what is asked about; the store failed.
    pub fn explain(&self, user: &UserId, which: &Which) -> Result<Explained, EngineError> {
        let known = known::all(&self.core, user)?;
        if known.is_empty() {
            return Err(EngineError::NoUser(user.clone()));
        }
        let facts: Vec<_> = known.into_iter().map(|recorded| recorded.fact).collect();
        let policy = &self.core.policy;
        let roles = crate::lines::cast(facts.clone());
        let chosen = match which {
            Which::Id(id) => {
                let tellings = roles.iter().filter(|(fact, _)| fact.id() == id);
                tellings.max_by_key(|(fact, role)| (rank(*role), fact.revision()))
            }
            Which::At(at) => {
                let readings = roles.iter().filter(|(_, role)| *role == Role::Reading);
                readings.take_while(|(fact, _)| fact.at() <= *at).last()
            }
        };
        let Some((fact, role)) = chosen else {
            let user = user.clone();
            return Err(match which {
                Which::Id(id) => EngineError::NoReading { user, id: id.clone() },
                Which::At(at) => EngineError::NoReadingBefore { user, at: *at },
            });
        };
        let tale = tell(facts, policy, Some(&fact.key()));
        let explanation = match (tale.before, event_of(fact), fact.measure()) {
            (Some(before), Some(event), Some(measure)) if *role == Role::Reading => {
                let state = after_its_reset(before, &event, policy);
                reweigh_judge::explain(&state, &event.key, measure, policy)
            }
            _ => None,
        };
        let line = tale.lines.into_iter().find(|line| line.fact == *fact);
        let gone = || EngineError::NoUser(user.clone());
        Ok(Explained { line: line.ok_or_else(gone)?, explanation })
    }
}

/// Of several tellings of an id the one that says most.
fn rank(role: Role) -> u8 {
    match role {
        Role::Reading | Role::Height | Role::Reset => 3,
        Role::Retracted => 2,
        Role::Waiting => 1,
        Role::Retraction | Role::Superseded { .. } => 0,
    }
}

/// The state just before an event: the reset that it makes due is applied, unless it is refused.
fn after_its_reset(before: UserState, event: &Event, policy: &CheckedPolicy) -> UserState {
    let mut tried = before.clone();
    match step(&mut tried, event, policy, Resets::Ask, &mut |_| {}) {
        Step::Reset(plan) => {
            let applied = PlainResetter.reset(&before, &plan, policy);
            applied.map_or(before, |applied| applied.state)
        }
        Step::Taken(_) => before,
    }
}
