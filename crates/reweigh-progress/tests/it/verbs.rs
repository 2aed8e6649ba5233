//! One process, one thread: what each verb does, and what it never does.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::PathBuf;

use reweigh_progress::{Completion, Manager, Progress, ProgressError, Rule, Status, Wave};

use crate::child::{TIDY, label, manager, names, notes, plan};

/// A folder with a file that has just begun.
fn begun() -> (tempfile::TempDir, PathBuf, Manager) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("STATE.md");
    let manager = manager(&path);
    manager.initialize(&plan()).unwrap();
    (folder, path, manager)
}

/// Proves G8.
#[test]
fn a_workflow_from_beginning_to_end() {
    let (folder, path, manager) = begun();
    let again = manager.initialize(&plan()).unwrap_err();
    assert!(matches!(again, ProgressError::AlreadyExists { .. }), "{again}");

    manager.start_task("shard-0").unwrap();
    manager.add_note("so far so good").unwrap();
    let info = manager.resume_info().unwrap();
    assert_eq!((info.interrupted, info.next), (vec![label("shard-0")], vec![label("shard-1")]));

    manager.complete_task("shard-0", Completion::new().commit(label("4f2a9c1")).file("a.rs")).unwrap();
    manager.fail_task("shard-1", "out of memory").unwrap();
    manager.update(|progress| progress.set_wave(Wave::new(2, 2)?)).unwrap();
    manager.set_metadata("policy", "aggressive").unwrap();
    manager.validate().unwrap();

    let progress = manager.load().unwrap();
    assert_eq!(progress.task("shard-0").unwrap().commit(), Some(&label("4f2a9c1")));
    assert_eq!(progress.task("shard-1").unwrap().status(), Status::Failed);
    assert_eq!(
        (progress.wave(), progress.metadata_value("policy")),
        (Wave::new(2, 2).unwrap(), Some("aggressive"))
    );
    assert_eq!(names(folder.path()), TIDY);

    let last = fs::read(&path).unwrap();
    manager.clear().unwrap();
    assert!(matches!(manager.load(), Err(ProgressError::NotFound { .. })));
    let restored = manager.restore_backup().unwrap();
    assert_eq!((restored.progress, restored.replaced), (progress, None));
    assert_eq!(fs::read(&path).unwrap(), last);
}

#[test]
fn a_change_that_fails_writes_nothing() {
    let (_folder, path, manager) = begun();
    let before = fs::read(&path).unwrap();
    assert!(matches!(manager.start_task("shard-9"), Err(ProgressError::Change(_))));
    assert!(matches!(manager.set_metadata("", "x"), Err(ProgressError::Change(_))));
    assert_eq!(fs::read(&path).unwrap(), before);
    assert!(!path.with_extension("backup").exists());
}

/// Proves S3.
#[test]
fn a_note_leaves_the_start_and_the_metadata_as_they_were() {
    let (_folder, _, manager) = begun();
    let before = manager.load().unwrap();
    manager.add_note("one").unwrap();
    manager.start_task("shard-0").unwrap();
    let after = manager.load().unwrap();
    assert_eq!(after.started(), before.started());
    assert!(after.updated() >= before.updated());
    assert_eq!(after.metadata_value("policy"), Some("balanced"));
}

/// Proves S5.
#[test]
fn what_a_person_wrote_is_there_after_every_verb() {
    let (_folder, path, manager) = begun();
    let file = fs::read_to_string(&path).unwrap();
    let edited = file
        .replace("- [ ] **shard-0**: fold", "* [ ] **shard-0**: *really* fold")
        .replace("## Notes\n", "## My plan\n\n1. call Jane\n\n## Notes\n\nPinned: see `docs`.\n");
    fs::write(&path, edited).unwrap();
    manager.add_note("one").unwrap();
    manager.start_task("shard-0").unwrap();
    manager.complete_task("shard-0", Completion::new()).unwrap();
    let file = fs::read_to_string(&path).unwrap();
    for kept in [
        "## My plan\n\n1. call Jane\n\n## Notes",
        "\nPinned: see `docs`.\n",
        "- [x] **shard-0**: *really* fold",
    ] {
        assert!(file.contains(kept), "{kept}\n{file}");
    }
}

/// Proves S6.
#[test]
fn garbage_is_refused_with_its_line_and_the_backup_stays() {
    let (_folder, path, manager) = begun();
    manager.add_note("one").unwrap();
    let backup = fs::read(path.with_extension("backup")).unwrap();
    for garbage in [&b""[..], b"garbage", b"# Workflow: w\n\xff\n", &vec![0; 4_096]] {
        fs::write(&path, garbage).unwrap();
        let fault = manager.add_note("two").unwrap_err();
        let ProgressError::Invalid { findings, .. } = &fault else { panic!("{fault}") };
        assert!(findings.iter().all(|finding| finding.line >= 1), "{fault}");
        assert!(fault.to_string().contains("line "), "{fault}");
        assert_eq!(fs::read(&path).unwrap(), garbage);
        assert_eq!(fs::read(path.with_extension("backup")).unwrap(), backup);
    }
    let restored = manager.restore_backup().unwrap();
    assert_eq!(fs::read(&path).unwrap(), backup);
    assert_eq!(fs::read(restored.replaced.unwrap()).unwrap(), vec![0; 4_096]);
    manager.add_note("two").unwrap();
}

/// Proves G3.
#[test]
fn restoring_undoes_the_last_change_and_keeps_what_it_replaced() {
    let (folder, path, manager) = begun();
    assert!(matches!(manager.restore_backup(), Err(ProgressError::NoBackup { .. })));
    manager.add_note("one").unwrap();
    manager.add_note("two").unwrap();
    let last = fs::read(&path).unwrap();
    let restored = manager.restore_backup().unwrap();
    assert_eq!(notes(&restored.progress), ["one"]);
    assert_eq!(notes(&manager.load().unwrap()), ["one"]);
    assert_eq!(fs::read(folder.path().join("STATE.replaced")).unwrap(), last);

    // A damaged backup is no way back.
    fs::write(path.with_extension("backup"), "garbage").unwrap();
    let fault = manager.restore_backup().unwrap_err();
    let ProgressError::Invalid { path: which, .. } = fault else { panic!("{fault}") };
    assert_eq!(which.file_name(), path.with_extension("backup").file_name());
    assert_eq!(notes(&manager.load().unwrap()), ["one"]);
}

/// Proves S6.
#[test]
fn clearing_garbage_away_keeps_the_backup() {
    let (folder, path, manager) = begun();
    manager.add_note("one").unwrap();
    let backup = fs::read(path.with_extension("backup")).unwrap();
    fs::write(&path, "garbage").unwrap();
    manager.clear().unwrap();
    assert_eq!(fs::read(path.with_extension("backup")).unwrap(), backup);
    assert_eq!(fs::read(folder.path().join("STATE.replaced")).unwrap(), b"garbage");
}

/// Proves S7.
#[test]
fn a_note_of_several_lines_is_whole_and_is_only_a_note() {
    let (_folder, _, manager) = begun();
    let text = "one\n\n- [x] **fake**: done\n## ✅ Completed (9 tasks)\n- [x] **fake2**\n-->\n";
    manager.add_note(text).unwrap();
    manager.add_note("after").unwrap();
    let progress = manager.load().unwrap();
    assert_eq!(notes(&progress), [text, "after"]);
    assert_eq!((progress.counts().completed, progress.counts().total()), (0, 2));
}

/// Proves S11.
#[test]
fn without_a_file_a_note_is_an_error_and_nothing_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let absent = manager(&folder.path().join("STATE.md"));
    assert!(matches!(absent.add_note("lost?"), Err(ProgressError::NotFound { .. })));
    assert!(matches!(absent.clear(), Err(ProgressError::NotFound { .. })));
    assert_eq!(names(folder.path()), Vec::<String>::new());
    let nowhere = manager(&folder.path().join("no/such/STATE.md"));
    assert!(matches!(nowhere.initialize(&plan()), Err(ProgressError::NoFolder { .. })));
    assert!(matches!(manager(folder.path()).load(), Err(ProgressError::NotAFile { .. })));
}

/// Proves S13, G3.
#[test]
fn the_mode_is_kept_and_the_backup_is_the_old_file_itself() {
    let (_folder, path, manager) = begun();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    let before = fs::metadata(&path).unwrap();
    manager.add_note("one").unwrap();
    let (state, backup) =
        (fs::metadata(&path).unwrap(), fs::metadata(path.with_extension("backup")).unwrap());
    assert_eq!((state.mode() & 0o7777, backup.mode() & 0o7777), (0o600, 0o600));
    assert_eq!((backup.ino(), backup.mtime_nsec()), (before.ino(), before.mtime_nsec()));
    assert_ne!(state.ino(), before.ino());
    manager.restore_backup().unwrap();
    assert_eq!(fs::metadata(&path).unwrap().mode() & 0o7777, 0o600);
}

/// Proves S13.
#[test]
fn a_link_is_followed_and_stays_a_link() {
    let (folder, path, _) = begun();
    let elsewhere = tempfile::tempdir().unwrap();
    let (first, second) = (elsewhere.path().join("a.md"), elsewhere.path().join("b.md"));
    symlink(&path, &second).unwrap();
    symlink("b.md", &first).unwrap();
    manager(&first).add_note("through the link").unwrap();
    assert!(first.is_symlink() && second.is_symlink());
    assert_eq!(notes(&Progress::parse(fs::read(&path).unwrap()).unwrap()), ["through the link"]);
    assert_eq!(names(folder.path()), TIDY);
    assert_eq!(names(elsewhere.path()), ["a.md", "b.md"]);

    // A link to nothing yet, and one to itself.
    let (dangling, circle) = (elsewhere.path().join("c.md"), elsewhere.path().join("d.md"));
    symlink(folder.path().join("new.md"), &dangling).unwrap();
    manager(&dangling).initialize(&plan()).unwrap();
    assert!(folder.path().join("new.md").is_file() && dangling.is_symlink());
    symlink(&circle, &circle).unwrap();
    assert!(matches!(manager(&circle).load(), Err(ProgressError::NotAFile { .. })));
}

#[test]
fn a_file_larger_than_any_is_not_read() {
    let (_folder, path, manager) = begun();
    fs::File::options().write(true).open(&path).unwrap().set_len((64 << 20) + 1).unwrap();
    assert!(matches!(manager.load(), Err(ProgressError::TooLarge { bytes: 67_108_865, .. })));
}

/// Proves G5.
#[test]
fn validating_reports_every_line() {
    let (_folder, path, manager) = begun();
    manager.validate().unwrap();
    let file = fs::read_to_string(&path).unwrap().replace("Wave 1/2", "Wave 3/2").replace("[ ]", "[?]");
    fs::write(&path, file).unwrap();
    let fault = manager.validate().unwrap_err();
    let ProgressError::Invalid { findings, .. } = &fault else { panic!("{fault}") };
    let rules: Vec<_> = findings.iter().map(|finding| finding.rule).collect();
    assert_eq!(rules, [Rule::Status, Rule::Checkbox, Rule::Checkbox]);
}
