//! What the crates log, on standard error.

use std::io;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::fmt;

use crate::args::{Global, LogFormat};

/// Begins to show what is logged: warnings, or more with `-v`. Personal data is logged at `debug` at most, which takes
/// `-vv`.
pub(crate) fn begin(global: &Global) {
    let level = match (global.quiet, global.verbose) {
        (true, _) => LevelFilter::ERROR,
        (false, 0) => LevelFilter::WARN,
        (false, 1) => LevelFilter::INFO,
        (false, 2) => LevelFilter::DEBUG,
        (false, _) => LevelFilter::TRACE,
    };
    let lines = fmt().with_max_level(level).with_writer(io::stderr).with_ansi(false);
    // Somebody else may log already, in tests; then nothing changes.
    let _ = match global.log {
        LogFormat::Text => tracing::subscriber::set_global_default(lines.with_target(false).finish()),
        LogFormat::Json => tracing::subscriber::set_global_default(lines.json().finish()),
    };
}
