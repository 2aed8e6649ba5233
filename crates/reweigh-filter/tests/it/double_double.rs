//! Arithmetic with 106 bits, as the reference for cases where 53 are scarce.

use std::ops::{Add, Div, Mul, Neg, Sub};

/// A number as the unevaluated sum of two (Dekker 1971).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wide {
    high: f64,
    low: f64,
}

impl Wide {
    pub(crate) fn value(self) -> f64 {
        self.high + self.low
    }

    /// Exact: the rounding error of a sum is a number, and this finds it (Knuth).
    fn sum(a: f64, b: f64) -> Self {
        let high = a + b;
        let b_taken = high - a;
        let low = (a - (high - b_taken)) + (b - b_taken);
        Self { high, low }
    }

    fn product(a: f64, b: f64) -> Self {
        let high = a * b;
        Self { high, low: libm::fma(a, b, -high) }
    }
}

impl From<f64> for Wide {
    fn from(high: f64) -> Self {
        Self { high, low: 0.0 }
    }
}

impl Add for Wide {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        let high = Self::sum(self.high, other.high);
        let low = Self::sum(self.low, other.low);
        let first = Self::sum(high.high, high.low + low.high);
        Self::sum(first.high, first.low + low.low)
    }
}

impl Neg for Wide {
    type Output = Self;
    fn neg(self) -> Self {
        Self { high: -self.high, low: -self.low }
    }
}

impl Sub for Wide {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self + (-other)
    }
}

impl Mul for Wide {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        let high = Self::product(self.high, other.high);
        Self::sum(high.high, high.low + (self.high * other.low + self.low * other.high))
    }
}

impl Div for Wide {
    type Output = Self;
    fn div(self, other: Self) -> Self {
        // Long division, three digits of 53 bits.
        let first = self.high / other.high;
        let rest = self - other * Self::from(first);
        let second = rest.high / other.high;
        let rest = rest - other * Self::from(second);
        let third = rest.high / other.high;
        Self::sum(first, second) + Self::from(third)
    }
}

/// The reference must itself be right: thirds, cancellation and products to 100 bits.
#[test]
fn wide_numbers_keep_a_hundred_bits() {
    let (one, three) = (Wide::from(1.0), Wide::from(3.0));
    let third = one / three;
    assert!((third * three - one).value().abs() < 1e-31);
    let tiny = Wide::from(1e-25);
    let kept = ((one + tiny) - one).value();
    assert!((kept / 1e-25 - 1.0).abs() < 1e-6);
    let square = (one + tiny) * (one - tiny);
    assert!(((square - one).value()).abs() < 1e-31);
}
