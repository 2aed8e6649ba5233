//! Reading texts whole, and showing what came out in few words.

use std::io::Cursor;

use reweigh_import::{Batch, ImportError, Input, Reader, Settings, Tally};
use reweigh_reading::{Action, Fact};

/// Settings with a user, a unit and a day in the future of every test.
pub(crate) fn settings() -> Settings {
    let mut settings = Settings::new("2025-01-01T00:00:00Z".parse().unwrap());
    settings.unit = Some(reweigh_reading::Unit::Kilogram);
    settings
}

/// Everything that is in a file. Batches of five rows, so that their seams are met.
pub(crate) fn whole(file: impl AsRef<[u8]>, settings: &Settings) -> Result<(Batch, Tally), ImportError> {
    let input = Input::file(Cursor::new(file.as_ref().to_vec()));
    let mut reader = Reader::open(input, settings)?;
    let mut all = Batch::default();
    while let Some(batch) = reader.next_batch(5)? {
        // The last may be an object that says two things.
        assert!((1..=6).contains(&batch.rows()));
        all.facts.extend(batch.facts);
        all.rejects.extend(batch.rejects);
    }
    let tally = reader.tally().clone();
    assert_eq!(tally.rows, tally.facts + tally.rejected + tally.skipped());
    assert_eq!(tally.facts, all.facts.len() as u64);
    assert_eq!(tally.rejected, all.rejects.len() as u64);
    match reader.finish() {
        Ok(_) => Ok((all, tally)),
        Err(error) => Err(error),
    }
}

/// One line for each fact and reject.
pub(crate) fn shown(file: impl AsRef<[u8]>, settings: &Settings) -> String {
    match whole(file, settings) {
        Ok((batch, tally)) => {
            let mut lines: Vec<String> = batch.facts.iter().map(fact).collect();
            lines.extend(batch.rejects.iter().map(|reject| {
                let row = String::from_utf8_lossy(&reject.row);
                let row: String = row.chars().take(60).collect();
                format!("line {}: {}: {} {row:?}", reject.line, reject.refusal.code(), reject.refusal)
            }));
            lines.extend(
                tally
                    .skipped_by_reason
                    .iter()
                    .map(|(skip, count)| format!("skipped {count} {}", skip.code())),
            );
            lines.extend(tally.notes().iter().map(|note| format!("note: {note}")));
            lines.join("\n")
        }
        Err(error) => format!("{}: {error}", error.code()),
    }
}

fn fact(fact: &Fact) -> String {
    let id = fact.id().to_string();
    let id = id.get(..12).unwrap_or(&id);
    let what = match fact.action() {
        Action::Add(measure) => format!("add {measure}"),
        Action::Amend(measure) => format!("amend {measure}"),
        Action::Retract => "retract".to_owned(),
        Action::Reset { reason } => format!("reset {reason}"),
        Action::Height(height) => format!("height {height}"),
    };
    format!("{} {} {} {id} r{} {what}", fact.user(), fact.at(), fact.source(), fact.revision())
}
