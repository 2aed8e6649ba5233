//! What a replay begins with: the base, the readings in its window, and the resets that are no news.

use reweigh_judge::Deed;
use reweigh_reading::OrderKey;
use reweigh_reset::ResetDecision;
use reweigh_state::{Reason, UserState};
use reweigh_store::{Recorded, StoreError};

use crate::base::{self, Base};
use crate::book::Line;
use crate::replay::{Replay, Start, Winners, line_of};
use crate::story::Story;
use crate::turn::{Turn, by_id};

/// What a replay begins with.
pub(crate) struct Prepared {
    pub(crate) base: Base,
    pub(crate) window: Vec<Line>,
    pub(crate) known: Vec<ResetDecision>,
}

impl Turn<'_> {
    /// The state as it was last committed.
    pub(crate) fn committed(&self, story: &Story) -> Result<Option<UserState>, StoreError> {
        let loaded = self.store.load(&story.user)?;
        Ok(loaded.and_then(|loaded| loaded.state?.look().ok()))
    }

    /// Reads all that a replay from before a key begins with.
    pub(crate) fn prepare(&self, story: &Story, from: &OrderKey) -> Result<Prepared, StoreError> {
        let most = self.settings.get().turn_facts;
        let find = |before: &OrderKey| base::find(self.store, &story.user, before, most, &self.expectations);
        let mut base = find(from)?;
        if !base.is_within() {
            return Ok(Prepared { base, window: Vec::new(), known: Vec::new() });
        }
        let oldest = base.state.as_ref().and_then(|state| state.window.oldest()).map(|oldest| oldest.at);
        let mut window = Vec::new();
        if let (Some(oldest), Some(state)) = (oldest, &base.state) {
            // What lies in the window may be judged otherwise, so its readings have to be known by name.
            let earlier = base::before_instant(oldest);
            window = self.window_of(story, state, &earlier)?;
            if window.is_empty() {
                // They cannot be told from what is kept: the fold begins before them.
                let passed_over = std::mem::take(&mut base.passed_over);
                base = find(if earlier < *from { &earlier } else { from })?;
                base.passed_over.extend(passed_over);
            }
        }
        let known = self.decisions_after(story, &base)?;
        Ok(Prepared { base, window, known })
    }

    /// The readings in the window of a state, in order; none if what is kept does not say which they are.
    fn window_of(
        &self,
        story: &Story,
        state: &UserState,
        earlier: &OrderKey,
    ) -> Result<Vec<Line>, StoreError> {
        let count = state.window.len();
        let Some(last) = &state.key else { return Ok(Vec::new()) };
        let piece = self.store.history(&story.user, Some(earlier), 4 * count + 16)?;
        let told = by_id(piece.told);
        let upto = |line: &Line| line.event.key <= *last && line.event.key > *earlier;
        let once = piece.facts.iter().filter(|recorded| !told.contains_key(recorded.fact.id()));
        let mut lines: Vec<Line> = once.filter_map(line_of).filter(upto).collect();
        lines.extend(Winners::of(&told).lines.into_iter().filter(upto));
        lines.retain(|line| matches!(line.event.deed, Deed::Reading(_)));
        lines.sort_by(|a, b| a.event.key.cmp(&b.event.key));
        let lines = lines.split_off(lines.len().saturating_sub(count));
        let meant = state.window.iter().map(|pending| pending.at);
        Ok(if lines.iter().map(|line| line.event.key.at()).eq(meant) { lines } else { Vec::new() })
    }

    /// The resets that were decided after a base when the user was last settled: an unchanged one is no news.
    fn decisions_after(&self, story: &Story, base: &Base) -> Result<Vec<ResetDecision>, StoreError> {
        let Some(head) = self.committed(story)? else { return Ok(Vec::new()) };
        let resets = base.state.as_ref().map_or(0, |state| state.resets_in_all);
        let shifted =
            |recorded: &Recorded| recorded.verdict.is_some_and(|it| it.reason == Reason::BeganShift);
        let shifts = base.history.more
            || base.history.facts.iter().any(shifted)
            || base.history.told.iter().any(shifted);
        if head.resets_in_all == resets && !shifts {
            return Ok(Vec::new());
        }
        let unborn = || UserState::unborn(self.expectations.fingerprint);
        let state = base.state.clone().unwrap_or_else(unborn);
        let told = by_id(base.history.told.iter().cloned());
        let winners = Winners::as_said(&told);
        let start = Start {
            base: state,
            window: Vec::new(),
            first: base.history.clone(),
            own: &[],
            told: &told,
            winners: &winners,
            known: Vec::new(),
            correlation: self.correlation,
            began: self.now,
        };
        let mut replay = Replay::new(start);
        replay.only_to(head.key.clone());
        let most = self.settings.get().turn_facts;
        while !replay.step(self.store, &told, most, &story.user, self.bench)? {}
        Ok(replay.fold.parts.iter().flat_map(|part| part.decisions.iter().copied()).collect())
    }
}
