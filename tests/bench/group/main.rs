//! The grouper against labelled articles, and what its training needs.
//!
//! ```text
//! cargo bench --bench group                     accuracy, time and memory against window size, in one table
//! cargo bench --bench group -- terms            articles in, the hashed words of each out
//! cargo bench --bench group -- near [OTHERS]    labelled articles in, the features of every pair worth looking at out
//! cargo bench --bench group -- features         pairs in, their features out
//! cargo bench --bench group -- stream [MODEL]   articles in, `{id, event, duplicate_of}` out
//! cargo bench --bench group -- pairs [MODEL]    pairs in, `{id, same, score}` out
//! ```
//! What another order of arrival changes: `order.py`.
//!
//! Lines of JSON on stdin and stdout. Articles are `{id, title, body or text, published or published_at, lang or language}`.

mod table;

use std::collections::HashMap;
use std::io::{BufWriter, Write, stdin, stdout};

use dateline::event::{ArticleId, EventId};
use dateline::group::{Index, Model, Options, Signature, Story, compare_by, features, features_of, hashed_words};
use serde_json::{Value, json};

fn main() -> anyhow::Result<()> {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench" && arg != "--jsonl").collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args[..] {
        [] => {
            let shared = std::env::var("DATELINE_SHARED")
                .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../shared").into());
            if !std::path::Path::new(&shared).exists() {
                println!("skipped: no labelled articles at `{shared}`; set DATELINE_SHARED");
                return Ok(());
            }
            table::print(shared.as_ref())
        }
        ["terms"] => terms(),
        ["near"] => near(20),
        ["near", others] => near(others.parse()?),
        ["features"] => pair_features(),
        ["stream" | "group"] => stream(Model::bundled()),
        ["stream", path] => stream(&Model::parse(&std::fs::read_to_string(path)?)?),
        ["pairs"] | ["group", "--pairs"] => pairs(Model::bundled()),
        ["pairs", path] => pairs(&Model::parse(&std::fs::read_to_string(path)?)?),
        _ => anyhow::bail!("what this is for stands at the head of tests/bench/group/main.rs"),
    }
}

fn lines() -> impl Iterator<Item = anyhow::Result<Value>> {
    stdin().lines().map(|line| Ok(serde_json::from_str(&line?)?))
}

fn text<'a>(value: &'a Value, names: [&str; 2]) -> Option<&'a str> {
    names.iter().find_map(|name| value.get(name)?.as_str())
}

fn signature(value: &Value) -> Signature {
    Signature::of(&Story {
        title: text(value, ["title", "title"]),
        text: text(value, ["text", "body"]).unwrap_or_default(),
        published_at: text(value, ["published_at", "published"]).and_then(|at| at.parse().ok()),
        language: text(value, ["language", "lang"]),
        ..Story::default()
    })
}

fn terms() -> anyhow::Result<()> {
    let mut out = BufWriter::new(stdout().lock());
    for line in lines() {
        let line = line?;
        for part in [text(&line, ["title", "title"]), text(&line, ["text", "body"])].into_iter().flatten() {
            for hash in hashed_words(part) {
                write!(out, "{hash} ")?;
            }
        }
        writeln!(out)?;
    }
    Ok(out.flush()?)
}

/// Pairs of one event, and for each article the most alike of other events within the window; each as it is, without dates, as if
/// of an unknown language, and both.
fn near(others_each: usize) -> anyhow::Result<()> {
    let rows: Vec<(Value, [Signature; 4])> = lines().map(|line| line.map(variants)).collect::<anyhow::Result<_>>()?;
    let mut out = BufWriter::new(stdout().lock());
    writeln!(out, "{}", json!(features::FEATURES))?;
    for (at, (value, of_a)) in rows.iter().enumerate() {
        let mut others = Vec::new();
        for (other, of_b) in rows.iter().take(at).filter(|(_, b)| (b[0].day() - of_a[0].day()).abs() <= 7) {
            let x = features_of(&of_a[0], &of_b[0]);
            others.push((value["event"] == other["event"], x[0] + x[1], other, of_b));
        }
        others.sort_by(|a, b| (b.0, b.1).partial_cmp(&(a.0, a.1)).unwrap_or(std::cmp::Ordering::Equal));
        let same = others.iter().filter(|(same, ..)| *same).count();
        for (same, _, other, of_b) in others.into_iter().take(same + others_each) {
            let x: Vec<Value> = of_a.iter().zip(of_b).map(|(a, b)| numbers(&features_of(a, b))).collect();
            let events = [&value["event"], &other["event"]];
            writeln!(out, "{}", json!({ "a": value["id"], "b": other["id"], "events": events, "same": same, "x": x }))?;
        }
    }
    Ok(out.flush()?)
}

fn variants(value: Value) -> (Value, [Signature; 4]) {
    let undated = |mut value: Value| {
        value["published"] = Value::Null;
        value
    };
    let foreign = |mut value: Value| {
        value["lang"] = json!("zz");
        value
    };
    let each = [value.clone(), undated(value.clone()), foreign(value.clone()), foreign(undated(value.clone()))];
    (value, each.map(|value| signature(&value)))
}

fn numbers(x: &[f32]) -> Value {
    x.iter().map(|x| Some(*x).filter(|x| !x.is_nan())).collect()
}

fn pair_features() -> anyhow::Result<()> {
    let mut out = BufWriter::new(stdout().lock());
    writeln!(out, "{}", json!(features::FEATURES))?;
    for line in lines() {
        let line = line?;
        let (_, a) = variants(line["a"].clone());
        let (_, b) = variants(line["b"].clone());
        let x: Vec<Value> = a.iter().zip(&b).map(|(a, b)| numbers(&features_of(a, b))).collect();
        writeln!(out, "{}", json!({ "id": line["id"], "x": x }))?;
    }
    Ok(out.flush()?)
}

fn stream(model: &Model) -> anyhow::Result<()> {
    let mut index = Index::with_model(Options::default(), model.clone());
    let mut rows: Vec<(Value, EventId, Option<ArticleId>)> = Vec::new();
    let mut merged: HashMap<EventId, EventId> = HashMap::new();
    for (number, line) in (0..).zip(lines()) {
        let line = line?;
        let done = index.assign(ArticleId(number), EventId(number), signature(&line));
        merged.extend(done.merged);
        for (from, to) in done.recopied {
            for row in &mut rows {
                if row.2 == Some(from) {
                    row.2 = Some(to);
                }
            }
            if let Some(row) = usize::try_from(from.0).ok().and_then(|at| rows.get_mut(at)) {
                row.2 = Some(to);
            }
        }
        rows.push((line["id"].clone(), done.event, done.duplicate_of));
    }
    let mut out = BufWriter::new(stdout().lock());
    for (id, event, duplicate_of) in &rows {
        let mut event = *event;
        while let Some(into) = merged.get(&event) {
            event = *into;
        }
        let original =
            duplicate_of.and_then(|of| usize::try_from(of.0).ok()).and_then(|at| rows.get(at)).map(|row| &row.0);
        writeln!(out, "{}", json!({ "id": id, "event": event, "event_id": event, "duplicate_of": original }))?;
    }
    Ok(out.flush()?)
}

fn pairs(model: &Model) -> anyhow::Result<()> {
    let mut out = BufWriter::new(stdout().lock());
    for line in lines() {
        let line = line?;
        let done = compare_by(model, &signature(&line["a"]), &signature(&line["b"]));
        writeln!(out, "{}", json!({ "id": line["id"], "same": done.same, "score": done.score, "why": done.why }))?;
    }
    Ok(out.flush()?)
}
