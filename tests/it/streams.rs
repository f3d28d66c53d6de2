//! Made-up streams of reports, each with the events that a desk would make of it: `tests/fixtures/streams`.
//!
//! A file is a list of reports in order of arrival: `== EVENT PUBLISHED PUBLISHER LANGUAGE`, the headline, the text. Its first line is the least B-cubed F1
//! that the grouper must reach on it, 1 where every report must come out right. Where it is less, a round-up
//! or a live blog falls in with one of its happenings, or reports of one happening have hardly a word in common: what was tried against it cost more on the
//! labelled data (2026-11-23).

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::json;

use crate::newsroom::{json_lines, piped};

#[derive(Default)]
struct Report {
    event: String,
    published: Option<String>,
    publisher: String,
    language: String,
    title: String,
    text: String,
}

/// What the grouper makes of reports: event and original of each.
fn grouped(reports: &[Report]) -> Vec<(i64, Option<i64>)> {
    let lines = reports.iter().enumerate().map(|(id, report)| {
        let line = json!({
            "id": id, "url": format!("https://{}/{id}", report.publisher), "title": report.title, "text": report.text,
            "published_at": report.published, "publisher": report.publisher, "language": report.language,
        });
        format!("{line}\n")
    });
    let done = piped(&["group", "--jsonl"], &lines.collect::<String>());
    assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stderr));
    let lines = json_lines(&done.stdout);
    lines.iter().map(|line| (line["event_id"].as_i64().unwrap(), line["duplicate_of"].as_i64())).collect()
}

/// B-cubed F1 (Bagga and Baldwin 1998): of each report the share of its group that belongs there, and of its event that is there.
fn bcubed(reports: &[Report], groups: &[(i64, Option<i64>)]) -> f64 {
    let mut counts: BTreeMap<(Option<&str>, Option<i64>), f64> = BTreeMap::new();
    for (report, (group, _)) in reports.iter().zip(groups) {
        let event = report.event.as_str();
        for key in [(Some(event), None), (None, Some(*group)), (Some(event), Some(*group))] {
            *counts.entry(key).or_default() += 1.0;
        }
    }
    let (mut precision, mut recall) = (0.0, 0.0);
    for (report, (group, _)) in reports.iter().zip(groups) {
        let event = report.event.as_str();
        let both = counts[&(Some(event), Some(*group))];
        precision += both / counts[&(None, Some(*group))];
        recall += both / counts[&(Some(event), None)];
    }
    2.0 * precision * recall / (precision + recall) / f64::from(u32::try_from(reports.len()).unwrap())
}

fn read(text: &str) -> (f64, Vec<Report>) {
    let (floor, rest) = text.split_once('\n').unwrap();
    let reports = rest.split("== ").skip(1).map(|block| {
        let lines: Vec<&str> = block.splitn(3, '\n').collect();
        let head: Vec<&str> = lines[0].split(' ').collect();
        Report {
            event: head[0].to_owned(),
            published: Some(head[1].to_owned()),
            publisher: head[2].to_owned(),
            language: head[3].to_owned(),
            title: lines[1].to_owned(),
            text: lines[2].trim().to_owned(),
        }
    });
    (floor.parse().unwrap(), reports.collect())
}

#[test]
fn streams_fall_into_the_events_that_a_desk_would_make() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/streams");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    assert!(files.len() >= 19);
    let mut failed = false;
    for file in files {
        let (floor, reports) = read(&std::fs::read_to_string(&file).unwrap());
        let groups = grouped(&reports);
        let reached = bcubed(&reports, &groups);
        println!("{:<28} {reached:.3}, at least {floor:.3}", file.file_stem().unwrap().to_string_lossy());
        if reached < floor - 1e-9 {
            failed = true;
            for (report, (group, _)) in reports.iter().zip(&groups) {
                println!("  {group:>3} {:<16} {}", report.event, report.title);
            }
        }
    }
    assert!(!failed, "printed above: the group of each report, the event that it tells of, its headline");
}

const RELEASE: &str = "Marlin Shipping and the port of Sund have agreed on a terminal for ships that run on ammonia, the two said on Tuesday. \
Work on the 340-million-crown site at the north quay is to begin in spring and to end within three years. \"Nobody has built this at such a size,\" \
said Marlin's chief executive Karin Loft. The port expects two hundred jobs. The terminal will have four berths and a tank that holds sixty thousand \
tonnes. Residents of the north shore have asked for a study of what a leak would mean. The city's council voted for the plan by 31 to 18 in June. \
Marlin runs eighty-four ships and moved its seat to Sund six years ago. The first vessel that burns ammonia is being fitted out in its yard.";

/// One release, carried by thirty outlets with their credit lines, cuts and headlines, is one event; all are copies of the first.
#[test]
fn a_release_that_thirty_outlets_carry_is_one_event_and_twenty_nine_copies() {
    let sentences: Vec<&str> = RELEASE.split_inclusive(". ").collect();
    let carried = |outlet: usize| {
        let cut = sentences.len() - outlet % 4;
        let credit = ["", "SUND (Wire) - ", "Sund, by our own correspondent. ", "(Press release) "][outlet % 4];
        let tail = ["", " Source: Marlin Shipping", " Contact: press@marlin.example", " (Wire/ab)"][outlet / 4 % 4];
        Report {
            published: Some(format!("2024-10-01T{:02}:{:02}:00Z", 8 + outlet / 6, outlet % 6 * 10)),
            publisher: format!("outlet{outlet}.example"),
            language: "en".to_owned(),
            title: [
                "Marlin and port of Sund agree on ammonia terminal",
                "Sund gets a terminal for ammonia ships",
                "Ammonia terminal planned at Sund's north quay",
            ][outlet % 3]
                .to_owned(),
            text: format!("{credit}{}{tail}", sentences[..cut].concat()),
            ..Report::default()
        }
    };
    let groups = grouped(&(0..30).map(carried).collect::<Vec<_>>());
    assert!(groups.iter().all(|(event, _)| *event == groups[0].0), "{groups:?}");
    assert_eq!(groups[0].1, None);
    assert!(groups[1..].iter().all(|(_, original)| *original == Some(0)), "{groups:?}");
}

/// What arrives late goes where it belongs; what has no date, or one of the future, neither breaks anything nor draws other events to it.
#[test]
fn late_undated_and_future_reports_find_their_event_and_no_other() {
    let (_, reports) = read(include_str!("../fixtures/streams/election-night.txt"));
    let mut reports: Vec<Report> = reports;
    // The second report of the night arrives after the oath, a month later; one of the talks has lost its date, one of the oath is dated next year.
    let late = reports.remove(1);
    reports.push(late);
    let undated = reports.iter().position(|report| report.event == "talks").unwrap() + 1;
    reports[undated].published = None;
    let oath = reports.iter().rposition(|report| report.event == "sworn").unwrap();
    reports[oath].published = Some("2025-10-09T12:00:00Z".to_owned());
    let groups = grouped(&reports);
    let of = |event: &str| {
        let of = reports.iter().zip(&groups).filter(|(report, _)| report.event == event).map(|(_, (group, _))| *group);
        of.collect::<std::collections::BTreeSet<_>>()
    };
    assert_eq!(of("night").len(), 1, "{groups:?}");
    assert!(of("night").is_disjoint(&of("talks")) && of("talks").is_disjoint(&of("sworn")), "{groups:?}");
}
