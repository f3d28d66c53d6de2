//! Lines that tell of somebody who wrote the story: `Ada Quay is a staff writer at the Harbour Post.`
//!
//! Nobody marks these lines. What tells them is their shape, a name and what its bearer does for a living, and that the story
//! has not named them before.

/// Longer lines are the story's.
const LONGEST: usize = 400;

/// Words between a name and what its bearer is or does.
const VERBS: &[&str] = &[
    "is",
    "was",
    "has",
    "writes",
    "covers",
    "reports",
    "works",
    "ist",
    "schreibt",
    "arbeitet",
    "berichtet",
    "war",
    "est",
    "écrit",
    "couvre",
    "es",
    "escribe",
    "è",
    "scrive",
    "é",
    "escreve",
    "schrijft",
    "jest",
    "pisze",
    "är",
    "er",
    "skriver",
    "on",
    "je",
    "este",
];

/// What those do for a living who write stories.
const WRITERS: &[&str] = &[
    "reporter",
    "journalist",
    "writer",
    "editor",
    "correspondent",
    "columnist",
    "contributor",
    "freelancer",
    "freelance",
    "newsroom",
    "redakteur",
    "redakteurin",
    "volontär",
    "volontärin",
    "journalistin",
    "korrespondent",
    "korrespondentin",
    "reporterin",
    "kolumnist",
    "kolumnistin",
    "journaliste",
    "rédacteur",
    "rédactrice",
    "correspondant",
    "correspondante",
    "periodista",
    "redactor",
    "redactora",
    "corresponsal",
    "columnista",
    "giornalista",
    "redattore",
    "redattrice",
    "jornalista",
    "repórter",
    "redacteur",
    "verslaggever",
    "dziennikarz",
    "dziennikarka",
    "redaktor",
    "redaktorka",
    "toimittaja",
    "novinář",
    "novinářka",
];

/// What else those do who write a guest's piece, which stands in a type of its own.
const GUESTS: &[&str] = &[
    "professor",
    "author",
    "fellow",
    "director",
    "researcher",
    "lecturer",
    "historian",
    "economist",
    "scientist",
    "founder",
    "autor",
    "autorin",
    "professorin",
    "historiker",
    "historikerin",
    "ökonom",
    "ökonomin",
    "auteur",
    "autrice",
    "professeur",
    "autora",
    "profesor",
    "profesora",
    "professore",
    "hoogleraar",
];

/// Words that open no name. `The author is …` does not need one.
const ARTICLES: &[&str] =
    &["The", "A", "An", "Der", "Die", "Das", "Le", "La", "Les", "El", "Los", "Il", "Lo", "De", "Het", "O", "Os", "Our"];

/// How many words after the verb may stand before what somebody does.
const REACH: usize = 9;

/// Whose life the line `text` tells, where it may be an author's; `set_apart` by its type it may be a guest's.
pub(super) fn subject(text: &str, set_apart: bool) -> Option<&str> {
    if text.len() > LONGEST {
        return None;
    }
    let (name, rest) = opening_name(text)?;
    let (first, last) = name.split_once(' ')?;
    if ARTICLES.contains(&first) && !GUESTS.contains(&last.to_lowercase().as_str()) {
        return None;
    }
    let mut words = rest.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase);
    let verb = words.next()?;
    let does = |word: &String| WRITERS.contains(&word.as_str()) || set_apart && GUESTS.contains(&word.as_str());
    (VERBS.contains(&verb.as_str()) && words.take(REACH).any(|word| does(&word))).then_some(name)
}

/// Two to four words with capitals, and what follows them.
fn opening_name(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start_matches(|c: char| !c.is_alphanumeric());
    let mut end = 0;
    for (count, word) in text.split_inclusive(' ').enumerate() {
        let bare = word.trim_end();
        let is_name = bare.starts_with(char::is_uppercase)
            && bare.chars().all(|c| c.is_alphabetic() || matches!(c, '-' | '\'' | '’' | '.'));
        if !is_name {
            return ((2..=4).contains(&count) && !word.is_empty())
                .then(|| text.split_at(end))
                .map(|(name, rest)| (name.trim_end(), rest));
        }
        end += word.len();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_and_what_its_bearer_does_make_a_biography() {
        for (text, set_apart, expect) in [
            ("Ada Quay is a staff writer at the Harbour Post.", false, Some("Ada Quay")),
            ("Bo Ek is a freelance reporter based in Kelm. He covers the sea.", false, Some("Bo Ek")),
            ("Anna Müller ist Redakteurin im Ressort Hafen.", false, Some("Anna Müller")),
            ("Anne Lhôte est journaliste au service Mer.", false, Some("Anne Lhôte")),
            ("Cy Young is professor of tides at Kelm University.", true, Some("Cy Young")),
            ("Cy Young is professor of tides at Kelm University.", false, None),
            ("Die Autorin ist Redakteurin der Hafenpost.", false, Some("Die Autorin")),
            ("Ada Quay told a reporter that the pier was gone.", false, None),
            ("The Harbour Post is the oldest paper, said its editor.", false, None),
            ("Kelm is a town whose only reporter left.", false, None),
        ] {
            assert_eq!(subject(text, set_apart), expect, "{text}");
        }
    }
}
