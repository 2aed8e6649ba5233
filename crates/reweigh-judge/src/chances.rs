//! How often things happen: jumps, scales that stay in a unit, lives that began in another, people of a weight.

use reweigh_state::{Hypothesis, UnitSlip};

use crate::density::normal;
use crate::scene::{Face, Scene};

/// A jump further than so many of its spreads counts as one of unknown size.
const FAR_JUMP: f64 = 2.5;
/// Refusals in a row beyond which the odds of a jump grow no more.
const RUN_MAX: u32 = 4;
/// Unless there are more than so many: each one more doubles them, so that a run that agrees is never refused for ever.
pub(crate) const RUN_TOO_LONG: u32 = 6;
const DOUBLINGS_MAX: u32 = 32;
/// Another person is known after so many readings, and may take so many in a row.
const OTHER_PERSON_KNOWN: u32 = 3;
const RUN_OF_OTHERS: u32 = 3;
/// The population's tail: this share of people, spread so many times as wide.
pub(crate) const TAIL_SHARE: f64 = 0.02;
pub(crate) const TAIL_WIDTH: f64 = 2.5;
/// How often a life begins in another unit, against how often one reading is in it; and for how long.
const MIRROR_SHARE: f64 = 0.003;
const MIRROR_DAYS: f64 = 30.0;
/// A person whose every reading looks like a slip is believed e times as much after so many days.
const PATIENCE_DAYS: f64 = 3.0;
const PATIENCE_MAX: f64 = 25.0;
/// How much likelier a weight may be than its mirror image before the difference stops to count.
const MIRROR_ODDS_MAX: f64 = 1000.0;
/// A unit mode is forgotten after so many days.
const SLIP_MEMORY_DAYS: f64 = 60.0;

impl Scene<'_> {
    /// The chance that the scale is still in the unit it was last seen in.
    pub(crate) fn stuck_chance(&self, story: &Hypothesis) -> f64 {
        let units = &self.policy.policy().units;
        match story.slip {
            Some(mode) if usize::from(mode.scale) == self.scale => {
                let age = self.at.since(mode.at).days();
                // The longer it has been so, the longer it will be.
                let stays = 1.0 - (1.0 - units.stays) / f64::from(mode.times.max(1));
                let stays = if units.stays > 0.0 { stays } else { 0.0 };
                if age < SLIP_MEMORY_DAYS { stays * libm::exp(-age / units.stays_days) } else { 0.0 }
            }
            _ => 0.0,
        }
    }

    /// The odds of a jump just now.
    pub(crate) fn hazard(&self, story: &Hypothesis) -> f64 {
        let shift = &self.policy.policy().shift;
        let Some(last) = story.last_accepted else { return 0.0 };
        let mut odds = shift.per_day * self.shift_odds * self.at.since(last).days().clamp(0.25, 60.0);
        let run = story.refused_in_a_row;
        // Where somebody else is known to use the scale, a few refusals in a row are no sign of a jump.
        let known = story.other_person.saturating_sub(run) >= OTHER_PERSON_KNOWN;
        let telling = if known { run.saturating_sub(RUN_OF_OTHERS) } else { run };
        for _ in 0..telling.min(RUN_MAX) {
            odds *= shift.run_odds;
        }
        // Values in another unit agree with the weight that is believed, however many they are.
        let too_many = if story.slip.is_none() { telling.saturating_sub(RUN_TOO_LONG) } else { 0 };
        for _ in 0..too_many.min(DOUBLINGS_MAX) {
            odds *= 2.0;
        }
        if odds > 0.5 { 0.5 } else { odds }
    }

    /// The variance a jump adds to the level, for a value that far off.
    pub(crate) fn jump_variance(&self, face: &Face) -> f64 {
        let sd = self.policy.policy().shift.sd_kg;
        if face.innovation.abs() > FAR_JUMP * sd { self.anywhere() } else { sd * sd }
    }

    /// The variance of a level that may be anywhere.
    pub(crate) fn anywhere(&self) -> f64 {
        let sd = self.policy.policy().population.sd_kg;
        sd * sd
    }

    /// The share of lives that are the mirror image of a story: what it took for right was in the other
    /// unit, or the other way round.
    pub(crate) fn mirrored(&self, story: &Hypothesis, slip: UnitSlip) -> f64 {
        let level = story.body.level();
        let odds = self.population(level / slip.factor()) / self.population(level);
        let odds = if odds < MIRROR_ODDS_MAX { odds } else { MIRROR_ODDS_MAX };
        let began_so = self.policy.policy().errors.share * MIRROR_SHARE * odds;
        match (story.first_accepted, story.slip) {
            // What looks like a slip for longer than there was anything else is believed at last, if that
            // makes the weight the more usual one.
            (Some(first), Some(mode)) if mode.slip == slip && odds >= 1.0 => {
                let before = story.last_accepted.map_or(0.0, |last| last.since(first).days());
                let patience = (mode.at.since(mode.since).days() - before) / PATIENCE_DAYS;
                let patience = patience.clamp(0.0, PATIENCE_MAX);
                began_so * libm::exp(patience - before / MIRROR_DAYS)
            }
            // Scales are set right after some days, so an old story has no mirror image.
            (Some(first), _) => began_so * libm::exp(-self.at.since(first).days() / MIRROR_DAYS),
            // Nothing but slips for weeks: then it may be the weight of an unusual person.
            (None, Some(mode)) if mode.slip == slip => {
                let patience = mode.at.since(mode.since).days() / PATIENCE_DAYS;
                began_so * libm::exp(if patience < PATIENCE_MAX { patience } else { PATIENCE_MAX })
            }
            (None, _) => 0.0,
        }
    }

    /// The density of a weight among people.
    fn population(&self, kg: f64) -> f64 {
        let population = &self.policy.policy().population;
        let off = kg - population.mean_kg;
        let wide = TAIL_WIDTH * population.sd_kg;
        (1.0 - TAIL_SHARE) * normal(off, population.sd_kg * population.sd_kg)
            + TAIL_SHARE * normal(off, wide * wide)
    }
}

/// The density of a first reading in the tail of the population.
pub(crate) fn tail(story: &Hypothesis, face: &Face) -> f64 {
    normal(face.innovation, tail_variance(story, face))
}

/// The variance of a first reading in the tail of the population.
pub(crate) fn tail_variance(story: &Hypothesis, face: &Face) -> f64 {
    face.total + story.body.level_variance() * (TAIL_WIDTH * TAIL_WIDTH - 1.0)
}
