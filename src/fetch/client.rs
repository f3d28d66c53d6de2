//! Polls and page requests: who is asked, in what order of manners, and where redirects lead.

use std::sync::Arc;
use std::time::Duration;

use hyper::StatusCode;
use hyper::header::{self, HeaderMap, HeaderValue};
use jiff::Timestamp;
use tokio::time::Instant;
use url::Url;

use super::exchange::{Answer, Ask, Exchanger};
use super::failure::{Error, Failure, FailureKind, shown};
use super::headers::{self, FeedHeaders, Validators};
use super::pace::Pace;
use super::{Condition, NotModified, Options, Page, PollRequest, Polled, connect};

/// Redirects followed for one request (the most that RFC 9110 §15.4's predecessors and all browsers' users ever need).
const MOST_REDIRECTS: usize = 10;

const ACCEPT_FEED: HeaderValue = HeaderValue::from_static(
    "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, */*;q=0.5",
);
const ACCEPT_PAGE: HeaderValue =
    HeaderValue::from_static("text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.5");

/// Fetches feeds and pages. Cheap to clone; all clones share connections and manners.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    exchanger: Exchanger,
    pace: Pace,
    timeout: Duration,
    max_body: u64,
    concurrency: usize,
}

/// Whether a request waits its turn and asks robots.txt first.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Manners {
    Page,
    Poll,
}

impl Client {
    /// A client with these options.
    ///
    /// # Errors
    /// [`Error`] for options that cannot work.
    pub fn new(options: Options) -> Result<Self, Error> {
        Ok(Self(Arc::new(Inner {
            exchanger: Exchanger::new(&options)?,
            pace: Pace::new(options.per_host_delay),
            timeout: options.timeout,
            max_body: options.max_body,
            concurrency: options.concurrency,
        })))
    }

    /// Asks for a feed. Does not wait for the pace and does not ask robots.txt: the feed was named by whoever runs us.
    ///
    /// # Errors
    /// A [`Failure`], for [`verdict`](super::verdict).
    pub async fn poll(&self, request: &PollRequest) -> Result<Polled, Failure> {
        let condition = match &request.condition {
            Condition::Unconditional => None,
            Condition::IfChanged(validators) => Some(validators),
        };
        self.0.follow(&request.url, request.headers.as_ref(), condition, Manners::Poll).await
    }

    /// Asks for a page, when robots.txt allows it and as soon as the pace of its domain does.
    ///
    /// # Errors
    /// A [`Failure`], for [`verdict`](super::verdict).
    pub async fn page(&self, url: &Url, headers: Option<&FeedHeaders>) -> Result<Page, Failure> {
        match self.0.follow(url, headers, None, Manners::Page).await? {
            Polled::Body(page) => Ok(page),
            Polled::NotModified(_) => Err(unasked_not_modified(url)),
        }
    }

    /// Asks for a page again, unless it is still the one that carried `validators`.
    ///
    /// # Errors
    /// A [`Failure`], for [`verdict`](super::verdict).
    pub async fn recheck(
        &self,
        url: &Url,
        headers: Option<&FeedHeaders>,
        validators: &Validators,
    ) -> Result<Polled, Failure> {
        self.0.follow(url, headers, Some(validators), Manners::Page).await
    }

    /// How long until a page request to the domain of `url` could start: zero when it could now.
    #[must_use]
    pub fn ready_in(&self, url: &Url) -> Duration {
        self.0.pace.ready_in(url)
    }

    /// How many calls of [`page`](Self::page) are worth having under way: more than `concurrency`, since those that still resolve
    /// or connect are not in flight. The client itself keeps the requests in flight to `concurrency`.
    #[must_use]
    pub fn calls(&self) -> usize {
        self.0.concurrency + connect::connecting_at_once(self.0.concurrency)
    }
}

impl Inner {
    async fn follow(
        &self,
        start: &Url,
        feed_headers: Option<&FeedHeaders>,
        condition: Option<&Validators>,
        manners: Manners,
    ) -> Result<Polled, Failure> {
        let mut url = start.clone();
        let mut headers_allowed = true;
        let mut credentials = headers::basic_credentials(start);
        strip_credentials(&mut url);
        let mut moved_to = None;
        let mut permanent_so_far = true;
        let mut left = self.timeout;
        for _ in 0..=MOST_REDIRECTS {
            self.exchanger.judge(&url)?;
            let held = self.pace.held_for(&url);
            if held > self.timeout {
                let message = format!(
                    "`{}` asked to be left alone for another {} s",
                    url.host_str().unwrap_or_default(),
                    held.as_secs()
                );
                return Err(Failure { retry_after: Some(held), ..Failure::new(FailureKind::Held, message) });
            }
            let turn = match manners {
                Manners::Page => Some(self.pace.turn(&url, Duration::ZERO).await),
                Manners::Poll => None,
            };
            let _place = self.pace.place(&url).await;
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, if manners == Manners::Page { ACCEPT_PAGE } else { ACCEPT_FEED });
            if let Some(validators) = condition {
                validators.put_into(&mut headers);
            }
            if headers_allowed {
                if let Some(credentials) = &credentials {
                    headers.insert(header::AUTHORIZATION, credentials.clone());
                }
                for (name, value) in
                    feed_headers.and_then(|headers| headers.for_origin(&url.origin())).into_iter().flatten()
                {
                    headers.insert(name, value.clone());
                }
            }
            let began = Instant::now();
            let exchange = self.exchanger.exchange(Ask { url: &url, headers, max_body: self.max_body, turn });
            let answer = tokio::time::timeout(left, exchange).await.map_err(|_| {
                Failure::new(
                    FailureKind::Timeout,
                    format!("`{}` was not read within {} s", shown(&url), self.timeout.as_secs_f32()),
                )
            })??;
            left = left.saturating_sub(began.elapsed());
            if !is_redirect(answer.status) {
                return self.conclude(url, moved_to, condition, answer);
            }
            let next = redirect_target(&url, &answer)?;
            permanent_so_far &= matches!(answer.status, StatusCode::MOVED_PERMANENTLY | StatusCode::PERMANENT_REDIRECT);
            if permanent_so_far {
                moved_to = Some(next.clone());
            }
            if next.origin() != url.origin() {
                headers_allowed = false;
                credentials = None;
            }
            url = next;
        }
        Err(Failure::new(
            FailureKind::Redirect,
            format!("`{}` redirects more than {MOST_REDIRECTS} times", shown(start)),
        ))
    }

    fn conclude(
        &self,
        url: Url,
        moved_to: Option<Url>,
        condition: Option<&Validators>,
        answer: Answer,
    ) -> Result<Polled, Failure> {
        let now = wall_clock();
        let status = answer.status.as_u16();
        let validators = Validators::of(&answer.headers);
        let fresh_for = headers::fresh_for(&answer.headers, now);
        if answer.status == StatusCode::NOT_MODIFIED {
            let Some(sent) = condition.filter(|sent| !sent.is_empty()) else { return Err(unasked_not_modified(&url)) };
            let validators = if validators.is_empty() { sent.clone() } else { validators };
            return Ok(Polled::NotModified(NotModified { validators, moved_to, fresh_for }));
        }
        if answer.status.is_success() {
            let content_type = headers::text(&answer.headers, &header::CONTENT_TYPE);
            return Ok(Polled::Body(Page {
                final_url: url,
                moved_to,
                status,
                bytes: answer.bytes,
                content_type,
                validators,
                fresh_for,
            }));
        }
        let retry_after = headers::retry_after(&answer.headers, now);
        if let Some(wait) = retry_after.filter(|_| matches!(status, 429 | 503)) {
            self.pace.hold(&url, wait);
        }
        let reason = answer.status.canonical_reason().unwrap_or("a status unknown to HTTP");
        let message = format!("`{}` answered {status} ({})", shown(&url), reason.to_ascii_lowercase());
        Err(Failure { status: Some(status), retry_after, ..Failure::new(FailureKind::Status, message) })
    }
}

fn redirect_target(url: &Url, answer: &Answer) -> Result<Url, Failure> {
    let failed = |message: String| Failure {
        status: Some(answer.status.as_u16()),
        ..Failure::new(FailureKind::Redirect, message)
    };
    let next = headers::location(&answer.headers, url)
        .ok_or_else(|| failed(format!("`{}` redirects to nowhere", shown(url))))?;
    if url.scheme() == "https" && next.scheme() == "http" {
        return Err(failed(format!("`{}` redirects from https down to http, `{}`", shown(url), shown(&next))));
    }
    Ok(next)
}

fn is_redirect(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::MOVED_PERMANENTLY
            | StatusCode::FOUND
            | StatusCode::SEE_OTHER
            | StatusCode::TEMPORARY_REDIRECT
            | StatusCode::PERMANENT_REDIRECT
    )
}

fn strip_credentials(url: &mut Url) {
    // Fails only for addresses without a host, which the guard refuses.
    let _ = url.set_username("");
    let _ = url.set_password(None);
}

fn unasked_not_modified(url: &Url) -> Failure {
    let message = format!("`{}` answered 304 to a request that set no condition", shown(url));
    Failure { status: Some(304), ..Failure::new(FailureKind::Protocol, message) }
}

#[expect(clippy::disallowed_methods, reason = "the shell's clock: dates in headers are read against it")]
fn wall_clock() -> Timestamp {
    Timestamp::now()
}
