//! The few things that are asked of the file system, so that tests can stand in for it.

use std::ffi::OsString;
use std::fmt;
use std::fs::{self, File, FileTimes, Metadata, OpenOptions, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
use std::path::Path;
use std::time::SystemTime;

use super::paths::{Paths, TEMP_RANDOM, TEMP_SUFFIX};

/// No progress file is larger: it is held in memory, more than once.
pub(crate) const FILE_BYTES_MAX: u64 = 64 << 20;

/// Which file a name leads to, and which writing of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Version {
    pub(crate) device: u64,
    pub(crate) inode: u64,
    pub(crate) bytes: u64,
    pub(crate) modified: (i64, i64),
}

impl Version {
    pub(crate) fn same_file(self, other: Self) -> bool {
        (self.device, self.inode) == (other.device, other.inode)
    }
}

impl From<&Metadata> for Version {
    fn from(metadata: &Metadata) -> Self {
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            bytes: metadata.len(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
        }
    }
}

/// Whose a file is and who may do what with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Attributes {
    pub(crate) mode: u32,
    pub(crate) user: u32,
    pub(crate) group: u32,
    pub(crate) modified: Option<SystemTime>,
}

/// A file as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) bytes: Vec<u8>,
    pub(crate) version: Version,
    pub(crate) attributes: Attributes,
}

/// Whether a file is only looked at, or is going to be replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Look,
    Replace,
}

/// What a progress file asks of a file system. Each call does one thing, so that each can fail.
pub(crate) trait Disk: fmt::Debug + Send + Sync {
    /// A file with a temporary name, gone when it is dropped.
    type Temp;

    /// Reads a whole file. For replacing it, it must also be one that may be written.
    fn read(&self, path: &Path, purpose: Purpose) -> io::Result<Found>;
    /// Which version a name leads to now.
    fn version(&self, path: &Path) -> io::Result<Version>;
    /// Makes an empty file with a temporary name, for this user alone or as the user's defaults have it.
    fn create(&self, paths: &Paths, private: bool) -> io::Result<Self::Temp>;
    /// Writes the content.
    fn write(&self, temp: &mut Self::Temp, bytes: &[u8]) -> io::Result<()>;
    /// Gives a file the owner and mode of another, as far as this user may, and its time if there is one.
    fn dress(&self, temp: &Self::Temp, attributes: &Attributes) -> io::Result<()>;
    /// Makes content and attributes durable; returns the version.
    fn sync(&self, temp: &Self::Temp) -> io::Result<Version>;
    /// Makes the content behind a name durable.
    fn sync_file(&self, path: &Path) -> io::Result<()>;
    /// Gives a file a second, temporary name; returns the version that has it now.
    fn link(&self, paths: &Paths, path: &Path) -> io::Result<(Self::Temp, Version)>;
    /// Gives a temporary file its lasting name, at once, whatever had it before.
    fn replace(&self, temp: Self::Temp, path: &Path) -> io::Result<()>;
    /// Gives a temporary file its lasting name if nothing has it.
    fn publish(&self, temp: Self::Temp, path: &Path) -> io::Result<()>;
    /// Renames a file, at once, whatever had the name before.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Makes the names in a folder durable.
    fn sync_folder(&self, folder: &Path) -> io::Result<()>;
    /// Clears away temporary files that nobody will come back for, those that this user may; returns how many.
    fn sweep(&self, paths: &Paths) -> usize;
}

/// The operating system's.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SystemDisk;

impl SystemDisk {
    fn names(prefix: &OsString) -> tempfile::Builder<'_, 'static> {
        let mut names = tempfile::Builder::new();
        names.prefix(prefix).suffix(TEMP_SUFFIX).rand_bytes(TEMP_RANDOM);
        names
    }
}

impl Disk for SystemDisk {
    type Temp = tempfile::NamedTempFile<Option<File>>;

    fn read(&self, path: &Path, purpose: Purpose) -> io::Result<Found> {
        let file = OpenOptions::new().read(true).write(purpose == Purpose::Replace).open(path)?;
        let metadata = file.metadata()?;
        let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or(0).min(1 << 20));
        // One byte too many tells that there are more.
        file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes)?;
        Ok(Found {
            bytes,
            version: Version::from(&metadata),
            attributes: Attributes {
                mode: metadata.mode() & 0o7777,
                user: metadata.uid(),
                group: metadata.gid(),
                modified: metadata.modified().ok(),
            },
        })
    }

    fn version(&self, path: &Path) -> io::Result<Version> {
        fs::symlink_metadata(path).map(|metadata| Version::from(&metadata))
    }

    fn create(&self, paths: &Paths, private: bool) -> io::Result<Self::Temp> {
        let prefix = paths.temp_prefix();
        let mut names = Self::names(&prefix);
        names.permissions(Permissions::from_mode(if private { 0o600 } else { 0o666 }));
        let (file, path) = names.tempfile_in(&paths.folder)?.into_parts();
        Ok(tempfile::NamedTempFile::from_parts(Some(file), path))
    }

    fn write(&self, temp: &mut Self::Temp, bytes: &[u8]) -> io::Result<()> {
        temp.as_file_mut().as_mut().map_or(Ok(()), |file| file.write_all(bytes))
    }

    fn dress(&self, temp: &Self::Temp, attributes: &Attributes) -> io::Result<()> {
        let Some(file) = temp.as_file() else { return Ok(()) };
        let metadata = file.metadata()?;
        let (user, group) = (attributes.user, attributes.group);
        if (metadata.uid(), metadata.gid()) != (user, group) && fchown(file, Some(user), Some(group)).is_err()
        {
            // Only the superuser gives files away. The group can be kept by its members; who is none of them got at
            // the file by the rights of others, and those stay.
            let _ = fchown(file, None, Some(group));
        }
        file.set_permissions(Permissions::from_mode(attributes.mode))?;
        attributes.modified.map_or(Ok(()), |time| file.set_times(FileTimes::new().set_modified(time)))
    }

    fn sync(&self, temp: &Self::Temp) -> io::Result<Version> {
        let Some(file) = temp.as_file() else { return Err(io::ErrorKind::Unsupported.into()) };
        file.sync_all()?;
        Ok(Version::from(&file.metadata()?))
    }

    fn sync_file(&self, path: &Path) -> io::Result<()> {
        File::open(path)?.sync_all()
    }

    fn link(&self, paths: &Paths, path: &Path) -> io::Result<(Self::Temp, Version)> {
        let prefix = paths.temp_prefix();
        let temp =
            Self::names(&prefix).make_in(&paths.folder, |name| fs::hard_link(path, name).map(|()| None))?;
        let version = self.version(temp.path())?;
        Ok((temp, version))
    }

    fn replace(&self, temp: Self::Temp, path: &Path) -> io::Result<()> {
        temp.persist(path).map(|_| ()).map_err(|fault| fault.error)
    }

    fn publish(&self, temp: Self::Temp, path: &Path) -> io::Result<()> {
        temp.persist_noclobber(path).map(|_| ()).map_err(|fault| fault.error)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        File::open(folder)?.sync_all()
    }

    fn sweep(&self, paths: &Paths) -> usize {
        let Ok(entries) = fs::read_dir(&paths.folder) else { return 0 };
        let orphans = entries.flatten().filter(|entry| paths.is_temp(&entry.file_name()));
        orphans.filter(|orphan| fs::remove_file(orphan.path()).is_ok()).count()
    }
}
