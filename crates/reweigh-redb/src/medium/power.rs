//! A medium that loses power.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use redb::StorageBackend;

use super::{Backend, Medium};

/// The bytes that a disk writes whole or not at all.
const SECTOR: usize = 512;

/// Files in memory that keep what is *written* apart from what is *durable*.
///
/// What is written is read back at once, as from any disk. It is durable once it was synced. Until then a power cut
/// may lose it, keep it, or keep any part of it in sectors of 512 bytes, in any order. Names that are given or taken
/// away are durable once their folder was synced, and are lost from the last one back. Every operation that changes
/// something is counted, and the power goes out at any of them. Clones are the same medium.
///
/// ```
/// use reweigh_redb::{Fate, Medium, PowerMedium};
/// use redb::StorageBackend;
///
/// let medium = PowerMedium::new();
/// let file = medium.create("x".as_ref())?;
/// file.write(0, b"durable")?;
/// file.sync_data()?;
/// medium.sync_names("x".as_ref())?;
/// file.write(0, b"written")?;
/// medium.reboot(&mut |_| Fate::Lost);
/// let file = medium.open("x".as_ref())?.unwrap();
/// let mut bytes = [0; 7];
/// file.read(0, &mut bytes)?;
/// assert_eq!(&bytes, b"durable");
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct PowerMedium(Arc<Mutex<World>>);

/// What becomes of what was written to a file and not synced when the power goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// All of it is lost.
    Lost,
    /// All of it is kept.
    Kept,
    /// Each sector of each write is lost or kept, by this seed.
    Torn(u64),
}

#[derive(Debug, Clone, Default)]
struct World {
    names: BTreeMap<PathBuf, usize>,
    durable_names: BTreeMap<PathBuf, usize>,
    renamed: Vec<NameChange>,
    files: Vec<Bytes>,
    notes: BTreeMap<PathBuf, String>,
    /// Handles of an earlier boot are of no use.
    boot: u64,
    operations: u64,
    cut_at: Option<u64>,
    room: Option<u64>,
    failing: Option<io::ErrorKind>,
    lying: bool,
}

#[derive(Debug, Clone)]
enum NameChange {
    Given(PathBuf, usize),
    Taken(PathBuf),
}

#[derive(Debug, Clone, Default)]
struct Bytes {
    now: Vec<u8>,
    durable: Vec<u8>,
    unsynced: Vec<Change>,
}

#[derive(Debug, Clone)]
enum Change {
    Write { offset: usize, data: Vec<u8> },
    Len(usize),
}

impl Change {
    fn apply(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Write { offset, data } => put(bytes, *offset, data),
            Self::Len(len) => bytes.resize(*len, 0),
        }
    }

    /// Applies the sectors that the dice keep.
    fn tear(&self, bytes: &mut Vec<u8>, dice: &mut u64) {
        match self {
            Self::Len(_) if roll(dice) => self.apply(bytes),
            Self::Len(_) => {}
            Self::Write { offset, data } => {
                let mut done = 0;
                while done < data.len() {
                    let upto = (SECTOR - (offset + done) % SECTOR).min(data.len() - done) + done;
                    if roll(dice) {
                        put(bytes, offset + done, data.get(done..upto).unwrap_or_default());
                    }
                    done = upto;
                }
            }
        }
    }
}

fn put(bytes: &mut Vec<u8>, offset: usize, data: &[u8]) {
    let end = offset + data.len();
    if bytes.len() < end {
        bytes.resize(end, 0);
    }
    if let Some(place) = bytes.get_mut(offset..end) {
        place.copy_from_slice(data);
    }
}

/// A coin, by Marsaglia's xorshift.
fn roll(dice: &mut u64) -> bool {
    *dice ^= *dice << 13;
    *dice ^= *dice >> 7;
    *dice ^= *dice << 17;
    *dice & 0x100 != 0
}

fn out() -> io::Error {
    io::Error::other("the power is out")
}

impl World {
    /// Counts an operation that changes something. Says whether the power goes out at it.
    fn step(&mut self) -> io::Result<bool> {
        if let Some(kind) = self.failing {
            return Err(kind.into());
        }
        let number = self.operations;
        self.operations += 1;
        match self.cut_at {
            Some(cut) if number > cut => Err(out()),
            cut => Ok(cut == Some(number)),
        }
    }

    /// For operations that are done whole or not at all.
    fn whole_step(&mut self) -> io::Result<()> {
        if self.step()? { Err(out()) } else { Ok(()) }
    }

    fn give(&mut self, name: &Path, file: usize) {
        self.names.insert(name.to_owned(), file);
        self.renamed.push(NameChange::Given(name.to_owned(), file));
    }

    fn take(&mut self, name: &Path) {
        if self.names.remove(name).is_some() {
            self.renamed.push(NameChange::Taken(name.to_owned()));
        }
    }

    fn has_room(&self, file: usize, len: usize) -> bool {
        let others = self.files.iter().enumerate().filter(|(other, _)| *other != file);
        let used: usize = others.map(|(_, bytes)| bytes.now.len()).sum();
        self.room.is_none_or(|room| (used + len) as u64 <= room)
    }
}

impl PowerMedium {
    /// An empty medium with power.
    pub fn new() -> Self {
        Self::default()
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A medium of its own that is as this one is.
    #[must_use]
    pub fn copy(&self) -> Self {
        Self(Arc::new(Mutex::new(self.world().clone())))
    }

    /// Lets the power go out at an operation, counted from now on; never, if there is none.
    pub fn cut_at(&self, operation: Option<u64>) {
        let mut world = self.world();
        world.operations = 0;
        world.cut_at = operation;
    }

    /// How many operations there were since [`cut_at`](Self::cut_at), those that failed for want of power included.
    pub fn operations(&self) -> u64 {
        self.world().operations
    }

    /// Bounds the bytes of all files together: beyond it the disk is full.
    pub fn set_room(&self, bytes: Option<u64>) {
        self.world().room = bytes;
    }

    /// Lets every operation that changes something, and every opening, fail in this way.
    pub fn fail_with(&self, kind: Option<io::ErrorKind>) {
        self.world().failing = kind;
    }

    /// Lets the medium say that it synced a file when it did not, as some disks do. No store survives that, so tests
    /// of a store must fail on it.
    pub fn set_lying(&self, lying: bool) {
        self.world().lying = lying;
    }

    /// Turns the power off and on again. Handles from before are of no use any more.
    pub fn reboot(&self, fate: &mut dyn FnMut(&Path) -> Fate) {
        let mut guard = self.world();
        let world = &mut *guard;
        let mut fates: BTreeMap<usize, Fate> = BTreeMap::new();
        let mut names_kept = 0;
        for (name, file) in world.names.iter().chain(&world.durable_names) {
            fates.entry(*file).or_insert_with(|| fate(name));
        }
        let names_fate = fate(Path::new("."));
        let mut dice = match names_fate {
            Fate::Torn(seed) => seed | 1,
            Fate::Lost | Fate::Kept => 1,
        };
        while names_kept < world.renamed.len()
            && (names_fate == Fate::Kept || (names_fate != Fate::Lost && roll(&mut dice)))
        {
            names_kept += 1;
        }
        for change in world.renamed.drain(..).take(names_kept) {
            match change {
                NameChange::Given(name, file) => drop(world.durable_names.insert(name, file)),
                NameChange::Taken(name) => drop(world.durable_names.remove(&name)),
            }
        }
        world.names = world.durable_names.clone();
        for (file, bytes) in world.files.iter_mut().enumerate() {
            let unsynced = std::mem::take(&mut bytes.unsynced);
            match fates.get(&file).copied().unwrap_or(Fate::Lost) {
                Fate::Lost => {}
                Fate::Kept => {
                    for change in &unsynced {
                        change.apply(&mut bytes.durable);
                    }
                }
                Fate::Torn(seed) => {
                    let mut dice = seed | 1;
                    for change in &unsynced {
                        change.tear(&mut bytes.durable, &mut dice);
                    }
                }
            }
            bytes.now = bytes.durable.clone();
        }
        world.boot += 1;
        world.cut_at = None;
        world.operations = 0;
    }

    /// The bytes of a file, for tests that damage them.
    pub fn bytes(&self, path: &Path) -> Option<Vec<u8>> {
        let world = self.world();
        world.names.get(path).and_then(|file| world.files.get(*file)).map(|bytes| bytes.now.clone())
    }

    /// Puts bytes in a file's place, durable at once.
    pub fn set_bytes(&self, path: &Path, bytes: Vec<u8>) {
        let mut world = self.world();
        let file = world.files.len();
        world.files.push(Bytes { now: bytes.clone(), durable: bytes, unsynced: Vec::new() });
        world.names.insert(path.to_owned(), file);
        world.durable_names.insert(path.to_owned(), file);
    }

    fn backend(&self, file: usize) -> Backend {
        Backend::new(PowerFile { medium: self.clone(), file, boot: self.world().boot })
    }
}

impl Medium for PowerMedium {
    fn open(&self, path: &Path) -> io::Result<Option<Backend>> {
        if let Some(kind) = self.world().failing {
            return Err(kind.into());
        }
        let file = self.world().names.get(path).copied();
        Ok(file.map(|file| self.backend(file)))
    }

    fn size(&self, path: &Path) -> io::Result<Option<u64>> {
        Ok(self.bytes(path).map(|bytes| bytes.len() as u64))
    }

    fn create(&self, path: &Path) -> io::Result<Backend> {
        let mut world = self.world();
        world.whole_step()?;
        let file = world.files.len();
        world.files.push(Bytes::default());
        world.give(path, file);
        drop(world);
        Ok(self.backend(file))
    }

    fn place(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut world = self.world();
        world.whole_step()?;
        if world.names.contains_key(to) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let file = world.names.get(from).copied().ok_or(io::ErrorKind::NotFound)?;
        world.give(to, file);
        world.take(from);
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut world = self.world();
        world.whole_step()?;
        world.take(path);
        Ok(())
    }

    fn sync_names(&self, _: &Path) -> io::Result<()> {
        let mut world = self.world();
        world.whole_step()?;
        world.renamed.clear();
        world.durable_names = world.names.clone();
        Ok(())
    }

    fn read_note(&self, path: &Path) -> io::Result<Option<String>> {
        Ok(self.world().notes.get(path).cloned())
    }

    fn write_note(&self, path: &Path, text: &str) -> io::Result<()> {
        self.world().notes.insert(path.to_owned(), text.to_owned());
        Ok(())
    }
}

#[derive(Debug)]
struct PowerFile {
    medium: PowerMedium,
    file: usize,
    boot: u64,
}

impl PowerFile {
    fn with<T>(&self, work: impl FnOnce(&mut World) -> io::Result<T>) -> io::Result<T> {
        let mut world = self.medium.world();
        if world.boot == self.boot { work(&mut world) } else { Err(out()) }
    }

    /// A change is seen at once, is durable later, and may be cut off in its midst.
    fn change(&self, change: Change) -> io::Result<()> {
        self.with(|world| {
            let cut = world.step()?;
            let len = match &change {
                Change::Write { offset, data } => offset + data.len(),
                Change::Len(len) => *len,
            };
            if !world.has_room(self.file, len) {
                return Err(io::ErrorKind::StorageFull.into());
            }
            let bytes = world.files.get_mut(self.file).ok_or_else(out)?;
            change.apply(&mut bytes.now);
            bytes.unsynced.push(change);
            if cut { Err(out()) } else { Ok(()) }
        })
    }
}

fn index(offset: u64) -> io::Result<usize> {
    usize::try_from(offset).map_err(io::Error::other)
}

impl StorageBackend for PowerFile {
    fn len(&self) -> io::Result<u64> {
        self.with(|world| Ok(world.files.get(self.file).map_or(0, |bytes| bytes.now.len()) as u64))
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let offset = index(offset)?;
        self.with(|world| {
            let bytes =
                world.files.get(self.file).and_then(|bytes| bytes.now.get(offset..offset + out.len()));
            out.copy_from_slice(bytes.ok_or(io::ErrorKind::UnexpectedEof)?);
            Ok(())
        })
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.change(Change::Len(index(len)?))
    }

    fn sync_data(&self) -> io::Result<()> {
        self.with(|world| {
            // A cut in the midst of a sync leaves what was to be synced to its fate.
            world.whole_step()?;
            if world.lying {
                return Ok(());
            }
            let bytes = world.files.get_mut(self.file).ok_or_else(out)?;
            for change in std::mem::take(&mut bytes.unsynced) {
                change.apply(&mut bytes.durable);
            }
            Ok(())
        })
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.change(Change::Write { offset: index(offset)?, data: data.to_vec() })
    }
}

#[cfg(test)]
mod tests;
