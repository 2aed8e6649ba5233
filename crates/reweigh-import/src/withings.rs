//! Answers of the measure service of Withings.

use reweigh_reading::{Action, Height, Instant, InstantForm, InstantRead, Measure, Revision, Unit};
use serde::Deserialize;

use crate::batch::{Sink, Skip};
use crate::elements::Target;
use crate::json_rows::{Objects, first_value, parsed};
use crate::maker::{Maker, Parts};
use crate::refusal::Refusal;
use crate::scalar::Scalar;

/// What a scale of Withings reports is said to be of this source.
pub(crate) const SOURCE: &str = "withings";

/// Groups of measures that were taken at one moment.
pub(crate) struct WithingsGroups;

#[derive(Deserialize)]
struct Group<'a> {
    #[serde(borrow)]
    grpid: Scalar<'a>,
    #[serde(default)]
    attrib: i64,
    date: i64,
    #[serde(default)]
    created: i64,
    #[serde(default)]
    modified: i64,
    #[serde(default = "measured")]
    category: i64,
    measures: Vec<Part>,
}

/// The category of what was measured; the other is what somebody wants to reach.
fn measured() -> i64 {
    1
}

/// One measure: `value` times ten to the power of `unit`, in kilograms or metres.
#[derive(Deserialize)]
struct Part {
    value: i64,
    #[serde(rename = "type")]
    kind: i64,
    unit: i32,
}

impl Part {
    const WEIGHT: i64 = 1;
    const HEIGHT: i64 = 4;

    /// The number nearest to what was written.
    fn number(&self) -> f64 {
        format!("{}e{}", self.value, self.unit).parse().unwrap_or(f64::NAN)
    }
}

impl Objects for WithingsGroups {
    const TARGETS: &'static [Target] = &[("measuregrps", 2), ("measuregrps", 1)];

    fn object(&mut self, text: &str, maker: &mut Maker, sink: &mut Sink<'_>) -> Result<(), Refusal> {
        let group: Group<'_> = parsed(text)?;
        if group.category != measured() {
            sink.skip(Skip::Goal);
            return Ok(());
        }
        let weight = group.measures.iter().find(|part| part.kind == Part::WEIGHT);
        let height = group.measures.iter().find(|part| part.kind == Part::HEIGHT);
        let id = group.grpid.text();
        // A height beside a weight would have the same id.
        let height_id = id.map(|id| format!("{id}-height"));
        let mut facts = Vec::new();
        if let Some(weight) = weight {
            let action = Action::Add(Measure::new(weight.number(), Unit::Kilogram)?);
            let parts = group.parts(id, maker)?;
            facts.push(maker.admit(parts, action, maker.file_received(), sink.tally)?);
        }
        if let Some(height) = height {
            let action = Action::Height(Height::new(height.number())?);
            let parts = group.parts(height_id.as_deref(), maker)?;
            facts.push(maker.admit(parts, action, maker.file_received(), sink.tally)?);
        }
        if facts.is_empty() {
            sink.skip(Skip::OtherMeasurement);
        }
        for fact in facts {
            sink.fact(fact);
        }
        Ok(())
    }

    fn begins_a_row(text: &[u8]) -> bool {
        first_value::<Group<'_>>(text).is_some()
    }
}

impl Group<'_> {
    fn parts<'i>(&self, id: Option<&'i str>, maker: &mut Maker) -> Result<Parts<'i>, Refusal> {
        let source = match self.attrib {
            // A device took it, and may have taken one of its users for another.
            1 => "withings-ambiguous",
            2 | 4 => "withings-manual",
            _ => SOURCE,
        };
        // Withings counts no revisions. How long after its first storing a group was changed grows with each change.
        let changed = u32::try_from(self.modified.saturating_sub(self.created)).unwrap_or(0);
        let at = Instant::from_unix_seconds(self.date)?;
        Ok(Parts {
            user: maker.user(None)?,
            at: InstantRead { at, form: InstantForm::Absolute },
            source: maker.source(Some(source))?,
            id,
            revision: Revision::new(if self.created == 0 { 0 } else { changed }),
        })
    }
}
