//! Whom the publisher credits for the story.

use super::agencies::{agencies, agency};
use super::plain::fold;
use super::site::key;
use super::{Metadata, dateline};

/// Words that open a credit, lower case.
const CUES: &str = "source|sources|quelle|quellen|fuente|fuentes|fonte|fonti|bron|kilde|källa|kilder|lähde|źródło|zdroj|forrás|\
     sursa|sursă|izvor|vir|източник|источник|джерело|kaynak|sumber|nguồn|πηγή|المصدر|مصدر|منبع|ماخذ|سەرچاوە|\
     çavkanî|מקור|स्रोत|সূত্র|ที่มา|来源|來源|出典|情報元|配信|출처|with agency input|via|credit|with inputs from|\
     mit material von|mit agenturmaterial|avec|con información de|agencies";

/// Longest name of a source, in characters.
const MAX_CHARS: usize = 60;

/// Whom `credits` (lines that the body does not hold: `Source: Reuters`, `(dpa)`) or the page's own fields credit; `None` where that is
/// nobody or the publisher itself.
#[must_use]
pub fn attribution(credits: &[String], meta: &Metadata) -> Option<String> {
    let mut found: Vec<String> = Vec::new();
    for credit in credits.iter().chain(&meta.credits) {
        for name in credited(&fold(credit)) {
            if found.len() < 4 && !is_own(&name, meta) && !found.iter().any(|known| key(known) == key(&name)) {
                found.push(name);
            }
        }
    }
    if found.is_empty() {
        found.extend(meta.agencies.iter().filter(|name| !is_own(name, meta)).take(4).cloned());
    }
    (!found.is_empty()).then(|| found.join(", "))
}

/// The house that a story's dateline credits, as in `BELHAVEN, Dec 8 (Northern Wire) - The keepers`.
#[must_use]
pub fn credited_in_dateline(text: &str, meta: &Metadata) -> Option<String> {
    let inside = dateline::credited(text)?;
    let known = agencies(inside);
    if !known.is_empty() {
        let others: Vec<&str> = known.into_iter().filter(|name| !is_own(name, meta)).collect();
        return (!others.is_empty()).then(|| others.join(", "));
    }
    let words: Vec<&str> = inside.split_whitespace().collect();
    let is_house = (2..=4).contains(&words.len())
        && inside.chars().all(|char| char.is_alphabetic() || matches!(char, ' ' | '.' | '-' | '\'' | '’' | '&'))
        && words.iter().all(|word| word.starts_with(char::is_uppercase));
    (is_house && !is_own(inside, meta)).then(|| inside.to_owned())
}

/// The names in one line of credit.
fn credited(line: &str) -> Vec<String> {
    let known: Vec<String> = agencies(after_cue(line).unwrap_or(line)).into_iter().map(str::to_owned).collect();
    if !known.is_empty() {
        return known;
    }
    let Some(rest) = after_cue(line) else { return Vec::new() };
    let name = rest
        .split(['|', '\n', ';'])
        .next()
        .unwrap_or(rest)
        .trim_matches(|char: char| !char.is_alphanumeric() && char != ')');
    let name = name.split("://").last().unwrap_or(name).trim_start_matches("www.").trim_end_matches('/');
    let length = name.chars().count();
    if !(2..=MAX_CHARS).contains(&length) || name.split_whitespace().count() > 7 {
        return Vec::new();
    }
    vec![agency(name).map_or_else(|| name.to_owned(), str::to_owned)]
}

/// What stands after "Source:" and its like.
fn after_cue(line: &str) -> Option<&str> {
    let line = line.trim_start_matches(|char: char| !char.is_alphanumeric());
    let (head, tail) = line.split_once([':', '：', '/', '-', '–', '|', '=', '＝'])?;
    let head = head.trim().to_lowercase();
    CUES.split('|').any(|cue| head == cue).then_some(tail)
}

fn is_own(name: &str, meta: &Metadata) -> bool {
    let name = key(name);
    meta.own_names
        .iter()
        .any(|own| *own == name || (name.len() >= 5 && own.starts_with(&name) && own.len() <= name.len() + 4))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(credits: &[&str], expect: Option<&str>) {
        let meta =
            Metadata { own_names: vec!["dailyexample".to_owned(), "exampleorg".to_owned()], ..Metadata::default() };
        let credits: Vec<String> = credits.iter().map(|&credit| credit.to_owned()).collect();
        assert_eq!(attribution(&credits, &meta).as_deref(), expect, "{credits:?}");
    }

    #[test]
    fn a_dateline_credits_another_house() {
        let meta = Metadata { own_names: vec!["dailyexample".to_owned()], ..Metadata::default() };
        for (text, expect) in [
            ("BELHAVEN, Dec 8 (Northern Wire) - The keepers left.", Some("Northern Wire")),
            ("Berlin (dpa/AFP) – Der Minister", Some("dpa, AFP")),
            ("BELHAVEN (Daily Example) - The keepers left.", None),
            ("BELHAVEN (right at the sea) - The keepers left.", None),
            ("The keepers (Ann Lee) - left.", None),
            ("", None),
        ] {
            assert_eq!(credited_in_dateline(text, &meta).as_deref(), expect, "{text}");
        }
    }

    #[test]
    fn credits_name_agencies_and_others() {
        check(&["Source: Reuters"], Some("Reuters"));
        check(&["Quelle: dpa/AFP"], Some("dpa, AFP"));
        check(&["Source :"], None);
        check(&["Source: Daily Example"], None);
        check(&["Source: The Herald of Elsewhere"], Some("The Herald of Elsewhere"));
        check(&["(Reuters)"], Some("Reuters"));
        check(&["المصدر: رويترز"], Some("Reuters"));
        check(&["来源：新华社"], Some("Xinhua"));
        check(&["Quelle: https://www.elsewhere.example/"], Some("elsewhere.example"));
        check(&[], None);
    }
}
