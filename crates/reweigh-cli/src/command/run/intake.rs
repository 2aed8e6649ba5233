//! The files, on their way in: looked at before anything is kept, then read on a thread of their own.

use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

use crossbeam_channel::Sender;
use reweigh_import::{Batch, ImportError, ImportErrorKind, Input, Reader, Settings, Tally};

use super::progress::Progress;
use crate::command::Context;
use crate::failure::{Failure, plain};
use crate::interrupt::Interrupt;

/// A file that was named, and how to read it.
#[derive(Debug, Clone)]
pub(super) struct Given {
    pub(super) path: PathBuf,
    pub(super) settings: Settings,
}

impl Given {
    fn is_stdin(&self) -> bool {
        self.path.as_os_str() == "-"
    }

    /// The name that messages and rejects have.
    fn name(&self) -> Arc<str> {
        if self.is_stdin() { "standard input".into() } else { self.path.display().to_string().into() }
    }

    /// A regular file can be looked at without taking anything from it.
    fn is_regular(&self) -> bool {
        !self.is_stdin() && self.path.metadata().is_ok_and(|it| it.is_file())
    }

    fn open(&self) -> Result<Input, Failure> {
        if self.is_stdin() {
            return Ok(Input::stream(std::io::stdin()));
        }
        let failed = |error: std::io::Error| {
            Failure::usage(format!(
                "{} cannot be read: {}; name a file of readings",
                self.path.display(),
                plain(&error)
            ))
        };
        let file = File::open(&self.path).map_err(failed)?;
        let known = file.metadata().map_err(failed)?;
        if known.is_dir() {
            return Err(Failure::usage(format!("{} is a folder; name the files in it", self.path.display())));
        }
        Ok(if known.is_file() { Input::file(file) } else { Input::stream(file) })
    }
}

/// The files to read.
#[derive(Debug)]
pub(super) struct Intake {
    given: Vec<Given>,
    rows: usize,
}

/// What the reading thread hands over.
#[derive(Debug)]
pub(super) enum Piece {
    /// Rows.
    Rows { file: Arc<str>, batch: Batch },
    /// A file was read to its end.
    End { file: Arc<str>, tally: Tally },
    /// A file could not be read, or not to its end.
    Failed { file: Arc<str>, tally: Tally, error: ImportError },
    /// A file could not be opened.
    Unopened(Failure),
}

impl Intake {
    /// Looks at the beginning of each file, so that what is typed wrongly is said before anything is kept.
    pub(super) fn look(given: Vec<Given>, rows: usize, context: &Context) -> Result<Self, Failure> {
        let mut useful = Vec::new();
        let mut useless: Option<Failure> = None;
        for one in given {
            if !one.is_regular() {
                if !one.is_stdin() {
                    one.open()?;
                }
                useful.push(one);
                continue;
            }
            match Reader::open(one.open()?, &one.settings) {
                Ok(_) => useful.push(one),
                Err(error) => {
                    let failure = Failure::of_import(&one.name(), &error, 0);
                    if error.kind() == ImportErrorKind::Usage {
                        return Err(failure);
                    }
                    if let Some(before) = useless.replace(failure) {
                        context.screen.warn(&before.message);
                    }
                }
            }
        }
        match useless {
            Some(failure) if useful.is_empty() => Err(failure),
            Some(failure) => {
                context.screen.warn(&failure.message);
                Ok(Self { given: useful, rows })
            }
            None => Ok(Self { given: useful, rows }),
        }
    }

    /// How large the files are together, if that is known of all.
    pub(super) fn bytes(&self) -> Option<u64> {
        self.given
            .iter()
            .map(|one| if one.is_regular() { one.path.metadata().ok().map(|it| it.len()) } else { None })
            .sum()
    }

    /// Reads all files and hands them over, piece by piece. It ends when nobody takes them any more.
    pub(super) fn read(self, pieces: &Sender<Piece>, interrupt: &Interrupt, progress: &Progress) {
        let mut done = 0;
        for one in &self.given {
            let Some(bytes) = self.read_one(one, done, pieces, interrupt, progress) else { return };
            done += bytes;
        }
    }

    /// Reads a file and says how many bytes it had; none if nobody wants more.
    fn read_one(
        &self,
        one: &Given,
        done: u64,
        pieces: &Sender<Piece>,
        interrupt: &Interrupt,
        progress: &Progress,
    ) -> Option<u64> {
        let file = one.name();
        let input = match one.open() {
            Ok(input) => input,
            Err(failure) => {
                pieces.send(Piece::Unopened(failure)).ok()?;
                return Some(0);
            }
        };
        let bytes = input.progress();
        let mut reader = match Reader::open(input, &one.settings) {
            Ok(reader) => reader,
            Err(error) => {
                pieces.send(Piece::Failed { file, tally: Tally::default(), error }).ok()?;
                return Some(bytes.bytes());
            }
        };
        loop {
            match reader.next_batch(self.rows) {
                Ok(Some(batch)) => {
                    progress.read(done + bytes.bytes(), batch.rows());
                    pieces.send(Piece::Rows { file: Arc::clone(&file), batch }).ok()?;
                }
                Ok(None) => break,
                Err(error) => {
                    let tally = reader.tally().clone();
                    pieces.send(Piece::Failed { file, tally, error }).ok()?;
                    return Some(bytes.bytes());
                }
            }
            if interrupt.came().is_some() {
                return None;
            }
        }
        let tally = reader.tally().clone();
        let last = match reader.finish() {
            Ok(tally) => Piece::End { file, tally },
            Err(error) => Piece::Failed { file, tally, error },
        };
        pieces.send(last).ok()?;
        Some(bytes.bytes())
    }
}
