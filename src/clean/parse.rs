//! Text to a DOM, within bounds.
//!
//! html5ever is quadratic on hostile input: 100,000 nested `<div>` take it 13.8 s, 32,000 unclosed lists 5.3 s (measured
//! 2026-11), so the page is fed piece by piece and given up at the budget. The clock is read for that alone; what comes out
//! never depends on it but by being refused.

use std::time::{Duration, Instant};

use html5ever::driver::{Parser, parse_document};
use html5ever::tendril::{StrTendril, TendrilSink};
use scraper::{Html, HtmlTreeSink};

use super::Rejection;

/// Small enough that no piece of the shapes above takes more than some 50 ms (measured 2026-11).
const PIECE_BYTES: usize = 4096;

/// Parses a whole page.
///
/// # Errors
/// [`Rejection::TooSlow`] past the budget, [`Rejection::TooLarge`] past `max_nodes` nodes.
pub(super) fn document(html: &str, budget: Duration, max_nodes: usize) -> Result<Html, Rejection> {
    let mut parser: Parser<HtmlTreeSink> =
        parse_document(HtmlTreeSink::new(Html::new_document()), html5ever::ParseOpts::default());
    #[expect(clippy::disallowed_methods, reason = "bounds the work; never part of the result")]
    let began = Instant::now();
    // Pieces of one buffer: text that runs over their edges is not copied.
    let mut rest = StrTendril::from_slice(html);
    let mut at = 0;
    while let Some(tail) = html.get(at..).filter(|tail| !tail.is_empty()) {
        let piece = tail.floor_char_boundary(PIECE_BYTES);
        at += piece;
        let length = u32::try_from(piece).unwrap_or(u32::MAX);
        parser.process(rest.subtendril(0, length));
        rest.pop_front(length);
        if began.elapsed() > budget {
            return Err(Rejection::TooSlow { budget });
        }
        if parser.tokenizer.sink.sink.0.borrow().tree.values().len() > max_nodes {
            return Err(Rejection::TooLarge { max_nodes });
        }
    }
    Ok(parser.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUDGET: Duration = Duration::from_millis(500);

    #[test]
    fn a_page_is_parsed_whole_however_it_is_cut() {
        let page = format!("<p>{}<p>конец", "é<b>ж</b>".repeat(5000));
        let dom = document(&page, BUDGET, 100_000).unwrap();
        assert_eq!(dom.html(), Html::parse_document(&page).html());
    }

    #[test]
    fn hostile_shapes_are_given_up() {
        let deep = "<div>".repeat(100_000);
        assert!(matches!(document(&deep, Duration::from_millis(50), 1_000_000), Err(Rejection::TooSlow { .. })));
        let wide = "<i></i>".repeat(2_000);
        assert!(matches!(document(&wide, BUDGET, 1_000), Err(Rejection::TooLarge { max_nodes: 1_000 })));
    }
}
