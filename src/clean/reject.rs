//! Why a page gives no article. Values, not errors: a rejected page is a normal outcome.

use std::time::Duration;

use thiserror::Error;

/// Why there is no article. `Display` is the reason in words, as stored with the entry.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Rejection {
    /// Too little text to be a story.
    #[error("too little text: {chars} characters, {min} needed")]
    TooShort {
        /// What was found.
        chars: usize,
        /// What is asked for.
        min: usize,
    },
    /// A list of articles: a section, a search, a home page.
    #[error("a list of articles, not an article")]
    List,
    /// The text is there for those who agree to something first.
    #[error("a consent page, not an article")]
    Consent,
    /// The text is there for those who log in.
    #[error("a login page, not an article")]
    Login,
    /// "Not found" and its like, whatever the status said.
    #[error("an error page, not an article: `{title}`")]
    ErrorPage {
        /// What the page calls itself.
        title: String,
    },
    /// A check whether the visitor is a machine.
    #[error("a check for bots, not an article")]
    BotCheck,
    /// A page that took the parser longer than it is worth.
    #[error("hostile or broken markup: not parsed within {} ms", budget.as_millis())]
    TooSlow {
        /// What was granted.
        budget: Duration,
    },
    /// A page of more nodes than any article has.
    #[error("hostile or broken markup: more than {max_nodes} nodes")]
    TooLarge {
        /// The bound.
        max_nodes: usize,
    },
}
