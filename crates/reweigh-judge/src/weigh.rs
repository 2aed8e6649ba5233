//! How likely each reading of one value is under one story.

use reweigh_state::{Hypothesis, Reason, UnitSlip};

use crate::alternatives::{self, Basis};
use crate::chances::{RUN_TOO_LONG, TAIL_SHARE, TAIL_WIDTH, tail, tail_variance};
use crate::density::normal;
use crate::scene::{Face, Scene};

/// The share of jumps that are twice as large as usual.
const LARGE_JUMPS: f64 = 0.03;
/// After so many refusals in a row a new beginning anywhere is weighed too, with this share.
const LOST_AFTER: u32 = 5;
const LOST_SHARE: f64 = 0.05;

/// A slip of the unit, and how likely it is.
pub(crate) type Unit = (UnitSlip, f64);

/// Every reading of a value, with its likelihood.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Weighed {
    /// It is this person's weight.
    pub(crate) fits: f64,
    /// The innovation variance to take it in with: larger for one that may be stray.
    pub(crate) fit_total: f64,
    /// It is, after a jump.
    pub(crate) shift: f64,
    /// It is something else.
    pub(crate) refuse: f64,
    /// What else, most likely.
    pub(crate) reason: Reason,
    /// It is a weight in another unit, most likely this.
    pub(crate) slip: Option<Unit>,
    /// It is right, and what was believed so far was in another unit: the slip is what this reading
    /// would be otherwise.
    pub(crate) mirror: Option<Unit>,
}

impl Scene<'_> {
    /// Weighs every reading of the value under a story.
    pub(crate) fn weigh(&self, story: &Hypothesis, face: &Face) -> Weighed {
        let basis = self.basis(story, face);
        let stuck = self.stuck_chance(story);
        let free = 1.0 - stuck;
        let doubt = if face.quality < self.threshold { face.quality / self.threshold } else { 1.0 };
        let good = if self.possible(self.seen.kg) { (1.0 - basis.wrong) * free * doubt } else { 0.0 };
        let (mut fits, fit_total) = self.fit(face);
        if story.accepted == 0 {
            fits = (1.0 - TAIL_SHARE) * fits + TAIL_SHARE * tail(story, face);
        }
        let (refuse, reason) = self.refuse(&basis);
        let (slip, mirror) = self.other_unit(story, &basis, stuck);
        Weighed {
            fits: good * fits,
            fit_total,
            shift: good * self.hazard(story) * self.jump(story, face),
            refuse: free * refuse,
            reason,
            slip,
            mirror,
        }
    }

    /// What a good reading would show, as shares and variances about what is expected: ordinary, stray,
    /// and for a first reading the population's tail. The shares sum to one.
    pub(crate) fn good_parts(&self, story: &Hypothesis, face: &Face) -> [(f64, f64); 3] {
        let noise = &self.policy.policy().noise;
        let wide = face.total + noise.stray_sd_kg * noise.stray_sd_kg;
        let tail = if story.accepted == 0 { TAIL_SHARE } else { 0.0 };
        [
            ((1.0 - tail) * (1.0 - noise.stray_share), face.total),
            ((1.0 - tail) * noise.stray_share, wide),
            (tail, tail_variance(story, face)),
        ]
    }

    /// The density of the value after a jump.
    fn jump(&self, story: &Hypothesis, face: &Face) -> f64 {
        let sd = self.policy.policy().shift.sd_kg;
        let usual = normal(face.innovation, face.total + sd * sd);
        let large = normal(face.innovation, face.total + 4.0 * sd * sd);
        let mut density = (1.0 - LARGE_JUMPS) * usual + LARGE_JUMPS * large;
        if story.refused_in_a_row >= LOST_AFTER {
            density += LOST_SHARE * normal(face.innovation, face.total + self.anywhere());
        }
        if story.refused_in_a_row > RUN_TOO_LONG && story.slip.is_none() {
            let tail = TAIL_WIDTH * TAIL_WIDTH * self.anywhere();
            density += LOST_SHARE * normal(face.innovation, face.total + tail);
        }
        density
    }

    /// That it is something else, and what most likely.
    fn refuse(&self, basis: &Basis<'_>) -> (f64, Reason) {
        let (mut sum, mut best, mut reason) = (0.0, 0.0, Reason::OutOfPattern);
        for other in alternatives::others(&self.seen, basis) {
            sum += other.weight;
            if other.weight > best {
                best = other.weight;
                reason = other.reason;
            }
        }
        (sum, if self.possible(self.seen.kg) { reason } else { Reason::Unsafe })
    }

    /// That it is in another unit, and that everything before it was.
    fn other_unit(&self, story: &Hypothesis, basis: &Basis<'_>, stuck: f64) -> (Option<Unit>, Option<Unit>) {
        let (mut slip, mut mirror): (Option<Unit>, Option<Unit>) = (None, None);
        let larger = |known: &Option<Unit>, weight: f64| known.is_none_or(|(_, known)| weight > known);
        for (found, plain) in alternatives::slips(&self.seen, basis).into_iter().flatten() {
            let mut weight = (1.0 - stuck) * plain;
            if let Some(mode) = story.slip.filter(|mode| stuck > 0.0 && mode.slip == found) {
                weight += stuck * alternatives::stuck(&self.seen, &mode, basis);
            }
            if larger(&slip, weight) {
                slip = Some((found, weight));
            }
            let weight = (1.0 - stuck) * plain * self.mirrored(story, found) / basis.wrong;
            if self.possible(self.seen.kg) && larger(&mirror, weight) {
                mirror = Some((found, weight));
            }
        }
        (slip, mirror)
    }

    /// The density of a good reading, ordinary or stray, and the innovation variance it is worth.
    fn fit(&self, face: &Face) -> (f64, f64) {
        let noise = &self.policy.policy().noise;
        let wide = face.total + noise.stray_sd_kg * noise.stray_sd_kg;
        let ordinary = (1.0 - noise.stray_share) * normal(face.innovation, face.total);
        let stray = noise.stray_share * normal(face.innovation, wide);
        let both = ordinary + stray;
        if both <= 0.0 {
            return (0.0, wide);
        }
        let share = stray / both;
        (both, 1.0 / ((1.0 - share) / face.total + share / wide))
    }
}
