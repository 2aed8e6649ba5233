//! Who waits, for how long, and what they are told.

use std::fs;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use reweigh_progress::{Event, Manager, ProgressError, Retry, Stamp, TimeSource};

use crate::child::{Process, TIDY, label, manager, names, notes, now, plan};

/// A clock in whose time nobody waits.
#[derive(Clone, Default)]
struct Hourglass(Arc<AtomicU64>);

impl TimeSource for Hourglass {
    fn now(&self) -> Stamp {
        now()
    }

    fn wait(&self, duration: Duration) {
        self.0.fetch_add(u64::try_from(duration.as_nanos()).unwrap(), Ordering::Relaxed);
    }
}

/// Proves S2, G2, G6.
#[test]
fn who_is_blocked_is_told_by_whom_and_each_retry_is_reported() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("STATE.md");
    manager(&path).initialize(&plan()).unwrap();
    let mut holder = Process::spawn("hold", &path);
    assert_eq!(holder.hear().as_deref(), Some("holding"));

    let events = Arc::new(Mutex::new(Vec::new()));
    let (clock, seen) = (Hourglass::default(), Arc::clone(&events));
    let blocked = Manager::new(&path, clock.clone())
        .with_observer(move |event| seen.lock().unwrap().push(event.clone()));
    let fault = blocked.add_note("blocked").unwrap_err();
    let ProgressError::Busy { holder: Some(named), retries: 3, waited, .. } = &fault else {
        panic!("{fault:?}")
    };
    assert_eq!(named.owner.pid, holder.child.id());
    assert!(named.since <= now() && !named.owner.host.is_empty());
    assert!(fault.to_string().contains(&format!("in use by pid {} on ", holder.child.id())), "{fault}");
    assert_eq!(u128::from(clock.0.load(Ordering::Relaxed)), waited.as_nanos());
    assert!((2_625..=4_375).contains(&waited.as_millis()), "{waited:?}");
    let retries: Vec<_> = events.lock().unwrap().drain(..).collect();
    assert_eq!(retries.len(), 3);
    for (number, event) in (1..).zip(&retries) {
        let Event::Waiting { retry, holder: Some(by), .. } = event else { panic!("{event:?}") };
        assert_eq!((*retry, by), (number, named));
    }

    // No retries: no wait, no report. Readers never wait at all.
    let hasty = blocked.clone().with_retry(Retry::never());
    assert!(matches!(hasty.add_note("blocked"), Err(ProgressError::Busy { retries: 0, .. })));
    assert!(events.lock().unwrap().is_empty());
    assert_eq!(notes(&hasty.load().unwrap()), Vec::<String>::new());

    holder.tell();
    assert_eq!(holder.finish(), ["done"]);
    hasty.add_note("after").unwrap();
    assert_eq!(notes(&hasty.load().unwrap()), ["from the holder", "after"]);
    assert_eq!(names(folder.path()), TIDY);
    assert_eq!(fs::read(folder.path().join("STATE.md.lock")).unwrap(), b"");
}

/// Proves G2.
#[test]
fn a_killed_holder_holds_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("STATE.md");
    manager(&path).initialize(&plan()).unwrap();
    let mut holder = Process::spawn("hold", &path);
    assert_eq!(holder.hear().as_deref(), Some("holding"));
    holder.child.kill().unwrap();
    holder.child.wait().unwrap();
    // Its name is in the lock's file still, and counts for nothing.
    let left = fs::read_to_string(folder.path().join("STATE.md.lock")).unwrap();
    assert!(left.starts_with(&format!("pid {} on ", holder.child.id())), "{left}");
    manager(&path).with_retry(Retry::never()).add_note("after").unwrap();
    assert_eq!(notes(&manager(&path).load().unwrap()), ["after"]);
}

/// Proves S2.
#[test]
fn deleting_the_lock_while_its_holder_lives_loses_no_note() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("STATE.md");
    manager(&path).initialize(&plan()).unwrap();
    for round in 0..5 {
        let mut holder = Process::spawn("hold", &path);
        assert_eq!(holder.hear().as_deref(), Some("holding"));
        // Nobody advises it. Somebody does it.
        fs::remove_file(folder.path().join("STATE.md.lock")).unwrap();
        let text = format!("acknowledged {round}");
        manager(&path).with_retry(Retry::never()).add_note(&text).unwrap();
        holder.tell();
        assert_eq!(holder.finish(), ["done"]);
        let notes = notes(&manager(&path).load().unwrap());
        assert_eq!(notes[2 * round..], [text, "from the holder".to_owned()]);
    }
    assert_eq!(names(folder.path()), TIDY);
}

/// Proves S12.
#[test]
fn clearing_waits_for_the_lock_and_nothing_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("STATE.md");
    let manager = manager(&path);
    manager.initialize(&plan()).unwrap();
    let mut holder = Process::spawn("hold", &path);
    assert_eq!(holder.hear().as_deref(), Some("holding"));
    let hasty = manager.clone().with_retry(Retry::never());
    assert!(matches!(hasty.clear(), Err(ProgressError::Busy { .. })));
    assert!(matches!(hasty.restore_backup(), Err(ProgressError::Busy { .. })));
    holder.tell();
    assert_eq!(holder.finish(), ["done"]);
    manager.clear().unwrap();
    assert!(matches!(manager.add_note("a ghost"), Err(ProgressError::NotFound { .. })));
    assert!(!path.exists());
    assert_eq!(notes(&manager.restore_backup().unwrap().progress), ["from the holder"]);
}

#[test]
fn a_file_that_is_no_lock_is_not_written_to() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("STATE.md");
    let lock = folder.path().join("STATE.md.lock");
    fs::write(&lock, "my diary").unwrap();
    assert!(matches!(manager(&path).initialize(&plan()), Err(ProgressError::NotALock { .. })));
    assert_eq!(fs::read(&lock).unwrap(), b"my diary");
    // What a power loss may leave of a signature is no diary.
    for torn in ["pid 4711 on no", "p", "\0\0\0\0"] {
        fs::write(&lock, torn).unwrap();
        manager(&path).clear().ok();
        manager(&path).initialize(&plan()).unwrap();
    }
}

#[test]
fn what_a_dead_process_left_is_cleared_away_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("STATE.md");
    let events = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&events);
    manager(&path).initialize(&plan()).unwrap();
    let others = [".STATE.md.x.abcdefgh.tmp", ".other.md.abcdefABCDEF.tmp", "notes.tmp"];
    for name in others {
        fs::write(folder.path().join(name), "keep").unwrap();
    }
    fs::write(folder.path().join(".STATE.md.abcdefABCDEF.tmp"), "half a file").unwrap();
    let manager = manager(&path).with_observer(move |event| seen.lock().unwrap().push(event.clone()));
    manager.set_metadata("k", "v").unwrap();
    assert_eq!(*events.lock().unwrap(), [Event::Swept { files: 1 }]);
    let left = names(folder.path());
    assert!(others.iter().all(|name| left.iter().any(|found| found == name)), "{left:?}");
    assert_eq!(left.len(), TIDY.len() + others.len());
    assert_eq!(manager.load().unwrap().metadata().last().unwrap().0, &label("k"));
}
