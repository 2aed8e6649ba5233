//! What is said to the person at the terminal: everything that is not data, on standard error.

use std::fmt::Write as _;
use std::io::{IsTerminal, Write as _};

use serde_json::json;

use crate::args::{Global, LogFormat};
use crate::failure::{Exit, Failure};
use crate::paint::Paint;

/// Standard error.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "each is one option or one fact")]
pub(crate) struct Screen {
    quiet: bool,
    verbose: bool,
    json: bool,
    /// Whether a person looks at it.
    terminal: bool,
    paint: Paint,
}

impl Screen {
    pub(crate) fn new(global: &Global) -> Self {
        let terminal = std::io::stderr().is_terminal();
        Self {
            quiet: global.quiet,
            verbose: global.verbose > 0,
            json: global.log == LogFormat::Json,
            terminal,
            paint: Paint(terminal && global.colour()),
        }
    }

    /// Whether a progress bar is of use.
    pub(crate) fn wants_progress(self) -> bool {
        self.terminal && !self.quiet && !self.json
    }

    /// Something worth knowing.
    pub(crate) fn note(self, text: &str) {
        if !self.quiet {
            self.say("info", "note", text, &[]);
        }
    }

    /// Something that may be wrong.
    pub(crate) fn warn(self, text: &str) {
        self.say("warn", "warning", text, &[]);
    }

    /// Says why something was not done, and how the program ends.
    pub(crate) fn fail(self, failure: &Failure) -> Exit {
        if failure.message.is_empty() {
            return failure.exit;
        }
        let causes = if self.verbose { failure.causes.as_slice() } else { &[] };
        self.say("error", failure.code, &failure.message, causes);
        failure.exit
    }

    fn say(self, level: &'static str, code: &str, text: &str, causes: &[String]) {
        let text = text.replace(['\n', '\r'], " ");
        let mut said = if self.json {
            json!({ "level": level, "code": code, "message": text, "causes": causes }).to_string()
        } else {
            match level {
                "error" => format!("{} {text}", self.paint.bad("reweigh:")),
                "warn" => format!("{} {text}", self.paint.doubtful("reweigh: warning:")),
                _ => text,
            }
        };
        said.push('\n');
        if !self.json {
            for cause in causes {
                let _ = writeln!(said, "  because {cause}");
            }
        }
        // Nobody reads it: then nobody is told.
        let _ = std::io::stderr().lock().write_all(said.as_bytes());
    }
}
