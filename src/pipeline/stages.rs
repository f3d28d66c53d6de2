//! Which functions clean and group.

use crate::article::Article;
use crate::event::{ArticleId, EventId};
use crate::{clean, group};

/// The stages that read what others wrote, as functions: what happens when one breaks down can be tried with one that does.
#[derive(Debug, Clone, Copy)]
pub struct Stages {
    /// The article on a page.
    pub clean: Clean,
    /// The event of an article.
    pub assign: Assign,
}

/// As [`clean::clean`].
pub type Clean = fn(&clean::Page<'_>, &clean::Options) -> Result<Article, clean::Rejection>;

/// As [`group::Index::assign`].
pub type Assign = fn(&mut group::Index, ArticleId, EventId, group::Signature) -> group::Assignment;

impl Default for Stages {
    fn default() -> Self {
        Self { clean: clean::clean, assign: group::Index::assign }
    }
}
