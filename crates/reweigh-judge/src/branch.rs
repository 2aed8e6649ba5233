//! What a reading does to the stories: each splits, the likely ones stay, those that agree become one.

use reweigh_state::{Hypothesis, LearnedNoise, Reason, SlipMode, Stray, UnitSlip};

use crate::scene::{Face, Scene};
use crate::weigh::Weighed;

/// A jump that began may be this much less likely than the best story and is still kept for one reading.
const BEGINNINGS_ABOVE: f64 = 1e-5;
/// Stories whose levels are this near (kg²) and whose variances differ by less than this are one.
const SAME_LEVEL: f64 = 0.0025;
const SAME_VARIANCE: f64 = 0.1;
/// What a unit slip hints of the weight before any reading was accepted, kg².
const HINT_VARIANCE: f64 = 25.0;

#[derive(Debug, Clone, Copy)]
enum Way {
    Fit,
    Refuse(Reason),
    Shift,
    Slip(UnitSlip),
    Mirror(UnitSlip),
}

#[derive(Debug, Clone, Copy)]
struct Child {
    weight: f64,
    parent: usize,
    way: Way,
}

/// A story after the reading, and what it says of it.
pub(crate) struct Grown {
    pub(crate) story: Hypothesis,
    pub(crate) reason: Reason,
}

/// Splits every story by what the reading may be and keeps the likeliest.
pub(crate) fn branch(stories: &[Hypothesis], faces: &[Face], scene: &Scene<'_>) -> Vec<Grown> {
    let mut children = Vec::with_capacity(4 * stories.len());
    let mut weighings = Vec::with_capacity(stories.len());
    for (parent, (story, face)) in stories.iter().zip(faces).enumerate() {
        let weighed = scene.weigh(story, face);
        weighings.push(weighed);
        let mut add = |weight: f64, way| children.push(Child { weight: story.share * weight, parent, way });
        add(weighed.fits, Way::Fit);
        add(weighed.refuse, Way::Refuse(weighed.reason));
        add(weighed.shift, Way::Shift);
        if let Some((slip, weight)) = weighed.slip {
            add(weight, Way::Slip(slip));
        }
        if let Some((slip, weight)) = weighed.mirror {
            add(weight, Way::Mirror(slip));
        }
    }
    // A stable sort: equals stay in the order of their parents, which is the order of events.
    children.sort_by(|a, b| b.weight.total_cmp(&a.weight));
    let kept = keep(children, scene);
    let total: f64 = kept.iter().fold(0.0, |sum, child| sum + child.weight);
    let mut grown: Vec<Grown> = Vec::with_capacity(kept.len());
    for child in &kept {
        let (Some(story), Some(face), Some(weighed)) =
            (stories.get(child.parent), faces.get(child.parent), weighings.get(child.parent))
        else {
            continue;
        };
        let mut story = *story;
        story.share = child.weight / total;
        let reason = grow(&mut story, child.way, face, weighed, scene);
        match grown.iter_mut().find(|other| agree(&other.story, &story)) {
            Some(other) => other.story.share += story.share,
            None => grown.push(Grown { story, reason }),
        }
    }
    if let [only] = grown.as_mut_slice() {
        // What rounding left of a sum of shares is not part of the story.
        only.story.share = 1.0;
    }
    grown.sort_by(|a, b| b.story.share.total_cmp(&a.story.share));
    grown
}

/// The likeliest, and the likeliest beginning of a jump when all others refuse the reading.
fn keep(mut children: Vec<Child>, scene: &Scene<'_>) -> Vec<Child> {
    let rules = &scene.policy.policy().hypotheses;
    let most = usize::from(rules.most).max(1);
    let best = children.first().map_or(0.0, |child| child.weight);
    if best <= 0.0 {
        // Nothing explains the value: the likeliest story goes on and refuses it.
        return vec![Child { weight: 1.0, parent: 0, way: Way::Refuse(scene.unexplained()) }];
    }
    let is_shift = |child: &Child| matches!(child.way, Way::Shift);
    let beginning = children.iter().copied().find(is_shift);
    children.truncate(most);
    children.retain(|child| child.weight > best * rules.keep_above);
    let refused = children.first().is_some_and(|child| matches!(child.way, Way::Refuse(_) | Way::Slip(_)));
    if let Some(beginning) = beginning
        && refused
        && beginning.weight > best * BEGINNINGS_ABOVE
        && !children.iter().any(is_shift)
        && most > 1
    {
        children.truncate(most - 1);
        children.push(beginning);
    }
    children
}

fn agree(a: &Hypothesis, b: &Hypothesis) -> bool {
    let off = a.body.level() - b.body.level();
    let (va, vb) = (a.body.level_variance(), b.body.level_variance());
    let smaller = if va < vb { va } else { vb };
    off * off < SAME_LEVEL && (va - vb).abs() < SAME_VARIANCE * smaller
}

/// Lets a story go one way.
fn grow(story: &mut Hypothesis, way: Way, face: &Face, weighed: &Weighed, scene: &Scene<'_>) -> Reason {
    match way {
        Way::Fit => {
            accept(story, face, scene.seen.kg, weighed.fit_total, scene);
            Reason::Fits
        }
        Way::Shift => {
            story.body.widen_level(scene.jump_variance(face));
            let face = scene.face(story);
            accept(story, &face, scene.seen.kg, face.total, scene);
            Reason::BeganShift
        }
        Way::Refuse(reason) => {
            story.refuse(stray(scene));
            story.other_person += u32::from(reason == Reason::OtherPerson);
            reason
        }
        Way::Slip(slip) => slipped(story, slip, face, scene),
        Way::Mirror(slip) => mirrored(story, slip, scene),
    }
}

/// What was taken for the other unit was right, and what was taken for right was in the other unit. What was learned from it is a hint, not data: the level is
/// uncertain again, and this reading makes it.
fn mirrored(story: &mut Hypothesis, slip: UnitSlip, scene: &Scene<'_>) -> Reason {
    let factor = 1.0 / slip.factor();
    let earlier = slip.inverse();
    story.body.rescale(factor, &mut story.lags);
    story.body.widen_level(HINT_VARIANCE);
    for noise in story.noise.iter_mut().take(scene.scales) {
        let squares = f64::from(noise.squares) * factor * factor;
        *noise = learned(f64::from(noise.readings), squares);
    }
    for pending in scene.window.iter() {
        let Some(reason) = story.reasons.get_mut(pending.place) else { continue };
        if *reason == Reason::OtherUnit(slip) {
            *reason = Reason::Fits;
        } else if !reason.rejects() {
            *reason = Reason::OtherUnit(earlier);
        }
    }
    story.slip = None;
    let face = scene.face(story);
    accept(story, &face, scene.seen.kg, face.total, scene);
    story.accepted = 1;
    story.first_accepted = Some(scene.at);
    Reason::Fits
}

fn slipped(story: &mut Hypothesis, slip: UnitSlip, face: &Face, scene: &Scene<'_>) -> Reason {
    let kg = scene.seen.kg;
    let scale = u8::try_from(scene.scale).unwrap_or(u8::MAX);
    let before = story.slip.filter(|mode| mode.scale == scale && mode.slip == slip);
    let times = before.map_or(0, |mode| mode.times).saturating_add(1);
    let since = before.map_or(scene.at, |mode| mode.since);
    let mode = SlipMode { scale, slip, since, at: scene.at, recorded_kg: kg, times };
    // A value that is no weight in the other unit either is neither a hint nor data.
    let converted = kg * slip.factor();
    if scene.source.repair_units && scene.possible(converted) {
        accept(story, face, converted, face.total, scene);
        story.slip = Some(mode);
        return Reason::Repaired(slip);
    }
    if story.accepted == 0 && scene.possible(converted) {
        // Before anything is known the value is a hint of where to look, not a reading.
        let total = face.expected.variance + HINT_VARIANCE;
        story.body.update(&face.expected, converted, total, &mut story.lags);
    }
    // A slip is this person's weight in another unit, so it says nothing of anybody else on the scale.
    story.refused_in_a_row = story.refused_in_a_row.saturating_add(1);
    story.slip = Some(mode);
    Reason::OtherUnit(slip)
}

/// Takes a value in, and learns from it how noisy its scale is.
pub(crate) fn accept(story: &mut Hypothesis, face: &Face, kg: f64, total: f64, scene: &Scene<'_>) {
    story.body.update(&face.expected, kg, total, &mut story.lags);
    let policy = &scene.policy.policy().noise;
    if policy.learn
        && let Some(noise) = story.noise.get_mut(scene.scale)
    {
        learn(noise, face, kg, total, scene);
    }
    story.accepted += 1;
    story.first_accepted = story.first_accepted.or(Some(scene.at));
    story.refused_in_a_row = 0;
    story.last_accepted = Some(scene.at);
    story.slip = story.slip.filter(|mode| usize::from(mode.scale) != scene.scale);
}

fn learn(noise: &mut LearnedNoise, face: &Face, kg: f64, total: f64, scene: &Scene<'_>) {
    let policy = &scene.policy.policy().noise;
    // What the update took the noise for: more than the scale's own for one that may be stray.
    let used = total - face.expected.variance;
    let residual = (kg - face.expected.value) * used / total;
    let square = residual * residual + face.expected.variance * used / total;
    let counted = if used > face.noise { face.noise / used } else { 1.0 };
    let kept = 1.0 - 1.0 / policy.memory_readings;
    let prior = (1.0 - kept) * policy.prior_readings;
    let first = first_noise(scene).variance();
    // Squares are learned without the factor of an adaptation, which is not the scale's own.
    let square = square / scene.noise_factor;
    *noise = learned(
        f64::from(noise.readings) * kept + 0.5 * counted + prior,
        f64::from(noise.squares) * kept + 0.5 * counted * square + prior * first,
    );
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "noise is a guess; single precision is more than it deserves"
)]
fn learned(readings: f64, squares: f64) -> LearnedNoise {
    LearnedNoise { readings: readings as f32, squares: squares as f32 }
}

#[expect(clippy::cast_possible_truncation, reason = "where somebody else was seen needs no more than grams")]
fn stray(scene: &Scene<'_>) -> Stray {
    Stray { kg: scene.seen.kg as f32, at: scene.at }
}

/// What is expected of a scale before it was used.
pub(crate) fn first_noise(scene: &Scene<'_>) -> LearnedNoise {
    let policy = &scene.policy.policy().noise;
    let sd = policy.sd_kg * scene.source.noise;
    learned(policy.prior_readings, policy.prior_readings * sd * sd)
}
