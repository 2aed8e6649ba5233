//! A user's story, line by line: every fact in its place, and what is thought of it.

use reweigh_judge::{Event, Sink, Taken, effective, fingerprint, take_in};
use reweigh_reading::{Action, Fact, OrderKey, UserId};
use reweigh_state::{
    AuditedReset, CheckedPolicy, Estimate, Judged, Outcome, PlainResetter, Reason, ResetPlan, ResetRefused,
    UserState, Verdict,
};

use crate::engine::Engine;
use crate::error::EngineError;
use crate::fold::event_of;
use crate::known;
use crate::standing::Provisional;
use crate::story::order;

/// What part a fact has in the story.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// A reading that holds.
    Reading,
    /// A height that holds.
    Height,
    /// A manual reset that holds.
    Reset,
    /// A retraction that holds.
    Retraction,
    /// A correction or retraction whose reading never came.
    Waiting,
    /// Another fact stands in its place.
    Superseded {
        /// Whether that is of the same revision and says something else; if not, it is of a higher one.
        conflict: bool,
    },
    /// A retraction took it back.
    Retracted,
}

impl Role {
    /// The word that files and scripts use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reading => "reading",
            Self::Height => "height",
            Self::Reset => "reset",
            Self::Retraction => "retraction",
            Self::Waiting => "waiting",
            Self::Superseded { .. } => "superseded",
            Self::Retracted => "retracted",
        }
    }
}

/// A fact in its place in the story.
#[derive(Debug, Clone, PartialEq)]
pub struct StoryLine {
    /// The fact.
    pub fact: Fact,
    /// What part it has.
    pub role: Role,
    /// What became of it, if it is a reading. None for heights, resets and retractions, and for a correction that waits.
    pub verdict: Option<Verdict>,
    /// The estimate as it was known at that instant; none before the first reading.
    pub estimate: Option<Estimate>,
    /// The weight at that instant with what came after, kg.
    pub smoothed_kg: Option<f64>,
    /// The variance of that, kg².
    pub smoothed_variance: Option<f64>,
    /// The normalised innovation squared, of a reading that holds.
    pub nis: Option<f64>,
    /// The quality of its scores, of a reading that holds.
    pub quality: Option<f64>,
    /// The reset that it made due, or the lasting change of weight that it began.
    pub reset: Option<AuditedReset>,
}

/// A user's story.
#[derive(Debug, Clone, PartialEq)]
pub struct UserStory {
    /// Whose.
    pub user: UserId,
    /// Every fact in order, those that do not hold included.
    pub lines: Vec<StoryLine>,
    /// Why what is served may be something else: what waits is in the lines as far as it reached its user.
    pub provisional: Option<Provisional>,
}

impl Engine {
    /// The whole story of a user; none if nothing is known of them.
    ///
    /// It is folded from the first fact, for this call: it is what settling makes of the facts, whatever is served
    /// meanwhile. It never waits for a replay.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/open.rs")); }
    /// use reweigh::Role;
    /// use reweigh_state::Outcome;
    ///
    /// let engine = doc::engine();
    /// let mut facts: Vec<_> = (1..=12).map(|day| doc::reading("ada", day, 80.0)).collect();
    /// facts.push(doc::reading("ada", 13, 176.4));
    /// engine.ingest(facts)?;
    /// engine.settle()?;
    ///
    /// let story = engine.story(&"ada".parse()?)?.unwrap();
    /// assert_eq!(story.lines.len(), 13);
    /// let odd = &story.lines[12];
    /// assert_eq!((odd.role, odd.verdict.unwrap().outcome), (Role::Reading, Outcome::Rejected));
    /// assert!((odd.estimate.unwrap().level_kg - 80.0).abs() < 0.5);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The store failed.
    pub fn story(&self, user: &UserId) -> Result<Option<UserStory>, EngineError> {
        let facts = known::all(&self.core, user)?;
        if facts.is_empty() {
            return Ok(None);
        }
        let facts = facts.into_iter().map(|recorded| recorded.fact).collect();
        let lines = tell(facts, &self.core.policy, None).lines;
        let provisional = self.state(user)?.and_then(|standing| standing.provisional);
        Ok(Some(UserStory { user: user.clone(), lines, provisional }))
    }
}

/// What is told of a user's facts.
pub(crate) struct Tale {
    pub(crate) lines: Vec<StoryLine>,
    /// The state before the event of the key that was asked for, the reset it made due not applied.
    pub(crate) before: Option<UserState>,
    /// The state after all of them.
    pub(crate) state: UserState,
}

/// Tells the story of facts that are in order, each once.
pub(crate) fn tell(facts: Vec<Fact>, policy: &CheckedPolicy, stop: Option<&OrderKey>) -> Tale {
    let lines = cast(facts).into_iter().map(|(fact, role)| line(fact, role)).collect();
    let mut teller = Teller { lines, place: 0, numbers: Vec::new(), last: None };
    let mut state = UserState::unborn(fingerprint(policy));
    let mut before = None;
    for place in 0..teller.lines.len() {
        teller.place = place;
        let Some(event) = teller.event() else {
            teller.pass_by();
            continue;
        };
        if stop == Some(&event.key) {
            before = Some(state.clone());
        }
        take_in(&mut state, &event, policy, &mut PlainResetter, &mut teller);
    }
    state.pending().for_each(|judged| teller.say(&judged));
    Tale { lines: teller.lines, before, state }
}

/// Finds the role of each fact. They are in order, each once.
pub(crate) fn cast(facts: Vec<Fact>) -> Vec<(Fact, Role)> {
    let settled = effective(facts.iter().cloned());
    let superseded =
        settled.superseded.into_iter().map(|it| (it.fact, Role::Superseded { conflict: it.conflict }));
    let mut others: Vec<(Fact, Role)> = superseded
        .chain(settled.retracted.into_iter().map(|fact| (fact, Role::Retracted)))
        .chain(settled.retractions.into_iter().map(|fact| (fact, Role::Retraction)))
        .chain(settled.waiting.into_iter().map(|fact| (fact, Role::Waiting)))
        .collect();
    others.sort_by(|(a, _), (b, _)| order(a, b));
    let mut others = others.into_iter().peekable();
    let with_role = |fact: Fact| {
        let other = others.next_if(|(other, _)| *other == fact).map(|(_, role)| role);
        let role = other.unwrap_or_else(|| match fact.action() {
            Action::Add(_) | Action::Amend(_) => Role::Reading,
            Action::Height(_) => Role::Height,
            Action::Reset { .. } => Role::Reset,
            Action::Retract => Role::Retraction,
        });
        (fact, role)
    };
    facts.into_iter().map(with_role).collect()
}

fn line(fact: Fact, role: Role) -> StoryLine {
    let said = |outcome| fact.measure().map(|_| Verdict { outcome, reason: Reason::Fits });
    let verdict = match role {
        Role::Superseded { .. } => said(Outcome::Superseded),
        Role::Retracted => said(Outcome::Retracted),
        Role::Reading | Role::Height | Role::Reset | Role::Retraction | Role::Waiting => None,
    };
    StoryLine {
        fact,
        role,
        verdict,
        estimate: None,
        smoothed_kg: None,
        smoothed_variance: None,
        nis: None,
        quality: None,
        reset: None,
    }
}

/// Writes what a fold says beside the facts.
struct Teller {
    lines: Vec<StoryLine>,
    /// The line that is folded.
    place: usize,
    /// The line of each reading, by its number.
    numbers: Vec<usize>,
    last: Option<Estimate>,
}

impl Teller {
    /// The event of the line that is folded, if it has a part in the fold.
    fn event(&self) -> Option<Event> {
        let line = self.lines.get(self.place)?;
        let holds = matches!(line.role, Role::Reading | Role::Height | Role::Reset);
        if holds { event_of(&line.fact) } else { None }
    }

    fn pass_by(&mut self) {
        let last = self.last;
        if let Some(line) = self.lines.get_mut(self.place) {
            line.estimate = last;
        }
    }

    fn say(&mut self, judged: &Judged) {
        let place = usize::try_from(judged.number).ok().and_then(|number| self.numbers.get(number));
        let Some(line) = place.and_then(|place| self.lines.get_mut(*place)) else { return };
        line.verdict = Some(judged.verdict);
        line.smoothed_kg = Some(judged.smoothed_kg);
        line.smoothed_variance = Some(judged.smoothed_variance);
        if judged.verdict.reason == Reason::BeganShift && judged.verdict.outcome == Outcome::Accepted {
            line.reset.get_or_insert(AuditedReset::LevelShift);
        }
    }
}

impl Sink for Teller {
    fn taken(&mut self, _: &Event, taken: &Taken) {
        self.last = taken.estimate;
        if taken.number.is_some() {
            self.numbers.push(self.place);
        }
        let Some(line) = self.lines.get_mut(self.place) else { return };
        line.estimate = taken.estimate;
        if taken.number.is_some() {
            line.nis = Some(taken.nis);
            line.quality = Some(taken.quality);
        }
    }

    fn settled(&mut self, judged: &Judged) {
        self.say(judged);
    }

    fn reset(&mut self, plan: &ResetPlan, outcome: Result<(), &ResetRefused>) {
        if let (Ok(()), Some(line)) = (outcome, self.lines.get_mut(self.place)) {
            line.reset = Some(plan.kind.into());
        }
    }
}
