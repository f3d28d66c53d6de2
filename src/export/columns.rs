//! The columns of an export: the `articles` view's, in its order.

use crate::store::ArticleRow;

/// A column and what it holds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Column {
    pub(super) name: &'static str,
    #[cfg_attr(not(feature = "parquet"), expect(dead_code, reason = "only Parquet's columns have types"))]
    pub(super) kind: Kind,
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Number,
    Text,
    /// Text, few different ones.
    Word,
    /// RFC 3339, UTC.
    Time,
    List,
}

/// A value of the kind that its column has.
#[derive(Debug, Clone, Copy)]
pub(super) enum Value<'a> {
    Number(Option<i64>),
    Text(Option<&'a str>),
    List(&'a [String]),
}

const fn column(name: &'static str, kind: Kind) -> Column {
    Column { name, kind }
}

/// All columns. [`values`] gives the same in the same order.
pub(super) const COLUMNS: [Column; 24] = [
    column("id", Kind::Number),
    column("seq", Kind::Number),
    column("event_id", Kind::Number),
    column("duplicate_of", Kind::Number),
    column("url", Kind::Text),
    column("canonical_url", Kind::Text),
    column("publisher", Kind::Word),
    column("feed", Kind::Word),
    column("title", Kind::Text),
    column("subtitle", Kind::Text),
    column("authors", Kind::List),
    column("published_at", Kind::Time),
    column("published_precision", Kind::Word),
    column("modified_at", Kind::Time),
    column("fetched_at", Kind::Time),
    column("language", Kind::Word),
    column("dateline", Kind::Word),
    column("attribution", Kind::Word),
    column("categories", Kind::List),
    column("image", Kind::Text),
    column("text", Kind::Text),
    column("word_count", Kind::Number),
    column("revision", Kind::Number),
    column("gone_at", Kind::Time),
];

/// An article's values, in the order of [`COLUMNS`].
pub(super) fn values(article: &ArticleRow) -> [Value<'_>; COLUMNS.len()] {
    let number = |number: i64| Value::Number(Some(number));
    [
        number(article.id),
        number(article.seq),
        number(article.event_id),
        Value::Number(article.duplicate_of),
        Value::Text(Some(&article.url)),
        Value::Text(Some(&article.canonical_url)),
        Value::Text(Some(&article.publisher)),
        Value::Text(article.feed.as_deref()),
        Value::Text(article.title.as_deref()),
        Value::Text(article.subtitle.as_deref()),
        Value::List(&article.authors),
        Value::Text(article.published_at.as_deref()),
        Value::Text(article.published_precision.as_deref()),
        Value::Text(article.modified_at.as_deref()),
        Value::Text(Some(&article.fetched_at)),
        Value::Text(article.language.as_deref()),
        Value::Text(article.dateline.as_deref()),
        Value::Text(article.attribution.as_deref()),
        Value::List(&article.categories),
        Value::Text(article.image.as_deref()),
        Value::Text(Some(&article.text)),
        number(article.word_count),
        number(article.revision),
        Value::Text(article.gone_at.as_deref()),
    ]
}
