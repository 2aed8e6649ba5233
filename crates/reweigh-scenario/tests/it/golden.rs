//! The lives of every recipe, for ever.

use reweigh_scenario::{Life, Recipe, Scenario, write_files};
use xxhash_rust::xxh3::{Xxh3, xxh3_64};

/// Digests of the first six lives of each recipe with seed 1. Whoever changes one changes the numbers of every test and
/// bench that was measured with that recipe: say so in the changelog.
const LIVES: [(&str, u64); 14] = [
    ("plain", 0x3a8b_ccd3_066d_dfdd),
    ("bench", 0x1fe1_ef54_2257_d69a),
    ("rhythm", 0x4359_690c_f2a9_e185),
    ("bodies", 0x75c4_d4b1_68de_8a31),
    ("units", 0xedbb_b4a8_aa08_d368),
    ("household", 0x695e_1fea_b502_7d06),
    ("first", 0xcc77_7890_0ebc_752c),
    ("gaps", 0x6559_fd39_32b6_d4a3),
    ("sparse", 0xb6f3_0fb7_f111_8c7e),
    ("dense", 0x72d6_d829_707c_07d8),
    ("everybody", 0x0454_2c7a_c2c4_05e2),
    ("arrivals", 0xf27d_023c_00cc_df93),
    ("corrections", 0x0209_5422_f4dd_d4cd),
    ("wild", 0x1f88_930d_b6e2_fa40),
];

/// Everything that can be seen of a life.
fn digest(life: &Life, into: &mut Xxh3) {
    into.update(life.user().as_str().as_bytes());
    into.update(&life.height().metres().to_bits().to_le_bytes());
    for kg in life.days_kg() {
        into.update(&kg.to_bits().to_le_bytes());
    }
    for delivery in life.deliveries() {
        into.update(&delivery.received.unix_micros().to_le_bytes());
        into.update(delivery.fact.id().to_string().as_bytes());
        into.update(&delivery.fact.revision().get().to_le_bytes());
        into.update(delivery.fact.payload().as_bytes());
        into.update(delivery.label.name().as_bytes());
        into.update(delivery.role.name().as_bytes());
        into.update(&delivery.true_kg.to_bits().to_le_bytes());
    }
}

#[test]
fn lives_are_the_same_on_every_machine_and_for_ever() {
    let got: Vec<(String, u64)> = Recipe::all()
        .map(|recipe| {
            let scenario = Scenario::new(recipe, 1).unwrap();
            let mut hash = Xxh3::new();
            scenario.lives(6).for_each(|life| digest(&life, &mut hash));
            (scenario.recipe().name.clone(), hash.digest())
        })
        .collect();
    let got: Vec<(&str, u64)> = got.iter().map(|(name, digest)| (name.as_str(), *digest)).collect();
    assert_eq!(got, LIVES, "left: what came out, right: what is checked in");
}

#[test]
fn files_are_the_same_on_every_machine_and_for_ever() {
    let digests = |name| {
        let (mut readings, mut truth, mut heights) = (Vec::new(), Vec::new(), Vec::new());
        write_files(&crate::scenario(name, 1), 6, &mut readings, &mut truth, &mut heights).unwrap();
        [xxh3_64(&readings), xxh3_64(&truth), xxh3_64(&heights)]
    };
    assert_eq!(digests("bench"), [0x526b_4cd3_e8f9_8c1a, 0x7bc7_fca4_c740_73af, 0xe9dd_7663_9f3d_88ed]);
    assert_eq!(digests("wild"), [0x80d5_b6bf_8b9d_354f, 0x0c49_ba5d_3656_7158, 0xd180_cd0f_3c40_807b]);
}
