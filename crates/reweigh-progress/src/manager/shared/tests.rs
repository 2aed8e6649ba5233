//! A fault of the file system at every step.

use std::fs;
use std::sync::atomic::AtomicI64;
use std::time::Duration;

use super::*;
use crate::label::Label;
use crate::manager::disk::{Attributes, SystemDisk};
use crate::plan::Plan;

/// A disk that writes down what is asked of it, and fails one of the calls.
#[derive(Clone, Debug, Default)]
struct Faulty {
    calls: Arc<Mutex<Vec<&'static str>>>,
    fail: Option<(usize, io::ErrorKind)>,
}

impl Faulty {
    fn call(&self, name: &'static str) -> io::Result<()> {
        let mut calls = self.calls.lock().unwrap();
        calls.push(name);
        match self.fail {
            Some((at, kind)) if at + 1 == calls.len() => Err(kind.into()),
            _ => Ok(()),
        }
    }
}

impl Disk for Faulty {
    type Temp = <SystemDisk as Disk>::Temp;

    fn read(&self, path: &Path, purpose: Purpose) -> io::Result<Found> {
        self.call("read")?;
        SystemDisk.read(path, purpose)
    }

    fn version(&self, path: &Path) -> io::Result<Version> {
        self.call("version")?;
        SystemDisk.version(path)
    }

    fn create(&self, paths: &Paths, private: bool) -> io::Result<Self::Temp> {
        self.call("create")?;
        SystemDisk.create(paths, private)
    }

    fn write(&self, temp: &mut Self::Temp, bytes: &[u8]) -> io::Result<()> {
        // A full disk takes a part.
        SystemDisk.write(temp, &bytes[..bytes.len() / 2])?;
        self.call("write")?;
        SystemDisk.write(temp, &bytes[bytes.len() / 2..])
    }

    fn dress(&self, temp: &Self::Temp, attributes: &Attributes) -> io::Result<()> {
        self.call("dress")?;
        SystemDisk.dress(temp, attributes)
    }

    fn sync(&self, temp: &Self::Temp) -> io::Result<Version> {
        self.call("sync")?;
        SystemDisk.sync(temp)
    }

    fn sync_file(&self, path: &Path) -> io::Result<()> {
        self.call("sync file")?;
        SystemDisk.sync_file(path)
    }

    fn link(&self, paths: &Paths, path: &Path) -> io::Result<(Self::Temp, Version)> {
        self.call("link")?;
        SystemDisk.link(paths, path)
    }

    fn replace(&self, temp: Self::Temp, path: &Path) -> io::Result<()> {
        self.call("replace")?;
        SystemDisk.replace(temp, path)
    }

    fn publish(&self, temp: Self::Temp, path: &Path) -> io::Result<()> {
        self.call("publish")?;
        SystemDisk.publish(temp, path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.call("rename")?;
        SystemDisk.rename(from, to)
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        self.call("sync folder")?;
        SystemDisk.sync_folder(folder)
    }

    fn sweep(&self, paths: &Paths) -> usize {
        SystemDisk.sweep(paths)
    }
}

/// A clock that moves a second with every look.
#[derive(Debug, Default)]
struct Ticking(AtomicI64);

impl TimeSource for Ticking {
    fn now(&self) -> Stamp {
        let seconds = self.0.fetch_add(1, Ordering::Relaxed) + 1_772_000_000;
        Stamp::from_microseconds(seconds * 1_000_000).unwrap()
    }

    fn wait(&self, _: Duration) {}
}

fn shared(path: PathBuf) -> Shared<Faulty> {
    Shared::new(path, Arc::new(Ticking::default()), Faulty::default())
}

fn plan() -> Plan {
    Plan::new(Label::new("W").unwrap(), Label::new("w-1").unwrap(), 1)
}

fn note(shared: &Shared<Faulty>, text: &str) -> Result<(), ProgressError> {
    shared.change(|progress, now| {
        progress.add_note(now, text);
        Ok(())
    })
}

fn notes(progress: &Progress) -> Vec<String> {
    progress.notes().map(|note| note.text().to_owned()).collect()
}

/// A folder with a file of one note, and its backup.
fn begun() -> (tempfile::TempDir, Shared<Faulty>) {
    let folder = tempfile::tempdir().unwrap();
    let shared = shared(folder.path().join("STATE.md"));
    shared.create(|now| plan().begin(now)).unwrap();
    note(&shared, "one").unwrap();
    shared.disk.calls.lock().unwrap().clear();
    (folder, shared)
}

fn names(folder: &tempfile::TempDir) -> Vec<String> {
    let entries = fs::read_dir(folder.path()).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Proves S14, G4.
#[test]
fn a_change_is_synced_before_it_has_a_name_and_its_name_before_it_is_acknowledged() {
    let (_folder, shared) = begun();
    note(&shared, "two").unwrap();
    let calls = shared.disk.calls.lock().unwrap().clone();
    assert_eq!(
        calls,
        [
            "version",
            "read",
            "create",
            "write",
            "dress",
            "sync",
            "version",
            "version",
            "link",
            "replace",
            "version",
            "replace",
            "sync folder",
        ]
    );
}

/// Proves S1, S6, G4.
#[test]
fn a_fault_at_any_step_leaves_file_and_backup_whole_and_no_temporary_file() {
    let (_folder, shared) = begun();
    note(&shared, "two").unwrap();
    let steps = shared.disk.calls.lock().unwrap().len();
    let kinds =
        [io::ErrorKind::StorageFull, io::ErrorKind::ReadOnlyFilesystem, io::ErrorKind::PermissionDenied];
    for step in 0..steps {
        for kind in kinds {
            let (folder, mut shared) = begun();
            shared.disk.fail = Some((step, kind));
            let outcome = note(&shared, "two");
            let call = shared.disk.calls.lock().unwrap()[step];
            let load =
                |name: &str| Progress::parse(fs::read(folder.path().join(name)).unwrap()).map(|p| notes(&p));
            let found = load("STATE.md").unwrap();
            let named = match &outcome {
                Ok(()) => "done",
                Err(ProgressError::Full { .. }) => "full",
                Err(ProgressError::ReadOnly { .. }) => "read-only",
                Err(ProgressError::Denied { .. }) => "denied",
                Err(ProgressError::Unsynced { .. }) => "unsynced",
                Err(other) => panic!("{call} failing with {kind:?}: {other:?}"),
            };
            let (expected, is_there) = match call {
                // The name is there already; only its durability is in doubt.
                "sync folder" => ("unsynced", true),
                // A file system may refuse second names: then the backup is a copy.
                "link" if kind == kinds[2] => ("done", true),
                _ => (["full", "read-only", "denied"][kinds.iter().position(|k| *k == kind).unwrap()], false),
            };
            assert_eq!((named, found.len() == 2), (expected, is_there), "{call} failing with {kind:?}");
            load("STATE.backup").unwrap();
            let left = [".STATE.md.turn", "STATE.backup", "STATE.md", "STATE.md.lock"];
            assert_eq!(names(&folder), left, "{call} failing with {kind:?}");
            // The next change finds nothing in its way.
            note(&shared, "three").unwrap();
            assert_eq!(load("STATE.md").unwrap().last().map(String::as_str), Some("three"));
        }
    }
}

/// Proves S13, G3.
#[test]
fn where_second_names_are_refused_the_backup_is_a_copy_with_mode_and_times() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    let (folder, mut shared) = begun();
    let state = folder.path().join("STATE.md");
    fs::set_permissions(&state, fs::Permissions::from_mode(0o640)).unwrap();
    let before = fs::metadata(&state).unwrap();
    let content = fs::read(&state).unwrap();
    shared.disk.fail = Some((8, io::ErrorKind::Unsupported));
    note(&shared, "two").unwrap();
    assert_eq!(shared.disk.calls.lock().unwrap()[8], "link");
    let backup = folder.path().join("STATE.backup");
    let after = fs::metadata(&backup).unwrap();
    assert_ne!(after.ino(), before.ino());
    assert_eq!(
        (after.mode(), after.mtime(), after.mtime_nsec()),
        (before.mode(), before.mtime(), before.mtime_nsec())
    );
    assert_eq!(fs::read(backup).unwrap(), content);
}

#[test]
fn a_file_that_somebody_keeps_changing_is_given_up() {
    let (folder, shared) = begun();
    let state = folder.path().join("STATE.md");
    let mut tries = 0;
    let outcome = shared.change(|progress, now| {
        tries += 1;
        progress.add_note(now, "mine");
        // An editor without the lock, each time between reading and writing.
        let theirs = fs::read_to_string(&state).unwrap() + "theirs\n";
        fs::write(&state, theirs).unwrap();
        Ok(())
    });
    assert!(matches!(outcome, Err(ProgressError::Contested { .. })), "{outcome:?}");
    assert_eq!(tries, OVERTAKEN_MAX);
    let found = fs::read_to_string(&state).unwrap();
    assert_eq!((found.matches("theirs").count(), found.contains("mine")), (OVERTAKEN_MAX, false));
}

/// Proves S5.
#[test]
fn an_editor_that_saves_meanwhile_loses_nothing_and_nor_does_the_change() {
    let (folder, mut shared) = begun();
    let events = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&events);
    shared.observer = Observer(Arc::new(move |event| seen.lock().unwrap().push(event.clone())));
    let state = folder.path().join("STATE.md");
    let mut tries = 0;
    shared
        .change(|progress, now| {
            tries += 1;
            progress.add_note(now, "mine");
            if tries == 1 {
                let theirs = fs::read_to_string(&state).unwrap() + "theirs\n";
                fs::write(&state, theirs).unwrap();
            }
            Ok(())
        })
        .unwrap();
    let found = fs::read_to_string(&state).unwrap();
    assert!(found.contains("theirs") && found.contains("mine"), "{found}");
    assert_eq!(*events.lock().unwrap(), [Event::Overtaken]);
}
