//! An operator rebuilds a user: looks first, then acts, and the act is written down.

use reweigh_reset::Stage;
use reweigh_state::{AuditActor, AuditKind, Checked};

use crate::double::Fail;
use crate::engine::Engine;
use crate::life::{Life, expectations, source};

/// A dry run shows what a rebuild would change and touches nothing; the rebuild does exactly that, and the audit
/// has it in the operator's name. One that races ends in a conflict.
///
/// Proves E4, C7.
#[test]
fn a_rebuild_is_seen_first_then_done_and_audited() {
    let mut engine = Engine::new();
    let short = Life::of("ada").daily(0, 20, 80.0);
    engine.settle(&short).unwrap();
    let bytes = engine.bytes(&short).unwrap();
    let before = Checked::decode(&bytes, &expectations(&engine.policy)).unwrap();

    // The facts say more than what is settled.
    let life = short.clone().on(70.0, 82.0, "scale");
    // Not even of what fails on the way.
    engine.store.fail(Stage::Persisted, Fail::Storage, 1);
    let preview = engine.preview(&life, Some(&before));
    assert!(!preview.identical);
    assert_eq!((preview.readings, preview.resets.len()), ((20, 21), 1));
    assert_eq!(engine.bytes(&life), Some(bytes), "a dry run touches nothing");
    assert_eq!((engine.store.asked.get(), engine.store.audit().len(), engine.waiting()), (1, 1, 0));

    engine.store.fail(Stage::Commit, Fail::Conflict, 1);
    let by = source("night-shift");
    assert_eq!(engine.rebuild(&life, Some(&before), &by).unwrap_err().code(), "reset_conflict");

    let (committed, done) = engine.rebuild(&life, Some(&before), &by).unwrap();
    assert_eq!(done, preview);
    assert_eq!(engine.bytes(&life), Some(engine.pure(&life)));
    let record = committed.records.last().unwrap();
    assert_eq!((record.kind, &record.who), (AuditKind::Rebuilt, &AuditActor::Operator(by)));
    assert!(record.reason.contains("readings 20 -> 21") && record.reason.ends_with("resets changed 1"));

    let bytes = engine.bytes(&life).unwrap();
    let before = Checked::decode(&bytes, &expectations(&engine.policy)).unwrap();
    assert_eq!(engine.preview(&life, Some(&before)).to_string(), "nothing changes");
    assert!(!engine.preview(&life, None).identical);
}
