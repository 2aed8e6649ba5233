//! Which telling of a reading it is.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Which telling of a reading it is: 0 at first, and the highest wins.
///
/// ```
/// use reweigh_reading::Revision;
///
/// assert_eq!(Revision::FIRST.next(), Some(Revision::new(1)));
/// assert_eq!(Revision::new(u32::MAX).next(), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Revision(u32);

impl Revision {
    /// The first telling, and what a row without a revision has.
    pub const FIRST: Self = Self(0);

    /// The revision of this number.
    pub const fn new(number: u32) -> Self {
        Self(number)
    }

    /// Its number.
    pub const fn get(self) -> u32 {
        self.0
    }

    /// The next one, if there is a greater number.
    pub fn next(self) -> Option<Self> {
        self.0.checked_add(1).map(Self)
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
