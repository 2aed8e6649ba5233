//! What holds of every reader, whatever it is given.

use std::io::Cursor;

use reweigh_import::{Batch, FactsFormat, FactsWriter, Format, ImportError, Input, Reader, Settings};
use reweigh_reading::{DecimalMark, Fact, Unit};

/// Reads bytes as one format: nothing panics, the counts add up at every moment, batches keep their bound, the same
/// bytes come to the same in other batches, and what came out is written and read back.
pub fn check(bytes: &[u8], format: Format, comma: bool) {
    let mut settings = Settings::new("2025-01-01T00:00:00Z".parse().unwrap());
    settings.format = format;
    settings.user = Some("anna".parse().unwrap());
    settings.unit = Some(Unit::Kilogram);
    settings.zone = "Europe/Berlin".parse().unwrap();
    settings.decimal = if comma { DecimalMark::Comma } else { DecimalMark::Point };
    let Some(facts) = facts(bytes, &settings, 3) else { return };
    assert_eq!(facts, self::facts(bytes, &settings, usize::MAX).unwrap());
    for written in [FactsFormat::Csv, FactsFormat::Jsonl] {
        let mut writer = FactsWriter::new(Vec::new(), written).unwrap();
        facts.iter().for_each(|fact| writer.write(fact).unwrap());
        let file = writer.finish().unwrap();
        if !facts.is_empty() {
            let settings = Settings::new(settings.received);
            assert_eq!(self::facts(&file, &settings, 100).unwrap(), facts);
        }
    }
}

fn facts(bytes: &[u8], settings: &Settings, rows_max: usize) -> Option<Vec<Fact>> {
    let mut reader = Reader::open(Input::file(Cursor::new(bytes.to_vec())), settings).ok()?;
    let mut batch = Batch::default();
    let mut facts = Vec::new();
    let mut rejects = 0;
    while reader.read_into(&mut batch, rows_max).ok()? {
        assert!(batch.rows() > 0 && batch.rows() <= rows_max.saturating_add(1));
        rejects += batch.rejects.len() as u64;
        facts.extend(batch.facts.iter().cloned());
        let tally = reader.tally();
        assert_eq!(tally.rows, tally.facts + tally.rejected + tally.skipped());
        assert_eq!((tally.facts, tally.rejected), (facts.len() as u64, rejects));
    }
    match reader.finish() {
        Ok(_) => assert!(!facts.is_empty()),
        Err(ImportError::Empty | ImportError::NothingUsable { .. }) => assert!(facts.is_empty()),
        Err(error) => panic!("{error}"),
    }
    Some(facts)
}
