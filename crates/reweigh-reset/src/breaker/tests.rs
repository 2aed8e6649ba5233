use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;

use reweigh_reading::Elapsed;

use super::*;

const INFRA: FaultClass = FaultClass::Infrastructure;

fn after(seconds: i64) -> Instant {
    Instant::UNIX_EPOCH.saturating_add(Elapsed::from_seconds(seconds))
}

fn by() -> Source {
    Source::new("ops").unwrap()
}

fn breaker(settings: BreakerSettings) -> Breaker {
    Breaker::new(OperationKind::ResetCommit, settings.check().unwrap())
}

fn open_at(seconds: i64) -> Breaker {
    let breaker = breaker(BreakerSettings::default());
    for _ in 0..3 {
        breaker.acquire(after(seconds)).unwrap().fail(INFRA, after(seconds));
    }
    breaker
}

fn state(breaker: &Breaker) -> BreakerState {
    breaker.status().state
}

/// Proves E1, W19.
#[test]
fn three_failures_in_a_row_open_it_and_a_success_between_starts_anew() {
    let breaker = breaker(BreakerSettings::default());
    let now = after(0);
    for _ in 0..2 {
        for _ in 0..2 {
            breaker.acquire(now).unwrap().fail(INFRA, now);
        }
        breaker.acquire(now).unwrap().succeed(now);
    }
    assert_eq!((state(&breaker), breaker.status().failures), (BreakerState::Closed, 0));
    for _ in 0..3 {
        breaker.acquire(now).unwrap().fail(INFRA, now);
    }
    let denied = breaker.acquire(now).unwrap_err();
    assert_eq!(denied.to_string(), "the breaker of reset_commit is open; ask again at 1970-01-01T00:01:00Z");
}

/// Neither bad data nor a conflict nor a caller who changed their mind ever opens it.
///
/// Proves E1, W19.
#[test]
fn only_the_infrastructure_counts() {
    let breaker = breaker(BreakerSettings { failures_to_open: 1, ..BreakerSettings::default() });
    for _ in 0..1_000 {
        breaker.acquire(after(0)).unwrap().fail(FaultClass::Answer, after(0));
        breaker.acquire(after(0)).unwrap().fail(FaultClass::Caller, after(0));
        drop(breaker.acquire(after(0)).unwrap());
    }
    let tally = breaker.status().tally;
    assert_eq!((state(&breaker), tally.failures, tally.abandoned), (BreakerState::Closed, 0, 2_000));
}

/// Proves E1.
#[test]
fn it_waits_its_time_then_tries_and_closes_after_two_successes() {
    let breaker = open_at(0);
    assert!(breaker.acquire(after(59)).is_err());
    breaker.acquire(after(60)).unwrap().succeed(after(60));
    assert_eq!((state(&breaker), breaker.status().successes), (BreakerState::HalfOpen, 1));
    breaker.acquire(after(61)).unwrap().succeed(after(61));
    assert_eq!(state(&breaker), BreakerState::Closed);
}

/// Proves E1.
#[test]
fn one_failure_while_half_open_opens_it_for_the_whole_time() {
    let breaker = open_at(0);
    breaker.acquire(after(60)).unwrap().succeed(after(60));
    breaker.acquire(after(70)).unwrap().fail(INFRA, after(70));
    assert_eq!(breaker.status().retry_at, Some(after(130)));
    assert!(breaker.acquire(after(129)).is_err());
    assert!(breaker.acquire(after(130)).is_ok());
}

/// Proves E1.
#[test]
fn half_open_gives_so_many_permits_at_once_and_a_dropped_one_back() {
    let settings =
        BreakerSettings { half_open_permits: 2, failures_to_open: 1, ..BreakerSettings::default() };
    let breaker = breaker(settings);
    breaker.acquire(after(0)).unwrap().fail(INFRA, after(0));
    let first = breaker.acquire(after(60)).unwrap();
    let _second = breaker.acquire(after(60)).unwrap();
    let denied = breaker.acquire(after(60)).unwrap_err();
    assert_eq!((denied.state, denied.retry_at), (BreakerState::HalfOpen, None));
    drop(first);
    assert_eq!(breaker.status().in_flight, 1);
    assert!(breaker.acquire(after(60)).is_ok());
}

/// One that tries and never says how it went does not hold the breaker half-open for ever; what it says later
/// changes nothing.
///
/// Proves E1.
#[test]
fn half_open_ends_after_its_time_and_late_reports_change_nothing() {
    let breaker = open_at(0);
    let slow = breaker.acquire(after(60)).unwrap();
    breaker.poll(after(89));
    assert_eq!(state(&breaker), BreakerState::HalfOpen);
    breaker.poll(after(90));
    assert_eq!((state(&breaker), breaker.status().retry_at), (BreakerState::Open, Some(after(150))));
    slow.succeed(after(151));
    assert_eq!((state(&breaker), breaker.status().tally.late), (BreakerState::Open, 1));
    assert_eq!(breaker.status().in_flight, 0);
}

/// A store that works and has little to do is not shut because nobody asks: its time runs only while somebody tries.
///
/// Proves E1.
#[test]
fn half_open_waits_for_the_next_try_as_long_as_it_takes() {
    let breaker = open_at(0);
    breaker.acquire(after(60)).unwrap().succeed(after(60));
    breaker.poll(after(100_000));
    assert_eq!((state(&breaker), breaker.status().successes), (BreakerState::HalfOpen, 1));
    // The try that comes at last has the whole time to itself.
    let slow = breaker.acquire(after(100_000)).unwrap();
    breaker.poll(after(100_029));
    slow.succeed(after(100_029));
    assert_eq!(state(&breaker), BreakerState::Closed);

    // Nor when an operator lets go and nobody comes, or whoever came gave up.
    breaker.force_open(&by(), after(100_030));
    breaker.release(&by(), after(100_031));
    drop(breaker.acquire(after(100_032)).unwrap());
    breaker.poll(after(200_000));
    assert_eq!((state(&breaker), breaker.status().tally.opened), (BreakerState::HalfOpen, 1));
    // One that hangs ends it, counted from when it asked.
    let hangs = breaker.acquire(after(200_000)).unwrap();
    breaker.poll(after(200_030));
    assert_eq!(state(&breaker), BreakerState::Open);
    drop(hangs);
}

/// With several permits the time runs while any is out, and begins anew only when none was.
///
/// Proves E1.
#[test]
fn half_open_counts_from_when_the_first_of_those_out_asked() {
    let settings = BreakerSettings {
        half_open_permits: 2,
        failures_to_open: 1,
        successes_to_close: 9,
        ..BreakerSettings::default()
    };
    let breaker = breaker(settings);
    breaker.acquire(after(0)).unwrap().fail(INFRA, after(0));
    let hangs = breaker.acquire(after(60)).unwrap();
    for seconds in [70, 80, 89] {
        breaker.acquire(after(seconds)).unwrap().succeed(after(seconds));
        assert_eq!(state(&breaker), BreakerState::HalfOpen);
    }
    breaker.poll(after(90));
    assert_eq!(state(&breaker), BreakerState::Open);
    drop(hangs);
}

/// A panic with a permit in hand counts as a failure of the store, and the permit is released.
///
/// Proves E1, W19.
#[test]
fn a_permit_dropped_by_a_panic_counts_and_is_released() {
    let breaker = breaker(BreakerSettings::default());
    for _ in 0..3 {
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            let _permit = breaker.acquire(after(0)).unwrap();
            resume_unwind(Box::new("injected"));
        }));
        assert!(panicked.is_err());
    }
    assert_eq!((state(&breaker), breaker.status().in_flight), (BreakerState::Open, 0));
}

/// Proves E1.
#[test]
fn an_operator_forces_it_and_lets_go() {
    let breaker = open_at(0);
    breaker.release(&by(), after(1));
    assert_eq!(state(&breaker), BreakerState::Open, "nothing was forced");
    breaker.force_closed(&by(), after(1));
    for _ in 0..10 {
        breaker.acquire(after(1)).unwrap().fail(INFRA, after(1));
    }
    assert_eq!(state(&breaker), BreakerState::ForcedClosed);
    breaker.release(&by(), after(2));
    assert_eq!((state(&breaker), breaker.status().failures), (BreakerState::Closed, 0));

    breaker.force_open(&by(), after(3));
    let denied = breaker.acquire(after(10_000)).unwrap_err();
    assert_eq!((denied.state, denied.retry_at), (BreakerState::ForcedOpen, None));
    breaker.release(&by(), after(4));
    assert_eq!(state(&breaker), BreakerState::HalfOpen);
}

/// However far ahead the clock was, an open breaker waits its time at most once more after it went back.
///
/// Proves E1.
#[test]
fn a_clock_that_goes_back_costs_one_wait_and_no_more() {
    let year = 365 * 86_400;
    let breaker = open_at(year);
    assert!(breaker.acquire(after(0)).is_err());
    assert_eq!(breaker.status().retry_at, Some(after(60)));
    let slow = breaker.acquire(after(60)).unwrap();
    breaker.poll(after(10));
    breaker.poll(after(39));
    assert_eq!(state(&breaker), BreakerState::HalfOpen);
    breaker.poll(after(40));
    assert_eq!(state(&breaker), BreakerState::Open);
    drop(slow);
}

/// Every transition is an event with a number, a cause and an instant, and the hook hears each once, in order;
/// it may look at the breaker. What a drop caused it hears from the next caller.
///
/// Proves E1.
#[test]
fn the_hook_hears_every_transition_once_and_in_order() {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&heard);
    let breakers = Breakers::new(BreakerSettings::default().check().unwrap(), move |transition| {
        told.lock().unwrap().push(transition.clone());
    });
    let breaker = breakers.of(OperationKind::RestoreCommit);
    for _ in 0..2 {
        breaker.acquire(after(0)).unwrap().fail(INFRA, after(0));
    }
    let _ = catch_unwind(AssertUnwindSafe(|| {
        let _permit = breaker.acquire(after(0)).unwrap();
        resume_unwind(Box::new("injected"));
    }));
    assert_eq!(state(breaker), BreakerState::Open);
    assert_eq!(heard.lock().unwrap().len(), 0, "a drop tells nobody");
    breaker.poll(after(1));
    assert_eq!(heard.lock().unwrap().len(), 1);
    let probe = breaker.acquire(after(60)).unwrap();
    breakers.poll(after(90));
    breaker.force_closed(&by(), after(91));
    breaker.release(&by(), after(92));
    probe.succeed(after(93));
    let heard = heard.lock().unwrap();
    let numbers: Vec<_> = heard.iter().map(|transition| transition.number).collect();
    assert_eq!(numbers, [1, 2, 3, 4, 5]);
    let lines: Vec<_> = heard.iter().map(ToString::to_string).collect();
    assert_eq!(
        lines,
        [
            "breaker restore_commit: closed -> open, 3 failures in a row",
            "breaker restore_commit: open -> half_open, its time is over",
            "breaker restore_commit: half_open -> open, who tried while half-open took too long",
            "breaker restore_commit: open -> forced_closed, forced by ops",
            "breaker restore_commit: forced_closed -> closed, released by ops",
        ]
    );
    assert!(breakers.iter().all(|breaker| state(breaker) == BreakerState::Closed));
}

/// A hook that panics panics its caller, once, and leaves a breaker that works.
#[test]
fn a_hook_that_panics_leaves_a_sound_breaker() {
    let breaker = breaker(BreakerSettings { failures_to_open: 1, ..BreakerSettings::default() })
        .with_hook(|_| resume_unwind(Box::new("a hook's own fault")));
    let panicked =
        catch_unwind(AssertUnwindSafe(|| breaker.acquire(after(0)).unwrap().fail(INFRA, after(0))));
    assert!(panicked.is_err());
    assert_eq!((state(&breaker), breaker.status().in_flight), (BreakerState::Open, 0));
    assert!(breaker.acquire(after(1)).is_err());
}

/// A hook that panics while a permit is on its way to its caller takes no permit with it, and is no fault of the store.
///
/// Proves E1.
#[test]
fn a_hook_that_panics_on_the_way_to_a_permit_takes_none_with_it() {
    let breaker = open_at(0).with_hook(|transition| {
        if transition.to == BreakerState::HalfOpen {
            resume_unwind(Box::new("a hook's own fault"));
        }
    });
    let panicked = catch_unwind(AssertUnwindSafe(|| breaker.acquire(after(60)).is_ok()));
    assert!(panicked.is_err());
    let status = breaker.status();
    assert_eq!((status.state, status.in_flight, status.tally.failures), (BreakerState::HalfOpen, 0, 3));
    assert!(breaker.acquire(after(60)).is_ok());
}

/// While a hook is busy with one transition, another thread's transition waits its turn.
///
/// Proves E1.
#[test]
fn a_slow_hook_hears_the_threads_transitions_in_order() {
    let (enter, entered) = mpsc::channel();
    let (leave, left) = mpsc::channel::<()>();
    let (left, heard) = (Mutex::new(left), Arc::new(Mutex::new(Vec::new())));
    let told = Arc::clone(&heard);
    let breaker = breaker(BreakerSettings::default()).with_hook(move |transition| {
        if transition.number == 1 {
            enter.send(()).unwrap();
            left.lock().unwrap().recv().unwrap();
        }
        told.lock().unwrap().push(transition.number);
    });
    thread::scope(|scope| {
        scope.spawn(|| breaker.force_open(&by(), after(0)));
        entered.recv().unwrap();
        breaker.force_closed(&by(), after(1));
        leave.send(()).unwrap();
    });
    assert_eq!(*heard.lock().unwrap(), [1, 2]);
}

/// Proves E1.
#[test]
fn every_setting_has_bounds() {
    let default = BreakerSettings::default();
    let at = |settings: BreakerSettings| settings.check().map_err(|errors| errors[0].key);
    assert!(at(default).is_ok());
    let day = Elapsed::from_days(1);
    assert_eq!(at(BreakerSettings { failures_to_open: 1_001, ..default }), Err("failures_to_open"));
    assert_eq!(at(BreakerSettings { open_for: Elapsed::ZERO, ..default }), Err("open_for_ms"));
    assert!(at(BreakerSettings { open_for: day, half_open_for: day, ..default }).is_ok());
    assert_eq!(at(BreakerSettings { successes_to_close: 0, ..default }), Err("successes_to_close"));
    assert_eq!(at(BreakerSettings { half_open_permits: 0, ..default }), Err("half_open_permits"));
    let ms = Elapsed::from_micros(-1);
    assert_eq!(at(BreakerSettings { half_open_for: ms, ..default }), Err("half_open_for_ms"));
}
