//! Files on a disk.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

use redb::backends::FileBackend;

use super::{Backend, Medium};

/// The files of this machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct DiskMedium;

fn backend(file: File) -> io::Result<Backend> {
    FileBackend::new(file).map(Backend::new).map_err(io::Error::other)
}

/// None instead of an error that there is no such file.
fn if_there<T>(found: io::Result<T>) -> io::Result<Option<T>> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

impl Medium for DiskMedium {
    fn open(&self, path: &Path) -> io::Result<Option<Backend>> {
        let Some(file) = if_there(OpenOptions::new().read(true).write(true).open(path))? else {
            return Ok(None);
        };
        // Whoever may write everywhere still respects what the file's mode says.
        if file.metadata()?.permissions().readonly() {
            return Err(io::ErrorKind::ReadOnlyFilesystem.into());
        }
        backend(file).map(Some)
    }

    fn size(&self, path: &Path) -> io::Result<Option<u64>> {
        if_there(std::fs::metadata(path)).map(|found| found.map(|file| file.len()))
    }

    fn create(&self, path: &Path) -> io::Result<Backend> {
        self.remove(path)?;
        backend(OpenOptions::new().read(true).write(true).create_new(true).open(path)?)
    }

    fn place(&self, from: &Path, to: &Path) -> io::Result<()> {
        match std::fs::hard_link(from, to) {
            Ok(()) => self.remove(from),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(error),
            // Some filesystems have no second names. Renaming there would replace what is there, so look first.
            Err(_) if to.try_exists()? => Err(io::ErrorKind::AlreadyExists.into()),
            Err(_) => std::fs::rename(from, to),
        }
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        if_there(std::fs::remove_file(path)).map(drop)
    }

    fn sync_names(&self, path: &Path) -> io::Result<()> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        // Elsewhere a folder cannot be opened as a file, and names are durable without.
        if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
    }

    fn read_note(&self, path: &Path) -> io::Result<Option<String>> {
        if_there(std::fs::read_to_string(path))
    }

    fn write_note(&self, path: &Path, text: &str) -> io::Result<()> {
        std::fs::write(path, text)
    }
}
