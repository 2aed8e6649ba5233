//! A share of the users, the same on every machine and in every run.

use reweigh_reading::UserId;
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// Of how many parts a share is counted.
const PARTS: u64 = 10_000;

/// So that the share is another cut through the users than the lanes are.
const SEED: u64 = 0x7265_7765_6967_6821;

/// A share of the users, by a hash of their names: a larger share has all users of a smaller one.
///
/// ```
/// use reweigh::Share;
///
/// let users: Vec<_> = (0..1_000).map(|number| format!("user-{number}").parse().unwrap()).collect();
/// let in_share = |share: Share| users.iter().filter(|user| share.has(user)).count();
/// assert!((50..150).contains(&in_share(Share::percent(10.0).unwrap())));
/// assert_eq!((in_share(Share::NONE), in_share(Share::ALL)), (0, 1_000));
/// assert_eq!(Share::percent(101.0), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Share(u64);

impl Share {
    /// Nobody.
    pub const NONE: Self = Self(0);
    /// Everybody.
    pub const ALL: Self = Self(PARTS);

    /// So many of a hundred, 0 to 100, down to a hundredth.
    pub fn percent(percent: f64) -> Option<Self> {
        if !(0.0..=100.0).contains(&percent) {
            return None;
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "from 0 to 10,000, and rounded"
        )]
        Some(Self((percent * 100.0).round() as u64))
    }

    /// Whether a user is in it.
    pub fn has(self, user: &UserId) -> bool {
        xxh3_64_with_seed(user.as_str().as_bytes(), SEED) % PARTS < self.0
    }
}
