//! The lock on `STATE.md.lock`.
//!
//! The kernel keeps it: it ends with its holder, however that one ends, and it excludes threads of one process as
//! well as processes, because each taking opens the file anew. The file itself says nothing about whether the lock
//! is taken. It is never deleted, and deleting it is never needed. Should somebody do it all the same while the lock
//! is held, the holder notices before it writes, and gives way.
//!
//! A lock that is polled favours whoever released it last. So those who wait line up at a second lock, `.STATE.md.turn`:
//! only its holder looks at the first one, and holds it no longer than until it has that.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::Path;
use std::time::Duration;

use super::disk::Version;
use super::paths::Paths;
use super::retry::{Next, Patience, Retry};
use crate::error::{ProgressError, Step, fault};
use crate::event::Event;
use crate::owner::{Holder, Owner};
use crate::time::TimeSource;

/// How often those look who wait for their turn, and the one whose turn it is.
const NAP_IN_LINE: Duration = Duration::from_millis(4);
const NAP_AT_FRONT: Duration = Duration::from_millis(1);
/// More than any holder's text.
const TEXT_BYTES_MAX: u64 = 4_096;

/// What taking a lock needs from outside.
pub(crate) struct Waiting<'a> {
    pub(crate) time: &'a dyn TimeSource,
    pub(crate) owner: &'a Owner,
    pub(crate) retry: Retry,
    pub(crate) seed: u64,
    pub(crate) observe: &'a dyn Fn(&Event),
}

/// The lock, held. Dropping it releases it.
#[derive(Debug)]
pub(crate) struct Lock {
    file: LockFile,
    /// Whether the holder before left without a word: killed, or cut off.
    pub(crate) was_abandoned: bool,
}

/// An open lock file that the kernel has locked for us.
#[derive(Debug)]
struct LockFile {
    file: File,
    path: std::path::PathBuf,
    may_write: bool,
}

impl Lock {
    /// Takes the lock, waiting for it as `waiting` says.
    pub(crate) fn take(paths: &Paths, waiting: &Waiting<'_>) -> Result<Self, ProgressError> {
        let mut patience = Patience::new(waiting.retry, waiting.seed);
        let turn = wait_for(&paths.turn, paths, waiting, &mut patience, NAP_IN_LINE)?;
        let file = wait_for(&paths.lock, paths, waiting, &mut patience, NAP_AT_FRONT)?;
        drop(turn);
        sign(file, waiting)
    }

    /// Whether the name still leads to the file that is locked.
    pub(crate) fn is_ours(&self) -> bool {
        self.file.is_at_its_name().unwrap_or(false)
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // An empty file tells the next holder that this one came to its end.
        if self.file.may_write {
            let _ = self.file.file.set_len(0);
        }
    }
}

impl Drop for LockFile {
    fn drop(&mut self) {
        // Closing the file is not enough: a process that another thread is just starting has it open as well.
        let _ = self.file.unlock();
    }
}

impl LockFile {
    fn is_at_its_name(&self) -> io::Result<bool> {
        let open = Version::from(&self.file.metadata()?);
        match fs::symlink_metadata(&self.path) {
            Ok(named) => Ok(open.same_file(Version::from(&named))),
            Err(gone) if gone.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(source) => Err(source),
        }
    }
}

/// Looks again and again until the lock at `path` is ours.
fn wait_for(
    path: &Path,
    paths: &Paths,
    waiting: &Waiting<'_>,
    patience: &mut Patience,
    nap_max: Duration,
) -> Result<LockFile, ProgressError> {
    loop {
        if let Some(file) = try_lock(path).map_err(|source| fault(Step::Lock, path, source))? {
            return Ok(file);
        }
        match patience.next(nap_max) {
            Next::Nap { nap, begins } => {
                if let Some((retry, wait)) = begins {
                    let holder = holder_of(&paths.lock);
                    (waiting.observe)(&Event::Waiting { retry, wait, holder: holder.clone() });
                    patience.look(holder);
                }
                waiting.time.wait(nap);
            }
            Next::GiveUp { retries, waited } => {
                let holder = holder_of(&paths.lock);
                if patience.look(holder.clone()) {
                    continue;
                }
                return Err(ProgressError::Busy { path: paths.state.clone(), holder, retries, waited });
            }
        }
    }
}

/// Writes down who holds the lock, for those who come to wait.
fn sign(mut file: LockFile, waiting: &Waiting<'_>) -> Result<Lock, ProgressError> {
    let path = file.path.clone();
    let failed = |source| fault(Step::Lock, &path, source);
    let text = read_text(&mut file.file).map_err(failed)?;
    if !text.is_empty() && Holder::parse(&text).is_none() && !is_torn_signature(&text) {
        return Err(ProgressError::NotALock { path });
    }
    // From here on the file is ours to write, and to empty in the end.
    let mut lock = Lock { file, was_abandoned: !text.is_empty() };
    if lock.file.may_write {
        let holder = Holder { owner: waiting.owner.clone(), since: waiting.time.now() };
        write_text(&mut lock.file.file, &format!("{holder}\n")).map_err(failed)?;
    }
    Ok(lock)
}

fn write_text(file: &mut File, text: &str) -> io::Result<()> {
    file.rewind()?;
    file.write_all(text.as_bytes())?;
    let end = file.stream_position()?;
    file.set_len(end)
}

/// Takes the lock at `path` if it is free; none if it is taken.
fn try_lock(path: &Path) -> io::Result<Option<LockFile>> {
    loop {
        let (file, may_write) = open(path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(source)) => return Err(source),
        }
        let file = LockFile { file, path: path.to_path_buf(), may_write };
        // Somebody deleted the file between opening and locking: others lock the new one.
        if file.is_at_its_name()? {
            return Ok(Some(file));
        }
    }
}

/// Opens the file, makes it if it is not there. One of another user may only be readable: that is enough to lock.
fn open(path: &Path) -> io::Result<(File, bool)> {
    match OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path) {
        Ok(file) => Ok((file, true)),
        Err(denied) if denied.kind() == io::ErrorKind::PermissionDenied => match File::open(path) {
            Ok(file) => Ok((file, false)),
            Err(_) => Err(denied),
        },
        Err(source) => Err(source),
    }
}

/// Who holds the lock, if they wrote it down. Only asked when the kernel says that it is taken.
fn holder_of(path: &Path) -> Option<Holder> {
    Holder::parse(&read_text(&mut File::open(path).ok()?).ok()?)
}

fn read_text(file: &mut File) -> io::Result<String> {
    let mut bytes = Vec::new();
    file.take(TEXT_BYTES_MAX).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// What a power loss may leave of a signature: the beginning of one, or zeros.
fn is_torn_signature(text: &str) -> bool {
    let begins = text.get(..4).map_or_else(|| "pid ".starts_with(text), |front| front == "pid ");
    text.bytes().all(|byte| byte == 0) || begins
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stamp::Stamp;

    /// A process that is started by another thread inherits what is open until it runs its own program. The lock must
    /// not live on in it.
    #[test]
    fn releasing_does_not_wait_for_whoever_inherited_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let paths = Paths::resolve(&folder.path().join("STATE.md")).unwrap();
        let owner = Owner { pid: 1, host: "h".to_owned() };
        let time = (|| Stamp::from_microseconds(0).unwrap(), |_| ());
        let waiting =
            Waiting { time: &time, owner: &owner, retry: Retry::never(), seed: 0, observe: &|_| () };
        let turn = try_lock(&paths.turn).unwrap().unwrap();
        let inherited_turn = turn.file.try_clone().unwrap();
        drop(turn);
        let lock = Lock::take(&paths, &waiting).unwrap();
        let inherited = lock.file.file.try_clone().unwrap();
        assert!(matches!(Lock::take(&paths, &waiting), Err(ProgressError::Busy { .. })));
        drop(lock);
        Lock::take(&paths, &waiting).unwrap();
        drop((inherited, inherited_turn));
    }
}
