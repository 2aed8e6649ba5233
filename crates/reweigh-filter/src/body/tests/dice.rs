//! Numbers that look like chance and are the same on every run (`SplitMix64`: Steele, Lea, Flood, "Fast
//! splittable pseudorandom number generators", 2014).

pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Below one, and not below zero.
    #[expect(clippy::cast_precision_loss, reason = "53 bits are all that a f64 holds")]
    pub(super) fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub(super) fn within(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.share()
    }

    /// Any order of magnitude between the two as often as any other.
    pub(super) fn magnitude(&mut self, low: f64, high: f64) -> f64 {
        libm::exp(self.within(libm::log(low), libm::log(high)))
    }

    pub(super) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).unwrap()
    }

    /// About normal, with a variance of one.
    pub(super) fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.share()).sum::<f64>() - 6.0
    }

    /// A span of time as people leave it between readings, in days: none, seconds, a day, months.
    pub(super) fn days(&mut self) -> f64 {
        match self.below(8) {
            0 => 0.0,
            1 => self.magnitude(1e-11, 1e-3),
            2 => self.within(5.0, 200.0),
            _ => self.within(0.2, 3.0),
        }
    }
}
