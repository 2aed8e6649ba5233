//! Seeded random numbers for simulation. The same seed gives the same numbers on every machine.

/// `SplitMix64` (Steele, Lea and Flood 2014), with normal numbers by the method of Box and Muller.
#[derive(Debug, Clone)]
pub(crate) struct Dice {
    state: u64,
}

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    pub(crate) fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Between 0 and 1, neither included.
    pub(crate) fn uniform(&mut self) -> f64 {
        let top = u32::try_from(self.bits() >> 32).unwrap();
        (f64::from(top) + 0.5) / 4_294_967_296.0
    }

    /// Between two positive numbers, even in the logarithm.
    pub(crate) fn log_uniform(&mut self, low: f64, high: f64) -> f64 {
        libm::exp(libm::log(low) + self.uniform() * (libm::log(high) - libm::log(low)))
    }

    pub(crate) fn normal(&mut self) -> f64 {
        let radius = (-2.0 * libm::log(self.uniform())).sqrt();
        radius * libm::cos(std::f64::consts::TAU * self.uniform())
    }
}

/// The bounds between which a chi-square number with this many degrees of freedom lies but for one time in a
/// thousand, after Wilson and Hilferty (1931). Good to 1e-3 of the bound for 100 degrees and more.
pub(crate) fn chi_square_bounds(degrees: f64) -> (f64, f64) {
    let z = 3.290_526_731;
    let spread = (2.0 / (9.0 * degrees)).sqrt();
    let cube = |z: f64| {
        let root = 1.0 - 2.0 / (9.0 * degrees) + z * spread;
        degrees * root * root * root
    };
    (cube(-z), cube(z))
}
