use super::*;

const LEAD: &str = "The harbour council voted on Tuesday evening to rebuild the northern pier, which a storm had torn away in January.";
const SECOND: &str =
    "Work is to begin in May and to cost 4.2 million crowns, said the mayor, Ada Brennick, after the vote.";
const THIRD: &str = "\"We have waited long enough\", she said - and the benches, for once, agreed with her.";

fn story(lines: &[&str]) -> String {
    lines.join("\n\n")
}

fn version(text: &str) -> Version<'_> {
    Version { title: Some("Council votes to rebuild the pier"), subtitle: None, text }
}

fn check(before: &[&str], now: &[&str], expect: Change) {
    let (before, now) = (story(before), story(now));
    assert_eq!(compare(&version(&before), &version(&now), Notice::None), expect, "{before}\n---\n{now}");
}

#[test]
fn how_a_story_is_set_is_no_edit() {
    let base = [LEAD, SECOND, THIRD];
    for now in [
        "“We have waited long enough”, she said – and the benches, for once, agreed with her.",
        "«We have waited long enough», she said — and the benches, for once, agreed with her.",
        "''We have waited long enough'', she said - and  the benches, for once,\u{a0}agreed with her.",
        "&quot;We have waited long enough&quot;, she said &#8211; and the benches, for once, agreed with her.",
        "\"We have wait\u{ad}ed long enough\", she said-and the benches, for once, agreed with her.",
        "\"We have waited long enough\",\nshe said - and the benches, for once, agreed with her.",
    ] {
        check(&base, &[LEAD, SECOND, now], Change::Cosmetic);
    }
    check(&base, &[&format!("{LEAD} {SECOND}"), THIRD], Change::Cosmetic);
    check(&[LEAD, "The café"], &[LEAD, "The cafe\u{301}"], Change::Cosmetic);
}

#[test]
fn the_smallest_correction_is_an_edit() {
    for (before, now) in [
        (
            SECOND,
            "Work is to begin in May and to cost 4.3 million crowns, said the mayor, Ada Brennick, after the vote.",
        ),
        (
            SECOND,
            "Work is to begin in May and to cost 42 million crowns, said the mayor, Ada Brennick, after the vote.",
        ),
        (
            SECOND,
            "Work is to begin in May and to cost 4.2 million crowns, said the mayor, Ada Brennik, after the vote.",
        ),
        (
            SECOND,
            "Work is to begin in May and not to cost 4.2 million crowns, said the mayor, Ada Brennick, after the vote.",
        ),
        ("Fourteen people were hurt.", "Fifteen people were hurt."),
        ("It began at 9:30.", "It began at 9:40."),
        ("He was born in 1961.", "He was born in 1962."),
        ("-5 degrees were measured.", "5 degrees were measured."),
        ("事故で14人が負傷した。", "事故で15人が負傷した。"),
        ("أصيب 14 شخصا في الحادث.", "أصيب 15 شخصا في الحادث."),
    ] {
        check(&[LEAD, before, THIRD], &[LEAD, now, THIRD], Change::Edited);
    }
    check(&[LEAD, SECOND], &[LEAD, SECOND, THIRD], Change::Edited);
    check(&[LEAD, SECOND, THIRD], &[LEAD, THIRD], Change::Edited);
    check(&[LEAD, SECOND], &[LEAD, SECOND, "Correction: an earlier version named another month."], Change::Edited);
}

#[test]
fn lines_of_a_list_are_the_storys() {
    check(&[LEAD, "Dead: 14", "Hurt: 30", THIRD], &[LEAD, "Dead: 15", "Hurt: 30", THIRD], Change::Edited);
    check(&[LEAD, SECOND, "Dead: 14"], &[LEAD, SECOND, "Dead: 15"], Change::Edited);
    check(&[LEAD, "What it costs", SECOND], &[LEAD, "What it will cost", SECOND], Change::Edited);
}

#[test]
fn what_dates_and_counts_the_story_is_no_edit() {
    for (before, now) in [
        ("Updated 14:32", "Updated 16:05"),
        ("22.11.2026 14:32", "22.11.2026 16:05"),
        ("2026-11-22, 14:32", "2026-11-23, 09:10"),
        ("Last updated: 22 November 2026", "Last updated: 23 November 2026"),
        ("1,234 views", "1,301 views"),
        ("Views: 1234", "Views: 1,301"),
        ("Comments (12)", "Comments (19)"),
        ("This story has 12 comments.", "This story has 19 comments."),
        ("12 Kommentare", "40 Kommentare"),
        ("Просмотров: 17", "Просмотров: 171"),
        ("阅读 1024", "阅读 2048"),
        ("2 hours ago", "5 hours ago"),
    ] {
        check(&[before, LEAD, SECOND], &[now, LEAD, SECOND], Change::Cosmetic);
        check(&[LEAD, SECOND, before], &[LEAD, SECOND, now], Change::Cosmetic);
        check(&[LEAD, before, SECOND], &[LEAD, SECOND], Change::Cosmetic);
    }
}

#[test]
fn furniture_that_changes_places_or_gives_way_to_other_is_no_edit() {
    let (ferry, bakery, bridge) = ("Ferry back in service", "Bakery of the year", "Bridge to close for a week");
    check(&[LEAD, SECOND, ferry, bakery], &[LEAD, SECOND, bakery, ferry], Change::Cosmetic);
    check(&[LEAD, SECOND, ferry], &[ferry, LEAD, SECOND], Change::Cosmetic);
    check(&[LEAD, SECOND, ferry, bakery], &[LEAD, SECOND, bridge, ferry], Change::Cosmetic);
    check(&[LEAD, SECOND], &[LEAD, SECOND, bridge], Change::Cosmetic);
    // The sentences of a story have an order.
    check(&[LEAD, SECOND, THIRD], &[LEAD, THIRD, SECOND], Change::Edited);
}

#[test]
fn headlines_and_standfirsts_count() {
    let text = story(&[LEAD, SECOND]);
    let titled = |title| Version { title, ..version(&text) };
    for (before, now, expect) in [
        (Some("Council votes on pier"), Some("Council votes against pier"), Change::Edited),
        (Some("Council’s vote"), Some("Council's  vote"), Change::Cosmetic),
        (None, Some("Council votes on pier"), Change::Edited),
        (Some("Council votes on pier"), None, Change::Cosmetic),
    ] {
        assert_eq!(compare(&titled(before), &titled(now), Notice::None), expect, "{before:?} {now:?}");
    }
    // The same words, once told apart as a standfirst and once not.
    let second = story(&[SECOND, THIRD]);
    let apart = Version { subtitle: Some(LEAD), ..version(&second) };
    let whole = story(&[LEAD, SECOND, THIRD]);
    assert_eq!(compare(&apart, &version(&whole), Notice::None), Change::Cosmetic);
}

#[test]
fn the_opening_in_front_of_a_paywall_is_no_edit() {
    let whole = story(&[LEAD, SECOND, THIRD, LEAD, SECOND]);
    let cut: String = SECOND.chars().take(40).collect::<String>() + "…";
    let check = |now: &[&str], notice, expect| {
        let now = story(now);
        assert_eq!(compare(&version(&whole), &version(&now), notice), expect, "{now}");
    };
    check(&[LEAD], Notice::Paywall, Change::Shortened);
    check(&[LEAD, &cut], Notice::Paywall, Change::Shortened);
    // Without a wall the publisher has cut it.
    check(&[LEAD], Notice::None, Change::Edited);
    // A page that sells subscriptions may be edited like any other, and withdrawn.
    check(&[LEAD, SECOND, THIRD, SECOND], Notice::Paywall, Change::Edited);
    check(&["This report was withdrawn because its source could not be confirmed."], Notice::Paywall, Change::Edited);
    // The wall came down.
    let opening = story(&[LEAD]);
    assert_eq!(compare(&version(&opening), &version(&whole), Notice::Paywall), Change::Edited);
}

proptest::proptest! {
    #[test]
    fn a_story_is_no_edit_of_itself(text in "\\PC{0,400}") {
        for notice in [Notice::None, Notice::Paywall] {
            proptest::prop_assert_eq!(compare(&version(&text), &version(&text), notice), Change::Cosmetic);
        }
    }
}
