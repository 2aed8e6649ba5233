//! A picture of a story in 80 columns of text.

use std::fmt::Write as _;

use reweigh::StoryLine;
use reweigh_reading::Instant;
use reweigh_state::Outcome;

use crate::paint::Paint;
use crate::words::day;

/// The area of the picture, in characters.
const WIDTH: usize = 70;
const HEIGHT: usize = 16;
/// How wide the scale beside it is.
const SCALE: usize = 8;

/// What a character of the picture shows. What is worth more covers what is worth less.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Cell {
    Empty,
    Interval,
    Estimate,
    Reading,
    Held,
    Rejected,
}

/// What is drawn of one line.
#[derive(Debug, Clone, Copy)]
struct Point {
    at: Instant,
    kg: f64,
    outcome: Outcome,
    /// The estimate with its interval.
    body: Option<(f64, f64, f64)>,
}

impl Point {
    fn of(line: &StoryLine) -> Option<Self> {
        let (measure, verdict) = (line.fact.measure()?, line.verdict?);
        let smoothed = line.smoothed_kg.zip(line.smoothed_variance).map(|(kg, variance)| {
            let half = 1.96 * variance.max(0.0).sqrt();
            (kg - half, kg, kg + half)
        });
        let known = line.estimate.map(|it| (it.interval_kg().0, it.level_kg, it.interval_kg().1));
        Some(Self {
            at: line.fact.at(),
            kg: measure.kilograms().get(),
            outcome: verdict.outcome,
            body: smoothed.or(known),
        })
    }

    /// The lowest and highest weight that the picture must have room for. Outliers have to stay at its edge.
    fn span(&self) -> (f64, f64) {
        let (mut low, mut high) = self.body.map_or((self.kg, self.kg), |(_, kg, _)| (kg, kg));
        if self.outcome == Outcome::Accepted {
            (low, high) = (low.min(self.kg), high.max(self.kg));
        }
        (low, high)
    }
}

/// Draws readings, verdicts and the estimate. Nothing if there is nothing to draw.
pub(crate) fn plot(lines: &[&StoryLine], paint: Paint) -> Option<String> {
    let points: Vec<Point> = lines
        .iter()
        .filter_map(|line| Point::of(line))
        .filter(|point| !matches!(point.outcome, Outcome::Superseded | Outcome::Retracted))
        .collect();
    let (first, last) = (points.first()?.at, points.last()?.at);
    let scale = Scale::of(&points, first, last);
    let mut grid = vec![[Cell::Empty; WIDTH]; HEIGHT];
    draw_estimate(&mut grid, &points, &scale);
    for point in &points {
        let cell = match point.outcome {
            Outcome::Rejected => Cell::Rejected,
            Outcome::Held => Cell::Held,
            Outcome::Accepted | Outcome::Superseded | Outcome::Retracted => Cell::Reading,
        };
        put(&mut grid, scale.row(point.kg), scale.column(point.at), cell);
    }
    let mut text = String::new();
    for (row, cells) in grid.iter().enumerate() {
        let label = if row % 3 == 0 {
            format!("{:>SCALE$.1} ┤", scale.kg(row))
        } else {
            format!("{:SCALE$} │", "")
        };
        text.push_str(&label);
        text.push_str(&painted(cells, paint));
        text.push('\n');
    }
    let _ = writeln!(text, "{:SCALE$} └{}", "", "─".repeat(WIDTH));
    text.push_str(&axis(first, last));
    let _ = writeln!(text, "{:SCALE$}  {}", "", legend(&points));
    Some(text)
}

/// From instants and weights to places.
#[derive(Debug)]
struct Scale {
    first: Instant,
    micros: f64,
    high: f64,
    kg_per_row: f64,
}

impl Scale {
    #[expect(clippy::cast_precision_loss, reason = "places in a picture")]
    fn of(points: &[Point], first: Instant, last: Instant) -> Self {
        let spans = points.iter().map(Point::span);
        let (low, high) = spans.fold((f64::MAX, f64::MIN), |(low, high), (l, h)| (low.min(l), high.max(h)));
        // A person who never changes is drawn as a line, not as noise.
        let (middle, half) = (f64::midpoint(low, high), f64::max((high - low) * 0.55, 1.0));
        Self {
            first,
            micros: (last.since(first).micros() as f64).max(1.0),
            high: middle + half,
            kg_per_row: 2.0 * half / (HEIGHT - 1) as f64,
        }
    }

    /// Rows beyond the picture are its edges.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "clamped to the picture"
    )]
    fn row(&self, kg: f64) -> usize {
        ((self.high - kg) / self.kg_per_row).round().clamp(0.0, (HEIGHT - 1) as f64) as usize
    }

    #[expect(clippy::cast_precision_loss, reason = "a label")]
    fn kg(&self, row: usize) -> f64 {
        self.high - row as f64 * self.kg_per_row
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "clamped to the picture"
    )]
    fn column(&self, at: Instant) -> usize {
        let share = at.since(self.first).micros() as f64 / self.micros;
        (share * (WIDTH - 1) as f64).round().clamp(0.0, (WIDTH - 1) as f64) as usize
    }
}

fn put(grid: &mut [[Cell; WIDTH]], row: usize, column: usize, cell: Cell) {
    if let Some(place) = grid.get_mut(row).and_then(|cells| cells.get_mut(column)) {
        *place = (*place).max(cell);
    }
}

/// Draws the estimate of the last reading in each column, and a line to the next column that has one.
fn draw_estimate(grid: &mut [[Cell; WIDTH]], points: &[Point], scale: &Scale) {
    let mut columns: Vec<(usize, (f64, f64, f64))> = Vec::new();
    for point in points {
        let Some(body) = point.body else { continue };
        let column = scale.column(point.at);
        match columns.last_mut() {
            Some((last, known)) if *last == column => *known = body,
            _ => columns.push((column, body)),
        }
    }
    let ends = columns.iter().skip(1).copied().chain(columns.last().copied());
    for ((from, begin), (to, end)) in columns.iter().copied().zip(ends) {
        for column in from..to.max(from + 1) {
            #[expect(clippy::cast_precision_loss, reason = "places in a picture")]
            let share = (column - from) as f64 / (to - from).max(1) as f64;
            let between = |a: f64, b: f64| a + share * (b - a);
            let (low, kg, high) = (between(begin.0, end.0), between(begin.1, end.1), between(begin.2, end.2));
            for row in scale.row(high)..=scale.row(low) {
                put(grid, row, column, Cell::Interval);
            }
            put(grid, scale.row(kg), column, Cell::Estimate);
        }
    }
}

fn painted(cells: &[Cell; WIDTH], paint: Paint) -> String {
    let filled = cells.iter().rposition(|cell| *cell != Cell::Empty).map_or(0, |last| last + 1);
    let mut text = String::new();
    for cell in cells.iter().take(filled) {
        let sign = match cell {
            Cell::Empty => " ".to_owned(),
            Cell::Interval => paint.faint("░").to_string(),
            Cell::Estimate => paint.bold("─").to_string(),
            Cell::Reading => "•".to_owned(),
            Cell::Held => paint.doubtful("?").to_string(),
            Cell::Rejected => paint.bad("×").to_string(),
        };
        text.push_str(&sign);
    }
    text
}

/// The first and the last day, and one between.
fn axis(first: Instant, last: Instant) -> String {
    let half = reweigh_reading::Elapsed::from_micros(last.since(first).micros() / 2);
    let middle = first.saturating_add(half);
    let gap = (WIDTH - 3 * 10) / 2;
    format!("{:SCALE$}  {}{:gap$}{}{:gap$}{}\n", "", day(first), "", day(middle), "", day(last))
}

fn legend(points: &[Point]) -> String {
    let has = |outcome| points.iter().any(|point| point.outcome == outcome);
    let mut text = "• accepted".to_owned();
    if has(Outcome::Rejected) {
        text.push_str("   × rejected");
    }
    if has(Outcome::Held) {
        text.push_str("   ? held");
    }
    text.push_str("   ─ estimate   ░ 95 % interval");
    text
}
