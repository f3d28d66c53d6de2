//! Block by block, what was kept or dropped and which rule decided: for people who meet a bad page.

use std::fmt::Write;

use super::boilerplate::Known;
use super::outline::Outline;
use super::{Extent, Options, Page, body, metadata, parse};

/// One line a block: `+` kept or `-` dropped, the rule, the path of elements around it, the text's beginning.
#[must_use]
pub fn explain(page: &Page<'_>, options: &Options) -> String {
    let dom = match parse::document(page.html, options.parse_budget, options.max_nodes) {
        Ok(dom) => dom,
        Err(rejection) => return format!("rejected: {rejection}\n"),
    };
    let outline = Outline::of(&dom);
    let meta = metadata::read(&dom, page);
    let (verdicts, _) = body::decide(&outline, &Known::of(page, &meta), Extent::Page);
    let mut lines = String::new();
    for (block, verdict) in outline.blocks.iter().zip(&verdicts.blocks) {
        let mut path: Vec<String> = outline
            .around(block.element)
            .take(5)
            .filter_map(|at| outline.elements.get(at))
            .map(|element| format!("{:?}", element.tag).to_lowercase())
            .collect();
        path.reverse();
        let start: String = block.text.chars().take(90).collect();
        let start = start.replace('\n', " ");
        let _ = match verdict {
            None => writeln!(lines, "+\t\t{}\t{start}", path.join(">")),
            Some(rule) => writeln!(lines, "-\t{rule}\t{}\t{start}", path.join(">")),
        };
    }
    lines
}
