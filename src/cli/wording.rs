//! How two headlines differ: the words of one that the other lacks, in order. Pure.

/// Words that are compared; a headline of more is compared up to there.
const LONGEST: usize = 80;

/// Pieces of `title`, and whether each is other words than `than` has, in this order (longest common subsequence).
pub(super) fn differing<'a>(title: &'a str, than: &str) -> Vec<(&'a str, bool)> {
    let (words, others) = (words(title), words(than));
    let (keys, other_keys): (Vec<String>, Vec<String>) =
        (words.iter().map(|word| key(word)).collect(), others.iter().map(|word| key(word)).collect());
    let common = common(&keys, &other_keys);
    let mut pieces: Vec<(&str, bool)> = Vec::new();
    let mut begin = 0;
    let mut end = 0;
    for ((word, key), same) in words.iter().zip(&keys).zip(&common) {
        let differs = !same && !key.is_empty();
        let place = end + title.get(end..).and_then(|rest| rest.find(word)).unwrap_or(0);
        match pieces.last_mut() {
            Some(last) if last.1 == differs => last.0 = title.get(begin..place + word.len()).unwrap_or_default(),
            _ => {
                // The space before a piece belongs to what is not marked.
                if let Some(last) = pieces.last_mut().filter(|last| !last.1) {
                    last.0 = title.get(begin..place).unwrap_or_default();
                    begin = place;
                } else {
                    begin = end;
                }
                pieces.push((title.get(begin..place + word.len()).unwrap_or_default(), differs));
            }
        }
        end = place + word.len();
    }
    pieces
}

/// Words; where a script parts them by nothing, characters.
fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    for word in text.split_whitespace() {
        if !word.chars().any(is_unspaced) {
            words.push(word);
            continue;
        }
        let mut rest = word;
        while let Some(first) = rest.chars().next() {
            let length =
                if is_unspaced(first) { first.len_utf8() } else { rest.find(is_unspaced).unwrap_or(rest.len()) };
            let (one, after) = rest.split_at(length);
            words.push(one);
            rest = after;
        }
    }
    words.truncate(LONGEST);
    words
}

fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{0e00}'..='\u{0eff}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}')
}

/// By what words are compared: letters and digits, case folded.
fn key(word: &str) -> String {
    word.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Which of `keys` are in the longest common subsequence with `others`.
fn common(keys: &[String], others: &[String]) -> Vec<bool> {
    let mut length = vec![vec![0_u8; others.len() + 1]; keys.len() + 1];
    for (row, key) in keys.iter().enumerate().rev() {
        for (column, other) in others.iter().enumerate().rev() {
            length[row][column] = if key == other {
                length[row + 1][column + 1] + 1
            } else {
                length[row + 1][column].max(length[row][column + 1])
            };
        }
    }
    let mut same = vec![false; keys.len()];
    let (mut row, mut column) = (0, 0);
    while row < keys.len() && column < others.len() {
        if keys[row] == others[column] {
            same[row] = true;
            (row, column) = (row + 1, column + 1);
        } else if length[row + 1][column] >= length[row][column + 1] {
            row += 1;
        } else {
            column += 1;
        }
    }
    same
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(title: &str, than: &str, expected: &str) {
        let shown: String = differing(title, than)
            .into_iter()
            .map(|(piece, differs)| if differs { format!("[{piece}]") } else { piece.to_owned() })
            .collect();
        assert_eq!(shown, expected);
    }

    #[test]
    fn the_words_that_differ_are_marked() {
        check("Ferry sails again", "Ferry sails again", "Ferry sails again");
        check("Ferry finally sails, again", "Ferry sails again", "Ferry [finally] sails, again");
        check("A week late: ferry SAILS", "Ferry sails", "[A week late:] ferry SAILS");
        check("Budget passed", "Ferry sails", "[Budget passed]");
        check("岸本で地震、船が欠航", "岸本で地震", "岸本で地震、[船が欠航]");
        check("", "Ferry", "");
    }
}
