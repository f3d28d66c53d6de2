//! Laws of the index that hold for any stream: what a restart, a dropped day or another order may and may not change.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{Index, Member, Options, Signature, Story};
use crate::event::{ArticleId, EventId};

const PLACES: [&str; 6] = ["Kelm", "Ostrava Quay", "Brunn Heath", "Sarvik", "Tollmead", "Ardua"];
const DEEDS: [&str; 5] =
    ["ferry ran aground", "bridge was closed", "mayor resigned", "mill burned down", "harvest failed"];
const PEOPLE: [&str; 7] =
    ["Hanna Kolb", "Velimir Dusk", "Oskar Brandl", "Ines Farrow", "Tove Lind", "Rafe Amsel", "Mira Quist"];

/// What a database keeps.
#[derive(Default)]
struct Stored {
    members: BTreeMap<ArticleId, Member>,
    statistics: BTreeMap<String, Vec<u8>>,
}

impl Stored {
    /// Groups one story as the recorder does, and keeps what comes of it.
    fn record(&mut self, index: &mut Index, number: i64, signature: &Signature) {
        for day in index.days_needed(signature).filter(|day| !index.is_loaded(*day)).collect::<Vec<_>>() {
            index.load(day, self.members.values().filter(|m| m.signature.day() == day).cloned());
        }
        let article = ArticleId(number);
        let done = index.assign(article, EventId(number), signature.clone());
        let member =
            Member { article, event: done.event, duplicate_of: done.duplicate_of, signature: signature.clone() };
        self.members.insert(article, member);
        for member in self.members.values_mut() {
            for (from, into) in &done.merged {
                if member.event == *from {
                    member.event = *into;
                }
            }
            for (from, to) in &done.recopied {
                if member.article == *from || member.duplicate_of == Some(*from) {
                    member.duplicate_of = Some(*to);
                }
            }
        }
    }

    fn save_statistics(&mut self, index: &mut Index) {
        for (key, value) in index.statistics_to_save() {
            match value {
                Some(value) => self.statistics.insert(key, value),
                None => self.statistics.remove(&key),
            };
        }
    }

    fn partition(&self) -> Vec<(ArticleId, EventId, Option<ArticleId>)> {
        self.members.values().map(|m| (m.article, m.event, m.duplicate_of)).collect()
    }
}

fn stories(seed: u64, count: usize) -> Vec<Signature> {
    let mut state = seed;
    let mut pick = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap_or(0) % below
    };
    let tell = |_| {
        let (place, deed, who) = (PLACES[pick(6)], DEEDS[pick(5)], PEOPLE[pick(7)]);
        let title = format!("{place}: {deed}");
        let text =
            format!("The {deed} near {place}, said {who} of the town council. {} asked for help.", PEOPLE[pick(7)]);
        let at = format!("2024-03-{:02}T{:02}:00:00Z", 1 + pick(27), pick(24)).parse().ok();
        Signature::of(&Story {
            title: Some(&title),
            text: &text,
            published_at: at,
            language: Some("en"),
            ..Story::default()
        })
    };
    (0..count).map(tell).collect()
}

#[test]
fn words_learnt_once_more_in_order_are_the_words_that_were_learnt() {
    let (mut grouped, mut learnt) = (Index::new(Options::default()), Index::new(Options::default()));
    // More than the first save point takes.
    for number in 0..300_i64 {
        let text = format!("The harbour of w{} saw the ferry w{} on its way", number % 7, number % 50);
        let signature = Signature::of(&Story { text: &text, language: Some("en"), ..Story::default() });
        learnt.learn(&signature);
        grouped.assign(ArticleId(number), EventId(number), signature);
    }
    assert_eq!(learnt.statistics_to_save(), grouped.statistics_to_save());
    assert!(learnt.is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    /// A stream cut by restarts, and with days dropped, ends in the same partition as an uncut one.
    #[test]
    fn restarts_change_no_partition(seed in any::<u64>(), cuts in prop::collection::btree_set(1_usize..560, 0..8)) {
        let stories = stories(seed, 560);
        let (mut uncut, mut cut) = (Stored::default(), Stored::default());
        let mut whole = Index::new(Options::default());
        let mut index = Index::new(Options::default());
        for (number, (at, signature)) in (1..).zip(stories.iter().enumerate()) {
            uncut.record(&mut whole, number, signature);
            if cuts.contains(&at) {
                cut.save_statistics(&mut index);
                index = Index::new(Options::default());
                index.restore_statistics(cut.statistics.clone());
            }
            if at % 40 == 0 {
                index.evict(&index.days_needed(signature), 50);
            }
            cut.record(&mut index, number, signature);
        }
        prop_assert_eq!(uncut.partition(), cut.partition());
    }

    /// An article that is assigned again, unchanged, stays where it was.
    #[test]
    fn again_is_the_same(seed in any::<u64>()) {
        let stories = stories(seed, 60);
        let mut index = Index::new(Options::default());
        let mut last = None;
        for (number, signature) in (1..).zip(&stories) {
            last = Some((number, index.assign(ArticleId(number), EventId(number), signature.clone())));
        }
        if let (Some((number, first)), Some(signature)) = (last, stories.last()) {
            let again = index.assign(ArticleId(number), EventId(number), signature.clone());
            prop_assert_eq!((first.event, first.duplicate_of), (again.event, again.duplicate_of));
        }
    }

    /// Nothing from outside is refused with a panic.
    #[test]
    fn damaged_signatures_are_refused_quietly(bytes in prop::collection::vec(any::<u8>(), 0..400), text in ".{0,400}") {
        let mut bytes = bytes;
        if let Some(version) = bytes.first_mut() {
            *version = 2;
        }
        let signature = Signature::of(&Story { title: Some(&text), text: &text, ..Story::default() });
        if let Some(other) = Signature::from_bytes(&bytes) {
            let _ = super::compare(&signature, &other);
        }
        prop_assert_eq!(Signature::from_bytes(&signature.to_bytes()), Some(signature));
    }
}
