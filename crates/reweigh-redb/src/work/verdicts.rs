//! Where verdicts go.

use reweigh_reading::Revision;
use reweigh_state::{Outcome, Reason, Verdict};
use reweigh_store::{Judgement, Recorded};

use super::Work;
use super::pages::against;
use crate::fault::Fault;

/// Gives the verdict to the winner of what stands at its place, and takes the others out. Says whether any was there.
fn say(facts: &mut [Recorded], judgement: &Judgement) -> bool {
    let from = facts.partition_point(|known| against(&known.fact, &judgement.key).is_lt());
    let here = facts.get_mut(from..).unwrap_or_default().iter_mut();
    let here = here.take_while(|known| against(&known.fact, &judgement.key).is_eq());
    // In the order of payloads, so the last one wins.
    let mut tellings: Vec<&mut Recorded> =
        here.filter(|known| known.fact.revision() == judgement.revision).collect();
    let Some(winner) = tellings.pop() else { return false };
    winner.verdict = Some(judgement.verdict);
    for loser in tellings {
        loser.verdict = Some(Verdict { outcome: Outcome::Superseded, reason: Reason::Fits });
    }
    true
}

impl Work<'_, '_> {
    pub(super) fn judge(&mut self, judgement: &Judgement) -> Result<(), Fault> {
        if let Some(tellings) = self.told_of(judgement.key.id())? {
            say(tellings, judgement);
        }
        if judgement.revision > Revision::FIRST {
            return Ok(());
        }
        if self.is_open(&judgement.key) {
            self.open_changed |= say(&mut self.open, judgement);
            return Ok(());
        }
        let bound = self.bound_of(&judgement.key)?;
        let page = self.page(&bound)?;
        page.story_changed |= say(&mut page.facts, judgement);
        Ok(())
    }
}
