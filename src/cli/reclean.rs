//! `dateline reclean`: today's cleaner over the raw pages that are kept.

use std::io::Write;

use clap::Args;

use super::range::When;
use super::table::fit;
use super::{Outcome, Settings, bar, engine, json};
use crate::config::Config;
use crate::pipeline::{self, FeedRules, Reclean, Recleaned};
use crate::store::{Lock, Reader, Scope, Writer};

/// Cleans the raw pages that are kept (`keep_html`) again, without fetching, and writes what comes out differently.
///
/// A story that says something else gets a revision; other fields just change. What would be rejected today, and what has no page any more, stays
/// as it is and is counted. It can be stopped at any moment: the same command goes on where it was. Needs the daemon stopped; a dry run does not.
#[derive(Debug, Args)]
#[command(after_help = "Example: dateline reclean --feed rudaw --since 2026-10-01 --dry-run")]
pub(super) struct Arguments {
    /// Change nothing, show what would change; works beside a running daemon
    #[arg(long)]
    dry_run: bool,
    /// Articles of this feed
    #[arg(long, value_name = "NAME")]
    feed: Option<String>,
    /// Articles published on this day or later
    #[arg(long, value_name = "DATE")]
    since: Option<When>,
    /// Articles published on this day or earlier
    #[arg(long, value_name = "DATE")]
    until: Option<When>,
    /// At most this many articles; the next run goes on after them
    #[arg(long, value_name = "N")]
    limit: Option<u64>,
    /// Begin with the first article, though an earlier run was stopped on its way
    #[arg(long)]
    restart: bool,
    /// How many changed articles to show
    #[arg(long, default_value_t = 5, value_name = "N")]
    samples: usize,
    /// JSON: the counts, `fields`, `samples`
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: &Arguments, settings: &Settings) -> anyhow::Result<Outcome> {
    let config = Config::load(settings.config.as_deref())?;
    let mut options = engine::options(&config).pipeline;
    options.db = settings.database()?;
    let rules: Vec<(String, FeedRules)> =
        engine::sources(&config).into_iter().map(|source| (source.name, source.rules)).collect();
    let wanted = Reclean {
        scope: Scope {
            feed: arguments.feed.clone(),
            since: arguments.since.map(When::begin),
            until: arguments.until.map(When::end),
        },
        limit: arguments.limit,
        samples: arguments.samples,
        from_the_start: arguments.restart,
    };
    let reader = Reader::open(&options.db)?;
    if let Some(feed) = &arguments.feed {
        let known = reader.feed_names()?.into_iter().any(|(_, name)| name == *feed);
        anyhow::ensure!(known, "no feed `{feed}`; `dateline status` lists them");
    }
    #[expect(clippy::disallowed_methods, reason = "the shell asks for the time")]
    let now = jiff::Timestamp::now();
    let bar = bar::of_things("articles");
    let show = |done, total| {
        bar.set_length(total);
        bar.set_position(done);
    };
    let done = if arguments.dry_run {
        pipeline::reclean(&reader, None, &rules, &options, &wanted, now, show)?
    } else {
        let _lock = Lock::take(&options.db)?;
        let mut writer = Writer::open(&options.db)?;
        let done = pipeline::reclean(&reader, Some(&mut writer), &rules, &options, &wanted, now, show)?;
        drop(reader);
        writer.checkpoint()?;
        done
    };
    bar.finish_and_clear();
    print(arguments, &done)?;
    Ok(Outcome::Done)
}

fn print(arguments: &Arguments, done: &Recleaned) -> anyhow::Result<()> {
    let mut output = std::io::stdout().lock();
    if arguments.json {
        writeln!(output, "{}", json::pretty(done)?)?;
        return Ok(());
    }
    if let Some(after) = done.resumed_after {
        writeln!(output, "went on after article {after}, where an earlier run was stopped")?;
    }
    let would = if arguments.dry_run { "would get" } else { "got" };
    writeln!(
        output,
        "{} articles: {} the same, {} {would} a revision, {} {would} other fields alone, {} behind a wall now, {} would be rejected today, {} without a kept page",
        done.articles, done.same, done.revised, done.amended, done.shortened, done.rejected, done.without_page
    )?;
    let fields: Vec<String> = done.fields.iter().map(|(field, count)| format!("{field} {count}")).collect();
    if !fields.is_empty() {
        writeln!(output, "fields: {}", fields.join(", "))?;
    }
    for (article, reason) in &done.rejections {
        writeln!(output, "  article {article} would be rejected: {}", fit(reason, 120))?;
    }
    for sample in &done.samples {
        writeln!(output, "\narticle {} {}", sample.article, fit(&sample.url, 120))?;
        for edit in &sample.edits {
            writeln!(output, "  {}", edit.field)?;
            for (sign, lines) in [('-', &edit.before), ('+', &edit.now)] {
                for line in lines.iter().take(SAMPLE_LINES) {
                    writeln!(output, "    {sign} {}", fit(line, 140))?;
                }
                if lines.len() > SAMPLE_LINES {
                    writeln!(output, "    {sign} … {} more", lines.len() - SAMPLE_LINES)?;
                }
            }
        }
    }
    Ok(())
}

/// Paragraphs of a changed text that are shown of each side.
const SAMPLE_LINES: usize = 6;
