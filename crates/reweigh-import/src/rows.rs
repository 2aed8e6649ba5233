//! What every format is to the reader above it.

use crate::batch::Sink;
use crate::error::ImportError;
use crate::maker::Maker;

/// The longest row that is taken.
pub(crate) const ROW_BYTES_MAX: usize = 64 * 1024;

/// A file of some format, row by row.
pub(crate) trait Rows: Send {
    /// Puts rows into the sink until it is full or the file ends; says whether there may be more.
    ///
    /// After an error what is in the sink is good, and nothing more comes.
    fn read(&mut self, maker: &mut Maker, sink: &mut Sink<'_>) -> Result<bool, ImportError>;
}
