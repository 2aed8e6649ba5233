//! The fold as the engine drives it: resets as transactions, verdicts into the book, states along the way.

use reweigh_judge::{Deed, Event, Sink, Taken, take_in};
use reweigh_reading::{Action, Clock, Fact, Instant, OrderKey, UserId};
use reweigh_reset::{Detached, ManualRequest, ResetDecision, ResetLog, TransactionResetter, Unfenced};
use reweigh_state::{AuditedReset, CheckedPolicy, Judged, Reason, ResetChange, UserState};

use crate::book::{Book, Line};

/// What does not change from one fold to the next.
#[derive(Clone, Copy)]
pub(crate) struct Bench<'a> {
    pub(crate) user: &'a UserId,
    pub(crate) policy: &'a CheckedPolicy,
    pub(crate) clock: &'a dyn Clock,
    pub(crate) snapshot_every: usize,
}

/// Resets of one part of a fold, waiting for the commit.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) first: Instant,
    pub(crate) last: Instant,
    pub(crate) detached: Detached,
    pub(crate) decisions: Vec<ResetDecision>,
    pub(crate) changes: Vec<ResetChange>,
}

/// A state to go back to, as bytes: there may be many, and few are gone back to.
#[derive(Debug, Clone)]
struct Anchor {
    key: Option<OrderKey>,
    bytes: Vec<u8>,
}

impl Anchor {
    fn of(state: &UserState) -> Self {
        Self { key: state.key.clone(), bytes: state.encode() }
    }

    /// The state, which these bytes are of.
    fn state(&self) -> Option<UserState> {
        UserState::decode_unchecked(&self.bytes).ok()
    }
}

/// A fold under way: the newest state and all that its commit will want to know.
#[derive(Debug)]
pub(crate) struct Fold {
    pub(crate) state: UserState,
    pub(crate) book: Book,
    /// The key it began after.
    pub(crate) base: Option<OrderKey>,
    /// States to go back to: every fact after the first of them is in memory.
    anchors: Vec<Anchor>,
    /// States along the way that are of use to the store and lie too far back for that.
    offered: Vec<Anchor>,
    since: usize,
    pub(crate) parts: Vec<Part>,
}

/// What is known of the resets of a part before it is folded.
#[derive(Debug, Default)]
pub(crate) struct Expected {
    pub(crate) known: Vec<ResetDecision>,
    pub(crate) requests: Vec<ManualRequest>,
    pub(crate) correlation: u64,
}

struct Listener<'a> {
    book: &'a mut Book,
    line: &'a Line,
    shifts: &'a mut Vec<Instant>,
}

impl Sink for Listener<'_> {
    fn taken(&mut self, _: &Event, taken: &Taken) {
        if let Some(number) = taken.number {
            self.book.enter(number, self.line);
        }
    }

    fn settled(&mut self, judged: &Judged) {
        self.book.say(judged);
        if judged.verdict.reason == Reason::BeganShift {
            self.shifts.push(judged.at);
        }
    }
}

impl Fold {
    /// A fold that goes on from a state.
    pub(crate) fn on(base: UserState) -> Self {
        let (book, key) = (Book::after(&base), base.key.clone());
        let anchors = vec![Anchor::of(&base)];
        Self { state: base, book, base: key, anchors, offered: Vec::new(), since: 0, parts: Vec::new() }
    }

    /// Takes in what comes next, in order.
    pub(crate) fn take(&mut self, lines: &[Line], expected: Expected, bench: Bench<'_>) {
        let Expected { known, requests, correlation } = expected;
        let (mut log, mut fence) = (ResetLog::new(bench.user.clone()), Unfenced);
        let quiet = known.is_empty();
        let mut resetter = TransactionResetter::new(&mut log, bench.clock, &mut fence, correlation)
            .known(known)
            .requests(requests);
        let mut shifts = Vec::new();
        for line in lines {
            let mut listener = Listener { book: &mut self.book, line, shifts: &mut shifts };
            take_in(&mut self.state, &line.event, bench.policy, &mut resetter, &mut listener);
            self.since += 1;
            if self.since >= bench.snapshot_every {
                self.since = 0;
                self.anchors.push(Anchor::of(&self.state));
            }
        }
        let mut staged = resetter.finish();
        staged.add_level_shifts(shifts);
        let decisions = staged.decisions();
        if decisions.is_empty() && quiet {
            staged.discard();
            return;
        }
        let changes: Vec<ResetChange> = staged.changes().iter().filter_map(reset_change).collect();
        let instants = decisions.iter().map(ResetDecision::at);
        let bounds = instants.fold(None, |bounds: Option<(Instant, Instant)>, at| {
            Some(bounds.map_or((at, at), |(first, last)| (first.min(at), last.max(at))))
        });
        let (first, last) = bounds.unwrap_or((Instant::MIN, Instant::MIN));
        self.parts.push(Part { first, last, decisions, detached: staged.detach(), changes });
    }

    /// Goes back to a state before a key, and forgets what came after it. False if none that is in memory is.
    pub(crate) fn back_to(&mut self, before: &OrderKey) -> bool {
        let earlier = |anchor: &Anchor| anchor.key.as_ref().is_none_or(|key| key < before);
        let mut count = self.anchors.iter().take_while(|anchor| earlier(anchor)).count();
        while let Some(anchor) = count.checked_sub(1).and_then(|last| self.anchors.get(last)) {
            let at = anchor.key.as_ref().map_or(Instant::MIN, OrderKey::at);
            // A part that lies on both sides of a state cannot be taken apart: go back further.
            if count > 1 && self.parts.iter().any(|part| part.last >= at && part.first <= at) {
                count -= 1;
                continue;
            }
            let Some(state) = anchor.state() else { return false };
            self.parts.retain(|part| part.last < at);
            self.state = state;
            self.book.cut(self.state.readings);
            self.anchors.truncate(count);
            self.since = 0;
            return true;
        }
        false
    }

    /// From here on only what comes after the newest state is in memory.
    pub(crate) fn advance(&mut self) {
        self.offered.extend(self.anchors.drain(..).skip(1));
        self.anchors.push(Anchor::of(&self.state));
        self.since = 0;
    }

    /// The states along the way that a store may keep.
    pub(crate) fn snapshots(&self) -> impl Iterator<Item = &[u8]> {
        self.offered.iter().chain(self.anchors.iter().skip(1)).map(|anchor| anchor.bytes.as_slice())
    }

    /// The fold was committed: the newest state is the base of what comes.
    pub(crate) fn committed(&mut self) {
        self.offered.clear();
        self.parts.clear();
        self.anchors.clear();
        self.anchors.push(Anchor::of(&self.state));
        self.since = 0;
        self.base = self.state.key.clone();
        self.book.kept(self.state.window.first());
    }

    /// Says of the readings in the window what is thought of them now.
    pub(crate) fn say_pending(&mut self) {
        let pending: Vec<Judged> = self.state.pending().collect();
        for judged in &pending {
            self.book.say(judged);
        }
    }

    /// The bytes it takes, roughly.
    pub(crate) fn bytes(&self) -> usize {
        let stories = self.state.hypotheses.len().max(1);
        1_024 + stories * 1_536 + (self.anchors.len() + self.offered.len()) * 1_024 + self.book.len() * 96
    }
}

fn reset_change(change: &reweigh_reset::DecisionChange) -> Option<ResetChange> {
    let told = |decision: Option<ResetDecision>| {
        let decision = decision?;
        if let AuditedReset::Planned(kind) = decision.what() { Some((kind, decision.at())) } else { None }
    };
    let (old, new) = (told(change.old_decision()), told(change.new_decision()));
    (old.is_some() || new.is_some()).then_some(ResetChange { old, new })
}

/// The event of a fact that needs no other telling of its id to hold.
pub(crate) fn event_of(fact: &Fact) -> Option<Event> {
    let deed = match fact.action() {
        Action::Add(measure) | Action::Amend(measure) => Deed::Reading(*measure),
        Action::Reset { .. } => Deed::Reset,
        Action::Height(height) => Deed::Height(*height),
        Action::Retract => return None,
    };
    Some(Event { key: fact.key(), deed })
}
