//! A reading as settled, as `--output`, `export readings`, `show --json` and `explain --json` write it.

use reweigh::{StoryLine, UserStory};
use reweigh_state::{Outcome, Reason};
use serde::Serialize;

/// One reading. The names are the columns of the contract, in its order.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Row<'a> {
    pub(crate) user_id: &'a str,
    pub(crate) at: String,
    pub(crate) source: &'a str,
    pub(crate) id: String,
    pub(crate) revision: u32,
    pub(crate) weight_kg: f64,
    pub(crate) verdict: &'static str,
    pub(crate) reason: Option<&'static str>,
    pub(crate) repaired_from: Option<&'static str>,
    pub(crate) estimate_kg: Option<f64>,
    pub(crate) low_kg: Option<f64>,
    pub(crate) high_kg: Option<f64>,
    pub(crate) trend_kg_per_week: Option<f64>,
    pub(crate) smoothed_kg: Option<f64>,
    pub(crate) nis: Option<f64>,
    pub(crate) quality: Option<f64>,
    pub(crate) reset: Option<&'static str>,
    pub(crate) provisional: Option<&'a str>,
}

/// The columns of a table of rows.
pub(crate) const COLUMNS: [&str; 18] = [
    "user_id",
    "at",
    "source",
    "id",
    "revision",
    "weight_kg",
    "verdict",
    "reason",
    "repaired_from",
    "estimate_kg",
    "low_kg",
    "high_kg",
    "trend_kg_per_week",
    "smoothed_kg",
    "nis",
    "quality",
    "reset",
    "provisional",
];

impl<'a> Row<'a> {
    /// The row of a line, if the line is a reading with a verdict.
    pub(crate) fn of(line: &'a StoryLine, provisional: Option<&'a str>) -> Option<Self> {
        let (measure, verdict) = (line.fact.measure()?, line.verdict?);
        let fact = &line.fact;
        // What stands in the place of another, or was taken back, was not weighed: it has no reason of its own.
        let weighed = matches!(verdict.outcome, Outcome::Accepted | Outcome::Rejected | Outcome::Held);
        let interval = line.estimate.map(|estimate| estimate.interval_kg());
        Some(Self {
            user_id: fact.user().as_str(),
            at: fact.at().to_string(),
            source: fact.source().as_str(),
            id: fact.id().to_string(),
            revision: fact.revision().get(),
            weight_kg: fine(measure.kilograms().get()),
            verdict: verdict.outcome.as_str(),
            reason: weighed.then(|| verdict.reason.code()),
            repaired_from: if let Reason::Repaired(slip) = verdict.reason
                && weighed
            {
                Some(slip.measured.symbol())
            } else {
                None
            },
            estimate_kg: line.estimate.map(|estimate| fine(estimate.level_kg)),
            low_kg: interval.map(|(low, _)| fine(low)),
            high_kg: interval.map(|(_, high)| fine(high)),
            trend_kg_per_week: line.estimate.map(|estimate| fine(estimate.trend_kg_per_week())),
            smoothed_kg: line.smoothed_kg.map(fine),
            nis: line.nis.map(fine),
            quality: line.quality.map(fine),
            reset: line.reset.map(reweigh_state::AuditedReset::as_str),
            provisional,
        })
    }

    /// The rows of a story, in event order.
    pub(crate) fn all(story: &'a UserStory) -> impl Iterator<Item = Self> {
        let provisional = story.provisional.as_ref().map(reweigh::Provisional::code);
        story.lines.iter().filter_map(move |line| Self::of(line, provisional))
    }
}

/// A number to four digits behind the point: a tenth of a gram. No zero has a sign.
pub(crate) fn fine(value: f64) -> f64 {
    (value * 1e4).round() / 1e4 + 0.0
}
