//! Broken in every way.

use proptest::prelude::*;
use xxhash_rust::xxh3::xxh3_64;

use crate::checked::{Checked, Expectations};
use crate::rules::Rule;
use crate::snapshot::{SNAPSHOT_VERSION, SnapshotError};
use crate::state::UserState;
use crate::strategies::{FULL, Shape, USUAL, balanced, expectations, shape, state};

/// The bytes with a checksum that fits them: as a program with a fault would write them.
fn sealed(body: &[u8]) -> Vec<u8> {
    [body, &xxh3_64(body).to_le_bytes()].concat()
}

fn body(bytes: &[u8]) -> &[u8] {
    &bytes[..bytes.len() - 8]
}

fn code(bytes: &[u8], expectations: &Expectations<'_>) -> &'static str {
    Checked::decode(bytes, expectations).map_or_else(|error| error.code(), |_| "valid")
}

/// No bytes are a state but all of them: whatever is cut off, the rest is refused.
///
/// Proves W7.
#[test]
fn a_snapshot_that_is_cut_anywhere_is_refused() {
    let policy = balanced();
    let expectations = expectations(&policy);
    for shape in [USUAL, FULL] {
        let bytes = state(shape, &policy).encode();
        for len in 0..bytes.len() {
            let wanted = match len {
                0 => "snapshot_empty",
                1..=8 => "snapshot_torn",
                _ => "snapshot_checksum",
            };
            assert_eq!(code(&bytes[..len], &expectations), wanted, "{len} bytes");
        }
        assert_eq!(code(&bytes, &expectations), "valid");
    }
}

/// A torn snapshot whose checksum was made anew is refused by what is missing.
///
/// Proves W7.
#[test]
fn a_snapshot_that_ends_early_is_refused_by_what_is_missing() {
    let policy = balanced();
    for shape in [USUAL, FULL] {
        let bytes = state(shape, &policy).encode();
        let body = body(&bytes);
        for len in 1..body.len() {
            let error = UserState::decode_unchecked(&sealed(&body[..len])).unwrap_err();
            let SnapshotError::Torn { what, at } = &error else { panic!("{len} bytes: {error:?}") };
            assert!(*at <= len && !what.is_empty(), "{len} bytes: {error}");
        }
    }
}

/// Every byte matters: whichever is changed, and however, the bytes are refused.
///
/// Proves W7.
#[test]
fn a_snapshot_with_any_byte_changed_is_refused() {
    let policy = balanced();
    let expectations = expectations(&policy);
    let bytes = state(FULL, &policy).encode();
    for at in 0..bytes.len() {
        for flip in [0x01, 0x80] {
            let mut broken = bytes.clone();
            broken[at] ^= flip;
            let wanted = if at == 0 { "snapshot_version" } else { "snapshot_checksum" };
            assert_eq!(code(&broken, &expectations), wanted, "byte {at} ^ {flip:#x}");
        }
    }
}

/// Bytes after the end are refused, under the old checksum and under one that counts them in.
#[test]
fn trailing_bytes_are_refused() {
    let policy = balanced();
    let bytes = state(USUAL, &policy).encode();
    let expectations = expectations(&policy);
    assert_eq!(code(&[&bytes[..], &[0]].concat(), &expectations), "snapshot_checksum");
    let longer = sealed(&[body(&bytes), &[0]].concat());
    let at = bytes.len() - 8;
    assert_eq!(
        UserState::decode_unchecked(&longer),
        Err(SnapshotError::Malformed { what: "trailing bytes", at })
    );
}

/// Every other version is refused as one, checksum and all.
#[test]
fn another_version_is_refused_as_such() {
    let policy = balanced();
    let bytes = state(USUAL, &policy).encode();
    for version in (0..=u8::MAX).filter(|version| *version != SNAPSHOT_VERSION) {
        let other = sealed(&[&[version], &body(&bytes)[1..]].concat());
        let wanted = SnapshotError::Version { found: version, known: SNAPSHOT_VERSION };
        assert_eq!(UserState::decode_unchecked(&other), Err(wanted));
    }
}

/// A count beyond what a state can hold is refused before anything is made room for.
///
/// Proves D1.
#[test]
fn counts_beyond_the_dimensions_are_refused() {
    let policy = balanced();
    let small = Shape { scales: 1, resets: 0, window: 0, strays: 0, ..USUAL };
    let bytes = state(small, &policy).encode();
    let whole = UserState::decode_unchecked(&bytes).unwrap();
    let mut no_story = whole.clone();
    no_story.hypotheses.clear();
    let mut no_scale = no_story.clone();
    no_scale.scales = [None; reweigh_filter::SCALES];
    // Before the checksum stand the counts of resets, scales, readings in the window and stories; a scale
    // comes after the count of scales.
    let counted = no_scale.encode().len() - 8 - 4;
    let scale = no_story.encode().len() - no_scale.encode().len();
    let counts = [
        (counted, 0, "resets", 4),
        (counted + 1, 1, "scales", 4),
        (counted + 2 + scale, 0, "readings in the window", 12),
        (counted + 3 + scale, 1, "stories", 4),
    ];
    for (at, holds, what, most) in counts {
        assert_eq!(bytes[at], holds, "{what}");
        let found = most + 1;
        let mut broken = body(&bytes).to_vec();
        broken[at] = u8::try_from(found).unwrap();
        let wanted = SnapshotError::Dimension { what, found, most };
        assert_eq!(UserState::decode_unchecked(&sealed(&broken)), Err(wanted));
        let enormous = [&body(&bytes)[..at], &[0xff; 9], &[1], &body(&bytes)[at + 1..]].concat();
        let error = UserState::decode_unchecked(&sealed(&enormous)).unwrap_err();
        assert_eq!(error.code(), "snapshot_dimension", "{what}: {error}");
    }
}

/// A snapshot of another step or policy, or with a part that does not agree with the others, is invalid, and
/// every rule it breaks is listed.
///
/// Proves D4, D5.
#[test]
fn a_state_that_breaks_rules_is_invalid() {
    let (policy, other) = (balanced(), crate::Profile::Clinical.policy().check().unwrap());
    let mut state = state(USUAL, &policy);
    state.tally.accepted += 1;
    state.resets_in_all = 0;
    let bytes = state.encode();
    let error = Checked::decode(&bytes, &expectations(&other)).unwrap_err();
    let SnapshotError::Invalid(violations) = &error else { panic!("{error:?}") };
    let rules: Vec<Rule> = violations.findings.iter().map(|finding| finding.rule).collect();
    assert_eq!(rules, [Rule::StateFingerprint, Rule::StateTally, Rule::StateResets]);
    assert_eq!(*violations.state, state);
    assert_eq!(
        error.to_string(),
        "the snapshot breaks 3 of its rules; fold from an older one, or from the first fact"
    );
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(cause.starts_with("the state breaks 3 of its rules: state.fingerprint: "), "{cause}");
    assert!(cause.contains("; state.tally: "), "{cause}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Whatever the bytes: an error, or a state that has just these bytes. Never a panic.
    ///
    /// Proves W7.
    #[test]
    fn any_bytes_are_an_error_or_the_bytes_of_a_state(
        shape in shape(),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        cut in proptest::option::of(any::<prop::sample::Index>()),
    ) {
        let policy = balanced();
        let bytes = state(shape, &policy).encode();
        let mut body = body(&bytes).to_vec();
        for (at, byte) in changes {
            let at = at.index(body.len());
            body[at] = byte;
        }
        if let Some(cut) = cut {
            body.truncate(cut.index(body.len()).max(1));
        }
        let bytes = sealed(&body);
        if let Ok(state) = UserState::decode_unchecked(&bytes) {
            prop_assert_eq!(state.encode(), bytes);
            let _ = Checked::state(state, &expectations(&policy));
        }
    }

    /// Noise is never a state.
    #[test]
    fn noise_is_refused(noise in proptest::collection::vec(any::<u8>(), 0..1200)) {
        prop_assert!(UserState::decode_unchecked(&noise).is_err());
        let _ = UserState::decode_unchecked(&sealed(&[&[SNAPSHOT_VERSION], &noise[..]].concat()));
    }
}

/// One byte after the other of a whole state, with a checksum that fits: an error, or the state of just these bytes.
///
/// Proves W7.
#[test]
fn any_byte_of_a_sealed_snapshot_may_be_another() {
    let policy = balanced();
    let bytes = state(Shape { window: 3, stories: 2, ..FULL }, &policy).encode();
    let mut codes = std::collections::BTreeMap::<_, usize>::new();
    for at in 1..bytes.len() - 8 {
        for byte in [0x00, 0x7f, 0xff, bytes[at] ^ 1, bytes[at] ^ 0x80] {
            let mut broken = body(&bytes).to_vec();
            broken[at] = byte;
            let broken = sealed(&broken);
            if let Ok(state) = UserState::decode_unchecked(&broken) {
                assert_eq!(state.encode(), broken, "byte {at} = {byte:#x}");
            }
            *codes.entry(code(&broken, &expectations(&policy))).or_default() += 1;
        }
    }
    for code in ["snapshot_malformed", "snapshot_torn", "snapshot_dimension", "snapshot_invalid"] {
        assert!(codes.contains_key(code), "{codes:?}");
    }
}

/// What reads well in a log: what is wrong, where, and what to do. The codes are for ever the same.
///
/// Proves A2, A3.
#[test]
fn errors_have_a_code_and_say_what_to_do() {
    let policy = balanced();
    let mut state = state(USUAL, &policy);
    state.height_m = Some(9.0);
    let violations = Checked::state(state, &expectations(&policy)).unwrap_err();
    let cases = [
        (
            SnapshotError::Empty,
            "snapshot_empty",
            "the snapshot is empty; fold from an older one, or from the first fact",
        ),
        (
            SnapshotError::Torn { what: "chain", at: 17 },
            "snapshot_torn",
            "the snapshot is torn: chain is missing at byte 17; fold from an older one, or from the first fact",
        ),
        (
            SnapshotError::Checksum { found: 0xab, made: 0xcd },
            "snapshot_checksum",
            "the snapshot is corrupt: checksum 00000000000000ab, its bytes give 00000000000000cd; fold from \
             an older one, or from the first fact",
        ),
        (
            SnapshotError::Version { found: 9, known: 1 },
            "snapshot_version",
            "the snapshot is of version 9, this program reads version 1; use the program that wrote it",
        ),
        (
            SnapshotError::Dimension { what: "stories", found: 7, most: 4 },
            "snapshot_dimension",
            "the snapshot has 7 stories, at most 4 are known; use the program that wrote it",
        ),
        (
            SnapshotError::Malformed { what: "kind of a reset", at: 90 },
            "snapshot_malformed",
            "the snapshot is corrupt: impossible kind of a reset at byte 90; fold from an older one, or from \
             the first fact",
        ),
        (
            SnapshotError::Invalid(violations),
            "snapshot_invalid",
            "the snapshot breaks 1 of its rules; fold from an older one, or from the first fact",
        ),
    ];
    for (error, code, said) in cases {
        assert_eq!((error.code(), error.to_string()), (code, said.to_owned()));
    }
}
