use proptest::prelude::*;

use super::*;
use crate::strategies;

fn key() -> impl Strategy<Value = OrderKey> {
    let at =
        prop_oneof![(0..2_i64).prop_map(|s| Instant::from_unix_seconds(s).unwrap()), strategies::instant()];
    (at, strategies::source(), strategies::id()).prop_map(|(at, source, id)| OrderKey::new(at, source, id))
}

fn sortable(key: &OrderKey) -> Vec<u8> {
    let mut bytes = Vec::new();
    key.write_sortable(&mut bytes);
    bytes
}

/// Golden: stores and hashes hold these bytes.
#[test]
fn sortable_bytes_are_golden() {
    let at = Instant::from_unix_micros(1).unwrap();
    let given = OrderKey::new(at, Source::new("app").unwrap(), "7".parse().unwrap());
    assert_eq!(sortable(&given), *b"\x80\0\0\0\0\0\0\x01app\0\x017");
    let made = OrderKey::new(at, Source::new("app").unwrap(), MadeId::from_bytes([7; 16]).into());
    assert_eq!(
        sortable(&made),
        *b"\x80\0\0\0\0\0\0\x01app\0\0\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07"
    );
}

#[test]
fn bytes_that_nobody_wrote_are_no_key() {
    let bad: [&[u8]; 8] = [
        b"",
        b"\x80\0\0\0\0\0\0\x01",
        b"\x80\0\0\0\0\0\0\x01app",
        b"\x80\0\0\0\0\0\0\x01app\0\x027",
        b"\x80\0\0\0\0\0\0\x01app\0\x01 7",
        b"\x80\0\0\0\0\0\0\x01\0\x017",
        b"\xff\0\0\0\0\0\0\x01app\0\x017",
        b"\x80\0\0\0\0\0\0\x01app\0\0\x07",
    ];
    for bytes in bad {
        assert_eq!(OrderKey::from_sortable(bytes), None, "{bytes:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn bytes_sort_as_the_keys_do(a in key(), b in key()) {
        prop_assert_eq!(sortable(&a).cmp(&sortable(&b)), a.cmp(&b));
        prop_assert_eq!(OrderKey::from_sortable(&sortable(&a)), Some(a.clone()));
        prop_assert_eq!(postcard::from_bytes(&postcard::to_allocvec(&a).unwrap()), Ok(a));
    }

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
        if let Some(key) = OrderKey::from_sortable(&bytes) {
            prop_assert_eq!(sortable(&key), bytes);
        }
    }
}
