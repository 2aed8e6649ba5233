//! `export`: what the store knows, as a table or as JSON lines.

mod records;
mod users;

use std::path::PathBuf;

use clap::ValueEnum;
use reweigh_import::{FactsFormat, FactsWriter};

use crate::command::Context;
use crate::failure::{Exit, Failure};
use crate::output::Output;
use crate::session::{Session, Wanted};
use crate::sheet::SheetFormat;
pub(crate) use users::each as each_user;

/// What `export` takes.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// What to write
    #[arg(value_name = "WHAT")]
    what: What,
    /// Where to: CSV, or JSON lines if it ends in .jsonl [default: standard output]
    #[arg(long, short, value_name = "PATH")]
    output: Option<PathBuf>,
}

/// What can be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum What {
    /// Every fact as it came; `run` takes the file back into an empty store
    Facts,
    /// One line for each user
    States,
    /// Every reading as settled, like `run --output`
    Readings,
    /// Every reading's verdict and nothing else
    Verdicts,
    /// What was said before and is not any more
    Revisions,
    /// What was decided and done
    Audit,
    /// Rows that were refused
    Rejects,
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let to = Target { path: args.output.clone(), json: context.global.json };
    Session::with(context, Wanted::default(), |session| {
        session.settle()?;
        match args.what {
            What::Facts => facts(session, &to),
            What::States => users::states(session, &to),
            What::Readings => users::readings(session, &to),
            What::Verdicts => users::verdicts(session, &to),
            What::Revisions => records::revisions(session, &to),
            What::Audit => records::audit(session, &to),
            What::Rejects => records::rejects(session, &to),
        }
    })?;
    Ok(Exit::Done)
}

/// Where data goes, and how.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) path: Option<PathBuf>,
    pub(crate) json: bool,
}

fn facts(session: &Session, to: &Target) -> Result<(), Failure> {
    let output = Output::open(to.path.as_deref())?;
    let format = match SheetFormat::of(to.path.as_deref(), to.json) {
        SheetFormat::Csv => FactsFormat::Csv,
        SheetFormat::Jsonl => FactsFormat::Jsonl,
    };
    let failed = |error| match &to.path {
        Some(path) => Failure::of_file(path, &error),
        None => Failure::of_stdout(&error),
    };
    let mut writer = FactsWriter::new(output, format).map_err(failed)?;
    let mut wrong = None;
    session.engine.each_fact(|fact| {
        if wrong.is_none() {
            wrong = writer.write(fact).err();
        }
    })?;
    if let Some(error) = wrong {
        return Err(failed(error));
    }
    writer.finish().map_err(failed)?.finish()
}
