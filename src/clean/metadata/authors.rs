//! Who wrote the story.
//!
//! People first, from the strongest source that names any. Where nobody is named, what the page itself gives as its author
//! (the newsroom, the paper) stands; an agency never does, it is whom the publisher credits: see `attribution`.

use std::ops::Range;

use super::Page;
use super::evidence::{Evidence, Source, distance};
use super::json_ld::{Agent, AgentKind, Linked};
use super::marks::Marks;
use super::names::{self, Name};
use super::plain::plain;
use super::site::{Site, key};

/// Metas that name authors, the more telling first.
const METAS: &[&str] = &[
    "author",
    "article:author",
    "byl",
    "dc.creator",
    "dcterms.creator",
    "dc.creator.personalname",
    "parsely-author",
    "sailthru.author",
    "citation_author",
    "cXenseParse:author",
    "article:author_name",
    "authors",
    "creator",
    "rnews:author",
    "og:author",
    "og:article:author",
    "author_name",
    "shareaholic:article_author_name",
    "twitter:data1",
];

/// Bytes of text between the headline and a byline that belongs to it. Measured 2026-11.
const NEAR: usize = 2_500;
const NEAR_WORDS: usize = 900;

/// Sources that say "author" in so many words: JSON-LD, metas, microdata, `rel=author`. The first groups of [`choose`].
const DECLARED: usize = 4;

/// Whom a page names.
#[derive(Debug, Default)]
pub(super) struct Authors {
    pub(super) names: Vec<String>,
    /// Agencies named where an author is expected.
    pub(super) agencies: Vec<&'static str>,
}

/// Whether a text node may open a byline.
pub(super) fn opens_byline(text: &str) -> bool {
    names::opens(text)
}

/// Weighs all that names an author: full names before pen names before newsrooms, each from the strongest source that has one.
pub(super) fn choose(
    evidence: &Evidence<'_>,
    linked: &Linked,
    page: &Page<'_>,
    site: &Site,
    headline: Option<&Range<usize>>,
) -> Authors {
    let mut groups: Vec<Vec<Name>> = vec![
        linked.authors.iter().flat_map(|agent| of_agent(agent, site)).collect(),
        evidence.meta(METAS).filter_map(plain).flat_map(|content| names::read(&content, site)).collect(),
    ];
    let seen = |source, reach| shown(evidence, site, headline, source, reach);
    for source in [Source::Microdata, Source::Rel, Source::Class, Source::Link, Source::Words] {
        groups.push(seen(source, Reach::Near));
    }
    groups.push(
        page.announced.into_iter().flat_map(|entry| &entry.authors).flat_map(|name| names::read(name, site)).collect(),
    );

    let mut agencies = Vec::new();
    let credited: Vec<Name> = linked.sources.iter().flat_map(|source| names::read(source, site)).collect();
    for name in groups.iter().take(DECLARED + 1).flatten().chain(&credited) {
        if let Name::Agency(agency) = name
            && !agencies.contains(agency)
        {
            agencies.push(*agency);
        }
    }
    let among = |groups: &[Vec<Name>], pick: fn(&[Name]) -> Vec<String>| {
        groups.iter().map(|group| pick(group)).find(|names| !names.is_empty())
    };
    let declared = groups.split_at(DECLARED).0;
    let names = among(&groups, people)
        .or_else(|| among(declared, aliases))
        .or_else(|| among(declared, collectives))
        .or_else(|| among(&groups, aliases))
        .or_else(|| among(&groups, collectives))
        .or_else(|| {
            let anywhere = [Source::Microdata, Source::Rel, Source::Class, Source::Words]
                .map(|source| seen(source, Reach::Anywhere));
            among(&anywhere, people).or_else(|| among(&anywhere, aliases)).or_else(|| among(&anywhere, collectives))
        });
    // A pen name that is the beginning of a full name on the page stands for it.
    let names = names.map(|names| names.into_iter().map(|name| in_full(&name, &groups).unwrap_or(name)).collect());
    Authors { names: names.unwrap_or_default(), agencies }
}

/// The full name that begins with `name`.
fn in_full(name: &str, groups: &[Vec<Name>]) -> Option<String> {
    let is_longer = |full: &&str| full.strip_prefix(name).is_some_and(|rest| rest.starts_with(' '));
    let full = groups.iter().flatten().filter(|name| matches!(name, Name::Person(_))).map(names::shown).find(is_longer);
    full.filter(|_| !name.contains(' ')).map(str::to_owned)
}

/// What a JSON-LD creator names; one typed as an organisation is none of its people.
fn of_agent(agent: &Agent, site: &Site) -> Vec<Name> {
    let names = names::read(&agent.name, site).into_iter().map(|name| match name {
        Name::Person(name) | Name::Alias(name) if agent.kind == AgentKind::Organization => Name::Collective(name),
        other => other,
    });
    names.collect()
}

/// Where bylines are looked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// Around the headline.
    Near,
    /// In the whole story, for bylines that stand at its end.
    Anywhere,
}

/// The names that elements of one source give.
fn shown(
    evidence: &Evidence<'_>,
    site: &Site,
    headline: Option<&Range<usize>>,
    source: Source,
    reach: Reach,
) -> Vec<Name> {
    let near = match (reach, source) {
        (Reach::Anywhere, _) => usize::MAX,
        (_, Source::Words | Source::Link) => NEAR_WORDS,
        _ => NEAR,
    };
    let mut found: Vec<Name> = Vec::new();
    for byline in evidence.bylines.iter().filter(|byline| byline.source == source) {
        let distance = distance(headline, byline.place.at);
        if byline.place.region.has(Marks::ASIDE.with(Marks::CAPTION)) || distance > near {
            continue;
        }
        let names = names::read(&byline.text, site);
        // A word or two from prose is no byline.
        let is_alone = names.len() == 1 && byline.text.split_whitespace().count() <= 3;
        for name in names {
            let weak = matches!(source, Source::Class | Source::Link | Source::Words);
            let is_doubtful = match name {
                Name::Alias(_) => weak && !(source == Source::Class && is_alone),
                Name::Collective(_) => matches!(source, Source::Link | Source::Words),
                _ => false,
            };
            if !is_doubtful && !found.contains(&name) && found.len() < 20 {
                found.push(name);
            }
        }
        if matches!(source, Source::Class | Source::Words)
            && !picked(&found, |name| matches!(name, Name::Person(_))).is_empty()
        {
            break;
        }
    }
    found
}

fn people(group: &[Name]) -> Vec<String> {
    picked(group, |name| matches!(name, Name::Person(_)))
}

fn aliases(group: &[Name]) -> Vec<String> {
    picked(group, |name| matches!(name, Name::Alias(_)))
}

fn collectives(group: &[Name]) -> Vec<String> {
    picked(group, |name| matches!(name, Name::Collective(_))).into_iter().take(2).collect()
}

fn picked(group: &[Name], pick: fn(&Name) -> bool) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for name in group.iter().filter(|name| pick(name)).map(names::shown) {
        if !names.iter().any(|known| key(known) == key(name)) {
            names.push(name.to_owned());
        }
    }
    names
}
