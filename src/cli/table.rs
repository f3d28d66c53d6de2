//! What a person reads: columns that fit, whatever the script; nothing from outside that could drive a terminal.

use std::fmt::Write as _;
use std::io::IsTerminal;

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
    // Some characters are wider with what follows them, as a sign that is shown as a picture.
    while cut.width() >= width.max(1) && cut.pop().is_some() {}
    cut.push('…');
    cut
}

/// Control characters, and those that turn the reading direction of what follows.
pub(super) fn is_harmful(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Text that is read from right to left, kept from turning what stands beside it (Unicode UAX 9, isolates); other text as it is.
pub(super) fn isolated(text: &str) -> String {
    let turns = |c: char| matches!(c, '\u{200f}' | '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}' | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}');
    if text.contains(turns) { format!("\u{2068}{text}\u{2069}") } else { text.to_owned() }
}

/// How parts of a text stand out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// In brackets.
    Plain,
    /// Bold, on a terminal.
    Bold,
}

impl Style {
    /// Bold on a terminal, unless `NO_COLOR` is set (<https://no-color.org>) or it is one that takes no escapes.
    pub(super) fn of_stdout() -> Self {
        let asked_not_to = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
            || std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        if std::io::stdout().is_terminal() && !asked_not_to { Self::Bold } else { Self::Plain }
    }
}

/// Pieces of a text from outside in one line of `width` columns, those that stand out marked.
pub(super) fn marked<'a>(pieces: impl Iterator<Item = (&'a str, bool)>, width: usize, style: Style) -> String {
    let mut line = String::new();
    let mut left = width;
    let mut pieces = pieces.peekable();
    while let Some((piece, stands_out)) = pieces.next() {
        let clean = fit(piece, usize::MAX);
        // White space at the ends parts the pieces.
        let space = |here: bool| if here { " " } else { "" };
        let before = space(piece.starts_with(char::is_whitespace) && !line.is_empty());
        let after = space(piece.ends_with(char::is_whitespace) && !clean.is_empty());
        let padded = format!("{before}{clean}{after}");
        let brackets = if stands_out && style == Style::Plain { 2 } else { 0 };
        // Where more follows, a column is kept to say so.
        let kept = usize::from(pieces.peek().is_some());
        let is_cut = padded.width() + brackets + kept > left;
        let room = left.saturating_sub(brackets + before.len());
        if is_cut && room == 0 {
            line.push('…');
            break;
        }
        let shown = if is_cut {
            format!("{before}{}", fit(&clean, room.min(clean.width().saturating_sub(1))))
        } else {
            padded.clone()
        };
        match (stands_out, style) {
            (false, _) => line.push_str(&shown),
            (true, Style::Plain) => line.extend(["[", &shown, "]"]),
            (true, Style::Bold) => line.extend(["\u{1b}[1m", &shown, "\u{1b}[0m"]),
        }
        if is_cut {
            break;
        }
        left = left.saturating_sub(padded.width() + brackets);
    }
    isolated(line.trim_end())
}

/// The columns of the terminal; where there is none, or it does not say, what a wide one has.
pub(super) fn width() -> usize {
    let said = rustix::termios::tcgetwinsize(std::io::stdout()).map_or(0, |size| usize::from(size.ws_col));
    if said == 0 { 120 } else { said.clamp(40, 200) }
}

/// Facts in as few lines as they fit in, parted by dots.
pub(super) fn parted(facts: &[String], indent: usize, width: usize) -> String {
    let mut lines = String::new();
    let mut used = 0;
    for fact in facts {
        if used > 0 && used + 3 + fact.width() <= width {
            lines.extend([" · ", fact]);
            used += 3 + fact.width();
        } else {
            let end = if used > 0 { "\n" } else { "" };
            let _ = write!(lines, "{end}{:indent$}{fact}", "");
            used = indent + fact.width();
        }
    }
    lines.push('\n');
    lines
}

/// Of the last week how long ago; of other times the minute.
pub(super) fn moment(time: Option<&str>, now: Timestamp) -> String {
    let seconds = time.and_then(|time| time.parse::<Timestamp>().ok()).map(|time| now.as_second() - time.as_second());
    match seconds {
        Some(0..604_800) => ago(time, now),
        _ => minute(time),
    }
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
        for width in 1..9 {
            let shown = fit("❤️❤️❤️ 👩‍👩‍👧‍👦👩‍👩‍👧‍👦 🇫🇷🇫🇷", width);
            assert!(shown.width() <= width, "{shown} in {width}");
        }
    }

    #[test]
    fn facts_go_to_the_next_line_where_they_do_not_fit() {
        let facts = ["2 h ago", "11 articles", "9 publishers"].map(str::to_owned);
        assert_eq!(parted(&facts, 4, 40), "    2 h ago · 11 articles · 9 publishers\n");
        assert_eq!(parted(&facts, 4, 39), "    2 h ago · 11 articles\n    9 publishers\n");
    }

    #[test]
    fn what_stands_out_is_marked_and_the_line_fits() {
        let pieces = [("The ", false), ("ferry", true), (" left\u{1b}[2J Skellwick", false)];
        assert_eq!(marked(pieces.into_iter(), 80, Style::Plain), "The [ferry] left[2J Skellwick");
        assert_eq!(marked(pieces.into_iter(), 80, Style::Bold), "The \u{1b}[1mferry\u{1b}[0m left[2J Skellwick");
        assert_eq!(marked(pieces.into_iter(), 13, Style::Plain), "The [ferry] …");
        assert_eq!(marked(pieces.into_iter(), 11, Style::Plain), "The [fer…]");
        assert_eq!(marked(pieces.into_iter(), 5, Style::Plain), "The …");
        assert_eq!(marked([("سفينة", false)].into_iter(), 80, Style::Plain), "\u{2068}سفينة\u{2069}");
    }

    #[test]
    fn time_ago_is_told_in_one_unit_and_only_of_the_last_week() {
        let now: Timestamp = "2024-08-05T12:00:00Z".parse().unwrap();
        let check = |time: &str, told: &str, of_an_article: &str| {
            assert_eq!((ago(Some(time), now).as_str(), moment(Some(time), now).as_str()), (told, of_an_article));
        };
        check("2024-08-05T12:00:00Z", "0 s ago", "0 s ago");
        check("2024-08-05T11:58:01Z", "119 s ago", "119 s ago");
        check("2024-08-05T11:58:00Z", "2 min ago", "2 min ago");
        check("2024-08-05T10:00:01Z", "119 min ago", "119 min ago");
        check("2024-08-05T10:00:00Z", "2 h ago", "2 h ago");
        check("2024-08-03T12:00:01Z", "47 h ago", "47 h ago");
        check("2024-08-03T12:00:00Z", "2 d ago", "2 d ago");
        check("2024-07-29T12:00:01Z", "6 d ago", "6 d ago");
        check("2024-07-29T12:00:00Z", "7 d ago", "2024-07-29 12:00");
        check("2024-08-05T14:30:00Z", "in 2 h", "2024-08-05 14:30");
        assert_eq!((ago(None, now).as_str(), moment(None, now).as_str()), ("never", "-"));
    }

    #[test]
    fn columns_line_up_whatever_the_script() {
        let mut table = Table::new(&["a", "b"]);
        table.row(&["地震", "x"], 10);
        table.row(&["quake", "y"], 10);
        assert_eq!(table.to_string(), "a      b\n地震   x\nquake  y\n");
    }
}
