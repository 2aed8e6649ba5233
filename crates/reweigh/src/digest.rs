//! One number for everything that is settled.

use std::fmt;

use reweigh_reading::UserId;
use reweigh_state::UserState;
use reweigh_store::{Store, StoreError};
use xxhash_rust::xxh3::{Xxh3, xxh3_128};

use crate::engine::Engine;
use crate::error::EngineError;
use crate::hub::Core;

/// How many users or facts are read at a time.
pub(crate) const PIECE: usize = 1_024;

/// A hash over users, in whatever order they come.
///
/// Each user counts with their settled state, or, if they are not settled, with a hash of their facts. Equal facts, policy
/// and step version give equal digests.
///
/// ```
/// use reweigh::Digest;
/// use reweigh_judge::{effective, fingerprint, fold};
/// use reweigh_reading::{Fact, Instant, Measure, Source, Unit, UserId};
/// use reweigh_state::Profile;
///
/// let policy = Profile::Balanced.policy().check().unwrap();
/// let mut digest = Digest::default();
/// for name in ["ada", "bob"] {
///     let user = UserId::new(name)?;
///     let measure = Measure::new(80.5, Unit::Kilogram)?;
///     let fact = Fact::reading(user.clone(), Instant::UNIX_EPOCH, Source::unknown(), measure);
///     digest.settled(&user, &fold(&effective([fact]).events, &policy).encode());
/// }
/// assert_eq!(digest.users, 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Digest {
    sum: u128,
    /// Settled users.
    pub users: u64,
    /// Users that are not settled.
    pub unsettled: u64,
}

impl Digest {
    /// A settled user, with the bytes of the state.
    pub fn settled(&mut self, user: &UserId, state: &[u8]) {
        self.users += 1;
        self.add(b"settled\0", user, state);
    }

    /// A user that is not settled, with a hash of the facts.
    pub fn unsettled(&mut self, user: &UserId, facts: u128) {
        self.unsettled += 1;
        self.add(b"unsettled\0", user, &facts.to_le_bytes());
    }

    fn add(&mut self, kind: &[u8], user: &UserId, bytes: &[u8]) {
        let mut hash = Xxh3::new();
        hash.update(kind);
        hash.update(user.as_str().as_bytes());
        hash.update(&[0]);
        hash.update(bytes);
        self.sum = self.sum.wrapping_add(hash.digest128());
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.sum)
    }
}

impl Engine {
    /// Settles what waits, and gives one number for everything there is.
    ///
    /// # Errors
    ///
    /// The store failed.
    pub fn digest(&self) -> Result<Digest, EngineError> {
        self.settle()?;
        self.checkpoint()?;
        let mut digest = Digest::default();
        self.each_user(|store, user| add(&self.core, store, user, &mut digest))?;
        Ok(digest)
    }

    /// Calls something for every user of the main file, in order.
    pub(crate) fn each_user(
        &self,
        mut each: impl FnMut(&dyn Store, &UserId) -> Result<(), StoreError>,
    ) -> Result<(), EngineError> {
        let keeper = &self.core.keeper;
        let mut after: Option<UserId> = None;
        loop {
            let users = keeper.call(|store| store.users(after.as_ref(), PIECE))?;
            let Some(last) = users.last() else { return Ok(()) };
            after = Some(last.clone());
            for user in &users {
                keeper.call(|store| each(store, user))?;
            }
        }
    }
}

fn add(core: &Core, store: &dyn Store, user: &UserId, digest: &mut Digest) -> Result<(), StoreError> {
    let Some(loaded) = store.load(user)? else { return Ok(()) };
    let state = loaded.state.as_ref().filter(|_| loaded.mark.is_settled());
    let valid = state.and_then(|kept| kept.check(&core.expectations()).ok());
    match valid {
        Some(state) => digest.settled(user, &UserState::encode(&state)),
        None if loaded.facts == 0 => {}
        None => digest.unsettled(user, facts_hash(store, user)?),
    }
    Ok(())
}

/// A hash of a user's facts, in whatever order they come.
fn facts_hash(store: &dyn Store, user: &UserId) -> Result<u128, StoreError> {
    let (mut sum, mut after) = (0_u128, None);
    let mut first = true;
    loop {
        let piece = store.history(user, after.as_ref(), PIECE)?;
        let told = if first { piece.told } else { Vec::new() };
        first = false;
        for recorded in piece.facts.iter().chain(&told) {
            let mut bytes = Vec::new();
            recorded.fact.key().write_sortable(&mut bytes);
            recorded.fact.write_payload(&mut bytes);
            sum = sum.wrapping_add(xxh3_128(&bytes));
        }
        match piece.facts.last() {
            Some(last) if piece.more => after = Some(last.fact.key()),
            _ => return Ok(sum),
        }
    }
}
