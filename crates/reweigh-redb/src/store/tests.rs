//! States that are not what was written, planted where the port cannot put them.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use reweigh_judge::{effective, fingerprint, fold};
use reweigh_reading::{Measure, Source, Unit};
use reweigh_state::{Checked, CheckedPolicy, Profile};
use reweigh_store::{ActKind, Remedy, Settled, UserCommit};

use super::*;
use crate::blob::Blob;
use crate::medium::{Backend, Medium, PowerMedium};
use crate::owner::Owner;
use crate::row::seal_as;
use crate::tables::HEADS_KIND;

fn ada() -> UserId {
    UserId::new("ada").unwrap()
}

fn readings() -> Vec<Fact> {
    let reading = |day: i64| {
        let at = Instant::from_unix_seconds(day * 86_400).unwrap();
        Fact::reading(ada(), at, Source::unknown(), Measure::new(160.5, Unit::Kilogram).unwrap())
    };
    (1..=5).map(reading).collect()
}

fn act() -> Act {
    let (by, reason) = ("x".to_owned(), "y".to_owned());
    Act { kind: ActKind::Pin, by, reason, at: Instant::UNIX_EPOCH, correlation: 0 }
}

/// A medium that refuses to give one name.
#[derive(Debug)]
struct Refusing(PowerMedium, &'static str);

impl Medium for Refusing {
    fn open(&self, path: &Path) -> io::Result<Option<Backend>> {
        self.0.open(path)
    }

    fn size(&self, path: &Path) -> io::Result<Option<u64>> {
        self.0.size(path)
    }

    fn create(&self, path: &Path) -> io::Result<Backend> {
        self.0.create(path)
    }

    fn place(&self, from: &Path, to: &Path) -> io::Result<()> {
        if to == Path::new(self.1) { Err(io::ErrorKind::StorageFull.into()) } else { self.0.place(from, to) }
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.0.remove(path)
    }

    fn sync_names(&self, path: &Path) -> io::Result<()> {
        self.0.sync_names(path)
    }

    fn read_note(&self, path: &Path) -> io::Result<Option<String>> {
        self.0.read_note(path)
    }

    fn write_note(&self, path: &Path, text: &str) -> io::Result<()> {
        self.0.write_note(path, text)
    }
}

fn on(medium: &PowerMedium) -> RedbStore {
    on_any(Arc::new(medium.clone()))
}

fn on_any(medium: Arc<dyn Medium>) -> RedbStore {
    let owner = Owner { pid: 1, host: "here".to_owned(), since: "now".to_owned() };
    let (create, patience) = (Some(StoreId::from_number(7)), Duration::from_millis(2));
    let options = Options { create, medium, patience, cache_bytes: 1 << 20, ..Options::new(owner) };
    RedbStore::open("x.redb".as_ref(), options).unwrap()
}

struct World {
    medium: PowerMedium,
    store: RedbStore,
    policy: CheckedPolicy,
}

impl World {
    /// A store with one settled user.
    fn new() -> Self {
        let medium = PowerMedium::new();
        let world = Self { store: on(&medium), medium, policy: Profile::Balanced.policy().check().unwrap() };
        let state = fold(&effective(readings()).events, &world.policy);
        let state = Checked::state(state, &world.expectations()).unwrap();
        let settled = Some(Settled::new(state, None));
        let users = vec![UserCommit { settled, ..UserCommit::facts(ada(), readings()) }];
        world.store.commit(&Checkpoint { users, ..Checkpoint::at(Instant::UNIX_EPOCH) }).unwrap();
        world
    }

    /// Opens the store again, after a fault.
    fn open(&mut self) {
        let medium = self.medium.clone();
        medium.reboot(&mut |_| crate::medium::Fate::Kept);
        self.store = on(&medium);
    }

    fn expectations(&self) -> Expectations<'_> {
        Expectations { fingerprint: fingerprint(&self.policy), policy: &self.policy }
    }

    /// Puts other bytes in the settled state's place, in a row whose own checksum fits.
    fn plant(&self, change: impl Fn(&mut Vec<u8>)) {
        let planted = self.store.main.write("planting", |transaction| {
            let mut heads = transaction.open_table(HEADS)?;
            let row = head_row(&heads, &ada())?.ok_or_else(gone)?;
            let mut head = head_of(&ada(), &row)?;
            let mut settled = head.settled.take().ok_or_else(gone)?;
            let mut state = settled.state.0.to_vec();
            change(&mut state);
            settled.state = Blob::owned(state);
            head.settled = Some(settled);
            let row = seal_as(HEADS_KIND, b"ada", &head).map_err(Fault::unwritten)?;
            heads.insert(b"ada".as_slice(), row.as_slice())?;
            Ok(())
        });
        planted.unwrap();
    }

    /// What restoring and pinning before a key beyond all of them say; they must agree, and nothing may be pinned.
    fn refused(&self, expectations: &Expectations<'_>) -> RestoreError {
        let beyond = OrderKey::new(Instant::MAX, Source::unknown(), "z".parse().unwrap());
        let error = self.store.check_and_restore(&ada(), &beyond, 100, expectations).unwrap_err();
        assert_eq!(error.remedy(), Remedy::Restore, "{error}");
        if let RestoreError::Corrupt { before, .. }
        | RestoreError::Invalid { before, .. }
        | RestoreError::Dimension { before, .. } = &error
        {
            assert_eq!(*before, readings()[4].key(), "the key to ask again with is the snapshot's own");
            let older = self.store.check_and_restore(&ada(), before, 100, expectations).unwrap_err();
            assert_eq!(older.code(), "restore_no_snapshot_before");
        }
        self.store.check_and_pin(&ada(), &beyond, &act(), expectations).unwrap_err();
        assert_eq!(self.store.load(&ada()).unwrap().unwrap().pin, None);
        assert_eq!(self.store.history(&ada(), None, 100).unwrap().facts.len(), 5, "facts are not in danger");
        error
    }
}

/// Proves A2, A3, W8.
#[test]
fn a_state_that_is_not_what_was_written_is_told_and_never_restored() {
    let code = |change: &dyn Fn(&mut Vec<u8>)| {
        let world = World::new();
        world.plant(change);
        world.refused(&world.expectations()).code()
    };
    assert_eq!(code(&Vec::clear), "restore_corrupt");
    assert_eq!(code(&|state| state.truncate(state.len() / 2)), "restore_corrupt");
    let flipped = |state: &mut Vec<u8>| {
        let middle = state.len() / 2;
        state[middle] ^= 1;
    };
    assert_eq!(code(&flipped), "restore_corrupt");
    assert_eq!(code(&|state| state.push(0)), "restore_corrupt");
    assert_eq!(code(&|state| state[0] = 99), "restore_dimension");
}

/// Proves A2, A3.
#[test]
fn a_state_that_breaks_a_rule_is_told_with_every_rule_it_breaks() {
    let world = World::new();
    let mut policy = Profile::Balanced.policy();
    policy.safety.heaviest_kg = 100.0;
    let policy = policy.check().unwrap();
    let stricter = Expectations { fingerprint: fingerprint(&world.policy), policy: &policy };
    let error = world.refused(&stricter);
    assert_eq!(error.code(), "restore_invalid");
    let RestoreError::Invalid { cause, .. } = error else { panic!("{error}") };
    assert!(cause.to_string().contains("must be 1.5 to 150 kg"), "{cause}");
}

/// Proves A2, A8.
#[test]
fn a_restore_that_waits_too_long_is_told() {
    let world = World::new();
    let beyond = OrderKey::new(Instant::MAX, Source::unknown(), "z".parse().unwrap());
    world
        .store
        .main
        .write("the first", |_| {
            let error =
                world.store.check_and_pin(&ada(), &beyond, &act(), &world.expectations()).unwrap_err();
            assert_eq!((error.code(), error.remedy()), ("restore_timeout", Remedy::Retry));
            Ok(())
        })
        .unwrap();
    world.store.check_and_pin(&ada(), &beyond, &act(), &world.expectations()).unwrap();
}

/// An error may say that nothing was changed only if nothing was.
///
/// Proves F1, F9.
#[test]
fn an_erasure_that_stops_between_the_files_is_of_unknown_outcome() {
    let mut world = World::new();
    world.store.append(&readings()[..2], &[]).unwrap();
    let act = Act { kind: ActKind::Erase, ..act() };
    world
        .store
        .journal
        .write("the first", |_| {
            let error = world.store.erase(&ada(), &act).unwrap_err();
            assert_eq!((error.code(), error.remedy()), ("store_unknown", Remedy::Reopen), "{error}");
            assert_eq!(world.store.load(&ada()).unwrap_err().code(), "store_poisoned");
            Ok(())
        })
        .unwrap();
    world.open();
    // It was kept, whole: nobody reads what the journal still has, and offering it again takes that away too.
    assert_eq!(world.store.load(&ada()).unwrap().unwrap().facts, 0);
    assert_eq!(world.store.tail(Sequence::START, 10).unwrap()[0].facts, []);
    assert_eq!(world.store.audit(&AuditQuery::default(), 10).unwrap().len(), 1);
    assert_eq!(world.store.journal_row(Sequence::new(1)).unwrap().unwrap().facts.len(), 2);
    world.store.erase(&ada(), &act).unwrap();
    assert_eq!(world.store.journal_row(Sequence::new(1)).unwrap().unwrap().facts, []);
}

/// Proves F8, F9.
#[test]
fn a_backup_that_is_refused_leaves_nothing_behind() {
    for refused in ["copy.redb", "copy.redb-journal"] {
        let medium = PowerMedium::new();
        let store = on_any(Arc::new(Refusing(medium.clone(), refused)));
        store.append(&readings(), &[]).unwrap();
        let error = store.backup("copy.redb".as_ref()).unwrap_err();
        assert_eq!((error.code(), error.remedy()), ("store_full", Remedy::Stop), "{error}");
        for name in ["copy.redb", "copy.redb-journal", "copy.redb-new-1", "copy.redb-journal-new-1"] {
            assert_eq!(medium.size(name.as_ref()).unwrap(), None, "{name}");
        }
        assert_eq!(store.tail(Sequence::START, 10).unwrap().len(), 1, "the store goes on");
    }
}
