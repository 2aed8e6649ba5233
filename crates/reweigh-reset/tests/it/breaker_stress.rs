//! Permits under many threads.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Barrier;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::thread;

use reweigh_reading::{Elapsed, Instant};
use reweigh_reset::{Breaker, BreakerSettings, BreakerState, FaultClass, OperationKind};

const THREADS: u64 = 8;
const ROUNDS: u64 = 2_000;
const PERMITS: u32 = 3;

/// However threads race, never more permits are out than a half-open breaker may give, none is lost by a drop or a
/// panic, and everything that was asked for is counted.
///
/// Proves E1, W19.
#[test]
fn half_open_permits_are_never_more_than_allowed_and_none_leaks() {
    let settings = BreakerSettings {
        failures_to_open: 1,
        half_open_permits: PERMITS,
        successes_to_close: 1_000,
        half_open_for: Elapsed::from_days(1),
        ..BreakerSettings::default()
    };
    let breaker = Breaker::new(OperationKind::ResetCommit, settings.check().unwrap());
    let start = Instant::UNIX_EPOCH;
    let now = start.saturating_add(Elapsed::from_seconds(60));
    breaker.acquire(start).unwrap().fail(FaultClass::Infrastructure, start);

    let (out, most, granted) = (AtomicI64::new(0), AtomicI64::new(0), AtomicU64::new(0));
    let begin = Barrier::new(THREADS as usize);
    thread::scope(|scope| {
        for seed in 0..THREADS {
            let (breaker, out, most, granted, begin) = (&breaker, &out, &most, &granted, &begin);
            scope.spawn(move || {
                begin.wait();
                for round in 0..ROUNDS {
                    let Ok(permit) = breaker.acquire(now) else { continue };
                    granted.fetch_add(1, Ordering::SeqCst);
                    most.fetch_max(out.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    thread::yield_now();
                    out.fetch_sub(1, Ordering::SeqCst);
                    match (seed + round) % 3 {
                        0 => permit.fail(FaultClass::Caller, now),
                        1 => drop(permit),
                        _ => {
                            // A success now and then; a thousand of them would close it.
                            if round % 50 == 0 {
                                permit.succeed(now);
                            }
                        }
                    }
                }
            });
        }
    });
    let status = breaker.status();
    let (most, granted) = (most.into_inner(), granted.into_inner());
    eprintln!("permits: {granted} of {} granted, at most {most} out at once", THREADS * ROUNDS);
    assert!(most <= i64::from(PERMITS), "{most}");
    assert!(granted > 100, "a stress test that is denied everything shows nothing");
    assert_eq!((status.state, status.in_flight), (BreakerState::HalfOpen, 0));
    assert_eq!(status.tally.permits, granted + 1);
    assert_eq!(status.tally.permits + status.tally.denied, THREADS * ROUNDS + 1);
    // All of them are free again.
    let again: Vec<_> = (0..PERMITS).map(|_| breaker.acquire(now).unwrap()).collect();
    assert!(breaker.acquire(now).is_err());
    drop(again);

    // Panics release too; the first of them opens the breaker.
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        let _permit = breaker.acquire(now).unwrap();
        resume_unwind(Box::new("injected"));
    }));
    assert!(panicked.is_err());
    assert_eq!((breaker.status().state, breaker.status().in_flight), (BreakerState::Open, 0));
}
