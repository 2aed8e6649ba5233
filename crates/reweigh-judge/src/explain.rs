//! Why a reading got its verdict, for a person to read, with the numbers behind it.

use std::fmt::Write as _;

use reweigh_reading::{Instant, Measure, OrderKey};
use reweigh_state::{CheckedPolicy, Hypothesis, Reason, Scores, UserState, source_hash};

use crate::alternatives::{self, Basis};
use crate::scene::{Face, Scene};
use crate::step::{arrive, observe};
use crate::weigh::Weighed;

/// One thing a reading may be, and how likely that was when it came.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Possibility {
    /// What.
    pub reason: Reason,
    /// How likely, 0 to 1; all possibilities sum to one.
    pub chance: f64,
}

/// Everything there is to say of one reading at the instant it came, before anything after it.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// When it was taken.
    pub at: Instant,
    /// What it says, kg.
    pub came_kg: f64,
    /// What was expected, kg: the likeliest story's, for this scale and this time of day.
    pub expected_kg: f64,
    /// How far readings like this one scatter around that, kg.
    pub spread_kg: f64,
    /// The four scores.
    pub scores: Scores,
    /// The score they make.
    pub quality: f64,
    /// The score below which its odds shrink.
    pub threshold: f64,
    /// What it may be, likeliest first.
    pub possibilities: Vec<Possibility>,
    /// The weights that would more likely than not have been taken in: lowest and highest, kg.
    pub accepted_kg: Option<(f64, f64)>,
    /// How many stories were weighed.
    pub stories: usize,
}

/// Explains a reading to come: `state` is the state just before it, its reset applied.
///
/// None while the state has no story, that is before the first reading.
///
/// ```
/// use reweigh_judge::{effective, explain, fold};
/// use reweigh_reading::{Fact, Measure, OrderKey, Source, Unit, UserId};
/// use reweigh_state::{Profile, Reason};
///
/// let policy = Profile::Balanced.policy().check().unwrap();
/// let fact = |day: u32, kg: f64| {
///     let at = format!("2026-01-{day:02}T07:00:00Z").parse().unwrap();
///     let measure = Measure::new(kg, Unit::Kilogram).unwrap();
///     Fact::reading(UserId::new("ada").unwrap(), at, Source::new("scale").unwrap(), measure)
/// };
/// let state = fold(&effective((1..20).map(|day| fact(day, 80.0))).events, &policy);
/// let odd = fact(20, 176.4);
/// let explanation = explain(&state, &odd.key(), odd.measure().unwrap(), &policy).unwrap();
/// assert!(matches!(explanation.likeliest(), Reason::OtherUnit(_)));
/// assert!(explanation.sentence().contains("lb recorded as kg"), "{}", explanation.sentence());
/// ```
#[must_use]
pub fn explain(
    state: &UserState,
    key: &OrderKey,
    measure: Measure,
    policy: &CheckedPolicy,
) -> Option<Explanation> {
    let hash = source_hash(key.source());
    let mut state = state.clone();
    let scene = arrive(&mut state, key.at(), hash, observe(key, measure, policy), policy);
    let likeliest = state.hypotheses.first()?;
    let face = scene.face(likeliest);
    Some(Explanation {
        at: key.at(),
        came_kg: scene.seen.kg,
        expected_kg: face.expected.value,
        spread_kg: face.total.sqrt(),
        scores: scene.scores(likeliest, &face),
        quality: face.quality,
        threshold: scene.threshold,
        possibilities: possibilities(&state.hypotheses, &scene),
        accepted_kg: accepted(likeliest, &scene, &face),
        stories: state.hypotheses.len(),
    })
}

impl Explanation {
    /// The likeliest of the possibilities.
    #[must_use]
    pub fn likeliest(&self) -> Reason {
        self.possibilities.first().map_or(Reason::OutOfPattern, |first| first.reason)
    }

    /// One sentence that a person understands.
    #[must_use]
    pub fn sentence(&self) -> String {
        let mut text = format!(
            "{:.1} kg came where {:.1} kg was expected, give or take {:.1}",
            self.came_kg,
            self.expected_kg,
            2.0 * self.spread_kg
        );
        let off = self.scores.innovation_kg.abs();
        let _ = match self.likeliest() {
            Reason::Fits => write!(text, ": it fits, {off:.1} kg off."),
            Reason::BeganShift => {
                write!(text, ": {off:.1} kg off, most likely the beginning of a lasting change.")
            }
            Reason::Repaired(slip) => {
                write!(text, ": taken in as {:.1} kg, {slip}.", self.came_kg * slip.factor())
            }
            Reason::OtherUnit(slip) => {
                write!(text, ": it looks like {:.1} {slip}.", self.came_kg / slip.recorded.kilograms())
            }
            Reason::BodyMassIndex => write!(text, ": it looks like a body mass index recorded as a weight."),
            Reason::DecimalSlip => write!(text, ": it looks like a decimal point in the wrong place."),
            Reason::SwappedDigits => write!(text, ": it looks like two digits that changed places."),
            Reason::OtherPerson => write!(text, ": it looks like another person who uses this scale."),
            Reason::Unsafe => write!(text, ": no body is believed to weigh that."),
            Reason::OutOfPattern => {
                write!(text, ": {off:.1} kg off, and it fits nothing that is known of this person.")
            }
        };
        text
    }

    /// What would have changed the verdict, in one sentence.
    #[must_use]
    pub fn what_would_change_it(&self) -> String {
        match self.accepted_kg {
            Some((low, high)) if self.likeliest().rejects() => {
                format!(
                    "A value from {low:.1} to {high:.1} kg would have been taken in; readings that follow and agree with this one would bring it back."
                )
            }
            Some((low, high)) => {
                format!(
                    "A value below {low:.1} or above {high:.1} kg would have been weighed against other explanations and refused."
                )
            }
            None => {
                "No value would have been taken in on its own: more readings have to agree first.".to_owned()
            }
        }
    }
}

/// Everything a value may be, over all stories.
fn possibilities(stories: &[Hypothesis], scene: &Scene<'_>) -> Vec<Possibility> {
    let mut all: Vec<Possibility> = Vec::new();
    let mut add = |reason, chance: f64| match all.iter_mut().find(|known| known.reason == reason) {
        Some(known) => known.chance += chance,
        None => all.push(Possibility { reason, chance }),
    };
    for story in stories {
        let face = scene.face(story);
        let weighed = scene.weigh(story, &face);
        let mirror = weighed.mirror.map_or(0.0, |(_, weight)| weight);
        add(Reason::Fits, story.share * (weighed.fits + mirror));
        add(Reason::BeganShift, story.share * weighed.shift);
        if let Some((slip, weight)) = weighed.slip {
            let repaired = scene.source.repair_units;
            add(
                if repaired { Reason::Repaired(slip) } else { Reason::OtherUnit(slip) },
                story.share * weight,
            );
        }
        refused(story, scene, &face, &weighed, &mut add);
    }
    let total: f64 = all.iter().fold(0.0, |sum, possibility| sum + possibility.chance);
    if total > 0.0 {
        for possibility in &mut all {
            possibility.chance /= total;
        }
    } else {
        all = vec![Possibility { reason: scene.unexplained(), chance: 1.0 }];
    }
    all.retain(|possibility| possibility.chance > 0.0);
    all.sort_by(|a, b| b.chance.total_cmp(&a.chance));
    all
}

/// Splits what a story refuses into what it may be.
fn refused(
    story: &Hypothesis,
    scene: &Scene<'_>,
    face: &Face,
    weighed: &Weighed,
    add: &mut impl FnMut(Reason, f64),
) {
    if weighed.reason == Reason::Unsafe {
        add(Reason::Unsafe, story.share * weighed.refuse);
        return;
    }
    let basis: Basis<'_> = scene.basis(story, face);
    let others = alternatives::others(&scene.seen, &basis);
    let total = others.iter().fold(0.0, |sum, other| sum + other.weight);
    if total > 0.0 {
        for other in others {
            add(other.reason, story.share * weighed.refuse * other.weight / total);
        }
    }
}

/// How far either way a value may be off and still be taken in, by halving.
fn accepted(story: &Hypothesis, scene: &Scene<'_>, face: &Face) -> Option<(f64, f64)> {
    let taken_in = |kg: f64| {
        let scene = scene.with_kg(kg);
        let face = scene.face(story);
        if scene.plain(story, &face) {
            return true;
        }
        let weighed = scene.weigh(story, &face);
        let slip = weighed.slip.map_or(0.0, |(_, weight)| weight);
        weighed.fits > weighed.refuse && weighed.fits > slip && weighed.fits > weighed.shift
    };
    let middle = face.expected.value;
    if !taken_in(middle) {
        return None;
    }
    let edge = |direction: f64| {
        let (mut inside, mut outside) = (0.0, 60.0);
        for _ in 0..30 {
            let half = 0.5 * (inside + outside);
            if taken_in(middle + direction * half) { inside = half } else { outside = half }
        }
        middle + direction * inside
    };
    Some((edge(-1.0), edge(1.0)))
}
