//! Observations of FHIR: body weights and heights.

use reweigh_reading::{Action, Excerpt, MadeId, Measure, ReadingId, Revision};
use serde::Deserialize;

use crate::batch::{Sink, Skip};
use crate::elements::Target;
use crate::json_rows::{Objects, first_value, parsed};
use crate::maker::{Maker, Parts};
use crate::refusal::Refusal;
use crate::scalar::Scalar;

/// LOINC: body weight.
const BODY_WEIGHT: &str = "29463-7";

/// LOINC: body height.
const BODY_HEIGHT: &str = "8302-2";

/// The resources of a bundle, of lines, or one alone.
pub(crate) struct Fhir;

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Resource<'a> {
    #[serde(borrow, rename = "resourceType")]
    kind: Scalar<'a>,
    /// What an entry of a bundle holds.
    #[serde(borrow, rename = "resource")]
    held: Option<Box<Resource<'a>>>,
    #[serde(borrow)]
    id: Scalar<'a>,
    #[serde(borrow)]
    meta: Option<Meta<'a>>,
    #[serde(borrow)]
    status: Scalar<'a>,
    #[serde(borrow)]
    code: Option<Concept<'a>>,
    #[serde(borrow)]
    subject: Option<Reference<'a>>,
    #[serde(borrow)]
    effective_date_time: Scalar<'a>,
    #[serde(borrow)]
    effective_instant: Scalar<'a>,
    #[serde(borrow)]
    effective_period: Option<Period<'a>>,
    #[serde(borrow)]
    value_quantity: Option<Quantity<'a>>,
    #[serde(borrow)]
    device: Option<Reference<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Meta<'a> {
    #[serde(borrow)]
    version_id: Scalar<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Concept<'a> {
    #[serde(borrow)]
    coding: Vec<Coding<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Coding<'a> {
    #[serde(borrow)]
    system: Scalar<'a>,
    #[serde(borrow)]
    code: Scalar<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Reference<'a> {
    #[serde(borrow, rename = "reference")]
    target: Scalar<'a>,
    #[serde(borrow)]
    identifier: Option<Identifier<'a>>,
    #[serde(borrow)]
    display: Scalar<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Identifier<'a> {
    #[serde(borrow)]
    value: Scalar<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Period<'a> {
    #[serde(borrow)]
    start: Scalar<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Quantity<'a> {
    #[serde(borrow)]
    value: Scalar<'a>,
    #[serde(borrow)]
    unit: Scalar<'a>,
    #[serde(borrow)]
    code: Scalar<'a>,
}

/// Just enough of a resource to see what it is.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Kind<'a> {
    #[serde(borrow, rename = "resourceType")]
    name: Scalar<'a>,
    #[serde(borrow, rename = "resource")]
    held: Option<Box<Kind<'a>>>,
}

impl Kind<'_> {
    fn is_observation(&self) -> bool {
        match &self.held {
            Some(held) => held.is_observation(),
            None => self.name.text() == Some("Observation"),
        }
    }
}

impl Objects for Fhir {
    const TARGETS: &'static [Target] = &[("entry", 1)];

    fn object(&mut self, text: &str, maker: &mut Maker, sink: &mut Sink<'_>) -> Result<(), Refusal> {
        let resource = match parsed::<Resource<'_>>(text) {
            Ok(resource) => resource,
            // Resources of other types may have fields of the same names and other shapes.
            Err(refusal) => match parsed::<Kind<'_>>(text) {
                Ok(kind) if !kind.is_observation() => {
                    sink.skip(Skip::OtherResource);
                    return Ok(());
                }
                Ok(_) | Err(_) => return Err(refusal),
            },
        };
        let mut resource = &resource;
        while let Some(held) = &resource.held {
            resource = held;
        }
        if resource.kind.text() != Some("Observation") {
            sink.skip(Skip::OtherResource);
        } else if resource.has_code(BODY_WEIGHT) || resource.has_code(BODY_HEIGHT) {
            let fact = resource.fact(maker, sink)?;
            sink.fact(fact);
        } else {
            sink.skip(Skip::OtherMeasurement);
        }
        Ok(())
    }

    fn begins_a_row(text: &[u8]) -> bool {
        first_value::<Kind<'_>>(text).is_some_and(|kind| kind.is_observation())
    }
}

/// What the status of an observation makes of it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    Told,
    ToldAgain,
    TakenBack,
}

impl Resource<'_> {
    fn has_code(&self, code: &str) -> bool {
        let codings = self.code.iter().flat_map(|concept| &concept.coding);
        codings.into_iter().any(|coding| {
            coding.code.text() == Some(code)
                && coding
                    .system
                    .text()
                    .is_none_or(|system| system.trim_end_matches('/').ends_with("loinc.org"))
        })
    }

    fn fact(&self, maker: &mut Maker, sink: &mut Sink<'_>) -> Result<reweigh_reading::Fact, Refusal> {
        let standing = self.standing()?;
        let user = maker.user(self.patient())?;
        let at = maker.date(self.effective())?;
        let device = self.device.as_ref();
        let source =
            maker.source(device.and_then(|device| device.display.text().or(device.target.text())))?;
        let revision = self.revision(standing);
        let mut parts = Parts { user, at, source, id: self.id.text(), revision };
        if standing == Standing::TakenBack {
            // Without an id of its own, the reading that is taken back is the one that says the same.
            let made = match parts.id {
                Some(_) => None,
                None => self.weight(maker).ok().map(|measure| {
                    ReadingId::from(MadeId::of_reading(&parts.user, &parts.source, parts.at.at, measure))
                        .to_string()
                }),
            };
            parts.id = parts.id.or(made.as_deref());
            return maker.admit(parts, Action::Retract, maker.file_received(), sink.tally);
        }
        let action = if self.has_code(BODY_WEIGHT) {
            Action::Add(self.weight(maker)?)
        } else {
            let quantity = self.value_quantity.as_ref();
            let (value, unit) = quantity.map(Quantity::parts).unwrap_or_default();
            Action::Height(maker.plain_height(value, unit)?)
        };
        maker.admit(parts, action, maker.file_received(), sink.tally)
    }

    fn weight(&self, maker: &Maker) -> Result<Measure, Refusal> {
        let (value, unit) = self.value_quantity.as_ref().map(Quantity::parts).unwrap_or_default();
        maker.plain_weight(value, unit)
    }

    fn standing(&self) -> Result<Standing, Refusal> {
        match self.status.text().unwrap_or_default() {
            "final" | "preliminary" => Ok(Standing::Told),
            "amended" | "corrected" | "appended" => Ok(Standing::ToldAgain),
            "entered-in-error" => Ok(Standing::TakenBack),
            other => Err(Refusal::Status { status: Excerpt::new(other) }),
        }
    }

    /// The version of the resource counts from 1, a revision from 0. Without a number what was told again is the
    /// first revision after the first telling.
    fn revision(&self, standing: Standing) -> Revision {
        let version = self.meta.as_ref().and_then(|meta| meta.version_id.text());
        let number = version.and_then(|text| text.parse::<u32>().ok());
        let told_again = u32::from(standing != Standing::Told);
        Revision::new(number.map_or(told_again, |number| number.saturating_sub(1)))
    }

    /// The id behind `Patient/`, or the whole reference, or the identifier.
    fn patient(&self) -> Option<&str> {
        let subject = self.subject.as_ref()?;
        let reference = subject.target.text().map(|reference| match reference.rsplit_once("Patient/") {
            Some((_, id)) => id.split_once("/_history").map_or(id, |(id, _)| id),
            None => reference,
        });
        reference.or_else(|| subject.identifier.as_ref()?.value.text())
    }

    fn effective(&self) -> Option<&str> {
        let start = || self.effective_period.as_ref().and_then(|period| period.start.text());
        self.effective_date_time.text().or(self.effective_instant.text()).or_else(start)
    }
}

impl Quantity<'_> {
    /// The value and its unit: the code of UCUM rather than what people read.
    fn parts(&self) -> (Option<&str>, Option<&str>) {
        (self.value.text(), self.code.text().or(self.unit.text()))
    }
}
