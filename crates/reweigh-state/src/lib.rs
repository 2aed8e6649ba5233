//! A person's state as one value, the rules it must keep, and the policy it is made under.
//!
//! A [`UserState`] is everything that is needed to take in a person's next reading, and nothing that grows with
//! their history: a few stories about what their late readings were ([`Hypothesis`]: a belief about the body, the
//! noise of each scale, what was refused), the window of readings whose verdicts may still change, how the filter
//! adapts after its last reset, and what was counted. It is a pure function of the facts, the [`Policy`] and the
//! version of the step; the last two are its [`Fingerprint`], and a [`Chain`] binds every reading, verdict and
//! estimate into it, so equal states tell equal stories.
//!
//! # The life of a reading
//!
//! 1. A reset that it makes due comes first: a [`ResetPlan`] goes through a [`Resetter`], which is four pure
//!    operations and the rules over their result.
//! 2. Time passes for every story, each weighs what the reading may be, and the likely ones go on. That is done by
//!    the judge; here are the values it works on.
//! 3. The reading enters the [`Window`], at a place where each story keeps its [`Reason`] and the smoothed level.
//!    [`UserState::pending`] says what is thought of it now: accepted, rejected, or held while stories differ.
//! 4. When it leaves, [`UserState::settle_oldest`] makes its [`Verdict`] final, counts it and links it.
//!
//! Between any two readings a state can be laid down as bytes and taken up again, to the last bit. What a store
//! takes is a [`Checked`] state: one that has been through every [`Rule`], all [`Finding`]s listed if it broke any.
//!
//! ```
//! use reweigh_filter::Seen;
//! use reweigh_reading::{Instant, OrderKey, Source};
//! use reweigh_state::{
//!     Checked, Expectations, Fingerprint, LearnedNoise, Outcome, PlainResetter, Profile, ResetKind, ResetPlan,
//!     Resetter, Scale, UserState, source_hash,
//! };
//!
//! // A policy is data. Once it is checked, nothing can change it.
//! let mut policy = Profile::Balanced.policy();
//! policy.resets.gap_days = 45.0;
//! let policy = policy.check().unwrap();
//! let fingerprint = Fingerprint::of(1, &policy);
//!
//! // The first reading: 80.4 kg. Its reset begins the one story there is.
//! let at: Instant = "2026-01-31T07:15:00Z".parse()?;
//! let key = OrderKey::new(at, Source::new("scale")?, "a".parse()?);
//! let plan = ResetPlan::new(ResetKind::Initial, at, 0.0, &policy);
//! let mut state = PlainResetter.reset(&UserState::unborn(fingerprint), &plan, &policy)?.state;
//!
//! // What a judge does with it, without its doubts.
//! state.scales[0] = Some(Scale { source: source_hash(key.source()), last: 0 });
//! let place = state.window.push(at).unwrap();
//! let story = &mut state.hypotheses[0];
//! let noise = LearnedNoise { readings: 3.0, squares: 0.75 };
//! story.begin_scale(0, policy.prior().bias_sd, noise);
//! let expected = story.body.expect(Seen { scale: 0, evening: 0.0 });
//! story.body.update(&expected, 80.4, expected.variance + noise.variance(), &mut story.lags);
//! story.lags.put(place, &story.body);
//! (story.accepted, story.last_accepted) = (1, Some(at));
//! (state.readings, state.last_reading, state.key) = (1, Some(at), Some(key));
//! state.chain = state.chain.link(b"80.4");
//!
//! let estimate = state.estimate().unwrap();
//! assert!((estimate.level_kg - 80.4).abs() < 0.3);
//! assert_eq!(state.pending().next().unwrap().verdict.outcome, Outcome::Accepted);
//!
//! // Through the rules, to bytes, and back: the very same state.
//! let expectations = Expectations { fingerprint, policy: &policy };
//! let checked = Checked::state(state, &expectations)?;
//! let back = Checked::decode(&checked.encode(), &expectations)?;
//! assert_eq!(back, checked);
//!
//! // A state whose parts do not agree is refused, with every rule it breaks.
//! let mut broken = back.into_inner();
//! broken.tally.accepted = 7;
//! let violations = Checked::state(broken, &expectations).unwrap_err();
//! assert_eq!(violations.findings[0].rule.name(), "state.tally");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is not here
//!
//! Storage, threads and clocks; the arithmetic of the filter (`reweigh-filter`) and the decisions of the judge
//! (`reweigh-judge`). Files are read at the edge: a [`Policy`] is any serde format's, whole, with unknown keys
//! refused; this crate only says whether its numbers are within their bounds. The bytes of a state are this crate's
//! own, and their layout and sizes are documented at [`UserState::encode`].

mod audit;
mod checked;
mod estimate;
mod fingerprint;
mod mark;
mod policy;
mod reset;
mod restatement;
mod rules;
mod scores;
mod snapshot;
mod state;
#[cfg(test)]
mod strategies;
mod unit_slip;
mod verdict;

pub use audit::AuditKind;
pub use audit::AuditOutcome;
pub use audit::AuditRecord;
pub use audit::AuditStep;
pub use checked::Checked;
pub use checked::Expectations;
pub use checked::Violations;
pub use estimate::Estimate;
pub use fingerprint::Chain;
pub use fingerprint::Fingerprint;
pub use mark::Mark;
pub use policy::BodyPolicy;
pub use policy::BoundError;
pub use policy::CheckedPolicy;
pub use policy::ErrorsPolicy;
pub use policy::HindsightPolicy;
pub use policy::HypothesesPolicy;
pub use policy::NoisePolicy;
pub use policy::Policy;
pub use policy::PopulationPolicy;
pub use policy::Profile;
pub use policy::QualityPolicy;
pub use policy::ResetProfile;
pub use policy::ResetsPolicy;
pub use policy::SafetyPolicy;
pub use policy::ScoreWeights;
pub use policy::ShiftPolicy;
pub use policy::SourceProfile;
pub use policy::UnitsPolicy;
pub use policy::source_hash;
pub use reset::Applied;
pub use reset::PlainResetter;
pub use reset::ResetKind;
pub use reset::ResetPlan;
pub use reset::ResetRefused;
pub use reset::Resetter;
pub use reset::create_adaptation;
pub use reset::cut_buffer;
pub use reset::filter_reset;
pub use reset::persist;
pub use restatement::ResetChange;
pub use restatement::Restatement;
pub use restatement::VerdictChange;
pub use rules::Finding;
pub use rules::Rule;
pub use rules::check_readings;
pub use scores::LEAST_SCORE;
pub use scores::Scores;
pub use snapshot::SNAPSHOT_VERSION;
pub use snapshot::SnapshotError;
pub use state::Adaptation;
pub use state::Fading;
pub use state::HYPOTHESES;
pub use state::Hypothesis;
pub use state::Judged;
pub use state::LearnedNoise;
pub use state::PastReset;
pub use state::Pending;
pub use state::RESETS_KEPT;
pub use state::STRAYS;
pub use state::Scale;
pub use state::SlipMode;
pub use state::Stray;
pub use state::Tally;
pub use state::UserState;
pub use state::Window;
pub use unit_slip::SlipUnit;
pub use unit_slip::UnitSlip;
pub use verdict::Outcome;
pub use verdict::Reason;
pub use verdict::Verdict;
