//! Text to a DOM, within bounds.
//!
//! html5ever is quadratic on hostile input: 100,000 nested `<div>` take it 13.8 s, 32,000 unclosed lists 5.3 s (measured
//! 2026-11), so that the page is read piece by piece and given up at the budget. The thread's processor time is
//! read for that alone: what comes out never depends on it but by being refused, and a machine that is busy with something else refuses nothing.
//!
//! The tokens are ours, the tree is html5ever's; it has the attributes that somebody reads.

mod names;
mod raw;
mod reference;
mod tokenizer;

use std::time::Duration;

use html5ever::tree_builder::{TreeBuilder, TreeBuilderOpts, TreeSink};
use rustix::time::{ClockId, clock_gettime};
use scraper::{Html, HtmlTreeSink};

use self::tokenizer::Tokenizer;
use super::Rejection;

/// Small enough that no piece of the shapes above takes more than some 50 ms (measured 2026-11).
const PIECE_BYTES: usize = 4096;

/// Parses a whole page.
///
/// # Errors
/// [`Rejection::TooSlow`] past the budget, [`Rejection::TooLarge`] past `max_nodes` nodes.
pub(super) fn document(html: &str, budget: Duration, max_nodes: usize) -> Result<Html, Rejection> {
    let sink = TreeBuilder::new(HtmlTreeSink::new(Html::new_document()), TreeBuilderOpts::default());
    let mut tokenizer = Tokenizer::new(html, sink);
    let began = worked();
    let mut looked = 0;
    while tokenizer.step() {
        if tokenizer.at() < looked + PIECE_BYTES {
            continue;
        }
        looked = tokenizer.at();
        if worked().saturating_sub(began) > budget {
            return Err(Rejection::TooSlow { budget });
        }
        if tokenizer.sink().sink.0.borrow().tree.values().len() > max_nodes {
            return Err(Rejection::TooLarge { max_nodes });
        }
    }
    Ok(tokenizer.end().sink.finish())
}

/// Processor time of this thread.
fn worked() -> Duration {
    Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use html5ever::TokenizerResult;
    use html5ever::tendril::StrTendril;
    use html5ever::tokenizer::{BufferQueue, Token, TokenSink, TokenSinkResult, TokenizerOpts};

    use super::*;

    const BUDGET: Duration = Duration::from_millis(500);

    /// A sink that is told of the attributes that are read alone.
    struct Read<S>(S);

    impl<S: TokenSink> TokenSink for Read<S> {
        type Handle = S::Handle;

        fn process_token(&self, mut token: Token, line: u64) -> TokenSinkResult<S::Handle> {
            if let Token::TagToken(tag) = &mut token {
                tag.attrs.retain(|attribute| names::is_read(&attribute.name.local));
            }
            self.0.process_token(token, line)
        }

        fn end(&self) {
            self.0.end();
        }

        fn adjusted_current_node_present_but_not_in_html_namespace(&self) -> bool {
            self.0.adjusted_current_node_present_but_not_in_html_namespace()
        }
    }

    /// The page as html5ever's own tokenizer reads it.
    fn theirs(page: &str) -> Html {
        let sink = TreeBuilder::new(HtmlTreeSink::new(Html::new_document()), TreeBuilderOpts::default());
        let tokenizer = html5ever::tokenizer::Tokenizer::new(Read(sink), TokenizerOpts::default());
        let input = BufferQueue::default();
        input.push_back(StrTendril::from(page));
        while !matches!(tokenizer.feed(&input), TokenizerResult::Done) {}
        tokenizer.end();
        tokenizer.sink.0.sink.finish()
    }

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

    /// Pieces of markup that the tokenizer may trip over, put together at random.
    const PIECES: &[&str] = &[
        "<p>",
        "</p>",
        "<div class=a id='b' data-c=\"d\">",
        "</div>",
        "<br/>",
        "<br / x>",
        "<a href=x/>",
        "<a href=\"a&b&amp;c&copy=1&copy;&notit;\">",
        "</a>",
        "<table>",
        "<tr><td>",
        "</table>",
        "<svg>",
        "</svg>",
        "<math><mi>",
        "<![CDATA[ a ]] ]]> b",
        "<![CDATA[",
        "]]>",
        "<!-- c -->",
        "<!-->",
        "<!--->",
        "<!-- a -- b --!> c",
        "<!-- <!-- -->",
        "<!---->",
        "<!--",
        "--",
        "-->",
        "-",
        "<!",
        "<!doctype html>",
        "<!DOCTYPE a PUBLIC \"b\" 'c'>",
        "<!x>",
        "<?php a ?>",
        "</ a>",
        "</>",
        "</",
        "<",
        "<1",
        "< b",
        ">",
        "&",
        "&amp;",
        "&amp",
        "&ampx",
        "&lt;",
        "&notin;",
        "&notit;",
        "&not",
        "&nosuch;",
        "&NotEqualTilde;",
        "&#65;",
        "&#x42;",
        "&#X43",
        "&#",
        "&#x",
        "&#;",
        "&#128;",
        "&#150",
        "&#0;",
        "&#xD800;",
        "&#99999999999;",
        "&#13;",
        "&#10;",
        "&;",
        "&ThickSpace;",
        "&CounterClockwiseContourIntegral;",
        "text",
        " ",
        "\n",
        "\r\n",
        "\r",
        "\0",
        "é",
        "日本",
        "=",
        "\"",
        "'",
        "/",
        "<script>",
        "</script>",
        "</script ",
        "</scr",
        "<!--<script>",
        "<script >",
        "<script/>",
        "</SCRIPT\n>",
        "<style>",
        "</style>",
        "</style x=1>",
        "<title>",
        "</title>",
        "<textarea>\n",
        "</textarea>",
        "<pre>\n",
        "</pre>",
        "<noscript>",
        "</noscript>",
        "<iframe>",
        "</iframe>",
        "<xmp>",
        "</xmp>",
        "<plaintext>",
        "<template>",
        "</template>",
        "<select><option>",
        "</select>",
        "<UPPER ID=V id=w>",
        "<x-y z:w=1 =q ==>",
        "<a id = c rel= e alt =g>",
        "<a b = c d= e>",
        "<a id='c'rel=\"e\"open>",
        "<a id=>",
        "<a id='",
        "<a id",
        "<a\0b id='e\0f'>",
        "<a id=c\0&amp;d/>",
        "<li>",
        "<b>",
        "</b>",
        "<i>",
        "</i>",
        "<html lang=a>",
        "<body class=b>",
        "<frameset>",
        "<form>",
        "</form>",
        "<input type=hidden>",
        "<image>",
        "</br x>",
        "</p x='>'>",
        "<desc>",
        "<foreignObject>",
        "<annotation-xml encoding=text/html>",
        "<font color=a>",
    ];

    proptest::proptest! {
        #![proptest_config(proptest::test_runner::Config::with_cases(3_000))]
        #[test]
        fn the_tree_is_that_of_html5ever(pieces in proptest::collection::vec(proptest::sample::select(PIECES), 0..14)) {
            let page = pieces.concat();
            let (ours, theirs) = (document(&page, BUDGET, 100_000).unwrap(), theirs(&page));
            proptest::prop_assert_eq!(ours.html(), theirs.html(), "{:?}", page);
            proptest::prop_assert!(ours.tree == theirs.tree && ours.quirks_mode == theirs.quirks_mode, "{:?}", page);
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
