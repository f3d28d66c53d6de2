//! A made-up press: events, each told by several publishers in words of their own. Everything follows from numbers, nothing is stored.

/// Small, seedable and the same everywhere (PCG multiplier, high bits).
#[derive(Debug, Clone)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        let mut random = Self(seed ^ 0x9e37_79b9_7f4a_7c15);
        for _ in 0..3 {
            random.below(2);
        }
        random
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or(0) % bound.max(1)
    }

    pub(crate) fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.below(from.len())]
    }
}

/// One article of the made-up press.
#[derive(Debug)]
pub(crate) struct Story {
    pub(crate) title: String,
    pub(crate) author: String,
    pub(crate) paragraphs: Vec<String>,
}

/// Publishers that tell of one event, on average.
const TELLERS: usize = 3;

const SYLLABLES: &[&str] = &[
    "ka", "ro", "mel", "tan", "vi", "dor", "sel", "ba", "nur", "lo", "eth", "gar", "pi", "os", "ran", "mi", "ul",
    "fen", "ter", "za", "har", "quo", "lin", "be", "sto", "wen", "dra", "hul", "cor", "ime",
];
const OFFICES: &[&str] =
    &["minister", "mayor", "governor", "judge", "director", "general", "coach", "chancellor", "inspector", "editor"];
const THINGS: &[&str] = &[
    "harbour",
    "bridge",
    "budget",
    "strike",
    "flood",
    "election",
    "verdict",
    "pipeline",
    "museum",
    "vaccine",
    "railway",
    "orchard",
    "ceasefire",
    "merger",
    "drought",
    "festival",
    "reactor",
    "tariff",
    "ferry",
    "archive",
    "stadium",
    "glacier",
    "hospital",
    "embassy",
    "satellite",
];
const DOINGS: &[&str] = &[
    "opened",
    "closed",
    "delayed",
    "approved",
    "rejected",
    "investigated",
    "rebuilt",
    "evacuated",
    "sold",
    "inspected",
    "flooded",
    "defended",
];
const LITTLE: &[&str] = &[
    "the", "of", "and", "to", "in", "a", "that", "for", "on", "with", "was", "were", "by", "it", "from", "after",
    "before", "as", "at", "had", "has", "been", "would", "which", "their", "its", "into", "over", "more", "than",
    "not", "but", "they", "who", "when", "said", "about", "against", "under",
];

/// Words that a story of any kind may use, the first ones often.
const LEXICON: usize = 6_000;

/// Words of the lexicon that one event is told with.
const EVENT_WORDS: usize = 70;

const DAYS: &[&str] = &["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// The story that article `number` tells: neighbours in number tell the same event in other words.
pub(crate) fn story(number: usize) -> Story {
    let mut event = Random::new((number / TELLERS) as u64);
    let place = name(&mut event, 3);
    let person = format!("{} {}", name(&mut event, 2), name(&mut event, 3));
    let second = format!("{} {}", name(&mut event, 2), name(&mut event, 2));
    let (office, thing, other) = (event.pick(OFFICES), event.pick(THINGS), event.pick(THINGS));
    let (doing, day, figure) = (event.pick(DOINGS), event.pick(DAYS), (event.below(90) + 3).to_string());
    let words: Vec<String> = (0..EVENT_WORDS).map(|_| word(event.below(LEXICON))).collect();
    let fill = |frame: &str| {
        [
            ("{office}", office),
            ("{place}", &place),
            ("{person}", &person),
            ("{second}", &second),
            ("{thing}", thing),
            ("{other}", other),
            ("{doing}", doing),
            ("{day}", day),
            ("{number}", &figure),
        ]
        .iter()
        .fold(frame.to_owned(), |text, (slot, word)| text.replace(slot, word))
    };
    let mut own = Random::new(0x5704_7000 + number as u64);
    let title = match own.below(3) {
        0 => fill("{place} {thing} to be {doing}, {person} says"),
        1 => fill("{person}: {thing} of {place} must be {doing}"),
        _ => fill("After the {other}, {place} sees its {thing} {doing}"),
    };
    let author = format!("{} {}", name(&mut own, 2), name(&mut own, 3));
    let lead = fill(match own.below(3) {
        0 => "The {office} of {place}, {person}, said on {day} that the {thing} would be {doing} within {number} days.",
        1 => "{person}, {office} of {place}, wants the {thing} {doing}; {second} called it hasty on {day}.",
        _ => "On {day} the {thing} in {place} was {doing}, as {person} had announced against the advice of {second}.",
    });
    let paragraphs = (0..11)
        .map(|at| {
            let mut text = if at == 0 { lead.clone() } else { String::new() };
            for _ in 0..3 {
                if !text.is_empty() {
                    text.push(' ');
                }
                text += &sentence(&mut own, &words, [&place, &person, &second]);
            }
            text
        })
        .collect();
    Story { title, author, paragraphs }
}

fn sentence(own: &mut Random, words: &[String], names: [&str; 3]) -> String {
    let mut text = capital(own.pick(LITTLE));
    for _ in 0..12 + own.below(10) {
        text.push(' ');
        match own.below(20) {
            0 => text += own.pick(&names),
            1..=8 => text += own.pick(LITTLE),
            9..=14 => text += &words[own.below(words.len())],
            // Common words are common: the lesser of three tries.
            _ => text += &word((0..3).map(|_| own.below(LEXICON)).min().unwrap_or(0)),
        }
    }
    text + "."
}

fn word(number: usize) -> String {
    let mut random = Random::new(0x1e81 + number as u64);
    (0..2 + random.below(3)).map(|_| random.pick(SYLLABLES)).collect()
}

fn name(random: &mut Random, syllables: usize) -> String {
    let word: String = (0..syllables).map(|_| random.pick(SYLLABLES)).collect();
    capital(&word)
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}
