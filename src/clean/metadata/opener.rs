//! The words that open a byline, in the languages that pages are written in.
//!
//! A leaf: reads one short string and asks nothing else of this folder.

use std::sync::LazyLock;

use foldhash::HashMap;

/// Words that open a byline, longest first where one begins another. Lower case.
const OPENERS: &str = "author|authors|credit|text von|texte de|texto de|testo di|beitrag von|blog beitrag von|geschrieben von|submitted by|created by|added by|contributed by|eingereicht von|gespeichert von|soumis par|enviado por|inviato da|ingezonden door|отправлено|verfasst von|veröffentlicht von|erstellt von|eingestellt von|gepostet von|posté par|postado por|publicada por|escrita por|postato da|inserito da|geplaatst door|diposting oleh|opublikowane przez|投稿者|blogbeitrag von|bericht von|\
     reportage von|analyse von|written and reported by|written by|posted by|published by|story by|reported by|report by|reporting by|words by|text by|text and photos by|words and pictures by|words and photos by|story and photos by|article by|\
     analysis by|opinion by|review by|by|from our correspondent|text von|text und fotos von|text und bilder von|text und foto von|text & fotos von|texte de|texte et photos|testo di|texto de|tekst van|tekst av|text av|ein kommentar von|ein bericht von|eine reportage von|ein essay von|eine kolumne von|ein beitrag von|ein text von|ein gastbeitrag von|\
     eine analyse von|ein interview von|kommentar von|gastbeitrag von|interview von|ein artikel von|artikel von|\
     aus|autor/-in|autor/in|autor:in|autor*in|autorin|autoren|autor|von|text|protokoll|propos recueillis par|publié par|écrit par|rédigé par|\
     article de|par|auteur|écrit|publicado por|escrito por|redactado por|por|autora|autores|texto|redacción|\
     a cura di|scritto da|pubblicato da|articolo di|di|autore|door|geschreven door|tekst|av|af|skrevet av|\
     skrevet af|skriven av|text och foto|tekst og foto|teksti|kirjoittaja|autor tekstu|opracował|opracowała|\
     oprac|napsal|napsala|autoři|szerző|írta|de|scris de|publicat de|от|автор текста|автор|автори|авторы|текст|\
     подготовил|подготовила|записал|yazan|yazar|haber|muhabir|oleh|penulis|reporter|tác giả|bởi|bài|\
     γράφει ο|γράφει η|του|της|συντάκτης|بقلم|كتب|كتبت|تحرير|إعداد|اعداد|نویسنده|گزارش|خبرنگار|تحریر|מאת|लेखक|\
     द्वारा|रिपोर्ट|লেখক|প্রতিবেদক|প্রতিবেদন|โดย|文|vom|fra|責任編輯|责任编辑|编辑|編輯|作者|记者|記者|撰文|文／|文/|执笔|責任編輯|글|기자";

/// The openers by their first word.
static OPENERS_BY_WORD: LazyLock<HashMap<&str, Vec<&str>>> = LazyLock::new(|| {
    let mut openers: HashMap<&str, Vec<&str>> = HashMap::default();
    for opener in OPENERS.split('|') {
        openers.entry(first_word(opener)).or_default().push(opener);
    }
    for known in openers.values_mut() {
        known.sort_by_key(|opener| std::cmp::Reverse(opener.len()));
    }
    openers
});

/// Whether a text node looks like the beginning of a byline: an opener with a name or nothing after it.
pub(super) fn opens(text: &str) -> bool {
    if text.len() > 200 {
        return false;
    }
    let Some(rest) = opener(text) else { return is_hangul_byline(text) };
    let has_colon = rest.trim_start().starts_with([':', '：']);
    let rest = rest.trim_start_matches([':', ' ', '\u{a0}', '：']);
    rest.is_empty() || has_colon || rest.chars().next().is_some_and(|char| char.is_uppercase() || !has_case(char))
}

/// `Anna Berg (Oslo)`, `Anna Berg in Oslo`: a name and where its bearer is. Initials in brackets are a house's or a party's.
pub(super) fn is_placed(text: &str) -> bool {
    if text.len() > 60 || !text.starts_with(char::is_uppercase) {
        return false;
    }
    let parts = match text.strip_suffix(')') {
        Some(text) => text.split_once(" ("),
        None => text.split_once(" in "),
    };
    let is_word = |word: &str| {
        word.starts_with(char::is_uppercase)
            && word.chars().any(char::is_lowercase)
            && word.chars().all(|char| char.is_alphabetic() || matches!(char, '-' | '\'' | '’'))
    };
    parts.is_some_and(|(name, place)| {
        let are_words = |text: &str| text.split(' ').all(is_word);
        (2..=3).contains(&name.split(' ').count())
            && place.split(' ').count() <= 2
            && are_words(name)
            && are_words(place)
    })
}

/// `김철수 기자`: in Korean the word for reporter follows the name.
fn is_hangul_byline(text: &str) -> bool {
    text.trim().split_once(' ').is_some_and(|(name, rest)| {
        (2..=4).contains(&name.chars().count())
            && name.chars().all(|char| ('\u{ac00}'..='\u{d7a3}').contains(&char))
            && ["기자", "특파원", "선임기자", "인턴기자", "논설위원"]
                .iter()
                .any(|role| rest.strip_prefix(role).is_some_and(|more| more.is_empty() || more.contains('@')))
    })
}

/// Whether a text that opens a byline goes on with a name.
pub(super) fn is_byline(text: &str) -> bool {
    opener(text).is_some_and(|rest| rest.chars().any(char::is_alphabetic))
}

/// Whether `text` says in so many words that an author follows: `Written by`, `Author:`.
pub(super) fn is_plain_byline(text: &str) -> bool {
    opener(text).is_some_and(|rest| {
        let words = text.get(..text.len() - rest.len()).unwrap_or_default();
        words.trim().contains(' ') || rest.trim_start().starts_with([':', '：'])
    })
}

/// Whether a line opens with a word that stands before a signature and hardly elsewhere.
pub(super) fn signs(line: &str) -> bool {
    let word = first_word(line.trim_start()).to_lowercase();
    opener(line).is_some_and(|rest| {
        rest.trim_start().starts_with([':', '：'])
            || matches!(
                word.as_str(),
                "by" | "von" | "par" | "por" | "بقلم" | "كتب" | "yazan" | "oleh" | "автор" | "記者" | "记者"
            )
    })
}

/// The text after the opener it begins with.
pub(super) fn opener(text: &str) -> Option<&str> {
    let text = text.trim_start();
    let word = first_word(text).to_lowercase();
    let openers = OPENERS_BY_WORD.get(word.as_str())?;
    openers.iter().find_map(|opener| {
        let mut chars = text.chars();
        opener
            .chars()
            .all(|expected| chars.next().is_some_and(|char| char.to_lowercase().eq(expected.to_lowercase())))
            .then_some(chars.as_str())
    })
}

/// The letters that `text` begins with; of ideographs, which are written without spaces, those of a known opener.
pub(super) fn first_word(text: &str) -> &str {
    if text.starts_with(is_cjk) {
        return [
            "责任编辑",
            "作者",
            "投稿者",
            "编辑",
            "編輯",
            "记者",
            "記者",
            "撰文",
            "执笔",
            "責任編輯",
            "文",
            "글",
            "기자",
        ]
        .into_iter()
        .find(|opener| text.starts_with(opener))
        .unwrap_or_default();
    }
    let end =
        text.find(|char: char| !char.is_alphabetic() && !('\u{900}'..='\u{dff}').contains(&char)).unwrap_or(text.len());
    text.split_at(end).0
}

/// Whether a letter is an ideograph, kana or Hangul: scripts that part words by no spaces, or names by few.
pub(super) fn is_cjk(char: char) -> bool {
    matches!(char, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}')
}

/// Whether a letter is of a script with capitals.
pub(super) fn has_case(char: char) -> bool {
    char.is_lowercase() || char.is_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_have_its_place_beside_it() {
        for (text, expect) in [
            ("Anna Berg (Oslo)", true),
            ("Anna Berg in New York", true),
            ("Anna Berg (SP)", false),
            ("Anna Berg (31)", false),
            ("Rain in Oslo", false),
            ("Anna Berg in the harbour", false),
        ] {
            assert_eq!(is_placed(text), expect, "{text}");
        }
    }

    #[test]
    fn bylines_open_with_a_word_for_by() {
        for (text, expect) in [
            ("By Ann Lee", true),
            ("By", true),
            ("Von", true),
            ("By the time", false),
            ("Bystander", false),
            ("作者：王小明", true),
            ("김철수 기자", true),
            ("김철수 기자 kim@a.example", true),
            ("많은 기자들이 왔다", false),
        ] {
            assert_eq!(opens(text), expect, "{text}");
        }
    }
}
