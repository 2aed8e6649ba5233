//! How far a workflow has come.

use std::fmt;

use thiserror::Error;

/// Wave X of Y: which group of tasks is under way. Wave 0 means that none has begun.
///
/// ```
/// use reweigh_progress::Wave;
///
/// assert_eq!(Wave::new(2, 5)?.to_string(), "Wave 2/5");
/// assert!(Wave::new(6, 5).is_err());
/// # Ok::<(), reweigh_progress::InvalidWave>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Wave {
    current: u32,
    total: u32,
}

/// A wave beyond the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("wave {current} of {total}: the current wave may not be beyond the last")]
pub struct InvalidWave {
    current: u32,
    total: u32,
}

impl Wave {
    /// Takes the current wave, counted from 1, and how many there are.
    ///
    /// # Errors
    /// When `current` is beyond `total`.
    pub fn new(current: u32, total: u32) -> Result<Self, InvalidWave> {
        if current <= total { Ok(Self { current, total }) } else { Err(InvalidWave { current, total }) }
    }

    /// The wave under way, counted from 1; 0 before the first.
    pub fn current(self) -> u32 {
        self.current
    }

    /// How many waves there are.
    pub fn total(self) -> u32 {
        self.total
    }

    /// Reads `Wave X/Y`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (current, total) = text.strip_prefix("Wave ")?.split_once('/')?;
        Self::new(number(current)?, number(total)?).ok()
    }
}

/// Digits and nothing else: `u32::from_str` also takes a `+`.
pub(crate) fn number(digits: &str) -> Option<u32> {
    if digits.bytes().all(|byte| byte.is_ascii_digit()) { digits.parse().ok() } else { None }
}

impl fmt::Display for Wave {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Wave {}/{}", self.current, self.total)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_exact_form_is_read() {
        assert_eq!(Wave::parse("Wave 2/5"), Wave::new(2, 5).ok());
        for text in [
            "wave 2/5",
            "Wave 6/5",
            "Wave 2",
            "Wave 2/",
            "Wave +2/5",
            "Wave 2/5 (done)",
            "Wave 2/99999999999",
        ] {
            assert_eq!(Wave::parse(text), None, "{text}");
        }
    }
}
