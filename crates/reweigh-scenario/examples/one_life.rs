//! Prints one life: its true weight week by week, and its deliveries in the order of arrival.
//!
//!     cargo run -p reweigh-scenario --example one_life -- wild 1 7 | less
//!
//! The words are a recipe, a seed and the number of the life; `bench 1 0` if they are left out.
use reweigh_reading::Action;
use reweigh_scenario::{Delivery, Label, Life, Recipe, Role, Scenario};
use std::error::Error;
use std::io::{self, BufWriter, Write};

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let word = |index: usize, otherwise| words.get(index).map_or(otherwise, String::as_str);
    let name = word(0, "bench");
    let recipe = Recipe::named(name).ok_or_else(|| {
        format!("no recipe {name}; there are {}", Recipe::names().collect::<Vec<_>>().join(", "))
    })?;
    let scenario = Scenario::new(recipe, word(1, "1").parse()?)?;
    let life = scenario.life(word(2, "0").parse()?);

    match print(&life, &mut BufWriter::new(io::stdout().lock())) {
        // Whoever reads has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        printed => Ok(printed?),
    }
}

fn print(life: &Life, to: &mut impl Write) -> io::Result<()> {
    writeln!(to, "{}, {}, {} deliveries", life.user(), life.height(), life.deliveries().len())?;
    print_weeks(life, to)?;
    writeln!(
        to,
        "{:20}  {:20}  {:24} {:>12}  {:>7}  what it is",
        "received", "at", "source", "says", "true kg"
    )?;
    for delivery in life.deliveries() {
        print_delivery(&delivery, to)?;
    }
    to.flush()
}

/// One line for each fourth week: the true weight, and a bar that moves with it.
fn print_weeks(life: &Life, to: &mut impl Write) -> io::Result<()> {
    let lightest = life.days_kg().iter().copied().fold(f64::INFINITY, f64::min);
    for (week, kg) in life.days_kg().iter().step_by(28).enumerate() {
        let mut bar = String::new();
        let mut reached = lightest;
        while reached < *kg {
            bar.push('#');
            reached += 0.5;
        }
        writeln!(to, "week {:3}  {kg:6.1} kg  {bar}", week * 4)?;
    }
    Ok(())
}

fn print_delivery(delivery: &Delivery, to: &mut impl Write) -> io::Result<()> {
    let fact = &delivery.fact;
    let says = match fact.action() {
        Action::Add(measure) | Action::Amend(measure) => measure.to_string(),
        Action::Height(height) => height.to_string(),
        Action::Retract => "retract".to_owned(),
        Action::Reset { .. } => "reset".to_owned(),
    };
    let clean = delivery.label == Label::Clean;
    let mut what = if clean { String::new() } else { delivery.label.to_string() };
    if delivery.role != Role::First {
        what = format!("{what} ({} of {})", delivery.role, fact.id());
    }
    let (received, at) = (delivery.received.to_string(), fact.at().to_string());
    let kg = delivery.true_kg;
    writeln!(to, "{received:20}  {at:20}  {:24} {says:>12}  {kg:7.1}  {}", fact.source(), what.trim())
}
