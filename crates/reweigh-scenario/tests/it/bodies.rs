//! What is true of bodies.

use crate::{moments, near, of, scenario};
use reweigh_scenario::{
    Clock, Cycle, Gaps, Habit, Label, Life, Pregnancy, Recipe, Rhythm, Sample, Share, Slips, SourceProfile,
    Span, Steps, Trend, Water,
};

/// Nothing moves and nothing is noisy, but what a test adds.
fn still() -> Recipe {
    Recipe {
        trend: Trend {
            first_kg_per_day: Span::just(0.0),
            kg_per_day: Span::just(0.0),
            wander_kg: 0.0,
            ..Trend::CHANGING
        },
        water: Water { kept: Share::NEVER, fresh_kg: 0.0 },
        sources: vec![SourceProfile::new("scale", 1.0, 0.0, 0.001)],
        ..Recipe::plain()
    }
}

fn error(sample: &Sample) -> f64 {
    sample.kilograms - sample.true_kg
}

#[test]
fn true_weights_are_those_of_living_people() {
    for recipe in Recipe::all() {
        let days = recipe.days as usize;
        let name = recipe.name.clone();
        for life in of(recipe, 9).lives(40) {
            assert_eq!(life.days_kg().len(), days);
            assert!(life.days_kg().iter().all(|kg| (20.0..=350.0).contains(kg)), "{name} {}", life.user());
            assert!(
                (0.9..2.1).contains(&life.height().metres()),
                "{name} {}: {}",
                life.user(),
                life.height()
            );
        }
    }
}

#[test]
fn each_delivery_knows_the_true_weight_of_its_instant() {
    for life in scenario("wild", 3).lives(10) {
        for delivery in life.deliveries() {
            assert_eq!(life.true_kg(delivery.fact.at()).map(f64::to_bits), Some(delivery.true_kg.to_bits()));
        }
        assert_eq!(life.true_kg(life.begins()), life.days_kg().first().copied());
        assert_eq!(life.true_kg(reweigh_reading::Instant::MAX), None);
    }
}

#[test]
fn a_pregnancy_rises_by_its_kilograms_and_drops_at_birth() {
    let recipe =
        Recipe { days: 700, pregnancy: Pregnancy { people: Share::ALWAYS, ..Pregnancy::SOME }, ..still() };
    let mut births = 0;
    for life in of(recipe, 1).lives(60) {
        let kg = life.days_kg();
        let drops: Vec<usize> = (1..kg.len()).filter(|&day| kg[day - 1] - kg[day] > 4.0).collect();
        assert!(drops.len() <= 1);
        let Some(&day) = drops.first().filter(|&&day| day > 280) else { continue };
        births += 1;
        let rise = kg[day - 1] - kg[0];
        assert!((9.9..=16.0).contains(&rise), "a rise of {rise}");
        assert!((4.9..=7.0).contains(&(kg[day - 1] - kg[day])));
        assert!(kg[day..].is_sorted_by(|a, b| a >= b), "back down afterwards");
        assert!(kg[..day].is_sorted(), "up before");
        let first_weeks = kg[day - 280 + 91] - kg[0];
        near("a tenth of the rise in the first 13 weeks", first_weeks, rise / 10.0, 0.1);
    }
    assert!(births > 20, "{births} births");
}

fn changes(life: &Life) -> Vec<f64> {
    life.days_kg().windows(2).map(|pair| pair[1] - pair[0]).collect()
}

#[test]
fn full_steps_happen_in_a_day_and_stay() {
    let recipe = Recipe { steps: Steps { people: Share::ALWAYS, ..Steps::NONE }, ..still() };
    for life in of(recipe, 1).lives(30) {
        let moved: Vec<(usize, f64)> =
            changes(&life).into_iter().enumerate().filter(|(_, by)| *by != 0.0).collect();
        let [(day, by)] = moved[..] else { panic!("{moved:?}") };
        assert!((59..=359).contains(&day) && (-12.0..=-7.0).contains(&by), "{by} kg on day {day}");
    }
}

#[test]
fn partial_steps_settle_over_days_and_some_come_back() {
    let recipe = Recipe {
        days: 900,
        steps: Steps { people: Share::ALWAYS, before_end_days: 400, ..Steps::OF_ALL_KINDS },
        ..still()
    };
    let (mut back, mut up, mut parts) = (0, 0, Vec::new());
    for life in of(recipe, 1).lives(60) {
        let at_once = changes(&life).into_iter().find(|by| *by != 0.0).unwrap();
        let whole = life.days_kg()[899] - life.days_kg()[0];
        let far = life.days_kg().iter().map(|kg| (kg - life.days_kg()[0]).abs()).fold(0.0, f64::max);
        assert!((1.0..=14.1).contains(&far), "{far}");
        if whole.abs() < 0.1 {
            back += 1;
        } else {
            parts.push(at_once / whole);
            up += usize::from(whole > 0.0);
        }
    }
    assert!((4..=24).contains(&back), "{back} came back");
    assert!((3..=22).contains(&up), "{up} went up");
    assert!(parts.iter().all(|part| (0.34..=1.01).contains(part)), "{parts:?}");
    assert!(parts.iter().any(|part| *part < 0.6));
}

#[test]
fn limits_move_with_steps_except_for_the_yardstick() {
    let dropped = |caught_by_limits| {
        let steps =
            Steps { people: Share::ALWAYS, size_kg: Span::just(40.0), caught_by_limits, ..Steps::NONE };
        let life = of(Recipe { steps, ..still() }, 1).life(0);
        life.days_kg()[0] - life.days_kg()[399]
    };
    near("a step of life", dropped(false), 40.0, 1e-9);
    assert!(dropped(true) < 39.0);
}

#[test]
fn plateaus_are_flat() {
    let flat = |plateau| {
        let trend = Trend { plateau, wander_kg: 0.0, ..Trend::CHANGING };
        let lives = of(Recipe { trend, ..still() }, 1);
        let all: Vec<f64> = lives.lives(20).flat_map(|life| changes(&life)).collect();
        all.iter().filter(|by| **by == 0.0).count() * 100 / all.len()
    };
    assert!(flat(Share::NEVER) < 5);
    assert!((25..60).contains(&flat(Share(0.5))));
}

#[test]
fn evenings_are_heavier_by_each_persons_own_amount() {
    let rhythm = Rhythm { evening_varies: 0.0, weekend_kg: Span::just(0.0), ..Rhythm::DAILY };
    for life in of(Recipe { rhythm, ..still() }, 1).lives(30) {
        let of_hours = |hours: std::ops::Range<i64>| -> Vec<f64> {
            let hour = |sample: &Sample| sample.at.unix_micros() / 3_600_000_000 % 24;
            life.samples()
                .filter(|sample| hours.contains(&hour(sample)))
                .map(|sample| error(&sample))
                .collect()
        };
        let (morning, evening) = (of_hours(7..8), of_hours(21..22));
        assert!(morning.iter().all(|error| (-0.006..0.1).contains(error)), "{morning:?}");
        let (mean, spread) = moments(&evening);
        assert!((0.45..=1.2).contains(&mean) && spread < 0.04, "{mean} {spread}");
    }
}

#[test]
fn weekends_are_heavier() {
    let rhythm = Rhythm { weekend_kg: Span::just(0.4), ..Rhythm::NONE };
    let life = of(Recipe { rhythm, ..still() }, 1).life(0);
    for sample in life.samples() {
        // Day 19,723 of Unix time, 2024-01-01, was a Monday.
        let weekday = (sample.at.unix_micros() / 86_400_000_000 - 19_723) % 7;
        let wanted = if weekday == 0 || weekday == 6 { 0.4 } else { 0.0 };
        near("the weekend", error(&sample), wanted, 0.006);
    }
}

#[test]
fn cycles_come_back_each_month_and_are_no_part_of_the_truth() {
    let cycle = Cycle { people: Share::ALWAYS, rise_kg: Span::just(1.0), ..Cycle::MONTHLY };
    let habit = Habit { per_day: vec![1.0], most_per_day: 1, ..Recipe::plain().habit };
    for life in of(Recipe { cycle, habit, ..still() }, 1).lives(10) {
        let errors: Vec<f64> = life.samples().map(|sample| error(&sample)).collect();
        assert!(errors.iter().all(|error| (-0.006..=1.006).contains(error)));
        let peaks =
            errors.windows(3).filter(|near| near[1] > 0.5 && near[1] > near[0] && near[1] >= near[2]).count();
        assert!((11..=16).contains(&peaks), "{peaks} cycles in 400 days");
        assert!(life.days_kg().windows(2).all(|pair| pair[0].to_bits() == pair[1].to_bits()));
    }
}

#[test]
fn bias_belongs_to_person_and_source() {
    let sources = vec![
        SourceProfile::new("home", 0.5, 0.0, 0.001).biased(0.5),
        SourceProfile::new("gym", 0.5, 0.0, 0.001).biased(0.5),
    ];
    let mut biases = Vec::new();
    for life in of(Recipe { sources, ..still() }, 1).lives(60) {
        for source in [0, 1] {
            let errors: Vec<f64> = life
                .samples()
                .filter(|sample| sample.source == source)
                .map(|sample| error(&sample))
                .collect();
            let (bias, spread) = moments(&errors);
            assert!(spread < 0.005, "one bias for one source");
            biases.push(bias);
        }
    }
    near("mean bias", moments(&biases).0, 0.0, 0.15);
    near("deviation of the bias", moments(&biases).1, 0.5, 0.1);
}

#[test]
fn tails_are_heavy_where_the_recipe_says() {
    let far = |source: SourceProfile| {
        let lives = of(Recipe { sources: vec![source], ..still() }, 1);
        let all: Vec<f64> = lives
            .lives(40)
            .flat_map(|life| life.samples().map(|sample| error(&sample)).collect::<Vec<_>>())
            .collect();
        all.iter().filter(|error| error.abs() > 1.2).count() * 10_000 / all.len()
    };
    let scale = SourceProfile::new("scale", 1.0, 0.3, 0.1);
    assert!(far(scale.clone()) < 5, "four deviations are rare");
    assert!((50..200).contains(&far(scale.heavy_tailed(0.03, 4.0))), "one in a hundred");
}

#[test]
fn sources_show_multiples_of_their_grid() {
    let sources = vec![SourceProfile::new("form", 1.0, 0.4, 0.5)];
    for sample in of(Recipe { sources, ..Recipe::plain() }, 1).life(0).samples() {
        assert_eq!((sample.kilograms * 2.0).fract().to_bits(), 0.0_f64.to_bits());
    }
}

#[test]
fn gaps_are_as_long_as_the_recipe_says() {
    let habit = Habit { per_day: vec![1.0], ..Recipe::plain().habit };
    let gaps = Gaps { counts: vec![1], ..Gaps::long() };
    let (mut shortest, mut longest) = (i64::MAX, 0);
    for life in of(Recipe { days: 900, gaps, habit, ..Recipe::plain() }, 1).lives(80) {
        let days: Vec<i64> = life.samples().map(|sample| sample.at.unix_micros() / 86_400_000_000).collect();
        let gap = days.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap();
        // Some gaps last until the life ends.
        if days.last() < Some(&(19_723 + 899)) {
            continue;
        }
        shortest = shortest.min(gap);
        longest = longest.max(gap);
    }
    assert!((30..60).contains(&shortest), "{shortest}");
    assert!((350..=401).contains(&longest), "{longest}");
}

#[test]
fn sparse_people_and_dense_people_weigh_themselves_accordingly() {
    let per_day = |name| {
        let scenario = scenario(name, 1);
        let readings: usize = scenario.lives(40).map(|life| life.samples().len()).sum();
        f64::from(u32::try_from(readings).unwrap()) / f64::from(scenario.recipe().days * 40)
    };
    near("sparse", per_day("sparse"), 0.034, 0.008);
    near("dense", per_day("dense"), 2.4, 0.4);
}

#[test]
fn readings_of_a_day_have_instants_of_their_own() {
    let habit = Habit {
        per_day: vec![24.0],
        most_per_day: 24,
        morning: Clock { minute: 430.0, varies_minutes: 0.01 },
        ..Habit::usual()
    };
    for life in of(Recipe { habit, ..Recipe::plain() }, 1).lives(3) {
        let times: Vec<_> = life.samples().map(|sample| sample.at).collect();
        assert_eq!(times.len(), 24 * 400);
        assert!(times.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(times.iter().all(|at| at.unix_micros() % 1_000_000 == 0));
    }
}

#[test]
fn children_grow_and_are_spared_what_befalls_adults() {
    let mut recipe = Recipe { steps: Steps { people: Share::ALWAYS, ..Steps::RARE }, ..still() };
    recipe.people.children = Share::ALWAYS;
    recipe.slips = Slips::NONE;
    for life in of(recipe, 1).lives(20) {
        let (first, last) = (life.days_kg()[0], life.days_kg()[399]);
        assert!((1.9..=5.7).contains(&(last - first)), "{first} to {last}");
        assert!(life.days_kg().is_sorted());
        assert!(life.samples().all(|sample| sample.label == Label::Clean));
    }
}
