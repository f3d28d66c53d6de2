//! Polls and page requests: who is asked, in what order of manners, and where redirects lead.

use std::sync::Arc;
use std::time::Duration;

use hyper::StatusCode;
use hyper::header::{self, HeaderMap, HeaderValue};
use tokio::sync::watch;
use url::Url;

use super::body::Limit;
use super::exchange::{Answer, Ask, Exchanger};
use super::failure::{Error, Failure, FailureKind, shown};
use super::headers::{self, FeedHeaders, Validators};
use super::pace::{Pace, Place};
use super::robots::{self, MAX_ROBOTS_BYTES, Rules};
use super::robots_cache::RobotsCache;
use super::wall::wall;
use super::{Condition, NotModified, Options, Page, PollRequest, Polled, Robots, connect};

/// Redirects followed for one request; browsers follow 20 (Fetch standard §4.4), real pages rarely need three.
const MOST_REDIRECTS: usize = 10;

const ACCEPT_FEED: HeaderValue = HeaderValue::from_static(
    "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, */*;q=0.5",
);
const ACCEPT_PAGE: HeaderValue =
    HeaderValue::from_static("text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.5");
const ACCEPT_ROBOTS: HeaderValue = HeaderValue::from_static("text/plain, */*;q=0.5");

/// Longest sitemap (<https://www.sitemaps.org/protocol.html>).
const MAX_DOCUMENT_BYTES: u64 = 52_428_800;

/// Pauses that a domain is left alone for when it answers 429 without saying how long.
const UNNAMED_WAIT: u32 = 10;

/// Fetches feeds and pages. Cheap to clone; all clones share connections and manners.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    exchanger: Exchanger,
    pace: Pace,
    timeout: Duration,
    max_body: u64,
    concurrency: usize,
    /// `None`: robots.txt is ignored.
    robots: Option<RobotsCache>,
    /// Our name in robots.txt.
    product: String,
}

/// What is asked for, and so how politely.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Manners {
    /// Asks robots.txt first and waits its turn.
    Page,
    /// As a page, for a document that lists pages.
    Document,
    /// Does neither: the feed was named by whoever runs us.
    Poll,
    /// Does neither: it is the first thing to ask for.
    Robots,
}

impl Manners {
    fn accept(self) -> HeaderValue {
        match self {
            Self::Page => ACCEPT_PAGE,
            Self::Document | Self::Poll => ACCEPT_FEED,
            Self::Robots => ACCEPT_ROBOTS,
        }
    }
}

impl Client {
    /// A client with these options.
    ///
    /// # Errors
    /// [`Error`] for options that cannot work.
    pub fn new(options: Options) -> Result<Self, Error> {
        Ok(Self(Arc::new(Inner {
            pace: Pace::new(options.per_host_delay),
            timeout: options.timeout,
            max_body: options.max_body,
            concurrency: options.concurrency,
            robots: (options.robots == Robots::Obey).then(RobotsCache::default),
            product: robots::product_token(&options.user_agent).to_owned(),
            exchanger: Exchanger::new(options)?,
        })))
    }

    /// Asks for a feed. Does not wait for the pace and does not ask robots.txt: the feed was named by whoever runs us.
    ///
    /// # Errors
    /// A [`Failure`], for [`verdict`](super::verdict()).
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
    /// A [`Failure`], for [`verdict`](super::verdict()).
    pub async fn page(&self, url: &Url, headers: Option<&FeedHeaders>) -> Result<Page, Failure> {
        match self.0.follow(url, headers, None, Manners::Page).await? {
            Polled::Body(page) => Ok(page),
            Polled::NotModified(_) => Err(unasked_not_modified(url)),
        }
    }

    /// Asks for a page again, unless it is still the one that carried `validators`.
    ///
    /// # Errors
    /// A [`Failure`], for [`verdict`](super::verdict()).
    pub async fn recheck(
        &self,
        url: &Url,
        headers: Option<&FeedHeaders>,
        validators: &Validators,
    ) -> Result<Polled, Failure> {
        self.0.follow(url, headers, Some(validators), Manners::Page).await
    }

    /// Asks for a document that lists pages: a sitemap, an archive's index. As polite as [`page`](Self::page); what sitemaps may have by their
    /// protocol is read, if `max_body` allows less.
    ///
    /// # Errors
    /// A [`Failure`], for [`verdict`](super::verdict()).
    pub async fn document(&self, url: &Url, headers: Option<&FeedHeaders>) -> Result<Page, Failure> {
        match self.0.follow(url, headers, None, Manners::Document).await? {
            Polled::Body(page) => Ok(page),
            Polled::NotModified(_) => Err(unasked_not_modified(url)),
        }
    }

    /// Bytes of bodies received so far, as they came over the network.
    #[must_use]
    pub fn received_bytes(&self) -> u64 {
        self.0.exchanger.received_bytes()
    }

    /// How long until a page request to the domain of `url` could start: zero when it could now.
    #[must_use]
    pub fn ready_in(&self, url: &Url) -> Duration {
        self.0.pace.ready_in(url)
    }

    /// Whether it is we who are cut off: several different hosts were out of reach within a short time, and none in it. Told of every change.
    #[must_use]
    pub fn cut_off(&self) -> watch::Receiver<bool> {
        self.0.exchanger.cut_off()
    }

    /// The pause between page requests to one domain where its robots.txt asks for no longer one.
    #[must_use]
    pub fn pause(&self) -> Duration {
        self.0.pace.delay()
    }

    /// How many calls of [`page`](Self::page) are worth having under way: more than `concurrency`, since those that still resolve
    /// or connect are not in flight. The client itself keeps the requests in flight to `concurrency`.
    #[must_use]
    pub fn calls(&self) -> usize {
        self.0.concurrency + connect::connecting_at_once(self.0.concurrency)
    }
}

/// One request on its way through redirects.
struct Trip<'a> {
    asked: &'a Url,
    /// Where it is now; never with user name and password.
    url: Url,
    manners: Manners,
    condition: Option<&'a Validators>,
    /// What goes to the origin of `asked` alone; gone for good once another origin is met.
    private: HeaderMap,
    /// Where `asked` moved for good, as far as every redirect was permanent.
    moved_to: Option<Url>,
    only_permanent: bool,
    left: Duration,
}

impl Inner {
    async fn follow(
        &self,
        asked: &Url,
        feed_headers: Option<&FeedHeaders>,
        condition: Option<&Validators>,
        manners: Manners,
    ) -> Result<Polled, Failure> {
        let mut trip = Trip {
            asked,
            url: headers::without_credentials(asked),
            manners,
            condition,
            private: headers::private(asked, feed_headers),
            moved_to: None,
            only_permanent: true,
            left: self.timeout,
        };
        let mut seen = Vec::new();
        loop {
            self.exchanger.judge(&trip.url)?;
            let answer = self.ask(&mut trip).await?;
            if !is_redirect(answer.status) {
                return trip.conclude(answer);
            }
            let next = redirect_target(&trip.url, &answer)?;
            seen.push(trip.url.clone());
            if seen.contains(&next) {
                let message = format!("`{}` redirects in a circle, as walls do that want a cookie", shown(asked));
                return Err(Failure::new(FailureKind::Redirect, message));
            }
            if seen.len() > MOST_REDIRECTS {
                return Err(Failure::new(
                    FailureKind::Redirect,
                    format!("`{}` redirects more than {MOST_REDIRECTS} times", shown(asked)),
                ));
            }
            trip.turn_to(next, answer.status);
        }
    }

    /// Asks for the page at which the trip is now.
    async fn ask(&self, trip: &mut Trip<'_>) -> Result<Answer, Failure> {
        let url = &trip.url;
        let mut place = self.place(url, trip.manners).await?;
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, trip.manners.accept());
        if let Some(validators) = trip.condition {
            validators.put_into(&mut headers);
        }
        headers.extend(trip.private.clone());
        let limit = match trip.manners {
            Manners::Robots => Limit::Cut(MAX_ROBOTS_BYTES),
            Manners::Page | Manners::Poll => Limit::Fail(self.max_body),
            Manners::Document => Limit::Fail(self.max_body.max(MAX_DOCUMENT_BYTES)),
        };
        let ask = Ask { url, headers, limit, place: &mut place, left: trip.left };
        let answer = self.exchanger.exchange(ask).await?;
        trip.left = trip.left.saturating_sub(answer.took);
        // While the place is still ours: whoever gets it next must know.
        self.heed(url, &answer);
        Ok(answer)
    }

    /// Leaves a domain alone for as long as it asks, and for a while when it says that we ask too often.
    fn heed(&self, url: &Url, answer: &Answer) {
        let wait = match answer.status {
            StatusCode::TOO_MANY_REQUESTS => {
                answer.retry_after.unwrap_or(self.pace.delay().saturating_mul(UNNAMED_WAIT))
            }
            StatusCode::SERVICE_UNAVAILABLE => answer.retry_after.unwrap_or_default(),
            _ => return,
        };
        self.pace.hold(url, wait);
    }

    /// Waits until `url` may be asked: what robots.txt, the pace and the domain's own wishes say.
    async fn place(&self, url: &Url, manners: Manners) -> Result<Place, Failure> {
        let place = match manners {
            Manners::Page | Manners::Document => {
                let crawl_delay = self.ask_robots(url).await?;
                self.pace.page(url, crawl_delay, self.timeout).await
            }
            Manners::Poll | Manners::Robots => self.pace.other(url, self.timeout).await,
        };
        place.map_err(|held| {
            let message = format!(
                "`{}` asked to be left alone for another {} s",
                url.host_str().unwrap_or_default(),
                held.as_secs()
            );
            Failure { retry_after: Some(held), ..Failure::new(FailureKind::Held, message) }
        })
    }

    /// The pause that robots.txt asks for, when it allows the page at all.
    async fn ask_robots(&self, url: &Url) -> Result<Duration, Failure> {
        let Some(cache) = &self.robots else { return Ok(Duration::ZERO) };
        let rules = cache.rules(&url.origin().ascii_serialization(), self.fetch_robots(url)).await?;
        if rules.allow(url) {
            return Ok(rules.crawl_delay());
        }
        Err(Failure::new(
            FailureKind::Robots,
            format!("robots.txt of `{}` forbids `{}`", url.host_str().unwrap_or_default(), shown(url)),
        ))
    }

    /// Reads the robots.txt of the origin of `page` (RFC 9309 §2.3.1): what is not there forbids nothing, what cannot be reached
    /// could forbid everything.
    async fn fetch_robots(&self, page: &Url) -> Result<Rules, Failure> {
        let url = page
            .join("/robots.txt")
            .map_err(|_| Failure::new(FailureKind::Address, format!("`{}` has no root", shown(page))))?;
        // Boxed because a page's redirects ask for robots.txt and a robots.txt can redirect.
        let failure = match Box::pin(self.follow(&url, None, None, Manners::Robots)).await {
            Ok(Polled::Body(file)) => return Ok(Rules::parse(&file.bytes, &self.product)),
            Ok(Polled::NotModified(_)) => return Ok(Rules::default()),
            Err(failure) => failure,
        };
        match failure.kind {
            FailureKind::Status if failure.status.is_some_and(|status| status < 500 && status != 429) => {
                Ok(Rules::default())
            }
            // The page's own request will say what is wrong with the address.
            FailureKind::Redirect | FailureKind::Wall | FailureKind::Address | FailureKind::Forbidden => {
                Ok(Rules::default())
            }
            FailureKind::Status | FailureKind::Encoding | FailureKind::Protocol => {
                let message = format!("nobody knows what robots.txt forbids: {}", failure.message);
                Err(Failure { kind: FailureKind::RobotsUnknown, message, ..failure })
            }
            _ => Err(failure),
        }
    }
}

impl Trip<'_> {
    fn turn_to(&mut self, next: Url, status: StatusCode) {
        self.only_permanent &= matches!(status, StatusCode::MOVED_PERMANENTLY | StatusCode::PERMANENT_REDIRECT);
        if self.only_permanent {
            self.moved_to = Some(next.clone());
        }
        if next.origin() != self.url.origin() {
            self.private.clear();
        }
        self.url = next;
    }

    fn conclude(self, answer: Answer) -> Result<Polled, Failure> {
        let Trip { asked, url, condition, moved_to, .. } = self;
        let Answer { status, headers, bytes, retry_after, fresh_for, share, .. } = answer;
        let validators = Validators::of(&headers);
        if status == StatusCode::NOT_MODIFIED {
            let Some(sent) = condition.filter(|sent| !sent.is_empty()) else { return Err(unasked_not_modified(&url)) };
            let validators = if validators.is_empty() { sent.clone() } else { validators };
            return Ok(Polled::NotModified(NotModified { validators, moved_to, fresh_for }));
        }
        let failed =
            |kind, message| Failure { status: Some(status.as_u16()), retry_after, ..Failure::new(kind, message) };
        if let Some(wall) = wall(status, &headers, asked, &url) {
            return Err(failed(
                FailureKind::Wall,
                format!("`{}` answered {} with {wall}", shown(&url), status.as_u16()),
            ));
        }
        if !status.is_success() {
            let reason = status.canonical_reason().unwrap_or("a status unknown to HTTP").to_ascii_lowercase();
            return Err(failed(
                FailureKind::Status,
                format!("`{}` answered {} ({reason})", shown(&url), status.as_u16()),
            ));
        }
        let content_type = headers::text(&headers, &header::CONTENT_TYPE);
        Ok(Polled::Body(Page {
            final_url: url,
            moved_to,
            status: status.as_u16(),
            bytes,
            content_type,
            validators,
            fresh_for,
            _share: Arc::new(share),
        }))
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

fn unasked_not_modified(url: &Url) -> Failure {
    let message = format!("`{}` answered 304 to a request that set no condition", shown(url));
    Failure { status: Some(304), ..Failure::new(FailureKind::Protocol, message) }
}
