use super::*;
use crate::finding::Finding;
use crate::progress::tests::{FULL, full};
use crate::task::{Status, Task};
use proptest::prelude::*;

/// A file as the program before this one wrote it.
const OLD: &str = "# Workflow: Kalman * review *

**Workflow ID:** `wf_2025_01`
**Status:** Wave 2/3
**Started:** 2025-01-05 10:00:00
**Updated:** 2025-01-06 11:30:00

---

**Progress:** `██████░░░░░░░░░░░░░░` 33%

## ✅ Completed (1 tasks)

- [x] **task_1**: Read C:\\*.log & `fix`
  - Commit: `abc1234`
  - Files: a.py, b.py, c.py (+2 more)

## 🔄 In Progress (1 tasks)

- [~] **task_2**: Replay

## 📋 Pending (2 tasks)

### Wave 2

- [ ] **task_3**: Buffer

### Wave 3

- [ ] **task_4**: Report

## ❌ Failed (1 tasks)

- [ ] **task_5**: Reset
  - Error: timed out

## Notes

- [2025-01-06 11:00:00] first line of a note
second line, cut off

## Metadata

- **branch**: main
";

fn findings(file: &str) -> Vec<(usize, Rule)> {
    let findings = parse(file.as_bytes()).map(|_| ()).unwrap_err();
    findings.iter().map(|Finding { line, rule, .. }| (*line, *rule)).collect()
}

/// One change to a good file, and the findings it makes.
fn check(from: &str, to: &str, expected: &[(usize, Rule)]) {
    let file = FULL.to_owned();
    assert!(file.contains(from), "{from}");
    assert_eq!(findings(&file.replacen(from, to, 1)), expected, "{to}");
}

/// Proves G1, S4.
#[test]
fn the_older_format_is_read_and_written_in_the_present_one() {
    let progress = parse(OLD.as_bytes()).unwrap();
    assert_eq!(progress.workflow().as_str(), "Kalman * review *");
    assert_eq!((progress.id().as_str(), progress.wave()), ("wf_2025_01", Wave::new(2, 3).unwrap()));
    assert_eq!(progress.started().to_string(), "2025-01-05T10:00:00Z");
    let task = progress.task("task_1").unwrap();
    assert_eq!(task.description(), r"Read C:\*.log & `fix`");
    assert_eq!(task.commit().map(Label::as_str), Some("abc1234"));
    assert_eq!((task.files().len(), task.unnamed_files()), (3, 2));
    let stands: Vec<_> =
        progress.tasks().map(|task| (task.id().as_str(), task.status(), task.wave())).collect();
    assert_eq!(
        stands,
        [
            ("task_1", Status::Completed, None),
            ("task_2", Status::InProgress, None),
            ("task_3", Status::Pending, Some(2)),
            ("task_4", Status::Pending, Some(3)),
            ("task_5", Status::Failed, None),
        ]
    );
    assert_eq!(progress.task("task_5").unwrap().error(), Some("timed out"));
    assert_eq!(progress.notes().next().unwrap().text(), "first line of a note");
    assert_eq!(progress.added_by_hand().collect::<Vec<_>>(), ["second line, cut off"]);
    assert_eq!(progress.metadata_value("branch"), Some("main"));

    let file = progress.render();
    assert!(file.contains("<!-- reweigh-progress 1 "), "{file}");
    assert_eq!(parse(file.as_bytes()).unwrap(), progress);
}

#[test]
fn an_older_file_may_leave_out_what_is_empty() {
    let file = "# Workflow: w\n**Workflow ID:** `i`  \n**Status:** Wave 0/0\n**Started:** 2025-01-05 10:00:00\n\
                **Updated:** 2025-01-05 10:00:00\n## Pending\n- [ ] **a**: b\n";
    let progress = parse(file.as_bytes()).unwrap();
    assert_eq!(progress.counts().pending, 1);
    assert_eq!(parse(progress.render().as_bytes()).unwrap(), progress);
    // In the present format it means that lines were lost.
    assert_eq!(findings(&file.replace(" 10:00:00", "T10:00:00Z")), [(7, Rule::Section); 5]);
}

/// Proves S6.
#[test]
fn what_is_no_progress_file_is_refused_with_its_line() {
    assert_eq!(findings(""), [(1, Rule::Content)]);
    assert_eq!(findings(" \n\n"), [(1, Rule::Content)]);
    let binary = parse(b"# Workflow: w\n\n\xff\xfe\n").unwrap_err();
    assert_eq!(
        binary.iter().map(|finding| (finding.line, finding.rule)).collect::<Vec<_>>(),
        [(3, Rule::Content)]
    );
    let garbage = findings("garbage\nmore garbage\n");
    assert!(garbage.contains(&(2, Rule::Title)) && garbage.contains(&(2, Rule::WorkflowId)), "{garbage:?}");
    // A file cut off in the middle of its lines.
    let (front, _) = OLD.split_at(40);
    assert!(!findings(front).is_empty());
    let file = FULL.to_owned();
    let cut = file.find("## Notes").unwrap();
    let lost = findings(file.get(..cut).unwrap());
    assert_eq!(lost.iter().map(|(_, rule)| *rule).collect::<Vec<_>>(), [Rule::Section, Rule::Section]);
}

/// Proves G5.
#[test]
fn every_rule_is_reported_at_its_line() {
    check("# Workflow: Backfill", "# Backfill", &[(13, Rule::Title)]);
    check("# Workflow: Backfill", "# Workflow:", &[(1, Rule::Title)]);
    check("# Workflow: Backfill", "# Workflow: a\n# Workflow: b", &[(2, Rule::Title)]);
    check("**Workflow ID:** `bf-7`", "**Workflow ID:**", &[(4, Rule::WorkflowId)]);
    check("**Workflow ID:** `bf-7`", "", &[(13, Rule::WorkflowId)]);
    check("Wave 1/3", "Wave 4/3", &[(5, Rule::Status)]);
    check("Wave 1/3", "done", &[(5, Rule::Status)]);
    check("**Started:** 2026-03-01T09:00:00Z", "**Started:** today", &[(6, Rule::Timestamp)]);
    check("**Updated:** 2026-03-01T10", "**Updated:** 2026-02-01T10", &[(7, Rule::Timestamp)]);
    check("reweigh-progress 1", "reweigh-progress 2", &[(3, Rule::Version)]);
    check("reweigh-progress 1", "reweigh-progress one", &[(3, Rule::Version)]);
    check("## Notes", "## Remarks", &[(53, Rule::Section)]);
    check("## Notes", "## Metadata\n\n## Notes", &[(52, Rule::Section)]);
    check("- [ ] **report**", "- [x] **report**", &[(31, Rule::Checkbox)]);
    check("- [ ] **report**", "- [] **report**", &[(31, Rule::Checkbox)]);
    check("- [ ] **report**", "- [done] **report**", &[(31, Rule::Checkbox)]);
    check("- [ ] **report**: ", "- [ ] ", &[(31, Rule::TaskId)]);
    check("**report**", "**shard-0**", &[(31, Rule::TaskId)]);
    check("### Wave 2\n\n- [ ]", "### Wave 4\n\n- [ ]", &[(35, Rule::Wave)]);
    check("  - Commit: `4f2a9c1`\n", "  - Commit: `4f2a9c1`\n  - Commit: `b`\n", &[(19, Rule::Detail)]);
    check("**step version**", "**policy**", &[(53, Rule::Metadata)]);
    check("## Notes\n", "## Notes\n\n```\n", &[(47, Rule::Unclosed), (55, Rule::Section)]);
    check("---\n", "---\n- [ ] **a**: b\n", &[(10, Rule::Section)]);
}

/// Proves G5.
#[test]
fn all_findings_are_reported_in_order() {
    let file = FULL.replace("Wave 1/3", "Wave x").replace("- [~]", "- [?]").replace("bf-7", "");
    assert_eq!(findings(&file), [(4, Rule::WorkflowId), (5, Rule::Status), (26, Rule::Checkbox)]);
    let text = parse(file.as_bytes()).unwrap_err().to_string();
    assert!(text.contains("line 26: [?] below \"In Progress\", where [~] stands"), "{text}");

    let bad = FULL.replace("## Notes", &format!("{}\n## Notes", "- [?] **a**\n".repeat(1_500)));
    let findings = parse(bad.as_bytes()).unwrap_err();
    assert_eq!((findings.iter().count(), findings.total()), (Findings::COUNT_MAX, 1_500 + 1_499));
}

/// Proves S9.
#[test]
fn ids_keep_their_stars_and_are_used_once() {
    let mut progress = full();
    for id in ["**", "a*b*", "*", "a:", "a**b: c", r"\*"] {
        progress.add_task(Label::new(id).unwrap(), None, "x").unwrap();
        assert!(progress.add_task(Label::new(id).unwrap(), None, "again").is_err());
    }
    let back = parse(progress.render().as_bytes()).unwrap();
    assert_eq!(back, progress);
    assert_eq!(findings(&FULL.replace("**shard-2**", "**shard-0**")), [(35, Rule::TaskId)]);
}

/// Proves S5.
#[test]
fn a_person_may_write_boxes_their_way() {
    let file = FULL.replace("- [x] **shard-0**", "* [X] **shard-0**").replace("- [!]", "+ [ ]");
    let progress = parse(file.as_bytes()).unwrap();
    assert_eq!(progress.task("shard-0").unwrap().status(), Status::Completed);
    assert_eq!(progress.task("shard-3").unwrap().status(), Status::Failed);
    assert_eq!(progress.render(), FULL);
}

#[test]
fn a_visible_line_that_was_changed_wins_over_the_comment() {
    let file = FULL.replace("Files: src/a.rs,", "Files: src/z.rs,");
    let progress = parse(file.as_bytes()).unwrap();
    let task = progress.task("shard-0").unwrap();
    assert_eq!(
        (task.files(), task.unnamed_files()),
        (&["src/z.rs", "src/b.rs", "src/c, d.rs"].map(str::to_owned)[..], 2)
    );

    let file = FULL.replace("**Started:** 2026-03-01T09:00:00Z", "**Started:** 2026-03-01 08:00:00");
    assert_eq!(parse(file.as_bytes()).unwrap().started().to_string(), "2026-03-01T08:00:00Z");
    assert_eq!(parse(FULL.as_bytes()).unwrap().started().to_string(), "2026-03-01T09:00:00.123456Z");
}

#[test]
fn without_its_comment_the_file_is_still_in_the_present_format() {
    let marker = FULL.lines().nth(2).unwrap().to_owned();
    let progress = parse(FULL.replace(&format!("{marker}\n"), "").as_bytes()).unwrap();
    assert_eq!(progress.notes().nth(1).unwrap().text(), "looks *good*");
}

/// Proves S5.
#[test]
fn what_a_person_wrote_moves_with_its_task_and_else_stays_in_place() {
    let file = FULL
        .replace("of the second file\n", "of the second file\n  - ask Jane\n\n    about it\nA remark.\n")
        .replace("## ❌ Failed", "## Plan\n\n- [ ] **not a task**: really\n\n## ❌ Failed");
    let mut progress = parse(file.as_bytes()).unwrap();
    assert_eq!(progress.tasks().count(), 5);
    progress.complete_task("shard-1", crate::Completion::new()).unwrap();
    progress.add_task(Label::new("new").unwrap(), Some(2), "").unwrap();
    let written = progress.render();
    assert!(
        written.contains("of the second file\n  - ask Jane\n\n    about it\n\n## 🔄 In Progress"),
        "{written}"
    );
    assert!(written.contains("### Wave 1\nA remark.\n\n## 📋 Pending"), "{written}");
    assert!(
        written.contains("- [ ] **new**\n\n## Plan\n\n- [ ] **not a task**: really\n\n## ❌"),
        "{written}"
    );
}

#[test]
fn a_backslash_before_a_line_of_its_own_is_a_backslash() {
    let file = FULL.replace("users 0..999", r"users in C:\");
    let task = parse(file.as_bytes()).unwrap().task("shard-0").cloned().unwrap();
    assert_eq!(task.description(), r"fold users in C:\");
    assert_eq!(task.commit().map(Label::as_str), Some("4f2a9c1"));
}

#[test]
fn windows_line_ends_and_a_mark_at_the_front_are_no_fault() {
    let file = format!("\u{feff}{}", FULL.replace('\n', "\r\n"));
    assert_eq!(parse(file.as_bytes()).unwrap().render(), FULL);
}

/// What a person may write between lines of the file, none of it ours.
fn remark() -> impl Strategy<Value = &'static str> {
    proptest::sample::select(vec![
        "A remark with `code`, *stars* and a \\",
        "  - a point below the task",
        "    code",
        "- plain point\n  - [ ] with a box",
        "### A heading of mine",
        "> quoted\n> twice",
        "| a | b |\n|---|---|",
        "```\n- [x] **fake**: task\n## Notes\n```",
        "  ~~~\n\n- [x] **fake**: task\n  ~~~",
        "<!--\n- [ ] **hidden**: task\n-->",
        "one\n\n\ntwo",
        "https://example.org/#x",
    ])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    /// Proves S5.
    #[test]
    fn what_a_person_adds_comes_back_byte_for_byte(
        remarks in proptest::collection::btree_map(0..=53_usize, remark(), 1..6),
    ) {
        let file = FULL.to_owned();
        let mut lines: Vec<String> = file.lines().map(str::to_owned).collect();
        // From the bottom up, so that no remark comes to stand inside another.
        for (at, remark) in remarks.into_iter().rev() {
            let before = at.checked_sub(1).map_or("", |before| lines[before].as_str());
            let after = lines.get(at).map_or("", String::as_str);
            // A text that goes on, and a line with its comment, are one thing.
            if before.ends_with('\\') || after.trim_start().starts_with("<!-- files") || before.starts_with("<!-- rew") {
                continue;
            }
            // Headings and rules want a blank line before them.
            let spaced = after.starts_with('#') || after == "---" || after.starts_with("**Progress");
            lines.splice(at..at, remark.split('\n').chain(spaced.then_some("")).map(str::to_owned));
        }
        let edited = lines.join("\n") + "\n";
        let progress = parse(edited.as_bytes()).unwrap();
        prop_assert_eq!(progress.render(), edited);
        prop_assert!(progress.tasks().map(Task::id).eq(full().tasks().map(Task::id)));
        prop_assert!(progress.metadata().eq(full().metadata()));
    }
}
