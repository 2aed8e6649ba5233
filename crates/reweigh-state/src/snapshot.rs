//! A state as bytes, and back.

mod reader;
mod stories;
#[cfg(test)]
mod tests;
mod writer;

use reweigh_reading::{GivenId, Instant, MadeId, OrderKey, ReadingId, Source};

use crate::checked::{Checked, Expectations, Violations};
use crate::fingerprint::{Chain, Fingerprint};
use crate::reset::ResetKind;
use crate::state::{Adaptation, Fading, Hypothesis, PastReset, Scale, Tally, UserState, Window};
use reader::Reader;
use writer::Writer;

/// The version this crate writes.
pub const SNAPSHOT_VERSION: u8 = 1;

/// Why bytes are no state. Nothing was changed by the attempt.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SnapshotError {
    /// There are no bytes at all.
    #[error("the snapshot is empty; fold from an older one, or from the first fact")]
    Empty,
    /// It ends too early.
    #[error(
        "the snapshot is torn: {what} is missing at byte {at}; fold from an older one, or from the first fact"
    )]
    Torn {
        /// What was to come.
        what: &'static str,
        /// Where.
        at: usize,
    },
    /// Its checksum does not fit.
    #[error(
        "the snapshot is corrupt: checksum {found:016x}, its bytes give {made:016x}; fold from an older one, or from \
             the first fact"
    )]
    Checksum {
        /// What is written.
        found: u64,
        /// What the bytes give.
        made: u64,
    },
    /// It is of another version.
    #[error(
        "the snapshot is of version {found}, this program reads version {known}; use the program that wrote it"
    )]
    Version {
        /// Its version.
        found: u8,
        /// The version that is read here.
        known: u8,
    },
    /// It is of a model of another size.
    #[error("the snapshot has {found} {what}, at most {most} are known; use the program that wrote it")]
    Dimension {
        /// Of what.
        what: &'static str,
        /// How many it has.
        found: usize,
        /// How many there may be.
        most: usize,
    },
    /// A field of it has no such value, or not in that form.
    #[error(
        "the snapshot is corrupt: impossible {what} at byte {at}; fold from an older one, or from the first fact"
    )]
    Malformed {
        /// The field.
        what: &'static str,
        /// Where it ends; of trailing bytes, where they begin.
        at: usize,
    },
    /// It decodes, but breaks rules.
    #[error("the snapshot breaks {} of its rules; fold from an older one, or from the first fact", .0.findings.len())]
    Invalid(#[source] Violations),
}

impl SnapshotError {
    /// A word for logs and JSON, for ever the same.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "snapshot_empty",
            Self::Torn { .. } => "snapshot_torn",
            Self::Checksum { .. } => "snapshot_checksum",
            Self::Version { .. } => "snapshot_version",
            Self::Dimension { .. } => "snapshot_dimension",
            Self::Malformed { .. } => "snapshot_malformed",
            Self::Invalid(_) => "snapshot_invalid",
        }
    }
}

impl UserState {
    /// The state as bytes: 624 to 990 in the usual case, 3,979 at most.
    ///
    /// ```
    /// use reweigh_state::{Checked, Expectations, Fingerprint, Profile, UserState};
    ///
    /// let policy = Profile::Balanced.policy().check().unwrap();
    /// let fingerprint = Fingerprint::of(1, &policy);
    /// let bytes = UserState::unborn(fingerprint).encode();
    /// let expectations = Expectations { fingerprint, policy: &policy };
    /// let back = Checked::decode(&bytes, &expectations).unwrap();
    /// assert_eq!(back.encode(), bytes);
    /// assert!(Checked::decode(&bytes[1..], &expectations).is_err());
    /// ```
    ///
    /// The layout of [version](SNAPSHOT_VERSION) 1, little-endian throughout; `varint` is LEB128:
    ///
    /// | bytes | what |
    /// |---|---|
    /// | 1 | version, 1 |
    /// | 16 + 16 | fingerprint, chain |
    /// | varints | readings, accepted, rejected, shifts, resets in all |
    /// | 1 | flags: 1 key, 2 height, 4 adaptation, 8 last reading, 16 shares |
    /// | 8, text, id | the key: instant, source, id |
    /// | 8 | height |
    /// | 59 to 67 | adaptation: kind, instant, factors of level, trend and noise, decay, days, threshold; varints: readings, most readings |
    /// | 8 | last reading |
    /// | 1 + 9 n | resets: kind, instant |
    /// | 1 + n | scales: hash, last reading |
    /// | 1 + n | window: the last instant's distance to the last reading, then each one's to the next |
    /// | 1 + n | stories |
    /// | 8 | xxh3-64 of everything before |
    ///
    /// An instant is microseconds of Unix time; a text is its length as a varint and its bytes; an id is 0 and
    /// the 16 bytes of a made one, or 1 and the text of a given one; a number is the bits of an IEEE 754 double,
    /// a half those of a single; kinds, reasons and slips are their tags. A distance is how many microseconds
    /// an instant is before another, as a zigzag varint; in a story the other is the last reading. A story:
    ///
    /// | bytes | what |
    /// |---|---|
    /// | 8 | share, if the flags say so: they do unless every share is exactly one |
    /// | 8 s | means of the s states in use: 4, and one more for each scale but the first |
    /// | 4 s (s + 1) | their covariance, the lower triangle row by row |
    /// | 8 each | noise of each scale: readings and squares, as halves |
    /// | 9 + 4 s each | readings of the window: reason, smoothed level, variance, covariances with the states |
    /// | 1 + n | refused values: kilograms as half, distance |
    /// | varints | accepted, other person's, refused in a row |
    /// | 1 | flags: 1 other unit, 2 last accepted |
    /// | 10 + n | other unit: scale, slip, distance, kilograms recorded |
    /// | n | last accepted: distance |
    ///
    /// Only the states, scales and window places that are in use are written; the others have one value each
    /// in memory too ([`Rule::StateCanonical`](crate::Rule::StateCanonical)), so decoding gives back the very
    /// same state. The bytes are canonical: equal states have equal bytes, and bytes that decode are those that
    /// the decoded state encodes to.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.byte(SNAPSHOT_VERSION);
        writer.bytes(&self.fingerprint.number().to_le_bytes());
        writer.bytes(&self.chain.number().to_le_bytes());
        let tally = self.tally;
        for count in [self.readings, tally.accepted, tally.rejected, tally.shifts, self.resets_in_all] {
            writer.varint(count);
        }
        let flags = u8::from(self.key.is_some())
            | u8::from(self.height_m.is_some()) << 1
            | u8::from(self.adaptation.active()) << 2
            | u8::from(self.last_reading.is_some()) << 3
            | u8::from(shares_written(&self.hypotheses)) << 4;
        writer.byte(flags);
        if let Some(key) = &self.key {
            write_key(&mut writer, key);
        }
        if let Some(height) = self.height_m {
            writer.number(height);
        }
        if self.adaptation.active() {
            write_adaptation(&mut writer, &self.adaptation);
        }
        if let Some(at) = self.last_reading {
            writer.instant(at);
        }
        writer.count(self.resets.len());
        for reset in &self.resets {
            writer.byte(reset.kind.tag());
            writer.instant(reset.at);
        }
        writer.count(self.scales.iter().flatten().count());
        for scale in self.scales.iter().flatten() {
            writer.bytes(&scale.source.to_le_bytes());
            writer.varint(scale.last);
        }
        write_window(&mut writer, self);
        writer.count(self.hypotheses.len());
        for story in &self.hypotheses {
            stories::write(&mut writer, story, self, flags & 16 != 0);
        }
        writer.finish()
    }

    /// The state of bytes, unchecked: for tools that look at broken ones.
    ///
    /// # Errors
    ///
    /// Why the bytes are no state, [`SnapshotError::Invalid`] excepted.
    pub fn decode_unchecked(bytes: &[u8]) -> Result<Self, SnapshotError> {
        let mut reader = Reader::open(bytes, SNAPSHOT_VERSION)?;
        let fingerprint = Fingerprint::from_number(u128::from_le_bytes(reader.array("fingerprint")?));
        let mut state = Self::unborn(fingerprint);
        state.chain = Chain::from_number(u128::from_le_bytes(reader.array("chain")?));
        state.readings = reader.varint("readings")?;
        state.tally = Tally {
            accepted: reader.varint("accepted")?,
            rejected: reader.varint("rejected")?,
            shifts: reader.varint("shifts")?,
        };
        state.resets_in_all = reader.varint("resets in all")?;
        let flags = reader.flags("flags", 5)?;
        if flags & 1 != 0 {
            state.key = Some(read_key(&mut reader)?);
        }
        if flags & 2 != 0 {
            state.height_m = Some(reader.number("height")?);
        }
        if flags & 4 != 0 {
            state.adaptation = read_adaptation(&mut reader)?;
        }
        if flags & 8 != 0 {
            state.last_reading = Some(reader.instant("last reading")?);
        }
        for _ in 0..reader.count("resets", crate::state::RESETS_KEPT)? {
            let kind = ResetKind::from_tag(reader.byte("kind of a reset")?);
            let kind = kind.ok_or_else(|| reader.malformed("kind of a reset"))?;
            state.resets.push(PastReset { kind, at: reader.instant("instant of a reset")? });
        }
        let scales = reader.count("scales", reweigh_filter::SCALES)?;
        for slot in state.scales.iter_mut().take(scales) {
            let source = u64::from_le_bytes(reader.array("source of a scale")?);
            *slot = Some(Scale { source, last: reader.varint("last reading of a scale")? });
        }
        state.window = read_window(&mut reader, &state)?;
        let count = reader.count("stories", crate::state::HYPOTHESES)?;
        for _ in 0..count {
            let story = stories::read(&mut reader, &state, flags & 16 != 0)?;
            state.hypotheses.push(story);
        }
        if shares_written(&state.hypotheses) != (flags & 16 != 0) {
            return Err(reader.malformed("shares"));
        }
        reader.close()?;
        Ok(state)
    }
}

impl Checked<UserState> {
    /// The state of bytes, held against every rule.
    ///
    /// # Errors
    ///
    /// Why the bytes are no state, or no valid one.
    pub fn decode(bytes: &[u8], expectations: &Expectations<'_>) -> Result<Self, SnapshotError> {
        Self::state(UserState::decode_unchecked(bytes)?, expectations).map_err(SnapshotError::Invalid)
    }
}

/// Whether shares are written: a story that is alone has a share of one, up to rounding.
fn shares_written(stories: &[Hypothesis]) -> bool {
    stories.iter().any(|story| story.share.to_bits() != 1.0_f64.to_bits())
}

fn write_key(writer: &mut Writer, key: &OrderKey) {
    writer.instant(key.at());
    writer.text(key.source().as_str());
    match key.id() {
        ReadingId::Made(made) => {
            writer.byte(0);
            writer.bytes(&made.bytes());
        }
        ReadingId::Given(given) => {
            writer.byte(1);
            writer.text(given.as_str());
        }
    }
}

fn read_key(reader: &mut Reader<'_>) -> Result<OrderKey, SnapshotError> {
    let at = reader.instant("instant of the key")?;
    let text = reader.text("source of the key", Source::BYTES_MAX)?;
    // A constructor trims; what it would trim was not written by us.
    let source = Source::new(text).ok().filter(|source| source.as_str() == text);
    let source = source.ok_or_else(|| reader.malformed("source of the key"))?;
    let id = match reader.byte("id of the key")? {
        0 => ReadingId::Made(MadeId::from_bytes(reader.array("id of the key")?)),
        1 => {
            let text = reader.text("id of the key", GivenId::BYTES_MAX)?;
            let given = GivenId::new(text).ok().filter(|given| given.as_str() == text);
            ReadingId::Given(given.ok_or_else(|| reader.malformed("id of the key"))?)
        }
        _ => return Err(reader.malformed("id of the key")),
    };
    Ok(OrderKey::new(at, source, id))
}

fn write_adaptation(writer: &mut Writer, adaptation: &Adaptation) {
    writer.byte(adaptation.kind.map_or(u8::MAX, ResetKind::tag));
    writer.instant(adaptation.since);
    let factors = adaptation.factors;
    for number in [
        factors.level,
        factors.trend,
        factors.noise,
        adaptation.decay,
        adaptation.days_max,
        adaptation.threshold,
    ] {
        writer.number(number);
    }
    writer.varint(u64::from(adaptation.readings));
    writer.varint(u64::from(adaptation.readings_max));
}

fn read_adaptation(reader: &mut Reader<'_>) -> Result<Adaptation, SnapshotError> {
    let kind = ResetKind::from_tag(reader.byte("kind of the adaptation")?);
    let kind = kind.ok_or_else(|| reader.malformed("kind of the adaptation"))?;
    let since = reader.instant("instant of the adaptation")?;
    let level = reader.number("level factor")?;
    let trend = reader.number("trend factor")?;
    let noise = reader.number("noise factor")?;
    let decay = reader.number("decay")?;
    let days_max = reader.number("days of the adaptation")?;
    let threshold = reader.number("threshold of the adaptation")?;
    let readings = reader.small("readings of the adaptation")?;
    let readings_max = reader.small("most readings of the adaptation")?;
    let factors = Fading { level, trend, noise };
    Ok(Adaptation { kind: Some(kind), since, factors, decay, readings, readings_max, days_max, threshold })
}

/// The instants of the window, each as its distance to the next, from the last reading backwards.
fn write_window(writer: &mut Writer, state: &UserState) {
    writer.count(state.window.len());
    let mut next = state.last_reading.unwrap_or(Instant::UNIX_EPOCH);
    let instants: Vec<Instant> = state.window.iter().map(|pending| pending.at).collect();
    for at in instants.into_iter().rev() {
        writer.near(at, next);
        next = at;
    }
}

fn read_window(reader: &mut Reader<'_>, state: &UserState) -> Result<Window, SnapshotError> {
    let len = reader.count("readings in the window", reweigh_filter::LAGS)?;
    let first =
        state.readings.checked_sub(len as u64).ok_or_else(|| reader.malformed("length of the window"))?;
    let mut next = state.last_reading.unwrap_or(Instant::UNIX_EPOCH);
    let mut instants = Vec::with_capacity(len);
    for _ in 0..len {
        next = reader.near("instant of the window", next)?;
        instants.push(next);
    }
    let mut window = Window::empty_at(first);
    for at in instants.into_iter().rev() {
        let _ = window.push(at);
    }
    Ok(window)
}
