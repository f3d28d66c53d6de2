//! Full text search: what a person types, made into a query that means what it says.
//!
//! Nothing is FTS5 syntax by accident: words and phrases are quoted, and only `AND`, `OR`, `NOT`, `-word`, `word*`, parentheses that close, and the
//! columns `title:`, `subtitle:`, `text:` are operators.

use rusqlite::types::Value;
use rusqlite::{OptionalExtension, params, params_from_iter};
use serde::{Serialize, Serializer};

use super::error::Doing;
use super::reader::ArticleRow;
use super::{Error, Reader, Selection};

/// Matches among which the best are looked for: the newest. Ranking all matches of a frequent word of a million articles takes seconds.
const RANKED: usize = 10_000;

/// Stand around what was found in a [`Marked`] text; no text has them, since they are no characters of one.
const BEGIN: char = '\u{2}';
const END: char = '\u{3}';

/// An article that was found; as JSON the article and `snippet`, plain.
#[derive(Debug, Clone, Serialize)]
pub struct Found {
    /// The article.
    #[serde(flatten)]
    pub article: ArticleRow,
    /// Its headline with the words that were looked for.
    #[serde(skip)]
    pub title: Marked,
    /// The words around the first of them in the text.
    pub snippet: Marked,
}

/// A text with parts that stand out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Marked(String);

impl Marked {
    /// Pieces in order, and whether each stands out.
    pub fn pieces(&self) -> impl Iterator<Item = (&str, bool)> {
        self.0.split(BEGIN).enumerate().flat_map(|(place, part)| {
            let (marked, rest) = if place == 0 { ("", part) } else { part.split_once(END).unwrap_or((part, "")) };
            [(marked, true), (rest, false)].into_iter().filter(|(text, _)| !text.is_empty())
        })
    }
}

impl Serialize for Marked {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.replace([BEGIN, END], ""))
    }
}

impl Reader {
    /// The best matches among the newest, best first.
    ///
    /// # Errors
    /// [`Error::Query`] when the query cannot be understood, and when the database refuses.
    pub fn search(&self, query: &str, selection: &Selection, limit: usize) -> Result<Vec<Found>, Error> {
        if query.chars().any(|c| languages_of(c).is_some()) {
            return self.scan(query, selection, limit);
        }
        let matched =
            compile(query).map_err(|problem| Error::Query { query: query.to_owned(), problem: problem.to_owned() })?;
        let (conditions, parameters) = selection.conditions();
        let conditions = conditions.iter().fold(String::new(), |all, condition| all + " AND " + condition);
        let sql = format!(
            "SELECT hit FROM (SELECT articles_fts.rowid AS hit, bm25(articles_fts, 5, 2, 1) AS distance
               FROM articles_fts CROSS JOIN article a ON a.id = articles_fts.rowid
               WHERE articles_fts MATCH ?{conditions} ORDER BY articles_fts.rowid DESC LIMIT {RANKED})
             ORDER BY distance, hit DESC LIMIT {limit}"
        );
        let doing = "searching";
        let parameters = std::iter::once(Value::from(matched.clone())).chain(parameters);
        let hits: Vec<i64> = self
            .conn
            .prepare(&sql)
            .and_then(|mut statement| statement.query_map(params_from_iter(parameters), |row| row.get(0))?.collect())
            .doing(doing)?;
        let mut found = Vec::with_capacity(hits.len());
        for hit in hits {
            let marked: Option<(Option<String>, Option<String>)> = self
                .conn
                .prepare_cached(
                    "SELECT highlight(articles_fts, 0, char(2), char(3)), snippet(articles_fts, 2, char(2), char(3), '…', 24)
                     FROM articles_fts WHERE articles_fts MATCH ?1 AND rowid = ?2",
                )
                .and_then(|mut statement| {
                    statement.query_row(params![matched, hit], |row| Ok((row.get(0)?, row.get(1)?))).optional()
                })
                .doing(doing)?;
            let (title, snippet) = marked.unwrap_or_default();
            if let Some(article) = self.article_row(hit)? {
                let (title, snippet) = (Marked(title.unwrap_or_default()), Marked(snippet.unwrap_or_default()));
                found.push(Found { article, title, snippet });
            }
        }
        Ok(found)
    }

    /// Looks into the texts themselves, newest first: where words are not parted by spaces, the index holds clauses rather than words.
    fn scan(&self, query: &str, selection: &Selection, limit: usize) -> Result<Vec<Found>, Error> {
        let words: Vec<&str> =
            query.split(|c: char| c.is_whitespace() || c == '"').filter(|word| !word.is_empty()).collect();
        let (mut conditions, mut parameters) = selection.conditions();
        let languages: Vec<&str> =
            query.chars().filter_map(languages_of).min_by_key(|languages| languages.len()).unwrap_or_default().to_vec();
        conditions.push(format!("(a.language IN ('{}') OR a.language IS NULL)", languages.join("', '")));
        for word in &words {
            conditions.push("(instr(a.text, ?) > 0 OR instr(coalesce(a.title, ''), ?) > 0)".to_owned());
            parameters.extend([Value::from((*word).to_owned()), Value::from((*word).to_owned())]);
        }
        let sql = format!(
            "SELECT a.id FROM article a WHERE {} ORDER BY +a.published_at DESC LIMIT {limit}",
            conditions.join(" AND ")
        );
        let hits: Vec<i64> = self
            .conn
            .prepare(&sql)
            .and_then(|mut statement| statement.query_map(params_from_iter(parameters), |row| row.get(0))?.collect())
            .doing("searching")?;
        let mut found = Vec::with_capacity(hits.len());
        for hit in hits {
            if let Some(article) = self.article_row(hit)? {
                let title = Marked(mark(article.title.as_deref().unwrap_or_default(), &words));
                let snippet = Marked(mark(&around(&article.text, &words), &words));
                found.push(Found { article, title, snippet });
            }
        }
        Ok(found)
    }
}

/// The languages written in a script that parts words by nothing; `None` for all others.
fn languages_of(c: char) -> Option<&'static [&'static str]> {
    match c {
        '\u{0e00}'..='\u{0e7f}' => Some(&["th"]),
        '\u{0e80}'..='\u{0eff}' => Some(&["lo"]),
        '\u{1000}'..='\u{109f}' => Some(&["my"]),
        '\u{1780}'..='\u{17ff}' => Some(&["km"]),
        '\u{3040}'..='\u{30ff}' => Some(&["ja"]),
        '\u{3400}'..='\u{9fff}' => Some(&["zh", "ja", "ko"]),
        _ => None,
    }
}

/// Some characters on both sides of the first word that occurs.
fn around(text: &str, words: &[&str]) -> String {
    let place = words.iter().filter_map(|word| text.find(word)).min().unwrap_or(0);
    let before: Vec<char> = text.get(..place).unwrap_or_default().chars().rev().take(20).collect();
    let after: String = text.get(place..).unwrap_or_default().chars().take(60).collect();
    let cut = if before.len() == 20 { "…" } else { "" };
    format!("{cut}{}{after}…", before.into_iter().rev().collect::<String>())
}

fn mark(text: &str, words: &[&str]) -> String {
    words.iter().fold(text.to_owned(), |text, word| text.replace(word, &format!("{BEGIN}{word}{END}")))
}

/// What was typed, as FTS5 reads it.
fn compile(query: &str) -> Result<String, &'static str> {
    let mut compiled = String::new();
    let mut depth = 0_u32;
    // Whether something to look for must come next, and the operator that waits for it.
    let mut waiting: Option<&'static str> = Some("");
    for token in tokens(query) {
        match (token, waiting) {
            (Token::Operand(operand), before) => {
                compiled.push_str(before.unwrap_or(" AND "));
                compiled.push_str(&operand);
                waiting = None;
            }
            (Token::Without(operand), None) => {
                compiled.push_str(" NOT ");
                compiled.push_str(&operand);
            }
            (Token::Operator(" NOT "), Some(" AND ")) => waiting = Some(" NOT "),
            (Token::Operator(operator), None) => waiting = Some(operator),
            (Token::Without(_) | Token::Operator(" NOT "), Some("" | "(")) => {
                return Err("it begins with what is not wanted; name a word that is");
            }
            (Token::Operator(_) | Token::Without(_), Some(_)) => {
                return Err("AND, OR and NOT stand between words; write \"OR\" in quotes to look for the word itself");
            }
            (Token::Open, before) => {
                compiled.push_str(before.unwrap_or(" AND "));
                compiled.push('(');
                depth += 1;
                waiting = Some("");
            }
            (Token::Close, None) if depth > 0 => {
                compiled.push(')');
                depth -= 1;
            }
            (Token::Close, _) => return Err("there is nothing between its parentheses"),
        }
    }
    match waiting {
        None if depth == 0 => Ok(compiled),
        None => Err("a parenthesis is not closed"),
        Some("") => Err("it holds no word to look for"),
        Some(_) => Err("AND, OR and NOT stand between words; write \"OR\" in quotes to look for the word itself"),
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Token {
    /// A quoted word or phrase, perhaps of one column.
    Operand(String),
    /// The same, with a `-` before it.
    Without(String),
    Operator(&'static str),
    Open,
    Close,
}

fn tokens(query: &str) -> Vec<Token> {
    // Parentheses that do not close are no operators.
    let balanced = query.matches('(').count() == query.matches(')').count();
    let mut tokens = Vec::new();
    let mut column = "";
    let mut rest = query.trim_start();
    while let Some(first) = rest.chars().next() {
        if matches!(first, '(' | ')') {
            if balanced {
                tokens.push(if first == '(' { Token::Open } else { Token::Close });
            }
            rest = rest.strip_prefix(first).unwrap_or_default().trim_start();
            continue;
        }
        let (word, quoted, after) = if let Some(inside) = rest.strip_prefix('"') {
            let (phrase, after) = inside.split_once('"').unwrap_or((inside, ""));
            (phrase, true, after)
        } else {
            let end = rest.find(|c: char| c.is_whitespace() || matches!(c, '"' | '(' | ')')).unwrap_or(rest.len());
            let (word, after) = rest.split_at(end);
            (word, false, after)
        };
        rest = after;
        if quoted {
            let prefix = rest.strip_prefix('*').inspect(|after| rest = after).is_some();
            tokens.extend(operand(std::mem::take(&mut column), word, prefix).map(Token::Operand));
        } else if let Some(operator) = [" AND ", " OR ", " NOT "].into_iter().find(|operator| operator.trim() == word) {
            tokens.push(Token::Operator(operator));
        } else {
            let (without, word) = word.strip_prefix('-').map_or((false, word), |word| (true, word));
            let word = match word.split_once(':') {
                Some((name, word)) if ["title", "subtitle", "text"].contains(&name) => {
                    column = name;
                    word
                }
                _ => word,
            };
            if word.is_empty() && rest.starts_with('"') {
                continue;
            }
            let (word, prefix) = word.strip_suffix('*').map_or((word, false), |word| (word, true));
            let made = operand(std::mem::take(&mut column), word, prefix);
            tokens.extend(made.map(if without { Token::Without } else { Token::Operand }));
        }
        rest = rest.trim_start();
    }
    tokens
}

/// A word or phrase as FTS5 takes it literally; none where there is no letter or digit in it.
fn operand(column: &str, words: &str, prefix: bool) -> Option<String> {
    if !words.chars().any(char::is_alphanumeric) {
        return None;
    }
    let column = if column.is_empty() { String::new() } else { format!("{column}:") };
    Some(format!("{column}\"{}\"{}", words.replace('"', "\"\""), if prefix { "*" } else { "" }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_means_what_it_says() {
        for (typed, expected) in [
            ("earthquake", r#""earthquake""#),
            ("ferry Skellwick", r#""ferry" AND "Skellwick""#),
            ("covid-19 (new variant", r#""covid-19" AND "new" AND "variant""#),
            ("10:30 o'clock & https://a.example/b?c=d", r#""10:30" AND "o'clock" AND "https://a.example/b?c=d""#),
            (r#""ferry sails" -drill"#, r#""ferry sails" NOT "drill""#),
            ("quake OR flood NOT drill", r#""quake" OR "flood" NOT "drill""#),
            ("a AND NOT b", r#""a" NOT "b""#),
            ("(quake OR flood) delta", r#"("quake" OR "flood") AND "delta""#),
            ("title:visit ferr*", r#"title:"visit" AND "ferr"*"#),
            (r#"title:"state visit" x"#, r#"title:"state visit" AND "x""#),
            (r#"the "unclosed phrase"#, r#""the" AND "unclosed phrase""#),
            ("near NEAR(a b)", r#""near" AND "NEAR" AND ("a" AND "b")"#),
            ("rain and snow or sun", r#""rain" AND "and" AND "snow" AND "or" AND "sun""#),
            ("سفينة -تدريب", r#""سفينة" NOT "تدريب""#),
        ] {
            assert_eq!(compile(typed).as_deref(), Ok(expected), "{typed}");
        }
        for wrong in ["", " - ", "OR", "a OR", "OR a", "a OR OR b", "-a", "NOT a", "()", "a ()", ")a("] {
            assert!(compile(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn marks_are_pieces() {
        let marked = Marked(format!("a {BEGIN}b{END} c"));
        assert_eq!(marked.pieces().collect::<Vec<_>>(), [("a ", false), ("b", true), (" c", false)]);
        assert_eq!(serde_json::to_string(&marked).unwrap(), "\"a b c\"");
    }
}
