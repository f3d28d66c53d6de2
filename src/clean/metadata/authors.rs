//! Who wrote the story.
//!
//! People first, from the strongest source that names any. Where nobody is named, what the page itself gives as its author
//! (the newsroom, the paper) stands; an agency never does, it is whom the publisher credits: see `attribution`.

use super::Page;
use super::evidence::{Evidence, Source};
use super::json_ld::{AgentKind, Linked};
use super::marks::Marks;
use super::names::{self, Name};
use super::site::Site;

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
    "twitter:data1",
    "authors",
    "creator",
    "rnews:author",
    "og:author",
    "og:article:author",
    "author_name",
];

/// Bytes of text between the headline and a byline that belongs to it. Measured 2026-11.
const NEAR: usize = 2_500;
const NEAR_WORDS: usize = 900;

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

/// Weighs all that names an author.
pub(super) fn choose(
    evidence: &Evidence<'_>,
    linked: &Linked,
    page: &Page<'_>,
    site: &Site,
    headline: Option<usize>,
) -> Authors {
    let mut groups: Vec<Vec<Name>> = Vec::new();
    groups.push(
        linked
            .authors
            .iter()
            .flat_map(|agent| {
                let names = names::read(&agent.name, site);
                names.into_iter().map(|name| match name {
                    Name::Person(name) | Name::Alias(name) if agent.kind == AgentKind::Organization => {
                        Name::Collective(name)
                    }
                    other => other,
                })
            })
            .collect(),
    );
    groups.push(
        evidence
            .meta(METAS)
            .filter(|content| !content.contains("://"))
            .flat_map(|content| names::read(&super::plain::plain(content).unwrap_or_default(), site))
            .collect(),
    );
    for source in [Source::Microdata, Source::Rel, Source::Class, Source::Link, Source::Words] {
        groups.push(shown(evidence, site, headline, source));
    }
    groups.push(
        page.announced.into_iter().flat_map(|entry| &entry.authors).flat_map(|name| names::read(name, site)).collect(),
    );

    let mut agencies = Vec::new();
    for agency in groups
        .iter()
        .take(4)
        .flatten()
        .filter_map(|name| if let Name::Agency(agency) = name { Some(*agency) } else { None })
    {
        if !agencies.contains(&agency) {
            agencies.push(agency);
        }
    }
    let people = groups.iter().map(|group| people(group)).find(|people| !people.is_empty());
    let names = people
        .or_else(|| groups.iter().take(4).map(|group| collectives(group)).find(|names| !names.is_empty()))
        .unwrap_or_default();
    Authors { names, agencies }
}

/// The names that elements of one source give near the headline.
fn shown(evidence: &Evidence<'_>, site: &Site, headline: Option<usize>, source: Source) -> Vec<Name> {
    let near = if source == Source::Words { NEAR_WORDS } else { NEAR };
    let mut found: Vec<Name> = Vec::new();
    for byline in evidence.bylines.iter().filter(|byline| byline.source == source) {
        let distance = headline.map_or(byline.place.at / 2, |headline| headline.abs_diff(byline.place.at));
        if byline.place.region.has(Marks::ASIDE.with(Marks::CAPTION)) || distance > near {
            continue;
        }
        let certain = matches!(source, Source::Microdata | Source::Rel);
        for name in names::read(&byline.text, site) {
            if matches!(name, Name::Alias(_)) && !certain {
                continue;
            }
            if !found.contains(&name) && found.len() < 20 {
                found.push(name);
            }
        }
        if !people(&found).is_empty() && matches!(source, Source::Class | Source::Words) {
            break;
        }
    }
    found
}

fn people(names: &[Name]) -> Vec<String> {
    let mut people: Vec<String> = Vec::new();
    for name in names {
        if let Name::Person(name) | Name::Alias(name) = name
            && !people.iter().any(|known| known.eq_ignore_ascii_case(name))
        {
            people.push(name.clone());
        }
    }
    people
}

fn collectives(names: &[Name]) -> Vec<String> {
    names
        .iter()
        .filter_map(|name| if let Name::Collective(name) = name { Some(name.clone()) } else { None })
        .take(2)
        .collect()
}
