//! What a person reads: columns that fit, whatever the script; nothing from outside that could drive a terminal.

use jiff::Timestamp;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Text from outside, fit for one line of a terminal: control and direction characters removed, white space folded, cut to `width` columns.
pub(super) fn fit(text: &str, width: usize) -> String {
    let clean: String =
        text.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).filter(|&c| !is_harmful(c)).collect();
    let folded = clean.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    if folded.width() <= width {
        return folded;
    }
    let mut cut = String::new();
    let mut used = 0;
    for c in folded.chars() {
        let columns = c.width().unwrap_or(0);
        if used + columns > width.saturating_sub(1) {
            break;
        }
        used += columns;
        cut.push(c);
    }
    cut.push('…');
    cut
}

/// Control characters, and those that turn the reading direction of what follows.
fn is_harmful(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A table with a heading; the last column is not padded.
pub(super) struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(super) fn new(heading: &[&str]) -> Self {
        Self { rows: vec![heading.iter().map(|cell| (*cell).to_owned()).collect()] }
    }

    /// Adds a row; each cell is cut to `widest` columns.
    pub(super) fn row(&mut self, cells: &[&str], widest: usize) {
        self.rows.push(cells.iter().map(|cell| fit(cell, widest)).collect());
    }
}

impl std::fmt::Display for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let width = |column: usize| {
            self.rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.width()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..columns).map(width).collect();
        for row in &self.rows {
            let mut line = String::new();
            for (cell, width) in row.iter().zip(&widths) {
                line.push_str(cell);
                line.extend(std::iter::repeat_n(' ', width - cell.width() + 2));
            }
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

/// `3 min ago`, `in 2 h`; `never` where there is no time, the text itself where it is none.
pub(super) fn ago(time: Option<&str>, now: Timestamp) -> String {
    let Some(time) = time else { return "never".to_owned() };
    let Ok(time) = time.parse::<Timestamp>() else { return time.to_owned() };
    let seconds = now.as_second() - time.as_second();
    let words = match seconds.abs() {
        seconds @ 0..120 => format!("{seconds} s"),
        seconds @ 120..7_200 => format!("{} min", seconds / 60),
        seconds @ 7_200..172_800 => format!("{} h", seconds / 3_600),
        seconds => format!("{} d", seconds / 86_400),
    };
    if seconds < 0 { format!("in {words}") } else { format!("{words} ago") }
}

/// `2024-08-05 16:20`, or dashes.
pub(super) fn minute(time: Option<&str>) -> String {
    time.map_or_else(|| "-".to_owned(), |time| time.chars().take(16).map(|c| if c == 'T' { ' ' } else { c }).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_from_outside_drives_the_terminal() {
        assert_eq!(fit("a\u{1b}[31mred\r\nb\u{202e}c", 80), "a[31mred bc");
        assert_eq!(fit("地震が発生した", 7), "地震が…");
    }

    #[test]
    fn time_ago_is_told_in_one_unit() {
        let now: Timestamp = "2024-08-05T12:00:00Z".parse().unwrap();
        assert_eq!(ago(Some("2024-08-05T11:57:00Z"), now), "3 min ago");
        assert_eq!(ago(Some("2024-08-05T14:30:00Z"), now), "in 2 h");
        assert_eq!(ago(None, now), "never");
    }

    #[test]
    fn columns_line_up_whatever_the_script() {
        let mut table = Table::new(&["a", "b"]);
        table.row(&["地震", "x"], 10);
        table.row(&["quake", "y"], 10);
        assert_eq!(table.to_string(), "a      b\n地震   x\nquake  y\n");
    }
}
