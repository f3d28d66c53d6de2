//! Names of tags and attributes as the atoms that the tree is made of, and which attributes are of use.

use html5ever::LocalName;

/// A power of two: pages have some hundred different names.
const SLOTS: usize = 512;

/// The attributes that the cleaner or the tree builder reads. The others, half of a page's and most of their bytes (`srcset`, `data-…`, `on…`), are not
/// put into the tree: that takes a tenth of the cleaner's time (measured 2026-11). Who reads one more adds it here.
const READ: &[&str] = &[
    // What names an element and what it is for.
    "aria-label",
    "class",
    "data-ad",
    "data-block-type",
    "data-component",
    "data-hook",
    "data-module",
    "data-module-name",
    "data-qa",
    "data-role",
    "data-test",
    "data-testid",
    "data-type",
    "data-widget-type",
    "id",
    "itemprop",
    "itemtype",
    "property",
    "rel",
    "role",
    // What it says.
    "alt",
    "content",
    "datetime",
    "href",
    "http-equiv",
    "lang",
    "name",
    "title",
    "type",
    // Whether it is shown.
    "aria-hidden",
    "hidden",
    "open",
    "popover",
    "style",
    // HTML, 13.2.6: which decide on the tree (`type`, too).
    "color",
    "encoding",
    "face",
    "size",
];

/// The names met last; none of an attribute that is of no use. An atom is found by a hash made to withstand attacks, and one that html5ever does not know under a lock; a page has
/// ten thousand names, most of them the same fifty.
pub(super) struct Names {
    tags: Known<LocalName>,
    attributes: Known<Option<LocalName>>,
}

impl Default for Names {
    fn default() -> Self {
        Self { tags: Known::new(atom), attributes: Known::new(read) }
    }
}

impl Names {
    /// A tag's name in small letters. As in the standard, U+0000 becomes U+FFFD.
    pub(super) fn tag(&mut self, name: &str) -> LocalName {
        self.tags.get(name)
    }

    /// An attribute's name in small letters; `None` of one that nobody reads.
    pub(super) fn attribute(&mut self, name: &str) -> Option<LocalName> {
        self.attributes.get(name)
    }
}

/// What was made of each name.
struct Known<T> {
    slots: Vec<Option<(u128, T)>>,
    make: fn(&str) -> T,
}

impl<T: Clone> Known<T> {
    fn new(make: fn(&str) -> T) -> Self {
        Self { slots: vec![None; SLOTS], make }
    }

    fn get(&mut self, name: &str) -> T {
        let Some(key) = key(name) else { return (self.make)(name) };
        let Some(slot) = self.slots.get_mut(place(key)) else { return (self.make)(name) };
        match slot {
            Some((known, made)) if *known == key => made.clone(),
            _ => slot.insert((key, (self.make)(name))).1.clone(),
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

fn read(name: &str) -> Option<LocalName> {
    is_read(name).then(|| atom(name))
}

/// Whether anybody reads the attribute.
pub(super) fn is_read(name: &str) -> bool {
    READ.iter().any(|read| read.eq_ignore_ascii_case(name))
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
                    assert_eq!(&*names.tag(&name), name.to_ascii_lowercase());
                    assert_eq!(names.attribute(&name), None);
                }
            }
            for (name, expect) in
                [("", ""), ("a\0", "a\u{fffd}"), ("DIV", "div"), ("é", "é"), ("a", "a"), ("a\u{1}", "a\u{1}")]
            {
                assert_eq!(&*names.tag(name), expect);
            }
            for name in READ {
                assert_eq!(names.attribute(&name.to_ascii_uppercase()).as_deref(), Some(*name));
            }
        }
    }
}
