//! Where the text of a script, a style sheet, a title ends (HTML, 13.2.5.2–4, 9–31).

use html5ever::tokenizer::states::RawKind;
use memchr::{memchr, memchr2, memmem};

/// The bytes of raw text before the end tag called `name`; `None` where there is none.
pub(super) fn length(rest: &[u8], name: &str, kind: RawKind) -> Option<usize> {
    let ends = |at: usize| rest.get(at + 1) == Some(&b'/') && is_tag(rest, at + 2, name);
    if matches!(kind, RawKind::Rcdata | RawKind::Rawtext) {
        return memmem::find_iter(rest, b"</").find(|&at| ends(at));
    }
    let next_end = |from: usize| memmem::find_iter(rest.get(from..)?, b"</").map(|at| from + at).find(|&at| ends(at));
    let (mut from, mut end) = (0, next_end(0));
    loop {
        if end.is_some_and(|end| end < from) {
            end = next_end(from);
        }
        let Some(comment) = memmem::find(rest.get(from..end.unwrap_or(rest.len()))?, b"<!--") else { return end };
        match escaped(rest, from + comment + 4, ends) {
            Escaped::Ended(at) => return Some(at),
            Escaped::Over(at) => from = at,
            Escaped::Unended => return None,
        }
    }
}

/// How a comment within a script goes on.
enum Escaped {
    /// The script's end tag is at this place.
    Ended(usize),
    /// The comment ends there.
    Over(usize),
    /// Neither.
    Unended,
}

/// In a comment, a script can begin and end, and the script around it does not end in between (HTML, 13.2.5.20–31).
fn escaped(rest: &[u8], from: usize, ends: impl Fn(usize) -> bool) -> Escaped {
    let mut nested = false;
    // The dashes that open the comment can close it.
    let mut at = from - 2;
    while let Some(found) = rest.get(at..).and_then(|rest| memchr2(b'<', b'-', rest)) {
        at += found;
        let closes = rest.get(at + 1) == Some(&b'/');
        if rest.get(at..at + 3) == Some(b"-->") {
            return Escaped::Over(at + 3);
        } else if rest.get(at) == Some(&b'<') {
            if nested {
                nested = !(closes && is_tag(rest, at + 2, "script"));
            } else if ends(at) {
                return Escaped::Ended(at);
            } else {
                nested = is_tag(rest, at + 1, "script");
            }
        }
        at += 1;
    }
    Escaped::Unended
}

/// Whether a tag's name at this place is that.
fn is_tag(rest: &[u8], at: usize, name: &str) -> bool {
    let named = rest.get(at..at + name.len()).is_some_and(|named| named.eq_ignore_ascii_case(name.as_bytes()));
    let next = rest.get(at + name.len());
    named && next.is_some_and(|next| memchr(*next, b" \n\t\x0c/>").is_some())
}
