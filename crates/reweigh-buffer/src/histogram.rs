//! How long snapshots took, in buckets that double.

use reweigh_reading::Elapsed;

const BUCKETS: usize = 32;

/// Counts of durations in buckets whose bounds double from 1 µs to 36 minutes; what is longer is counted
/// in the last.
///
/// ```
/// use reweigh_buffer::DurationHistogram;
/// use reweigh_reading::Elapsed;
///
/// let mut durations = DurationHistogram::new();
/// for millis in [1, 2, 3, 900] {
///     durations.record(Elapsed::from_millis(millis));
/// }
/// assert_eq!(durations.count(), 4);
/// assert_eq!(durations.max(), Elapsed::from_millis(900));
/// // Half of them took no longer than this: 2,000 µs lie below 2,048 µs.
/// assert_eq!(durations.at_most(0.5), Some(Elapsed::from_micros(2_048)));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DurationHistogram {
    counts: [u64; BUCKETS],
    total_micros: u64,
    max: Elapsed,
}

impl DurationHistogram {
    /// One without entries.
    pub fn new() -> Self {
        Self { counts: [0; BUCKETS], total_micros: 0, max: Elapsed::ZERO }
    }

    /// Counts a duration. A clock that went back counts as no time at all.
    pub fn record(&mut self, duration: Elapsed) {
        let micros = u64::try_from(duration.micros()).unwrap_or(0);
        let bound = micros.checked_next_power_of_two().map_or(u64::BITS, u64::trailing_zeros);
        if let Some(count) = self.counts.get_mut((bound as usize).min(BUCKETS - 1)) {
            *count += 1;
        }
        self.total_micros = self.total_micros.saturating_add(micros);
        self.max = self.max.max(duration);
    }

    /// Adds what another one counted.
    pub fn merge(&mut self, other: &Self) {
        for (count, more) in self.counts.iter_mut().zip(other.counts) {
            *count += more;
        }
        self.total_micros = self.total_micros.saturating_add(other.total_micros);
        self.max = self.max.max(other.max);
    }

    /// How many durations were counted.
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// All durations together.
    pub fn total(&self) -> Elapsed {
        Elapsed::from_micros(i64::try_from(self.total_micros).unwrap_or(i64::MAX))
    }

    /// The longest.
    pub fn max(&self) -> Elapsed {
        self.max
    }

    /// Each bucket: the longest duration it takes, and how many it has. The last also has what is longer.
    pub fn buckets(&self) -> impl Iterator<Item = (Elapsed, u64)> + '_ {
        (0_u32..).map(|log| Elapsed::from_micros(1 << log)).zip(self.counts.iter().copied())
    }

    /// A bound that this share of the durations did not exceed, or `None` if nothing was counted.
    pub fn at_most(&self, share: f64) -> Option<Elapsed> {
        #[expect(clippy::cast_precision_loss, reason = "a share of a count needs no more than 53 bits")]
        let wanted = share.clamp(0.0, 1.0) * self.count() as f64;
        let mut seen = 0;
        self.buckets().filter(|(_, count)| *count > 0).find_map(|(bound, count)| {
            seen += count;
            #[expect(clippy::cast_precision_loss, reason = "a share of a count needs no more than 53 bits")]
            let reached = seen as f64 >= wanted;
            reached.then_some(bound)
        })
    }
}

impl Default for DurationHistogram {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_counted_below_its_bound() {
        let bucket = |micros: i64| {
            let mut histogram = DurationHistogram::new();
            histogram.record(Elapsed::from_micros(micros));
            histogram.buckets().find(|(_, count)| *count == 1).unwrap().0.micros()
        };
        for (micros, bound) in [(-5, 1), (0, 1), (1, 1), (2, 2), (3, 4), (4, 4), (5, 8), (1_000_000, 1 << 20)]
        {
            assert_eq!(bucket(micros), bound, "{micros} µs");
        }
        assert_eq!(bucket(i64::MAX), 1 << 31);
    }

    #[test]
    fn histograms_add_up() {
        let (mut one, mut other) = (DurationHistogram::new(), DurationHistogram::default());
        assert_eq!(one.at_most(0.99), None);
        one.record(Elapsed::from_micros(10));
        other.record(Elapsed::from_micros(1_000));
        one.merge(&other);
        assert_eq!(
            (one.count(), one.total(), one.max()),
            (2, Elapsed::from_micros(1_010), Elapsed::from_micros(1_000))
        );
        assert_eq!(one.at_most(0.0), Some(Elapsed::from_micros(16)));
        assert_eq!(one.at_most(1.0), Some(Elapsed::from_micros(1_024)));
    }
}
