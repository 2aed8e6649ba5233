//! How the program ends, and what it says when it could not do what it was asked for.

use std::error::Error;
use std::io;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use reweigh::{EngineError, Remedy};
use reweigh_import::{ImportError, ImportErrorKind};
use reweigh_redb::OpenError;
use reweigh_store::StoreError;

/// How the program ends. Scripts depend on the numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done.
    Done,
    /// Something that nobody thought of.
    Unexpected,
    /// Bad usage, or a bad configuration.
    Usage,
    /// `verify` found users whose settled state is not what their facts give.
    Differs,
    /// The input had nothing usable.
    NothingUsable,
    /// The store is in use, cannot be read, is full, or is damaged.
    Store,
    /// Done, but `--strict` and something was refused, unsettled or pinned.
    Strict,
    /// A signal ended it.
    Interrupted(u8),
}

impl Exit {
    /// The number.
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Unexpected => 1,
            Self::Usage => 2,
            Self::Differs => 3,
            Self::NothingUsable => 4,
            Self::Store => 5,
            Self::Strict => 6,
            Self::Interrupted(signal) => 128_u8.saturating_add(signal),
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        exit.code().into()
    }
}

/// Why the program did not do what it was asked for: one line that says what, where, and what to do next.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    /// A word for scripts, for ever the same.
    pub(crate) code: &'static str,
    pub(crate) message: String,
    /// What `-v` adds.
    pub(crate) causes: Vec<String>,
}

impl Failure {
    pub(crate) fn new(exit: Exit, code: &'static str, message: impl Into<String>) -> Self {
        Self { exit, code, message: message.into(), causes: Vec::new() }
    }

    /// What was asked for makes no sense.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, "usage", message)
    }

    /// Whoever read our output has seen enough. That is no fault, and nothing is said.
    pub(crate) fn closed_pipe() -> Self {
        Self::new(Exit::Done, "closed_pipe", "")
    }

    /// Adds what lies behind an error.
    pub(crate) fn because(mut self, error: &(dyn Error + 'static)) -> Self {
        let mut next = error.source();
        while let Some(cause) = next {
            self.causes.push(cause.to_string());
            next = cause.source();
        }
        self
    }

    /// Writing to standard output failed.
    pub(crate) fn of_stdout(error: &io::Error) -> Self {
        if is_closed_pipe(error) {
            return Self::closed_pipe();
        }
        Self::new(Exit::Unexpected, "stdout", format!("standard output cannot be written: {error}"))
    }

    /// A file that is to be written cannot be.
    pub(crate) fn of_file(path: &Path, error: &io::Error) -> Self {
        let what = format!("{} cannot be written: {}; name another place", path.display(), plain(error));
        Self::new(Exit::Unexpected, "output_file", what)
    }

    /// A file of readings cannot be taken as it is.
    #[expect(clippy::wildcard_enum_match_arm, reason = "of whatever else there is, nothing is usable")]
    pub(crate) fn of_import(file: &str, error: &ImportError, taken: u64) -> Self {
        let exit = match error.kind() {
            ImportErrorKind::Usage => Exit::Usage,
            ImportErrorKind::Medium if taken > 0 => Exit::Unexpected,
            _ => Exit::NothingUsable,
        };
        Self::new(exit, error.code(), format!("{file}: {error}")).because(error)
    }

    /// The store could not be opened.
    #[expect(clippy::wildcard_enum_match_arm, reason = "the others say all there is to say")]
    pub(crate) fn of_open(error: &OpenError) -> Self {
        // What the store says of itself is the reason, and belongs into the line.
        let message = match error {
            OpenError::Store { cause, .. } => format!("{error}: {cause}"),
            OpenError::Missing { path } => {
                let path = path.display();
                format!(
                    "there is no store at {path}; `reweigh run FILE` makes one, or name another with --db"
                )
            }
            _ => error.to_string(),
        };
        Self::new(Exit::Store, error.code(), message).because(error)
    }

    /// A verb of the store failed.
    pub(crate) fn of_store(error: &StoreError) -> Self {
        Self::new(Exit::Store, error.code(), error.to_string()).because(error)
    }
}

/// Whether that, or what lies behind it, is a pipe that nobody reads any more.
fn is_closed_pipe(error: &(dyn Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        let own = error.downcast_ref::<io::Error>();
        if own.is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe) {
            return true;
        }
        // An error that holds another one in itself names what lies behind that one as its source.
        let inner = own.and_then(io::Error::get_ref).map(|inner| inner as &(dyn Error + 'static));
        next = inner.or_else(|| error.source());
    }
    false
}

/// What an error of the system is, without its number.
pub(crate) fn plain(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or(&text).to_lowercase()
}

impl From<EngineError> for Failure {
    #[expect(clippy::wildcard_enum_match_arm, reason = "the remedy says what the others are")]
    fn from(error: EngineError) -> Self {
        if let EngineError::Open(fault) = &error
            && let Some(open) = Arc::as_ref(fault).downcast_ref::<OpenError>()
        {
            return Self::of_open(open);
        }
        let exit = match &error {
            EngineError::Open(_)
            | EngineError::Store(_)
            | EngineError::Unknown(_)
            | EngineError::Backpressure { .. } => Exit::Store,
            other if other.remedy() == Remedy::FixInput => Exit::Usage,
            _ => Exit::Unexpected,
        };
        Self::new(exit, error.code(), error.to_string()).because(&error)
    }
}
