//! Which ids a page may hold, told without unpacking it.
//!
//! A Bloom filter (Bloom 1970) of eight bits for each id and four probes: of a page that does not hold an id, one in forty
//! says that it may. The probes of a hash are `low + n * high`, of its two halves (Kirsch and Mitzenmacher 2006), modulo
//! the number of bits.

use reweigh_reading::ReadingId;

use crate::tables::id_hash;

const PROBES: u64 = 4;

/// A filter that is being made.
#[derive(Debug)]
pub(crate) struct Filter(Vec<u8>);

fn probes(hash: u64, bytes: usize) -> impl Iterator<Item = (usize, u8)> {
    let bits = (bytes as u64 * 8).max(1);
    let (low, high) = (hash & 0xffff_ffff, hash >> 32);
    (0..PROBES).map(move |probe| {
        let bit = (low + probe * high) % bits;
        (usize::try_from(bit / 8).unwrap_or_default(), 1 << (bit % 8))
    })
}

impl Filter {
    pub(crate) fn of<'a>(ids: impl Iterator<Item = &'a ReadingId> + Clone) -> Self {
        let mut bytes = vec![0; ids.clone().count()];
        for id in ids {
            for (place, bit) in probes(id_hash(id), bytes.len()) {
                if let Some(byte) = bytes.get_mut(place) {
                    *byte |= bit;
                }
            }
        }
        Self(bytes)
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Whether an id of this hash may be among those that the filter was made of.
pub(crate) fn may_hold(filter: &[u8], hash: u64) -> bool {
    probes(hash, filter.len()).all(|(place, bit)| filter.get(place).is_some_and(|byte| byte & bit != 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u32) -> ReadingId {
        format!("message-{number}").parse().unwrap()
    }

    #[test]
    fn what_is_in_it_is_always_found_and_the_rest_seldom() {
        let mut wrong = 0;
        for page in 0..100_u32 {
            let ids: Vec<ReadingId> = (page * 64..page * 64 + 64).map(id).collect();
            let filter = Filter::of(ids.iter());
            assert!(ids.iter().all(|id| may_hold(filter.bytes(), id_hash(id))));
            wrong += (1_000_000..1_001_000).filter(|n| may_hold(filter.bytes(), id_hash(&id(*n)))).count();
        }
        assert!((1_000..4_000).contains(&wrong), "{wrong} of 100,000");
    }

    #[test]
    fn an_empty_one_holds_nothing() {
        assert!(!may_hold(Filter::of([].iter()).bytes(), 7));
    }
}
