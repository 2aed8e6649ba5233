//! Why an operator asked for a reset.

use std::sync::Arc;

use serde::Deserialize;

use crate::text::{TextError, TextField, checked, short_text};

/// Why an operator asked for a reset: 1 to 256 bytes, by the rules of [`UserId`](crate::UserId).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct ResetReason(Arc<str>);

impl ResetReason {
    /// The longest reason, in bytes.
    pub const BYTES_MAX: usize = 256;

    /// Takes a reason, or says why it is none.
    ///
    /// # Errors
    ///
    /// Nothing left after trimming, more than [`BYTES_MAX`](Self::BYTES_MAX) bytes, or a control character.
    pub fn new(text: &str) -> Result<Self, TextError> {
        checked(TextField::Reason, text, Self::BYTES_MAX).map(|text| Self(text.into()))
    }
}

short_text!(ResetReason);
