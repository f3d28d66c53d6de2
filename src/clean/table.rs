//! Rows of tables: what is furniture anywhere else, numbers and links alone, is a row's own.

use super::outline::{Block, Kind, Outline};
use super::tag::Tag;
use super::verdict::Verdicts;

/// Restores the cells of a row of a table that keeps one, and the rows of figures below it: numbers alone and links alone are furniture anywhere else.
pub(super) fn rows(outline: &Outline, verdicts: &mut Verdicts) {
    let mut done = None;
    for at in verdicts.kept().collect::<Vec<_>>() {
        let row = outline.blocks.get(at).and_then(|block| outline.row(block.element)).filter(|row| done != Some(*row));
        let Some(row) = row else { continue };
        done = Some(row);
        for row in std::iter::once(row).chain(figures_below(outline, row)) {
            for at in cells(outline, row) {
                verdicts.restore(at);
            }
        }
    }
}

/// The cells of a row; none where one is longer than a figure or a name: a page laid out as a table has more than a word or two in its cells.
fn cells(outline: &Outline, row: usize) -> std::ops::Range<usize> {
    let blocks = outline.elements.get(row).map(|element| element.blocks.clone()).unwrap_or_default();
    let all = outline.blocks.get(blocks.clone()).unwrap_or_default();
    if all.iter().all(|cell| cell.kind == Kind::Cell && cell.length < CELL) { blocks } else { 0..0 }
}

/// The rows of the same table after this one, as far as they hold nothing but numbers.
fn figures_below(outline: &Outline, row: usize) -> impl Iterator<Item = usize> + '_ {
    let table =
        outline.around(row).find(|&at| outline.elements.get(at).is_some_and(|element| element.tag == Tag::Table));
    let end = table.and_then(|table| outline.elements.get(table)).map_or(0, |table| table.end);
    let mut next = outline.elements.get(row).map_or(end, |element| element.end);
    let rows = std::iter::from_fn(move || {
        while next < end {
            let at = next;
            let element = outline.elements.get(at)?;
            if element.tag == Tag::Row {
                next = element.end;
                return Some((at, element));
            }
            next += 1;
        }
        None
    });
    let figures = |cell: &Block| cell.linked == 0 && !cell.text.contains(char::is_alphabetic);
    rows.take_while(move |(_, row)| {
        outline.blocks.get(row.blocks.clone()).is_some_and(|cells| cells.iter().all(figures))
    })
    .map(|(at, _)| at)
}

/// A longer cell is no figure and no name.
const CELL: usize = 80;
