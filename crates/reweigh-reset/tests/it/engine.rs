//! The smallest engine there can be: it folds a user from the beginning and commits.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use reweigh_reading::{Source, UserId};
use reweigh_reset::{
    BreakerSettings, Breakers, Committed, RebuildPreview, ResetDecision, ResetError, ResetLog, ResetTally,
    Target, TransactionResetter,
};
use reweigh_state::{CheckedPolicy, PlainResetter, UserState};

use crate::clock::Ticking;
use crate::double::Double;
use crate::life::{Life, balanced, check, fold_with};

pub(crate) struct Engine {
    pub(crate) policy: CheckedPolicy,
    pub(crate) store: Rc<Double>,
    pub(crate) breakers: Breakers,
    pub(crate) clock: Ticking,
    logs: BTreeMap<UserId, ResetLog>,
    correlation: u64,
    settled: RefCell<BTreeMap<UserId, Vec<ResetDecision>>>,
}

impl Engine {
    pub(crate) fn new() -> Self {
        Self {
            policy: balanced(),
            store: Rc::new(Double::default()),
            breakers: Breakers::new(BreakerSettings::default().check().unwrap(), |_| {}),
            clock: Ticking::new(),
            logs: BTreeMap::new(),
            correlation: 4,
            settled: RefCell::new(BTreeMap::new()),
        }
    }

    pub(crate) fn known(&self, user: &UserId) -> Vec<ResetDecision> {
        self.settled.borrow().get(user).cloned().unwrap_or_default()
    }

    /// Records of what failed that are not written yet.
    pub(crate) fn waiting(&self) -> usize {
        self.logs.values().map(|log| log.records().len()).sum()
    }

    /// How all transactions of all users ended.
    pub(crate) fn tally(&self) -> ResetTally {
        let mut all = ResetTally::default();
        for tally in self.logs.values().map(ResetLog::tally) {
            all.unchanged += tally.unchanged;
            all.opened += tally.opened;
            all.committed += tally.committed;
            all.refused += tally.refused;
            all.rolled_back += tally.rolled_back;
            all.held_back += tally.held_back;
            all.stuck += tally.stuck;
        }
        all
    }

    /// Settles a user from all of its facts.
    pub(crate) fn settle(&mut self, life: &Life) -> Result<Committed, ResetError> {
        self.fold(life, None).map(|(committed, _)| committed)
    }

    /// What a rebuild would change. Nothing is committed.
    pub(crate) fn preview(&mut self, life: &Life, before: Option<&UserState>) -> RebuildPreview {
        let (store, known) = (Rc::clone(&self.store), self.known(life.user()));
        let mut fence = &*store;
        let mut log = ResetLog::new(life.user().clone());
        let mut resetter =
            TransactionResetter::new(&mut log, &self.clock, &mut fence, 1).known(known.clone());
        let (state, heard) = fold_with(&life.events(), &self.policy, &mut resetter);
        let mut staged = resetter.finish();
        staged.add_level_shifts(heard.shifts());
        let preview = RebuildPreview::of(before, &check(state, &self.policy), &known, &staged.decisions());
        staged.discard();
        preview
    }

    /// Rebuilds a user, in an operator's name.
    pub(crate) fn rebuild(
        &mut self,
        life: &Life,
        before: Option<&UserState>,
        by: &Source,
    ) -> Result<(Committed, RebuildPreview), ResetError> {
        let (committed, preview) = self.fold(life, Some((before, by)))?;
        Ok((committed, preview.unwrap()))
    }

    fn fold(
        &mut self,
        life: &Life,
        rebuild: Option<(Option<&UserState>, &Source)>,
    ) -> Result<(Committed, Option<RebuildPreview>), ResetError> {
        let (store, known) = (Rc::clone(&self.store), self.known(life.user()));
        let base = store.version(life.user());
        let mut fence = &*store;
        self.correlation += 1;
        let log = self.logs.entry(life.user().clone()).or_insert_with(|| ResetLog::new(life.user().clone()));
        let mut resetter = TransactionResetter::new(log, &self.clock, &mut fence, self.correlation)
            .known(known.clone())
            .requests(life.requests());
        let (state, heard) = fold_with(&life.events(), &self.policy, &mut resetter);
        let mut staged = resetter.finish();
        staged.add_level_shifts(heard.shifts());
        let state = check(state, &self.policy);
        let preview = rebuild.map(|(before, by)| {
            let preview = RebuildPreview::of(before, &state, &known, &staged.decisions());
            staged.add_record(preview.record(by, reweigh_reading::Clock::now(&self.clock), self.correlation));
            preview
        });
        let target = Target { base, state: &state };
        let committed = staged.commit(&mut &*store, &self.breakers, &self.clock, target)?;
        self.settled.borrow_mut().insert(life.user().clone(), committed.decisions.clone());
        Ok((committed, preview))
    }

    /// What the store should hold of a user: the plain fold of the facts.
    pub(crate) fn pure(&self, life: &Life) -> Vec<u8> {
        fold_with(&life.events(), &self.policy, &mut PlainResetter).0.encode()
    }

    /// What it holds.
    pub(crate) fn bytes(&self, life: &Life) -> Option<Vec<u8>> {
        self.store.row(life.user()).map(|row| row.bytes)
    }
}
