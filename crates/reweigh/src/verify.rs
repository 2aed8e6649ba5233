//! Whether what is kept is what the facts come to.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use reweigh_reading::UserId;
use reweigh_state::CheckedPolicy;
use reweigh_store::{Recorded, StoreError};
use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::digest::PIECE;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::hub::Core;
use crate::keeper::StoreFailure;
use crate::known;
use crate::lines::{Role, tell};
use crate::rollout::is_under_another;

/// How often a user who moves while they are read is read again.
const AGAIN: usize = 5;

/// What a verification found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Verified {
    /// Users whose facts were folded.
    pub users: u64,
    /// Facts of these.
    pub facts: u64,
    /// Users whose state or verdicts are not what their facts come to: [rebuild](Engine::rebuild) them.
    pub differ: Vec<UserId>,
    /// Users who have facts that are not settled yet, or are settled under another policy: there is nothing to compare.
    pub unsettled: Vec<UserId>,
    /// Users of whom something cannot be read, and what.
    pub damaged: Vec<(UserId, String)>,
}

impl Verified {
    /// Whether everything that could be compared is as it should be.
    pub fn is_sound(&self) -> bool {
        self.differ.is_empty() && self.damaged.is_empty()
    }
}

/// How a user's state stands to the facts.
enum Compared {
    Same,
    Differs,
    Unsettled,
    /// Nothing is left of the user but that there was one.
    Stub,
}

impl Engine {
    /// Folds the facts of every user of the main file from the first on, and compares what they come to with what is
    /// kept, bit for bit; with a number, of so many users, others each time. It changes nothing and waits for nobody:
    /// [settle](Self::settle) and [checkpoint](Self::checkpoint) first to have all that was acknowledged in it.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/open.rs")); }
    /// let engine = doc::engine();
    /// engine.ingest(vec![doc::reading("ada", 1, 80.0), doc::reading("bob", 1, 95.3)])?;
    /// engine.digest()?;
    ///
    /// let verified = engine.verify(None)?;
    /// assert_eq!((verified.users, verified.facts), (2, 2));
    /// assert!(verified.is_sound() && verified.unsettled.is_empty());
    /// assert_eq!(engine.verify(Some(1))?.users, 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The store failed. What is damaged is no error: it is in the answer.
    pub fn verify(&self, sample: Option<u64>) -> Result<Verified, EngineError> {
        let mut verified = Verified::default();
        if let Some(most) = sample {
            for user in self.drawn(most)? {
                verified.look(&self.core, &user)?;
            }
            return Ok(verified);
        }
        let mut last: Option<UserId> = None;
        loop {
            let users = self.core.keeper.call(|store| store.users(last.as_ref(), PIECE))?;
            let Some(newest) = users.last() else { break };
            last = Some(newest.clone());
            for user in &users {
                verified.look(&self.core, user)?;
            }
        }
        Ok(verified)
    }

    /// So many users, drawn by a hash with the clock as its seed.
    fn drawn(&self, most: u64) -> Result<Vec<UserId>, EngineError> {
        let seed = self.core.now().unix_micros().unsigned_abs();
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let mut drawn: BTreeSet<(u64, UserId)> = BTreeSet::new();
        self.each_user(|_, user| {
            drawn.insert((xxh3_64_with_seed(user.as_str().as_bytes(), seed), user.clone()));
            if drawn.len() > most {
                drawn.pop_last();
            }
            Ok(())
        })?;
        let mut users: Vec<UserId> = drawn.into_iter().map(|(_, user)| user).collect();
        users.sort();
        Ok(users)
    }
}

impl Verified {
    fn look(&mut self, core: &Core, user: &UserId) -> Result<(), StoreFailure> {
        let (compared, facts) = match compare(core, user) {
            Ok(compared) => compared,
            Err(failure) => {
                if let StoreError::Corrupt { place, detail } = &failure.last {
                    self.users += 1;
                    self.damaged.push((user.clone(), format!("{place}: {detail}")));
                    return Ok(());
                }
                return Err(failure);
            }
        };
        self.users += u64::from(!matches!(compared, Compared::Stub));
        self.facts += facts;
        match compared {
            Compared::Differs => self.differ.push(user.clone()),
            Compared::Unsettled => self.unsettled.push(user.clone()),
            Compared::Same | Compared::Stub => {}
        }
        Ok(())
    }
}

/// Compares a user's state and verdicts with what the facts come to, and says how many those are.
fn compare(core: &Core, user: &UserId) -> Result<(Compared, u64), StoreFailure> {
    for _ in 0..AGAIN {
        let Some(loaded) = core.keeper.call(|store| store.load(user))? else {
            return Ok((Compared::Stub, 0));
        };
        if loaded.facts == 0 {
            return Ok((Compared::Stub, 0));
        }
        if !loaded.mark.is_settled() || is_under_another(core, &loaded) {
            return Ok((Compared::Unsettled, loaded.facts));
        }
        let (facts, seen) = known::kept(core, user)?;
        if seen != loaded.seen {
            continue;
        }
        let count = facts.len() as u64;
        let Some(kept) = loaded.state else { return Ok((Compared::Differs, count)) };
        let folded =
            catch_unwind(AssertUnwindSafe(|| is_what_comes_of(&facts, kept.as_bytes(), &core.policy)));
        let same = folded.unwrap_or(false);
        return Ok((if same { Compared::Same } else { Compared::Differs }, count));
    }
    Ok((Compared::Unsettled, 0))
}

fn is_what_comes_of(recorded: &[Recorded], kept: &[u8], policy: &CheckedPolicy) -> bool {
    let tale = tell(recorded.iter().map(|it| it.fact.clone()).collect(), policy, None);
    let mut verdicts = tale.lines.iter().zip(recorded);
    let said = verdicts.all(|(line, it)| line.role != Role::Reading || line.verdict == it.verdict);
    said && tale.state.encode() == kept
}
