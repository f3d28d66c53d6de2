//! What the recorder is told: polls, articles, looks at stored stories, and entries that end or wait.

use std::fmt;

use jiff::Timestamp;
use tokio::sync::{mpsc, oneshot};

use crate::article::Article;
use crate::clean::edit::Notice;
use crate::entry::Entry;
use crate::fetch::Validators;
use crate::group::Signature;
use crate::store::{Announced, Cause, EntryId, FeedId, PollRecord, Queued, Recheck};

/// What the recorder is told.
pub enum Message {
    /// A feed was polled.
    Polled(Box<Poll>),
    /// Another connection of this process queued entries.
    Queued,
    /// A page became an article.
    Cleaned(Box<Cleaned>),
    /// A stored story was looked at again.
    Looked(Box<Looked>),
    /// An entry ends without an article.
    Rejected {
        /// Which.
        entry: EntryId,
        /// Why, in a word.
        cause: Cause,
        /// Why.
        reason: String,
    },
    /// An entry is to be tried again.
    Retry {
        /// Which.
        entry: EntryId,
        /// What went wrong.
        reason: String,
        /// When.
        next_attempt_at: Timestamp,
    },
    /// A sign of life is asked for: answered once everything sent before it is committed.
    Ping(oneshot::Sender<()>),
}

/// What a feed's row says, given what was known of each entry.
pub type Conclude = Box<dyn FnOnce(&[Announced]) -> PollRecord + Send>;

/// Who is told that a poll is durable, and what it came to.
pub type Committed = oneshot::Sender<(Vec<Announced>, PollRecord)>;

/// A poll and what follows from it, to be committed as one.
pub struct Poll {
    /// Which feed.
    pub feed: FeedId,
    /// What it announced.
    pub entries: Vec<Entry>,
    /// When.
    pub at: Timestamp,
    /// What the feed's row says, given what was known of each entry.
    pub conclude: Conclude,
    /// Told when it is durable.
    pub committed: Committed,
}

/// A cleaned article on its way into the database.
pub struct Cleaned {
    /// Its entry.
    pub queued: Queued,
    /// What its page said.
    pub reading: Reading,
}

/// What a page, or an announcement that carries the whole text, says.
pub struct Reading {
    /// The article.
    pub article: Article,
    /// What grouping needs of it.
    pub signature: Signature,
    /// When it was fetched.
    pub fetched_at: Timestamp,
    /// When it said so: archives remember.
    pub seen_at: Timestamp,
    /// The page, if pages are kept.
    pub kept: Option<KeptPage>,
    /// Whether the page asks for money or a login.
    pub notice: Notice,
    /// To look at the page again with; `None` where there is no page to look at.
    pub validators: Option<Validators>,
}

/// A stored story that was looked at again.
pub struct Looked {
    /// Which.
    pub recheck: Recheck,
    /// When.
    pub at: Timestamp,
    /// What came of it.
    pub finding: Finding,
}

/// What came of another look at a story.
pub enum Finding {
    /// The server says that the page is the same.
    Same(Validators),
    /// The page tells a story.
    Read(Box<Reading>),
    /// The story is not there any more, and why we think so.
    Gone(String),
    /// The page was not to be had (a wall, robots.txt, a page that cannot be read): that says nothing about the story.
    Unclear(String),
    /// The server could not be asked; it will be.
    Failed {
        /// When.
        next_attempt_at: Timestamp,
    },
}

impl fmt::Debug for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Same(_) => f.write_str("the same"),
            Self::Read(_) => f.write_str("read"),
            Self::Gone(why) => write!(f, "gone: {why}"),
            Self::Unclear(why) => write!(f, "unclear: {why}"),
            Self::Failed { next_attempt_at } => write!(f, "failed, again at {next_attempt_at}"),
        }
    }
}

/// A page to keep.
pub struct KeptPage {
    /// Where it came from.
    pub url: String,
    /// As sent.
    pub content_type: Option<String>,
    /// The body, compressed.
    pub compressed: Vec<u8>,
}

/// Where messages go.
pub type Sender = mpsc::Sender<Message>;

/// Waits until the recorder has committed all that was sent before; whether it is there to say so.
pub async fn ping(sender: &mpsc::WeakSender<Message>) -> bool {
    // Not to be held while waiting: the recorder ends when the last sender is dropped.
    let Some(sender) = sender.upgrade() else { return false };
    let (answer, answered) = oneshot::channel();
    let sent = sender.send(Message::Ping(answer)).await;
    drop(sender);
    sent.is_ok() && answered.await.is_ok()
}
