//! Names of people out of bylines, in many languages and scripts.
//!
//! Reads one short string. Knows nothing of pages; what the site is called comes in as an argument.

mod line;

use std::borrow::Cow;

use super::agencies::agency;
use super::name_words::{
    BELONGS, COLLECTIVE, INSTITUTIONS, JOINS, LAST_JOINS, LEADING, LOGINS, NEWSROOMS, NOT_JOINED, NOT_NAMES, PARTICLES,
    PREFIXED_JOINS, ROLES, TITLES, WORKS,
};
use super::opener::{first_word, has_case, is_cjk, opener};
use super::plain::fold;
use super::site::Site;

pub(super) use self::line::without_pictures;
use self::line::{is_picture_credit, without_day, without_editors, without_stamp};

/// Longest name in characters.
const MAX_CHARS: usize = 60;

/// What a byline names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Name {
    /// Someone, by a full name.
    Person(String),
    /// One word, a pen name or initials: believed where the markup says that it is an author.
    Alias(String),
    /// A newsroom, a publication, an organisation.
    Collective(String),
    /// A news agency, in the form shown.
    Agency(&'static str),
}

/// What `text`, a byline or a name out of markup, names. Nothing where it is neither.
pub(super) fn read(text: &str, site: &Site) -> Vec<Name> {
    let mut names: Vec<Name> = Vec::new();
    for line in text.lines() {
        let line = fold(line).replace('\u{ad}', "");
        if line.contains("://") || line.starts_with("www.") {
            continue;
        }
        let line = &parted(&line);
        if is_picture_credit(line) {
            continue;
        }
        let line = without_opener(line);
        let mut housed = false;
        for (piece, stands) in pieces(without_pictures(without_editors(without_stamp(line)))) {
            if !names.is_empty() && is_filed(&piece) {
                continue;
            }
            let Some(name) = name(&piece, site) else { continue };
            // `Ann Lee for the Northern Wire`, `Fellow for New Work`: whom someone is with is no second author.
            if stands == Stands::Behind && !matches!(name, Name::Collective(_) | Name::Agency(_)) {
                continue;
            }
            // What follows a house is where it stands: `dpa, Berlin`.
            if housed && matches!(name, Name::Alias(_)) {
                continue;
            }
            housed |= matches!(name, Name::Collective(_) | Name::Agency(_));
            if names.len() < 40 && !names.iter().any(|known| same(known, &name)) {
                names.push(name);
            }
        }
    }
    names
}

/// `记者 王小明 李大海`: in a line that the simplified word for reporter opens, a space stands between two names.
fn parted(line: &str) -> Cow<'_, str> {
    let Some(names) = line.strip_prefix("记者").filter(|names| names.trim().contains(' ')) else {
        return line.into();
    };
    let is_name = |name: &str| (2..=4).contains(&name.chars().count()) && name.chars().all(is_cjk);
    let names: Vec<&str> = names.split([' ', ':', '：']).filter(|name| !name.is_empty()).collect();
    if names.iter().all(|name| is_name(name)) { names.join("、").into() } else { line.into() }
}

/// Whether `name` is that of a newsroom, a desk or a team rather than of another house.
pub(super) fn is_newsroom(name: &str) -> bool {
    let name = name.to_lowercase();
    NEWSROOMS.iter().any(|stem| name.contains(stem))
        || name.split(|char: char| !char.is_alphanumeric()).any(|word| matches!(word, "team" | "desk" | "bureau"))
}

/// `Ann Lee` of `Ann Lee, Harbour Correspondent`, `王小明` of `王小明／台北報導`.
pub(super) fn without_role(line: &str) -> &str {
    let Some((name, rest)) = line.split_once([',', '|', '·', '–', '—', '/', '／', '、']) else { return line };
    let is_role =
        rest.split(|char: char| !char.is_alphanumeric()).any(|word| ROLES.contains(word.to_lowercase().as_str()));
    if is_role || is_filed(rest) || agency(rest.trim()).is_some() { name } else { line }
}

/// Where a story was filed from: `台北報導`, `北京电`.
fn is_filed(piece: &str) -> bool {
    ["報導", "报道", "電", "电"]
        .iter()
        .any(|word| piece.trim_end_matches(|char: char| !char.is_alphanumeric()).ends_with(word))
}

fn without_opener(text: &str) -> &str {
    let mut text = text.trim_start_matches(|char: char| !char.is_alphanumeric() && char != '(' && char != '@');
    for _ in 0..2 {
        let Some(rest) = opener(text) else { break };
        // `Di Maio` and `De Niro` begin with a name.
        let is_particle = matches!(first_word(text), "Di" | "De" | "Da");
        if is_particle && !rest.trim_start().starts_with(':') && rest.split_whitespace().count() < 2 {
            break;
        }
        text = rest.trim_start_matches(|char: char| !char.is_alphanumeric() && char != '(' && char != '@');
    }
    text
}

/// A list of names, parted.
fn pieces(line: &str) -> Vec<(String, Stands)> {
    // `Posted on May 3, 2024 by Ann Lee`
    let line = if line.chars().any(char::is_numeric) {
        let line = [" by ", " von ", " par ", " por ", " di "]
            .iter()
            .find_map(|by| line.split_once(by))
            .map_or(line, |(_, names)| names);
        without_day(line)
    } else {
        line
    };
    // `Guest post by Ann Lee`
    let line = match line.split_once(" by ") {
        Some((work, names))
            if work.split(' ').next_back().is_some_and(|word| WORKS.contains(&word.to_lowercase().as_str())) =>
        {
            names
        }
        _ => line,
    };
    let mut parts: Vec<String> = line
        .split([
            ',', ';', '|', '/', '／', '·', '•', '、', '，', '；', '،', '（', '(', '[', '*', '＝', '+', '›', '»', '│',
            '●', '‖', '│',
        ])
        .map(|part| {
            part.trim_matches([')', '）', ']', ' ', '.', ':', '"', '“', '”', '»', '«', '-', '–', '—']).to_owned()
        })
        .collect();
    for join in JOINS.iter().filter(|join| line.contains(**join)) {
        parts = parts
            .iter()
            .flat_map(|part| if is_institution(part) { vec![part.clone()] } else { split_join(part, join) })
            .collect();
    }
    parts = parts.into_iter().flat_map(split_prefixed).collect();
    let mut pieces = Vec::with_capacity(parts.len());
    for part in parts {
        let mut rest = part.as_str();
        let mut stands = Stands::Alone;
        while let Some((at, word)) = BELONGS.iter().filter_map(|word| Some((rest.find(word)?, *word))).min() {
            let (head, tail) = rest.split_at(at);
            pieces.push((head.trim().to_owned(), stands));
            rest = tail.get(word.len()..).unwrap_or_default();
            stands = Stands::Behind;
        }
        pieces.push((rest.trim().to_owned(), stands));
    }
    pieces.retain(|(piece, _)| !piece.is_empty());
    pieces
}

/// How a piece of a byline stands in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stands {
    Alone,
    /// After a word that says whom the name before it is with.
    Behind,
}

/// `Harbour Agriculture and Forestry University`, `Ministry of Fish and Food`: one house, whose name has a joining word in it.
fn is_institution(part: &str) -> bool {
    let is_known = |word: &str| INSTITUTIONS.contains(&word.to_lowercase().as_str());
    part.split(' ').next().is_some_and(is_known) || part.rsplit(' ').next().is_some_and(is_known)
}

/// Splits at a joining word, but not where a particle of a name (`i`, `e`, `y`, `a`) stands between single words.
fn split_join(part: &str, join: &str) -> Vec<String> {
    let is_letter = join.trim().chars().count() == 1 && join.trim().chars().all(char::is_alphabetic);
    if !is_letter || part.split(join).all(|side| side.trim().contains(' ')) {
        part.split(join).map(|side| side.trim().to_owned()).collect()
    } else {
        vec![part.to_owned()]
    }
}

/// `أحمد البحري وسالم المرسى`: two names of two words or more, the second with the word for "and" in front.
fn split_prefixed(part: String) -> Vec<String> {
    let two_words = |names: &str| names.trim().contains(' ');
    let join = part.match_indices(' ').find(|&(at, _)| {
        let (head, tail) = part.split_at(at);
        let next = tail.split_whitespace().next().unwrap_or_default();
        next.starts_with(PREFIXED_JOINS)
            && next.chars().count() > 2
            && !NOT_JOINED.contains(&next)
            && two_words(head)
            && two_words(tail.trim_start())
    });
    let Some((at, _)) = join else { return vec![part] };
    let (head, tail) = part.split_at(at);
    vec![head.to_owned(), tail.trim_start().chars().skip(1).collect()]
}

/// `and Bo Ek`, the end of `Ann Lee, Cy Young, and Bo Ek`
fn without_join(piece: &str) -> &str {
    piece
        .split_once(' ')
        .filter(|(first, rest)| LAST_JOINS.contains(first) && rest.starts_with(char::is_uppercase))
        .map_or(piece, |(_, rest)| rest)
}

/// The words before an address or handle: `Ann Lee` of `Ann Lee ann@a.example`.
fn without_address(piece: &str) -> &str {
    let Some((before, _)) = piece.split_once('@') else { return piece };
    // What stands right before the sign is part of the address, where there is more.
    before.rsplit_once(' ').map_or(before, |(words, _)| words)
}

fn name(piece: &str, site: &Site) -> Option<Name> {
    let piece = without_join(without_opener(piece.trim()));
    let piece = piece.split("  ").next().unwrap_or(piece).trim();
    if piece.is_empty() || piece.contains("://") || piece.chars().count() > MAX_CHARS * 2 || is_login(piece) {
        return None;
    }
    if let Some(agency) = agency(piece) {
        return Some(Name::Agency(agency));
    }
    if site.is_site(piece) {
        return Some(Name::Collective(piece.to_owned()));
    }
    let piece =
        without_address(piece).trim_end_matches(|char: char| !char.is_alphanumeric() && char != '.' && char != ')');
    let words: Vec<&str> = piece.split(' ').filter(|word| !word.is_empty()).collect();
    let lowers: Vec<String> = words
        .iter()
        .map(|word| word.trim_matches(|char: char| !char.is_alphanumeric() && char != '-').to_lowercase())
        .collect();
    let titles = lowers.iter().take_while(|word| TITLES.contains(word.as_str())).count();
    let words = words.get(titles..).unwrap_or_default();
    let lowers = lowers.get(titles..).unwrap_or_default();
    if words.is_empty() {
        return None;
    }
    if piece.chars().any(char::is_numeric) {
        let letters = piece.chars().filter(|char| char.is_alphabetic()).count();
        let is_nick = words.len() == 1
            && letters >= 2
            && piece.chars().all(|char| char.is_alphanumeric() || matches!(char, '_' | '-' | '.'));
        return is_nick.then(|| Name::Alias(piece.to_owned()));
    }
    // Shown twice, for wide and narrow screens.
    let half = words.len() / 2;
    let (words, lowers) = match (words.split_at(half), lowers.split_at(half)) {
        ((one, other), (lowers, _)) if half >= 2 && one == other => (one, lowers),
        _ => (words, lowers),
    };
    let whole = words.join(" ");
    if whole.chars().count() > MAX_CHARS {
        return None;
    }
    if is_collective(lowers, &whole) {
        // A lone "News" is the name of a section.
        let is_newsroom = words.len() > 1
            || lowers.iter().any(|word| NEWSROOMS.iter().any(|stem| word.contains(stem)))
            || is_domain(&whole);
        return is_newsroom.then_some(Name::Collective(whole));
    }
    // `Ann Lee Political Editor`: what stands before the role.
    let role = lowers.iter().position(|word| ROLES.contains(word.as_str()));
    let is_name =
        |at: usize| at >= 2 && !lowers.get(at - 1).is_some_and(|word| matches!(word.as_str(), "the" | "to" | "our"));
    let (words, lowers, whole) = match role {
        Some(at) if is_name(at) => (
            words.get(..at).unwrap_or_default(),
            lowers.get(..at).unwrap_or_default(),
            words.get(..at).unwrap_or_default().join(" "),
        ),
        Some(_) => return None,
        None => (words, lowers, whole),
    };
    match script(&whole) {
        Script::Cased => cased(words, lowers, whole),
        Script::Ideographic => ideographic(&whole),
        Script::Uncased => match words.len() {
            2..=5 => Some(Name::Person(whole)),
            1 => Some(Name::Alias(whole)),
            _ => None,
        },
    }
}

/// `admin`, `Editor2`: the account that a program came with.
fn is_login(piece: &str) -> bool {
    let name = piece.trim_end_matches(|char: char| char.is_ascii_digit()).to_ascii_lowercase();
    LOGINS.contains(&name.trim_end_matches(['_', '-']))
}

fn is_collective(lowers: &[String], whole: &str) -> bool {
    lowers.iter().any(|word| {
        COLLECTIVE.contains(word.as_str())
            || word.split('-').any(|part| matches!(part, "redaktion" | "team" | "staff" | "news"))
            || word.ends_with("redaktion")
    }) || COLLECTIVE
        .iter()
        .any(|word| !word.is_ascii() && word.chars().next().is_some_and(is_cjk) && whole.contains(word))
        || whole.split(' ').any(is_domain)
}

/// `ndr.de`, `ORF.at`
fn is_domain(word: &str) -> bool {
    word.rsplit_once('.').is_some_and(|(name, suffix)| {
        name.chars().count() >= 2
            && (2..=6).contains(&suffix.len())
            && suffix.chars().all(|char| char.is_ascii_lowercase())
    })
}

/// A name of a script with capitals: every word capitalised, but for particles.
fn cased(words: &[&str], lowers: &[String], whole: String) -> Option<Name> {
    let is_word = |word: &str| {
        word.chars().all(|char| {
            char.is_alphabetic()
                || matches!(char, '\'' | '’' | '-' | '‑' | '.' | '´' | '`' | '\u{300}'..='\u{36f}' | 'ʻ' | '‘')
        })
    };
    if !words.iter().all(|word| is_word(word)) {
        return None;
    }
    let upper = |word: &str| word.chars().find(|char| char.is_alphabetic()).is_some_and(char::is_uppercase);
    // `d’Hôte`, `dell'Acqua`: a particle that has lost its vowel.
    let elided =
        |word: &str| word.split_once(['\'', '’']).is_some_and(|(particle, name)| particle.len() <= 5 && upper(name));
    let capital = |word: &str| upper(word) || elided(word);
    match words.len() {
        1 => (whole.chars().count() >= 2).then_some(Name::Alias(whole)),
        2..=6 => {
            let capitals = words.iter().filter(|word| capital(word)).count();
            let small = words
                .iter()
                .zip(lowers)
                .filter(|(word, lower)| !capital(word) && !PARTICLES.contains(lower.as_str()))
                .count();
            let opens = words.first().is_some_and(|word| capital(word))
                || lowers.first().is_some_and(|word| LEADING.contains(&word.as_str()));
            if small == 0 && capitals >= 1 && opens {
                Some(Name::Person(whole))
            } else if capitals == 0 && words.len() == 2 {
                // Written all in lower case, as some sites do.
                Some(Name::Alias(whole))
            } else {
                None
            }
        }
        _ => None,
    }
}

/// A Chinese, Japanese or Korean name, without the word for reporter.
fn ideographic(whole: &str) -> Option<Name> {
    let mut name = whole;
    for suffix in
        ["特派員", "論説委員", "編集委員", "記者", "记者", "기자", "특파원", "선임기자", "撰文", "報導", "报道", "文"]
    {
        name = name.strip_suffix(suffix).map_or(name, str::trim);
    }
    for prefix in ["記者", "记者", "文", "本报记者", "特派員"] {
        name = name.strip_prefix(prefix).map_or(name, str::trim);
    }
    let length = name.chars().filter(|char| !char.is_whitespace()).count();
    match length {
        2..=6 if !name.ends_with(|char| NOT_NAMES.contains(char)) => Some(Name::Person(name.to_owned())),
        _ => None,
    }
}

#[derive(PartialEq, Eq)]
enum Script {
    Cased,
    Uncased,
    Ideographic,
}

fn script(text: &str) -> Script {
    if text.chars().any(is_cjk) {
        Script::Ideographic
    } else if text.chars().any(has_case) {
        Script::Cased
    } else {
        Script::Uncased
    }
}

fn same(a: &Name, b: &Name) -> bool {
    shown(a).to_lowercase() == shown(b).to_lowercase()
}

/// The name as shown.
pub(super) fn shown(name: &Name) -> &str {
    match name {
        Name::Person(name) | Name::Alias(name) | Name::Collective(name) => name,
        Name::Agency(name) => name,
    }
}

#[cfg(test)]
mod tests;
