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
const FRAMES: &[&str] = &[
    "The {office} of {place}, {person}, said on {day} that the {thing} would be {doing} before the end of the month.",
    "{person} told reporters in {place} that nobody had expected the {thing} to be {doing} so soon.",
    "Officials in {place} put the number of people affected at {number}, twice as many as in the spring.",
    "According to a report seen by this newspaper, the {thing} cost {number} million and took three years to plan.",
    "“We knew that the {other} was at risk, and we said so,” {person} said after the meeting in {place}.",
    "The {thing} in {place} had been {doing} once before, when {second} was {office} and the {other} stood empty.",
    "Residents who gathered near the {other} on {day} said that they had been told little and had seen less.",
    "{second}, who advised the {office} until last year, called the decision on the {thing} hasty and hard to explain.",
    "A spokesman for {second} declined to comment on the {other} and referred questions to the court in {place}.",
    "It was the third time since {day} that the {thing} and the {other} were named in the same breath.",
    "The company that runs the {other} employs {number} people, most of them in the villages around {place}.",
    "Parliament is to debate the {thing} next week; {person} is expected to answer questions from all parties.",
    "By the evening the roads to {place} were open again, and the first of {number} visitors had left the {other}.",
    "Experts warn that a {thing} which is {doing} in haste leaves the {other} without any protection in winter.",
];
const DAYS: &[&str] = &["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// The story that article `number` tells: neighbours in number tell the same event in other words.
pub(crate) fn story(number: usize) -> Story {
    let mut event = Random::new((number / TELLERS) as u64);
    let place = name(&mut event, 3);
    let person = format!("{} {}", name(&mut event, 2), name(&mut event, 3));
    let second = format!("{} {}", name(&mut event, 2), name(&mut event, 2));
    let (office, thing, other) = (event.pick(OFFICES), event.pick(THINGS), event.pick(THINGS));
    let (doing, day, figure) = (event.pick(DOINGS), event.pick(DAYS), (event.below(90) + 3).to_string());
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
    let paragraphs = (0..11).map(|_| (0..3).map(|_| fill(own.pick(FRAMES))).collect::<Vec<_>>().join(" ")).collect();
    Story { title, author, paragraphs }
}

fn name(random: &mut Random, syllables: usize) -> String {
    let word: String = (0..syllables).map(|_| random.pick(SYLLABLES)).collect();
    let mut letters = word.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}
