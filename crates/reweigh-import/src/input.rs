//! Where a file comes from, and what it is wrapped in.

use std::fmt;
use std::io::{self, Read, Seek};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// What a [`Reader`](crate::Reader) reads: a file, or a stream that goes only forward.
///
/// Compression by gzip or zstd is recognised by its first bytes, in both. A zip archive needs a file.
///
/// ```
/// use reweigh_import::Input;
///
/// let table = Input::stream("user_id,date,weight_kg\nanna,2024-01-31,80.5\n".as_bytes());
/// # let _ = table;
/// ```
pub struct Input {
    pub(crate) kind: InputKind,
    progress: Progress,
}

pub(crate) enum InputKind {
    Stream(Box<dyn Read + Send>),
    File(Box<dyn ReadSeek + Send>),
}

pub(crate) trait ReadSeek: Read + Seek {}

impl<T: Read + Seek> ReadSeek for T {}

impl Input {
    /// Something that can be read once, from its beginning to its end: standard input, a pipe, a socket.
    pub fn stream(read: impl Read + Send + 'static) -> Self {
        Self { kind: InputKind::Stream(Box::new(read)), progress: Progress::default() }
    }

    /// Something in which one can go back: a file.
    pub fn file(file: impl Read + Seek + Send + 'static) -> Self {
        Self { kind: InputKind::File(Box::new(file)), progress: Progress::default() }
    }

    /// How far reading has come, for a progress bar. The handle stays good while the input is read elsewhere.
    pub fn progress(&self) -> Progress {
        self.progress.clone()
    }
}

impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            InputKind::Stream(_) => "stream",
            InputKind::File(_) => "file",
        };
        f.debug_struct("Input").field("kind", &kind).field("progress", &self.progress).finish()
    }
}

/// How many bytes of an input have been read, before anything is unpacked.
#[derive(Clone, Debug, Default)]
pub struct Progress(Arc<AtomicU64>);

impl Progress {
    /// The number of bytes.
    pub fn bytes(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Counts what goes through it.
pub(crate) struct Counted<R> {
    pub(crate) read: R,
    pub(crate) progress: Progress,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.read.read(buffer)?;
        self.progress.0.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

/// How many bytes tell what a file is packed in.
pub(crate) const MAGIC_BYTES: u64 = 4;

/// A beginning that was looked at, and the rest behind it.
type Begun<R> = io::Chain<io::Cursor<Vec<u8>>, R>;

/// Looks at the first bytes and gives them back.
pub(crate) fn begin<R: Read>(mut read: R) -> io::Result<(Vec<u8>, Begun<R>)> {
    let mut magic = Vec::new();
    (&mut read).take(MAGIC_BYTES).read_to_end(&mut magic)?;
    Ok((magic.clone(), io::Cursor::new(magic).chain(read)))
}

/// What the first bytes of a file say it is packed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Packing {
    None,
    Gzip,
    Zstd,
    Zip,
}

impl Packing {
    pub(crate) fn of(magic: &[u8]) -> Self {
        match magic {
            [0x1f, 0x8b, ..] => Self::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd] => Self::Zstd,
            [b'P', b'K', 3, 4] | [b'P', b'K', 5, 6] => Self::Zip,
            _ => Self::None,
        }
    }
}

/// Unpacks a stream that is not an archive. Members that follow each other are one text, as the tools write them.
pub(crate) fn unpacked(
    packing: Packing,
    read: impl Read + Send + 'static,
) -> io::Result<Box<dyn Read + Send>> {
    Ok(match packing {
        Packing::None | Packing::Zip => Box::new(read),
        Packing::Gzip => Box::new(flate2::read::MultiGzDecoder::new(read)),
        Packing::Zstd => Box::new(zstd::stream::read::Decoder::new(read)?),
    })
}
