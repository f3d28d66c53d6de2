//! What two stories have in common, as numbers.
//!
//! Pure. The one implementation: training reads what this code computed. Every feature is about words, names, numbers, days and
//! text at large, none about a language, a publisher or a topic. A feature that cannot be told is NaN.

use super::dates::{self, Mention};
use super::lookup::Lookup;
use super::signature::{COUNT, LEAD, NAME, NUMBER, Signature, TITLE};

/// The names of the features, in order, as the model file calls them.
pub const FEATURES: [&str; 23] = [
    "cosine",
    "lead_cosine",
    "title_cosine",
    "title_least",
    "title_most",
    "names_cosine",
    "names_least",
    "names_most",
    "numbers_least",
    "top_least",
    "top_most",
    "rarest",
    "meaning",
    "lead_meaning",
    "gap_days",
    "day_gap",
    "days_shared",
    "weekday",
    "date_gap",
    "copied",
    "words",
    "length_ratio",
    "title_names_most",
];

/// One number for each of [`FEATURES`].
pub type Features = [f32; FEATURES.len()];

/// A story's words weighed with the statistics in force.
#[derive(Debug, Clone, Default)]
pub(crate) struct Weights {
    /// Of each term: rarity in [`RARITY_STEPS`] a nat, and [`TOP`].
    rarity: Box<[u8]>,
    norm: f32,
    lead_norm: f32,
    title_norm: f32,
    names_norm: f32,
    title: f32,
    title_names: f32,
    names: f32,
    numbers: f32,
    top: f32,
}

const RARITY_STEPS: f32 = 12.0;
/// No word counts for more: of a word that the statistics have hardly met, often a name newer than they are, they cannot tell how
/// rare it is.
const RAREST: f32 = 6.0;
/// The word is among the story's weightiest.
const TOP: u8 = 0x80;
/// How many those are.
const TOP_TERMS: usize = 12;

impl Weights {
    /// Weighs the words of a story; `rarity` tells how much a word says, in nats.
    pub(crate) fn of(signature: &Signature, mut rarity: impl FnMut(u32) -> f32) -> Self {
        let mut steps: Vec<u8> = signature.terms.iter().map(|term| to_steps(rarity(*term))).collect();
        let mut by_weight: Vec<(f32, u32, usize)> = Vec::with_capacity(steps.len());
        let mut weights = Self::default();
        for (at, ((step, mark), term)) in steps.iter().zip(&signature.marks).zip(&signature.terms).enumerate() {
            let rarity = from_steps(*step);
            let weight = weight(*mark, rarity);
            by_weight.push((weight, *term, at));
            weights.norm += weight * weight;
            if mark & (TITLE | LEAD) != 0 {
                weights.lead_norm += rarity * rarity;
                if mark & NAME != 0 {
                    weights.names += rarity;
                }
                if mark & NUMBER != 0 {
                    weights.numbers += rarity;
                }
            }
            if mark & TITLE != 0 {
                weights.title_norm += rarity * rarity;
                weights.title += rarity;
                if mark & NAME != 0 {
                    weights.title_names += rarity;
                }
            }
            if mark & NAME != 0 {
                weights.names_norm += weight * weight;
            }
        }
        if by_weight.len() > TOP_TERMS {
            by_weight.select_nth_unstable_by(TOP_TERMS, |a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        }
        for (_, _, at) in by_weight.iter().take(TOP_TERMS) {
            if let Some(step) = steps.get_mut(*at) {
                weights.top += from_steps(*step);
                *step |= TOP;
            }
        }
        weights.rarity = steps.into();
        weights
    }
}

/// A story that is compared with others.
pub(crate) struct Compared<'a> {
    signature: &'a Signature,
    weights: &'a Weights,
    terms: Lookup<'a>,
    pub(crate) shingles: Lookup<'a>,
}

impl<'a> Compared<'a> {
    pub(crate) fn new(signature: &'a Signature, weights: &'a Weights) -> Self {
        let (terms, shingles) = (Lookup::of(&signature.terms), Lookup::of(&signature.shingles));
        Self { signature, weights, terms, shingles }
    }
}

/// The features of a pair.
pub(crate) fn features(a: &Compared<'_>, b: (&Signature, &Weights)) -> Features {
    let (Compared { signature: a, weights: of_a, terms, shingles }, (b, of_b)) = (a, b);
    let mut sums = Sums::default();
    terms.in_common(&b.terms, |i, j| sums.add((a.marks[i], b.marks[j]), (of_a.rarity[i], of_b.rarity[j])));
    let [title_least, title_most] = least_most(part(sums.title_a, of_a.title), part(sums.title_b, of_b.title));
    let [names_least, names_most] = least_most(part(sums.names_a, of_a.names), part(sums.names_b, of_b.names));
    let [top_least, top_most] = least_most(part(sums.top_a, of_a.top), part(sums.top_b, of_b.top));
    let [_, title_names_most] =
        least_most(part(sums.title_names_a, of_a.title_names), part(sums.title_names_b, of_b.title_names));
    let [numbers_least, _] = least_most(part(sums.numbers_a, of_a.numbers), part(sums.numbers_b, of_b.numbers));
    let (less, more) = (f32::from(a.words.min(b.words)), f32::from(a.words.max(b.words)));
    let days = Days::of(a, b);
    [
        part(sums.all, (of_a.norm * of_b.norm).sqrt()),
        part(sums.lead, (of_a.lead_norm * of_b.lead_norm).sqrt()),
        part(sums.title, (of_a.title_norm * of_b.title_norm).sqrt()),
        title_least,
        title_most,
        part(sums.names, (of_a.names_norm * of_b.names_norm).sqrt()),
        names_least,
        names_most,
        numbers_least,
        top_least,
        top_most,
        sums.rarest,
        a.meaning.cosine(&b.meaning),
        a.lead_meaning.cosine(&b.lead_meaning),
        gap_days(a, b),
        days.gap,
        days.shared,
        days.weekday,
        days.date_gap,
        shared_text((a, shingles), b),
        (less + 1.0).ln(),
        part(less, more),
        title_names_most,
    ]
}

/// The first of the [`features`] alone.
pub(crate) fn cosine(a: (&Signature, &Weights), b: (&Signature, &Weights)) -> f32 {
    let ((a, of_a), (b, of_b)) = (a, b);
    let mut all = 0.0;
    Lookup::of(&a.terms).in_common(&b.terms, |i, j| {
        all += weight(a.marks[i], from_steps(of_a.rarity[i])) * weight(b.marks[j], from_steps(of_b.rarity[j]));
    });
    part(all, (of_a.norm * of_b.norm).sqrt())
}

#[derive(Default)]
struct Sums {
    all: f32,
    lead: f32,
    title: f32,
    names: f32,
    title_a: f32,
    title_b: f32,
    title_names_a: f32,
    title_names_b: f32,
    names_a: f32,
    names_b: f32,
    numbers_a: f32,
    numbers_b: f32,
    top_a: f32,
    top_b: f32,
    rarest: f32,
}

impl Sums {
    fn add(&mut self, (mark_a, mark_b): (u8, u8), (step_a, step_b): (u8, u8)) {
        let (rarity_a, rarity_b) = (from_steps(step_a), from_steps(step_b));
        let both = weight(mark_a, rarity_a) * weight(mark_b, rarity_b);
        self.all += both;
        self.rarest = self.rarest.max(rarity_a.min(rarity_b));
        if mark_a & NAME != 0 && mark_b & NAME != 0 {
            self.names += both;
        }
        if mark_a & (TITLE | LEAD) != 0 && mark_b & (TITLE | LEAD) != 0 {
            self.lead += rarity_a * rarity_b;
        }
        if mark_a & mark_b & TITLE != 0 {
            self.title += rarity_a * rarity_b;
        }
        for (mark, step, rarity, [title, title_names, names, numbers, top]) in [
            (
                mark_a,
                step_a,
                rarity_a,
                [&mut self.title_a, &mut self.title_names_a, &mut self.names_a, &mut self.numbers_a, &mut self.top_a],
            ),
            (
                mark_b,
                step_b,
                rarity_b,
                [&mut self.title_b, &mut self.title_names_b, &mut self.names_b, &mut self.numbers_b, &mut self.top_b],
            ),
        ] {
            if mark & TITLE != 0 {
                *title += rarity;
                if mark & NAME != 0 {
                    *title_names += rarity;
                }
            }
            if mark & (TITLE | LEAD) != 0 && mark & NAME != 0 {
                *names += rarity;
            }
            if mark & (TITLE | LEAD) != 0 && mark & NUMBER != 0 {
                *numbers += rarity;
            }
            if step & TOP != 0 {
                *top += rarity;
            }
        }
    }
}

/// Days spoken of that are compared: the first are those of the happening, later ones of what went before.
const FIRST_DAYS: usize = 3;

/// What the days spoken of say.
struct Days {
    /// Days between those that the two stories name first.
    gap: f32,
    /// Share of the shorter list of days that is in the other.
    shared: f32,
    /// 1 where the first weekday named is the same, else 0.
    weekday: f32,
    /// Days between the nearest dates that the two stories name first, whatever the year.
    date_gap: f32,
}

impl Days {
    fn of(a: &Signature, b: &Signature) -> Self {
        let [days_a, days_b] = [a, b].map(|s| s.days.iter().take(FIRST_DAYS).map(|code| Mention::from_code(*code)));
        let calendar = |mention: Mention| match mention {
            Mention::Day(day) => Some(day),
            _ => None,
        };
        let gap = match (days_a.clone().find_map(calendar), days_b.clone().find_map(calendar)) {
            (Some(a), Some(b)) => whole((a - b).abs().min(1000)),
            _ => f32::NAN,
        };
        let weekday_of = |mention: Mention| match mention {
            Mention::Day(day) => Some(dates::weekday(day)),
            Mention::Weekday(day) => Some(day),
            Mention::MonthDay(..) => None,
        };
        let weekday = match (days_a.clone().find_map(weekday_of), days_b.clone().find_map(weekday_of)) {
            (Some(a), Some(b)) => f32::from(u8::from(a == b)),
            _ => f32::NAN,
        };
        let agree =
            |a: Mention| days_b.clone().any(|b| a == b || month_day(a).is_some_and(|day| month_day(b) == Some(day)));
        let least = a.days.len().min(b.days.len()).min(FIRST_DAYS);
        let shared = if least == 0 {
            f32::NAN
        } else {
            (small(days_a.clone().filter(|day| agree(*day)).count()) / small(least)).min(1.0)
        };
        let gaps = days_a
            .filter_map(month_day)
            .flat_map(|a| days_b.clone().filter_map(month_day).map(move |b| days_between(a, b)));
        let date_gap = gaps.min().map_or(f32::NAN, whole);
        Self { gap, shared, weekday, date_gap }
    }
}

fn month_day(mention: Mention) -> Option<(u8, u8)> {
    match mention {
        Mention::Day(day) => dates::month_day(day),
        Mention::MonthDay(month, day) => Some((month, day)),
        Mention::Weekday(_) => None,
    }
}

/// Days between two dates, the shorter way round the year; months count thirty.
fn days_between((month_a, day_a): (u8, u8), (month_b, day_b): (u8, u8)) -> i32 {
    let of_year = |month: u8, day: u8| i32::from(month) * 30 + i32::from(day);
    let gap: i32 = of_year(month_a, day_a) - of_year(month_b, day_b);
    gap.abs().min(360 - gap.abs()).max(0)
}

fn gap_days(a: &Signature, b: &Signature) -> f32 {
    match (a.published, b.published) {
        (Some(_), Some(_)) => whole((a.day - b.day).abs().min(1000)),
        _ => f32::NAN,
    }
}

/// The share of the shorter text that stands in the other, 0–1, as its shingles tell (Broder 1997); NaN for texts too short.
fn shared_text((a, of_a): (&Signature, &Lookup<'_>), b: &Signature) -> f32 {
    // Both samples hold every shingle up to the smaller of their ends.
    let end = a.shingles_end().min(b.shingles_end());
    let [mine, theirs] =
        [a, b].map(|s| s.shingles.get(..s.shingles.partition_point(|h| *h <= end)).unwrap_or_default());
    let mut common = 0;
    of_a.in_common(theirs, |_, _| common += 1);
    part(small(common), small(mine.len().min(theirs.len())))
}

/// Share of the shorter text from which it is a copy of the other, if that comes to [`COPIED_WORDS`]: a passage that long is not
/// written twice (on 46 syndicated pairs and 5,667 of different events, 2026-11).
const COPIED_SHARE: f32 = 0.12;
const COPIED_WORDS: f32 = 60.0;
/// Share from which texts too short for that are copies: reports from a template share up to two thirds.
const COPIED_SHORT: f32 = 0.7;

/// The share of text in common, where it is enough for one of the two to be a copy.
pub(crate) fn copied(a: (&Signature, &Lookup<'_>), b: &Signature) -> Option<f32> {
    let share = shared_text(a, b);
    let (a, _) = a;
    let enough = (COPIED_WORDS / f32::from(a.words.min(b.words)).max(1.0)).clamp(COPIED_SHARE, COPIED_SHORT);
    (share >= enough).then_some(share)
}

/// Weight of a word in its story: how often, how prominent, how rare. That the title counts double and
/// the lead 1.4 times is chosen, not measured; training makes up for it.
fn weight(mark: u8, rarity: f32) -> f32 {
    let count = COUNT_WEIGHTS[usize::from(mark & COUNT)];
    count
        * rarity
        * if mark & TITLE != 0 {
            2.0
        } else if mark & LEAD != 0 {
            1.4
        } else {
            1.0
        }
}

/// 1 + ln(count): log term frequency (Manning et al. 2008, section 6.4.1).
const COUNT_WEIGHTS: [f32; 16] =
    [1.0, 1.0, 1.69, 2.1, 2.39, 2.61, 2.79, 2.95, 3.08, 3.2, 3.3, 3.4, 3.48, 3.56, 3.64, 3.71];

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to the range of the steps")]
fn to_steps(rarity: f32) -> u8 {
    (rarity.min(RAREST) * RARITY_STEPS).clamp(0.0, f32::from(TOP - 1)) as u8
}

fn from_steps(step: u8) -> f32 {
    RARITIES[usize::from(step & !TOP)]
}

/// What each number of steps is: reading it is quicker than dividing.
const RARITIES: [f32; TOP as usize] = {
    let mut rarities = [0.0; TOP as usize];
    let mut step = 0;
    while step < TOP {
        rarities[step as usize] = step as f32 / RARITY_STEPS;
        step += 1;
    }
    rarities
};

fn least_most(a: f32, b: f32) -> [f32; 2] {
    if a.is_nan() || b.is_nan() { [f32::NAN; 2] } else { [a.min(b), a.max(b)] }
}

fn part(part: f32, whole: f32) -> f32 {
    if whole > 0.0 { part / whole } else { f32::NAN }
}

#[expect(clippy::cast_precision_loss, reason = "at most some hundreds")]
pub(crate) fn small(count: usize) -> f32 {
    count as f32
}

#[expect(clippy::cast_precision_loss, reason = "at most 1000")]
fn whole(days: i32) -> f32 {
    days as f32
}

#[cfg(test)]
mod tests {
    use super::{FEATURES, days_between};
    use crate::group::{Signature, Story, features_of};

    #[test]
    fn names_in_titles_tell_two_happenings_of_a_kind_apart() {
        let of =
            |title, text| Signature::of(&Story { title: Some(title), text, language: Some("en"), ..Story::default() });
        let lumara = of("Strong quake strikes southern Lumara", "A quake struck Lumara, the institute said.");
        let asren =
            of("Toll of Lumara quake climbs", "Rescuers in Asren searched the rubble after the quake in Lumara.");
        let peldor = of("Strong quake shakes the Peldor islands", "A quake struck Peldor, the survey said.");
        let nobody = of("a quake in the night", "A quake struck.");
        let at = FEATURES.iter().position(|name| *name == "title_names_most").unwrap();
        let check = |b: &Signature| features_of(&lumara, b).get(at).copied().unwrap();
        assert_eq!((check(&asren), check(&peldor)), (1.0, 0.0));
        assert_eq!(features_of(&nobody, &nobody).get(at).map(|x| x.is_nan()), Some(true));
    }

    #[test]
    fn dates_are_compared_round_the_year() {
        for (a, b, expect) in [((3, 1), (3, 15), 14), ((12, 30), (1, 2), 2), ((8, 5), (8, 5), 0)] {
            assert_eq!((days_between(a, b), days_between(b, a)), (expect, expect), "{a:?} {b:?}");
        }
    }
}
