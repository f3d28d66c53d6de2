//! Articles in the formats that other programs load: JSON Lines, CSV, Parquet.
//!
//! A value in, bytes out to any writer: knows the rows of the `articles` view, and neither the database nor files. The columns and their order are the
//! view's, in one list (`columns`), so that no format lacks one.

mod columns;
mod csv;
#[cfg(feature = "parquet")]
mod parquet;

use std::io::{self, Write};

use crate::store::ArticleRow;

/// What an export is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// One JSON object a line.
    JsonLines,
    /// RFC 4180, with a heading; lists are JSON arrays.
    Csv,
    /// Typed columns, compressed with zstd. Needs the cargo feature `parquet`.
    Parquet,
}

/// Why nothing, or not all, was written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The writer refused.
    #[error("cannot write the export")]
    Write(#[from] io::Error),
    /// This binary has no Parquet.
    #[error(
        "this binary was built without Parquet; build it with `--features parquet`, or take `--format jsonl` or `csv`"
    )]
    NotBuilt,
    /// The Parquet file cannot be written.
    #[cfg(feature = "parquet")]
    #[error("cannot write the Parquet file")]
    Parquet(#[from] ::parquet::errors::ParquetError),
}

/// Writes articles one after the other; holds no more of them than a Parquet row group.
pub struct Export<W: Write + Send>(Kind<W>);

enum Kind<W: Write + Send> {
    JsonLines(W),
    Csv(W),
    #[cfg(feature = "parquet")]
    Parquet(Box<parquet::Writer<W>>),
}

impl<W: Write + Send> Export<W> {
    /// Begins an export into `output`, which should be buffered.
    ///
    /// # Errors
    /// [`Error::NotBuilt`], or when the output refuses.
    pub fn begin(format: Format, mut output: W) -> Result<Self, Error> {
        Ok(Self(match format {
            Format::JsonLines => Kind::JsonLines(output),
            Format::Csv => {
                csv::heading(&mut output)?;
                Kind::Csv(output)
            }
            #[cfg(feature = "parquet")]
            Format::Parquet => Kind::Parquet(Box::new(parquet::Writer::begin(output)?)),
            #[cfg(not(feature = "parquet"))]
            Format::Parquet => return Err(Error::NotBuilt),
        }))
    }

    /// Adds an article.
    ///
    /// # Errors
    /// When the output refuses.
    pub fn write(&mut self, article: &ArticleRow) -> Result<(), Error> {
        match &mut self.0 {
            Kind::JsonLines(output) => {
                serde_json::to_writer(&mut *output, article).map_err(io::Error::from)?;
                output.write_all(b"\n")?;
            }
            Kind::Csv(output) => csv::row(output, article)?,
            #[cfg(feature = "parquet")]
            Kind::Parquet(writer) => writer.write(article)?,
        }
        Ok(())
    }

    /// Writes what is left and gives the output back.
    ///
    /// # Errors
    /// When the output refuses.
    pub fn finish(self) -> Result<W, Error> {
        let mut output = match self.0 {
            Kind::JsonLines(output) | Kind::Csv(output) => output,
            #[cfg(feature = "parquet")]
            Kind::Parquet(writer) => writer.finish()?,
        };
        output.flush()?;
        Ok(output)
    }
}

impl<W: Write + Send> std::fmt::Debug for Export<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Export").finish_non_exhaustive()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Two articles: one with everything that is awkward, one that lacks what may be lacking.
    pub(crate) fn articles() -> [ArticleRow; 2] {
        let full = ArticleRow {
            id: 1,
            seq: 5,
            event_id: 1,
            duplicate_of: None,
            url: "https://post.example/1".to_owned(),
            canonical_url: "https://post.example/1".to_owned(),
            publisher: "post.example".to_owned(),
            feed: Some("post".to_owned()),
            title: Some("Ferry \"Morven\", late\r\nagain".to_owned()),
            subtitle: Some(String::new()),
            authors: vec!["Ada, the Elder".to_owned(), "ياسمين".to_owned()],
            published_at: Some("2024-05-20T15:00:00Z".to_owned()),
            published_precision: Some("time".to_owned()),
            modified_at: None,
            fetched_at: "2024-05-20T15:10:00Z".to_owned(),
            language: Some("en".to_owned()),
            dateline: None,
            attribution: None,
            categories: Vec::new(),
            image: None,
            text: "First.\n\nSecond, with = and ;".to_owned(),
            word_count: 6,
            revision: 1,
            gone_at: None,
        };
        let bare = ArticleRow {
            id: 2,
            seq: 7,
            duplicate_of: Some(1),
            feed: None,
            title: None,
            subtitle: None,
            authors: Vec::new(),
            published_at: None,
            published_precision: None,
            language: None,
            gone_at: Some("2024-05-21T15:10:00Z".to_owned()),
            ..full.clone()
        };
        [full, bare]
    }

    pub(crate) fn exported(format: Format) -> Vec<u8> {
        let mut export = Export::begin(format, Vec::new()).unwrap();
        for article in &articles() {
            export.write(article).unwrap();
        }
        export.finish().unwrap()
    }

    #[test]
    fn json_lines_are_the_articles() {
        let text = String::from_utf8(exported(Format::JsonLines)).unwrap();
        let lines: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[0]["authors"][1], "ياسمين");
        assert!(lines[1]["title"].is_null() && lines[1]["duplicate_of"] == 1);
        let mut keys: Vec<&str> = lines[0].as_object().unwrap().keys().map(String::as_str).collect();
        let mut columns: Vec<&str> = columns::COLUMNS.iter().map(|column| column.name).collect();
        keys.sort_unstable();
        columns.sort_unstable();
        assert_eq!(keys, columns, "every format has every column");
    }

    #[cfg(not(feature = "parquet"))]
    #[test]
    fn without_parquet_the_error_names_the_feature() {
        let error = Export::begin(Format::Parquet, Vec::new()).unwrap_err();
        assert!(error.to_string().contains("--features parquet"), "{error}");
    }
}
