//! When a reading leaves the window, what the stories say of it is put together and becomes final.

use reweigh_reading::Instant;

use super::{Hypothesis, Pending, UserState};
use crate::verdict::{Outcome, Reason, Verdict};

/// A share of the stories above which one side of a disagreement is the verdict while it lasts.
const DECIDED: f64 = 0.95;

/// What the stories say of a reading.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Judged {
    /// The reading's number.
    pub number: u64,
    /// When it was taken.
    pub at: Instant,
    /// What became of it.
    pub verdict: Verdict,
    /// The share of the stories that refuse it.
    pub refused_share: f64,
    /// The weight at its instant with what came after, kg.
    pub smoothed_kg: f64,
    /// The variance of that.
    pub smoothed_variance: f64,
}

impl UserState {
    /// What is said now of each reading in the window, the oldest first. These may still change.
    pub fn pending(&self) -> impl Iterator<Item = Judged> + '_ {
        self.window.iter().map(|pending| {
            let (refused, judged) = self.weigh(pending);
            let outcome = if refused >= DECIDED {
                Outcome::Rejected
            } else if refused <= 1.0 - DECIDED {
                Outcome::Accepted
            } else {
                Outcome::Held
            };
            let rejects = refused > 0.5;
            Judged { verdict: Verdict { outcome, reason: self.reason(pending, rejects) }, ..judged }
        })
    }

    /// Takes the oldest reading out of the window and makes its verdict final.
    pub fn settle_oldest(&mut self) -> Option<Judged> {
        let pending = self.window.oldest()?;
        let (refused, judged) = self.weigh(pending);
        let rejects = refused > 0.5;
        let outcome = if rejects { Outcome::Rejected } else { Outcome::Accepted };
        let verdict = Verdict { outcome, reason: self.reason(pending, rejects) };
        let judged = Judged { verdict, ..judged };
        let _ = self.window.pop();
        for story in &mut self.hypotheses {
            story.lags.clear(pending.place);
            if let Some(reason) = story.reasons.get_mut(pending.place) {
                *reason = Reason::Fits;
            }
        }
        if rejects {
            self.tally.rejected += 1;
        } else {
            self.tally.accepted += 1;
        }
        if verdict.reason == Reason::BeganShift {
            self.tally.shifts += 1;
        }
        self.chain = self.chain.link(&final_link(&judged));
        Some(judged)
    }

    fn weigh(&self, pending: Pending) -> (f64, Judged) {
        let (mut refused, mut level) = (0.0, 0.0);
        for story in &self.hypotheses {
            let (smoothed, _) = story.lags.level(pending.place);
            level += story.share * smoothed;
            if story_says(story, pending).rejects() {
                refused += story.share;
            }
        }
        let mut variance = 0.0;
        for story in &self.hypotheses {
            let (smoothed, own) = story.lags.level(pending.place);
            let off = smoothed - level;
            let own = if own > 0.0 { own } else { 0.0 };
            variance += story.share * (own + off * off);
        }
        let verdict = Verdict { outcome: Outcome::Held, reason: Reason::Fits };
        let judged = Judged {
            number: pending.number,
            at: pending.at,
            verdict,
            refused_share: refused,
            smoothed_kg: level,
            smoothed_variance: variance,
        };
        (refused, judged)
    }

    /// The reason that the likeliest story of that side gives.
    fn reason(&self, pending: Pending, rejects: bool) -> Reason {
        let mut best: Option<&Hypothesis> = None;
        for story in &self.hypotheses {
            let likelier = best.is_none_or(|known| story.share > known.share);
            if story_says(story, pending).rejects() == rejects && likelier {
                best = Some(story);
            }
        }
        best.map_or(Reason::Fits, |story| story_says(story, pending))
    }
}

fn story_says(story: &Hypothesis, pending: Pending) -> Reason {
    story.reasons.get(pending.place).copied().unwrap_or(Reason::Fits)
}

fn final_link(judged: &Judged) -> [u8; 19] {
    let mut link = [0u8; 19];
    let [outcome, reason] = judged.verdict.to_bytes();
    let bytes = b"F".iter().copied();
    let bytes = bytes.chain(judged.number.to_le_bytes()).chain([outcome, reason]);
    let bytes = bytes.chain(judged.smoothed_kg.to_bits().to_le_bytes());
    for (to, from) in link.iter_mut().zip(bytes) {
        *to = from;
    }
    link
}
