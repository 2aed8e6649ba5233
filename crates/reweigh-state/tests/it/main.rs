//! What users of the crate can and cannot do.

mod forging;
