//! Taking bytes apart.

use reweigh_reading::Instant;
use xxhash_rust::xxh3::xxh3_64;

use super::SnapshotError;

pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

const CHECKSUM: usize = 8;

impl<'a> Reader<'a> {
    /// Checks version and checksum, and begins after the version.
    pub(super) fn open(bytes: &'a [u8], known: u8) -> Result<Self, SnapshotError> {
        let found = *bytes.first().ok_or(SnapshotError::Empty)?;
        if found != known {
            return Err(SnapshotError::Version { found, known });
        }
        let torn = SnapshotError::Torn { what: "the checksum", at: bytes.len() };
        let split =
            bytes.len().checked_sub(CHECKSUM).filter(|split| *split > 0).ok_or_else(|| torn.clone())?;
        let (body, checksum) = bytes.split_at_checked(split).ok_or_else(|| torn.clone())?;
        let found = u64::from_le_bytes(checksum.try_into().map_err(|_| torn)?);
        let made = xxh3_64(body);
        if found != made {
            return Err(SnapshotError::Checksum { found, made });
        }
        Ok(Self { bytes: body, at: 1 })
    }

    pub(super) fn malformed(&self, what: &'static str) -> SnapshotError {
        SnapshotError::Malformed { what, at: self.at }
    }

    pub(super) fn close(self) -> Result<(), SnapshotError> {
        if self.at == self.bytes.len() { Ok(()) } else { Err(self.malformed("trailing bytes")) }
    }

    fn take(&mut self, len: usize, what: &'static str) -> Result<&'a [u8], SnapshotError> {
        let end = self.at.checked_add(len).ok_or_else(|| self.malformed(what))?;
        let taken = self.bytes.get(self.at..end).ok_or(SnapshotError::Torn { what, at: self.at })?;
        self.at = end;
        Ok(taken)
    }

    pub(super) fn array<const N: usize>(&mut self, what: &'static str) -> Result<[u8; N], SnapshotError> {
        self.take(N, what)?.try_into().map_err(|_| self.malformed(what))
    }

    pub(super) fn byte(&mut self, what: &'static str) -> Result<u8, SnapshotError> {
        self.array::<1>(what).map(|[byte]| byte)
    }

    pub(super) fn number(&mut self, what: &'static str) -> Result<f64, SnapshotError> {
        self.array(what).map(|bytes| f64::from_bits(u64::from_le_bytes(bytes)))
    }

    pub(super) fn half(&mut self, what: &'static str) -> Result<f32, SnapshotError> {
        self.array(what).map(|bytes| f32::from_bits(u32::from_le_bytes(bytes)))
    }

    pub(super) fn instant(&mut self, what: &'static str) -> Result<Instant, SnapshotError> {
        let micros = i64::from_le_bytes(self.array(what)?);
        Instant::from_unix_micros(micros).map_err(|_| self.malformed(what))
    }

    pub(super) fn varint(&mut self, what: &'static str) -> Result<u64, SnapshotError> {
        let mut number = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte(what)?;
            let bits = u64::from(byte & 0x7f);
            if shift == 63 && bits > 1 {
                return Err(self.malformed(what));
            }
            number |= bits << shift;
            if byte & 0x80 == 0 {
                // The shortest form is the only one: a number has no leading zeros.
                let shortest = byte != 0 || shift == 0;
                return if shortest { Ok(number) } else { Err(self.malformed(what)) };
            }
        }
        Err(self.malformed(what))
    }

    pub(super) fn near(&mut self, what: &'static str, to: Instant) -> Result<Instant, SnapshotError> {
        let written = self.varint(what)?;
        let folded = written >> 1;
        let distance = (folded >> 1).cast_signed() ^ -(folded & 1).cast_signed();
        let whole = written & 1 == 1;
        // One way to write a distance: whole seconds are never written as microseconds.
        let micros = if whole { distance.checked_mul(1_000_000) } else { Some(distance) };
        let micros = micros.filter(|micros| whole || micros % 1_000_000 != 0);
        let at = micros
            .and_then(|micros| to.unix_micros().checked_sub(micros))
            .and_then(|micros| Instant::from_unix_micros(micros).ok());
        at.ok_or_else(|| self.malformed(what))
    }

    pub(super) fn small(&mut self, what: &'static str) -> Result<u32, SnapshotError> {
        u32::try_from(self.varint(what)?).map_err(|_| self.malformed(what))
    }

    pub(super) fn count(&mut self, what: &'static str, most: usize) -> Result<usize, SnapshotError> {
        let found = usize::try_from(self.varint(what)?).map_err(|_| self.malformed(what))?;
        if found > most { Err(SnapshotError::Dimension { what, found, most }) } else { Ok(found) }
    }

    pub(super) fn text(&mut self, what: &'static str, most: usize) -> Result<&'a str, SnapshotError> {
        let len = usize::try_from(self.varint(what)?).ok().filter(|len| *len <= most);
        let bytes = self.take(len.ok_or_else(|| self.malformed(what))?, what)?;
        std::str::from_utf8(bytes).map_err(|_| self.malformed(what))
    }

    /// A byte of which only the lowest bits may be set.
    pub(super) fn flags(&mut self, what: &'static str, known: u32) -> Result<u8, SnapshotError> {
        let flags = self.byte(what)?;
        if u32::from(flags) >> known == 0 { Ok(flags) } else { Err(self.malformed(what)) }
    }
}
