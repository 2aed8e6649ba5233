//! A scenario: a recipe, a seed, and as many lives as are asked for.

use crate::edge;
use crate::life::{Delivery, Life};
use crate::person::Person;
use crate::post::Sent;
use crate::recipe::{Recipe, RecipeError};
use crate::time::DAY;
use crate::track::Track;
use crate::weighing;
use reweigh_reading::Source;
use std::sync::Arc;

/// A recipe that was checked, and a seed.
///
/// Each life depends on the recipe, the seed and its own number, and on nothing else: not on how many lives are made,
/// nor in which order.
#[derive(Debug, Clone)]
pub struct Scenario {
    recipe: Recipe,
    seed: u64,
    sources: Arc<[Source]>,
}

impl Scenario {
    /// A scenario of this recipe.
    ///
    /// # Errors
    ///
    /// If numbers of the recipe are out of their bounds; the error lists all of them.
    ///
    /// ```
    /// use reweigh_scenario::{Recipe, Scenario, Share, Slips};
    ///
    /// let recipe = Recipe { slips: Slips { typo: Share(1.5), ..Slips::NONE }, ..Recipe::bench() };
    /// let error = Scenario::new(recipe, 1).unwrap_err();
    /// assert!(error.to_string().contains("slips.typo is 1.5, must be 0 to 1"));
    /// ```
    pub fn new(recipe: Recipe, seed: u64) -> Result<Scenario, RecipeError> {
        recipe.check()?;
        let sources = recipe.sources.iter().map(|source| edge::source(&source.name)).collect();
        Ok(Scenario { recipe, seed, sources })
    }

    /// The recipe.
    pub fn recipe(&self) -> &Recipe {
        &self.recipe
    }

    /// The seed.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The life of this number.
    pub fn life(&self, number: u32) -> Life {
        let (recipe, seed, life) = (&self.recipe, self.seed, u64::from(number));
        let person = Person::new(recipe, seed, life);
        let track = Track::new(recipe, &person, seed, life);
        let readings = weighing::weighings(recipe, &person, &track, seed, life);
        let sent = Sent::new(recipe, &person, &track, readings, seed, life);
        Life {
            user: edge::user(seed, number),
            height: edge::height(person.height_m),
            sources: Arc::clone(&self.sources),
            ids: recipe.ids,
            first: i64::from(recipe.first_day) * DAY,
            level_kg: track.level_kg,
            sent,
        }
    }

    /// The first so many lives, each made when it is asked for.
    pub fn lives(&self, users: u32) -> impl ExactSizeIterator<Item = Life> {
        (0..users).map(|number| self.life(number))
    }

    /// The deliveries of the first so many lives, all in the order of arrival; those that arrive together in the order of
    /// their lives. All lives are held in memory; their facts are made when they are asked for.
    pub fn arrivals(&self, users: u32) -> Arrivals {
        Arrivals::new(self.lives(users).collect())
    }
}

/// Deliveries of several lives in the order of arrival. See [`Scenario::arrivals`].
#[derive(Debug, Clone)]
pub struct Arrivals {
    pub(crate) lives: Vec<Life>,
    /// Instant, life and number within the life.
    order: std::vec::IntoIter<(i64, u32, u32)>,
}

impl Arrivals {
    fn new(lives: Vec<Life>) -> Arrivals {
        let mut order = Vec::with_capacity(lives.iter().map(Life::len).sum());
        for (life, of) in (0_u32..).zip(&lives) {
            order.extend((0_u32..).zip(&of.sent.rows).map(|(number, row)| (row.received, life, number)));
        }
        order.sort_unstable();
        Arrivals { lives, order: order.into_iter() }
    }

    /// The next delivery by its life and its number there.
    pub(crate) fn next_place(&mut self) -> Option<(usize, usize)> {
        let (_, life, number) = self.order.next()?;
        Some((usize::try_from(life).ok()?, usize::try_from(number).ok()?))
    }
}

impl Iterator for Arrivals {
    type Item = Delivery;

    fn next(&mut self) -> Option<Delivery> {
        let (life, number) = self.next_place()?;
        self.lives.get(life)?.at(number)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.order.size_hint()
    }
}

impl ExactSizeIterator for Arrivals {}
