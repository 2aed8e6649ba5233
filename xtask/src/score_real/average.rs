//! A rival: the exponential average that diet logs draw.

use super::forecast::Forecast;

/// The average moves by `alpha` of what each reading is off, however long ago the one before was.
///
/// It has no spread of its own. The forecast gets the mean square of what it was off so far, with one kilogram worth
/// three readings to begin with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Average {
    alpha: f64,
    level: Option<f64>,
    squares: f64,
    readings: f64,
}

impl Average {
    pub(crate) fn new(alpha: f64) -> Self {
        Self { alpha, level: None, squares: 3.0, readings: 3.0 }
    }

    /// What it expects of the next reading; none before the first.
    pub(crate) fn forecast(&self) -> Option<Forecast> {
        self.level.map(|kg| Forecast { kg, variance: self.squares / self.readings })
    }

    /// Takes a reading in.
    pub(crate) fn take(&mut self, kg: f64) {
        let Some(level) = self.level else {
            self.level = Some(kg);
            return;
        };
        let off = kg - level;
        self.level = Some(level + self.alpha * off);
        self.squares += off * off;
        self.readings += 1.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_moves_by_alpha_and_learns_its_spread() {
        let mut average = Average::new(0.1);
        assert!(average.forecast().is_none());
        average.take(80.0);
        average.take(82.0);
        let forecast = average.forecast().unwrap();
        assert!((forecast.kg - 80.2).abs() < 1e-12);
        assert!((forecast.variance - 7.0 / 4.0).abs() < 1e-12);
    }
}
