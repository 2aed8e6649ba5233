use proptest::prelude::*;

use super::*;
use crate::payload::Meeting;
use crate::strategies;
use crate::unit::Unit;

#[test]
fn a_fact_is_small() {
    assert_eq!(size_of::<Fact>(), 96);
    assert_eq!(size_of::<Option<Fact>>(), 96);
    assert_eq!(size_of::<OrderKey>(), 48);
    assert_eq!(size_of::<Instant>(), 8);
}

/// Proves W14.
#[test]
fn a_reading_told_twice_is_a_duplicate() {
    let reading = |value| {
        Fact::reading(
            UserId::new("anna").unwrap(),
            Instant::UNIX_EPOCH,
            Source::unknown(),
            Measure::new(value, Unit::Kilogram).unwrap(),
        )
    };
    for _ in 0..200 {
        assert_eq!(reading(80.5).meet(&reading(80.5)), Meeting::Duplicate);
    }
    assert_eq!(reading(80.5).meet(&reading(80.6)), Meeting::Apart);
}

proptest! {
    #[test]
    fn a_fact_is_what_it_was_made_of(fact in strategies::fact()) {
        let again = Fact::new(
            fact.user().clone(),
            fact.id().clone(),
            fact.revision(),
            fact.at(),
            fact.source().clone(),
            fact.action().clone(),
        );
        prop_assert_eq!(&again, &fact);
        let key = fact.key();
        prop_assert_eq!((key.at(), key.source(), key.id()), (fact.at(), fact.source(), fact.id()));
    }

    #[test]
    fn encoding_loses_nothing(fact in strategies::fact()) {
        let bytes = postcard::to_allocvec(&fact).unwrap();
        prop_assert_eq!(&postcard::from_bytes::<Fact>(&bytes).unwrap(), &fact);
        let json = serde_json::to_string(&fact).unwrap();
        prop_assert_eq!(serde_json::from_str::<Fact>(&json).unwrap().payload(), fact.payload());
    }

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
        let _ = postcard::from_bytes::<Fact>(&bytes);
    }
}
