//! The recovery ladder: what to serve of a user who cannot be settled.

mod evidence;
mod made;
mod outcome;
mod readings;
mod settings;
mod states;

use reweigh_reading::Instant;
use reweigh_state::{Checked, UserState};

use readings::Plausible;

pub use evidence::Evidence;
pub use evidence::KeptVersion;
pub use evidence::KnownReading;
pub use outcome::NeedsOperator;
pub use outcome::NotServed;
pub use outcome::PassedOver;
pub use outcome::Provenance;
pub use outcome::Recovered;
pub use outcome::Rung;
pub use settings::CheckedLadderSettings;
pub use settings::LadderSettingError;
pub use settings::LadderSettings;
pub use settings::RungNumbers;

/// What a rung serves, and where it has it from.
pub type Served = (Checked<UserState>, Provenance);

/// Goes down the ladder and serves what the first rung gives that can.
///
/// ```text
///   rollback ─▶ last good version ─▶ history ─▶ interpolation ─▶ conservative ─▶ an operator
/// ```
///
/// A pure function: the same evidence gives the same state, bit for bit. It decides what is served and never
/// what is settled, so what it gives is provisional until settling replaces it.
///
/// ```
/// use reweigh_reading::{Elapsed, Instant, Kilograms, OrderKey, ReadingId, Source};
/// use reweigh_reset::{Evidence, KnownReading, LadderSettings, Rung, recover};
/// use reweigh_state::{Expectations, Fingerprint, Profile};
///
/// let policy = Profile::Balanced.policy().check().unwrap();
/// let expectations = Expectations { fingerprint: Fingerprint::of(1, &policy), policy: &policy };
/// let settings = LadderSettings::default().check().unwrap();
/// let monday: Instant = "2026-06-01T07:00:00Z".parse()?;
/// let on = |day, kg| KnownReading {
///     key: OrderKey::new(
///         monday.saturating_add(Elapsed::from_days(day)),
///         Source::unknown(),
///         format!("r{day}").parse().unwrap(),
///     ),
///     weight: Kilograms::new(kg).unwrap(),
///     refused: false,
/// };
/// let readings = [on(0, 80.0), on(1, 80.6), on(2, 80.3)];
/// let at = monday.saturating_add(Elapsed::from_days(3));
/// let evidence = Evidence { at, prior: None, versions: &[], readings: &readings, expectations };
///
/// let recovered = recover(&evidence, &settings)?;
/// assert_eq!(recovered.provenance.rung(), Rung::History);
/// assert!((recovered.state.estimate().unwrap().level_kg - 80.3).abs() < 1e-9);
/// assert_eq!(recovered.passed_over[1].to_string(), "last_good: there is no version");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// No rung could serve; it says of each why not. An operator has to look.
pub fn recover(
    evidence: &Evidence<'_>,
    settings: &CheckedLadderSettings,
) -> Result<Recovered, NeedsOperator> {
    let mut passed_over = Vec::new();
    for rung in Rung::ALL {
        match serve(rung, evidence, settings) {
            Ok((state, provenance)) => {
                return Ok(Recovered { at: evidence.at, state, provenance, passed_over });
            }
            Err(why) => passed_over.push(PassedOver { rung, why }),
        }
    }
    Err(NeedsOperator { at: evidence.at, passed_over })
}

/// What one rung serves, for tools that want a certain one.
///
/// # Errors
///
/// Why it can't.
pub fn serve(
    rung: Rung,
    evidence: &Evidence<'_>,
    settings: &CheckedLadderSettings,
) -> Result<Served, NotServed> {
    match rung {
        Rung::Rollback => states::rollback(evidence),
        Rung::LastGood => states::last_good(evidence),
        Rung::History => readings::history(evidence, settings),
        Rung::Interpolation => readings::interpolation(evidence, settings),
        Rung::Conservative => readings::conservative(evidence, settings),
        Rung::Manual => Err(NotServed::Manual),
    }
}

/// The instant of the newest plausible reading at or before an instant.
fn newest_plausible(evidence: &Evidence<'_>, at: Instant) -> Option<Instant> {
    Plausible::of(evidence).filter(|reading| reading.at() <= at).map(|reading| reading.at()).max()
}

#[cfg(test)]
mod tests;
