//! How long a caller waits for the lock.

use std::time::Duration;

use crate::owner::Holder;

/// How often and how long to wait for a lock that somebody else holds.
///
/// The default: 3 retries, waiting 0.5 s, 1 s and 2 s. A wait ends as soon as it is the caller's turn. Each is made
/// up to a quarter longer or shorter, so that those who wait do not come back all at once.
///
/// What counts is how long nothing moves. If the lock has gone to another holder by the time the next retry begins, or
/// the last one is over, the count begins again, up to ten times: a caller that only stands in line is not turned away.
///
/// ```
/// use reweigh_progress::Retry;
///
/// let patient = Retry { retries: 6, ..Retry::default() };
/// assert_eq!(patient.longest().as_secs(), 39);
/// assert_eq!(Retry::never().longest().as_secs(), 0);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    /// How often to try again; 0 fails at once.
    pub retries: u32,
    /// How long the first wait is; each further one is twice as long.
    pub first_wait: Duration,
}

impl Default for Retry {
    fn default() -> Self {
        Self { retries: 3, first_wait: Duration::from_millis(500) }
    }
}

impl Retry {
    /// Fails at once when the lock is taken.
    pub fn never() -> Self {
        Self { retries: 0, ..Self::default() }
    }

    /// How long a caller waits at most for one and the same holder before it fails.
    pub fn longest(self) -> Duration {
        (1..=self.retries).fold(Duration::ZERO, |sum, retry| sum.saturating_add(longer(self.wait(retry))))
    }

    /// The wait of one retry, counted from 1, before it is varied.
    fn wait(self, retry: u32) -> Duration {
        self.first_wait.saturating_mul(2_u32.saturating_pow(retry.saturating_sub(1)))
    }
}

fn longer(wait: Duration) -> Duration {
    wait.saturating_add(wait / 4)
}

/// The waits of one caller, in short naps.
#[derive(Debug)]
pub(crate) struct Patience {
    retry: Retry,
    /// State of a small generator of numbers: only has to differ between callers.
    jitter: u64,
    used: u32,
    restarts: u32,
    /// Who held the lock when the last retry began.
    seen: Option<Holder>,
    left: Duration,
    waited: Duration,
    nap: Duration,
}

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// Sleep and try again; with the length of the wait where a new retry begins.
    Nap {
        nap: Duration,
        begins: Option<(u32, Duration)>,
    },
    GiveUp {
        retries: u32,
        waited: Duration,
    },
}

/// How often the count begins again while the lock goes from hand to hand.
const RESTARTS_MAX: u32 = 10;
const NAP_FIRST: Duration = Duration::from_micros(100);

impl Patience {
    pub(crate) fn new(retry: Retry, seed: u64) -> Self {
        let (left, waited) = (Duration::ZERO, Duration::ZERO);
        Self { retry, jitter: seed, used: 0, restarts: 0, seen: None, left, waited, nap: NAP_FIRST }
    }

    /// Says how long to sleep before the next look at the lock, at most about `nap_max`.
    pub(crate) fn next(&mut self, nap_max: Duration) -> Next {
        let mut begins = None;
        if self.left.is_zero() {
            if self.used == self.retry.retries {
                return Next::GiveUp { retries: self.used, waited: self.waited };
            }
            self.used += 1;
            let wait = self.retry.wait(self.used);
            self.left = self.vary(wait);
            self.nap = NAP_FIRST;
            begins = Some((self.used, self.left));
        }
        let nap = self.vary(self.nap.min(nap_max)).min(self.left);
        self.nap = self.nap.saturating_mul(2).min(nap_max);
        // However coarse the sleeping is, a wait comes to its end.
        let nap = nap.max(Duration::from_micros(1));
        self.left = self.left.saturating_sub(nap);
        self.waited = self.waited.saturating_add(nap);
        Next::Nap { nap, begins }
    }

    /// Tells who holds the lock, as a retry begins or before giving up. True if it is not who held it the last time,
    /// so that the count begins again.
    pub(crate) fn look(&mut self, holder: Option<Holder>) -> bool {
        let Some(holder) = holder else { return false };
        let before = self.seen.replace(holder);
        let moved = before.is_some() && before != self.seen && self.restarts < RESTARTS_MAX;
        if moved {
            self.restarts += 1;
            // A retry that is under way is the first of the new count.
            self.used = u32::from(!self.left.is_zero());
        }
        moved
    }

    /// Between three and five quarters.
    fn vary(&mut self, wait: Duration) -> Duration {
        // splitmix64, Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014.
        self.jitter = self.jitter.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.jitter;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let share = u32::try_from((mixed ^ (mixed >> 31)) % 513).unwrap_or(0);
        wait.saturating_sub(wait / 4).saturating_add(wait.saturating_mul(share) / 1_024)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waits(retry: Retry, seed: u64) -> (Vec<Duration>, Next) {
        let mut patience = Patience::new(retry, seed);
        let mut begun = Vec::new();
        loop {
            match patience.next(Duration::from_millis(4)) {
                Next::Nap { begins, nap } => {
                    assert!(nap <= Duration::from_millis(5));
                    begun.extend(begins.map(|(_, wait)| wait));
                }
                end @ Next::GiveUp { .. } => return (begun, end),
            }
        }
    }

    /// Proves G6.
    #[test]
    fn each_wait_is_twice_as_long_give_or_take_a_quarter() {
        for seed in 0..50 {
            let (waits, end) = waits(Retry::default(), seed);
            for (wait, middle) in waits.iter().zip([500, 1_000, 2_000]) {
                let (low, high) = (middle * 3 / 4, middle * 5 / 4);
                assert!((low..=high).contains(&wait.as_millis()), "{wait:?}");
            }
            assert_eq!(end, Next::GiveUp { retries: 3, waited: waits.iter().sum() });
            assert!(waits.iter().sum::<Duration>() <= Retry::default().longest());
        }
        assert_ne!(waits(Retry::default(), 1), waits(Retry::default(), 2));
    }

    /// Proves G6.
    #[test]
    fn no_retries_is_no_wait() {
        let (waits, end) = waits(Retry::never(), 7);
        assert_eq!((waits.len(), end), (0, Next::GiveUp { retries: 0, waited: Duration::ZERO }));
    }

    /// Proves S15.
    #[test]
    fn a_line_that_moves_is_stood_in_longer_but_not_for_ever() {
        let retry = Retry::default();
        let (mut patience, mut begun, mut holders) = (Patience::new(retry, 7), 0, 0_i64);
        let waited = loop {
            match patience.next(Duration::from_millis(4)) {
                Next::Nap { begins: Some(_), .. } => {
                    begun += 1;
                    holders += 1;
                    let owner = crate::owner::Owner { pid: 1, host: "h".to_owned() };
                    let since = crate::stamp::Stamp::from_microseconds(holders).unwrap();
                    patience.look(Some(Holder { owner, since }));
                }
                Next::Nap { begins: None, .. } => {}
                Next::GiveUp { waited, .. } => break waited,
            }
        };
        assert_eq!(begun, 3 + RESTARTS_MAX);
        assert!(waited > retry.longest() && waited < retry.longest() * (RESTARTS_MAX + 1), "{waited:?}");
    }

    /// Proves S15.
    #[test]
    fn who_is_about_to_give_up_looks_once_more() {
        let holder = |since| {
            let owner = crate::owner::Owner { pid: 1, host: "h".to_owned() };
            Holder { owner, since: crate::stamp::Stamp::from_microseconds(since).unwrap() }
        };
        let retry = Retry { retries: 1, first_wait: Duration::from_millis(1) };
        let mut patience = Patience::new(retry, 7);
        let spend = |patience: &mut Patience| {
            while matches!(patience.next(Duration::from_millis(4)), Next::Nap { .. }) {}
        };
        assert!(!patience.look(Some(holder(1))));
        spend(&mut patience);
        assert!(patience.look(Some(holder(2))));
        assert!(matches!(patience.next(Duration::from_millis(4)), Next::Nap { begins: Some((1, _)), .. }));
        spend(&mut patience);
        assert!(!patience.look(Some(holder(2))));
        assert!(matches!(patience.next(Duration::from_millis(4)), Next::GiveUp { .. }));
    }

    #[test]
    fn the_largest_numbers_do_no_harm() {
        let retry = Retry { retries: u32::MAX, first_wait: Duration::MAX };
        let mut patience = Patience::new(retry, u64::MAX);
        assert!(matches!(patience.next(Duration::MAX), Next::Nap { .. }));
    }
}
