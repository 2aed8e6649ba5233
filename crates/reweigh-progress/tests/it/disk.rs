//! A disk that is full or read-only, files and folders of others.
//!
//! These need the superuser, to make such places and to run as somebody else; without it they say so and skip.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::child::{ARGUMENTS, Process, TIDY, command, label, manager, names, notes, plan};

/// The user and group that own nothing.
const NOBODY: u32 = 65_534;

/// Whether `program` can be run that way here; else says aloud what is skipped.
fn can_run(program: &str, arguments: &[&str], what: &str) -> bool {
    let works = Command::new(program).args(arguments).output().is_ok_and(|output| output.status.success());
    if !works {
        eprintln!("SKIPPED: {what}: `{program} {}` does not work here", arguments.join(" "));
    }
    works
}

/// A folder that everybody can enter, and this test program in it, for everybody to run.
fn open_folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let program = folder.path().join("program");
    // By a process of its own: one that this process starts meanwhile would inherit the open copy, and what is open
    // for writing can't be run.
    let copied = Command::new("cp").arg(std::env::current_exe().unwrap()).arg(&program).status().unwrap();
    assert!(copied.success());
    (folder, program)
}

/// What "try" says when nobody in particular runs it.
fn tried_by_nobody(program: &Path, file: &Path) -> Vec<String> {
    let here = command("try", file);
    let mut other = Command::new("setpriv");
    other.args([&format!("--reuid={NOBODY}"), &format!("--regid={NOBODY}"), "--clear-groups"]);
    other.arg(program).args(ARGUMENTS);
    other.envs(here.get_envs().filter_map(|(key, value)| Some((key, value?))));
    other.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped());
    Process::run(&mut other).finish()
}

fn can_be_nobody(what: &str) -> bool {
    let user = format!("--reuid={NOBODY}");
    can_run("setpriv", &[&user, "--regid=65534", "--clear-groups", "true"], what)
}

#[test]
fn in_a_read_only_folder_everything_can_be_read_and_nothing_written() {
    if !can_be_nobody("a read-only folder") {
        return;
    }
    let (folder, program) = open_folder();
    let inner = folder.path().join("inner");
    fs::create_dir(&inner).unwrap();
    let path = inner.join("STATE.md");
    manager(&path).initialize(&plan()).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
    // The file may be written, the folder may not: with and without a lock from before.
    for _ in 0..2 {
        assert_eq!(tried_by_nobody(&program, &path), ["read", "denied"]);
        let _ = fs::remove_file(inner.join("STATE.md.lock"));
        let _ = fs::remove_file(inner.join(".STATE.md.turn"));
    }
    assert_eq!(notes(&manager(&path).load().unwrap()), Vec::<String>::new());
}

/// Proves S13.
#[test]
fn a_file_of_another_user_is_changed_only_by_those_who_may_write_it() {
    if !can_be_nobody("a file of another user") {
        return;
    }
    let (folder, program) = open_folder();
    let inner = folder.path().join("inner");
    fs::create_dir(&inner).unwrap();
    fs::set_permissions(&inner, fs::Permissions::from_mode(0o777)).unwrap();
    let path = inner.join("STATE.md");
    manager(&path).initialize(&plan()).unwrap();
    for (mode, outcome) in
        [(0o600, ["denied", "denied"]), (0o644, ["read", "denied"]), (0o666, ["read", "written"])]
    {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        assert_eq!(tried_by_nobody(&program, &path), outcome, "{mode:o}");
        let metadata = fs::metadata(&path).unwrap();
        assert_eq!(metadata.mode() & 0o7777, mode);
        // Only the superuser can give a file back to its owner; the rights stay what they were.
        assert_eq!(metadata.uid(), if mode == 0o666 { NOBODY } else { 0 });
    }
    manager(&path).add_note("and back").unwrap();
    assert_eq!(notes(&manager(&path).load().unwrap()), ["tried", "and back"]);
    assert_eq!(names(&inner), TIDY);
}

/// Proves S13.
#[test]
fn the_superuser_leaves_a_file_with_its_owner() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("STATE.md");
    manager(&path).initialize(&plan()).unwrap();
    if chown(&path, Some(NOBODY), Some(NOBODY)).is_err() {
        eprintln!("SKIPPED: the owner of a file: only the superuser can give one away");
        return;
    }
    manager(&path).set_metadata(label("k").as_str(), "v").unwrap();
    let metadata = fs::metadata(&path).unwrap();
    assert_eq!((metadata.uid(), metadata.gid()), (NOBODY, NOBODY));
}

/// A process with mounts of its own, which go away with it.
fn with_mount(mount: &str, job: &str, file: &Path) -> Vec<String> {
    let here = command(job, file);
    let mut other = Command::new("unshare");
    other.args(["--mount", "sh", "-c"]).arg(format!("{mount} && exec \"$0\" \"$@\""));
    other.arg(std::env::current_exe().unwrap()).args(ARGUMENTS);
    other.envs(here.get_envs().filter_map(|(key, value)| Some((key, value?))));
    other.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped());
    Process::run(&mut other).finish()
}

fn can_mount(what: &str) -> bool {
    can_run("unshare", &["--mount", "sh", "-c", "mount -t tmpfs none /mnt"], what)
}

#[test]
fn a_full_disk_is_an_error_and_what_was_there_stays_whole() {
    if !can_mount("a full disk") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mount = format!("mount -t tmpfs -o size=128k none '{}'", folder.path().display());
    assert_eq!(with_mount(&mount, "fill", &folder.path().join("STATE.md")), ["full", "whole"]);
}

#[test]
fn a_read_only_file_system_is_an_error_of_its_own() {
    if !can_mount("a read-only file system") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("STATE.md");
    manager(&path).initialize(&plan()).unwrap();
    let place = folder.path().display();
    let mount = format!("mount --bind '{place}' '{place}' && mount -o remount,ro,bind '{place}'");
    assert_eq!(with_mount(&mount, "try", &path), ["read", "read-only"]);
    // Here it may be written all the while.
    manager(&path).add_note("written").unwrap();
    assert_eq!(notes(&manager(&path).load().unwrap()), ["written"]);
}

/// Proves S14, G4.
#[test]
fn the_kernel_is_asked_to_sync_file_and_folder_around_the_renaming() {
    if !can_run("strace", &["-e", "trace=fsync", "true"], "what the kernel is asked") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("STATE.md");
    let log = folder.path().join("log");
    manager(&path).initialize(&plan()).unwrap();
    let here = command("notes 2 w", &path);
    let mut other = Command::new("strace");
    other.args(["-f", "-e", "trace=fsync,fdatasync,link,linkat,rename,renameat,renameat2", "-o"]).arg(&log);
    other.arg(std::env::current_exe().unwrap()).args(ARGUMENTS);
    other.envs(here.get_envs().filter_map(|(key, value)| Some((key, value?))));
    other.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped());
    assert_eq!(Process::run(&mut other).finish(), ["w 0", "w 1"]);
    let log = fs::read_to_string(&log).unwrap();
    let calls: Vec<_> = log
        .lines()
        .filter_map(|line| line.split_once(' ')?.1.trim().split_once('('))
        .map(|(call, _)| if call.starts_with("rename") { "rename" } else { call.trim_end_matches("at") })
        .collect();
    // The new file; the old one, which another process wrote; its second name; both take their places; the folder.
    let first = ["fsync", "fsync", "link", "rename", "rename", "fsync"];
    // This time the old file is known to be synced.
    let second = ["fsync", "link", "rename", "rename", "fsync"];
    assert_eq!(calls, [&first[..], &second[..]].concat(), "{log}");
}
