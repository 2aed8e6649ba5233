//! The only file that says where locks come from: the standard library, or loom when it checks the models.

#[cfg(loom)]
pub(crate) use loom::sync::{Arc, Mutex, MutexGuard};
#[cfg(not(loom))]
pub(crate) use std::sync::{Arc, Mutex, MutexGuard};
// Loom's locks answer with std's error.
pub(crate) use std::sync::PoisonError;
