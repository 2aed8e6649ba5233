//! The mark of a user whose newest facts are not in the settled state yet.

use reweigh_reading::OrderKey;

/// The lowest key that is not folded. A settled user has none.
///
/// ```
/// use reweigh_reading::{OrderKey, ReadingId, Source};
/// use reweigh_state::Mark;
///
/// let key = |id: &str| {
///     OrderKey::new("2026-01-01T07:00:00Z".parse().unwrap(), Source::unknown(), id.parse().unwrap())
/// };
/// let mut mark = Mark::default();
/// mark.lower(&key("b"));
/// mark.lower(&key("c"));
/// assert_eq!(mark.key(), Some(&key("b")));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Mark(Option<OrderKey>);

impl Mark {
    /// A mark at a key.
    #[must_use]
    pub fn at(key: OrderKey) -> Self {
        Self(Some(key))
    }

    /// The lowest key that is not folded.
    pub fn key(&self) -> Option<&OrderKey> {
        self.0.as_ref()
    }

    /// Whether everything is folded.
    pub fn is_settled(&self) -> bool {
        self.0.is_none()
    }

    /// Lowers the mark to a key, if that is lower.
    pub fn lower(&mut self, key: &OrderKey) {
        if self.0.as_ref().is_none_or(|known| key < known) {
            self.0 = Some(key.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use reweigh_reading::{Instant, Source};

    use super::*;

    proptest! {
        /// A mark is at the lowest key it was lowered to, in whatever order they came.
        #[test]
        fn a_mark_is_at_the_lowest_key(seconds in proptest::collection::vec(0..100_i64, 0..10)) {
            let key = |seconds: &i64| {
                let at = Instant::from_unix_seconds(*seconds).unwrap();
                OrderKey::new(at, Source::unknown(), "a".parse().unwrap())
            };
            let mut mark = Mark::default();
            for seconds in &seconds {
                mark.lower(&key(seconds));
            }
            let lowest = seconds.iter().min().map(key);
            prop_assert_eq!(mark.is_settled(), seconds.is_empty());
            prop_assert_eq!(mark.key(), lowest.as_ref());
            prop_assert_eq!(lowest.map(Mark::at), (!seconds.is_empty()).then_some(mark));
        }
    }
}
