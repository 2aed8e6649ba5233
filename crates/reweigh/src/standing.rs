//! What is known of a user now: what is settled, what is served, and why they differ.

use reweigh_reading::{Instant, UserId};
use reweigh_state::{Estimate, UserState};
use reweigh_store::{Loaded, PinCause};

use crate::engine::Engine;
use crate::error::EngineError;
use crate::hub::Core;
use crate::rollout::is_under_another;
use crate::story::{Story, Trouble};

/// Why what is served may not be the last word.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Provisional {
    /// Facts of the user wait to be folded.
    Waiting,
    /// The tail that an earlier engine left is still being read.
    CatchingUp,
    /// Something else than the settled state is served, since then.
    Pinned(PinCause, Instant),
    /// The user could not be settled.
    Trouble(Trouble),
    /// The settled state is of another policy: the user is not moved yet.
    Rollout,
}

impl Provisional {
    /// The word that files and scripts use.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::CatchingUp => "catching_up",
            Self::Pinned(cause, _) => cause.as_str(),
            Self::Trouble(trouble) => trouble.code(),
            Self::Rollout => "rollout",
        }
    }
}

/// What is known of a user now.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    /// The settled state: everything that is known of the user is in it. None while something waits.
    pub settled: Option<UserState>,
    /// What is served: the settled state, unless [`provisional`](Self::provisional) says otherwise.
    pub served: Option<UserState>,
    /// Why what is served is not the settled state, or not the last word.
    pub provisional: Option<Provisional>,
}

impl Standing {
    /// The estimate that is served.
    pub fn estimate(&self) -> Option<Estimate> {
        self.served.as_ref().and_then(UserState::estimate)
    }
}

impl Engine {
    /// What is known of a user now; none if nothing is. It never waits for a replay.
    ///
    /// # Errors
    ///
    /// The store failed.
    pub fn state(&self, user: &UserId) -> Result<Option<Standing>, EngineError> {
        let core = &self.core;
        let Some(lane) = core.lane(user) else { return Ok(None) };
        let waits = core.buffer.view(user).is_some() || lane.residents().is_on_its_way(user);
        let memory = lane.look(user, |story| story.map(Memory::of));
        let trouble = lane.residents().troubles.get(user).cloned();
        let loaded = core.keeper.call(|store| store.load(user))?;
        let caught_up = core.tail.is_caught_up();
        // While the tail is read, whoever is not known yet may be in it.
        if loaded.is_none() && memory.is_none() && !waits && caught_up {
            return Ok(None);
        }
        let known = loaded.as_ref().is_none_or(|loaded| loaded.mark.is_settled());
        let kept = || loaded.as_ref().and_then(|loaded| kept(core, loaded));
        let (newest, folded) = match memory {
            Some(Memory { newest: Some(newest), folded }) => (Some(newest), folded),
            Some(Memory { newest: None, .. }) => (kept(), false),
            None => (kept(), known),
        };
        let pinned = loaded.as_ref().and_then(|loaded| loaded.pin.as_ref());
        let settled = newest.clone().filter(|_| folded && !waits && caught_up && trouble.is_none());
        // Who is not moved to this policy yet is served as before.
        let other = loaded.as_ref().filter(|it| newest.is_none() && is_under_another(core, it));
        let served = match pinned {
            Some(pin) => pin.state.look().ok(),
            None => newest.or_else(|| other.and_then(|it| it.state.as_ref()?.look().ok())),
        };
        let provisional = if let Some(pin) = pinned {
            Some(Provisional::Pinned(pin.cause, pin.since))
        } else if let Some(trouble) = trouble {
            Some(Provisional::Trouble(trouble))
        } else if !caught_up {
            Some(Provisional::CatchingUp)
        } else if other.is_some() {
            Some(Provisional::Rollout)
        } else {
            settled.is_none().then_some(Provisional::Waiting)
        };
        Ok(Some(Standing { settled, served, provisional }))
    }
}

/// What memory has of a user.
struct Memory {
    newest: Option<UserState>,
    folded: bool,
}

impl Memory {
    fn of(story: &Story) -> Self {
        let newest = story.fold.as_ref().map(|fold| fold.state.clone());
        let newest = newest.or_else(|| story.said.clone());
        let folded = story.fold.is_some() && story.backlog.is_empty() && story.replay.is_none();
        Self { newest, folded }
    }
}

/// The state as it is kept, if it is of use.
fn kept(core: &Core, loaded: &Loaded) -> Option<UserState> {
    let state = loaded.state.as_ref()?.check(&core.expectations());
    state
        .inspect_err(|error| tracing::warn!(%error, "a kept state is of no use"))
        .ok()
        .map(reweigh_state::Checked::into_inner)
}
