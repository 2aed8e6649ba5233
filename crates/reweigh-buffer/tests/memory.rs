//! What the buffer says that it takes, against what the allocator counted.
//!
//! A binary of its own with one test, because the allocator counts for the whole process.
#![cfg(not(loom))]

#[cfg(test)]
mod counted {
    use std::hint::black_box;
    use std::sync::LazyLock;

    use peak_alloc::PeakAlloc;
    use reweigh_buffer::{BufferLimits, Frozen, JournalPlace, ReplayBuffer, Token, Upto};
    use reweigh_reading::{Action, ResetReason};
    use reweigh_reading::{Elapsed, Fact, Instant, Measure, ReadingId, Revision, Source, Unit, UserId};

    #[global_allocator]
    static ALLOCATOR: PeakAlloc = PeakAlloc;

    /// What a life looks like: how the texts of its facts come about.
    #[derive(Clone, Copy, Debug)]
    enum Texts {
        /// Each fact has its own, as after decoding.
        Apart,
        /// Facts of a user share their user's and their source's, as after reading a file.
        Shared,
        /// All facts share one source's, which the buffer counts once per user.
        Common,
        /// Each fact has its own, a given id, and now and then a long reason.
        Long,
    }

    fn fact(texts: Texts, user: u64, reading: u64, last: Option<&Fact>) -> Fact {
        static COMMON: LazyLock<Source> = LazyLock::new(|| Source::new("bathroom scale").unwrap());
        let own = || UserId::new(&format!("user-{user:012}")).unwrap();
        let at = Instant::UNIX_EPOCH.saturating_add(Elapsed::from_hours(i64::try_from(reading).unwrap()));
        let measure = Measure::new(80.0, Unit::Kilogram).unwrap();
        match (texts, last) {
            (Texts::Shared, Some(last)) => {
                Fact::reading(last.user().clone(), at, last.source().clone(), measure)
            }
            (Texts::Shared | Texts::Apart, _) => {
                Fact::reading(own(), at, Source::new("bathroom scale").unwrap(), measure)
            }
            (Texts::Common, _) => Fact::reading(own(), at, COMMON.clone(), measure),
            (Texts::Long, _) => {
                let id: ReadingId = format!("{reading:>0100}").parse().unwrap();
                let action = match reading % 4 {
                    0 => Action::Reset { reason: ResetReason::new(&"moved ".repeat(40)).unwrap() },
                    _ => Action::Add(measure),
                };
                Fact::new(own(), id, Revision::FIRST, at, Source::unknown(), action)
            }
        }
    }

    /// Fills a buffer and says by how much the allocator's count and the buffer's grew.
    fn fill(buffer: &ReplayBuffer, texts: Texts, users: u64, readings: u64) -> (usize, usize) {
        let before = (ALLOCATOR.current_usage(), buffer.stats().bytes);
        for user in 0..users {
            let mut last = None;
            for reading in 0..readings {
                let next = fact(texts, user, reading, last.as_ref());
                last = Some(next.clone());
                let added = buffer.add(next, JournalPlace { sequence: reading, offset: 0 }).unwrap();
                assert_eq!(added.evicted, []);
            }
        }
        (ALLOCATOR.current_usage() - before.0, buffer.stats().bytes - before.1)
    }

    fn within_a_tenth(what: &str, counted: usize, said: usize) {
        let per_mille = said * 1_000 / counted;
        println!("memory, {what}: allocator {counted} B, buffer {said} B, {per_mille} per mille");
        assert!((900..=1_100).contains(&per_mille), "{what}: {said} B said, {counted} B counted");
    }

    fn every_shape() {
        for texts in [Texts::Apart, Texts::Shared, Texts::Common, Texts::Long] {
            for (users, readings) in [(1, 1), (1, 90), (10_000, 1), (1_000, 7), (300, 90)] {
                let buffer = ReplayBuffer::new(&BufferLimits::default()).unwrap();
                let (counted, said) = fill(&buffer, texts, users, readings);
                within_a_tenth(&format!("{texts:?}, {users} users of {readings}"), counted, said);
            }
        }
    }

    fn every_phase() {
        let buffer = ReplayBuffer::new(&BufferLimits::default()).unwrap();
        let users: Vec<_> = (0..500).map(|user| fact(Texts::Apart, user, 0, None).user().clone()).collect();
        let start = (ALLOCATOR.current_usage(), buffer.stats().bytes);
        let check = |phase: &str, guards: usize| {
            let counted = ALLOCATOR.current_usage() - start.0 - guards;
            within_a_tenth(phase, counted, buffer.stats().bytes - start.1);
        };
        let _ = fill(&buffer, Texts::Apart, 500, 20);
        check("live", 0);
        let mut guards: Vec<Frozen> = Vec::with_capacity(500);
        let own = 500 * size_of::<Frozen>();
        for user in &users {
            let now = Instant::UNIX_EPOCH;
            guards.push(
                buffer.begin_snapshot(user, Upto::Latest, now).unwrap().snapshot.finalize(now).unwrap(),
            );
        }
        check("frozen", own);
        let _ = fill(&buffer, Texts::Apart, 500, 15);
        check("frozen and pending", own);
        for guard in guards.drain(..250) {
            guard.complete(Instant::UNIX_EPOCH);
        }
        check("half of them completed", own);
        guards.clear();
        check("the others given back", own);
        for user in &users {
            let now = Instant::UNIX_EPOCH;
            let guard =
                buffer.begin_snapshot(user, Upto::Latest, now).unwrap().snapshot.finalize(now).unwrap();
            guard.complete(now);
        }
        drop(guards);
        // What is left is the table, which shrinks with a user that leaves only while it is far too large.
        check("after all", 0);
    }

    /// A user that came into memory by a snapshot, with nothing to freeze, and had readings only then.
    fn begun_before_the_first_reading() {
        let buffer = ReplayBuffer::new(&BufferLimits::default()).unwrap();
        let mut guards: Vec<Frozen> = Vec::with_capacity(500);
        let start = (ALLOCATOR.current_usage(), buffer.stats().bytes);
        for user in 0..500 {
            let now = Instant::UNIX_EPOCH;
            let mut next = fact(Texts::Shared, user, 0, None);
            let begun = buffer.begin_snapshot(next.user(), Upto::Latest, now).unwrap();
            guards.push(begun.snapshot.finalize(now).unwrap());
            for reading in 1..=64 {
                let after = fact(Texts::Shared, user, reading, Some(&next));
                let place = JournalPlace { sequence: reading, offset: 0 };
                assert_eq!(buffer.add(next, place).unwrap().evicted, []);
                next = after;
            }
        }
        let counted = ALLOCATOR.current_usage() - start.0;
        within_a_tenth("begun before the first reading", counted, buffer.stats().bytes - start.1);
    }

    /// The highest that the allocator ever saw stays below the cap, whatever happens.
    fn never_beyond_the_cap() {
        let limits = BufferLimits { shards: 4, memory_bytes_max: 1 << 20, ..BufferLimits::default() };
        let texts = [Texts::Apart, Texts::Shared, Texts::Long];
        let start = ALLOCATOR.current_usage();
        let buffer = ReplayBuffer::new(&limits).unwrap();
        let mut guards = Vec::with_capacity(64);
        let mut evicted = 0_u64;
        ALLOCATOR.reset_peak_usage();
        for number in 0..60_000_u64 {
            let user = (number * number) % 1_511 % (1 + number / 40);
            let next = fact(texts[(user % 3) as usize], user, number, None);
            let name = next.user().clone();
            let tokens: Vec<Token> =
                buffer.add(next, JournalPlace { sequence: number, offset: 0 }).unwrap().evicted;
            evicted += tokens.len() as u64;
            drop(black_box(tokens));
            let now = Instant::UNIX_EPOCH;
            if number % 37 == 0
                && let Ok(begun) = buffer.begin_snapshot(&name, Upto::Latest, now)
            {
                evicted += begun.evicted.len() as u64;
                guards.push(begun.snapshot);
            }
            if guards.len() > 60 {
                guards.drain(..30);
            }
        }
        let peak = ALLOCATOR.peak_usage() - start;
        let stats = buffer.stats();
        // What the test itself has at hand: one fact, and the tokens of the users that have just left.
        let own = 64 * 1_024 + 64 * size_of_val(&guards[0]);
        println!("memory, at the cap: peak {peak} B of {} B, {evicted} evicted", limits.memory_bytes_max);
        assert!(evicted > 30_000, "the cap must be felt: {evicted}");
        assert!(peak <= limits.memory_bytes_max + own, "{peak} B at the peak");
        assert!(stats.bytes_most <= limits.memory_bytes_max);
    }

    /// Proves B7.
    #[test]
    fn memory_is_what_it_says() {
        every_shape();
        every_phase();
        begun_before_the_first_reading();
        never_beyond_the_cap();
    }
}
