//! What the crates log, on standard error.

use std::io;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::fmt;

use crate::args::{Global, LogFormat};

/// Begins to show what is logged: errors, or more with `-v`. What warns of something that lasts shows in `status`. Personal data is logged at `debug` at most, which takes
/// `-vv`.
pub(crate) fn begin(global: &Global) {
    let level = match global.verbose {
        0 => LevelFilter::ERROR,
        1 => LevelFilter::INFO,
        2 => LevelFilter::DEBUG,
        _ => LevelFilter::TRACE,
    };
    let lines = fmt().with_max_level(level).with_writer(io::stderr).with_ansi(false);
    // Somebody else may log already, in tests; then nothing changes.
    let _ = match global.log {
        LogFormat::Text => tracing::subscriber::set_global_default(lines.with_target(false).finish()),
        LogFormat::Json => tracing::subscriber::set_global_default(lines.json().finish()),
    };
}
