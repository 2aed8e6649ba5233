//! What was read, on its way into the engine.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crossbeam_channel::{Receiver, RecvTimeoutError, bounded};
use reweigh::{Batch, Ledger};
use reweigh_import::{ImportErrorKind, Note, RejectedRow, RejectsWriter, Tally};
use reweigh_reading::{Clock, Instant, Zone};
use reweigh_store::Rejected;

use super::intake::{Intake, Piece};
use super::progress::Progress;
use crate::failure::{Exit, Failure};
use crate::interrupt::{Interrupt, LOOK_AGAIN};
use crate::output::Output;
use crate::session::Session;
use crate::words::{count, counted};

/// Batches that wait between the reader and the engine.
const WAITING: usize = 4;
/// Threads that offer: while one waits for the disk, the other hands over.
const OFFERING: usize = 2;

/// What was taken in.
#[derive(Debug, Default)]
pub(super) struct Taken {
    /// How each file was read, added up.
    pub(super) tally: Tally,
    /// The facts, to ask later what became of them.
    pub(super) ledger: Ledger,
    /// Rows that are kept: facts, and refused rows with their reasons.
    facts: u64,
    refused: u64,
    files: usize,
    file: Option<Arc<str>>,
    /// Where refused rows were written, if there are any.
    pub(super) rejects: Option<PathBuf>,
    /// What went wrong with a file.
    failures: Vec<Failure>,
}

impl Taken {
    /// Rows that are kept, the refused ones with their reasons.
    pub(super) fn kept(&self) -> u64 {
        self.facts + self.refused
    }

    /// Rows that were refused before the engine saw them.
    pub(super) fn refused(&self) -> u64 {
        self.refused
    }

    /// What was read, in words.
    pub(super) fn from(&self) -> String {
        match (&self.file, self.files) {
            (Some(file), 1) => file.to_string(),
            (_, files) => format!("{files} files"),
        }
    }

    /// How the files were understood, and what could not be.
    pub(super) fn notes(&self, zone: &Zone) -> Vec<String> {
        let mut notes: Vec<String> = self.tally.notes().iter().map(|note| said(*note, zone)).collect();
        if self.tally.skipped() > 0 {
            let reasons = self.tally.skipped_by_reason.iter();
            let reasons: Vec<String> =
                reasons.map(|(skip, many)| format!("{} {}", count(*many), skip.code())).collect();
            notes.push(format!("passed over, because they are no readings: {}", reasons.join(", ")));
        }
        if self.facts > 0 {
            notes.extend(self.failures.iter().skip(1).map(|failure| failure.message.clone()));
        }
        notes
    }

    /// Why the program ends as it does, if a file could not be read.
    pub(super) fn failure(&self) -> Option<&Failure> {
        // One file without anything in it does no harm beside others.
        let harmless = |failure: &&Failure| self.facts == 0 || failure.exit != Exit::NothingUsable;
        self.failures.iter().find(harmless)
    }
}

/// Reads the files on a thread of their own and offers what they hold, until there is no more, or a signal comes.
pub(super) fn take_in(
    session: &Session,
    intake: Intake,
    rejects: PathBuf,
    interrupt: &Interrupt,
    progress: &Arc<Progress>,
) -> Result<Taken, Failure> {
    let offers = Offers {
        session,
        received: session.clock.now(),
        taken: Mutex::default(),
        rejects: Mutex::new(Rejects { path: rejects, writer: None }),
        interrupt,
    };
    let (pieces, waiting) = bounded(WAITING);
    let (stop, shown) = (interrupt.clone(), Arc::clone(progress));
    // It may be waiting for standard input when a signal comes, and is then left behind.
    let reader = std::thread::spawn(move || intake.read(&pieces, &stop, &shown));
    let offered = std::thread::scope(|scope| {
        let others: Vec<_> = (1..OFFERING).map(|_| scope.spawn(|| offers.take(&waiting))).collect();
        let offered = offers.take(&waiting);
        others
            .into_iter()
            .fold(offered, |offered, other| offered.and(other.join().unwrap_or_else(|_| Err(panicked()))))
    });
    drop(waiting);
    let mut taken = offers.taken.into_inner().unwrap_or_else(PoisonError::into_inner);
    let rejects = offers.rejects.into_inner().unwrap_or_else(PoisonError::into_inner);
    taken.rejects = rejects.finish()?;
    offered?;
    if interrupt.came().is_none() {
        reader.join().map_err(|_| panicked())?;
    }
    Ok(taken)
}

fn panicked() -> Failure {
    let what =
        "a part of the program broke down; what was acknowledged is kept, so run the same command again";
    Failure::new(Exit::Unexpected, "panic", what)
}

/// How a file was understood, in a sentence.
fn said(note: Note, zone: &Zone) -> String {
    match note {
        Note::LocalTimes { count } => {
            format!(
                "{} without a zone, taken in {zone}; --zone names another",
                counted(count, "time", "times")
            )
        }
        Note::DatesAlone { count } => {
            format!("{} without a time, taken as midnight in {zone}", counted(count, "date", "dates"))
        }
        Note::Latin1 { count, first_line } => {
            let rows = counted(count, "row is", "rows are");
            format!("{rows} not UTF-8 and read as Latin-1, the first on line {first_line}")
        }
        Note::UnitsByIndex { count } => {
            let weights = counted(count, "weight", "weights");
            format!("{weights} without a unit, told by the body mass index beside it")
        }
        _ => note.to_string(),
    }
}

/// What the offering threads share.
struct Offers<'a> {
    session: &'a Session,
    received: Instant,
    taken: Mutex<Taken>,
    rejects: Mutex<Rejects>,
    interrupt: &'a Interrupt,
}

impl Offers<'_> {
    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Offers what comes until there is no more. After an error the reader finds that nobody takes anything.
    fn take(&self, pieces: &Receiver<Piece>) -> Result<(), Failure> {
        while self.interrupt.came().is_none() {
            let piece = match pieces.recv_timeout(LOOK_AGAIN) {
                Ok(piece) => piece,
                Err(RecvTimeoutError::Timeout) => continue,
                Err(RecvTimeoutError::Disconnected) => break,
            };
            match piece {
                Piece::Rows { file, batch } => self.offer(&file, batch)?,
                Piece::End { file, tally } => self.ended(file, &tally),
                Piece::Unopened(failure) => self.taken().failures.push(failure),
                Piece::Failed { file, tally, error } => {
                    let failure = Failure::of_import(&file, &error, tally.facts);
                    if error.kind() != ImportErrorKind::Usage || tally.rows > 0 {
                        self.ended(file, &tally);
                    }
                    self.taken().failures.push(failure);
                }
            }
        }
        Ok(())
    }

    fn ended(&self, file: Arc<str>, tally: &Tally) {
        let mut taken = self.taken();
        taken.tally.add(tally);
        taken.files += 1;
        taken.file = Some(file);
    }

    fn offer(&self, file: &str, batch: reweigh_import::Batch) -> Result<(), Failure> {
        let reweigh_import::Batch { facts, rejects } = batch;
        if !rejects.is_empty() {
            self.rejects.lock().unwrap_or_else(PoisonError::into_inner).write(file, &rejects)?;
        }
        let rejects: Vec<Rejected> =
            rejects.into_iter().map(|rejected| self.rejected(file, rejected)).collect();
        let refused = rejects.len() as u64;
        let receipt = self.session.engine.ingest(Batch { facts, rejects, received: Some(self.received) })?;
        let mut taken = self.taken();
        taken.facts += u64::from(receipt.accepted);
        taken.refused += refused;
        taken.ledger.add(&receipt);
        Ok(())
    }

    fn rejected(&self, file: &str, rejected: RejectedRow) -> Rejected {
        let RejectedRow { member, line, refusal, row } = rejected;
        let origin = match member {
            Some(member) => format!("{file}/{member}:{line}"),
            None => format!("{file}:{line}"),
        };
        let (code, reason) = (refusal.code().to_owned(), refusal.to_string());
        Rejected { row, code, reason, origin, received: self.received }
    }
}

/// The file of refused rows. It is made when the first one comes.
struct Rejects {
    path: PathBuf,
    writer: Option<RejectsWriter<Output>>,
}

impl Rejects {
    fn write(&mut self, file: &str, rejects: &[RejectedRow]) -> Result<(), Failure> {
        let failed = |error| Failure::of_file(&self.path, &error);
        let writer = match &mut self.writer {
            Some(writer) => writer,
            none => none.insert(RejectsWriter::new(Output::open(Some(&self.path))?).map_err(failed)?),
        };
        rejects.iter().try_for_each(|rejected| writer.write(file, rejected)).map_err(failed)
    }

    /// Gives the file its name, and says where it is.
    fn finish(self) -> Result<Option<PathBuf>, Failure> {
        let Some(writer) = self.writer else { return Ok(None) };
        let output = writer.finish().map_err(|error| Failure::of_file(&self.path, &error))?;
        output.finish()?;
        Ok(Some(self.path))
    }
}
