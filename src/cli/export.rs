//! `dateline export`: articles as files for other programs.

use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};

use super::filters::Filters;
use super::{Outcome, Settings};
use crate::export::{Export, Format};
use crate::store::{Reader, Selection};

/// Articles as JSON Lines, CSV or Parquet, earliest published first, each with the columns of the `articles` view.
///
/// All come from one moment of the database, in the same memory however many they are. An article without a date counts as published when it was fetched.
#[derive(Debug, Args)]
#[command(
    after_help = "Example: dateline export --since 2024-05-01 --until 2024-05-31 --language en --output may.parquet"
)]
pub(super) struct Arguments {
    /// What to write [default: as the name of --output ends, else jsonl]
    #[arg(long, value_name = "FORMAT")]
    format: Option<Kind>,
    #[command(flatten)]
    filters: Filters,
    /// Where to; it appears when it is complete, in place of what was there [default: stdout]
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// One JSON object a line
    Jsonl,
    /// RFC 4180; lists are JSON arrays
    Csv,
    /// Typed columns, zstd
    Parquet,
}

pub(super) fn run(arguments: &Arguments, settings: &Settings) -> anyhow::Result<Outcome> {
    let format = format(arguments)?;
    let selection = arguments.filters.selection();
    let reader = Reader::open(&settings.database()?)?;
    let Some(path) = &arguments.output else {
        if format == Format::Parquet && io::stdout().is_terminal() {
            bail!("Parquet is not for a terminal; name a file with --output");
        }
        write(&reader, &selection, format, BufWriter::new(io::stdout()))?;
        return Ok(Outcome::Done);
    };
    let draft = Draft::beside(path)?;
    let (count, output) = write(&reader, &selection, format, BufWriter::new(draft.file.try_clone()?))?;
    drop(output);
    draft.publish(path)?;
    eprintln!("{count} articles in {}", path.display());
    Ok(Outcome::Done)
}

fn format(arguments: &Arguments) -> anyhow::Result<Format> {
    let extension = arguments.output.as_deref().and_then(Path::extension).and_then(|end| end.to_str());
    let kind = match (arguments.format, extension) {
        (Some(kind), _) => kind,
        (None, None | Some("jsonl" | "ndjson")) => Kind::Jsonl,
        (None, Some("csv")) => Kind::Csv,
        (None, Some("parquet")) => Kind::Parquet,
        (None, Some(other)) => bail!("`.{other}` tells no format; name one with --format jsonl, csv or parquet"),
    };
    Ok(match kind {
        Kind::Jsonl => Format::JsonLines,
        Kind::Csv => Format::Csv,
        Kind::Parquet => Format::Parquet,
    })
}

fn write<W: Write + Send>(
    reader: &Reader,
    selection: &Selection,
    format: Format,
    output: W,
) -> anyhow::Result<(u64, W)> {
    let mut export = Export::begin(format, output)?;
    let count = reader.select(selection, |article| export.write(article).map_err(anyhow::Error::from))?;
    Ok((count, export.finish()?))
}

/// A file under a name of its own, until it is complete.
struct Draft {
    file: File,
    path: PathBuf,
    published: bool,
}

impl Draft {
    fn beside(path: &Path) -> anyhow::Result<Self> {
        let name = path.file_name().with_context(|| format!("`{}` names no file", path.display()))?;
        let draft = path.with_file_name(format!(".{}.{}.part", name.to_string_lossy(), std::process::id()));
        let file = File::create(&draft).with_context(|| format!("cannot write `{}`", draft.display()))?;
        Ok(Self { file, path: draft, published: false })
    }

    fn publish(mut self, path: &Path) -> anyhow::Result<()> {
        self.file
            .sync_all()
            .and_then(|()| std::fs::rename(&self.path, path))
            .with_context(|| format!("cannot write `{}`", path.display()))?;
        self.published = true;
        Ok(())
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if !self.published {
            std::fs::remove_file(&self.path).ok();
        }
    }
}
