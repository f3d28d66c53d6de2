//! Where a hash stands in a sorted list of them.
//!
//! Pure. One story is compared with some hundred others in its turn: to look each of their words up here takes a third of the time of walking both lists.

/// Slots of the table, one for each value of the leading bits: six for a word of the longest list, so that most lookups end at the first.
const SLOTS: usize = 1 << BITS;
const BITS: u32 = 10;

/// No hash of the list begins like that; no list has so many.
const NONE: u8 = u8::MAX;

/// A sorted list of at most 255 hashes, each once, to look others up in.
pub(crate) struct Lookup<'a> {
    hashes: &'a [u32],
    /// Of the hashes that begin with the same bits, the place of the first.
    first: [u8; SLOTS],
}

impl<'a> Lookup<'a> {
    pub(crate) fn of(hashes: &'a [u32]) -> Self {
        let mut first = [NONE; SLOTS];
        for (place, hash) in (0..NONE).zip(hashes).rev() {
            first[slot(*hash)] = place;
        }
        Self { hashes, first }
    }

    /// The place of a hash in the list.
    pub(crate) fn find(&self, hash: u32) -> Option<usize> {
        let first = usize::from(self.first[slot(hash)]);
        let (place, found) = (first..).zip(self.hashes.get(first..)?).find(|(_, found)| **found >= hash)?;
        (*found == hash).then_some(place)
    }

    /// Tells `each` where the hashes stand, here and there, that another sorted list shares; in their order.
    pub(crate) fn in_common(&self, other: &[u32], mut each: impl FnMut(usize, usize)) {
        for (there, hash) in other.iter().enumerate() {
            if let Some(here) = self.find(*hash) {
                each(here, there);
            }
        }
    }
}

fn slot(hash: u32) -> usize {
    (hash >> (u32::BITS - BITS)) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_hash_is_found_and_no_other() {
        let spread = |n: u32| n.wrapping_mul(0x9e37_79b9);
        for count in [0, 1, 2, 64, 160, 255] {
            // Spread out as words are, and all alike at the beginning.
            for hash in [spread, |n| n / 3, |n| u32::MAX - n] {
                let mut hashes: Vec<u32> = (0..count).map(hash).collect();
                hashes.sort_unstable();
                hashes.dedup();
                let lookup = Lookup::of(&hashes);
                for probe in (0..2 * count + 2).map(hash).chain([0, 1, u32::MAX]) {
                    assert_eq!(lookup.find(probe), hashes.binary_search(&probe).ok(), "{probe} of {count}");
                }
            }
        }
    }
}
