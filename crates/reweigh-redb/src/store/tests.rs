//! States that are not what was written, planted where the port cannot put them.

use std::time::Duration;

use reweigh_judge::{effective, fingerprint, fold};
use reweigh_reading::{Measure, Source, Unit};
use reweigh_state::{Checked, CheckedPolicy, Profile};
use reweigh_store::{ActKind, Remedy, Settled, UserCommit};

use super::*;
use crate::blob::Blob;
use crate::medium::PowerMedium;
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

struct World {
    store: RedbStore,
    policy: CheckedPolicy,
}

impl World {
    /// A store with one settled user.
    fn new() -> Self {
        let owner = Owner { pid: 1, host: "here".to_owned(), since: "now".to_owned() };
        let medium = std::sync::Arc::new(PowerMedium::new());
        let create = Some(StoreId::from_number(7));
        let patience = Duration::from_millis(2);
        let options = Options { create, medium, patience, cache_bytes: 1 << 20, ..Options::new(owner) };
        let store = RedbStore::open("x.redb".as_ref(), options).unwrap();
        let world = Self { store, policy: Profile::Balanced.policy().check().unwrap() };
        let state = fold(&effective(readings()).events, &world.policy);
        let state = Checked::state(state, &world.expectations()).unwrap();
        let settled = Some(Settled::new(state, None));
        let users = vec![UserCommit { settled, ..UserCommit::facts(ada(), readings()) }];
        world.store.commit(&Checkpoint { users, ..Checkpoint::at(Instant::UNIX_EPOCH) }).unwrap();
        world
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
