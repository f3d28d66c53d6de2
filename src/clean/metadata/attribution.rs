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
    let Some(inside) = dateline::credited(text) else {
        let agency = dateline::opening(text).and_then(agency)?;
        return (!is_own(agency, meta)).then(|| agency.to_owned());
    };
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
    let Some(rest) = after_cue(line).or_else(|| first_publisher(line)) else { return Vec::new() };
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

/// The house in "This article was originally published by the Herald under a licence".
fn first_publisher(line: &str) -> Option<&str> {
    let lower = line.to_lowercase();
    let (at, cue) = FIRST.split('|').filter_map(|cue| Some((lower.find(cue)?, cue))).min()?;
    // Where lowering changes no length, positions are those of the line.
    let rest = line.get(at + cue.len()..).filter(|_| lower.len() == line.len())?.trim_start();
    let rest = ["the ", "The "].iter().find_map(|article| rest.strip_prefix(article)).unwrap_or(rest);
    let mut end = 0;
    for word in rest.split_inclusive(' ') {
        let plain = word.trim();
        let is_part = plain.chars().next().is_some_and(|char| char.is_uppercase() || char.is_numeric() || char == '&')
            || end > 0 && matches!(plain, "of" | "the" | "for" | "de" | "der" | "des" | "la" | "le" | "del");
        if !is_part {
            break;
        }
        end += word.len();
        if plain.ends_with([',', '.', ';', ':', '!', ')']) {
            break;
        }
    }
    let name = rest.get(..end)?.trim().trim_end_matches([',', '.', ';', ':', '!', ')']);
    (!name.is_empty()).then_some(name)
}

/// What stands before the name of the house that had a story first.
const FIRST: &str = "originally published by|originally published in|originally published on|originally published at|originally appeared on|originally appeared in|first published by|first published in|first published on|first published at|\
     first appeared on|first appeared in|republished from|erschien zuerst bei|erschien zuerst in|erschien zuerst auf|zuerst erschienen bei|zuerst erschienen in|zuerst erschienen auf|publié initialement sur|publicado originalmente en|\
     publicado originalmente em|pubblicato originariamente su";

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
            ("ЗАЛИВ, 11 мар — РИА Новости. Совет порта решил.", Some("RIA Novosti")),
            ("МОСКВА, 11 марта. /ТАСС/. Совет порта решил.", Some("TASS")),
            ("新华社北京3月11日电 港务委员会决定重建。", Some("Xinhua")),
            ("[서울=연합뉴스] 김바다 기자 = 위원회는", Some("Yonhap")),
            ("(서울=연합뉴스) 김바다 기자 = 위원회는", Some("Yonhap")),
            ("The council — Reuters said it first — has met.", None),
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
        check(
            &["This article was originally published by the Elsewhere Herald under a licence."],
            Some("Elsewhere Herald"),
        );
        check(&["This story first appeared on Tides of Change, and is told again here."], Some("Tides of Change"));
        check(&["Dieser Artikel erschien zuerst in der Woche"], None);
        check(&["It was first published in spring."], None);
        check(&["المصدر: رويترز"], Some("Reuters"));
        check(&["来源：新华社"], Some("Xinhua"));
        check(&["Quelle: https://www.elsewhere.example/"], Some("elsewhere.example"));
        check(&[], None);
    }
}
