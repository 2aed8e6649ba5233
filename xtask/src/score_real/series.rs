//! The readings of one person, as the edge lets them in and in the order they are folded in.

use std::collections::HashMap;

use reweigh_judge::{Event, effective};
use reweigh_reading::{Action, admit};
use reweigh_reading::{
    Elapsed, Fact, Instant, Limits, Measure, OrderKey, ReadingId, Revision, Source, UserId,
};

/// One person's readings.
#[derive(Debug, Clone)]
pub(crate) struct Series {
    pub(crate) name: String,
    pub(crate) events: Vec<Event>,
    /// Facts that were told more than once, counted once for each time too many.
    pub(crate) duplicates: u64,
    /// Ids of readings that the edge refused.
    pub(crate) refused: Vec<ReadingId>,
}

impl Series {
    /// The series of facts of one user, received as they were taken.
    pub(crate) fn of(name: impl Into<String>, facts: Vec<Fact>) -> Self {
        let mut refused = Vec::new();
        let admitted: Vec<Fact> = facts
            .into_iter()
            .filter_map(|fact| {
                let id = fact.id().clone();
                let received = fact.at();
                admit(fact, received, &Limits::default()).map_err(|_| refused.push(id)).ok()
            })
            .collect();
        let effective = effective(admitted);
        Self { name: name.into(), events: effective.events, duplicates: effective.duplicates, refused }
    }
}

/// A series and what is known of its readings from elsewhere.
#[derive(Debug, Clone)]
pub(crate) struct Labelled<L> {
    pub(crate) series: Series,
    pub(crate) labels: HashMap<ReadingId, L>,
}

impl<L> Labelled<L> {
    /// What is known of the reading of this key.
    pub(crate) fn label(&self, key: &OrderKey) -> Option<&L> {
        self.labels.get(key.id())
    }
}

/// A reading with an id of its own, or with one made of what it says.
pub(crate) fn reading(
    user: &str,
    at: Instant,
    source: &str,
    measure: Measure,
    id: Option<&str>,
) -> Result<Fact, String> {
    let user = UserId::new(user).map_err(|error| error.to_string())?;
    let source = Source::new(source).map_err(|error| error.to_string())?;
    let Some(id) = id else { return Ok(Fact::reading(user, at, source, measure)) };
    let id: ReadingId = id.parse().map_err(|error| format!("{error}"))?;
    Ok(Fact::new(user, id, Revision::new(0), at, source, Action::Add(measure)))
}

/// Seven in the morning so many days after a day, for data that say the day alone.
pub(crate) fn morning(first: &str, days: i64) -> Result<Instant, String> {
    let first: Instant = format!("{first}T07:00:00Z").parse().map_err(|error| format!("{first}: {error}"))?;
    first
        .checked_add(Elapsed::from_days(days))
        .ok_or_else(|| format!("{days} days after {first} is too late"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use reweigh_reading::Unit;

    fn fact(day: i64, kg: f64, id: &str) -> Fact {
        let at = morning("2024-01-01", day).unwrap();
        reading("ada", at, "scale", Measure::new(kg, Unit::Kilogram).unwrap(), Some(id)).unwrap()
    }

    #[test]
    fn readings_come_in_order_once_and_only_if_the_edge_lets_them_in() {
        let facts = vec![fact(2, 80.0, "b"), fact(1, 81.0, "a"), fact(2, 80.0, "b"), fact(3, 800.0, "c")];
        let series = Series::of("ada", facts);
        let ids: Vec<_> = series.events.iter().map(|event| event.key.id().to_string()).collect();
        assert_eq!(ids, ["a", "b"]);
        assert_eq!(series.duplicates, 1);
        assert_eq!(series.refused, ["c".parse().unwrap()]);
    }

    #[test]
    fn mornings_are_at_seven() {
        assert_eq!(morning("2024-02-28", 2).unwrap().to_string(), "2024-03-01T07:00:00Z");
        assert!(morning("28/02/2024", 0).is_err());
    }
}
