//! Names of tags and attributes as the atoms that the tree is made of.

use html5ever::LocalName;

/// A power of two: pages have some hundred different names.
const SLOTS: usize = 512;

/// The names met last. An atom is found by a hash made to withstand attacks, and one that html5ever does not know under a lock; a page has
/// ten thousand names, most of them the same fifty.
pub(super) struct Names(Vec<Option<(u128, LocalName)>>);

impl Default for Names {
    fn default() -> Self {
        Self(vec![None; SLOTS])
    }
}

impl Names {
    /// A name in small letters. As in the standard, U+0000 becomes U+FFFD.
    pub(super) fn get(&mut self, name: &str) -> LocalName {
        let Some(key) = key(name) else { return atom(name) };
        let Some(slot) = self.0.get_mut(place(key)) else { return atom(name) };
        match slot {
            Some((known, atom)) if *known == key => atom.clone(),
            _ => slot.insert((key, atom(name))).1.clone(),
        }
    }
}

/// The bytes and their number in one; `None` for long names.
fn key(name: &str) -> Option<u128> {
    let mut bytes = [0; 16];
    let (length, room) = bytes.split_last_mut()?;
    room.get_mut(..name.len())?.copy_from_slice(name.as_bytes());
    *length = u8::try_from(name.len()).ok()?;
    Some(u128::from_le_bytes(bytes))
}

#[expect(clippy::cast_possible_truncation, reason = "a hash")]
fn place(key: u128) -> usize {
    // Multiplicative hashing (Knuth, 6.4): the upper bits depend on all below them.
    let mixed = (key as u64 ^ (key >> 64) as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> 32) as usize % SLOTS
}

fn atom(name: &str) -> LocalName {
    if name.bytes().any(|byte| byte == 0 || byte.is_ascii_uppercase()) {
        LocalName::from(name.to_ascii_lowercase().replace('\0', "\u{fffd}"))
    } else {
        LocalName::from(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_the_same_however_often_it_is_asked_for() {
        let mut names = Names::default();
        for _ in 0..2 {
            for number in 0..2_000 {
                for name in [format!("n{number}"), format!("data-long-name-{number}"), format!("N{number}")] {
                    assert_eq!(&*names.get(&name), name.to_ascii_lowercase());
                }
            }
            for (name, expect) in
                [("", ""), ("a\0", "a\u{fffd}"), ("DIV", "div"), ("é", "é"), ("a", "a"), ("a\u{1}", "a\u{1}")]
            {
                assert_eq!(&*names.get(name), expect);
            }
        }
    }
}
