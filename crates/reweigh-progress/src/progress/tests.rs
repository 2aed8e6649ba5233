use super::*;
use crate::escape::tests::hostile;
use proptest::prelude::*;

fn label(text: &str) -> Label {
    Label::new(text).unwrap()
}

fn stamp(text: &str) -> Stamp {
    text.parse().unwrap()
}

fn started() -> Progress {
    let start = stamp("2026-03-01T09:00:00.123456Z");
    Progress::new(label("Backfill"), label("bf-7"), Wave::new(1, 3).unwrap(), start)
}

fn reads_back(progress: &Progress) {
    let file = progress.render();
    let back = Progress::parse(&file).unwrap_or_else(|findings| panic!("{findings}\n{file}"));
    assert_eq!(&back, progress, "{file}");
    assert_eq!(back.render(), file);
}

/// A file with everything in it.
pub(crate) fn full() -> Progress {
    let mut progress = started();
    progress.add_task(label("shard-0"), Some(1), "fold users 0..999").unwrap();
    progress.add_task(label("shard-1"), Some(1), "fold users 1000..1999\nof the second file").unwrap();
    progress.add_task(label("shard-2"), Some(2), "fold users 2000..2999").unwrap();
    progress.add_task(label("shard-3"), Some(2), "").unwrap();
    progress.add_task(label("report"), None, "write the report").unwrap();
    let files = ["src/a.rs", "src/b.rs", "src/c, d.rs", "src/e.rs", "src/f (+1).rs"];
    progress.complete_task("shard-0", Completion::new().commit(label("4f2a9c1")).files(files)).unwrap();
    progress.start_task("shard-1").unwrap();
    progress.fail_task("shard-3", "disk full\n- [x] **shard-9**: not a task").unwrap();
    progress.add_note(stamp("2026-03-01T10:00:00.000007Z"), "started over after a crash");
    progress.add_note(stamp("2026-03-01T10:30:00Z"), "looks *good*");
    progress.set_metadata(label("policy"), "balanced");
    progress.set_metadata(label("step version"), "7");
    progress.touch(stamp("2026-03-01T10:30:00.5Z"));
    progress
}

/// The same as it stands in the documentation.
pub(crate) const FULL: &str = include_str!("../format/example.md");

/// Proves G1.
#[test]
fn a_person_reads_it_at_a_glance() {
    assert_eq!(full().render(), FULL);
    reads_back(&full());
}

#[test]
fn a_change_that_does_not_apply_changes_nothing() {
    let mut progress = full();
    let before = progress.clone();
    let unknown = progress.start_task("shard-9").unwrap_err();
    assert_eq!(unknown, ChangeError::UnknownTask { id: "shard-9".to_owned() });
    let taken = progress.add_task(label("shard-0"), None, "again").unwrap_err();
    assert_eq!(taken, ChangeError::DuplicateTask { id: label("shard-0"), status: Status::Completed });
    let beyond = progress.add_task(label("x"), Some(4), "").unwrap_err();
    assert_eq!(beyond, ChangeError::NoSuchWave { id: label("x"), wave: 4, total: 3 });
    assert!(progress.set_wave(Wave::new(1, 1).unwrap()).is_err());
    assert_eq!(progress, before);
}

/// Proves S10.
#[test]
fn a_status_is_what_was_set() {
    let mut progress = full();
    progress.fail_task("shard-1", "").unwrap();
    let task = progress.task("shard-1").unwrap();
    assert_eq!((task.status(), task.error()), (Status::Failed, None));
    reads_back(&progress);
    assert_eq!(Progress::parse(progress.render()).unwrap().task("shard-1").unwrap().status(), Status::Failed);

    // Completed with an error is completed: only the box and the section count.
    let file = full().render().replace("  - Commit: `4f2a9c1`\n", "  - Error: it was slow\n");
    let task = Progress::parse(file).unwrap().task("shard-0").cloned().unwrap();
    assert_eq!((task.status(), task.error()), (Status::Completed, Some("it was slow")));
}

/// Proves S8.
#[test]
fn a_name_cannot_pass_for_the_status() {
    for name in ["Wave 7/9", "**Status:** Wave 7/9", "## ✅ Completed", "x -->"] {
        let mut progress = full();
        progress.workflow = label(name);
        progress.id = label(name);
        reads_back(&progress);
        let back = Progress::parse(progress.render()).unwrap();
        assert_eq!((back.workflow().as_str(), back.wave()), (name, Wave::new(1, 3).unwrap()));
    }
}

/// Proves S3.
#[test]
fn what_a_change_is_not_about_stays() {
    let mut progress = full();
    progress.add_note(stamp("2026-03-02T00:00:00Z"), "one more");
    progress.touch(stamp("2026-03-02T00:00:00Z"));
    let back = Progress::parse(progress.render()).unwrap();
    assert_eq!(back.started(), full().started());
    assert_eq!(back.metadata_value("policy"), Some("balanced"));
    assert_eq!(back.updated(), stamp("2026-03-02T00:00:00Z"));
    progress.touch(stamp("1999-01-01T00:00:00Z"));
    assert_eq!(progress.updated(), back.updated());
}

/// Proves G7.
#[test]
fn a_hundred_kilobytes_of_everything_read_back() {
    let piece = "line `x` **b** <!-- --> \\\n- [x] **id**: y\n## Notes\n\n✅ 漢字\t\u{0}\r\n";
    let text = piece.repeat(100_000 / piece.len() + 1);
    let mut progress = full();
    progress.add_task(label("long"), Some(3), text.clone()).unwrap();
    progress.fail_task("shard-2", &text).unwrap();
    progress.add_note(stamp("2026-03-02T00:00:00.1Z"), text.clone());
    progress.set_metadata(label("long"), text.clone());
    progress.complete_task("shard-1", Completion::new().file(text)).unwrap();
    reads_back(&progress);
}

#[test]
fn resuming_knows_what_was_under_way_and_what_is_next() {
    let mut progress = full();
    progress.add_task(label("early"), Some(1), "").unwrap();
    let info = progress.resume_info();
    assert_eq!(info.interrupted, [label("shard-1")]);
    assert_eq!(info.next, [label("report"), label("early"), label("shard-2")]);
    assert_eq!(info.failed, [label("shard-3")]);
    assert_eq!((info.counts.completed, info.counts.total(), info.is_complete()), (1, 6, false));
}

/// A change as a program would make it.
#[derive(Clone, Debug)]
enum Change {
    Add { id: Label, wave: Option<u32>, description: String },
    Start(usize),
    Complete(usize, Option<Label>, Vec<String>),
    Fail(usize, String),
    Note(i64, String),
    Set(Label, String),
    Touch(i64),
}

pub(crate) fn labels() -> impl Strategy<Value = Label> {
    let text = prop_oneof![3 => "[a-z]{1,3}", 2 => hostile()];
    text.prop_map(|text| Label::new(text.replace(char::is_control, "").trim()).unwrap_or_else(|_| label("x")))
}

fn changes() -> impl Strategy<Value = Change> {
    let wave = prop_oneof![Just(None), (1..=3_u32).prop_map(Some)];
    let at = 0..4_000_000_000_000_000_i64;
    prop_oneof![
        4 => (labels(), wave, hostile()).prop_map(|(id, wave, description)| Change::Add { id, wave, description }),
        2 => any::<usize>().prop_map(Change::Start),
        3 => (any::<usize>(), proptest::option::of(labels()), proptest::collection::vec(hostile(), 0..6))
            .prop_map(|(at, commit, files)| Change::Complete(at, commit, files)),
        2 => (any::<usize>(), hostile()).prop_map(|(at, error)| Change::Fail(at, error)),
        2 => (at.clone(), hostile()).prop_map(|(at, text)| Change::Note(at, text)),
        2 => (labels(), hostile()).prop_map(|(key, value)| Change::Set(key, value)),
        1 => at.prop_map(Change::Touch),
    ]
}

fn apply(progress: &mut Progress, change: Change) {
    let pick = |at: usize| {
        let ids: Vec<_> = progress.tasks().map(|task| task.id().to_string()).collect();
        ids.get(at % ids.len().max(1)).cloned().unwrap_or_default()
    };
    // A task that isn't there, an id that is: refused, and nothing has changed.
    let _ = match change {
        Change::Add { id, wave, description } => progress.add_task(id, wave, description),
        Change::Start(at) => progress.start_task(&pick(at)),
        Change::Complete(at, commit, files) => {
            let done = Completion { commit, ..Completion::new() }.files(files);
            progress.complete_task(&pick(at), done)
        }
        Change::Fail(at, error) => progress.fail_task(&pick(at), &error),
        Change::Note(at, text) => {
            progress.add_note(Stamp::from_microseconds(at).unwrap(), text);
            Ok(())
        }
        Change::Set(key, value) => {
            progress.set_metadata(key, value);
            Ok(())
        }
        Change::Touch(at) => {
            progress.touch(Stamp::from_microseconds(at).unwrap());
            Ok(())
        }
    };
}

/// Lines as they stand in such a file, in any order: most are refused, and what is read has odd shapes.
fn soup() -> impl Strategy<Value = String> {
    let line = proptest::sample::select(vec![
        "",
        "",
        "## ✅ Completed (1 task)",
        "## In Progress",
        "## 📋 Pending",
        "## ❌ Failed",
        "## Notes",
        "## Metadata",
        "### Wave 1",
        "### Wave 2 (cleanup)",
        "### Blocked",
        "## Mine",
        "# Other",
        "- [x] **a**: one",
        "- [X] **b**",
        "* [~] **c**: three\\",
        "- [ ] **d**: *four*",
        "- [ ] **e**",
        "- [!] **f**: six",
        "  - Commit: `abc`",
        "  - Files: x, y, z (+2 more)",
        "  <!-- files: x, y, z, u, v -->",
        "  - Error: bad\\",
        "    worse",
        "  - a remark",
        "  continued",
        "a remark",
        "    code",
        "```",
        "  ```",
        "<!--",
        "-->",
        "<!-- one line -->",
        "---",
        "**Progress:** `x` 1%",
        "- 2026-03-01T10:00:00Z: note <!-- .000007 -->",
        "- 2026-03-01 10:00:00 old\\",
        "- **key**: value",
        "- other: value",
        "- key\\*: x\\",
        "\\",
        "  \\",
        "- plain",
        "1. one",
        "\t- tabbed",
        " \r",
    ]);
    let lines = proptest::collection::vec(line, 0..24);
    (lines, any::<bool>()).prop_map(|(lines, ordered)| {
        let head = "# Workflow: W\n**Workflow ID:** `i`\n**Status:** Wave 1/2\n**Started:** 2026-03-01T10:00:00Z\n\
                    **Updated:** 2026-03-01T10:00:00Z\n";
        let mut file = head.to_owned();
        if ordered {
            // The sections once each, the lines spread among them.
            for (at, section) in Section::ALL.into_iter().enumerate() {
                file.extend(["\n## ", section.name(), "\n"]);
                for line in lines.iter().skip(at).step_by(6).filter(|line| !line.starts_with("## ")) {
                    file.extend([line, "\n"]);
                }
            }
        } else {
            file = file.replace("T10:00:00Z\n", " 10:00:00\n");
            file.push_str(&lines.join("\n"));
        }
        file
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Proves G7, S4, S7, S9.
    #[test]
    fn any_state_reads_back(
        workflow in labels(), id in labels(), start in 0..4_000_000_000_000_000_i64,
        changes in proptest::collection::vec(changes(), 0..20),
    ) {
        let start = Stamp::from_microseconds(start).unwrap();
        let mut progress = Progress::new(workflow, id, Wave::new(2, 3).unwrap(), start);
        for change in changes {
            apply(&mut progress, change);
        }
        reads_back(&progress);
    }

    /// Proves G7.
    #[test]
    fn whatever_is_read_is_written_the_same_and_stays_so_under_changes(
        file in soup(), changes in proptest::collection::vec(changes(), 0..8),
    ) {
        if let Ok(mut progress) = Progress::parse(&file) {
            reads_back(&progress);
            let added: Vec<String> = progress.added_by_hand().map(str::to_owned).collect();
            for change in changes {
                apply(&mut progress, change);
                reads_back(&progress);
            }
            // Every line of a person is there still, however the tasks around it moved.
            let kept = progress.render();
            for line in added.iter().flat_map(|text| text.lines()) {
                prop_assert!(kept.lines().any(|found| found.trim_end_matches('\r') == line.trim_end_matches('\r')), "{}", line);
            }
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
        if let Ok(progress) = Progress::parse(bytes) {
            reads_back(&progress);
        }
    }
}

/// A property over files that are all refused would prove nothing.
#[test]
fn enough_of_the_soup_is_read() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let mut read = 0;
    for _ in 0..400 {
        let file = soup().new_tree(&mut runner).unwrap().current();
        read += usize::from(Progress::parse(file).is_ok());
    }
    assert!(read > 60, "{read} of 400");
}
