//! Zip archives: which files in them are read, and how.

use std::collections::VecDeque;
use std::fmt;
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use std::sync::{Arc, Mutex, PoisonError};

use flate2::Crc;
use flate2::read::DeflateDecoder;
use zip::{CompressionMethod, ZipArchive};

use crate::error::ImportError;
use crate::input::{Counted, Progress, ReadSeek};
use crate::settings::Format;

/// The files of an archive that are read, one after the other.
pub(crate) struct Archive {
    file: Arc<Mutex<Box<dyn ReadSeek + Send>>>,
    members: VecDeque<Member>,
    progress: Progress,
}

/// A file in an archive.
#[derive(Clone, Debug)]
struct Member {
    name: String,
    start: u64,
    bytes: u64,
    is_deflated: bool,
    check: u32,
}

/// A member that can be read, and what it must be to be of interest.
pub(crate) struct OpenMember {
    pub(crate) name: Arc<str>,
    pub(crate) read: Box<dyn Read + Send>,
    pub(crate) format: Format,
}

impl Archive {
    /// Reads the directory and chooses what to read. With a format only files that may have it are chosen.
    pub(crate) fn open(
        mut file: Box<dyn ReadSeek + Send>,
        progress: Progress,
        format: Format,
    ) -> Result<Self, ImportError> {
        let members = chosen(directory(&mut file)?, format);
        if members.is_empty() {
            return Err(ImportError::ArchiveWithout);
        }
        Ok(Self { file: Arc::new(Mutex::new(file)), members: members.into(), progress })
    }

    /// The next file that is of interest by its name.
    pub(crate) fn next(&mut self) -> Option<OpenMember> {
        let member = self.members.pop_front()?;
        let format = by_name(&member.name).unwrap_or(Format::Auto);
        let part = Part { file: self.file.clone(), at: member.start, left: member.bytes };
        let part = Counted { read: part, progress: self.progress.clone() };
        let read: Box<dyn Read + Send> =
            if member.is_deflated { Box::new(DeflateDecoder::new(part)) } else { Box::new(part) };
        let read = Checked { read, seen: Crc::new(), check: member.check };
        Some(OpenMember { name: member.name.into(), read: Box::new(read), format })
    }
}

impl fmt::Debug for Archive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Archive").field("members", &self.members).finish_non_exhaustive()
    }
}

/// All files of an archive that can be unpacked.
fn directory(file: &mut Box<dyn ReadSeek + Send>) -> Result<Vec<Member>, ImportError> {
    let broken = |error: zip::result::ZipError| ImportError::Archive { what: error.to_string() };
    let mut archive = ZipArchive::new(file).map_err(broken)?;
    let mut members = Vec::new();
    for place in 0..archive.len() {
        let entry = archive.by_index_raw(place).map_err(broken)?;
        let packing = entry.compression();
        if packing != CompressionMethod::Stored && packing != CompressionMethod::Deflated {
            continue;
        }
        let is_deflated = packing == CompressionMethod::Deflated;
        let (Some(start), Ok(name)) = (entry.data_start(), entry.name()) else { continue };
        if entry.is_file() && !entry.encrypted() {
            let (name, bytes, check) = (name.into_owned(), entry.compressed_size(), entry.crc32());
            members.push(Member { name, start, bytes, is_deflated, check });
        }
    }
    members.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(members)
}

/// Which export a file with this name belongs to.
fn by_name(path: &str) -> Option<Format> {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path).to_ascii_lowercase();
    let ends = |ending: &str| name.ends_with(ending);
    match &*name {
        "weight.csv" | "height.csv" => Some(Format::Withings),
        _ if name.starts_with("weight-") && ends(".json") => Some(Format::Fitbit),
        // The name of Apple's file is in the language of the phone; beside it is one in another format.
        _ if ends(".xml") && !ends("_cda.xml") => Some(Format::Apple),
        _ => None,
    }
}

/// The exports that are known by name, or else the only table or JSON text there is.
fn chosen(members: Vec<Member>, format: Format) -> Vec<Member> {
    let is_asked = |member: &Member| match (by_name(&member.name), format) {
        (Some(_), Format::Auto) => true,
        (Some(named), asked) => named == asked,
        (None, _) => false,
    };
    let (named, others): (Vec<Member>, Vec<Member>) = members.into_iter().partition(is_asked);
    if !named.is_empty() {
        return named;
    }
    let is_data = |member: &Member| {
        let name = member.name.to_ascii_lowercase();
        [".csv", ".tsv", ".txt", ".json", ".jsonl", ".ndjson"].iter().any(|ending| name.ends_with(ending))
    };
    let mut data: Vec<Member> = others.into_iter().filter(is_data).collect();
    if data.len() > 1 {
        data.clear();
    }
    data
}

/// A stretch of a file that others read too.
struct Part {
    file: Arc<Mutex<Box<dyn ReadSeek + Send>>>,
    at: u64,
    left: u64,
}

impl Read for Part {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // A panic under this lock leaves nothing half done: the place is set anew each time.
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(self.at))?;
        let count = (&mut *file).take(self.left).read(buffer)?;
        self.at += count as u64;
        self.left -= count as u64;
        Ok(count)
    }
}

/// Compares what was unpacked with the check sum of the directory.
struct Checked<R> {
    read: R,
    seen: Crc,
    check: u32,
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.read.read(buffer)?;
        self.seen.update(buffer.get(..count).unwrap_or_default());
        if count == 0 && !buffer.is_empty() && self.seen.sum() != self.check {
            return Err(io::Error::new(
                ErrorKind::InvalidData,
                "the check sum of a file in the archive is wrong",
            ));
        }
        Ok(count)
    }
}
