//! Text to a DOM, within bounds.
//!
//! html5ever is quadratic on hostile input: 100,000 nested `<div>` take it 13.8 s, 32,000 unclosed lists 5.3 s (measured
//! 2026-11), so the page is fed piece by piece and given up at the budget. The clock is read for that alone; what comes out
//! never depends on it but by being refused.
//!
//! What stands in a script or a style sheet, often more than half of a page, is not walked character by character but handed over whole
//! ([`Shortcut`]).

use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use ego_tree::NodeId;
use html5ever::TokenizerResult;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};
use html5ever::tree_builder::{TreeBuilder, TreeBuilderOpts, TreeSink};
use memchr::{memchr, memmem};
use scraper::{Html, HtmlTreeSink};

use super::Rejection;

/// Small enough that no piece of the shapes above takes more than some 50 ms (measured 2026-11).
const PIECE_BYTES: usize = 4096;

/// Parses a whole page.
///
/// # Errors
/// [`Rejection::TooSlow`] past the budget, [`Rejection::TooLarge`] past `max_nodes` nodes.
pub(super) fn document(html: &str, budget: Duration, max_nodes: usize) -> Result<Html, Rejection> {
    let input = Rc::new(BufferQueue::default());
    let tree = TreeBuilder::new(HtmlTreeSink::new(Html::new_document()), TreeBuilderOpts::default());
    let sink = Shortcut { tree, input: Rc::clone(&input), page: StrTendril::from_slice(html), at: Cell::new(0) };
    let tokenizer = Tokenizer::new(sink, TokenizerOpts::default());
    #[expect(clippy::disallowed_methods, reason = "bounds the work; never part of the result")]
    let began = Instant::now();
    while let Some(piece) = tokenizer.sink.next_piece() {
        input.push_back(piece);
        // Scripts are not run, and the encoding is known: the parser goes on after either.
        while !matches!(tokenizer.feed(&input), TokenizerResult::Done) {}
        if began.elapsed() > budget {
            return Err(Rejection::TooSlow { budget });
        }
        if tokenizer.sink.tree.sink.0.borrow().tree.values().len() > max_nodes {
            return Err(Rejection::TooLarge { max_nodes });
        }
    }
    tokenizer.end();
    Ok(tokenizer.sink.tree.sink.finish())
}

/// Between the tokenizer and the tree: takes raw text out of the tokenizer's way, up to the tag that ends it. The tree is the same, the
/// tokenizer would only have walked there (HTML, 13.2.5.3–4: within raw text nothing but that tag counts).
struct Shortcut {
    tree: TreeBuilder<NodeId, HtmlTreeSink>,
    /// What the tokenizer has been given and not yet read.
    input: Rc<BufferQueue>,
    /// The page. Everything is a part of this one buffer: text that runs over the edges of pieces is not copied.
    page: StrTendril,
    /// The bytes of it that have been given or taken.
    at: Cell<u32>,
}

impl Shortcut {
    /// The next bytes for the tokenizer.
    fn next_piece(&self) -> Option<StrTendril> {
        let at = self.at.get();
        let rest = self.page.get(at as usize..).filter(|rest| !rest.is_empty())?;
        let piece = u32::try_from(rest.floor_char_boundary(PIECE_BYTES)).ok()?;
        self.at.set(at + piece);
        Some(self.page.subtendril(at, piece))
    }

    /// The raw text that comes next, which the element called `name` ends, if it can be told without reading all of it.
    fn take_raw(&self, name: &str, kind: RawKind) -> Option<StrTendril> {
        let ahead: u32 = std::iter::from_fn(|| self.input.pop_front()).map(|given| given.len32()).sum();
        let from = self.at.get() - ahead;
        let Some(length) = self.page.get(from as usize..).and_then(|rest| raw_length(rest, name, kind)) else {
            self.input.push_back(self.page.subtendril(from, ahead));
            return None;
        };
        self.at.set(from + length);
        let text = self.page.subtendril(from, length);
        Some(if memchr(b'\r', text.as_bytes()).is_some() { with_line_feeds(&text) } else { text })
    }
}

/// Bytes up to the end tag; `None` where there is none, or where more than that tag counts: NUL, and comments in scripts.
fn raw_length(html: &str, name: &str, kind: RawKind) -> Option<u32> {
    let bytes = html.as_bytes();
    let mut from = 0;
    let end = loop {
        let at = from + memmem::find(bytes.get(from..)?, b"</")?;
        let after = bytes.get(at + 2..)?;
        let named = after.get(..name.len()).is_some_and(|named| named.eq_ignore_ascii_case(name.as_bytes()));
        if named && after.get(name.len()).is_some_and(|&next| next.is_ascii_whitespace() || matches!(next, b'/' | b'>'))
        {
            break at;
        }
        from = at + 2;
    };
    let text = bytes.get(..end)?;
    let special = memchr(0, text).is_some() || kind != RawKind::Rawtext && memmem::find(text, b"<!--").is_some();
    (!special).then(|| u32::try_from(end).ok()).flatten()
}

/// As the tokenizer reads line ends (HTML, 13.2.3.5).
fn with_line_feeds(text: &str) -> StrTendril {
    StrTendril::from(text.replace("\r\n", "\n").replace('\r', "\n"))
}

impl TokenSink for Shortcut {
    type Handle = NodeId;

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<NodeId> {
        let opened = match &token {
            Token::TagToken(Tag { kind: TagKind::StartTag, name, .. }) => Some(name.clone()),
            _ => None,
        };
        let result = self.tree.process_token(token, line);
        if let (TokenSinkResult::RawData(kind @ (RawKind::ScriptData | RawKind::Rawtext)), Some(name)) =
            (&result, opened)
            && let Some(text) = self.take_raw(&name, *kind).filter(|text| !text.is_empty())
        {
            // Text changes nothing about what the tokenizer is to do next.
            let _: TokenSinkResult<NodeId> = self.tree.process_token(Token::CharacterTokens(text), line);
        }
        result
    }

    fn end(&self) {
        self.tree.end();
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&self) -> bool {
        self.tree.adjusted_current_node_present_but_not_in_html_namespace()
    }
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
    fn raw_text_is_read_as_if_it_had_been_walked() {
        for inside in [
            "let a = 1 < 2;\n",
            "",
            "a</scripts>b</scr",
            "a\r\nb\rc",
            "<!-- <script>a</script> --> b",
            "<!-- a",
            "nul\0nul",
            "<!-",
            "</",
            "é</é",
        ] {
            for (open, close) in [
                ("<script>", "</script>"),
                ("<script type=x>", "</SCRIPT >"),
                ("<style>", "</style/>"),
                ("<noscript>", "</noscript>"),
                ("<iframe>", "</iframe\n>"),
                ("<svg><script>", "</script></svg>"),
                ("<svg><style>", "</style></svg>"),
                ("<xmp>", "</xmp>"),
                ("<title>", "</title>"),
                ("<textarea>", "</textarea>"),
                ("<script>", ""),
                ("<style>", "</script>"),
            ] {
                // At the edge of a piece, too.
                for before in [0, 1, 4060, 4080, 4088, 4090, 4096] {
                    let long = inside.repeat(if before == 1 { 900 } else { 1 });
                    let page = format!("{:before$}<p>{open}{long}{close}<p>after", "");
                    let dom = document(&page, Duration::from_secs(5), 100_000).unwrap();
                    assert_eq!(dom.html(), Html::parse_document(&page).html(), "{page}");
                }
            }
        }
    }

    #[test]
    fn hostile_shapes_are_given_up() {
        let deep = "<div>".repeat(100_000);
        assert!(matches!(document(&deep, Duration::from_millis(50), 1_000_000), Err(Rejection::TooSlow { .. })));
        let wide = "<i></i>".repeat(2_000);
        assert!(matches!(document(&wide, BUDGET, 1_000), Err(Rejection::TooLarge { max_nodes: 1_000 })));
    }
}
