//! The one row of a user.

use redb::ReadableTable;
use reweigh_reading::UserId;
use reweigh_state::{Chain, Mark};
use reweigh_store::{Arrivals, Kept, Loaded, Pinned, Place, Seen, Version};
use serde::{Deserialize, Serialize};

use crate::blob::Blob;
use crate::bytes::{Reader, put_varint};
use crate::fault::Fault;
use crate::records::{instant, order_key, take_cause};
use crate::row::{BadRow, open_as};
use crate::tables::{HEADS_KIND, sortable};

/// A user. Keys are their sortable bytes.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct HeadV1<'a> {
    /// How often facts came.
    pub(crate) facts_number: u64,
    /// How often a state was settled.
    pub(crate) state_number: u64,
    /// Facts in all, every telling counted once.
    pub(crate) facts: u64,
    /// Rows of corrections.
    pub(crate) corrections: u64,
    /// The lowest key that is not folded.
    pub(crate) mark: Option<Vec<u8>>,
    /// What came since the last settled state.
    pub(crate) arrivals: Vec<(u64, Vec<u8>)>,
    /// Snapshots from a key on, made up to a number of state, that are of no use.
    pub(crate) stale: Vec<(Vec<u8>, u64)>,
    #[serde(borrow)]
    pub(crate) settled: Option<SettledV1<'a>>,
    /// The snapshot before the open page.
    pub(crate) opening: Option<SnapshotV1<'a>>,
    /// Where the open page begins; none while it is the only one.
    pub(crate) bound: Option<Vec<u8>>,
    /// The facts of the open page, packed.
    pub(crate) open: Blob<'a>,
    /// Their verdicts, two bytes each.
    pub(crate) verdicts: Blob<'a>,
    /// Earlier versions, the newest first.
    pub(crate) versions: Blob<'a>,
    pub(crate) pin: Option<PinV1<'a>>,
    pub(crate) erased: Option<i64>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct SettledV1<'a> {
    pub(crate) key: Option<Vec<u8>>,
    pub(crate) at: i64,
    #[serde(borrow)]
    pub(crate) state: Blob<'a>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct SnapshotV1<'a> {
    pub(crate) key: Vec<u8>,
    /// The number of the settled state it was made with.
    pub(crate) made: u64,
    #[serde(borrow)]
    pub(crate) state: Blob<'a>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct PinV1<'a> {
    #[serde(borrow)]
    pub(crate) state: Blob<'a>,
    pub(crate) version: Option<u64>,
    pub(crate) cause: (u8, u8),
    pub(crate) since: i64,
}

/// How many times facts that came late are told apart. Older ones are merged, which only makes snapshots stale.
const STALE_MOST: usize = 4;

impl HeadV1<'_> {
    /// About how many bytes its row takes.
    pub(crate) fn bytes(&self) -> usize {
        let states = [
            self.settled.as_ref().map(|settled| settled.state.0.len()),
            self.opening.as_ref().map(|opening| opening.state.0.len()),
            self.pin.as_ref().map(|pin| pin.state.0.len()),
        ];
        let blobs = [&self.open, &self.verdicts, &self.versions].map(|blob| blob.0.len());
        512 + states.into_iter().flatten().chain(blobs).sum::<usize>()
    }

    pub(crate) fn seen(&self) -> Seen {
        Seen { facts: self.facts_number, state: self.state_number }
    }

    pub(crate) fn mark(&self) -> Result<Mark, BadRow> {
        self.mark.as_deref().map_or(Ok(Mark::default()), |key| order_key(key).map(Mark::at))
    }

    pub(crate) fn arrivals(&self) -> Result<Arrivals, BadRow> {
        let entries = self.arrivals.iter().map(|(number, key)| Ok((*number, order_key(key)?)));
        entries.collect::<Result<_, BadRow>>().map(Arrivals::from_entries)
    }

    pub(crate) fn set_arrivals(&mut self, arrivals: &Arrivals) {
        self.arrivals = arrivals.entries().iter().map(|(number, key)| (*number, sortable(key))).collect();
    }

    /// Whether a snapshot after this key, made with that number of state, holds what it should.
    pub(crate) fn holds(&self, key: &[u8], made: u64) -> bool {
        !self.stale.iter().any(|(from, upto)| from.as_slice() <= key && made <= *upto)
    }

    /// Facts came at or after this key, and snapshots after it hold them no more.
    pub(crate) fn make_stale(&mut self, from: &[u8]) {
        let late =
            self.settled.as_ref().and_then(|settled| settled.key.as_deref()).is_some_and(|key| from <= key);
        if !late {
            return;
        }
        self.stale.retain(|(key, _)| key.as_slice() < from);
        self.stale.push((from.to_vec(), self.state_number));
        while self.stale.len() > STALE_MOST {
            let (old, _) = self.stale.remove(0);
            if let Some((key, _)) = self.stale.first_mut() {
                *key = old;
            }
        }
    }

    pub(crate) fn pinned(&self) -> Result<Option<Pinned>, BadRow> {
        let Some(pin) = &self.pin else { return Ok(None) };
        Ok(Some(Pinned {
            state: Kept::from_bytes(pin.state.0.to_vec()),
            version: pin.version,
            cause: take_cause(pin.cause)?,
            since: instant(pin.since)?,
        }))
    }

    pub(crate) fn loaded(&self) -> Result<Loaded, BadRow> {
        let settled = self.settled.as_ref();
        Ok(Loaded {
            seen: self.seen(),
            state: settled.map(|settled| Kept::from_bytes(settled.state.0.to_vec())),
            settled: settled.map(|settled| instant(settled.at)).transpose()?,
            mark: self.mark()?,
            pin: self.pinned()?,
            facts: self.facts,
            erased: self.erased.map(instant).transpose()?,
        })
    }

    /// All versions, the newest first: the settled state is one.
    pub(crate) fn versions(&self) -> Result<Vec<Version>, BadRow> {
        let mut versions = Vec::new();
        versions.extend(self.newest_version()?);
        let mut reader = Reader::new(&self.versions.0);
        while reader.left() > 0 {
            versions.push(take_version(&mut reader)?);
        }
        Ok(versions)
    }

    /// The version that the settled state is.
    pub(crate) fn newest_version(&self) -> Result<Option<Version>, BadRow> {
        let Some(settled) = &self.settled else { return Ok(None) };
        let state = Kept::from_bytes(settled.state.0.to_vec());
        let state = state.look().map_err(|error| BadRow(error.to_string()))?;
        Ok(Some(Version::of(self.state_number, instant(settled.at)?, &state)))
    }

    /// Makes room for a new settled state: the old one becomes the first of the earlier versions.
    pub(crate) fn push_version(&mut self) {
        // A state that cannot be read is no version. It is replaced, and the check would have told of it.
        let Ok(Some(newest)) = self.newest_version() else { return };
        let mut bytes = Vec::with_capacity(self.versions.0.len() + newest.state.as_bytes().len() + 32);
        put_version(&mut bytes, &newest);
        bytes.extend_from_slice(&self.versions.0);
        self.versions = Blob::owned(bytes);
    }

    /// Each of the earlier versions as it is kept, the newest first. What cannot be read, and what comes after it, is
    /// none; the check tells of it.
    pub(crate) fn earlier(&self) -> Vec<&[u8]> {
        let mut versions = Vec::new();
        let mut reader = Reader::new(&self.versions.0);
        while reader.left() > 0 {
            let mut whole = reader;
            if take_version(&mut reader).is_err() {
                break;
            }
            versions.extend(whole.take(whole.left() - reader.left(), "a version").ok());
        }
        versions
    }
}

fn put_version(bytes: &mut Vec<u8>, version: &Version) {
    put_varint(bytes, version.number);
    bytes.extend_from_slice(&version.made.unix_micros().to_le_bytes());
    bytes.extend_from_slice(&version.chain.number().to_le_bytes());
    put_varint(bytes, version.state.as_bytes().len() as u64);
    bytes.extend_from_slice(version.state.as_bytes());
}

pub(crate) fn take_version(reader: &mut Reader<'_>) -> Result<Version, BadRow> {
    let number = reader.varint("a version's number")?;
    let made = instant(i64::from_le_bytes(reader.array("a version's instant")?))?;
    let chain = Chain::from_number(u128::from_le_bytes(reader.array("a version's chain")?));
    let count = reader.count("a version's state")?;
    let state = Kept::from_bytes(reader.take(count, "a version's state")?.to_vec());
    Ok(Version { number, made, chain, state })
}

/// The bytes of a user's head.
pub(crate) fn head_row(
    heads: &impl ReadableTable<&'static [u8], &'static [u8]>,
    user: &UserId,
) -> Result<Option<Vec<u8>>, Fault> {
    Ok(heads.get(user.as_str().as_bytes())?.map(|row| row.value().to_vec()))
}

/// The head in these bytes.
pub(crate) fn head_of<'a>(user: &UserId, row: &'a [u8]) -> Result<HeadV1<'a>, Fault> {
    let head = open_as(HEADS_KIND, user.as_str().as_bytes(), row);
    head.map_err(|bad| Fault::Store(bad.at(Place::of_user(HEADS_KIND.name, user))))
}
