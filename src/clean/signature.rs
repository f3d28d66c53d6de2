//! The line that signs the story, where the story's own text holds it: a name in bold above the first paragraph or below the last.
//!
//! Nobody marks these lines; what tells them is that they are nothing but names, that they stand at an end of the story and that no
//! other line of it is like them. They leave the body and name the author where the page names nobody, or only its own house.

use super::boilerplate::{Known, opening};
use super::metadata;
use super::outline::{Block, Kind, Outline};
use super::verdict::{Rule, Verdicts};
use super::weigh::story;

/// Drops the line that signs the story.
pub(super) fn take(outline: &Outline, verdicts: &mut Verdicts, known: &Known<'_>) {
    if !known.unsigned {
        return;
    }
    let opening = opening(outline, verdicts);
    let Some(last) = verdicts.kept().rfind(|&at| outline.blocks.get(at).is_some_and(|block| story(block) > 0)) else {
        return;
    };
    // Several are the people that the story is about.
    let mut lines = verdicts.kept().filter(|&at| outline.blocks.get(at).is_some_and(is_signature));
    let (first, second) = (lines.next(), lines.next());
    drop(lines);
    if let (Some(at), None) = (first, second)
        && (at < opening || at > last)
    {
        verdicts.drop_block(at, Rule::Signature);
    }
}

/// Nothing but names, set apart by its type, by a mail address below it, by what they do or by a word for "by". The cells of a table pair names and
/// what they stand for, too.
fn is_signature(block: &Block) -> bool {
    let (line, below) = block.text.split_once('\n').unwrap_or((&block.text, ""));
    let is_addressed = below.contains('@') && !below.trim().contains([' ', '\n']);
    let is_set_apart = is_addressed
        || block.stressed * 10 >= block.length * 7
        || block.kind == Kind::Paragraph && metadata::tells_role(line);
    block.length <= LINE
        && matches!(block.kind, Kind::Paragraph | Kind::Cell)
        && (below.is_empty() || is_addressed)
        && line.ends_with(|c: char| c.is_alphabetic() || matches!(c, ')' | ']' | '】' | '/'))
        && metadata::is_signature(line, is_set_apart)
}

/// Letters of a line of names.
const LINE: usize = 80;

#[cfg(test)]
mod tests {
    use super::super::{Options, Page, clean};
    use url::Url;

    fn check(head: &str, before: &str, after: &str, authors: &[&str], left: &str) {
        const STORY: [&str; 2] = [
            "The harbour council voted on Tuesday evening to rebuild the northern pier, which a storm had torn away.",
            "Work is to begin in the spring and will take two years, said the engineer who has drawn up the plans.",
        ];
        let [one, two] = STORY;
        let html = format!("<title>Pier</title>{head}<h1>Pier</h1><div>{before}<p>{one}</p><p>{two}</p>{after}</div>");
        let url = Url::parse("https://harbour.example/x").unwrap();
        let page = Page { url: &url, html: &html, announced: None, timezone: None, fetched_at: None };
        let article = clean(&page, &Options::default()).unwrap();
        assert_eq!(article.authors, authors, "{html}");
        let text = STORY.iter().fold(article.text, |text, sentence| text.replace(sentence, ""));
        assert_eq!(text.split_whitespace().collect::<Vec<_>>().join(" "), left, "{html}");
    }

    #[test]
    fn a_line_of_names_at_an_end_of_the_story_signs_it() {
        let house = "<meta name=author content='Harbour'>";
        for (before, after, authors) in [
            ("<p><strong>Ada Quay/Bo Ek</strong></p>", "", &["Ada Quay", "Bo Ek"][..]),
            ("<p><b>Ada Quay</b> and <b>Bo Ek</b></p>", "", &["Ada Quay", "Bo Ek"]),
            ("", "<p><em>Ada Quay</em></p>", &["Ada Quay"]),
            ("", "<p>Von Ada Quay</p>", &["Ada Quay"]),
            ("<p><em>Text von Ada Quay &nbsp; Illustration von Bo Ek</em></p>", "", &["Ada Quay"]),
            ("", "<p>Автор: Анна Иванова</p>", &["Анна Иванова"]),
            ("", "<p>بقلم: ليلى حسن</p>", &["ليلى حسن"]),
            ("<p><b>Ada Quay | Harbour correspondent</b></p>", "", &["Ada Quay"]),
            ("<p>Ada Quay, harbour correspondent</p>", "", &["Ada Quay"]),
            ("<p>Ada Quay<br>ada@harbour.example</p>", "", &["Ada Quay"]),
            ("<p>【記者 王小明／台北報導】</p>", "", &["王小明"]),
            ("<p><b>Yazan: Ayşe Yılmaz</b></p>", "", &["Ayşe Yılmaz"]),
            ("<p><b>نویسنده: مریم احمدی</b></p>", "", &["مریم احمدی"]),
        ] {
            check("", before, after, authors, "");
            check(house, before, after, authors, "");
        }
    }

    #[test]
    fn other_short_lines_sign_nothing() {
        // What is not set apart may be anything, and several names are those of whom the story tells.
        check("", "", "<p>Happy New Year</p>", &[], "Happy New Year");
        check(
            "",
            "",
            "<p><b>Ada Quay</b></p><p>She drew up the plans for the pier and for the lighthouse, too.</p><p><b>Bo Ek</b></p><p>He has kept the lighthouse for twenty years and more.</p>",
            &[],
            "Ada Quay She drew up the plans for the pier and for the lighthouse, too. Bo Ek He has kept the lighthouse for twenty years and more.",
        );
        check("", "", "<table><tr><td>Ada Quay, harbour correspondent</td><td>350</td></tr></table>", &[], "");
        // Where the page names someone else, the line is no signature.
        check("<meta name=author content='Cy Young'>", "", "<p><b>Ada Quay</b></p>", &["Cy Young"], "Ada Quay");
    }
}
