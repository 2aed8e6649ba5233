//! Power loss at every step, with every outcome that a file system may leave.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use super::*;
use crate::manager::disk::Purpose;

/// What a lazy disk leaves out; the checks must notice each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lazy {
    Nothing,
    NewContent,
    OldContent,
    Names,
}

#[derive(Clone, Debug, Default)]
struct Inode {
    content: Vec<u8>,
    durable: Vec<u8>,
    written: i64,
}

/// A name that leads somewhere else, or nowhere, since the folder was last synced.
#[derive(Clone, Debug)]
enum NameChange {
    Set(PathBuf, usize),
    Rename(PathBuf, PathBuf, usize),
}

#[derive(Clone, Debug, Default)]
struct Image {
    inodes: Vec<Inode>,
    names: BTreeMap<PathBuf, usize>,
    durable_names: BTreeMap<PathBuf, usize>,
    pending: Vec<NameChange>,
    steps: usize,
}

/// A disk that keeps what is written apart from what is durable, and fails for good after so many steps.
#[derive(Debug)]
struct MemoryDisk {
    image: Mutex<Image>,
    steps_max: usize,
    lazy: Lazy,
}

impl MemoryDisk {
    fn new(steps_max: usize, lazy: Lazy) -> Self {
        Self { image: Mutex::default(), steps_max, lazy }
    }

    /// Takes a step, unless the power is gone.
    fn step(&self) -> io::Result<std::sync::MutexGuard<'_, Image>> {
        let mut image = self.image.lock().unwrap();
        if image.steps >= self.steps_max {
            return Err(io::Error::other("power loss"));
        }
        image.steps += 1;
        Ok(image)
    }

    /// A person writes the file in place, as an editor without any care does.
    fn edit(&self, path: &Path, content: &[u8]) {
        let mut image = self.image.lock().unwrap();
        if let Some(inode) = image.names.get(path).copied() {
            image.inodes[inode].content = content.to_vec();
            image.inodes[inode].written += 1_000;
        }
    }
}

fn missing() -> io::Error {
    io::ErrorKind::NotFound.into()
}

impl Image {
    fn version(&self, path: &Path) -> io::Result<Version> {
        let inode = *self.names.get(path).ok_or_else(missing)?;
        let Inode { content, written, .. } = &self.inodes[inode];
        Ok(Version { device: 1, inode: inode as u64, bytes: content.len() as u64, modified: (*written, 0) })
    }

    fn set(&mut self, path: PathBuf, inode: usize) {
        self.names.insert(path.clone(), inode);
        self.pending.push(NameChange::Set(path, inode));
    }

    fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        let inode = *self.names.get(from).ok_or_else(missing)?;
        if self.names.get(to) == Some(&inode) {
            return Ok(());
        }
        self.names.remove(from);
        self.names.insert(to.to_path_buf(), inode);
        self.pending.push(NameChange::Rename(from.to_path_buf(), to.to_path_buf(), inode));
        Ok(())
    }

    /// Every state that may be found after a power loss now: any of the pending names made it or not, in any
    /// combination, and what was not synced is empty, torn or whole.
    fn after_power_loss(&self) -> Vec<BTreeMap<PathBuf, Vec<u8>>> {
        // Only a disk that never syncs names has more pending than this; the latest are lost there.
        let pending: Vec<_> = self.pending.iter().take(10).collect();
        let mut states = Vec::new();
        for kept in 0..1_usize << pending.len() {
            let mut names = self.durable_names.clone();
            for (_, change) in pending.iter().enumerate().filter(|(at, _)| kept >> at & 1 == 1) {
                match change {
                    NameChange::Set(path, inode) => drop(names.insert(path.clone(), *inode)),
                    NameChange::Rename(from, to, inode) => {
                        names.remove(from);
                        names.insert(to.clone(), *inode);
                    }
                }
            }
            for fate in 0..3 {
                let content = |inode: &Inode| match fate {
                    _ if inode.content == inode.durable => inode.durable.clone(),
                    0 => inode.durable.clone(),
                    1 => inode.content[..inode.content.len() / 2].to_vec(),
                    _ => inode.content.clone(),
                };
                states.push(
                    names.iter().map(|(path, at)| (path.clone(), content(&self.inodes[*at]))).collect(),
                );
            }
        }
        states
    }
}

impl Disk for MemoryDisk {
    type Temp = PathBuf;

    fn read(&self, path: &Path, _: Purpose) -> io::Result<Found> {
        let image = self.step()?;
        let version = image.version(path)?;
        let bytes = image.inodes[image.names[path]].content.clone();
        Ok(Found {
            bytes,
            version,
            attributes: Attributes { mode: 0o600, user: 0, group: 0, modified: None },
        })
    }

    fn version(&self, path: &Path) -> io::Result<Version> {
        self.step()?.version(path)
    }

    fn create(&self, paths: &Paths, _: bool) -> io::Result<PathBuf> {
        let mut image = self.step()?;
        let inode = image.inodes.len();
        let path = paths.folder.join(format!("temp-{inode}"));
        image.inodes.push(Inode { written: i64::try_from(inode).unwrap(), ..Inode::default() });
        image.set(path.clone(), inode);
        Ok(path)
    }

    fn write(&self, temp: &mut PathBuf, bytes: &[u8]) -> io::Result<()> {
        let mut image = self.step()?;
        let inode = image.names[temp.as_path()];
        image.inodes[inode].content = bytes.to_vec();
        Ok(())
    }

    fn dress(&self, _: &PathBuf, _: &Attributes) -> io::Result<()> {
        self.step().map(|_| ())
    }

    fn sync(&self, temp: &PathBuf) -> io::Result<Version> {
        let mut image = self.step()?;
        let inode = image.names[temp.as_path()];
        if self.lazy != Lazy::NewContent {
            image.inodes[inode].durable = image.inodes[inode].content.clone();
        }
        image.version(temp)
    }

    fn sync_file(&self, path: &Path) -> io::Result<()> {
        let mut image = self.step()?;
        let inode = *image.names.get(path).ok_or_else(missing)?;
        if self.lazy != Lazy::OldContent {
            image.inodes[inode].durable = image.inodes[inode].content.clone();
        }
        Ok(())
    }

    fn link(&self, paths: &Paths, path: &Path) -> io::Result<(PathBuf, Version)> {
        let mut image = self.step()?;
        let version = image.version(path)?;
        let inode = image.names[path];
        let temp = paths.folder.join(format!("link-{}", image.steps));
        image.set(temp.clone(), inode);
        Ok((temp, version))
    }

    fn replace(&self, temp: PathBuf, path: &Path) -> io::Result<()> {
        self.step()?.rename(&temp, path)
    }

    fn publish(&self, temp: PathBuf, path: &Path) -> io::Result<()> {
        let mut image = self.step()?;
        if image.names.contains_key(path) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        image.rename(&temp, path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.step()?.rename(from, to)
    }

    fn sync_folder(&self, _: &Path) -> io::Result<()> {
        let mut image = self.step()?;
        if self.lazy != Lazy::Names {
            image.durable_names = image.names.clone();
            image.pending.clear();
        }
        Ok(())
    }

    fn sweep(&self, _: &Paths) -> usize {
        0
    }
}

fn paths() -> Paths {
    let folder = tempfile::tempdir().unwrap();
    Paths::resolve(&folder.path().join("STATE.md")).unwrap()
}

/// What the file may say: its versions in order, the last one acknowledged, and whether it may be missing.
struct Story {
    acknowledged: Option<&'static [u8]>,
    under_way: Option<&'static [u8]>,
    all: Vec<&'static [u8]>,
}

/// Lives through a file's whole life on `disk`, until the power goes. Returns what may be found then.
fn live(disk: &MemoryDisk, paths: &Paths) -> Story {
    let mut story = Story { acknowledged: None, under_way: Some(b"first"), all: vec![b"first"] };
    let mut known = None;
    let result: Result<(), ProgressError> = (|| {
        known = Some(create(disk, paths, b"first")?);
        for content in [&b"second"[..], b"third, longer"] {
            story.acknowledged = story.under_way;
            story.under_way = Some(content);
            story.all.push(content);
            let found =
                disk.read(&paths.state, Purpose::Replace).map_err(|e| fault(Step::Read, &paths.state, e))?;
            match replace(disk, paths, &found, known, content, || true)? {
                Outcome::Done(version) => known = Some(version),
                Outcome::Overtaken => unreachable!("nobody else is here"),
            }
        }
        // A person writes the file in place, and nothing syncs it but the next change.
        disk.edit(&paths.state, b"edited by hand");
        story.all.push(b"edited by hand");
        story.acknowledged = None;
        story.under_way = Some(b"fourth");
        story.all.push(b"fourth");
        let found =
            disk.read(&paths.state, Purpose::Replace).map_err(|e| fault(Step::Read, &paths.state, e))?;
        replace(disk, paths, &found, known, b"fourth", || true)?;
        story.acknowledged = Some(b"fourth");
        story.under_way = Some(b"edited by hand");
        let backup =
            disk.read(&paths.backup, Purpose::Look).map_err(|e| fault(Step::Read, &paths.backup, e))?;
        let present =
            disk.read(&paths.state, Purpose::Look).map_err(|e| fault(Step::Read, &paths.state, e))?;
        restore(disk, paths, &backup, Some(&present), || true)?;
        story.acknowledged = Some(b"edited by hand");
        story.under_way = None;
        let last = disk.read(&paths.state, Purpose::Look).map_err(|e| fault(Step::Read, &paths.state, e))?;
        remove(disk, paths, &last, true, || true)?;
        story.acknowledged = None;
        Ok(())
    })();
    if let Err(fault) = result {
        assert!(format!("{fault:?}").contains("power loss"), "{fault:?}");
    }
    story
}

/// Every violation after a power loss at any step.
fn violations(lazy: Lazy) -> Vec<String> {
    let paths = paths();
    let whole_life = MemoryDisk::new(usize::MAX, lazy);
    live(&whole_life, &paths);
    let steps = whole_life.image.lock().unwrap().steps;
    assert!(steps > 50, "{steps}");
    let mut found = Vec::new();
    for steps_max in 0..=steps {
        let disk = MemoryDisk::new(steps_max, lazy);
        let story = live(&disk, &paths);
        let edited_in_place = story.all.last() == Some(&&b"fourth"[..]) && story.acknowledged.is_none();
        for state in disk.image.lock().unwrap().after_power_loss() {
            let text = |path: &Path| state.get(path).map(|bytes| String::from_utf8_lossy(bytes).into_owned());
            let is_whole =
                |path: &Path| state.get(path).is_none_or(|bytes| story.all.contains(&bytes.as_slice()));
            // What a person wrote in place, and did not sync, is theirs to lose, until a change takes it up.
            if !is_whole(&paths.state) && !edited_in_place {
                found.push(format!("step {steps_max}: torn {:?}", text(&paths.state)));
            }
            if !is_whole(&paths.backup) || !is_whole(&paths.replaced) {
                found.push(format!("step {steps_max}: torn backup {:?}", text(&paths.backup)));
            }
            let present = state.get(&paths.state).map(Vec::as_slice);
            let cleared = story.acknowledged == Some(b"edited by hand") || steps_max == steps;
            if story.acknowledged.is_some()
                && present != story.acknowledged
                && present != story.under_way
                && !cleared
            {
                found.push(format!(
                    "step {steps_max}: {:?} is lost, there is {:?}",
                    story.acknowledged, present
                ));
            }
        }
    }
    found
}

/// Proves S1, S14, G3, G4.
#[test]
fn after_a_power_loss_at_any_step_file_and_backup_are_whole_and_nothing_acknowledged_is_lost() {
    assert_eq!(violations(Lazy::Nothing), Vec::<String>::new());
}

/// Proves S14.
#[test]
fn a_disk_that_does_not_sync_is_noticed() {
    for lazy in [Lazy::NewContent, Lazy::OldContent, Lazy::Names] {
        assert!(!violations(lazy).is_empty(), "{lazy:?}");
    }
}

#[test]
fn who_is_overtaken_changes_nothing() {
    let (disk, paths) = (MemoryDisk::new(usize::MAX, Lazy::Nothing), paths());
    create(&disk, &paths, b"first").unwrap();
    let found = disk.read(&paths.state, Purpose::Replace).unwrap();
    disk.edit(&paths.state, b"theirs");
    assert_eq!(replace(&disk, &paths, &found, None, b"ours", || true).unwrap(), Outcome::Overtaken);
    let found = disk.read(&paths.state, Purpose::Replace).unwrap();
    assert_eq!(replace(&disk, &paths, &found, None, b"ours", || false).unwrap(), Outcome::Overtaken);
    assert_eq!(remove(&disk, &paths, &found, true, || false).unwrap(), Outcome::Overtaken);
    assert_eq!(restore(&disk, &paths, &found, None, || false).unwrap(), Outcome::Overtaken);
    assert_eq!(disk.read(&paths.state, Purpose::Look).unwrap().bytes, b"theirs");
    assert!(disk.read(&paths.backup, Purpose::Look).is_err());
}

#[test]
fn a_crash_between_backup_and_replacement_leaves_nothing_in_the_way() {
    let paths = paths();
    let mut reached = 0;
    for steps_max in 0..40 {
        let mut disk = MemoryDisk::new(steps_max, Lazy::Nothing);
        let _ = live(&disk, &paths);
        disk.steps_max = usize::MAX;
        let Ok(found) = disk.read(&paths.state, Purpose::Replace) else { continue };
        reached += 1;
        let links_before = disk.image.lock().unwrap().names.keys().filter(|name| is_link(name)).count();
        assert!(matches!(replace(&disk, &paths, &found, None, b"next", || true), Ok(Outcome::Done(_))));
        assert_eq!(disk.read(&paths.backup, Purpose::Look).unwrap().bytes, found.bytes);
        let links = disk.image.lock().unwrap().names.keys().filter(|name| is_link(name)).count();
        assert_eq!(links, links_before, "step {steps_max}");
    }
    assert!(reached > 25);
}

fn is_link(name: &Path) -> bool {
    name.file_name().is_some_and(|name| name.to_string_lossy().starts_with("link-"))
}
