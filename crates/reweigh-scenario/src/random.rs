//! The one source of chance: xoshiro256++, seeded by splitmix64, both as published by Blackman and Vigna.
//!
//! It is written here, not taken from a crate, because the golden digests of the lives must hold for ever:
//! a generator behind a version number may change its stream, this one may not.

/// The streams of chance of one life.
///
/// Each trait draws from its own, so a trait that is switched on moves nothing else in the life.
/// The numbers are part of every golden digest: add at the end, never renumber.
#[derive(Debug, Clone, Copy)]
#[repr(u64)]
pub(crate) enum Stream {
    Person = 1,
    Level = 2,
    Steps = 3,
    Pregnancy = 4,
    Cycle = 5,
    Water = 6,
    Gaps = 7,
    Times = 8,
    Scale = 9,
    Slips = 10,
    Sticky = 11,
    Household = 12,
    Arrival = 13,
    Corrections = 14,
    Sources = 15,
    Rhythm = 16,
    Resets = 17,
    SourceOfReading = 18,
    SlipOfReading = 19,
    OtherPerson = 20,
    Evenings = 21,
}

/// A stream of random numbers, the same on every machine.
#[derive(Debug, Clone)]
pub(crate) struct Random {
    state: (u64, u64, u64, u64),
    spare: Option<f64>,
}

impl Random {
    /// The stream of one trait of one life. It depends on nothing but its three arguments.
    pub(crate) fn new(seed: u64, life: u64, stream: Stream) -> Random {
        let mut word = finish(finish(finish(seed) ^ life) ^ stream as u64);
        let state = (splitmix(&mut word), splitmix(&mut word), splitmix(&mut word), splitmix(&mut word));
        Random { state, spare: None }
    }

    /// The next 64 random bits.
    pub(crate) fn bits(&mut self) -> u64 {
        let (mut s0, mut s1, mut s2, mut s3) = self.state;
        let out = s0.wrapping_add(s3).rotate_left(23).wrapping_add(s0);
        let shifted = s1 << 17;
        s2 ^= s0;
        s3 ^= s1;
        s1 ^= s2;
        s0 ^= s3;
        s2 ^= shifted;
        self.state = (s0, s1, s2, s3.rotate_left(45));
        out
    }

    /// Uniform in [0, 1), on a grid of 2^-53.
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit the mantissa exactly")]
    pub(crate) fn unit(&mut self) -> f64 {
        const STEP: f64 = 1.0 / 9_007_199_254_740_992.0;
        (self.bits() >> 11) as f64 * STEP
    }

    /// True with this probability.
    pub(crate) fn chance(&mut self, share: f64) -> bool {
        self.unit() < share
    }

    /// Uniform between two numbers.
    pub(crate) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// Uniform in `0..count`; 0 for a count of 0. The bias is below `count` / 2^64.
    pub(crate) fn below(&mut self, count: u32) -> u32 {
        let wide = u128::from(self.bits()) * u128::from(count);
        u32::try_from(wide >> 64).unwrap_or(0)
    }

    /// Uniform in `low..=high`, both ends included.
    pub(crate) fn whole(&mut self, low: u32, high: u32) -> u32 {
        low.saturating_add(self.below(high.saturating_sub(low).saturating_add(1)))
    }

    /// One of these, each equally likely; `None` when there are none.
    pub(crate) fn pick<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        let index = self.below(u32::try_from(of.len()).unwrap_or(u32::MAX));
        of.get(usize::try_from(index).ok()?)
    }

    /// Normal with mean 0 and deviation 1, by Marsaglia's polar method; draws come in pairs.
    pub(crate) fn normal(&mut self) -> f64 {
        if let Some(spare) = self.spare.take() {
            return spare;
        }
        loop {
            let x = self.between(-1.0, 1.0);
            let y = self.between(-1.0, 1.0);
            let square = x * x + y * y;
            if square > 0.0 && square < 1.0 {
                let scale = (-2.0 * libm::log(square) / square).sqrt();
                self.spare = Some(y * scale);
                return x * scale;
            }
        }
    }

    /// Normal with this mean and deviation.
    pub(crate) fn normal_at(&mut self, mean: f64, deviation: f64) -> f64 {
        mean + deviation * self.normal()
    }
}

/// The next word of splitmix64.
fn splitmix(word: &mut u64) -> u64 {
    *word = word.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *word;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// One round of splitmix64 as a mixing function.
fn finish(word: u64) -> u64 {
    let mut word = word;
    splitmix(&mut word)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The published first outputs for the state (1, 2, 3, 4).
    #[test]
    fn xoshiro_gives_the_published_numbers() {
        let mut random = Random { state: (1, 2, 3, 4), spare: None };
        let first: Vec<u64> = (0..4).map(|_| random.bits()).collect();
        assert_eq!(first, [41_943_041, 58_720_359, 3_588_806_011_781_223, 3_591_011_842_654_386]);
    }

    /// The published first outputs for the seed 1234567.
    #[test]
    fn splitmix_gives_the_published_numbers() {
        let mut word = 1_234_567;
        let first: Vec<u64> = (0..3).map(|_| splitmix(&mut word)).collect();
        assert_eq!(first, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }

    #[test]
    fn normal_numbers_have_the_moments_of_a_normal() {
        let mut random = Random::new(1, 2, Stream::Scale);
        let n = 200_000_u32;
        let (mut sum, mut squares, mut fourth, mut beyond) = (0.0, 0.0, 0.0, 0_u32);
        for _ in 0..n {
            let x = random.normal();
            sum += x;
            squares += x * x;
            fourth += x * x * x * x;
            beyond += u32::from(x.abs() > 1.959_964);
        }
        let n = f64::from(n);
        assert!((sum / n).abs() < 0.01, "mean {}", sum / n);
        assert!((squares / n - 1.0).abs() < 0.02, "variance {}", squares / n);
        assert!((fourth / n - 3.0).abs() < 0.15, "fourth moment {}", fourth / n);
        assert!((f64::from(beyond) / n - 0.05).abs() < 0.003, "tails {beyond}");
    }

    #[test]
    fn whole_numbers_reach_both_ends_and_no_further() {
        let mut random = Random::new(7, 0, Stream::Gaps);
        let mut seen = [0_u32; 4];
        for _ in 0..4_000 {
            let n = random.whole(3, 6);
            assert!((3..=6).contains(&n));
            seen[n as usize - 3] += 1;
        }
        assert!(seen.iter().all(|&count| (850..1_150).contains(&count)), "{seen:?}");
        assert_eq!(random.whole(5, 5), 5);
        assert_eq!(random.below(0), 0);
    }

    #[test]
    fn streams_differ_in_each_of_their_arguments() {
        let first = |seed, life, stream| Random::new(seed, life, stream).bits();
        let base = first(1, 1, Stream::Person);
        assert_ne!(base, first(2, 1, Stream::Person));
        assert_ne!(base, first(1, 2, Stream::Person));
        assert_ne!(base, first(1, 1, Stream::Level));
    }
}
