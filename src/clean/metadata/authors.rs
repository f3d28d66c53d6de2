//! Who wrote the story.
//!
//! People first, from the strongest source that names any. Where nobody is named, what the page itself gives as its author
//! (the newsroom, the paper) stands; an agency never does, it is whom the publisher credits: see `attribution`.

use super::Page;
use super::evidence::{Byline, Evidence, Source, distance};
use super::json_ld::{Agent, AgentKind, Linked};
use super::marks::Marks;
use super::names::{self, Name};
use super::opener;
use super::plain::plain;
use super::site::{Site, key};
use super::title::Title;

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
const BESIDE: usize = 200;

/// Sources that say "author" in so many words: JSON-LD, metas, microdata, `rel=author`. The first groups of [`choose`].
const DECLARED: usize = 4;

/// Whom a page names.
#[derive(Debug, Default)]
pub(super) struct Authors {
    pub(super) names: Vec<String>,
    /// Agencies, and organisations other than the publisher, named where an author is expected.
    pub(super) agencies: Vec<String>,
    /// Nobody is named, or only the house itself.
    pub(super) unsigned: bool,
}

/// Whether a meta names an author.
pub(super) fn has_meta(evidence: &Evidence<'_>) -> bool {
    evidence.meta(METAS).next().is_some()
}

/// Weighs all that names an author: full names before pen names before newsrooms, each from the strongest source that has one.
pub(super) fn choose(evidence: &Evidence<'_>, linked: &Linked, page: &Page<'_>, site: &Site, title: &Title) -> Authors {
    let (others, creators): (Vec<&Agent>, Vec<&Agent>) =
        linked.authors.iter().partition(|agent| is_other_organization(agent, site));
    // What JSON-LD calls an organisation is no person where the byline shows it.
    let is_other = |name: &Name| others.iter().any(|agent| key(&agent.name) == key(names::shown(name)));
    let mut groups: Vec<Vec<Name>> = vec![
        creators.into_iter().flat_map(|agent| of_agent(agent, site)).collect(),
        evidence
            .meta(METAS)
            .filter_map(plain)
            .flat_map(|content| names::read(&content, site))
            .filter(|name| !is_other(name))
            .collect(),
    ];
    let seen = |source, reach| {
        let mut names = shown(evidence, site, title, source, reach);
        names.retain(|name| !is_other(name));
        names
    };
    for source in [Source::Microdata, Source::Rel, Source::Class, Source::Link, Source::Words] {
        groups.push(seen(source, Reach::Near));
    }
    groups.push(
        page.announced.into_iter().flat_map(|entry| &entry.authors).flat_map(|name| names::read(name, site)).collect(),
    );

    let mut agencies: Vec<String> = others.iter().map(|agent| agent.name.clone()).collect();
    let credited: Vec<Name> = linked.sources.iter().flat_map(|source| names::read(source, site)).collect();
    for name in groups.iter().take(DECLARED + 1).flatten().chain(&credited) {
        if let Name::Agency(agency) = name
            && !agencies.iter().any(|known| known == agency)
        {
            agencies.push((*agency).to_owned());
        }
    }
    let among = |groups: &[Vec<Name>], pick: fn(&[Name]) -> Vec<String>| {
        groups.iter().map(|group| pick(group)).find(|names| !names.is_empty())
    };
    let declared = groups.split_at(DECLARED).0;
    let names = among(&groups, people)
        .map(|names| with_more(names, evidence, site, title))
        .or_else(|| among(declared, aliases))
        .or_else(|| among(declared, collectives))
        .or_else(|| among(&groups, aliases))
        .or_else(|| linked_alias(evidence, site, title))
        .or_else(|| among(&groups, collectives))
        .or_else(|| {
            let anywhere = [Source::Microdata, Source::Rel, Source::Class, Source::Words]
                .map(|source| seen(source, Reach::Anywhere));
            among(&anywhere, people).or_else(|| among(&anywhere, aliases)).or_else(|| among(&anywhere, collectives))
        })
        .or_else(|| beside_date(evidence, site, title))
        .or_else(|| placed(evidence, site, title));
    // A pen name that is the beginning of a full name on the page stands for it.
    let names = names.map(|names| names.into_iter().map(|name| in_full(&name, &groups).unwrap_or(name)).collect());
    let names: Vec<String> = names.unwrap_or_default();
    let unsigned = names.iter().all(|name| is_house(name, site));
    Authors { names, agencies, unsigned }
}

/// Whether `name` is the house itself, its newsroom or the account that posts for it.
fn is_house(name: &str, site: &Site) -> bool {
    site.is_related(name) || names::is_newsroom(name)
}

/// Whether `line` ends with what somebody does: `Ada Quay, harbour correspondent`.
pub(in crate::clean) fn tells_role(line: &str) -> bool {
    names::without_role(line).len() < line.len()
}

/// Whether `line`, a line of a story, is nothing but names; one that no word for "by" opens must be `set_apart` by its type.
pub(in crate::clean) fn is_signature(line: &str, set_apart: bool) -> bool {
    let line = names::without_pictures(line.trim_matches(['【', '】', '[', ']', '(', ')', '（', '）']));
    let is_opened = opener::signs(line);
    let named = signatories(line);
    let letters = |text: &str| text.chars().filter(|char| char.is_alphabetic()).count();
    let known: usize = named.iter().map(|name| letters(name)).sum();
    let rest = if is_opened { opener::opener(line).unwrap_or(line) } else { line };
    let rest = names::without_role(rest);
    (is_opened || set_apart && line.chars().any(char::is_lowercase) && named.iter().all(|name| name.contains(' ')))
        && !named.is_empty()
        && known * 10 >= letters(rest) * 7
}

/// The people who sign a story in `line`.
pub(in crate::clean) fn signed(line: Option<&str>) -> Option<Vec<String>> {
    line.map(signatories).filter(|names| !names.is_empty())
}

fn signatories(line: &str) -> Vec<String> {
    people(&names::read(line, &Site::default()))
}

/// The pen name that links to its bearer, right after a word for "by".
fn linked_alias(evidence: &Evidence<'_>, site: &Site, title: &Title) -> Option<Vec<String>> {
    let near = |byline: &&Byline| {
        !byline.place.region.has(Marks::ASIDE.with(Marks::CAPTION).without(title.region))
            && distance(title.at.as_ref(), byline.place.at) <= NEAR_WORDS
    };
    let of = |source| evidence.bylines.iter().filter(move |byline| byline.source == source).filter(near);
    let is_opened = |link: &Byline| {
        of(Source::Words).any(|words| (1..=OPENER).contains(&link.place.at.saturating_sub(words.place.at)))
    };
    of(Source::Link)
        .filter(|link| is_opened(link))
        .map(|link| aliases(&names::read(&link.text, site)))
        .find(|names| names.len() == 1)
}

/// Bytes of a word for "by".
const OPENER: usize = 24;

/// The person in a line under the headline that holds a date besides: `3 May 2024 | Ann Lee`.
fn beside_date(evidence: &Evidence<'_>, site: &Site, title: &Title) -> Option<Vec<String>> {
    let under = |at: usize| title.at.as_ref().is_some_and(|headline| at >= headline.end && at - headline.end < BESIDE);
    let lines = evidence.moments.iter().filter(|moment| moment.source == Source::Words && under(moment.place.at));
    lines
        .filter_map(|moment| {
            let parts = moment.raw.split(" | ").flat_map(|part| part.split(" - ")).flat_map(|part| part.split(" – "));
            let (dates, words): (Vec<&str>, Vec<&str>) = parts.partition(|part| part.chars().any(char::is_numeric));
            match words.as_slice() {
                [name] if !dates.is_empty() => Some(people(&names::read(name, site))),
                _ => None,
            }
        })
        .find(|names| names.len() == 1)
}

/// The person who stands under the headline with a place: in brackets, or before the line that holds the day.
fn placed(evidence: &Evidence<'_>, site: &Site, title: &Title) -> Option<Vec<String>> {
    let headline = title.at.as_ref()?;
    let under = |at: usize| at >= headline.end && at - headline.end < BESIDE;
    let dated = |at: usize| {
        let mut moments = evidence.moments.iter().map(|moment| moment.place.at);
        moments.any(|moment| (at..at + BESIDE / 2).contains(&moment))
    };
    let aside = Marks::ASIDE.with(Marks::CAPTION).without(title.region);
    let lines = evidence.bylines.iter().filter(|byline| byline.source == Source::Placed);
    lines
        .filter(|byline| under(byline.place.at) && !byline.place.region.has(aside))
        .filter(|byline| byline.text.ends_with(')') || dated(byline.place.at))
        .map(|byline| people(&names::read(&byline.text, site)))
        .find(|names| names.len() == 1)
}

/// `names`, or those of one line on the page that begins with them and goes on: metas often have room for one.
fn with_more(names: Vec<String>, evidence: &Evidence<'_>, site: &Site, title: &Title) -> Vec<String> {
    let near = evidence.bylines.iter().filter(|byline| {
        matches!(byline.source, Source::Class | Source::Words)
            && byline.text.len() <= 120
            && !byline.text.contains('\n')
            && distance(title.at.as_ref(), byline.place.at) <= NEAR_WORDS
    });
    let more = near.map(|byline| names::read(&byline.text, site)).find(|line| {
        let more = people(line);
        more.len() == line.len()
            && more.len() > names.len()
            && names.iter().zip(&more).all(|(name, known)| key(name) == key(known))
    });
    more.map_or(names, |line| people(&line))
}

/// The full name that begins with `name`.
fn in_full(name: &str, groups: &[Vec<Name>]) -> Option<String> {
    let is_longer = |full: &&str| full.strip_prefix(name).is_some_and(|rest| rest.starts_with(' '));
    let full = groups.iter().flatten().filter(|name| matches!(name, Name::Person(_))).map(names::shown).find(is_longer);
    full.filter(|_| !name.contains(' ')).map(str::to_owned)
}

/// Whether JSON-LD names an organisation that is neither the publisher nor a newsroom of its own.
fn is_other_organization(agent: &Agent, site: &Site) -> bool {
    agent.kind == AgentKind::Organization
        && !site.is_related(&agent.name)
        && !names::is_newsroom(&agent.name)
        && agent.name.chars().count() <= 60
        && names::read(&agent.name, site).iter().all(|name| !matches!(name, Name::Agency(_)))
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

/// The lines of an element that is called an author's; where an element in it says so of itself in so many words, those with that.
fn own_lines(byline: &Byline, evidence: &Evidence<'_>) -> String {
    let inner = evidence.bylines.iter().find(|inner| {
        byline.source == Source::Class
            && matches!(inner.source, Source::Microdata | Source::Rel)
            && inner.text.len() < byline.text.len()
            && byline.text.contains(&inner.text)
    });
    match inner {
        Some(inner) => {
            let lines: Vec<&str> = byline.text.lines().filter(|line| line.contains(&inner.text)).collect();
            if lines.is_empty() { byline.text.clone() } else { lines.join("\n") }
        }
        None => byline.text.clone(),
    }
}

/// The names that elements of one source give.
fn shown(evidence: &Evidence<'_>, site: &Site, title: &Title, source: Source, reach: Reach) -> Vec<Name> {
    let near = match (reach, source) {
        (Reach::Anywhere, _) => usize::MAX,
        (_, Source::Words | Source::Link) => NEAR_WORDS,
        _ => NEAR,
    };
    let aside = Marks::ASIDE.with(Marks::CAPTION).without(title.region);
    let mut found: Vec<Name> = Vec::new();
    for byline in evidence.bylines.iter().filter(|byline| byline.source == source) {
        let distance = distance(title.at.as_ref(), byline.place.at);
        // Right under the headline nothing stands aside.
        let follows = title.at.as_ref().is_some_and(|headline| byline.place.at >= headline.end) && distance < BESIDE;
        let out = if follows { Marks::CAPTION } else { aside };
        if byline.place.region.has(out) || distance > near {
            continue;
        }
        let names = names::read(&own_lines(byline, evidence), site);
        // A word or two from prose is no byline.
        let is_single = names.len() == 1;
        let is_alone = is_single && byline.text.split_whitespace().count() <= 3;
        for name in names {
            let weak = matches!(source, Source::Class | Source::Link | Source::Words);
            let is_doubtful = match name {
                Name::Alias(_) => {
                    weak && !(source == Source::Class && is_alone)
                        && !(is_single && opener::is_plain_byline(&byline.text))
                }
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

#[cfg(test)]
mod tests {
    use url::Url;

    fn check(html: &str, expect: &[&str], attribution: Option<&str>) {
        let url = Url::parse("https://www.daily-example.org/2024/a-story").unwrap();
        let dom = scraper::Html::parse_document(html);
        let page = super::Page { url: &url, html, announced: None, timezone: None, fetched_at: None };
        let meta = super::super::read(&dom, &page);
        assert_eq!(meta.authors, expect, "{html}");
        assert_eq!(super::super::attribution(&[], &meta).as_deref(), attribution, "{html}");
    }

    #[test]
    fn people_are_authors_and_other_houses_are_credited() {
        let linked = |author: &str, rest: &str| {
            format!(
                r#"<script type="application/ld+json">{{"@type":"NewsArticle","headline":"Rain","author":[{author}]}}</script><h1>Rain at last</h1>{rest}"#
            )
        };
        let organization = |name: &str| format!(r#"{{"@type":"NewsMediaOrganization","name":"{name}"}}"#);
        let person = r#"{"@type":"Person","name":"Ann Lee"}"#;
        check(&linked(person, ""), &["Ann Lee"], None);
        check(&linked(&organization("Daily Example"), ""), &["Daily Example"], None);
        check(&linked(&organization("Example Newsroom"), ""), &["Example Newsroom"], None);
        let shown = r#"<p>By <span class="author">Northern Wire</span></p>"#;
        check(&linked(&organization("Northern Wire"), shown), &[], Some("Northern Wire"));
        check(&linked(&format!("{person},{}", organization("Northern Wire")), ""), &["Ann Lee"], Some("Northern Wire"));
    }

    #[test]
    fn bylines_are_found_where_nothing_marks_them() {
        for (html, expect) in [
            ("<h1>Rain at last</h1><p>11.12.2019 - Ann Lee</p>", &["Ann Lee"][..]),
            ("<h1>Rain at last</h1><p>Written by: rainmaker | 3 May 2024</p>", &["rainmaker"]),
            ("<h1>Rain at last</h1><p><span>By Ann Lee</span></p><p>3 May 2024</p>", &["Ann Lee"]),
            ("<h1>Rain at last</h1><p><em>Text von Ann Lee &nbsp; Illustration von Bo Ek</em></p>", &["Ann Lee"]),
            ("<h1>Rain at last</h1><div class='widget'><p>By</p><p>Ann Lee</p></div>", &["Ann Lee"]),
            (
                "<meta name=author content='Ann Lee'><h1>Rain at last</h1><p>By Ann Lee and Bo Ek</p>",
                &["Ann Lee", "Bo Ek"],
            ),
            ("<h1>Rain at last</h1><p>3 May 2024 | Weather</p>", &[]),
            ("<h1>Rain at last</h1><div>Ann Lee (Oslo)</div><p>It rained.</p>", &["Ann Lee"]),
            ("<h1>Rain at last</h1><p>Ann Lee in Oslo</p><p>3 May 2024</p>", &["Ann Lee"]),
            ("<h1>Rain at last</h1><p>Ann Lee in Oslo</p><p>It rained.</p>", &[]),
            (
                "<h1>Rain at last</h1><ul><li data-hook=user-name>Ann Lee</li><li data-hook=time-ago>3 May 2024</li></ul>",
                &["Ann Lee"],
            ),
            ("<h1>Rain at last</h1><p>by <a href=/profile/7>rainmaker</a></p><p>It rained.</p>", &["rainmaker"]),
            ("<h1>Rain at last</h1><p>Weather <a href=/profile/7>rainmaker</a></p>", &[]),
            (
                "<h1>Rain at last</h1><div class=author><a rel=author href=/a>Example Newsroom</a><ul><li>Weather Drought</li></ul></div>",
                &["Example Newsroom"],
            ),
            ("<h1 class='vcard author'>Ann Lee</h1><h2>Rain at last</h2><p class=author>Bo Ek</p>", &["Bo Ek"]),
            ("<meta name=author content=admin><h1>Rain at last</h1>", &[]),
            (
                "<h1>Rain at last</h1><p>It rained.</p><div class=fb-post><blockquote><p>At last!</p>Posted by <a href=/k>Kelm</a> on <a href=/k/1>Monday, March 4, 2024</a></blockquote></div>",
                &[],
            ),
            ("<meta name=author content=Editor2><h1>Rain at last</h1>", &[]),
        ] {
            check(html, expect, None);
        }
    }
}
