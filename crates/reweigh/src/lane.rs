//! A lane: the users of one worker, and the work that waits for it.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crossbeam_channel::{Receiver, Sender};
use reweigh_buffer::Token;
use reweigh_reading::{Instant, UserId};
use reweigh_store::UserOutcome;

use crate::name_hash::NameHash;
use crate::story::{Incoming, Outgoing, Story, Trouble};

/// A piece of work for the worker of a lane.
#[derive(Debug)]
pub(crate) enum Job {
    /// These users have something new.
    Turns(Vec<UserId>),
    /// Many facts of one user that came together.
    Run(UserId, Vec<Incoming>),
    /// A replay of this user goes on.
    Continue(UserId),
    /// Time went by: whoever waited long enough has a turn.
    Tick,
    /// Fold all that waits, then say so. With `finish`, replays that are under way are waited for.
    Settle { done: Sender<()> },
    /// Give out everything that the main file does not have.
    Cut { cut: Sender<Cut> },
    /// What became of what was given out.
    Committed(Vec<Ended>),
    /// The main file did not take it: it is given back.
    GivenBack(Vec<(Outgoing, Option<Trouble>)>),
    /// Forget a user: it is erased, or was changed elsewhere.
    Forget { user: UserId, done: Sender<()> },
    /// Say so once everything before this is done.
    Echo(Sender<()>),
    /// End.
    Close,
}

/// What a lane gives out for a checkpoint.
#[derive(Debug)]
pub(crate) struct Cut {
    pub(crate) outgoing: Vec<Outgoing>,
    /// Whether that is everything: if not, the mark must stay where it is.
    pub(crate) whole: bool,
}

/// How the commit of a user ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) user: UserId,
    pub(crate) outcome: Option<UserOutcome>,
    /// The state was held back by the breaker; the facts are in the main file.
    pub(crate) held_back: bool,
}

/// The users of one lane that are in memory.
#[derive(Debug, Default)]
pub(crate) struct Residents {
    pub(crate) stories: HashMap<UserId, Place, NameHash>,
    /// Late facts that wait, by the instant when they wait no longer.
    pub(crate) late: BTreeMap<Instant, Vec<UserId>>,
    /// Facts that left the buffer and have to be read back.
    pub(crate) tokens: HashMap<UserId, Vec<Token>, NameHash>,
    /// Users of whom many facts are on their way to the worker, and how often.
    pub(crate) running: HashMap<UserId, u32, NameHash>,
    /// Users whose next turn comes after a commit.
    pub(crate) after_commit: Vec<UserId>,
    /// Users whose facts in memory were lost by a panic: the journal has them.
    pub(crate) lost: Vec<UserId>,
    /// What keeps users from being settled.
    pub(crate) troubles: BTreeMap<UserId, Trouble>,
    /// The bytes that stories take, roughly.
    pub(crate) bytes: u64,
    /// Facts that are in no main file and in a story.
    pub(crate) facts: u64,
}

impl Residents {
    /// Whether facts of a user are neither in the buffer nor in a story yet.
    pub(crate) fn is_on_its_way(&self, user: &UserId) -> bool {
        self.running.contains_key(user) || self.tokens.contains_key(user)
    }

    fn take(&mut self, user: &UserId) -> Option<Box<Story>> {
        let Some(place) = self.stories.get_mut(user) else {
            self.stories.insert(user.clone(), Place::Out);
            return None;
        };
        let Place::Here(story) = std::mem::replace(place, Place::Out) else { return None };
        self.bytes = self.bytes.saturating_sub(story.bytes());
        self.facts = self.facts.saturating_sub(held(&story));
        Some(story)
    }
}

/// A user's place among the residents.
#[derive(Debug)]
pub(crate) enum Place {
    Here(Box<Story>),
    /// The worker has it.
    Out,
}

/// A lane.
#[derive(Debug)]
pub(crate) struct Lane {
    pub(crate) jobs: Sender<Job>,
    pub(crate) work: Receiver<Job>,
    residents: Mutex<Residents>,
    back: Condvar,
}

impl Lane {
    pub(crate) fn new() -> Self {
        let (jobs, work) = crossbeam_channel::unbounded();
        Self { jobs, work, residents: Mutex::default(), back: Condvar::new() }
    }

    /// The residents. A panic while they were held would be a defect; what they hold is worth more than the news of it.
    pub(crate) fn residents(&self) -> MutexGuard<'_, Residents> {
        self.residents.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks at a user in memory, once the worker is done with it.
    pub(crate) fn look<T>(&self, user: &UserId, look: impl FnOnce(Option<&Story>) -> T) -> T {
        let mut residents = self.residents();
        while matches!(residents.stories.get(user), Some(Place::Out)) {
            residents = self.back.wait(residents).unwrap_or_else(PoisonError::into_inner);
        }
        match residents.stories.get(user) {
            Some(Place::Here(story)) => look(Some(story)),
            _ => look(None),
        }
    }

    /// Many facts of a user are on their way to the worker.
    pub(crate) fn began_run(&self, user: &UserId) {
        *self.residents().running.entry(user.clone()).or_default() += 1;
    }

    /// They are in the user's story.
    pub(crate) fn ended_run(&self, user: &UserId) {
        let mut residents = self.residents();
        if let Some(runs) = residents.running.get_mut(user) {
            *runs -= 1;
            if *runs == 0 {
                residents.running.remove(user);
            }
        }
    }

    /// Takes a user out, to work on, with what has to be read back.
    pub(crate) fn take(&self, user: &UserId) -> Taken {
        let mut residents = self.residents();
        let tokens = if residents.tokens.is_empty() {
            Vec::new()
        } else {
            residents.tokens.remove(user).unwrap_or_default()
        };
        Taken { story: residents.take(user), tokens }
    }

    /// Takes a user out.
    pub(crate) fn take_story(&self, user: &UserId) -> Option<Box<Story>> {
        self.residents().take(user)
    }

    /// Puts a user back, or lets it go if nothing of it is needed.
    pub(crate) fn put(&self, story: Box<Story>) {
        let mut residents = self.residents();
        match &story.trouble {
            Some(trouble) => drop(residents.troubles.insert(story.user.clone(), trouble.clone())),
            None if residents.troubles.is_empty() => {}
            None => drop(residents.troubles.remove(&story.user)),
        }
        if story.is_clean() {
            residents.stories.remove(&story.user);
        } else {
            residents.bytes += story.bytes();
            residents.facts += held(&story);
            residents.stories.insert(story.user.clone(), Place::Here(story));
        }
        drop(residents);
        self.back.notify_all();
    }

    /// A user that was taken out is gone.
    pub(crate) fn lose(&self, user: &UserId, trouble: Trouble) {
        let mut residents = self.residents();
        residents.stories.remove(user);
        residents.lost.push(user.clone());
        residents.troubles.insert(user.clone(), trouble);
        drop(residents);
        self.back.notify_all();
    }

    /// Forgets a user.
    pub(crate) fn forget(&self, user: &UserId) {
        let mut residents = self.residents();
        if let Some(Place::Here(story)) = residents.stories.remove(user) {
            residents.bytes = residents.bytes.saturating_sub(story.bytes());
            residents.facts = residents.facts.saturating_sub(held(&story));
        }
        residents.tokens.remove(user);
        residents.troubles.remove(user);
        residents.lost.retain(|other| other != user);
        residents.after_commit.retain(|other| other != user);
        drop(residents);
        self.back.notify_all();
    }

    /// Everybody in memory, in order.
    pub(crate) fn users(&self) -> Vec<UserId> {
        let mut users: Vec<UserId> = self.residents().stories.keys().cloned().collect();
        users.sort();
        users
    }
}

/// A user that was taken out.
pub(crate) struct Taken {
    pub(crate) story: Option<Box<Story>>,
    pub(crate) tokens: Vec<Token>,
}

fn held(story: &Story) -> u64 {
    (story.facts.len() + story.backlog.len()) as u64
}
