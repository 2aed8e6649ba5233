//! The bytes themselves, so that the format cannot change by accident. Whoever changes one of these raises
//! [`SNAPSHOT_VERSION`], and says in the documentation of the formats how the old one is read.

use reweigh_filter::{BodyState, LAGS};
use reweigh_reading::{GivenId, Instant, OrderKey, Source};
use xxhash_rust::xxh3::xxh3_128;

use crate::fingerprint::{Chain, Fingerprint};
use crate::reset::ResetKind;
use crate::snapshot::SNAPSHOT_VERSION;
use crate::state::{
    Adaptation, Fading, Hypothesis, LearnedNoise, PastReset, Scale, SlipMode, Stray, Tally, UserState, Window,
};
use crate::unit_slip::{SlipUnit, UnitSlip};
use crate::verdict::Reason;

fn hex(bytes: &[u8]) -> String {
    let digits = |byte: &u8| [byte >> 4, byte & 15].map(|digit| char::from_digit(digit.into(), 16).unwrap());
    bytes.iter().flat_map(digits).collect()
}

fn at(seconds: i64) -> Instant {
    Instant::from_unix_seconds(seconds).unwrap()
}

fn unborn() -> UserState {
    UserState::unborn(Fingerprint::from_number(0x1011_1213_1415_1617_1819_1a1b_1c1d_1e1f))
}

/// A state with a value of every kind, written out so that nothing moves it but this file.
fn written_out() -> UserState {
    let mut window = Window::empty_at(298);
    for seconds in [1_700_000_000, 1_700_000_000, 1_700_086_401] {
        let _ = window.push(at(seconds));
    }
    let slip = UnitSlip { measured: SlipUnit::Pound, recorded: SlipUnit::Kilogram };
    let mode = SlipMode {
        scale: 1,
        slip,
        since: at(1_699_000_000),
        at: at(1_700_000_000),
        recorded_kg: 176.5,
        times: 2,
    };
    UserState {
        chain: Chain::from_number(0x2021_2223_2425_2627_2829_2a2b_2c2d_2e2f),
        key: Some(OrderKey::new(
            at(1_700_090_000),
            Source::new("scale").unwrap(),
            GivenId::new("n-1").unwrap().into(),
        )),
        last_reading: Some(at(1_700_086_401)),
        readings: 301,
        tally: Tally { accepted: 290, rejected: 8, shifts: 1 },
        height_m: Some(1.75),
        scales: [
            Some(Scale { source: 0x31, last: 300 }),
            Some(Scale { source: 0x32, last: 299 }),
            None,
            None,
        ],
        window,
        adaptation: Adaptation {
            kind: Some(ResetKind::Soft),
            since: at(1_699_000_000),
            factors: Fading { level: 1.5, trend: 1.25, noise: 1.0 },
            decay: 0.75,
            readings: 2,
            readings_max: 130,
            days_max: 21.0,
            threshold: 0.125,
        },
        resets: vec![
            PastReset { kind: ResetKind::Initial, at: at(1_600_000_000) },
            PastReset { kind: ResetKind::Soft, at: at(1_699_000_000) },
        ],
        resets_in_all: 2,
        hypotheses: vec![
            story(0.75, [Reason::Fits, Reason::OtherPerson, Reason::Repaired(slip)], Some(mode)),
            story(0.25, [Reason::BeganShift, Reason::Unsafe, Reason::OtherUnit(slip)], None),
        ],
        ..unborn()
    }
}

fn story(share: f64, said: [Reason; 3], slip: Option<SlipMode>) -> Hypothesis {
    let mean = [80.0 + share, -0.05, 0.25, 0.2, -0.1, 0.0, 0.0];
    let mut triangle = [0.0; reweigh_filter::TRIANGLE];
    for (i, variance) in [0.5, 0.01, 0.2, 0.1, 0.02].into_iter().enumerate() {
        triangle[i * (i + 3) / 2] = variance;
    }
    triangle[1] = 0.003;
    let mut story = Hypothesis::first(&reweigh_filter::BodyPrior::default());
    story.share = share;
    story.body = BodyState::from_parts(mean, triangle);
    story.noise[0] = LearnedNoise { readings: 60.5, squares: 12.25 };
    story.noise[1] = LearnedNoise { readings: 3.0, squares: 0.75 };
    for (number, reason) in (298..).zip(said) {
        let place = usize::try_from(number % LAGS as u64).unwrap();
        story.reasons[place] = reason;
        story.lags.set_place(place, [0.5, 0.25, -0.125, 0.0625, 1.0, 0.0, 0.0], 80.5, 0.375);
    }
    story.slip = slip;
    story.strays[0] = Some(Stray { kg: 61.5, at: at(1_690_000_000) });
    (story.accepted, story.other_person, story.refused_in_a_row) = (280, 3, 1);
    story.last_accepted = Some(at(1_700_000_000));
    story
}

/// The least there is, byte by byte.
#[test]
fn the_bytes_of_the_state_before_the_first_fact_are_pinned() {
    let wanted = [
        "01",                               // the version
        "1f1e1d1c1b1a19181716151413121110", // the fingerprint
        "00000000000000000000000000000000", // the chain
        "0000000000",                       // readings, accepted, rejected, shifts, resets in all
        "00",                               // flags
        "00000000",                         // no resets, no scales, an empty window, no stories
        "303221c1a0c13b72",                 // the checksum
    ];
    assert_eq!(hex(&unborn().encode()), wanted.concat());
    assert_eq!(SNAPSHOT_VERSION, 1);
}

/// What comes before the stories, byte by byte.
#[test]
fn the_bytes_before_the_stories_are_pinned() {
    let bytes = written_out().encode();
    let wanted = [
        "01",                               // the version
        "1f1e1d1c1b1a19181716151413121110", // the fingerprint
        "2f2e2d2c2b2a29282726252423222120", // the chain
        "ad02",                             // readings
        "a202",                             // accepted
        "08",                               // rejected
        "01",                               // shifts
        "02",                               // resets in all
        "1f",                               // flags: all
        "0044890c390a0600",                 // the key: instant
        "057363616c65",                     // source
        "01036e2d31",                       // given id
        "000000000000fc3f",                 // height
        "02",                               // the adaptation: kind
        "003079433b090600",                 // since
        "000000000000f83f",                 // level factor
        "000000000000f43f",                 // trend factor
        "000000000000f03f",                 // noise factor
        "000000000000e83f",                 // decay
        "0000000000003540",                 // days
        "000000000000c03f",                 // threshold
        "02",                               // readings
        "8201",                             // most readings
        "40e20436380a0600",                 // last reading
        "02",                               // two resets
        "000000a40731af0500",               // initial
        "02003079433b090600",               // soft
        "02",                               // two scales
        "3100000000000000ac02",             // source, last reading
        "3200000000000000ab02",             // source, last reading
        "03",                               // three readings in the window
        "01",                               // the last: no distance, in seconds
        "858c15",                           // a day and a second
        "01",                               // no distance
        "02",                               // two stories
    ];
    let wanted = wanted.concat();
    assert_eq!(hex(&bytes)[..wanted.len()], wanted);
}

/// All of it, as a digest.
#[test]
fn the_bytes_of_a_state_are_pinned() {
    let state = written_out();
    let bytes = state.encode();
    assert_eq!(UserState::decode_unchecked(&bytes), Ok(state));
    assert_eq!(
        format!("{} bytes, {:032x}", bytes.len(), xxh3_128(&bytes)),
        "785 bytes, 054a0c0515ec7bbb5691544c41919c5c"
    );
}

/// The hash that binds a story together.
#[test]
fn chains_and_fingerprints_are_pinned() {
    let chain = Chain::default().link(b"one").link(b"two");
    assert_eq!(chain.to_string(), "56f30bf9d0d05d5f0bfa6f66511c6069");
    assert_eq!(Chain::default().link(&[7; 1000]).to_string(), "e2e3529da81f5d8b31bdbf4562886b93");
}
