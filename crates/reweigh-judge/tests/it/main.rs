//! The judge from the outside: faults that must not happen, the law, and what every key of the policy does.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::disallowed_methods,
    clippy::cast_sign_loss,
    reason = "a test that cannot go on fails where it stands"
)]

mod accuracy;
mod explaining;
mod faults;
mod golden;
mod law;
mod life;
mod policy;
mod prefix;
mod resets;
mod size;
