//! Series with a known change, or none. They are not weights: they are put on the scale of weights, one sample a day.

use reweigh_reading::{Fact, Measure, Unit};
use serde_json::Value;

use crate::score_real::series::{Series, morning, reading};

pub(crate) const SET: &str = "tcpd_change_points";

/// How samples become kilograms: `at_zero + each × sample`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Rescaling {
    pub(crate) at_zero_kg: f64,
    pub(crate) each_kg: f64,
}

impl Rescaling {
    pub(crate) fn kg(self, sample: f64) -> f64 {
        self.at_zero_kg + self.each_kg * sample
    }
}

/// The samples of the first of a file's series.
pub(crate) fn samples(text: &str) -> Result<Vec<f64>, String> {
    let json: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let raw = json.pointer("/series/0/raw").and_then(Value::as_array).ok_or("no series with samples")?;
    raw.iter().map(|sample| sample.as_f64().ok_or_else(|| format!("{sample} is no sample"))).collect()
}

/// The samples as one person's weights, each at seven in the morning.
pub(crate) fn series(name: &str, samples: &[f64], rescaling: Rescaling) -> Result<Series, String> {
    let facts: Result<Vec<Fact>, String> = samples
        .iter()
        .zip(0..)
        .map(|(sample, day)| {
            let measure =
                Measure::new(rescaling.kg(*sample), Unit::Kilogram).map_err(|error| error.to_string())?;
            reading(name, morning("2024-01-01", day)?, "series", measure, None)
        })
        .collect();
    Ok(Series::of(name, facts?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use reweigh_judge::Deed;

    #[test]
    fn samples_become_daily_weights() {
        let samples = samples(r#"{"series": [{"label": "V1", "raw": [0.5, -1]}, {"raw": [7]}]}"#).unwrap();
        assert_eq!(samples, [0.5, -1.0]);
        let series = series("one", &samples, Rescaling { at_zero_kg: 80.0, each_kg: 2.0 }).unwrap();
        let kg = series.events.iter().map(|event| {
            let Deed::Reading(measure) = event.deed else { panic!("a reading") };
            measure.kilograms().get()
        });
        let kg: Vec<f64> = kg.collect();
        assert_eq!(kg, [81.0, 78.0]);
        assert_eq!(series.events[1].key.at().since(series.events[0].key.at()).days(), 1.0);
    }

    #[test]
    fn a_file_without_samples_is_refused() {
        assert!(samples("{}").is_err());
        assert!(samples(r#"{"series": [{"raw": ["x"]}]}"#).is_err());
    }
}
