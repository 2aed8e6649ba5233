//! The steps by which a new file takes the place of the old one.
//!
//! At every moment, and after a crash or a power loss at any moment, the name leads to a whole file, old or new, and
//! so does the backup's name if there is one. The order is what makes it so:
//!
//! 1. the new content goes to a temporary file, which is synced before any name leads to it;
//! 2. the old file becomes the backup: it gets a second name, which then takes the backup's place. Nothing is
//!    copied, so its mode, owner and times are its own, and it is as durable as it was. What was last written by
//!    somebody else is synced first;
//! 3. the temporary file takes the name;
//! 4. the folder is synced. Only then is the change acknowledged.

use std::io;

use super::disk::{Attributes, Disk, Found, Version};
use super::paths::Paths;
use crate::error::{ProgressError, Step, fault};

/// How a replacement ended, when nothing failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Durable. The version of the new file.
    Done(Version),
    /// Somebody without the lock changed the file since it was read, or the lock is not ours any more. Nothing was
    /// changed.
    Overtaken,
}

/// Replaces the file that was `found` by `bytes`, and makes it the backup.
///
/// `known` is the version that this process wrote and synced itself, if any; `is_ours` says whether the lock still
/// is.
pub(crate) fn replace<D: Disk>(
    disk: &D,
    paths: &Paths,
    found: &Found,
    known: Option<Version>,
    bytes: &[u8],
    is_ours: impl Fn() -> bool,
) -> Result<Outcome, ProgressError> {
    let attributes = Attributes { modified: None, ..found.attributes };
    let (temp, version) = prepare(disk, paths, bytes, Some(&attributes))?;
    if !is_ours() || !is_still(disk, paths, found)? {
        return Ok(Outcome::Overtaken);
    }
    if !back_up(disk, paths, found, known)? || !is_still(disk, paths, found)? {
        return Ok(Outcome::Overtaken);
    }
    disk.replace(temp, &paths.state).map_err(|source| fault(Step::Replace, &paths.state, source))?;
    sync_names(disk, paths)?;
    Ok(Outcome::Done(version))
}

/// Puts a first file where there is none.
pub(crate) fn create<D: Disk>(disk: &D, paths: &Paths, bytes: &[u8]) -> Result<Version, ProgressError> {
    let (temp, version) = prepare(disk, paths, bytes, None)?;
    match disk.publish(temp, &paths.state) {
        Ok(()) => {}
        Err(source) if source.kind() == io::ErrorKind::AlreadyExists => {
            return Err(ProgressError::AlreadyExists { path: paths.state.clone() });
        }
        Err(source) => return Err(fault(Step::Replace, &paths.state, source)),
    }
    sync_names(disk, paths)?;
    Ok(version)
}

/// Puts the content of the backup in the place of the file, and what stood there aside.
pub(crate) fn restore<D: Disk>(
    disk: &D,
    paths: &Paths,
    backup: &Found,
    present: Option<&Found>,
    is_ours: impl Fn() -> bool,
) -> Result<Outcome, ProgressError> {
    let (temp, version) = prepare(disk, paths, &backup.bytes, Some(&backup.attributes))?;
    if !is_ours() {
        return Ok(Outcome::Overtaken);
    }
    if let Some(present) = present {
        let Some(aside) = second_name(disk, paths, present, None)? else { return Ok(Outcome::Overtaken) };
        disk.replace(aside, &paths.replaced)
            .map_err(|source| fault(Step::Backup, &paths.replaced, source))?;
    }
    disk.replace(temp, &paths.state).map_err(|source| fault(Step::Replace, &paths.state, source))?;
    sync_names(disk, paths)?;
    Ok(Outcome::Done(version))
}

/// Takes the file away; its last version becomes the backup, or is put aside if it is none to go back to.
pub(crate) fn remove<D: Disk>(
    disk: &D,
    paths: &Paths,
    found: &Found,
    is_valid: bool,
    is_ours: impl Fn() -> bool,
) -> Result<Outcome, ProgressError> {
    let to = if is_valid { &paths.backup } else { &paths.replaced };
    disk.sync_file(&paths.state).map_err(|source| fault(Step::Sync, &paths.state, source))?;
    if !is_ours() || !is_still(disk, paths, found)? {
        return Ok(Outcome::Overtaken);
    }
    disk.rename(&paths.state, to).map_err(|source| fault(Step::Backup, to, source))?;
    sync_names(disk, paths)?;
    Ok(Outcome::Done(found.version))
}

/// Writes and syncs the new content under a temporary name.
fn prepare<D: Disk>(
    disk: &D,
    paths: &Paths,
    bytes: &[u8],
    attributes: Option<&Attributes>,
) -> Result<(D::Temp, Version), ProgressError> {
    let write = |source| fault(Step::Write, &paths.state, source);
    let mut temp = disk.create(paths, attributes.is_some()).map_err(write)?;
    disk.write(&mut temp, bytes).map_err(write)?;
    if let Some(attributes) = attributes {
        disk.dress(&temp, attributes).map_err(write)?;
    }
    let version = disk.sync(&temp).map_err(|source| fault(Step::Sync, &paths.state, source))?;
    Ok((temp, version))
}

fn is_still<D: Disk>(disk: &D, paths: &Paths, found: &Found) -> Result<bool, ProgressError> {
    match disk.version(&paths.state) {
        Ok(version) => Ok(version == found.version),
        Err(source) if source.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(source) => Err(fault(Step::Read, &paths.state, source)),
    }
}

/// Makes the file that was found the backup; false if it is not the one any more.
fn back_up<D: Disk>(
    disk: &D,
    paths: &Paths,
    found: &Found,
    known: Option<Version>,
) -> Result<bool, ProgressError> {
    let failed = |source| fault(Step::Backup, &paths.backup, source);
    match disk.version(&paths.backup) {
        // A crash came between the backup and the replacement: this file is the backup already. Renaming one of
        // its names over the other would do nothing, and leave both.
        Ok(version) if version.same_file(found.version) => return Ok(true),
        Ok(_) => {}
        Err(source) if source.kind() == io::ErrorKind::NotFound => {}
        Err(source) => return Err(failed(source)),
    }
    let Some(temp) = second_name(disk, paths, found, known)? else { return Ok(false) };
    disk.replace(temp, &paths.backup).map_err(failed)?;
    Ok(true)
}

/// A second name of the file that was found, or a synced copy of it where the file system has no such thing. None if
/// another file has come to its place.
fn second_name<D: Disk>(
    disk: &D,
    paths: &Paths,
    found: &Found,
    known: Option<Version>,
) -> Result<Option<D::Temp>, ProgressError> {
    if known != Some(found.version) {
        disk.sync_file(&paths.state).map_err(|source| fault(Step::Sync, &paths.state, source))?;
    }
    match disk.link(paths, &paths.state) {
        Ok((temp, version)) => Ok((version == found.version).then_some(temp)),
        Err(refused) if may_copy(&refused) => {
            Ok(Some(prepare(disk, paths, &found.bytes, Some(&found.attributes))?.0))
        }
        Err(source) => Err(fault(Step::Backup, &paths.backup, source)),
    }
}

/// Some file systems have no second names, and some systems refuse them for files of others.
fn may_copy(refused: &io::Error) -> bool {
    matches!(
        refused.kind(),
        io::ErrorKind::Unsupported
            | io::ErrorKind::PermissionDenied
            | io::ErrorKind::TooManyLinks
            | io::ErrorKind::CrossesDevices
    )
}

/// The new name is visible; what is left to do is to make it durable.
fn sync_names<D: Disk>(disk: &D, paths: &Paths) -> Result<(), ProgressError> {
    disk.sync_folder(&paths.folder)
        .map_err(|source| ProgressError::Unsynced { path: paths.state.clone(), source })
}

#[cfg(test)]
mod tests;
