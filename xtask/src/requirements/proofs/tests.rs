//! Each test hands in the source of `crates/a/src/units.rs`, or of the path it names.

use super::*;

fn read(path: &str, source: &str) -> (Vec<Proof>, Vec<Finding>) {
    collect(&[File::new("crates/a/Cargo.toml", ""), File::new(path, source)])
}

#[track_caller]
fn finds(path: &str, source: &str, expected: &[(usize, &str, &str)]) {
    let (proofs, findings) = read(path, source);
    let found: Vec<(usize, String, &str)> =
        proofs.iter().map(|proof| (proof.line, proof.ids.join(" "), proof.name.as_str())).collect();
    let found: Vec<(usize, &str, &str)> =
        found.iter().map(|(line, ids, name)| (*line, ids.as_str(), *name)).collect();
    assert_eq!(found, expected);
    assert_eq!(findings, []);
}

#[track_caller]
fn rejects(source: &str, line: usize, what: &str) {
    let (proofs, findings) = read("crates/a/src/units.rs", source);
    assert_eq!(proofs, []);
    let found: Vec<(usize, &str)> = findings.iter().map(|f| (f.line, f.what.as_str())).collect();
    assert_eq!(found, [(line, what)]);
}

#[test]
fn a_claim_belongs_to_the_test_below_it() {
    let source = r#"
        fn plain() {}
        #[cfg(test)]
        mod tests {
            /// Pounds are pounds.
            ///
            /// Proves H4, W12.
            #[test]
            #[expect(clippy::float_cmp, reason = "exact")]
            fn pounds() { let text = "/// Proves A1."; }

            mod deep {
                #[test]
                /// Proves H4.
                fn stones() {}
            }

            #[test]
            fn without_a_claim() {}
        }
    "#;
    finds(
        "crates/a/src/units.rs",
        source,
        &[(7, "H4 W12", "a: units::tests::pounds"), (14, "H4", "a: units::tests::deep::stones")],
    );
}

#[test]
fn a_property_test_is_found() {
    let source = r"
        proptest! {
            #![proptest_config(ProptestConfig::with_cases(64))]

            /// Proves H4.
            #[test]
            fn round_trip(x in any::<f64>()) { prop_assert!(true); }
        }
    ";
    finds("crates/a/tests/it/units.rs", source, &[(5, "H4", "a: it::units::round_trip")]);
}

#[test]
fn a_bench_needs_no_test_attribute() {
    let source = "/// Proves A9.\npub(crate) fn step(c: &mut Criterion) {}\n";
    finds("crates/a/benches/step.rs", source, &[(1, "A9", "a: benches::step::step")]);
}

#[test]
fn two_lines_of_claims_are_one_proof() {
    let source = "/// Proves A1.\n/// Proves A2.\n#[tokio::test]\nasync fn both() {}\n";
    finds("crates/a/src/lib.rs", source, &[(1, "A1 A2", "a: both")]);
}

#[test]
fn a_claim_without_a_test_is_rejected() {
    let none = "no test follows this claim";
    rejects("/// Proves A1.\nstruct Units;\n", 1, none);
    rejects("/// Proves A1.\nmod tests { #[test] fn a() {} }\n", 1, none);
    rejects("mod tests {\n    /// Proves A1.\n}\n", 2, none);
    rejects("/// Proves A1.\nproptest! { #[test] fn a() {} }\n", 1, none);
    rejects("/// Proves A1.\nfn helper() {}\n", 1, "`helper` claims a proof and is no test");
    rejects("//! Proves A1.\n", 1, "a claim stands on a module");
}

#[test]
fn a_claim_that_cannot_be_read_is_rejected() {
    rejects("/// Proves A1 and W3.\n#[test]\nfn a() {}\n", 1, "this claim cannot be read");
}

#[test]
fn a_file_that_is_not_rust_is_rejected() {
    rejects("/// Proves A1.\nfn a() {\n", 2, "is not Rust");
}
