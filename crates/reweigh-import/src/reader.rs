//! The door: a file goes in, batches come out.

use std::fmt;
use std::io::Read;
use std::sync::Arc;

use crate::archive::Archive;
use crate::batch::{Batch, Sink, Tally};
use crate::error::ImportError;
use crate::input::{Counted, Input, InputKind, MAGIC_BYTES, Packing, begin, unpacked};
use crate::maker::Maker;
use crate::rows::{ROW_BYTES_MAX, Rows};
use crate::settings::{Format, Settings};
use crate::sniff::{self, Opened};
use crate::window::Window;

/// Reads one file into facts and rejects, batch by batch, in bounded memory.
///
/// A row that cannot be taken is a reject and stops nothing. The facts of a batch have been let in by the limits of
/// the settings; they need not be asked about again.
///
/// ```
/// use reweigh_import::{Input, Reader, Settings};
///
/// let file = "user_id,timestamp,weight (kg)\n\
///             anna,2024-01-31T07:15:00Z,80.5\n\
///             anna,yesterday,80.1\n";
/// let mut settings = Settings::new("2024-02-01T00:00:00Z".parse()?);
/// let mut reader = Reader::open(Input::stream(file.as_bytes()), &settings)?;
/// while let Some(batch) = reader.next_batch(10_000)? {
///     for fact in &batch.facts {
///         assert_eq!(fact.user().as_str(), "anna");
///     }
///     for reject in &batch.rejects {
///         assert_eq!((reject.line, reject.refusal.code()), (3, "instant_unreadable"));
///     }
/// }
/// let tally = reader.finish()?;
/// assert_eq!((tally.rows, tally.facts, tally.rejected), (2, 1, 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Reader {
    rows: Option<Box<dyn Rows>>,
    maker: Maker,
    format: Format,
    settings: Settings,
    tally: Tally,
    /// What is left of the archive that the file is.
    archive: Option<Archive>,
    member: Option<Arc<str>>,
    failed: Option<ImportError>,
}

impl Reader {
    /// Opens a file: finds out what it is, and looks whether it has what is needed.
    ///
    /// # Errors
    ///
    /// Every [`ImportError`] but [`NothingUsable`](ImportError::NothingUsable), which only [`finish`](Self::finish)
    /// can know.
    pub fn open(input: Input, settings: &Settings) -> Result<Self, ImportError> {
        let progress = input.progress();
        let (opened, archive, member) = match input.kind {
            InputKind::Stream(read) => {
                let (magic, read) = begin(Counted { read, progress })?;
                (open_plain(&magic, read, settings)?, None, None)
            }
            InputKind::File(mut file) => {
                let mut magic = Vec::new();
                (&mut file).take(MAGIC_BYTES).read_to_end(&mut magic)?;
                file.rewind()?;
                if Packing::of(&magic) == Packing::Zip {
                    let mut archive = Archive::open(file, progress, settings.format)?;
                    let (opened, member) =
                        open_member(&mut archive, settings)?.ok_or(ImportError::ArchiveWithout)?;
                    (opened, Some(archive), Some(member))
                } else {
                    (open_plain(&magic, Counted { read: file, progress }, settings)?, None, None)
                }
            }
        };
        Ok(Self {
            rows: Some(opened.rows),
            maker: opened.maker,
            format: opened.format,
            settings: settings.clone(),
            tally: Tally::default(),
            archive,
            member,
            failed: None,
        })
    }

    /// The format that the file has.
    pub fn format(&self) -> Format {
        self.format
    }

    /// What was counted until now.
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// The next rows, at most `rows_max` of them, or one more if the last says two things; nothing at the end of the
    /// file.
    ///
    /// # Errors
    ///
    /// [`ImportError::Read`] and [`ImportError::Archive`]. Rows that were read before it are given out first, and
    /// after it there is nothing more.
    pub fn next_batch(&mut self, rows_max: usize) -> Result<Option<Batch>, ImportError> {
        let mut batch = Batch::default();
        Ok(self.read_into(&mut batch, rows_max)?.then_some(batch))
    }

    /// As [`next_batch`](Self::next_batch), into a batch whose room is used again. It is cleared first.
    ///
    /// Says whether there is anything in it.
    ///
    /// # Errors
    ///
    /// As [`next_batch`](Self::next_batch).
    pub fn read_into(&mut self, batch: &mut Batch, rows_max: usize) -> Result<bool, ImportError> {
        batch.clear();
        if let Some(error) = self.failed.take() {
            self.rows = None;
            return Err(error);
        }
        let rows_max = rows_max.max(1);
        while let Some(rows) = &mut self.rows {
            let member = self.member.as_ref();
            let mut sink = Sink { batch, tally: &mut self.tally, member, rows_max };
            let more = rows.read(&mut self.maker, &mut sink);
            let more = more.and_then(|more| if more { Ok(()) } else { self.go_on() });
            if let Err(error) = more {
                if batch.rows() == 0 {
                    self.rows = None;
                    return Err(error);
                }
                self.failed = Some(error);
            }
            if batch.rows() > 0 {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Goes on to the next file of the archive, if there is one.
    fn go_on(&mut self) -> Result<(), ImportError> {
        self.rows = None;
        let Some(archive) = &mut self.archive else { return Ok(()) };
        if let Some((opened, member)) = open_member(archive, &self.settings)? {
            self.maker = opened.maker;
            self.rows = Some(opened.rows);
            self.member = Some(member);
        }
        Ok(())
    }

    /// Ends reading and says what there was.
    ///
    /// # Errors
    ///
    /// [`ImportError::Empty`] and [`ImportError::NothingUsable`] if not one fact came out of the file.
    pub fn finish(self) -> Result<Tally, ImportError> {
        let Tally { rows, facts, rejected, first_refusal, .. } = &self.tally;
        match (rows, facts) {
            (0, _) => Err(ImportError::Empty),
            (_, 0) => Err(ImportError::NothingUsable {
                rejected: *rejected,
                skipped: self.tally.skipped(),
                first: first_refusal.clone(),
            }),
            _ => Ok(self.tally),
        }
    }
}

/// Opens what is not an archive.
fn open_plain(
    magic: &[u8],
    read: impl Read + Send + 'static,
    settings: &Settings,
) -> Result<Opened, ImportError> {
    let packing = Packing::of(magic);
    if packing == Packing::Zip {
        return Err(ImportError::ArchiveInStream);
    }
    sniff::open(Window::new(unpacked(packing, read)?, ROW_BYTES_MAX), settings)
}

/// Opens the next file of an archive that is what its name says.
fn open_member(
    archive: &mut Archive,
    settings: &Settings,
) -> Result<Option<(Opened, Arc<str>)>, ImportError> {
    while let Some(member) = archive.next() {
        let mut settings = settings.clone();
        if settings.format == Format::Auto {
            settings.format = member.format;
        }
        match sniff::open(Window::new(member.read, ROW_BYTES_MAX), &settings) {
            Ok(opened) => return Ok(Some((opened, member.name))),
            // Archives hold much else, and empty files too.
            Err(ImportError::NotThisFormat { .. } | ImportError::UnknownFormat | ImportError::Empty) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}

impl fmt::Debug for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader")
            .field("format", &self.format)
            .field("tally", &self.tally)
            .field("member", &self.member)
            .finish_non_exhaustive()
    }
}
