//! What happens to readings on their way: late, in batches, twice, corrected, and again as a whole.

use crate::label::{Label, Role};
use crate::person::Person;
use crate::random::{Random, Stream};
use crate::recipe::Recipe;
use crate::time::{self, DAY, SECOND};
use crate::track::Track;
use crate::weighing::Weighing;
use crate::written::Written;
use reweigh_reading::{ActionKind, Unit};

/// One delivery, by reference to the contents of its life.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row {
    /// In microseconds since 1970-01-01.
    pub(crate) received: i64,
    /// Decides between rows that are received together.
    tie: u32,
    /// The content that is delivered.
    pub(crate) content: u32,
    /// The content that its id comes from.
    pub(crate) origin: u32,
    pub(crate) revision: u8,
    pub(crate) kind: ActionKind,
    pub(crate) role: Role,
}

/// What has been sent of one life.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sent {
    /// First the readings in the order in which they were taken, then what only corrections say.
    pub(crate) contents: Vec<Weighing>,
    /// How many of the contents are readings.
    pub(crate) readings: usize,
    /// In the order of arrival.
    pub(crate) rows: Vec<Row>,
}

impl Sent {
    /// Sends the readings of a life.
    pub(crate) fn new(
        recipe: &Recipe,
        person: &Person,
        track: &Track,
        readings: Vec<Weighing>,
        seed: u64,
        life: u64,
    ) -> Sent {
        let count = readings.len();
        let mut post = Post {
            recipe,
            track,
            first: i64::from(recipe.first_day) * DAY,
            route: Route::new(recipe, seed, life),
            fate: Random::new(seed, life, Stream::Corrections),
            sent: Sent {
                rows: Vec::with_capacity(count + count / 32 + 4),
                readings: count,
                contents: readings,
            },
        };
        post.send_height(person);
        for number in 0..count {
            post.send(number);
        }
        post.send_reset(&mut Random::new(seed, life, Stream::Resets));
        post.send_duplicates();
        post.send_everything_again();
        // Stable: what arrives together and has no lot drawn stays in the order in which it was taken.
        post.sent.rows.sort_by_key(|row| (row.received, row.tie));
        post.sent
    }
}

/// How deliveries of one person travel.
struct Route {
    random: Random,
    /// From one batch to the next, and to the first one, in days.
    batches: Option<(f64, f64)>,
    resync: Option<f64>,
}

impl Route {
    fn new(recipe: &Recipe, seed: u64, life: u64) -> Route {
        let mut random = Random::new(seed, life, Stream::Arrival);
        let arrival = &recipe.arrival;
        let in_batches = arrival.batch_people.hits(&mut random);
        let every = arrival.batch_days.draw(&mut random);
        let phase = random.unit() * every;
        let again = arrival.resync_people.hits(&mut random);
        let at = random.between(0.3, 1.0) * f64::from(recipe.days);
        Route { random, batches: in_batches.then_some((every, phase)), resync: again.then_some(at) }
    }

    /// When something that is ready at an instant is received.
    fn received(&mut self, recipe: &Recipe, first: i64, ready: i64) -> i64 {
        let late = recipe.arrival.late.hits(&mut self.random);
        let days = recipe.arrival.late_days.draw(&mut self.random);
        let sent = match self.batches {
            Some((every, phase)) => next_batch(first, ready, every, phase),
            None => ready,
        };
        if late { sent + time::days(days) } else { sent }
    }

    /// The lot of a delivery: drawn where it comes in a batch.
    fn lot(&mut self) -> u32 {
        let lot = self.random.below(u32::MAX);
        if self.batches.is_some() { lot } else { 0 }
    }
}

/// The first batch at an instant or after it.
#[expect(clippy::cast_precision_loss, reason = "the days of a life are few")]
fn next_batch(first: i64, ready: i64, every: f64, phase: f64) -> i64 {
    let age = (ready - first) as f64 / DAY as f64;
    let count = ((age - phase) / every).ceil().max(0.0);
    (first + time::days(phase + count * every)).max(ready)
}

/// What becomes of a reading.
enum Fate {
    Stays,
    Moved,
    Disputed,
    Amended,
    Retracted,
}

struct Post<'a> {
    recipe: &'a Recipe,
    track: &'a Track,
    /// Midnight of the life's first day.
    first: i64,
    route: Route,
    fate: Random,
    sent: Sent,
}

impl Post<'_> {
    fn send(&mut self, number: usize) {
        let Some(&reading) = self.sent.contents.get(number) else { return };
        let received = self.route.received(self.recipe, self.first, reading.at);
        let tie = self.route.lot();
        let content = index(number);
        let row = Row {
            received,
            tie,
            content,
            origin: content,
            revision: 0,
            kind: ActionKind::Add,
            role: Role::First,
        };
        match self.draw_fate(reading.label) {
            Fate::Stays => self.sent.rows.push(row),
            Fate::Disputed => self.dispute(row, reading),
            Fate::Moved => self.move_in_time(row, reading),
            Fate::Amended => {
                let amended = Weighing { written: self.mended(reading), label: Label::Clean, ..reading };
                self.amend(row, amended);
            }
            Fate::Retracted => {
                self.correct(
                    row,
                    Row { revision: 1, kind: ActionKind::Retract, role: Role::Retraction, ..row },
                );
            }
        }
    }

    fn draw_fate(&mut self, label: Label) -> Fate {
        let shares = &self.recipe.corrections;
        let (amended, retracted) = if label.is_gross() {
            (shares.amend_gross.0, shares.retract_gross.0)
        } else {
            (shares.amend_clean.0, shares.retract_clean.0)
        };
        let mut left = self.fate.unit();
        let kinds = [
            (shares.moved.0, Fate::Moved),
            (shares.conflict.0, Fate::Disputed),
            (amended, Fate::Amended),
            (retracted, Fate::Retracted),
        ];
        for (share, fate) in kinds {
            if left < share {
                return fate;
            }
            left -= share;
        }
        Fate::Stays
    }

    /// A content that only a correction says.
    fn new_content(&mut self, content: Weighing) -> u32 {
        self.sent.contents.push(content);
        index(self.sent.contents.len() - 1)
    }

    /// What an amendment says: the right weight, or that one a little changed.
    fn mended(&mut self, reading: Weighing) -> Written {
        if reading.label.is_gross() { reading.right } else { self.retouched(reading.written, 0.006) }
    }

    /// Nearly the same value, and never the same.
    fn retouched(&mut self, written: Written, by: f64) -> Written {
        let value = (written.value * (1.0 + self.fate.between(-by, by)) * 100.0).round() / 100.0;
        let same = (value - written.value).abs() < 0.005;
        Written { value: if same { written.value + 0.1 } else { value }, ..written }
    }

    fn after(&mut self) -> i64 {
        time::days(self.recipe.corrections.after_days.draw(&mut self.fate)).max(SECOND)
    }

    /// Two facts under the same id and revision: two values of a reading, or an amendment and a retraction of it.
    fn dispute(&mut self, row: Row, reading: Weighing) {
        let of_its_correction = self.fate.chance(0.3);
        let other =
            if reading.label.is_gross() { reading.right } else { self.retouched(reading.written, 0.02) };
        let content = self.new_content(Weighing { written: other, label: Label::Clean, ..reading });
        let received = row.received + self.after();
        self.sent.rows.push(row);
        if of_its_correction {
            let amendment =
                Row { received, content, revision: 1, kind: ActionKind::Amend, role: Role::Amendment, ..row };
            let received = row.received + self.after();
            self.sent.rows.push(amendment);
            self.sent.rows.push(Row {
                received,
                revision: 1,
                kind: ActionKind::Retract,
                role: Role::Conflict,
                ..row
            });
        } else {
            self.sent.rows.push(Row { received, content, role: Role::Conflict, ..row });
        }
    }

    /// Recorded at an earlier instant than it was taken at, and amended to the right one.
    fn move_in_time(&mut self, row: Row, reading: Weighing) {
        let by = time::days(self.recipe.corrections.moved_days.draw(&mut self.fate)).max(SECOND);
        let at = (reading.at - by).max(self.first);
        let wrong = self.new_content(Weighing { at, true_kg: self.true_kg(at, reading.true_kg), ..reading });
        let first = Row { content: wrong, origin: wrong, ..row };
        self.correct(
            first,
            Row { revision: 1, kind: ActionKind::Amend, role: Role::Amendment, origin: wrong, ..row },
        );
    }

    fn true_kg(&self, at: i64, otherwise: f64) -> f64 {
        let day = usize::try_from((at - self.first) / DAY).unwrap_or(0);
        self.track.level_kg.get(day).copied().unwrap_or(otherwise)
    }

    fn amend(&mut self, row: Row, amended: Weighing) {
        let content = self.new_content(amended);
        let amendment = Row { content, revision: 1, kind: ActionKind::Amend, role: Role::Amendment, ..row };
        let received = self.correct(row, amendment);
        if self.recipe.corrections.again.hits(&mut self.fate) {
            let written = self.retouched(amended.written, 0.006);
            let content = self.new_content(Weighing { written, ..amended });
            let received = received + self.after();
            self.sent.rows.push(Row { received, content, revision: 2, ..amendment });
        }
    }

    /// Sends a reading and its correction: usually after it, sometimes before it, sometimes without it. Gives the instant at
    /// which the correction is received.
    fn correct(&mut self, row: Row, correction: Row) -> i64 {
        let received = row.received + self.after();
        let orphan = self.recipe.corrections.orphan.hits(&mut self.fate);
        let early = self.recipe.corrections.early.hits(&mut self.fate);
        let overtaken = time::days(self.fate.between(0.05, 5.0));
        if !orphan {
            let first = if early { received + overtaken } else { row.received };
            self.sent.rows.push(Row { received: first, ..row });
        }
        self.sent.rows.push(Row { received, ..correction });
        received
    }

    fn send_height(&mut self, person: &Person) {
        if self.recipe.corrections.height_people.hits(&mut self.fate) {
            self.send_alone(self.first, person.height_m, ActionKind::Height, Role::Height);
        }
    }

    /// A manual reset at noon of a day within the life.
    fn send_reset(&mut self, random: &mut Random) {
        let has = self.recipe.corrections.reset_people.hits(random);
        let day = random.below(self.recipe.days);
        if has {
            self.send_alone(self.first + i64::from(day) * DAY + DAY / 2, 0.0, ActionKind::Reset, Role::Reset);
        }
    }

    /// Sends a fact that is no reading.
    fn send_alone(&mut self, at: i64, value: f64, kind: ActionKind, role: Role) {
        let written = Written { value, unit: Unit::Kilogram };
        let true_kg = self.true_kg(at, 0.0);
        let content = self.new_content(Weighing {
            at,
            source: 0,
            label: Label::Clean,
            written,
            right: written,
            true_kg,
        });
        self.sent.rows.push(Row { received: at, tie: 0, content, origin: content, revision: 0, kind, role });
    }

    fn send_duplicates(&mut self) {
        let arrival = &self.recipe.arrival;
        for number in 0..self.sent.rows.len() {
            let again = arrival.duplicates.hits(&mut self.route.random);
            let after = arrival.duplicate_days.draw(&mut self.route.random);
            if let Some(&row) = self.sent.rows.get(number).filter(|_| again) {
                let received = row.received + time::days(after);
                self.sent.rows.push(Row { received, role: Role::Resent, ..row });
            }
        }
    }

    fn send_everything_again(&mut self) {
        let Some(days) = self.route.resync else { return };
        let received = self.first + time::days(days);
        for number in 0..self.sent.rows.len() {
            let tie = self.route.random.below(u32::MAX);
            if let Some(&row) = self.sent.rows.get(number).filter(|row| row.received < received) {
                self.sent.rows.push(Row { received, tie, role: Role::Resent, ..row });
            }
        }
    }
}

/// Lives have fewer contents than this counts.
fn index(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
