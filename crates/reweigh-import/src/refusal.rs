//! Why a row becomes no fact.

use reweigh_reading::{Excerpt, InstantError, Reject, TextError, TextField, Unit};

use crate::column::Key;

/// Why a row becomes no fact: what is wrong with its content, or with its shape.
///
/// [`code`](Self::code) names the reason for ever; the text is for people and may change.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// A part of it is none, or it is outside the limits.
    #[error(transparent)]
    Content(#[from] Reject),
    /// The column `received_at` cannot be told, so nobody knows whether the row was dated ahead.
    #[error("of the time of receipt: {0}")]
    Received(InstantError),
    /// The unit column and the header name two units.
    #[error("the row says {row} and the header says {header}")]
    UnitAgainstHeader {
        /// What the row says.
        row: Unit,
        /// What the header says.
        header: Unit,
    },
    /// Fewer fields than columns.
    #[error("the row has {fields} fields and the header {columns}; it may have been cut off")]
    RowShort {
        /// How many it has.
        fields: usize,
        /// How many the header has.
        columns: usize,
    },
    /// More fields than columns, and something in them.
    #[error(
        "the row has {fields} fields and the header {columns}; a field with a delimiter in it needs quotes"
    )]
    RowLong {
        /// How many it has.
        fields: usize,
        /// How many the header has.
        columns: usize,
    },
    /// More bytes than any row has.
    #[error("the row has more than {bytes_max} bytes")]
    RowTooLarge {
        /// The most that is taken.
        bytes_max: usize,
    },
    /// A quote that is not closed, or closed in the middle of a field.
    #[error("a quote is opened and not closed at the end of its field")]
    QuoteOpen,
    /// No JSON, or JSON of another shape.
    #[error("this is not JSON of the expected shape: {what}")]
    Json {
        /// What the parser says.
        what: Box<str>,
    },
    /// Two keys of one object mean the same.
    #[error("two keys of the object fit {key}")]
    TwoKeys {
        /// The key.
        key: Key,
    },
    /// No XML.
    #[error("this is not a well-formed element: {what}")]
    Xml {
        /// What the parser says.
        what: Box<str>,
    },
    /// A status of FHIR under which a value is none.
    #[error("an observation of status {status} is not a reading")]
    Status {
        /// The status.
        status: Excerpt,
    },
    /// Neither the file nor its numbers tell the unit.
    #[error("nothing tells whether this is in kilograms or pounds; make a table of it with a unit")]
    UnitUntold,
}

impl Refusal {
    /// A name for the reason that never changes, for rejects, JSON and audit.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Content(reject) => reject.code(),
            Self::Received(_) => "received_unreadable",
            Self::UnitAgainstHeader { .. } => "unit_against_header",
            Self::RowShort { .. } => "row_short",
            Self::RowLong { .. } => "row_long",
            Self::RowTooLarge { .. } => "row_too_large",
            Self::QuoteOpen => "row_quote_open",
            Self::Json { .. } => "row_not_json",
            Self::TwoKeys { .. } => "row_two_keys",
            Self::Xml { .. } => "row_not_xml",
            Self::Status { .. } => "fhir_status",
            Self::UnitUntold => "unit_untold",
        }
    }

    pub(crate) fn xml(what: &str) -> Self {
        Self::Xml { what: what.into() }
    }

    pub(crate) fn missing_id() -> Self {
        Self::missing(TextField::Id, reweigh_reading::GivenId::BYTES_MAX)
    }

    pub(crate) fn missing_user() -> Self {
        Self::missing(TextField::User, reweigh_reading::UserId::BYTES_MAX)
    }

    fn missing(field: TextField, max: usize) -> Self {
        Self::Content(TextError::Missing { field, max }.into())
    }
}

/// Anything that a fact's part is refused for is a refusal of the row.
macro_rules! from_parts {
    ($($part:ty),*) => {
        $(impl From<$part> for Refusal {
            fn from(error: $part) -> Self {
                Self::Content(error.into())
            }
        })*
    };
}

from_parts!(
    TextError,
    InstantError,
    reweigh_reading::MeasureError,
    reweigh_reading::UnitError,
    reweigh_reading::HeightError,
    reweigh_reading::RevisionError,
    reweigh_reading::ActionError
);
