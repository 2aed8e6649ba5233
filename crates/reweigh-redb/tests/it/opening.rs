//! What can be wrong when a store is opened: each has its own error.

use std::io::{BufRead, BufReader, ErrorKind, Read};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use redb::{Database, TableDefinition};
use reweigh_reading::{Fact, Instant, Measure, Source, Unit, UserId};
use reweigh_redb::{OpenError, Options, Owner, PowerMedium, RedbStore};
use reweigh_store::{Checkpoint, Remedy, Sequence, Store, StoreError, StoreId, UserCommit};

use crate::bench::{OnDisk, options};

fn fact(second: i64) -> Fact {
    let at = Instant::from_unix_seconds(second).unwrap();
    let measure = Measure::new(80.5, Unit::Kilogram).unwrap();
    Fact::reading(UserId::new("ada").unwrap(), at, Source::unknown(), measure)
}

fn refused(path: &Path, options: Options, code: &str, remedy: Remedy) -> OpenError {
    let error = RedbStore::open(path, options).unwrap_err();
    assert_eq!((error.code(), error.remedy()), (code, remedy), "{error}");
    assert!(
        error.to_string().contains(&*path.file_name().unwrap().to_string_lossy()),
        "{error} names no file"
    );
    error
}

fn checkpoint(store: &RedbStore, facts: Vec<Fact>, mark: Sequence) {
    let users = vec![UserCommit::facts(UserId::new("ada").unwrap(), facts)];
    store.commit(&Checkpoint { users, mark: Some(mark), ..Checkpoint::at(Instant::UNIX_EPOCH) }).unwrap();
}

/// Tells the child what to open.
const CHILD: &str = "REWEIGH_TEST_CHILD";

/// Proves F4.
#[test]
fn a_second_process_is_told_who_has_it() {
    if let Some(path) = std::env::var_os(CHILD) {
        let owner = Owner { pid: std::process::id(), host: "that one".to_owned(), since: "noon".to_owned() };
        let store = RedbStore::open(Path::new(&path), Options { owner, ..options() }).unwrap();
        store.append(&[fact(1)], &[]).unwrap();
        println!("\nthe child has it");
        // Until the parent kills it, or goes.
        let _ = std::io::stdin().read(&mut [0]);
        return;
    }
    let disk = OnDisk::new();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "opening::a_second_process_is_told_who_has_it", "--nocapture"])
        .env(CHILD, disk.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap() == "the child has it"));
    let error = refused(&disk.path(), options(), "open_in_use", Remedy::Retry);
    let expected = format!("is in use by pid {} on that one since noon", child.id());
    assert!(error.to_string().contains(&expected), "{error}");
    child.kill().unwrap();
    child.wait().unwrap();
    // The note is still there, and nobody believes it.
    let store = RedbStore::open(&disk.path(), options()).unwrap();
    assert_eq!(store.tail(Sequence::START, 10).unwrap()[0].facts, [fact(1)]);
    assert!(store.close().is_ok());
}

/// Proves F4.
#[test]
fn a_clean_close_leaves_one_file() {
    let disk = OnDisk::new();
    let store = RedbStore::open(&disk.path(), options()).unwrap();
    let row = store.append(&[fact(1)], &[]).unwrap();
    assert!(!store.close().unwrap(), "the tail is not in the main file yet");
    let store = RedbStore::open(&disk.path(), options()).unwrap();
    checkpoint(&store, vec![fact(1)], row);
    let names = || -> Vec<String> {
        let folder = std::fs::read_dir(disk.path().parent().unwrap()).unwrap();
        let mut names: Vec<String> =
            folder.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    };
    assert_eq!(names(), ["x.redb", "x.redb-journal", "x.redb-owner"]);
    assert!(store.close().unwrap());
    assert_eq!(names(), ["x.redb"]);
    let store = RedbStore::open(&disk.path(), options()).unwrap();
    assert!(store.append(&[fact(2)], &[]).unwrap() > row, "numbers go on in the next journal");
}

/// Proves F8.
#[test]
fn a_missing_folder_is_not_made() {
    let disk = OnDisk::new();
    let path = disk.path().join("no/x.redb");
    refused(&path, options(), "open_missing_folder", Remedy::FixInput);
    assert!(!path.parent().unwrap().exists());
}

/// Proves F8.
#[test]
fn a_missing_store_is_made_only_if_asked() {
    let disk = OnDisk::new();
    refused(&disk.path(), Options { create: None, ..options() }, "open_missing", Remedy::FixInput);
    assert!(!disk.path().exists());
}

/// Proves F8.
#[test]
fn a_read_only_file_is_refused() {
    let disk = OnDisk::new();
    RedbStore::open(&disk.path(), options()).unwrap().close().unwrap();
    let mut mode = std::fs::metadata(disk.path()).unwrap().permissions();
    mode.set_readonly(true);
    std::fs::set_permissions(disk.path(), mode).unwrap();
    let before = std::fs::read(disk.path()).unwrap();
    let error = RedbStore::open(&disk.path(), options()).unwrap_err();
    // Who is not root is stopped by the system already.
    assert!(matches!(error, OpenError::ReadOnly { .. } | OpenError::Permission { .. }), "{error}");
    assert_eq!(std::fs::read(disk.path()).unwrap(), before);
}

/// Proves F8.
#[test]
fn what_the_medium_refuses_has_its_own_error() {
    let kinds = [
        (ErrorKind::PermissionDenied, "open_permission", Remedy::Stop),
        (ErrorKind::ReadOnlyFilesystem, "open_read_only", Remedy::Stop),
        (ErrorKind::StorageFull, "open_full", Remedy::Stop),
        (ErrorKind::TimedOut, "store_io", Remedy::Reopen),
    ];
    for (kind, code, remedy) in kinds {
        let medium = PowerMedium::new();
        let options = Options { medium: Arc::new(medium.clone()), ..options() };
        medium.fail_with(Some(kind));
        refused(Path::new("x.redb"), options.clone(), code, remedy);
        medium.fail_with(None);
        RedbStore::open(Path::new("x.redb"), options).unwrap();
    }
}

/// Proves F8.
#[test]
fn what_is_no_database_is_left_alone() {
    let disk = OnDisk::new();
    for bytes in [&b""[..], b"redb", b"user,at,weight\nada,2026-01-01,80.5\n", &[0; 10_000]] {
        std::fs::write(disk.path(), bytes).unwrap();
        refused(&disk.path(), options(), "open_not_a_database", Remedy::FixInput);
        assert_eq!(std::fs::read(disk.path()).unwrap(), bytes);
    }
    std::fs::remove_file(disk.path()).unwrap();
    std::fs::create_dir(disk.path()).unwrap();
    refused(&disk.path(), options(), "open_not_a_database", Remedy::FixInput);
}

/// Proves F8.
#[test]
fn a_database_of_another_program_is_left_alone() {
    let disk = OnDisk::new();
    let database = Database::create(disk.path()).unwrap();
    let transaction = database.begin_write().unwrap();
    transaction.open_table(TableDefinition::<&str, u64>::new("weights")).unwrap().insert("ada", 80).unwrap();
    transaction.commit().unwrap();
    drop(database);
    refused(&disk.path(), options(), "open_another_program", Remedy::FixInput);
}

/// A store with one row in its journal, and not closed.
fn with_tail(disk: &OnDisk) -> std::path::PathBuf {
    let store = RedbStore::open(&disk.path(), options()).unwrap();
    store.append(&[fact(1)], &[]).unwrap();
    disk.path().with_extension("redb-journal")
}

/// Proves F5, W7.
#[test]
fn a_missing_journal_is_told() {
    let disk = OnDisk::new();
    let journal = with_tail(&disk);
    let away = disk.path().with_extension("away");
    std::fs::rename(&journal, &away).unwrap();
    let error = RedbStore::open(&disk.path(), options()).unwrap_err();
    assert_eq!((error.code(), error.remedy()), ("open_journal_missing", Remedy::Restore));
    std::fs::rename(&away, &journal).unwrap();
    let store = RedbStore::open(&disk.path(), options()).unwrap();
    assert_eq!(store.tail(Sequence::START, 10).unwrap().len(), 1, "nothing was lost by trying");
}

#[test]
fn a_journal_alone_is_told() {
    let disk = OnDisk::new();
    with_tail(&disk);
    let away = disk.path().with_extension("away");
    std::fs::rename(disk.path(), &away).unwrap();
    let error = RedbStore::open(&disk.path(), options()).unwrap_err();
    assert_eq!((error.code(), error.remedy()), ("open_journal_alone", Remedy::Stop));
    assert!(!disk.path().exists());
}

#[test]
fn a_stale_journal_is_told() {
    let disk = OnDisk::new();
    let journal = with_tail(&disk);
    let old = std::fs::read(&journal).unwrap();
    let stale = |detail: &str| {
        let error = RedbStore::open(&disk.path(), options()).unwrap_err();
        assert_eq!((error.code(), error.remedy()), ("open_journal_stale", Remedy::Restore));
        assert!(error.to_string().contains(detail), "{error}");
    };
    // An older copy of the same journal: it ends before the mark.
    let store = RedbStore::open(&disk.path(), options()).unwrap();
    let row = store.append(&[fact(2)], &[]).unwrap();
    checkpoint(&store, vec![fact(1), fact(2)], row);
    drop(store);
    let new = std::fs::read(&journal).unwrap();
    std::fs::write(&journal, &old).unwrap();
    stale("it ends at 1 and the store's mark is 2");
    // A journal that was closed away, put back beside a store that has a new one.
    std::fs::write(&journal, &new).unwrap();
    assert!(RedbStore::open(&disk.path(), options()).unwrap().close().unwrap());
    drop(RedbStore::open(&disk.path(), options()).unwrap());
    std::fs::write(&journal, &old).unwrap();
    stale("it is number 1, not 2");
}

#[test]
fn a_journal_of_another_store_is_told() {
    let (disk, other) = (OnDisk::new(), OnDisk::new());
    let journal = with_tail(&disk);
    let another = Options { create: Some(StoreId::from_number(8)), ..options() };
    drop(RedbStore::open(&other.path(), another).unwrap());
    std::fs::copy(other.path().with_extension("redb-journal"), &journal).unwrap();
    let error = RedbStore::open(&disk.path(), options()).unwrap_err();
    assert_eq!((error.code(), error.remedy()), ("open_journal_of_another", Remedy::Stop));
}

/// Proves F8.
#[test]
fn a_full_disk_loses_nothing() {
    let medium = PowerMedium::new();
    let options = Options { medium: Arc::new(medium.clone()), ..options() };
    let path = Path::new("x.redb");
    let store = RedbStore::open(path, options.clone()).unwrap();
    let used: u64 = ["x.redb", "x.redb-journal"]
        .iter()
        .map(|name| medium.bytes(name.as_ref()).unwrap().len() as u64)
        .sum();
    medium.set_room(Some(used + 300_000));
    let mut kept = 0;
    let error = loop {
        let facts: Vec<Fact> = (kept * 1_000..(kept + 1) * 1_000).map(fact).collect();
        match store.append(&facts, &[]) {
            Ok(_) => kept += 1,
            Err(error) => break error,
        }
    };
    assert!(kept > 0);
    let full = if let StoreError::Unknown { cause, .. } = &error { cause.code() } else { error.code() };
    assert_eq!(full, "store_full", "{error}");
    assert!(matches!(store.append(&[], &[]), Err(StoreError::Poisoned { .. })));
    drop(store);
    medium.set_room(None);
    let store = RedbStore::open(path, options).unwrap();
    let rows = store.tail(Sequence::START, 1_000_000).unwrap();
    let there = i64::try_from(rows.len()).unwrap();
    assert!(there == kept || there == kept + 1, "{there} rows are there, {kept} were acknowledged");
    assert!(store.check().unwrap().is_sound());
    store.append(&[fact(-1)], &[]).unwrap();
}
