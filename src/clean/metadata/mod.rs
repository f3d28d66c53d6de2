//! What a page says about its article: headline, authors, dates, language, address, picture, sections.
//!
//! Pure. One walk over the tree gathers evidence (`evidence`), JSON-LD is read leniently (`json`, `json_ld`), then each field weighs
//! what speaks for it in a module of its own. Must not know how the body is found; what needs the body's text
//! ([`attribution()`], [`dateline()`]) takes it as an argument. Missing is `None`, never a guess.

mod agencies;
mod attribution;
mod authors;
mod canonical;
mod cues;
mod date;
mod dateline;
mod evidence;
mod json;
mod json_ld;
mod marks;
mod name_words;
mod names;
mod opener;
mod plain;
mod site;
mod state;
mod title;

use std::ops::Range;

use jiff::Timestamp;
use scraper::Html;
use url::Url;

pub use self::attribution::{attribution, credited_in_dateline};
pub(super) use self::authors::{is_signature, signed, tells_role};
pub(super) use self::date::is_day_alone;
pub use self::dateline::dateline;
use self::marks::Marks;
use self::plain::{fold, plain};
use self::site::Site;
use super::{Page, language};
use crate::address;
use crate::article::Precision;

/// Categories kept of one article.
const MAX_CATEGORIES: usize = 30;

/// What a page says about its article.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Metadata {
    /// The headline, without the name of the site.
    pub title: Option<String>,
    /// A standfirst that the page marks as one.
    pub subtitle: Option<String>,
    /// What the page gives as its summary (description metas, JSON-LD): evidence for the standfirst, often cut.
    pub descriptions: Vec<String>,
    /// People; where nobody is named, the newsroom or paper that the page gives as author.
    pub authors: Vec<String>,
    /// When the story appeared.
    pub published_at: Option<Timestamp>,
    /// How exactly `published_at` is known; present exactly when it is.
    pub published_precision: Option<Precision>,
    /// When the story last changed.
    pub modified_at: Option<Timestamp>,
    /// The language declared, a primary tag.
    pub language: Option<String>,
    /// The publisher's own address for the article, else the page's; tracking parameters removed.
    pub canonical_url: Option<Url>,
    /// Address of the lead picture.
    pub image: Option<Url>,
    /// The publisher's own sections and tags.
    pub categories: Vec<String>,
    /// The name of the site.
    pub site_name: Option<String>,
    /// JSON-LD `articleBody`: evidence only, often cut or dirty.
    pub article_body: Option<String>,
    /// `og:type` and the JSON-LD types near the root, as given.
    pub kinds: Vec<String>,
    /// Nobody is named, or only the house itself.
    unsigned: bool,
    /// Agencies and organisations named where an author is expected.
    agencies: Vec<String>,
    /// Lines that the page marks as naming its source.
    credits: Vec<String>,
    /// The names of the site, letters and digits only.
    own_names: Vec<String>,
}

impl Metadata {
    /// Whether nobody is named as the author, or only the house itself.
    pub(super) fn is_unsigned(&self) -> bool {
        self.unsigned
    }
}

/// Reads everything but what needs the body.
#[must_use]
pub fn read(dom: &Html, page: &Page<'_>) -> Metadata {
    let evidence = evidence::gather_evidence(dom);
    let own = address::canonical(page.url);
    let is_page = |href: &str| page.url.join(href).is_ok_and(|url| same_page(&address::canonical(&url), &own));
    let mut linked = json_ld::read(&evidence.linked_data, is_page);
    let site = Site::new(&evidence, &linked, page.url);
    let title = title::choose(&evidence, &linked, page, &site);
    supplement(&mut linked, &evidence, page, &title);
    let authors = authors::choose(&evidence, &linked, page, &site, &title);
    let dates = date::choose(&evidence, &linked, page, &title);
    let published = dates.published;
    let mut kinds: Vec<String> = evidence.meta(&["og:type"]).map(fold).collect();
    kinds.extend(linked.kinds.iter().cloned());
    Metadata {
        subtitle: subtitle(&evidence, title.at.as_ref()),
        descriptions: descriptions(&evidence, &linked, page),
        authors: authors.names,
        unsigned: authors.unsigned,
        published_at: published.map(|(at, _)| at),
        published_precision: published.map(|(_, precision)| precision),
        modified_at: dates.modified,
        language: declared_language(&evidence, &linked, page),
        canonical_url: Some(canonical::choose(&evidence, &linked, page)),
        image: image(&evidence, &linked, page),
        categories: categories(&evidence, &linked, page, &site),
        site_name: site.names.first().cloned(),
        credits: credits(&evidence),
        own_names: site.keys().to_vec(),
        agencies: authors.agencies,
        title: title.text,
        article_body: linked.body,
        kinds,
    }
}

/// Adds what the state of the page's scripts says, where neither JSON-LD nor metas do.
fn supplement(linked: &mut json_ld::Linked, evidence: &evidence::Evidence<'_>, page: &Page<'_>, title: &title::Title) {
    let undated = linked.published.is_empty() && !date::has_meta(evidence);
    let unsigned = linked.authors.is_empty() && !authors::has_meta(evidence);
    if !undated && !unsigned {
        return;
    }
    let Some(state) = state::read(page.html, page.url, title.text.as_deref()) else { return };
    if undated {
        linked.published.extend(state.published);
        linked.modified.extend(state.modified);
    }
    if unsigned {
        linked.authors.extend(state.authors);
    }
}

/// The story as the state of the page's scripts has it: evidence for a page that shows none.
#[must_use]
pub fn body_in_state(page: &Page<'_>, meta: &Metadata) -> Option<String> {
    state::read(page.html, page.url, meta.title.as_deref())?.body
}

/// What elements marked as sources say, but for those of pictures.
fn credits(evidence: &evidence::Evidence<'_>) -> Vec<String> {
    let of_pictures = Marks::ASIDE.with(Marks::CAPTION).with(Marks::COMMENT);
    evidence
        .sources
        .iter()
        .filter(|(_, place)| !place.region.has(of_pictures))
        .map(|(text, _)| text.clone())
        .take(8)
        .collect()
}

/// The same address but for scheme, `www` and a slash at the end.
fn same_page(a: &Url, b: &Url) -> bool {
    let host = |url: &Url| url.host_str().map(|host| host.trim_start_matches("www.").to_owned());
    host(a) == host(b) && a.path().trim_end_matches('/') == b.path().trim_end_matches('/') && a.query() == b.query()
}

fn declared_language(evidence: &evidence::Evidence<'_>, linked: &json_ld::Linked, page: &Page<'_>) -> Option<String> {
    evidence
        .language
        .into_iter()
        .chain(evidence.meta(&["content-language", "language", "dc.language", "og:locale"]))
        .chain(linked.language.as_deref())
        .chain(page.announced.and_then(|entry| entry.language.as_deref()))
        .find_map(language::primary)
}

fn subtitle(evidence: &evidence::Evidence<'_>, headline: Option<&Range<usize>>) -> Option<String> {
    let headline = headline?.end;
    evidence
        .subtitles
        .iter()
        .filter(|(text, place)| {
            place.at >= headline && place.at - headline < 600 && (20..800).contains(&text.chars().count())
        })
        .map(|(text, _)| text.clone())
        .next()
}

fn descriptions(evidence: &evidence::Evidence<'_>, linked: &json_ld::Linked, page: &Page<'_>) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let given = linked.subtitle.iter().chain(&linked.description).cloned();
    let metas =
        evidence.meta(&["og:description", "description", "twitter:description", "dc.description"]).filter_map(plain);
    let announced = page.announced.and_then(|entry| entry.summary.as_deref()).and_then(plain);
    for text in given.chain(metas).chain(announced) {
        if !found.contains(&text) && found.len() < 8 {
            found.push(text);
        }
    }
    found
}

fn image(evidence: &evidence::Evidence<'_>, linked: &json_ld::Linked, page: &Page<'_>) -> Option<Url> {
    evidence
        .meta(&["og:image", "og:image:url", "og:image:secure_url"])
        .chain(linked.image.as_deref())
        .chain(evidence.meta(&["twitter:image", "twitter:image:src", "parsely-image-url", "sailthru.image.full"]))
        .chain(evidence.link("image_src"))
        .filter(|href| !href.is_empty() && href.len() < 2_000)
        .filter_map(|href| page.url.join(href).ok())
        .find(|url| matches!(url.scheme(), "http" | "https") && url.path().len() > 1)
        .or_else(|| page.announced.and_then(|entry| entry.image.clone()))
}

fn categories(
    evidence: &evidence::Evidence<'_>,
    linked: &json_ld::Linked,
    page: &Page<'_>,
    site: &Site,
) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let listed = |text: &str| text.split([',', ';', '|', '،', '、']).map(fold).collect::<Vec<_>>();
    let given = linked
        .sections
        .iter()
        .cloned()
        .chain(evidence.meta(&["article:section", "og:article:section", "section"]).filter_map(plain))
        .chain(evidence.sections.iter().cloned())
        .chain(linked.keywords.iter().flat_map(|text| listed(text)))
        .chain(evidence.meta(&["article:tag", "og:article:tag"]).filter_map(plain))
        .chain(evidence.meta(&["news_keywords", "parsely-tags", "keywords"]).take(1).flat_map(listed))
        .chain(evidence.tags.iter().cloned())
        .chain(page.announced.into_iter().flat_map(|entry| entry.categories.iter().cloned()));
    for name in given {
        let name = name.trim_start_matches('#').trim().to_owned();
        let length = name.chars().count();
        if (2..=60).contains(&length)
            && !name.contains("://")
            && !site.is_site(&name)
            && !found.iter().any(|known| known.to_lowercase() == name.to_lowercase())
        {
            found.push(name);
        }
        if found.len() >= MAX_CATEGORIES {
            break;
        }
    }
    found
}
