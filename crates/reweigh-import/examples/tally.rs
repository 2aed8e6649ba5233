//! Reads a file and says what is in it.
//!
//!     cargo run --release -p reweigh-import --example tally -- FILE [USER] [KEY=COLUMN...]
//!
//! It lets in every date, because it does not know what day it is.

#![expect(clippy::print_stdout, reason = "this is what it is for")]

use std::error::Error;
use std::fs::File;

use reweigh_import::{Batch, ColumnMap, Input, Reader, Settings};
use reweigh_reading::{Instant, Unit};

/// How many refused rows are shown.
const SHOWN: u64 = 10;

fn main() -> Result<(), Box<dyn Error>> {
    let mut words = std::env::args().skip(1);
    let path = words.next().ok_or("name a file")?;
    let mut settings = Settings::new(Instant::MAX);
    settings.unit = Some(Unit::Kilogram);
    settings.columns = ColumnMap::none();
    for word in words {
        if word.contains('=') {
            settings.columns = settings.columns.with(&word)?;
        } else {
            settings.user = Some(word.parse()?);
        }
    }
    let mut reader = Reader::open(Input::file(File::open(&path)?), &settings)?;
    println!("{path} is of format {}", reader.format());
    let mut batch = Batch::default();
    while reader.read_into(&mut batch, 4_096)? {
        let before = reader.tally().rejected - batch.rejects.len() as u64;
        for reject in batch.rejects.iter().take(usize::try_from(SHOWN.saturating_sub(before))?) {
            println!("line {}: {} ({})", reject.line, reject.refusal, reject.refusal.code());
        }
    }
    let tally = reader.finish()?;
    println!(
        "{} rows: {} facts, {} refused, {} passed over",
        tally.rows,
        tally.facts,
        tally.rejected,
        tally.skipped()
    );
    for note in tally.notes() {
        println!("{note}");
    }
    Ok(())
}
