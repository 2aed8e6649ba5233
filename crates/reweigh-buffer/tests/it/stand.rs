//! What the tests stand on: readings that can be told apart by a number.

use reweigh_buffer::{Added, Begun, BufferError, Buffered, Frozen, JournalPlace, ReplayBuffer, Token, Upto};
use reweigh_reading::{Elapsed, Fact, Instant, Measure, Source, Unit, UserId};

pub(crate) fn user(name: &str) -> UserId {
    UserId::new(name).unwrap()
}

/// The instant so many seconds after the beginning.
pub(crate) fn second(seconds: i64) -> Instant {
    Instant::UNIX_EPOCH.saturating_add(Elapsed::from_seconds(seconds))
}

/// A reading of `user` at `at`. The number is its place in the journal.
pub(crate) fn reading_at(user: &UserId, number: u64, at: Instant) -> (Fact, JournalPlace) {
    let fact =
        Fact::reading(user.clone(), at, Source::unknown(), Measure::new(80.0, Unit::Kilogram).unwrap());
    (fact, JournalPlace { sequence: number, offset: 7 })
}

/// Adds the reading of this number.
pub(crate) fn add(buffer: &ReplayBuffer, user: &UserId, number: u64) -> Added {
    let (fact, place) = reading_at(user, number, second(i64::try_from(number).unwrap()));
    buffer.add(fact, place).unwrap()
}

/// Adds readings for which nothing has to leave.
pub(crate) fn add_all(buffer: &ReplayBuffer, user: &UserId, numbers: impl IntoIterator<Item = u64>) {
    for number in numbers {
        assert_eq!(add(buffer, user, number).evicted, []);
    }
}

/// Begins and finalizes at once.
pub(crate) fn freeze(buffer: &ReplayBuffer, user: &UserId, now: Instant) -> Result<Frozen, BufferError> {
    let Begun { snapshot, evicted } = buffer.begin_snapshot(user, Upto::Latest, now)?;
    assert_eq!(evicted, []);
    snapshot.finalize(now)
}

/// The numbers of a user's readings in memory, oldest first.
pub(crate) fn held(buffer: &ReplayBuffer, user: &UserId) -> Vec<u64> {
    let Some(view) = buffer.view(user) else { return Vec::new() };
    assert!(view.readings().map(Buffered::sequence).is_sorted_by(|a, b| a < b), "out of order");
    view.readings().map(|reading| reading.place().sequence).collect()
}

pub(crate) fn numbers(frozen: &Frozen) -> Vec<u64> {
    frozen.readings().map(|reading| reading.place().sequence).collect()
}

pub(crate) fn token_numbers(tokens: &[Token]) -> Vec<u64> {
    tokens.iter().map(|token| token.place.sequence).collect()
}
