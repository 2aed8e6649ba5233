//! Places where a seeded mutant lets go of a lock too early, so that loom can be shown to notice.
//!
//! In every real build a seam hands the lock through untouched. Under `cfg(planted)` a buffer can be made with one
//! mutant, and at that mutant's seam the lock is let go of and taken again.

/// A mistake that somebody could make in this crate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(not(planted), expect(dead_code, reason = "some mistakes are more than a seam"))]
pub(crate) enum Mutant {
    /// `add` copies the queue, lets go, and writes the copy back.
    LostUpdate,
    /// `add` takes its turn before it takes its place.
    EarlySequence,
    /// `add` asks whether the buffer is shut down, lets go, and adds.
    DeafShutdown,
    /// `add` picks an idle user to evict, lets go, and evicts it whatever it is by then.
    StaleVictim,
    /// `begin_snapshot` publishes the new version before the set that it stands for.
    VersionFirst,
    /// `begin_snapshot` asks whether there is a snapshot, lets go, and begins.
    TwoWinners,
    /// `abort` says that the snapshot is over, lets go, and then joins frozen and pending.
    LateSwap,
    /// `expire` picks what is overdue, lets go, and ends it whatever it is by then.
    BlindTimeout,
    /// A guard that is dropped gives nothing back.
    ForgetfulGuard,
}

/// Which mutant a buffer has, if any.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Planted(#[cfg(planted)] Option<Mutant>);

#[cfg(not(planted))]
mod inert {
    use super::{Mutant, Planted};
    use crate::shard::Shard;
    use crate::slot::Open;
    use crate::sync::{Mutex, MutexGuard};

    impl Planted {
        pub(crate) const NONE: Self = Self();

        /// Hands the lock through.
        #[expect(clippy::unused_self, reason = "a planted build needs it")]
        pub(crate) fn seam<'a>(
            self,
            _: Mutant,
            _: &'a Mutex<Shard>,
            shard: MutexGuard<'a, Shard>,
        ) -> MutexGuard<'a, Shard> {
            shard
        }

        /// Keeps what a guard gives back.
        #[expect(clippy::unused_self, reason = "a planted build needs it")]
        pub(crate) fn kept(self, open: Open) -> Open {
            open
        }
    }
}

#[cfg(planted)]
mod real {
    use reweigh_reading::Fact;

    use super::{Mutant, Planted};
    use crate::buffer::hold;
    use crate::limits::Rules;
    use crate::queue::Queue;
    use crate::shard::Shard;
    use crate::slot::{Open, Slot, Who};
    use crate::sync::{Arc, Mutex, MutexGuard};

    impl Mutant {
        const ALL: [Self; 9] = [
            Self::LostUpdate,
            Self::EarlySequence,
            Self::DeafShutdown,
            Self::StaleVictim,
            Self::VersionFirst,
            Self::TwoWinners,
            Self::LateSwap,
            Self::BlindTimeout,
            Self::ForgetfulGuard,
        ];
    }

    impl Planted {
        pub(crate) const NONE: Self = Self(None);

        /// The mutant of this name, or none.
        pub(crate) fn named(name: &str) -> Self {
            Self(Mutant::ALL.into_iter().find(|mutant| format!("{mutant:?}") == name))
        }

        pub(crate) fn is(self, mutant: Mutant) -> bool {
            self.0 == Some(mutant)
        }

        /// Lets go of the lock and takes it again, for this mutant only.
        pub(crate) fn seam<'a>(
            self,
            mutant: Mutant,
            lock: &'a Mutex<Shard>,
            shard: MutexGuard<'a, Shard>,
        ) -> MutexGuard<'a, Shard> {
            if !self.is(mutant) {
                return shard;
            }
            drop(shard);
            hold(lock)
        }

        /// Keeps what a guard gives back, but for one mutant.
        pub(crate) fn kept(self, mut open: Open) -> Open {
            if self.is(Mutant::ForgetfulGuard) {
                open.frozen = Arc::new(Queue::new());
            }
            open
        }

        /// The mutants of `add` that are more than a seam. Returns what the stale victim had.
        pub(crate) fn before_add<'a>(
            self,
            rules: &Rules,
            hash: u64,
            fact: &Fact,
            lock: &'a Mutex<Shard>,
            mut shard: MutexGuard<'a, Shard>,
        ) -> (MutexGuard<'a, Shard>, Vec<Slot>) {
            let who = Who { user: fact.user(), hash };
            if self.is(Mutant::LostUpdate) {
                let copy = shard.find(who).map(|at| shard.table.slot(at).queue.clone());
                drop(shard);
                shard = hold(lock);
                if let (Some(at), Some(copy)) = (shard.find(who), copy) {
                    shard.change(at, |slot| slot.queue = copy);
                }
            }
            if self.is(Mutant::StaleVictim) && !shard.fits(rules, 512 + shard.table.growth()) {
                let victim = shard.table.idle().next().map(|(_, slot)| (slot.user.clone(), slot.hash));
                drop(shard);
                shard = hold(lock);
                let at = victim.and_then(|(user, hash)| shard.find(Who { user: &user, hash }));
                let gone = at.map(|at| shard.remove(rules, at)).into_iter().collect();
                return (shard, gone);
            }
            (shard, Vec::new())
        }
    }
}
