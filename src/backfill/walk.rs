//! One document of a subject after the other: fetch, read, end; or try again later.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::desk::Desk;
use super::read::{Ended, Reading};
use super::step::Step;
use super::{files, now};
use crate::archive::paged::Walk;
use crate::fetch::{self, Client, Condition, Failure, Page, PollRequest, Polled, Verdict};
use crate::pipeline::Halts;
use crate::store::{Document, DocumentEnd, Error, Next};

/// What nobody said to be there is asked for so often, while it might be.
const GUESSED_ATTEMPTS: u32 = 4;

/// Reads what there is to read about a subject, until nothing is left, the limit is reached, or `stop`.
pub(super) async fn walk(
    desk: Arc<Desk>,
    subject: String,
    client: Client,
    max_interval: Duration,
    mut halts: Halts,
    stop: CancellationToken,
) -> Result<(), Error> {
    let mut walks: HashMap<String, Walk> = HashMap::new();
    while !stop.is_cancelled() && !desk.is_full() {
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            // Without a network documents are tried again like any other; without room they wait. Who told of it has gone: the run ends.
            () = halts.room() => {}
        }
        let document = match desk.next(&subject)? {
            Next::Done => return Ok(()),
            Next::Due(document) => document,
            Next::NotBefore(at) => {
                tokio::select! {
                    () = stop.cancelled() => return Ok(()),
                    () = sleep_until(at) => continue,
                }
            }
        };
        let Ok(way) = serde_json::from_str::<Step>(&document.step) else {
            desk.conclude(&subject, &document, DocumentEnd::Failed("another version of dateline wrote it"), &[])?;
            continue;
        };
        let ended = match &way {
            Step::Addresses => files::addresses(&desk, &subject, &document, &stop).await?,
            Step::Warc { offset, inner } => files::warc(&desk, &subject, &document, (*offset, *inner), &stop).await?,
            _ => {
                let fetched = tokio::select! {
                    () = stop.cancelled() => return Ok(()),
                    fetched = fetch(&desk, &subject, &document, &way, &client) => fetched,
                };
                match fetched {
                    Ok(page) => {
                        let reading = Reading { desk: &desk, subject: &subject, document: &document };
                        tokio::task::block_in_place(|| reading.read(&way, &page, &mut walks))?
                    }
                    Err(failure) => failed(&document, &way, &failure, max_interval),
                }
            }
        };
        match ended {
            Ended::Read(named) => {
                tracing::debug!(
                    document = document.url,
                    source = document.source,
                    names = named.len(),
                    "a document was read"
                );
                desk.conclude(&subject, &document, DocumentEnd::Read, &named)?;
            }
            Ended::Absent => desk.conclude(&subject, &document, DocumentEnd::Absent, &way.otherwise(&document.url))?,
            Ended::Failed(problem) => {
                tracing::warn!(document = document.url, source = document.source, problem, "a document was given up");
                desk.conclude(&subject, &document, DocumentEnd::Failed(&problem), &[])?;
            }
            Ended::Later { problem, after } => {
                let retry_in_s = after.as_secs();
                tracing::warn!(
                    document = document.url,
                    source = document.source,
                    problem,
                    retry_in_s,
                    "a document is tried again"
                );
                desk.retry(document.id, &problem, after)?;
            }
            Ended::Interrupted => return Ok(()),
        }
    }
    Ok(())
}

async fn fetch(desk: &Desk, subject: &str, document: &Document, step: &Step, client: &Client) -> Result<Page, Failure> {
    let url = address(desk, document, step)?;
    let headers = desk.subject(subject).and_then(|subject| subject.feed.as_ref()?.rules.headers.clone());
    if *step != Step::Robots {
        return client.document(&url, headers.as_ref()).await;
    }
    // What robots.txt forbids never forbids itself (RFC 9309 §2.2.2).
    let request = PollRequest { url, headers: None, condition: Condition::Unconditional };
    match client.poll(&request).await? {
        Polled::Body(page) => Ok(page),
        Polled::NotModified(_) => Err(Failure::new(fetch::FailureKind::Protocol, "robots.txt answered 304 unasked")),
    }
}

/// Where a document is.
fn address(desk: &Desk, document: &Document, step: &Step) -> Result<Url, Failure> {
    if let Step::Posts { root, number, .. } = step {
        use crate::archive::wordpress::{Api, Fields};
        let whole = desk.request().range;
        return Ok(Api::at(root.clone()).posts(&whole, *number, Fields::Whole));
    }
    Url::parse(&document.url)
        .map_err(|_| Failure::new(fetch::FailureKind::Address, format!("`{}` is no address", document.url)))
}

/// What becomes of a document that could not be fetched.
fn failed(document: &Document, step: &Step, failure: &Failure, max_interval: Duration) -> Ended {
    let attempts = document.attempts + 1;
    match fetch::verdict(failure, attempts, max_interval) {
        Verdict::Retry { after } if !step.is_guessed() || attempts < GUESSED_ATTEMPTS => {
            Ended::Later { problem: failure.to_string(), after }
        }
        Verdict::Reject { .. } if step.is_guessed() => Ended::Absent,
        Verdict::Retry { .. } => Ended::Failed(failure.to_string()),
        Verdict::Reject { reason } => Ended::Failed(reason),
    }
}

async fn sleep_until(at: Timestamp) {
    let wait = Duration::try_from(at.duration_since(now())).unwrap_or_default();
    // The clock may be set while we sleep: look at it again every minute.
    tokio::time::sleep(wait.clamp(Duration::from_millis(20), Duration::from_secs(60))).await;
}
