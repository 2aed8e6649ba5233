//! The progress file: no bytes panic, what is read is written and read back exactly, and stays so under changes.
//!
//!     cargo +nightly fuzz run --fuzz-dir tests/fuzz progress -- -max_total_time=60
//!
//! The same bytes are tried as a file, as lines of a person between those of a file, and as texts in one. Good seeds:
//! `crates/reweigh-progress/src/format/example.md`, whole and by sections.

#![no_main]

use libfuzzer_sys::fuzz_target;
use reweigh_progress::{Completion, Label, Progress, Stamp};

const EXAMPLE: &str = include_str!("../../../crates/reweigh-progress/src/format/example.md");

fn reads_back(progress: &Progress) {
    let file = progress.render();
    let back = Progress::parse(&file).unwrap_or_else(|findings| panic!("{findings}\n{file}"));
    assert_eq!(&back, progress, "{file}");
    assert_eq!(back.render(), file);
}

/// Every kind of change, with hostile texts; what a person wrote must survive them.
fn change(progress: &mut Progress, text: &str) {
    let ids: Vec<String> = progress.tasks().map(|task| task.id().to_string()).collect();
    let added: Vec<String> = progress.added_by_hand().flat_map(str::lines).map(str::to_owned).collect();
    for (at, id) in ids.iter().enumerate().take(6) {
        let files = text.split(['/', '\n']).take(5);
        match at % 3 {
            0 => progress.complete_task(id, Completion::new().files(files)),
            1 => progress.fail_task(id, text),
            _ => progress.start_task(id),
        }
        .unwrap();
        reads_back(progress);
    }
    progress.add_note(Stamp::from_microseconds(1_772_000_000_000_001).unwrap(), text);
    if let Ok(label) = Label::new(text.lines().next().unwrap_or_default()) {
        let wave = Some(progress.wave().total()).filter(|wave| *wave > 0);
        let _ = progress.add_task(label.clone(), wave, text);
        progress.set_metadata(label, text);
    }
    reads_back(progress);
    let file = progress.render();
    for line in added {
        assert!(file.lines().any(|found| found == line), "{line:?} is lost\n{file}");
    }
}

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    if let Ok(mut progress) = Progress::parse(bytes) {
        reads_back(&progress);
        change(&mut progress, "a\n- [x] **b**: c");
    }
    // As lines of a person, at a place that the bytes choose.
    let lines: Vec<&str> = EXAMPLE.lines().collect();
    let at = bytes.first().map_or(0, |first| usize::from(*first)) % (lines.len() + 1);
    let edited = [&lines[..at], &[&*text], &lines[at..]].concat().join("\n");
    if let Ok(mut progress) = Progress::parse(&edited) {
        reads_back(&progress);
        change(&mut progress, &text);
    }
    let mut progress = Progress::parse(EXAMPLE).unwrap();
    change(&mut progress, &text);
});
