//! What the judge makes of a series: before each reading, right after it, and in the end.

use reweigh_judge::{Deed, Event, Prediction, Sink, Taken, fingerprint, predict, take_in};
use reweigh_reading::OrderKey;
use reweigh_state::{CheckedPolicy, Judged, PlainResetter, Reason, UserState, Verdict};

/// One reading, and all that was said of it.
#[derive(Debug, Clone)]
pub(crate) struct Judgement {
    pub(crate) key: OrderKey,
    pub(crate) kg: f64,
    /// Days since the reading before; none for the first.
    pub(crate) days: Option<f64>,
    /// What was expected of it, from all before it.
    pub(crate) prediction: Prediction,
    /// What the likeliest story said of it right then.
    pub(crate) at_once: Reason,
    /// The estimate right after it, kg.
    pub(crate) estimate_kg: f64,
    /// The verdict in the end.
    pub(crate) verdict: Verdict,
}

impl Judgement {
    /// What it was taken for, in words; a unit slip with its units.
    pub(crate) fn taken_for(&self) -> String {
        let reason = self.verdict.reason;
        if let Reason::OtherUnit(slip) | Reason::Repaired(slip) = reason {
            return slip.to_string();
        }
        reason.code().replace('_', " ")
    }
}

/// Folds the readings of a series and notes everything.
pub(crate) fn judge(events: &[Event], policy: &CheckedPolicy) -> Vec<Judgement> {
    let mut state = UserState::unborn(fingerprint(policy));
    let mut notes = Notes::default();
    let mut open = Vec::new();
    for event in events {
        let Deed::Reading(measure) = event.deed else { continue };
        let days = state.last_reading.map(|last| event.key.at().since(last).days());
        let prediction = predict(&state, event.key.at(), event.key.source(), policy);
        take_in(&mut state, event, policy, &mut PlainResetter, &mut notes);
        open.push((event.key.clone(), measure.kilograms().get(), days, prediction));
    }
    for judged in state.pending() {
        notes.settled(&judged);
    }
    let said = notes.taken.into_iter().zip(notes.verdicts);
    open.into_iter()
        .zip(said)
        .map(|((key, kg, days, prediction), ((at_once, estimate_kg), verdict))| Judgement {
            key,
            kg,
            days,
            prediction,
            at_once,
            estimate_kg,
            verdict,
        })
        .collect()
}

/// What a fold tells, by number: readings are taken and settled in the same order.
#[derive(Default)]
struct Notes {
    taken: Vec<(Reason, f64)>,
    verdicts: Vec<Verdict>,
}

impl Sink for Notes {
    fn taken(&mut self, _: &Event, taken: &Taken) {
        if taken.number.is_some() {
            self.taken.push((taken.reason, taken.estimate.map_or(f64::NAN, |estimate| estimate.level_kg)));
        }
    }

    fn settled(&mut self, judged: &Judged) {
        self.verdicts.push(judged.verdict);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score_real::sets::change_points::{Rescaling, series};
    use reweigh_state::{Outcome, Policy};

    #[test]
    fn every_reading_gets_what_was_said_of_it() {
        let policy = Policy::default().check().unwrap();
        let mut samples = vec![80.0; 30];
        samples[20] = 176.4;
        let series = series("one", &samples, Rescaling { at_zero_kg: 0.0, each_kg: 1.0 }).unwrap();
        let judged = judge(&series.events, &policy);
        assert_eq!(judged.len(), 30);
        for (judgement, event) in judged.iter().zip(&series.events) {
            assert_eq!(judgement.key, event.key);
        }
        let rejected: Vec<_> = (0..30).filter(|n| judged[*n].verdict.outcome == Outcome::Rejected).collect();
        assert_eq!(rejected, [20]);
        assert_eq!(judged[20].kg, 176.4);
        assert!((judged[20].prediction.mean_kg() - 80.0).abs() < 0.2);
        assert!((judged[20].estimate_kg - 80.0).abs() < 0.2);
        assert!(judged[20].at_once.rejects());
        assert_eq!(judged[20].taken_for(), "lb recorded as kg");
        assert_eq!(judged[21].taken_for(), "fits");
        assert_eq!((judged[0].days, judged[1].days), (None, Some(1.0)));
    }
}
