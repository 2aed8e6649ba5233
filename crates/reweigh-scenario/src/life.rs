//! One life: what was true, and what was delivered of it.

use crate::edge;
use crate::label::{Label, Role};
use crate::post::{Row, Sent};
use crate::recipe::Ids;
use crate::time::DAY;
use crate::weighing::Weighing;
use reweigh_reading::{
    Action, ActionKind, Fact, Height, Instant, MadeId, Meeting, ReadingId, Revision, Source, UserId,
};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A fact on its way in, and what is known about it because it was made up.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivery {
    /// When it arrives.
    pub received: Instant,
    /// What arrives.
    pub fact: Fact,
    /// What its value is. Of a fact without a weight: what the reading that it is about was, else clean.
    pub label: Label,
    /// Why it was delivered.
    pub role: Role,
    /// The true weight at the fact's instant, in kilograms.
    pub true_kg: f64,
}

/// A reading without its ceremony, for benches that only want numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample {
    /// When it was taken.
    pub at: Instant,
    /// What was recorded, in kilograms.
    pub kilograms: f64,
    /// Its source: an index into the recipe's.
    pub source: u16,
    /// What the value is.
    pub label: Label,
    /// The true weight at that instant, in kilograms.
    pub true_kg: f64,
}

/// One person's life.
///
/// The true weight is the person's weight in the morning without the water that comes and goes: trends, growth,
/// pregnancies and steps are in it; meals, cycles, weekends, clothes and the bias of a scale are not. It has one value for
/// each day in UTC. Nobody can estimate it better than the bias of the scales allows.
#[derive(Debug, Clone)]
pub struct Life {
    pub(crate) user: UserId,
    pub(crate) height: Height,
    pub(crate) sources: Arc<[Source]>,
    pub(crate) ids: Ids,
    /// Midnight of the first day, in microseconds since 1970-01-01.
    pub(crate) first: i64,
    pub(crate) level_kg: Vec<f64>,
    pub(crate) sent: Sent,
}

impl Life {
    /// Whose life it is.
    pub fn user(&self) -> &UserId {
        &self.user
    }

    /// How tall the person is, to the millimetre.
    pub fn height(&self) -> Height {
        self.height
    }

    /// The true weight of each day, in kilograms.
    pub fn days_kg(&self) -> &[f64] {
        &self.level_kg
    }

    /// Midnight of the first day.
    pub fn begins(&self) -> Instant {
        edge::instant(self.first)
    }

    /// The true weight at an instant, in kilograms; `None` outside of the life.
    pub fn true_kg(&self, at: Instant) -> Option<f64> {
        let day = (at.unix_micros() - self.first).div_euclid(DAY);
        self.level_kg.get(usize::try_from(day).ok()?).copied()
    }

    /// All deliveries in the order of arrival.
    pub fn deliveries(&self) -> impl ExactSizeIterator<Item = Delivery> {
        self.sent.rows.iter().map(|row| self.delivery(row))
    }

    /// All readings in the order in which they were taken, as numbers: no late ones, duplicates or corrections. Nothing is
    /// allocated.
    pub fn samples(&self) -> impl ExactSizeIterator<Item = Sample> {
        let readings = self.sent.contents.get(..self.sent.readings).unwrap_or_default();
        readings.iter().map(|reading| Sample {
            at: edge::instant(reading.at),
            kilograms: reading.written.kilograms(),
            source: reading.source,
            label: reading.label,
            true_kg: reading.true_kg,
        })
    }

    /// What holds once everything has arrived, in the order of its keys: of each id the highest revision, of a conflict
    /// the winner, and nothing that is retracted or corrects what never came.
    ///
    /// It is worked out here by looking at all deliveries at once, so that it can be held against a fold that looks
    /// at one after the other.
    pub fn standing(&self) -> Vec<Delivery> {
        let mut last: BTreeMap<ReadingId, (Delivery, bool)> = BTreeMap::new();
        for delivery in self.deliveries().filter(|delivery| delivery.role != Role::Resent) {
            let opens = !matches!(delivery.fact.action(), Action::Amend(_) | Action::Retract);
            let (held, opened) =
                last.entry(delivery.fact.id().clone()).or_insert_with(|| (delivery.clone(), opens));
            *opened |= opens;
            let later = delivery.fact.revision() > held.fact.revision();
            if later || held.fact.meet(&delivery.fact) == Meeting::SecondWins {
                *held = delivery;
            }
        }
        let stands = |(delivery, opened): (Delivery, bool)| {
            (opened && *delivery.fact.action() != Action::Retract).then_some(delivery)
        };
        let mut standing: Vec<Delivery> = last.into_values().filter_map(stands).collect();
        standing.sort_by_cached_key(|delivery| delivery.fact.key());
        standing
    }

    /// How many deliveries there are.
    pub(crate) fn len(&self) -> usize {
        self.sent.rows.len()
    }

    /// The delivery of this number, in the order of arrival.
    pub(crate) fn at(&self, number: usize) -> Option<Delivery> {
        self.sent.rows.get(number).map(|row| self.delivery(row))
    }

    /// The content that the id of that delivery comes from.
    pub(crate) fn origin(&self, number: usize) -> Option<u32> {
        self.sent.rows.get(number).map(|row| row.origin)
    }

    fn delivery(&self, row: &Row) -> Delivery {
        let content = self.content(row.content);
        let action = match row.kind {
            ActionKind::Add => Action::Add(edge::measure(content.written)),
            ActionKind::Amend => Action::Amend(edge::measure(content.written)),
            ActionKind::Retract => Action::Retract,
            ActionKind::Reset => Action::Reset { reason: edge::reason() },
            ActionKind::Height => Action::Height(self.height),
        };
        let fact = Fact::new(
            self.user.clone(),
            self.id(row),
            Revision::new(u32::from(row.revision)),
            edge::instant(content.at),
            self.source(content),
            action,
        );
        let received = edge::instant(row.received);
        Delivery { received, fact, label: content.label, role: row.role, true_kg: content.true_kg }
    }

    fn id(&self, row: &Row) -> ReadingId {
        if self.ids == Ids::Given {
            return edge::given_id(row.origin);
        }
        let origin = self.content(row.origin);
        let (source, at) = (self.source(origin), edge::instant(origin.at));
        match row.kind {
            ActionKind::Height => MadeId::of_height(&self.user, &source, at, self.height).into(),
            ActionKind::Reset => MadeId::of_reset(&self.user, &source, at, &edge::reason()).into(),
            ActionKind::Add | ActionKind::Amend | ActionKind::Retract => {
                MadeId::of_reading(&self.user, &source, at, edge::measure(origin.written)).into()
            }
        }
    }

    fn source(&self, content: &Weighing) -> Source {
        self.sources.get(usize::from(content.source)).cloned().unwrap_or_else(Source::unknown)
    }

    #[expect(clippy::indexing_slicing, reason = "rows are made together with the contents they name")]
    fn content(&self, number: u32) -> &Weighing {
        &self.sent.contents[number as usize]
    }
}
