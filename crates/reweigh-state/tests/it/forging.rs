//! A checked value is one that was checked: whoever tries another way does not compile.
//!
//! The way that there is, through the rules, is the example of [`reweigh_state::Checked`].

/// A store takes `Checked<UserState>`, and there is no way to one but through the rules: it can't be put
/// together, filled by default, converted, changed in place, or had by handing over an unchecked state.
///
/// Proves D6.
#[test]
fn a_checked_state_cannot_be_forged() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/it/forging/put_together.rs");
    cases.compile_fail("tests/it/forging/put_together_by_field.rs");
    cases.compile_fail("tests/it/forging/by_default.rs");
    cases.compile_fail("tests/it/forging/converted.rs");
    cases.compile_fail("tests/it/forging/changed_in_place.rs");
    cases.compile_fail("tests/it/forging/handed_over.rs");
}

/// Nor can a policy be changed once it was checked: whoever folds or replays can only read it.
///
/// Proves W22.
#[test]
fn a_checked_policy_cannot_be_changed() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/it/forging/policy_changed_in_place.rs");
}
