//! The recipes with a name.

use crate::amount::Share;
use crate::recipe::{
    Arrival, Corrections, Cycle, Gaps, Habit, Household, Ids, People, Pregnancy, Recipe, Rhythm, Slips,
    SourceProfile, Steps, StickyUnits, Trend, Water,
};

/// 2024-01-01, counted from 1970-01-01.
const FIRST_DAY: i32 = 19_723;

/// A name and what it stands for.
type Named = (&'static str, fn() -> Recipe);

/// All named recipes, in the order in which they are listed.
const NAMED: [Named; 14] = [
    ("plain", Recipe::plain),
    ("bench", Recipe::bench),
    ("rhythm", Recipe::rhythm),
    ("bodies", Recipe::bodies),
    ("units", Recipe::units),
    ("household", Recipe::household),
    ("first", Recipe::first),
    ("gaps", Recipe::gaps),
    ("sparse", Recipe::sparse),
    ("dense", Recipe::dense),
    ("everybody", Recipe::everybody),
    ("arrivals", Recipe::arrivals),
    ("corrections", Recipe::corrections),
    ("wild", Recipe::wild),
];

impl Recipe {
    /// The names of all named recipes.
    pub fn names() -> impl ExactSizeIterator<Item = &'static str> {
        NAMED.iter().map(|(name, _)| *name)
    }

    /// The recipe of this name; `None` if there is none.
    ///
    /// ```
    /// use reweigh_scenario::Recipe;
    ///
    /// assert_eq!(Recipe::named("bench"), Some(Recipe::bench()));
    /// assert_eq!(Recipe::named("cake"), None);
    /// ```
    pub fn named(name: &str) -> Option<Recipe> {
        NAMED.iter().find(|(known, _)| *known == name).map(|(_, make)| make())
    }

    /// All named recipes.
    pub fn all() -> impl ExactSizeIterator<Item = Recipe> {
        NAMED.iter().map(|(_, make)| make())
    }

    /// Weights that drift, water, the noise and rounding of one scale; nothing else. Whatever a judge rejects here is a
    /// false alarm.
    pub fn plain() -> Recipe {
        Recipe {
            name: "plain".to_owned(),
            first_day: FIRST_DAY,
            days: 400,
            people: People::ADULTS,
            trend: Trend::CHANGING,
            water: Water::USUAL,
            rhythm: Rhythm::NONE,
            cycle: Cycle::NONE,
            pregnancy: Pregnancy::NONE,
            steps: Steps::NONE,
            habit: Habit { pounds_readings: Share::NEVER, ..Habit::usual() },
            gaps: Gaps::none(),
            sources: vec![SourceProfile::new("patient-device", 1.0, 0.30, 0.1)],
            slips: Slips::NONE,
            sticky: StickyUnits::NONE,
            household: Household::STILL,
            arrival: Arrival::PROMPT,
            ids: Ids::Made,
            corrections: Corrections::NONE,
        }
    }

    /// The yardstick of accuracy: changing trends, water, four sources, 2.4 % gross errors, 1 % clothed, duplicates, late
    /// arrivals, gaps and rare steps. No daily rhythm, no bias, no weeks in pounds.
    pub fn bench() -> Recipe {
        Recipe {
            name: "bench".to_owned(),
            steps: Steps::RARE,
            habit: Habit::usual(),
            gaps: Gaps::usual(),
            sources: SourceProfile::usual(),
            slips: Slips::USUAL,
            arrival: Arrival::USUAL,
            ..Recipe::plain()
        }
    }

    /// `bench` with daily and weekly rhythm, cycles, and sources with bias and heavy tails.
    pub fn rhythm() -> Recipe {
        Recipe {
            name: "rhythm".to_owned(),
            rhythm: Rhythm::DAILY,
            cycle: Cycle::MONTHLY,
            habit: Habit::various(),
            sources: SourceProfile::uneven(),
            ..Recipe::bench()
        }
    }

    /// `bench` with plateaus, cycles, pregnancies and steps of all kinds, over 500 days.
    pub fn bodies() -> Recipe {
        Recipe {
            name: "bodies".to_owned(),
            days: 500,
            trend: Trend::WITH_PLATEAUS,
            cycle: Cycle::MONTHLY,
            pregnancy: Pregnancy::SOME,
            steps: Steps::OF_ALL_KINDS,
            ..Recipe::bench()
        }
    }

    /// `bench` with weeks in pounds for most people, stone as kilograms, many single sources.
    pub fn units() -> Recipe {
        Recipe {
            name: "units".to_owned(),
            habit: Habit { single_source: Share(0.5), ..Habit::various() },
            slips: Slips { stone_as_kilograms: Share(0.003), ..Slips::USUAL },
            sticky: StickyUnits::MANY,
            ..Recipe::bench()
        }
    }

    /// `bench` with a family: others on the scale in runs, with moving weights, and children carried.
    pub fn household() -> Recipe {
        Recipe {
            name: "household".to_owned(),
            slips: Slips { other_person: Share(0.02), carried: Share(0.02), ..Slips::USUAL },
            household: Household::MOVING,
            ..Recipe::bench()
        }
    }

    /// `bench` where every second first reading is wrong, over 120 days.
    pub fn first() -> Recipe {
        Recipe {
            name: "first".to_owned(),
            days: 120,
            slips: Slips { bad_first: Share(0.5), ..Slips::ALL },
            ..Recipe::bench()
        }
    }

    /// `bench` with gaps of 30 to 400 days, over 900 days.
    pub fn gaps() -> Recipe {
        Recipe { name: "gaps".to_owned(), days: 900, gaps: Gaps::long(), ..Recipe::bench() }
    }

    /// `bench` with a reading a month, over 1,500 days.
    pub fn sparse() -> Recipe {
        Recipe { name: "sparse".to_owned(), days: 1_500, habit: Habit::sparse(), ..Recipe::bench() }
    }

    /// `bench` with two or three readings a day and the rhythm that shows then.
    pub fn dense() -> Recipe {
        Recipe { name: "dense".to_owned(), habit: Habit::dense(), rhythm: Rhythm::DAILY, ..Recipe::bench() }
    }

    /// `bench` with children and with people of 150 to 260 kg.
    pub fn everybody() -> Recipe {
        Recipe { name: "everybody".to_owned(), people: People::EVERYBODY, ..Recipe::bench() }
    }

    /// `bench` that arrives late, in shuffled batches, twice, and as whole histories again.
    pub fn arrivals() -> Recipe {
        Recipe { name: "arrivals".to_owned(), arrival: Arrival::DISORDERLY, ..Recipe::bench() }
    }

    /// `arrivals` with named readings, amendments, moved instants, retractions, conflicts, resets and heights.
    pub fn corrections() -> Recipe {
        Recipe {
            name: "corrections".to_owned(),
            ids: Ids::Given,
            corrections: Corrections::BUSY,
            ..Recipe::arrivals()
        }
    }

    /// Everything at once.
    pub fn wild() -> Recipe {
        Recipe {
            name: "wild".to_owned(),
            first_day: FIRST_DAY,
            days: 600,
            people: People::EVERYBODY,
            trend: Trend::WITH_PLATEAUS,
            water: Water::USUAL,
            rhythm: Rhythm::DAILY,
            cycle: Cycle::MONTHLY,
            pregnancy: Pregnancy::SOME,
            steps: Steps { people: Share(0.2), ..Steps::OF_ALL_KINDS },
            habit: Habit { per_day: vec![0.033, 0.2, 0.5, 0.8, 1.0, 1.3, 2.5], ..Habit::various() },
            gaps: Gaps { counts: vec![0, 0, 1, 2], ..Gaps::long() },
            sources: SourceProfile::uneven(),
            slips: Slips::ALL,
            sticky: StickyUnits::SOME,
            household: Household::MOVING,
            arrival: Arrival::DISORDERLY,
            ids: Ids::Given,
            corrections: Corrections::BUSY,
        }
    }
}
