//! Small numbers and texts as bytes, and back.

/// What bytes are not. The caller knows where they stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Malformed(pub(crate) String);

impl Malformed {
    pub(crate) fn new(what: &str) -> Self {
        Self(format!("{what} cannot be read"))
    }
}

/// Appends a number in as few bytes as it needs, seven bits each (LEB128).
pub(crate) fn put_varint(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(low_byte(number) | 0x80);
        number >>= 7;
    }
    bytes.push(low_byte(number));
}

#[expect(clippy::cast_possible_truncation, reason = "the low byte is what is asked for")]
fn low_byte(number: u64) -> u8 {
    number as u8
}

/// Signed numbers near zero become small ones: 0, -1, 1, -2, …
pub(crate) fn zigzag(number: i64) -> u64 {
    (number.cast_unsigned() << 1) ^ (number >> 63).cast_unsigned()
}

pub(crate) fn unzigzag(number: u64) -> i64 {
    (number >> 1).cast_signed() ^ -(number & 1).cast_signed()
}

pub(crate) fn put_text(bytes: &mut Vec<u8>, text: &str) {
    put_varint(bytes, text.len() as u64);
    bytes.extend_from_slice(text.as_bytes());
}

/// Reads bytes from front to back. Nothing in it trusts them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(crate) fn left(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn take(&mut self, count: usize, what: &str) -> Result<&'a [u8], Malformed> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or_else(|| Malformed::new(what))?;
        self.0 = rest;
        Ok(taken)
    }

    pub(crate) fn array<const N: usize>(&mut self, what: &str) -> Result<[u8; N], Malformed> {
        let (taken, rest) = self.0.split_first_chunk::<N>().ok_or_else(|| Malformed::new(what))?;
        self.0 = rest;
        Ok(*taken)
    }

    pub(crate) fn byte(&mut self, what: &str) -> Result<u8, Malformed> {
        self.array::<1>(what).map(|[byte]| byte)
    }

    pub(crate) fn varint(&mut self, what: &str) -> Result<u64, Malformed> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte(what)?;
            let part = u64::from(byte & 0x7f);
            if shift == 63 && part > 1 {
                break;
            }
            number |= part << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(Malformed::new(what))
    }

    /// A count of things that take a byte each at least: never more than there are bytes.
    pub(crate) fn count(&mut self, what: &str) -> Result<usize, Malformed> {
        let count = usize::try_from(self.varint(what)?).map_err(|_| Malformed::new(what))?;
        if count <= self.left() { Ok(count) } else { Err(Malformed::new(what)) }
    }

    pub(crate) fn text(&mut self, what: &str) -> Result<&'a str, Malformed> {
        let count = self.count(what)?;
        str::from_utf8(self.take(count, what)?).map_err(|_| Malformed::new(what))
    }

    pub(crate) fn end(&self, what: &str) -> Result<(), Malformed> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(Malformed(format!("{what} goes on for {} bytes", self.left())))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back() {
        for number in [0, 1, 127, 128, 300, u64::from(u32::MAX), u64::MAX - 1, u64::MAX] {
            let mut bytes = Vec::new();
            put_varint(&mut bytes, number);
            let mut reader = Reader::new(&bytes);
            assert_eq!(reader.varint("it").unwrap(), number);
            assert!(reader.end("it").is_ok());
        }
        for number in [0, -1, 1, i64::MIN, i64::MAX] {
            assert_eq!(unzigzag(zigzag(number)), number);
        }
        assert_eq!([zigzag(0), zigzag(-1), zigzag(1), zigzag(-2)], [0, 1, 2, 3]);
    }

    #[test]
    fn bytes_are_not_trusted() {
        assert!(Reader::new(&[0xff; 11]).varint("it").is_err());
        assert!(Reader::new(&[0x80]).varint("it").is_err());
        assert!(Reader::new(&[200, 1, 0]).count("it").is_err());
        assert!(Reader::new(&[2, 0xc3, 0x28]).text("it").is_err());
        assert!(Reader::new(&[5, b'a']).text("it").is_err());
    }
}
