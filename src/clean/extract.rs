//! Which parts of the page are the story.

use scraper::{Html, Node};

/// The story's text, paragraphs parted by an empty line.
pub(super) fn body(dom: &Html) -> String {
    let mut text = String::new();
    for node in dom.tree.nodes() {
        if let Node::Element(element) = node.value()
            && element.name() == "p"
        {
            let words: Vec<&str> = node
                .children()
                .filter_map(|child| child.value().as_text())
                .flat_map(|text| text.split_whitespace())
                .collect();
            if words.len() > 3 {
                if !text.is_empty() {
                    text.push_str("\n\n");
                }
                text.push_str(&words.join(" "));
            }
        }
    }
    text
}
