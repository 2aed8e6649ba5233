//! Readings of body weight and the facts about them, as types that cannot hold nonsense.
//!
//! Everything that enters Reweigh becomes a [`Fact`] first: a reading, an amendment, a retraction, a manual reset or
//! a height, said about one user, for one instant, by one source. Its parts can only be built through constructors
//! that check them, and decoding goes through the same ones, so whoever holds a fact need not look again.
//!
//! ```
//! use reweigh_reading::{
//!     Fact, Instant, InstantFormat, InstantReader, Limits, MeasureReader, Meeting, Source, UserId, Zone, admit,
//! };
//!
//! // A row of a file, and what its reader was told about the file.
//! let (user, at, weight, unit) = ("anna", "2024-01-31 07:15:00", "176.4", "LBS ");
//! let instants = InstantReader::new("Europe/Berlin".parse::<Zone>()?, InstantFormat::Standard);
//! let measures = MeasureReader::default();
//!
//! let measure = measures.read(weight, Some(measures.unit(unit)?))?;
//! let at = instants.read(at)?.at;
//! let fact = Fact::reading(UserId::new(user)?, at, Source::unknown(), measure);
//!
//! // The edge: decided once, before the fact is kept.
//! let received: Instant = "2024-01-31T08:00:00Z".parse()?;
//! let fact = admit(fact, received, &Limits::default())?;
//! assert_eq!(fact.at().to_string(), "2024-01-31T06:15:00Z");
//!
//! // Met again it is a duplicate; told otherwise it is a conflict that content decides.
//! assert_eq!(fact.meet(&fact.clone()), Meeting::Duplicate);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! What is not here: storage, threads, arithmetic on estimates, a clock. Time comes in as a value or through a
//! [`Clock`]; zones come from a database that is built in. No environment, file or locale is read.

mod action;
mod admit;
mod clock;
mod fact;
mod grammar;
mod height;
mod id;
mod instant;
mod instant_reader;
mod kilograms;
mod measure;
mod name;
mod number;
mod order_key;
mod payload;
mod reject;
mod reset_reason;
mod revision;
#[cfg(test)]
mod strategies;
mod text;
mod unit;
mod zone;

pub use action::Action;
pub use action::ActionError;
pub use action::ActionKind;
pub use admit::Limits;
pub use admit::LimitsError;
pub use admit::admit;
pub use admit::admits;
pub use clock::Clock;
pub use fact::Fact;
pub use height::Height;
pub use height::HeightError;
pub use id::GivenId;
pub use id::MadeId;
pub use id::ReadingId;
pub use instant::Elapsed;
pub use instant::Instant;
pub use instant_reader::DatePattern;
pub use instant_reader::DatePatternError;
pub use instant_reader::InstantError;
pub use instant_reader::InstantForm;
pub use instant_reader::InstantFormat;
pub use instant_reader::InstantRead;
pub use instant_reader::InstantReader;
pub use kilograms::Kilograms;
pub use measure::Measure;
pub use measure::MeasureError;
pub use measure::MeasureReader;
pub use name::Source;
pub use name::UserId;
pub use number::DecimalMark;
pub use order_key::OrderKey;
pub use payload::Meeting;
pub use payload::Payload;
pub use reject::Reject;
pub use reset_reason::ResetReason;
pub use revision::Revision;
pub use revision::RevisionError;
pub use text::Excerpt;
pub use text::TextError;
pub use text::TextField;
pub use unit::Unit;
pub use unit::UnitAliases;
pub use unit::UnitError;
pub use zone::Zone;
pub use zone::ZoneError;
