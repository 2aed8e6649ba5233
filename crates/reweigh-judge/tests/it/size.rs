//! How large a state is, and that no history makes it larger.

use reweigh_state::Policy;

use crate::life::{Life, scatter};

/// Proves W20.
#[test]
fn a_state_is_as_large_after_ten_thousand_readings_as_after_fifty() {
    let size = |count: u32| {
        let mut life = Life::new();
        for n in 0..count {
            let source = if n % 7 == 3 { "gym" } else { "scale" };
            life = life.on(f64::from(n), 80.0 + scatter(n), source);
        }
        life.folded_under(&Policy::default().check().unwrap()).state.encode().len()
    };
    let (few, many) = (size(50), size(10_000));
    assert!(few <= 1_000, "{few}");
    assert!(many <= few + 8, "{few} and {many}");
}
