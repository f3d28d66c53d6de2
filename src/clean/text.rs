//! Text as it is stored: white space folded, invisible characters gone, composed (NFC).

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// Builds one block of text out of the text nodes in it.
#[derive(Debug, Default)]
pub(super) struct Writer {
    text: String,
    gap: Gap,
}

/// White space read and not yet written.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Gap {
    #[default]
    None,
    Space,
    Lines(usize),
}

impl Writer {
    /// Appends a text node; the length of what was written, wide characters counting `worth`.
    pub(super) fn push(&mut self, text: &str, is_wide: fn(char) -> bool, worth: usize) -> usize {
        let mut length = 0;
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            let plain = rest.bytes().take_while(u8::is_ascii_graphic).count();
            let (run, tail) = rest.split_at(plain.max(c.len_utf8()));
            rest = tail;
            if c.is_whitespace() {
                if self.gap == Gap::None {
                    self.gap = Gap::Space;
                }
            } else if plain > 0 || !is_invisible(c) {
                length += self.close_gap();
                self.text.push_str(run);
                length += if is_wide(c) { worth } else { run.len().min(plain.max(1)) };
            }
        }
        length
    }

    /// Appends text whose line breaks and indentation count.
    pub(super) fn push_preformatted(&mut self, text: &str) -> usize {
        self.close_gap();
        self.text.extend(text.chars().filter(|&c| !is_invisible(c)));
        text.len()
    }

    pub(super) fn line_break(&mut self) {
        self.gap = match self.gap {
            Gap::Lines(lines) => Gap::Lines(lines + 1),
            _ => Gap::Lines(1),
        };
    }

    /// Line breaks since the last character.
    pub(super) fn breaks(&self) -> usize {
        if let Gap::Lines(lines) = self.gap { lines } else { 0 }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    fn close_gap(&mut self) -> usize {
        let gap = std::mem::take(&mut self.gap);
        if self.text.is_empty() || gap == Gap::None {
            return 0;
        }
        self.text.push(if gap == Gap::Space { ' ' } else { '\n' });
        1
    }

    /// The block so far, and an empty one to go on with.
    pub(super) fn take(&mut self) -> String {
        self.gap = Gap::None;
        let text = composed(&self.text);
        self.text.clear();
        text
    }
}

/// Characters without a shape that only steer line breaking or direction. ZWJ and ZWNJ stay: Persian and the
/// Indic scripts are misspelt without them.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{fffc}')
        || c.is_control() && c != '\n' && c != '\t'
}

fn composed(text: &str) -> String {
    let is_composed = text.is_ascii() || is_nfc_quick(text.chars()) == IsNormalized::Yes;
    if is_composed { text.to_owned() } else { text.nfc().collect() }
}
