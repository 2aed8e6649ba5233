//! What the ladder answers.

use std::fmt;

use reweigh_reading::Instant;
use reweigh_state::{
    AuditActor, AuditKind, AuditOutcome, AuditRecord, AuditStep, AuditedReset, Checked, Finding,
    SnapshotError, UserState,
};

use crate::fault::told;
use crate::port::StateVersion;

/// A rung of the ladder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rung {
    /// The state before what failed.
    Rollback,
    /// The newest version in the store that is good.
    LastGood,
    /// Mean and variance of the last days' readings.
    History,
    /// Between the readings before and after the instant.
    Interpolation,
    /// About the newest plausible reading, and very uncertain.
    Conservative,
    /// A person decides.
    Manual,
}

impl Rung {
    /// Every rung, from the first that is tried.
    pub const ALL: [Self; 6] = [
        Self::Rollback,
        Self::LastGood,
        Self::History,
        Self::Interpolation,
        Self::Conservative,
        Self::Manual,
    ];

    /// The word that files and scripts use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rollback => "rollback",
            Self::LastGood => "last_good",
            Self::History => "history",
            Self::Interpolation => "interpolation",
            Self::Conservative => "conservative",
            Self::Manual => "manual",
        }
    }
}

impl fmt::Display for Rung {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Where a served state comes from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Provenance {
    /// The state before what failed.
    Rollback {
        /// The instant of its last reading.
        last: Option<Instant>,
    },
    /// A version of the store.
    Version {
        /// Which.
        version: StateVersion,
        /// The instant of its last reading.
        last: Option<Instant>,
    },
    /// The last days' readings.
    History {
        /// How many that agree.
        readings: usize,
        /// Of how many plausible ones.
        of: usize,
        /// The first of those that agree.
        from: Instant,
        /// The last of them.
        to: Instant,
    },
    /// Between two instants with readings.
    Interpolation {
        /// The one before.
        before: Instant,
        /// The one after.
        after: Instant,
    },
    /// The newest plausible reading.
    Conservative {
        /// When it was taken.
        reading: Instant,
    },
}

impl Provenance {
    /// The rung that serves.
    pub fn rung(&self) -> Rung {
        match self {
            Self::Rollback { .. } => Rung::Rollback,
            Self::Version { .. } => Rung::LastGood,
            Self::History { .. } => Rung::History,
            Self::Interpolation { .. } => Rung::Interpolation,
            Self::Conservative { .. } => Rung::Conservative,
        }
    }
}

impl fmt::Display for Provenance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let upto = |f: &mut fmt::Formatter<'_>, last: &Option<Instant>| match last {
            Some(last) => write!(f, ", readings up to {last}"),
            None => Ok(()),
        };
        match self {
            Self::Rollback { last } => {
                f.write_str("the state before what failed")?;
                upto(f, last)
            }
            Self::Version { version, last } => {
                write!(f, "version {version} of the store")?;
                upto(f, last)
            }
            Self::History { readings, of, from, to } => {
                write!(f, "{readings} of {of} readings from {from} to {to}")
            }
            Self::Interpolation { before, after } => {
                write!(f, "between the readings of {before} and {after}")
            }
            Self::Conservative { reading } => write!(f, "about the reading of {reading}"),
        }
    }
}

/// Why a rung did not serve.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum NotServed {
    /// The state before what failed is not in memory.
    #[error("there is no prior state")]
    NoPrior,
    /// The store keeps no version.
    #[error("there is no version")]
    NoVersion,
    /// None of the versions will do.
    #[error("none of {} versions will do: {}", .0.len(), list(.0))]
    NoGoodVersion(
        /// Each with its reason, the newest first.
        Vec<(StateVersion, NotServed)>,
    ),
    /// The bytes are no state, or no valid one.
    #[error("{}", told(.0))]
    Unreadable(
        /// Why.
        SnapshotError,
    ),
    /// The state breaks rules.
    #[error("it breaks {} rules: {}", .0.len(), listed(.0))]
    Invalid(
        /// Every one.
        Vec<Finding>,
    ),
    /// The state is valid, and nothing is known in it yet.
    #[error("it holds no estimate yet")]
    NoEstimate,
    /// The state knows what came after the instant that is to be served.
    #[error("it goes up to {last}, after the instant that is asked for")]
    TooNew {
        /// How far it goes.
        last: Instant,
    },
    /// There are readings so much newer that the fold itself would have started over.
    #[error("it goes up to {last}, and there are readings {days:.0} days newer")]
    Overtaken {
        /// How far it goes.
        last: Instant,
        /// How much newer the newest plausible reading is.
        days: f64,
    },
    /// There are not enough plausible readings in the time.
    #[error("{found} plausible readings in {days} days, {needed} are needed")]
    TooFewReadings {
        /// How many there are.
        found: usize,
        /// How many there must be.
        needed: u32,
        /// In how many days.
        days: f64,
    },
    /// There are enough, and they say different things.
    #[error("only {agreed} of {found} plausible readings in {days} days agree, two thirds must")]
    Disagree {
        /// How many agree with the median.
        agreed: usize,
        /// How many there are.
        found: usize,
        /// In how many days.
        days: f64,
    },
    /// Nothing plausible was read before.
    #[error("no plausible reading at or before the instant")]
    NothingBefore,
    /// Nothing plausible was read after.
    #[error("no plausible reading after the instant")]
    NothingAfter,
    /// What it would serve is less certain than the conservative rung.
    #[error("its variance would be {variance:.1} kg², more than {most} kg²")]
    TooUncertain {
        /// The variance, kg².
        variance: f64,
        /// The most it may be, kg².
        most: f64,
    },
    /// A person has to decide.
    #[error("an operator has to decide")]
    Manual,
}

fn list(versions: &[(StateVersion, NotServed)]) -> String {
    let told: Vec<_> = versions.iter().map(|(version, why)| format!("version {version}: {why}")).collect();
    told.join("; ")
}

fn listed(findings: &[Finding]) -> String {
    findings.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// A rung that was tried and did not serve.
#[derive(Debug, Clone, PartialEq)]
pub struct PassedOver {
    /// Which.
    pub rung: Rung,
    /// Why.
    pub why: NotServed,
}

impl fmt::Display for PassedOver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.rung, self.why)
    }
}

impl PassedOver {
    fn to_step(&self) -> AuditStep {
        AuditStep {
            operation: self.rung.as_str().to_owned(),
            made: String::new(),
            verdict: self.why.to_string(),
            micros: 0,
        }
    }
}

/// What the ladder serves. Provisional until settling replaces it.
#[derive(Debug, Clone, PartialEq)]
pub struct Recovered {
    /// The instant it was asked for.
    pub at: Instant,
    /// The state.
    pub state: Checked<UserState>,
    /// Where it comes from.
    pub provenance: Provenance,
    /// The rungs that were tried before, and why they did not serve.
    pub passed_over: Vec<PassedOver>,
}

impl Recovered {
    /// The record of it: the rungs that were tried are its steps. `micros` is how long the whole took.
    pub fn record(&self, recorded: Instant, micros: u64, correlation: u64) -> AuditRecord {
        let rung = self.provenance.rung();
        let estimate = self.state.estimate();
        let made = estimate.map(|it| format!("level {:.3} kg, variance {:.3} kg²", it.level_kg, it.variance));
        let served = AuditStep {
            operation: rung.as_str().to_owned(),
            made: made.unwrap_or_default(),
            verdict: "valid".to_owned(),
            micros,
        };
        let steps = self.passed_over.iter().map(PassedOver::to_step).chain([served]).collect();
        let reset = match rung {
            Rung::Conservative => AuditedReset::Conservative,
            Rung::Rollback | Rung::LastGood | Rung::History | Rung::Interpolation | Rung::Manual => {
                AuditedReset::Recovery
            }
        };
        AuditRecord {
            kind: AuditKind::Recovered,
            reset: Some(reset),
            who: AuditActor::Ladder,
            effective: self.at,
            recorded,
            reason: self.provenance.to_string(),
            outcome: AuditOutcome::Served,
            steps,
            micros,
            correlation,
        }
    }
}

/// No rung could serve. What was served before stays, marked; an operator has to look.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error(
    "no rung serves {at}: {}; rebuild the user from its facts, or restore a version by hand",
    all(passed_over)
)]
pub struct NeedsOperator {
    /// The instant that was asked for.
    pub at: Instant,
    /// Every rung, and why it did not serve.
    pub passed_over: Vec<PassedOver>,
}

fn all(passed_over: &[PassedOver]) -> String {
    passed_over.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

impl NeedsOperator {
    /// The record of it.
    pub fn record(&self, recorded: Instant, micros: u64, correlation: u64) -> AuditRecord {
        AuditRecord {
            kind: AuditKind::Recovered,
            reset: Some(AuditedReset::Recovery),
            who: AuditActor::Ladder,
            effective: self.at,
            recorded,
            reason: "no rung could serve".to_owned(),
            outcome: AuditOutcome::Refused,
            steps: self.passed_over.iter().map(PassedOver::to_step).collect(),
            micros,
            correlation,
        }
    }
}
