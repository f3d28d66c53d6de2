//! Today's cleaner over the raw pages that are kept, without fetching.
//!
//! Articles are taken by number, some at a time: their pages are cleaned on all processors, what changed commits in one transaction together with the
//! number that was reached. So it can be stopped at any moment and goes on there. Reading the same page twice changes nothing the second time.

use std::collections::{BTreeMap, HashMap};
use std::num::NonZero;
use std::panic::{AssertUnwindSafe, catch_unwind};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use url::Url;

use super::message::Reading;
use super::story::Filing;
use super::work::{Seen, Time, read_html};
use super::{FeedRules, Options, TextIn};
use crate::address;
use crate::article::Article;
use crate::clean::edit::{self, Change, Notice, Version};
use crate::clean::{self, Rejection};
use crate::event::ArticleId;
use crate::group::Index;
use crate::store::{Before, Error, Kept, Pages, Reader, Scope, StoredArticle, Writer, time_text};

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Reclean {
    /// Which articles.
    pub scope: Scope,
    /// At most this many; the next run goes on after them.
    pub limit: Option<u64>,
    /// How many changed articles are shown.
    pub samples: usize,
    /// Whether to begin with the first article though an earlier run was stopped on its way.
    pub from_the_start: bool,
}

/// What came of it.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Recleaned {
    /// The run went on after this article.
    pub resumed_after: Option<i64>,
    /// Articles looked at.
    pub articles: u64,
    /// Those that say the same.
    pub same: u64,
    /// Those of which something changed that is no edit of the story.
    pub amended: u64,
    /// Those whose story says something else: they get a revision.
    pub revised: u64,
    /// Those of which today's cleaner would show only the opening, for a wall: they stay as they are.
    pub shortened: u64,
    /// Those that today's cleaner would reject: they stay as they are.
    pub rejected: u64,
    /// Those whose page is not kept (any more).
    pub without_page: u64,
    /// How many articles changed in each field.
    pub fields: BTreeMap<&'static str, u64>,
    /// Some of those that changed.
    pub samples: Vec<Sample>,
    /// Why pages were rejected, the first few.
    pub rejections: Vec<(i64, String)>,
}

/// An article that changed.
#[derive(Debug, Clone, Serialize)]
pub struct Sample {
    /// Which.
    pub article: i64,
    /// Where it was found.
    pub url: String,
    /// Field by field.
    pub edits: Vec<Edit>,
}

/// A field that changed. Of the text, the paragraphs that went and came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Edit {
    /// Which field.
    pub field: &'static str,
    /// What is no longer said.
    pub before: Vec<String>,
    /// What is said now.
    pub now: Vec<String>,
}

/// The name of this work in the database.
const TASK: &str = "reclean";

/// Articles read, cleaned and committed at once.
const STEP: usize = 64;

/// Rejections that are named.
const REJECTIONS: usize = 20;

/// Where a run that was stopped goes on.
#[derive(Serialize, Deserialize)]
struct Reached {
    scope: Scope,
    after: i64,
}

/// What the page of one article came to.
enum Outcome {
    WithoutPage,
    Rejected(Rejection),
    Broken,
    Read(Box<Reading>, Notice),
}

/// Reads stored articles again; changes nothing where `writer` is `None`. `progress` is told articles done and articles in all.
///
/// # Errors
/// When the database or the file of raw pages fails: what was committed stays, the next run goes on after it.
pub fn reclean(
    reader: &Reader,
    mut writer: Option<&mut Writer>,
    rules: &[(String, FeedRules)],
    options: &Options,
    wanted: &Reclean,
    now: Timestamp,
    mut progress: impl FnMut(u64, u64),
) -> Result<Recleaned, Error> {
    let pages = Pages::open_reading(&options.db)?;
    let by_name: HashMap<_, _> = rules.iter().map(|(name, rules)| (name, rules)).collect();
    let rules: HashMap<_, _> =
        reader.feed_names()?.into_iter().filter_map(|(id, name)| Some((id, *by_name.get(&name)?))).collect();
    let mut index = Index::new(options.group);
    if let Some(writer) = writer.as_deref_mut() {
        index.restore_statistics(writer.batch()?.statistics()?);
    }
    let reached = reader.task(TASK)?.and_then(|state| serde_json::from_str::<Reached>(&state).ok());
    let reached = reached.filter(|reached| writer.is_some() && !wanted.from_the_start && reached.scope == wanted.scope);
    let mut after = reached.as_ref().map_or(0, |reached| reached.after);
    let mut done = Recleaned { resumed_after: reached.map(|reached| reached.after), ..Recleaned::default() };
    let total = reader.count_stored(&wanted.scope, ArticleId(after))?.min(wanted.limit.unwrap_or(u64::MAX));
    loop {
        progress(done.articles, total);
        let room = usize::try_from(total - done.articles).unwrap_or(STEP).min(STEP);
        let stored = if room == 0 { Vec::new() } else { reader.stored(&wanted.scope, ArticleId(after), room)? };
        let Some(last) = stored.last() else { break };
        after = last.id.0;
        let mut jobs = Vec::with_capacity(stored.len());
        for article in stored {
            let page = pages.as_ref().map(|pages| page_of(pages, &article)).transpose()?.flatten();
            jobs.push((article, page));
        }
        let read = clean_all(jobs, |article, page| {
            let rules = article.feed.and_then(|feed| rules.get(&feed).copied()).cloned().unwrap_or_default();
            read_again(article, page, &rules, &options.clean)
        });
        let changed: Vec<(ArticleId, Box<Reading>, Before)> =
            read.into_iter().filter_map(|(article, outcome)| done.judge(&article, outcome, wanted.samples)).collect();
        if let Some(writer) = writer.as_deref_mut() {
            let batch = writer.batch()?;
            for (id, reading, before) in changed {
                // It may have been pruned since.
                if batch.words(id)?.is_some() {
                    let mut filing = Filing {
                        batch: &batch,
                        index: &mut index,
                        rechecks: &options.rechecks,
                        assign: options.stages.assign,
                    };
                    filing.amend(id, &reading, before, now)?;
                }
            }
            batch.keep_statistics(&index.statistics_to_save())?;
            let reached = Reached { scope: wanted.scope.clone(), after };
            batch.keep_task(TASK, serde_json::to_string(&reached).ok().as_deref())?;
            batch.commit()?;
        }
    }
    if let Some(writer) = writer
        && reader.count_stored(&wanted.scope, ArticleId(after))? == 0
    {
        let batch = writer.batch()?;
        batch.keep_task(TASK, None)?;
        batch.commit()?;
    }
    Ok(done)
}

/// The kept page of an article, and where it was found. A page of another address belongs to an article that had the number before
/// an older copy of the database was put in place.
fn page_of(pages: &Pages, article: &StoredArticle) -> Result<Option<(Url, Kept)>, Error> {
    let Some(url) = pages.url(article.id)?.and_then(|url| Url::parse(&url).ok()) else { return Ok(None) };
    let keys = [&article.article.url, &article.article.canonical_url, &article.entry.url].map(address::key);
    if !keys.contains(&address::key(&url)) {
        return Ok(None);
    }
    Ok(pages.get(article.id)?.map(|kept| (url, kept)))
}

fn read_again(
    stored: &StoredArticle,
    page: Option<&(Url, Kept)>,
    rules: &FeedRules,
    options: &clean::Options,
) -> Outcome {
    let Some((url, (bytes, content_type))) = page.filter(|_| rules.text == TextIn::Page) else {
        return Outcome::WithoutPage;
    };
    let html = clean::decode(bytes, content_type.as_deref());
    let seen = Seen { fetched_at: stored.fetched_at, seen_at: stored.fetched_at };
    let (read, notice) =
        read_html(&stored.entry, url, &html, rules, |page| clean::clean(page, options), seen, Time::Again);
    match read {
        Err(rejection) => Outcome::Rejected(rejection),
        Ok(mut reading) => {
            let (now, before) = (&mut reading.article, &stored.article);
            // What is not the page's to say again.
            now.url.clone_from(&before.url);
            now.canonical_url.clone_from(&before.canonical_url);
            now.publisher.clone_from(&before.publisher);
            if now.language.is_none() {
                now.language.clone_from(&before.language);
            }
            Outcome::Read(Box::new(reading), notice)
        }
    }
}

/// Cleans on all processors. A page that the cleaner breaks down on is told, and left alone.
fn clean_all(
    jobs: Vec<(StoredArticle, Option<(Url, Kept)>)>,
    work: impl Fn(&StoredArticle, Option<&(Url, Kept)>) -> Outcome + Sync,
) -> Vec<(StoredArticle, Outcome)> {
    let processors = std::thread::available_parallelism().map_or(1, NonZero::get);
    let share = jobs.len().div_ceil(processors).max(1);
    let guarded = |(article, page): &(StoredArticle, Option<(Url, Kept)>)| {
        catch_unwind(AssertUnwindSafe(|| work(article, page.as_ref()))).unwrap_or_else(|_| {
            tracing::error!(url = %article.article.url, "the cleaner broke down on a page; please report it");
            Outcome::Broken
        })
    };
    let outcomes: Vec<Outcome> = std::thread::scope(|scope| {
        let threads: Vec<_> =
            jobs.chunks(share).map(|jobs| scope.spawn(|| jobs.iter().map(guarded).collect::<Vec<_>>())).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap_or_default()).collect()
    });
    jobs.into_iter().map(|(article, _)| article).zip(outcomes).collect()
}

impl Recleaned {
    /// Counts one article; gives back what is to be written of it.
    fn judge(
        &mut self,
        stored: &StoredArticle,
        outcome: Outcome,
        samples: usize,
    ) -> Option<(ArticleId, Box<Reading>, Before)> {
        self.articles += 1;
        let (reading, notice) = match outcome {
            Outcome::WithoutPage => {
                self.without_page += 1;
                return None;
            }
            Outcome::Rejected(rejection) => {
                self.rejected += 1;
                if self.rejections.len() < REJECTIONS {
                    self.rejections.push((stored.id.0, rejection.to_string()));
                }
                return None;
            }
            Outcome::Broken => {
                self.rejected += 1;
                return None;
            }
            Outcome::Read(reading, notice) => (reading, notice),
        };
        let edits = edits(&stored.article, &reading.article);
        if edits.is_empty() {
            self.same += 1;
            return None;
        }
        let before = match edit::compare(&version(&stored.article), &version(&reading.article), notice) {
            Change::Shortened => {
                self.shortened += 1;
                return None;
            }
            Change::Edited => {
                self.revised += 1;
                Before::Revision
            }
            Change::Cosmetic => {
                self.amended += 1;
                Before::Replaced
            }
        };
        for edit in &edits {
            *self.fields.entry(edit.field).or_default() += 1;
        }
        if self.samples.len() < samples {
            self.samples.push(Sample { article: stored.id.0, url: stored.article.url.to_string(), edits });
        }
        Some((stored.id, reading, before))
    }
}

fn version(article: &Article) -> Version<'_> {
    Version { title: article.title.as_deref(), subtitle: article.subtitle.as_deref(), text: &article.text }
}

/// What differs, field by field, as the database has it: whole seconds.
fn edits(before: &Article, now: &Article) -> Vec<Edit> {
    let one = |text: &Option<String>| text.iter().cloned().collect::<Vec<_>>();
    let moment = |at: Option<Timestamp>| at.map(time_text).into_iter().collect::<Vec<_>>();
    let published = |article: &Article| {
        let precision = article.published_precision.map(|precision| precision.as_str().to_owned());
        moment(article.published_at).into_iter().chain(precision).collect::<Vec<_>>()
    };
    let image = |article: &Article| article.image.iter().map(ToString::to_string).collect::<Vec<_>>();
    let fields = [
        ("title", one(&before.title), one(&now.title)),
        ("subtitle", one(&before.subtitle), one(&now.subtitle)),
        ("authors", before.authors.clone(), now.authors.clone()),
        ("published_at", published(before), published(now)),
        ("modified_at", moment(before.modified_at), moment(now.modified_at)),
        ("language", one(&before.language), one(&now.language)),
        ("dateline", one(&before.dateline), one(&now.dateline)),
        ("attribution", one(&before.attribution), one(&now.attribution)),
        ("categories", before.categories.clone(), now.categories.clone()),
        ("image", image(before), image(now)),
    ];
    let mut edits: Vec<Edit> = fields
        .into_iter()
        .filter(|(_, before, now)| before != now)
        .map(|(field, before, now)| Edit { field, before, now })
        .collect();
    if before.text != now.text {
        let lines = |text: &str, other: &str| -> Vec<String> {
            let other: std::collections::HashSet<&str> = other.lines().collect();
            text.lines().filter(|line| !line.is_empty() && !other.contains(line)).map(str::to_owned).collect()
        };
        edits.push(Edit { field: "text", before: lines(&before.text, &now.text), now: lines(&now.text, &before.text) });
    }
    edits
}
