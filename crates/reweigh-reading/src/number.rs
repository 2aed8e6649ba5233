//! Decimal numbers in text.

use std::borrow::Cow;
use std::fmt;

use crate::text::Excerpt;

/// The sign between a number's whole part and its fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DecimalMark {
    /// `80.5`
    Point,
    /// `80,5`
    Comma,
}

impl DecimalMark {
    fn byte(self) -> u8 {
        match self {
            Self::Point => b'.',
            Self::Comma => b',',
        }
    }
}

impl fmt::Display for DecimalMark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Point => "`.`",
            Self::Comma => "`,`",
        })
    }
}

#[derive(Debug)]
pub(crate) enum NumberError {
    Missing,
    NotANumber { text: Excerpt, mark: DecimalMark },
    NotFinite,
}

/// Splits a text into the number it begins with and what stands behind.
///
/// A sign, digits with at most one mark, and an exponent that has digits. `nan` and `inf` are recognised so that
/// they get their own reason. What follows may be a unit but neither mark, nor an underscore that groups digits.
pub(crate) fn leading(text: &str, mark: DecimalMark) -> Result<(f64, &str), NumberError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(NumberError::Missing);
    }
    let bad = || NumberError::NotANumber { text: Excerpt::new(text), mark };
    let end = length(text.as_bytes(), mark.byte());
    let (number, rest) = text.split_at_checked(end).ok_or_else(bad)?;
    if end == 0 {
        let word = text.trim_start_matches(['+', '-']);
        let infinite = ["nan", "inf", "infinity"].iter().any(|name| word.eq_ignore_ascii_case(name));
        return Err(if infinite { NumberError::NotFinite } else { bad() });
    }
    if rest.starts_with(['.', ',', '_']) {
        return Err(bad());
    }
    let number = match mark {
        DecimalMark::Point => Cow::Borrowed(number),
        DecimalMark::Comma => Cow::Owned(number.replace(',', ".")),
    };
    let value: f64 = number.parse().map_err(|_| bad())?;
    if value.is_finite() { Ok((value, rest)) } else { Err(NumberError::NotFinite) }
}

/// How many bytes of the number grammar `text` begins with; 0 if it begins with no number.
fn length(text: &[u8], mark: u8) -> usize {
    let digits = |from: usize| text.iter().skip(from).take_while(|byte| byte.is_ascii_digit()).count();
    let is = |at: usize, bytes: &[u8]| text.get(at).is_some_and(|byte| bytes.contains(byte));

    let start = usize::from(is(0, b"+-"));
    let whole = digits(start);
    let mut end = start + whole;
    let fraction = if is(end, &[mark]) { digits(end + 1) } else { 0 };
    if whole + fraction == 0 {
        return 0;
    }
    if is(end, &[mark]) {
        end += 1 + fraction;
    }
    if is(end, b"eE") {
        let sign = usize::from(is(end + 1, b"+-"));
        let exponent = digits(end + 1 + sign);
        if exponent > 0 {
            end += 1 + sign + exponent;
        }
    }
    end
}
