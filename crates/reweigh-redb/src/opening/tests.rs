use std::sync::Arc;

use reweigh_store::{Remedy, Store};

use super::*;
use crate::medium::{Fate, PowerMedium};
use crate::store::RedbStore;

fn on(medium: &PowerMedium) -> Options {
    let owner = Owner { pid: 1, host: "here".to_owned(), since: "now".to_owned() };
    let medium = Arc::new(medium.clone());
    Options { create: Some(StoreId::from_number(7)), medium, cache_bytes: 1 << 20, ..Options::new(owner) }
}

fn with_schema(medium: &PowerMedium, schema: u32) {
    let path = Path::new("x.redb");
    RedbStore::open(path, on(medium)).unwrap().close().unwrap();
    let names = Names::of(path);
    let backend = medium.open(path).unwrap().unwrap();
    let main = database(path, MAIN, backend, 1 << 20, medium, &names.owner).unwrap();
    let meta = MetaV1 { schema, ..check_main(path, &main).unwrap() };
    let transaction = main.begin_write().unwrap();
    put_meta(&transaction, ROW_META, &meta).unwrap();
    transaction.commit().unwrap();
}

/// Proves F7.
#[test]
fn a_newer_schema_is_refused_and_an_older_one_not_guessed() {
    for (schema, code) in [(SCHEMA + 1, "open_newer"), (u32::MAX, "open_newer"), (0, "open_older")] {
        let medium = PowerMedium::new();
        with_schema(&medium, schema);
        let before = medium.bytes("x.redb".as_ref());
        let error = RedbStore::open("x.redb".as_ref(), on(&medium)).unwrap_err();
        assert_eq!((error.code(), error.remedy()), (code, Remedy::Stop), "{error}");
        assert!(medium.size("x.redb-journal".as_ref()).unwrap().is_none(), "no journal was made");
        assert_eq!(medium.bytes("x.redb".as_ref()).map(|bytes| bytes.len()), before.map(|bytes| bytes.len()));
    }
}

/// Proves F5.
#[test]
fn an_unknown_outcome_poisons_the_handle_until_it_is_opened_again() {
    let mut codes = Vec::new();
    for cut in 0..30 {
        let medium = PowerMedium::new();
        let store = RedbStore::open("x.redb".as_ref(), on(&medium)).unwrap();
        medium.cut_at(Some(cut));
        let Err(error) = store.append(&[], &[]) else { continue };
        codes.push(error.code());
        let again = store.append(&[], &[]).unwrap_err();
        assert_eq!((again.code(), again.remedy()), ("store_poisoned", Remedy::Reopen));
        assert_eq!(store.mark().unwrap_err().code(), "store_poisoned", "both files share it");
        drop(store);
        medium.reboot(&mut |_| Fate::Kept);
        RedbStore::open("x.redb".as_ref(), on(&medium)).unwrap().append(&[], &[]).unwrap();
    }
    assert!(codes.contains(&"store_unknown"), "{codes:?}");
}

/// Proves A8.
#[test]
fn a_writer_that_waits_too_long_is_told() {
    let path = Path::new("x.redb");
    let medium = PowerMedium::new();
    make_main(&Names::of(path), &on(&medium), StoreId::from_number(7)).unwrap();
    let backend = medium.open(path).unwrap().unwrap();
    let main = database(path, MAIN, backend, 1 << 20, &medium, "x.redb-owner".as_ref()).unwrap();
    let patience = std::time::Duration::from_millis(2);
    let file = crate::file::File::new(MAIN, main, patience, crate::file::Poison::default(), true);
    file.write("the first", |_| {
        let error = file.write("the second", |_| Ok(())).unwrap_err();
        assert_eq!((error.code(), error.remedy()), ("store_busy", Remedy::Retry));
        assert_eq!(
            error.to_string(),
            "others held the writer for 2 ms, so the second was given up; try again"
        );
        Ok(())
    })
    .unwrap();
    file.write("the third", |_| Ok(())).unwrap();
}
