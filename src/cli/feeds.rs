//! `dateline feeds import` and `export`: lists of feeds as OPML.

use std::collections::BTreeSet;
use std::fs::OpenOptions;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::{Args, Subcommand};

use super::{Outcome, Settings};
use crate::address;
use crate::catalogue::{self, Listing};
use crate::config::{Config, Faults};
use crate::opml;

/// Exchanges lists of feeds with feed readers, as OPML.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Append the feeds of an OPML file to the configuration; those that are configured already are passed over
    Import {
        /// OPML, or `-` for stdin
        file: PathBuf,
        /// Print the `[[feeds]]` blocks instead of writing them
        #[arg(long)]
        dry_run: bool,
    },
    /// Write the configured feeds as OPML
    Export {
        /// Where to, or `-` for stdout
        file: PathBuf,
    },
}

pub(super) fn run(arguments: &Arguments, settings: &Settings) -> anyhow::Result<Outcome> {
    match &arguments.verb {
        Verb::Import { file, dry_run } => import(file, *dry_run, settings),
        Verb::Export { file } => export(file, settings),
    }
}

fn import(file: &Path, dry_run: bool, settings: &Settings) -> anyhow::Result<Outcome> {
    let bytes = read(file)?;
    let config = match Config::load(settings.config.as_deref()) {
        Ok(config) => Some(config),
        Err(faults) if settings.config.as_deref().is_none_or(|named| !named.exists()) && is_missing(&faults) => None,
        Err(faults) => return Err(faults.into()),
    };
    let known = config.as_ref().map(|config| config.feeds.as_slice()).unwrap_or_default();
    let taken: BTreeSet<String> = known.iter().map(|feed| feed.name.clone()).collect();
    let addresses: BTreeSet<String> = known.iter().map(|feed| address::canonical(&feed.url).to_string()).collect();
    let list = opml::import(&bytes, &taken).with_context(|| format!("`{}`", file.display()))?;
    let (known, new): (Vec<Listing>, Vec<Listing>) =
        list.feeds.into_iter().partition(|feed| addresses.contains(address::canonical(&feed.url).as_str()));
    for skipped in &list.skipped {
        eprintln!("left out: {skipped}");
    }
    let blocks = catalogue::toml(&new);
    if dry_run {
        write!(std::io::stdout().lock(), "{blocks}")?;
        return Ok(Outcome::Done);
    }
    let target = config
        .map(|config| config.file)
        .or_else(|| settings.config.clone())
        .unwrap_or_else(|| PathBuf::from("config/dateline.toml"));
    if !new.is_empty() {
        append(&target, &blocks).with_context(|| format!("cannot write `{}`", target.display()))?;
    }
    println!(
        "{} feeds added to {}, {} were there already, {} left out; `dateline check --online` tries them",
        new.len(),
        target.display(),
        known.len(),
        list.skipped.len()
    );
    Ok(Outcome::Done)
}

/// Whether there is no configuration at all, rather than a faulty one.
fn is_missing(faults: &Faults) -> bool {
    faults.file.as_os_str().is_empty()
}

fn append(target: &Path, blocks: &str) -> std::io::Result<()> {
    if let Some(folder) = target.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)?;
    }
    let mut file = OpenOptions::new().append(true).create(true).open(target)?;
    write!(file, "\n{blocks}")?;
    file.sync_all()
}

fn read(file: &Path) -> anyhow::Result<Vec<u8>> {
    const MAX_BYTES: u64 = 65 << 20;
    let mut bytes = Vec::new();
    if file.as_os_str() == "-" {
        std::io::stdin().lock().take(MAX_BYTES).read_to_end(&mut bytes).context("reading OPML on stdin")?;
    } else {
        let opened = std::fs::File::open(file).with_context(|| format!("cannot read `{}`", file.display()))?;
        opened.take(MAX_BYTES).read_to_end(&mut bytes).with_context(|| format!("cannot read `{}`", file.display()))?;
    }
    Ok(bytes)
}

fn export(file: &Path, settings: &Settings) -> anyhow::Result<Outcome> {
    let config = Config::load(settings.config.as_deref())?;
    if config.feeds.is_empty() {
        bail!("`{}` has no feeds to export", config.file.display());
    }
    let listings: Vec<Listing> = config
        .feeds
        .iter()
        .map(|feed| Listing {
            name: feed.name.clone(),
            url: feed.url.clone(),
            title: None,
            site: None,
            group: feed.group.clone(),
        })
        .collect();
    let text = opml::export("dateline", &listings);
    if file.as_os_str() == "-" {
        write!(std::io::stdout().lock(), "{text}")?;
    } else {
        std::fs::write(file, text).with_context(|| format!("cannot write `{}`", file.display()))?;
        println!("{} feeds written to {}", listings.len(), file.display());
    }
    Ok(Outcome::Done)
}
