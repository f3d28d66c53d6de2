//! The place that a story opens with.

/// Longest place, in characters.
const MAX_CHARS: usize = 60;

/// Words in capitals that stand where a place could, before a colon.
const LABELS: &[&str] = &[
    "BREAKING",
    "UPDATE",
    "UPDATED",
    "LIVE",
    "WATCH",
    "VIDEO",
    "EXCLUSIVE",
    "OPINION",
    "ANALYSIS",
    "EDITORIAL",
    "INTERVIEW",
    "NOTE",
    "CORRECTION",
    "CLARIFICATION",
    "REVIEW",
    "FACT",
    "FACTBOX",
    "EXPLAINER",
    "QUESTION",
    "ANSWER",
    "FAQ",
    "TLDR",
    "SPOILER",
    "WARNING",
    "SUMMARY",
    "PHOTOS",
    "EILMELDUNG",
    "ANZEIGE",
    "HINWEIS",
    "FRAGE",
    "NEWS",
    "ALERT",
    "READ",
    "LISTEN",
    "CAUTION",
    "DISCLAIMER",
    "IMPORTANT",
    "ATTENTION",
    "ACHTUNG",
    "URGENT",
];

/// The place before the first dash (`ERBIL, Kurdistan Region -`, `BERLIN (dpa) -`), bracket (`【東京】`) or agency of the first paragraph.
#[must_use]
pub fn dateline(text: &str) -> Option<String> {
    let lead = text.lines().find(|line| !line.trim().is_empty())?.trim();
    bracketed(lead).or_else(|| dashed(lead)).or_else(|| called(lead, text))
}

/// `【東京】`, `[서울=뉴시스]`, `（北京）`
fn bracketed(lead: &str) -> Option<String> {
    let (close, rest) = match lead.chars().next()? {
        '【' => ('】', lead.strip_prefix('【')?),
        '[' => (']', lead.strip_prefix('[')?),
        '（' => ('）', lead.strip_prefix('（')?),
        '(' => (')', lead.strip_prefix('(')?),
        _ => return None,
    };
    let (inside, after) = rest.split_once(close)?;
    let place = inside.split(['=', '＝', '共']).next()?.trim();
    let is_cjk = place
        .chars()
        .all(|char| matches!(char, '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' | '\u{30a0}'..='\u{30ff}'));
    (is_cjk && (2..=8).contains(&place.chars().count()) && !after.trim().is_empty()).then(|| place.to_owned())
}

/// `ASHKAR: The minister said`. An interview names its speakers so, again and again; `UPDATE:` is no place.
fn called(lead: &str, text: &str) -> Option<String> {
    let (place, rest) = lead.split_once(": ")?;
    let is_story = rest.chars().find(|char| char.is_alphanumeric()).is_some_and(|char| !char.is_lowercase());
    let is_label = place.split(|char: char| !char.is_alphanumeric()).any(|word| LABELS.contains(&word));
    let is_speaker = || {
        let after = text.lines().map(str::trim).skip_while(|line| *line != lead).skip(1);
        after.filter_map(|line| line.split_once(':')).any(|(name, _)| name == place)
    };
    let letters = place.chars().filter(|char| char.is_uppercase()).count();
    let shouted = letters >= 3 && !place.chars().any(char::is_lowercase);
    (shouted && is_story && !is_label && is_place(place, place) && !is_speaker()).then(|| place.to_owned())
}

/// What stands in brackets before the dash of a dateline: `Northern Wire` of `BELHAVEN, Dec 8 (Northern Wire) - The keepers`.
pub(super) fn credited(text: &str) -> Option<&str> {
    let lead = text.lines().find(|line| !line.trim().is_empty())?.trim();
    dashed(lead)?;
    let (before, rest) = lead.split_once('(')?;
    let (inside, after) = rest.split_once(')')?;
    let is_dateline = before.chars().count() <= MAX_CHARS && after.trim_start().starts_with(['-', '–', '—', '―']);
    is_dateline.then_some(inside.trim())
}

/// The house that a story opens with where no bracket and dash set it apart: `МОСКВА, 3 мая — РИА Новости.`, `МОСКВА, 3 мая. /ТАСС/.`,
/// `新华社北京5月3日电`, `[서울=연합뉴스]`.
pub(super) fn opening(text: &str) -> Option<&str> {
    let lead = text.lines().find(|line| !line.trim().is_empty())?.trim();
    if let Some(inside) =
        lead.strip_prefix(['[', '(', '［', '（']).and_then(|rest| rest.split_once([']', ')', '］', '）']))
    {
        return inside.0.split_once(['=', '＝']).map(|(_, house)| house.trim());
    }
    let end = lead.char_indices().nth(OPENING).map_or(lead.len(), |(at, _)| at);
    let head = lead.get(..end)?;
    if let Some((house, _)) = head
        .strip_prefix('【')
        .unwrap_or(head)
        .split_once('社')
        .filter(|(_, rest)| rest.contains('电') || rest.contains('電'))
    {
        return lead.get(head.find(house)?..).and_then(|rest| rest.get(..house.len() + '社'.len_utf8()));
    }
    let has_date =
        |before: &str| before.chars().any(char::is_numeric) && before.chars().next().is_some_and(char::is_uppercase);
    if let Some((before, rest)) = head.split_once('/')
        && has_date(before)
    {
        return rest.split_once('/').map(|(house, _)| house.trim());
    }
    let (before, rest) = head
        .split_once([' ', '\u{a0}'])
        .and_then(|_| [" — ", " – ", " - "].iter().find_map(|dash| head.split_once(dash)))?;
    (has_date(before) && !before.contains('(')).then(|| rest.split('.').next().unwrap_or(rest).trim())
}

/// How far into the story its dateline may go, in characters.
const OPENING: usize = 60;

/// `PLACE (agency) -`, `PLACE, Region —`, `Place, 3 May (Agency) --`
fn dashed(lead: &str) -> Option<String> {
    let head: String = lead.chars().take(MAX_CHARS + 40).collect();
    let at = [" — ", " – ", " - ", " -- ", ".- ", ". - ", ". – ", ". — ", "— ", "– ", " —", " –", "- ", " ―"]
        .iter()
        .filter_map(|dash| head.find(dash))
        .min()?;
    let (before, _) = head.split_at(at);
    let place = before.split(['(', '（', '/']).next()?.trim().trim_end_matches(['.', ',', ':', '،']);
    let place = without_date(place);
    is_place(place, before).then(|| place.to_owned())
}

/// `Berlin, 3. Mai` → `Berlin`
fn without_date(place: &str) -> &str {
    match place.rsplit_once([',', '،']) {
        Some((head, tail)) if tail.chars().any(char::is_numeric) => head.trim(),
        _ => place,
    }
}

fn is_place(place: &str, before: &str) -> bool {
    let words: Vec<&str> = place.split_whitespace().collect();
    let letters = place.chars().filter(|char| char.is_alphabetic()).count();
    if words.is_empty() || words.len() > 6 || place.chars().count() > MAX_CHARS || letters < 2 {
        return false;
    }
    if !place.chars().all(|char| char.is_alphabetic() || char.is_whitespace() || matches!(char, ',' | '.' | '\'' | '’' | '-' | '،' | '\u{64b}'..='\u{65f}' | '\u{900}'..='\u{dff}' | '\u{200c}')) {
        return false;
    }
    let first = words.first().copied().unwrap_or_default().trim_end_matches([',', '،']);
    let upper = first.chars().filter(|char| char.is_uppercase()).count();
    let lower = first.chars().filter(|char| char.is_lowercase()).count();
    // A city in capitals; any place where an agency stands beside it in brackets.
    let shouted = upper >= 2 && lower == 0;
    let credited = before.contains(['(', '（', '/']);
    let uncased = upper + lower == 0;
    shouted
        || (credited
            && (uncased
                || words.iter().all(|word| {
                    word.starts_with(|char: char| char.is_uppercase() || !char.is_alphabetic()) || word.len() <= 3
                })))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_open_stories() {
        for (text, expect) in [
            ("ERBIL, Kurdistan Region - The minister said", Some("ERBIL, Kurdistan Region")),
            ("ERBIL, Kurdistan Region — The minister said", Some("ERBIL, Kurdistan Region")),
            ("BERLIN (dpa) - Der Minister", Some("BERLIN")),
            ("Berlin (dpa/AFP) – Der Minister", Some("Berlin")),
            ("NEW YORK (AP) — The mayor", Some("NEW YORK")),
            ("WASHINGTON, D.C. -- The house", Some("WASHINGTON, D.C")),
            ("Moscow, May 3 (Interfax) - The ministry", Some("Moscow")),
            ("【東京】政府は", Some("東京")),
            ("[서울=뉴시스] 정부는", Some("서울")),
            ("أربيل (كوردستان 24)- أعلن", Some("أربيل")),
            ("ASHKAR: The prime minister said", Some("ASHKAR")),
            ("PORT SORREL: Ann Lee won", Some("PORT SORREL")),
            ("KURIER: Why now?\n\nLee: Because.\n\nKURIER: And then?", None),
            ("UPDATE: The minister", None),
            ("NATO: it is late", None),
            ("The minister - who resigned - said", None),
            ("Ann Lee – a teacher – said", None),
            ("No place here.", None),
            ("", None),
        ] {
            assert_eq!(dateline(text).as_deref(), expect, "{text}");
        }
    }
}
