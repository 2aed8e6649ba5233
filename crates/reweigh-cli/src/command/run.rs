//! `run`: files of readings in, a settled store and a summary out.

mod dry;
mod intake;
mod offer;
mod outcome;
mod progress;
mod refold;
mod summary;

use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use reweigh_import::{ColumnMap, Content, Delimiter, Format};
use reweigh_reading::{Clock, DecimalMark, Instant, UserId};
use toml::Value;

use crate::clock::{ProgramClock, Stopwatch};
use crate::command::Context;
use crate::config::{Config, Override};
use crate::failure::{Exit, Failure};
use crate::interrupt::Interrupt;
use crate::output;
use crate::session::{Session, Wanted};
use crate::words::count;
use dry::Copied;
use intake::{Given, Intake};
use offer::Taken;
use outcome::Odd;
use progress::Progress;
use summary::Summary;

/// What `run` takes.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Files of readings; `-` is standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Where to write every reading of the users touched, as settled: CSV, or JSON lines if it ends in .jsonl
    #[arg(long, value_name = "PATH")]
    output: Option<PathBuf>,
    /// Where to write the rows that were refused [default: the first file's name with .rejects.csv]
    #[arg(long, value_name = "PATH")]
    rejects: Option<PathBuf>,
    /// auto, csv, jsonl, fhir, apple, withings or fitbit
    #[arg(long, value_name = "FORMAT", default_value = "auto")]
    format: Format,
    /// Which column holds what, such as user=patient; keys: user, at, weight, unit, source, id, revision, action, received, reason, height
    #[arg(long, value_name = "KEY=COLUMN")]
    map: Vec<String>,
    /// Whose readings they are, where the file does not say it
    #[arg(long, value_name = "NAME")]
    user: Option<UserId>,
    /// A table of heights, with the columns user, height and unit, and if you have them at and id
    #[arg(long, value_name = "FILE")]
    heights: Option<PathBuf>,
    /// The unit of weights that have none: kg, lb, st, g, or none to refuse them
    #[arg(long, value_name = "UNIT")]
    unit: Option<String>,
    /// The zone of dates that name none, such as Europe/Berlin
    #[arg(long, value_name = "ZONE")]
    zone: Option<String>,
    /// How dates are written: day-first, month-first, unix-seconds, unix-millis, or a pattern such as %d/%m/%y
    #[arg(long, value_name = "FORMAT")]
    date_format: Option<String>,
    /// The sign before a fraction: . or ,
    #[arg(long, value_name = "SIGN")]
    decimal: Option<String>,
    /// What stands between columns: , ; | or tab [default: the first line tells]
    #[arg(long, value_name = "SIGN")]
    delimiter: Option<Delimiter>,
    /// The instant that it is taken to be
    #[arg(long, value_name = "INSTANT")]
    now: Option<Instant>,
    /// Threads that settle users
    #[arg(long, value_name = "NUMBER")]
    threads: Option<u32>,
    /// Rows that are made durable together
    #[arg(long, value_name = "ROWS")]
    batch: Option<u32>,
    /// Do everything on a copy, say what would come of it, and keep nothing
    #[arg(long)]
    dry_run: bool,
    /// Fold everybody anew if the store is settled under another policy, and go over to this one
    #[arg(long)]
    refold: bool,
    /// Exit with 6 if anything was refused, unsettled or pinned
    #[arg(long)]
    strict: bool,
}

impl Args {
    /// What options say about the configuration.
    fn overrides(&self) -> Vec<Override> {
        let text = |key, value: &Option<String>, option| {
            value.clone().map(|value| Override { key, value: Value::String(value), option })
        };
        let number = |key, value: Option<u32>, option| {
            value.map(|value| Override { key, value: Value::Integer(value.into()), option })
        };
        let all = [
            text("operational.unit", &self.unit, "--unit"),
            text("operational.zone", &self.zone, "--zone"),
            text("operational.date_format", &self.date_format, "--date-format"),
            text("operational.decimal", &self.decimal, "--decimal"),
            number("operational.workers", self.threads, "--threads"),
            number("operational.batch_rows", self.batch, "--batch"),
        ];
        all.into_iter().flatten().collect()
    }

    /// How the files are read.
    fn reading(&self, config: &Config, received: Instant) -> Result<reweigh_import::Settings, Failure> {
        let mut settings = reweigh_import::Settings::new(received);
        settings.format = self.format;
        for word in &self.map {
            settings.columns =
                settings.columns.with(word).map_err(|error| Failure::usage(error.to_string()))?;
        }
        settings.user.clone_from(&self.user);
        settings.zone = config.files.zone.clone();
        settings.date_format = config.files.date_format.clone();
        settings.decimal = config.files.decimal;
        settings.delimiter = self.delimiter;
        settings.unit = config.files.unit;
        settings.aliases = config.files.aliases.clone();
        settings.limits = *config.settings.limits();
        Ok(settings)
    }

    /// The files, heights first: a reading is judged better when the height is known, and the same in the end.
    fn given(&self, readings: &reweigh_import::Settings) -> Vec<Given> {
        let mut given = Vec::new();
        if let Some(path) = &self.heights {
            let mut settings = readings.clone();
            settings.content = Content::Heights;
            settings.columns = ColumnMap::none();
            settings.format = Format::Csv;
            settings.delimiter = None;
            settings.decimal = DecimalMark::Point;
            given.push(Given { path: path.clone(), settings });
        }
        given.extend(self.files.iter().map(|path| Given { path: path.clone(), settings: readings.clone() }));
        given
    }

    /// Where refused rows go.
    fn rejects_path(&self) -> PathBuf {
        self.rejects.clone().unwrap_or_else(|| {
            let first = self.files.first().cloned().unwrap_or_default();
            let mut name = if first.as_os_str() == "-" { "stdin".into() } else { first.into_os_string() };
            name.push(".rejects.csv");
            name.into()
        })
    }
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let interrupt = Interrupt::listen();
    let watch = Stopwatch::start();
    let clock = args.now.map(ProgramClock::stopped).unwrap_or_default();
    let options = args.overrides();
    let config = Config::load(context.global.config.as_deref(), &options)?;
    let settings = args.reading(&config, clock.now())?;
    let intake = Intake::look(args.given(&settings), config.files.batch_rows, context)?;
    let copied = if args.dry_run { Some(Copied::of(context, &config, clock)?) } else { None };
    let path = copied.as_ref().map(Copied::path);
    let session = Session::open_with(
        context,
        Wanted { create: true, path, options, clock, refold: args.refold },
        config,
    )?;
    if args.refold {
        refold::run(&session, context)?;
    }
    let progress = Arc::new(Progress::new(context, intake.bytes()));
    let before = session.engine.status()?;
    let taken = offer::take_in(&session, intake, args.rejects_path(), &interrupt, &progress)?;
    tracing::info!(seconds = watch.seconds(), "read, and made durable");
    if let Some(exit) = interrupt.came() {
        progress.end();
        context.screen.warn(&interrupted(&taken));
        return Ok(exit);
    }
    progress.settling();
    let said = interrupt.or_leave(
        || context.screen.warn(&interrupted(&taken)),
        || Summary::of(&session, &before, &taken, clock.now()),
    );
    progress.end();
    let mut summary = said?;
    let odd = if context.global.json { Vec::new() } else { outcome::odd_ones(&session, &taken)? };
    if let Some(path) = &args.output {
        outcome::write(&session, &taken, path, context)?;
    }
    let zone = session.config.files.zone.clone();
    let closing = Stopwatch::start();
    session.close()?;
    tracing::info!(seconds = closing.seconds(), "closed");
    for note in taken.notes(&zone) {
        context.screen.note(&note);
    }
    summary.took(watch.seconds());
    finish(args, context, &taken, &summary, &odd)
}

/// Says what came of it, and how to end.
fn finish(
    args: &Args,
    context: &Context,
    taken: &Taken,
    summary: &Summary,
    odd: &[Odd],
) -> Result<Exit, Failure> {
    let nothing = taken.failure().is_some_and(|failure| failure.exit == Exit::NothingUsable);
    if context.global.json {
        output::print_json(&summary)?;
    } else if !context.global.quiet && !nothing {
        let mut text = summary.text(taken, context.paint);
        text.push_str(&outcome::told(odd, taken, args.dry_run));
        output::print(&text)?;
    }
    if let Some(failure) = taken.failure() {
        let mut failure = failure.clone();
        if let Some(path) = taken.rejects.as_ref().filter(|_| nothing) {
            let _ = write!(failure.message, "; {} has every row and its reason", path.display());
        }
        return Err(failure);
    }
    summary.check()?;
    if summary.is_unfinished() {
        context.screen.note(&summary.unfinished());
    }
    Ok(if args.strict && (summary.is_unfinished() || summary.refused() > 0) {
        Exit::Strict
    } else {
        Exit::Done
    })
}

fn interrupted(taken: &Taken) -> String {
    format!(
        "interrupted; {} rows are kept, and the same command goes on where this one stopped",
        count(taken.kept())
    )
}
