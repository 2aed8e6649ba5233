//! What a transaction keeps of each of its stages.

use std::fmt;

use reweigh_state::{Adaptation, AuditStep, Chain, Finding, Hypothesis, Rule};

/// A stage of a reset, named after the operation that reaches it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// The filter was reset.
    FilterReset,
    /// The adaptation was created.
    AdaptationCreated,
    /// The window was cut.
    BufferUpdated,
    /// The parts were put together.
    Persisted,
    /// The commit that makes it visible.
    Commit,
}

impl Stage {
    /// Every stage, in order.
    pub const ALL: [Self; 5] =
        [Self::FilterReset, Self::AdaptationCreated, Self::BufferUpdated, Self::Persisted, Self::Commit];

    /// The word that files and scripts use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::FilterReset => "filter_reset",
            Self::AdaptationCreated => "adaptation_create",
            Self::BufferUpdated => "buffer_update",
            Self::Persisted => "state_persist",
            Self::Commit => "commit",
        }
    }

    /// Whether the operation of this stage alone can break a rule. The other rules are about how the parts
    /// agree, and wait until they are put together.
    pub(crate) fn answers_for(self, rule: Rule) -> bool {
        match self {
            Self::FilterReset => matches!(
                rule,
                Rule::FilterFinite
                    | Rule::FilterPositiveDefinite
                    | Rule::FilterVariance
                    | Rule::FilterLevel
                    | Rule::FilterTrend
                    | Rule::FilterNoise
                    | Rule::StateStories
                    | Rule::StateShares
                    | Rule::StateOrder
            ),
            Self::AdaptationCreated => matches!(
                rule,
                Rule::AdaptationDecay
                    | Rule::AdaptationFactor
                    | Rule::AdaptationReadings
                    | Rule::AdaptationDays
                    | Rule::AdaptationThreshold
            ),
            Self::BufferUpdated => matches!(rule, Rule::StateWindow | Rule::StateTally),
            Self::Persisted | Self::Commit => true,
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a stage made, in the few numbers that an audit wants.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Made {
    /// Nothing: it did not come so far.
    Nothing,
    /// The stories of the filter.
    Stories {
        /// How many.
        count: usize,
        /// The level of the likeliest, kg.
        level_kg: f64,
        /// The variance of that, kg².
        variance: f64,
    },
    /// The adaptation.
    Adaptation {
        /// The factors on the noises of level, trend and readings.
        factors: [f64; 3],
        /// What one accepted reading leaves of them.
        decay: f64,
        /// Accepted readings after which it ends.
        readings: u32,
        /// Days after which it ends.
        days: f64,
    },
    /// The window.
    Window {
        /// Verdicts that became final.
        settled: usize,
        /// Readings that are still in it.
        kept: usize,
    },
    /// The whole state.
    State {
        /// The chain of its story.
        chain: Chain,
    },
}

impl Made {
    pub(crate) fn stories(stories: &[Hypothesis]) -> Self {
        stories.first().map_or(Self::Nothing, |likeliest| Self::Stories {
            count: stories.len(),
            level_kg: likeliest.body.level(),
            variance: likeliest.body.level_variance(),
        })
    }

    pub(crate) fn adaptation(adaptation: &Adaptation) -> Self {
        let factors = adaptation.factors;
        Self::Adaptation {
            factors: [factors.level, factors.trend, factors.noise],
            decay: adaptation.decay,
            readings: adaptation.readings_max,
            days: adaptation.days_max,
        }
    }
}

impl fmt::Display for Made {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => Ok(()),
            Self::Stories { count, level_kg, variance } => {
                write!(f, "stories {count}, level {level_kg:.3} kg, variance {variance:.3} kg²")
            }
            Self::Adaptation { factors: [level, trend, noise], decay, readings, days } => write!(
                f,
                "factors {level} {trend} {noise}, decay {decay}, for {readings} readings or {days} days"
            ),
            Self::Window { settled, kept } => write!(f, "verdicts made final {settled}, left open {kept}"),
            Self::State { chain } => write!(f, "chain {chain}"),
        }
    }
}

/// What the check of a stage said.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum StageVerdict {
    /// Every rule is kept.
    Valid,
    /// Rules are broken: these.
    Invalid(Vec<Finding>),
    /// It could not go on, and why.
    Failed(String),
    /// It was dropped on the way, and whether by a panic.
    Dropped {
        /// Whether a panic went by.
        panicking: bool,
    },
}

impl fmt::Display for StageVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Valid => f.write_str("valid"),
            Self::Invalid(findings) => {
                for (n, finding) in findings.iter().enumerate() {
                    let comma = if n == 0 { "" } else { "; " };
                    write!(f, "{comma}{finding}")?;
                }
                Ok(())
            }
            Self::Failed(why) => f.write_str(why),
            Self::Dropped { panicking: true } => f.write_str("a panic went by"),
            Self::Dropped { panicking: false } => f.write_str("dropped before it was committed"),
        }
    }
}

/// What a transaction keeps of a stage: what it made, what its check said, how long it took.
#[derive(Debug, Clone, PartialEq)]
pub struct Checkpoint {
    /// Which stage.
    pub stage: Stage,
    /// What it made.
    pub made: Made,
    /// What its check said.
    pub verdict: StageVerdict,
    /// How long it took by the clock that was given, µs.
    pub micros: u64,
}

impl Checkpoint {
    pub(crate) fn to_step(&self) -> AuditStep {
        AuditStep {
            operation: self.stage.as_str().to_owned(),
            made: self.made.to_string(),
            verdict: self.verdict.to_string(),
            micros: self.micros,
        }
    }
}
