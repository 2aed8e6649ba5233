//! Signals: the first asks the work to end in good order, the second ends the program at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use crossbeam_channel::RecvTimeoutError;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag;

use crate::failure::Exit;

/// Whether a signal asked the work to end.
#[derive(Debug, Clone, Default)]
pub(crate) struct Interrupt(Arc<AtomicUsize>);

impl Interrupt {
    /// Listens from here on. Where signals cannot be listened to, they end the program as they always do, which loses
    /// nothing that was acknowledged.
    pub(crate) fn listen() -> Self {
        let this = Self::default();
        let again = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            let number = usize::try_from(signal).unwrap_or_default();
            // In this order: the first signal arms what the second one meets.
            let _ = flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&again));
            let _ = flag::register(signal, Arc::clone(&again));
            let _ = flag::register_usize(signal, Arc::clone(&this.0), number);
        }
        this
    }

    /// How to end, if a signal came.
    pub(crate) fn came(&self) -> Option<Exit> {
        match u8::try_from(self.0.load(Ordering::Relaxed)) {
            Ok(0) | Err(_) => None,
            Ok(signal) => Some(Exit::Interrupted(signal)),
        }
    }
}

/// How often it is looked whether a signal came.
pub(crate) const LOOK_AGAIN: Duration = Duration::from_millis(20);

impl Interrupt {
    /// Does work that cannot be stopped half-way. If a signal comes meanwhile, something is said and the program ends
    /// on the spot: what was acknowledged is durable, and the next run goes on with it.
    pub(crate) fn or_leave<T>(&self, say: impl FnOnce() + Send, work: impl FnOnce() -> T) -> T {
        let (done, ended) = crossbeam_channel::bounded::<()>(0);
        std::thread::scope(|scope| {
            scope.spawn(move || {
                loop {
                    match ended.recv_timeout(LOOK_AGAIN) {
                        Err(RecvTimeoutError::Timeout) => {}
                        Ok(()) | Err(RecvTimeoutError::Disconnected) => return,
                    }
                    if let Some(exit) = self.came() {
                        say();
                        std::process::exit(exit.code().into());
                    }
                }
            });
            let worked = work();
            drop(done);
            worked
        })
    }
}
