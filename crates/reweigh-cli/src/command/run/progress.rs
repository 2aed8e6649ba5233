//! A progress bar, if a person looks.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::clock::Stopwatch;
use crate::command::Context;
use crate::words::count;

/// How often the bar moves while nothing can be counted.
const TICK: Duration = Duration::from_millis(100);

/// How far reading has come.
#[derive(Debug)]
pub(super) struct Progress {
    bar: ProgressBar,
    watch: Stopwatch,
    rows: std::sync::atomic::AtomicU64,
}

impl Progress {
    /// A bar for so many bytes; one that only counts if nobody knows how many there are.
    pub(super) fn new(context: &Context, bytes: Option<u64>) -> Self {
        let bar = match (context.screen.wants_progress(), bytes) {
            (false, _) => ProgressBar::hidden(),
            (true, Some(bytes)) => {
                ProgressBar::new(bytes).with_style(style("{bar:24} {percent:>3}%  {msg}  {eta} left"))
            }
            (true, None) => ProgressBar::no_length().with_style(style("{spinner} {msg}")),
        };
        if context.screen.wants_progress() {
            bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        Self { bar, watch: Stopwatch::start(), rows: 0.into() }
    }

    /// So many bytes were read in all, and so many rows more.
    pub(super) fn read(&self, bytes: u64, rows: usize) {
        let before = self.rows.fetch_add(rows as u64, std::sync::atomic::Ordering::Relaxed);
        if self.bar.is_hidden() {
            return;
        }
        let rows = before + rows as u64;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_precision_loss,
            clippy::cast_sign_loss,
            reason = "a rate for a person to look at"
        )]
        let rate = (rows as f64 / self.watch.seconds().max(1e-3)) as u64;
        self.bar.set_position(bytes);
        self.bar.set_message(format!("{} rows, {} a second", count(rows), count(rate)));
    }

    /// Everything was read.
    pub(super) fn settling(&self) {
        if self.bar.is_hidden() {
            return;
        }
        self.bar.set_style(style("{spinner} {msg}"));
        self.bar.set_message("settling what was read");
        self.bar.enable_steady_tick(TICK);
    }

    /// The bar goes away.
    pub(super) fn end(&self) {
        self.bar.finish_and_clear();
    }
}

fn style(template: &str) -> ProgressStyle {
    // The templates are known to be right; if one were not, the plain bar does.
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
