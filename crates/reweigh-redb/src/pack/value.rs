//! Weights and heights, which people write with few decimals.

use crate::bytes::{Malformed, Reader, put_varint, unzigzag, zigzag};

/// Powers of ten that are exact, as many as there are exponents.
const TENS: [f64; 10] = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];

/// Stands for eight bytes.
const RAW: u64 = 15;

/// Whole numbers up to here are exact, and leave room for the exponent.
const WHOLE_MAX: f64 = 1e15;

/// The last value of each exponent, and the last exponent.
#[derive(Debug, Default)]
pub(super) struct Values {
    last: [i64; TENS.len()],
    exponent: usize,
}

impl Values {
    pub(super) fn put(&mut self, bytes: &mut Vec<u8>, value: f64) {
        let Some((exponent, whole)) = decimal(value) else {
            put_varint(bytes, RAW << 1 | 1);
            bytes.extend_from_slice(&value.to_bits().to_le_bytes());
            return;
        };
        let last = self.last.get_mut(exponent).map(|last| std::mem::replace(last, whole)).unwrap_or_default();
        let distance = zigzag(whole - last);
        if exponent == self.exponent {
            put_varint(bytes, distance << 1);
        } else {
            put_varint(bytes, (exponent as u64) << 1 | 1);
            put_varint(bytes, distance);
            self.exponent = exponent;
        }
    }

    pub(super) fn take(&mut self, reader: &mut Reader<'_>) -> Result<f64, Malformed> {
        let bad = || Malformed::new("a value");
        let number = reader.varint("a value")?;
        let distance = match (number & 1, number >> 1) {
            (0, distance) => distance,
            (_, RAW) => return Ok(f64::from_bits(u64::from_le_bytes(reader.array("a value")?))),
            (_, exponent) => {
                self.exponent = usize::try_from(exponent).map_err(|_| bad())?;
                reader.varint("a value")?
            }
        };
        let (Some(ten), Some(last)) = (TENS.get(self.exponent), self.last.get_mut(self.exponent)) else {
            return Err(bad());
        };
        let whole = last.checked_add(unzigzag(distance)).ok_or_else(bad)?;
        if whole.unsigned_abs() > 1 << 53 {
            return Err(bad());
        }
        *last = whole;
        Ok(float(whole) / ten)
    }
}

#[expect(clippy::cast_precision_loss, reason = "callers keep it below 2^53")]
fn float(whole: i64) -> f64 {
    whole as f64
}

/// The fewest decimals that give exactly this value back. Division rounds once and alike everywhere.
fn decimal(value: f64) -> Option<(usize, i64)> {
    for (exponent, ten) in TENS.iter().enumerate() {
        let whole = (value * ten).round();
        // Not for zero: the sign of zero would be lost. Nothing that is kept is zero.
        if !(1.0..=WHOLE_MAX).contains(&whole) {
            if whole > WHOLE_MAX {
                return None;
            }
            continue;
        }
        if (whole / ten).to_bits() == value.to_bits() {
            #[expect(clippy::cast_possible_truncation, reason = "it is whole and below 10^15")]
            return Some((exponent, whole as i64));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(value: f64, bytes_max: usize) {
        let (mut bytes, mut put, mut take) = (Vec::new(), Values::default(), Values::default());
        put.put(&mut bytes, value);
        assert!(bytes.len() <= bytes_max, "{value} took {} bytes", bytes.len());
        let mut reader = Reader::new(&bytes);
        assert_eq!(take.take(&mut reader).unwrap().to_bits(), value.to_bits());
        assert_eq!(reader.left(), 0);
    }

    #[test]
    fn what_people_write_is_short() {
        for (value, bytes) in [(80.5, 3), (80.0, 2), (176.4, 3), (82.35, 4), (1.815, 3), (0.1 + 0.2, 9)] {
            check(value, bytes);
        }
        let (mut bytes, mut values) = (Vec::new(), Values::default());
        values.put(&mut bytes, 80.5);
        let first = bytes.len();
        values.put(&mut bytes, 80.9);
        assert_eq!(bytes.len() - first, 1, "what is near the last one is a byte");
    }

    #[test]
    fn any_value_comes_back() {
        for value in
            [f64::MIN_POSITIVE, 5e-324, f64::MAX, 10_000.0, 1e15, 1e15 + 2.0, 1.0 / 3.0, 0.000_000_001]
        {
            check(value, 9);
        }
    }

    #[test]
    fn wrong_bytes_are_an_error() {
        for bytes in [&[0x1d, 0][..], &[0x1f, 1, 2], &[0xff; 10]] {
            assert!(Values::default().take(&mut Reader::new(bytes)).is_err());
        }
    }
}
