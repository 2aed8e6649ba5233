//! Where data goes: standard output, or a file that is written aside and put in its place when it is whole.

use std::fmt;
use std::fs::{self, Permissions};
use std::io::{self, BufWriter, IsTerminal, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::args::Global;
use crate::failure::Failure;
use crate::paint::Paint;

/// Prints to standard output, all of it at once.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(|error| Failure::of_stdout(&error))
}

/// Prints a value as one line of JSON.
pub(crate) fn print_json(value: &impl serde::Serialize) -> Result<(), Failure> {
    let mut line = serde_json::to_string(value)
        .map_err(|error| Failure::new(crate::failure::Exit::Unexpected, "json", error.to_string()))?;
    line.push('\n');
    print(&line)
}

/// Whether standard output is painted.
pub(crate) fn paint(global: &Global) -> Paint {
    Paint(global.colour() && io::stdout().is_terminal())
}

/// A stream of data.
pub(crate) enum Output {
    /// Standard output.
    Stdout(BufWriter<io::Stdout>),
    /// A file, under a passing name beside its own.
    File { path: PathBuf, file: BufWriter<NamedTempFile> },
}

impl Output {
    /// Opens the output: `-` or nothing is standard output. Folders that are missing are made.
    pub(crate) fn open(path: Option<&Path>) -> Result<Self, Failure> {
        match path {
            Some(path) if path != Path::new("-") => Self::file(path),
            _ => Ok(Self::Stdout(BufWriter::with_capacity(1 << 16, io::stdout()))),
        }
    }

    /// A file that shows itself whole or not at all.
    pub(crate) fn file(path: &Path) -> Result<Self, Failure> {
        let failed = |error| Failure::of_file(path, &error);
        if path.is_dir() {
            return Err(failed(io::ErrorKind::IsADirectory.into()));
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or_else(|| Path::new("."));
        fs::create_dir_all(folder).map_err(failed)?;
        let mut aside = tempfile::Builder::new();
        // What the caller's umask leaves of it, like any file a program makes.
        aside.prefix(".reweigh-").permissions(Permissions::from_mode(0o666));
        let file = aside.tempfile_in(folder).map_err(failed)?;
        Ok(Self::File { path: path.to_owned(), file: BufWriter::with_capacity(1 << 16, file) })
    }

    /// What an error of writing means.
    pub(crate) fn failed(&self, error: &io::Error) -> Failure {
        match self {
            Self::Stdout(_) => Failure::of_stdout(error),
            Self::File { path, .. } => Failure::of_file(path, error),
        }
    }

    /// Ends the stream: a file gets its name.
    pub(crate) fn finish(self) -> Result<(), Failure> {
        match self {
            Self::Stdout(mut out) => out.flush().map_err(|error| Failure::of_stdout(&error)),
            Self::File { path, file } => {
                let failed = |error: &io::Error| Failure::of_file(&path, error);
                let file = file.into_inner().map_err(|error| failed(error.error()))?;
                file.as_file().sync_all().map_err(|error| failed(&error))?;
                file.persist(&path).map_err(|error| failed(&error.error))?;
                Ok(())
            }
        }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Stdout(out) => out.write(bytes),
            Self::File { file, .. } => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Stdout(out) => out.flush(),
            Self::File { file, .. } => file.flush(),
        }
    }
}

impl fmt::Debug for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stdout(_) => f.write_str("Stdout"),
            Self::File { path, .. } => f.debug_tuple("File").field(path).finish(),
        }
    }
}
