//! The vocabulary: element names of every dialect → what they mean here.
//!
//! Names are compared without regard to case, as publishers write them. A prefix counts by the address it is bound to; one that
//! is bound to nothing counts by its usual meaning.

/// A namespace, as far as its elements mean something here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Namespace {
    /// RSS of every version, CDF, sitemaps, and whatever has no namespace.
    Core,
    Atom,
    Rdf,
    DublinCore,
    Content,
    Itunes,
    Media,
    Syndication,
    Feedburner,
    Xhtml,
    News,
    Image,
    /// Of no interest.
    Other,
}

/// What an element says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Name {
    // Containers.
    Rss,
    Rdf,
    Feed,
    Channel,
    UrlSet,
    SitemapIndex,
    Item,
    Url,
    Sitemap,
    Person,
    Group,
    // Fields.
    Address,
    Anchor,
    Categories,
    Category,
    Content,
    Created,
    Date,
    Description,
    Enclosure,
    FallbackSummary,
    FallbackTitle,
    Id,
    Image,
    Issued,
    Keywords,
    Language,
    Link,
    Modified,
    OriginalLink,
    Called,
    PubDate,
    Published,
    Subtitle,
    Summary,
    Title,
    TimeToLive,
    UpdateFrequency,
    UpdatePeriod,
    Updated,
}

/// The namespace that an address names. `None`: unknown.
pub(super) fn namespace_of(address: &str) -> Option<Namespace> {
    let plain =
        address.trim().trim_start_matches("https://").trim_start_matches("http://").trim_end_matches(['/', '#']);
    known_namespace(plain).or_else(|| known_namespace(&plain.to_ascii_lowercase()))
}

fn known_namespace(plain: &str) -> Option<Namespace> {
    use Namespace::{
        Atom, Content, Core, DublinCore, Feedburner, Image, Itunes, Media, News, Other, Rdf, Syndication, Xhtml,
    };
    Some(match plain {
        ""
        | "backend.userland.com/rss"
        | "backend.userland.com/rss2"
        | "backend.userland.com/rss091"
        | "backend.userland.com/rss092"
        | "blogs.law.harvard.edu/tech/rss"
        | "cyber.law.harvard.edu/rss"
        | "cyber.harvard.edu/rss/rss.html"
        | "purl.org/rss/1.0"
        | "purl.org/net/rss1.1"
        | "purl.org/rss/2.0"
        | "purl.org/rss/1.0/modules/rss091"
        | "my.netscape.com/rdf/simple/0.9"
        | "my.netscape.com/publish/formats/rss-0.91.dtd"
        | "channel.netscape.com/rdf/simple/0.9"
        | "rssnamespace.org/rss"
        | "www.rssboard.org/rss-specification"
        | "schemas.google.com/sitemap/0.84"
        | "www.google.com/schemas/sitemap/0.84"
        | "www.sitemaps.org/schemas/sitemap/0.9" => Core,
        // Atom while it was looking for a name, and its two versions.
        "www.w3.org/2005/Atom"
        | "www.w3.org/2005/atom"
        | "purl.org/atom/ns"
        | "purl.org/atom"
        | "purl.org/atom/0.3"
        | "purl.org/pie"
        | "purl.org/echo"
        | "example.com/newformat"
        | "example.com/necho"
        | "uri/of/echo/namespace" => Atom,
        "www.w3.org/1999/02/22-rdf-syntax-ns" => Rdf,
        "purl.org/dc/elements/1.1"
        | "purl.org/dc/elements/1.0"
        | "purl.org/dc/terms"
        | "purl.org/dc"
        | "purl.org/metadata/dublin_core" => DublinCore,
        "purl.org/rss/1.0/modules/content" => Content,
        "www.itunes.com/dtds/podcast-1.0.dtd"
        | "www.google.com/schemas/play-podcasts/1.0"
        | "www.google.com/schemas/play-podcasts/1.0/play-podcasts.xsd"
        | "example.com/dtds/podcast-1.0.dtd" => Itunes,
        "search.yahoo.com/mrss"
        | "tools.search.yahoo.com/mrss"
        | "video.search.yahoo.com/mrss"
        | "www.rssboard.org/media-rss"
        | "api.search.yahoo.com/mrss" => Media,
        "purl.org/rss/1.0/modules/syndication" => Syndication,
        "rssnamespace.org/feedburner/ext/1.0" | "www.pheedo.com/namespace/pheedo" => Feedburner,
        "www.w3.org/1999/xhtml" => Xhtml,
        "www.google.com/schemas/sitemap-news/0.9" => News,
        "www.google.com/schemas/sitemap-image/1.1" => Image,
        "www.w3.org/2000/svg"
        | "www.w3.org/1998/math/mathml"
        | "webns.net/mvcb"
        | "purl.org/rss/1.0/modules/slash"
        | "wellformedweb.org/commentapi" => Other,
        _ => return None,
    })
}

/// What a prefix means where nothing binds it.
pub(super) fn usual_namespace(prefix: &str) -> Namespace {
    use Namespace::{
        Atom, Content, Core, DublinCore, Feedburner, Image, Itunes, Media, News, Other, Rdf, Syndication, Xhtml,
    };
    match prefix.to_ascii_lowercase().as_str() {
        "" | "rss" => Core,
        "atom" | "atom10" | "atom03" | "a10" => Atom,
        "rdf" => Rdf,
        "dc" | "dcterms" | "dct" => DublinCore,
        "content" => Content,
        "itunes" | "googleplay" => Itunes,
        "media" => Media,
        "sy" | "syn" => Syndication,
        "feedburner" | "pheedo" => Feedburner,
        "xhtml" | "xhtml2" | "body" | "html" => Xhtml,
        "news" => News,
        "image" => Image,
        _ => Other,
    }
}

/// What an element means. `None`: nothing here.
pub(super) fn meaning(namespace: Namespace, local: &str) -> Option<Name> {
    // No name in the vocabulary is longer.
    let mut lower = [0_u8; 24];
    let slot = lower.get_mut(..local.len())?;
    slot.copy_from_slice(local.as_bytes());
    slot.make_ascii_lowercase();
    let local: &[u8] = slot;
    Some(match namespace {
        Namespace::Core | Namespace::Atom => return core_meaning(local),
        Namespace::Rdf => match local {
            b"rdf" => Name::Rdf,
            _ => return None,
        },
        Namespace::DublinCore => match local {
            b"title" => Name::FallbackTitle,
            b"description" | b"abstract" => Name::FallbackSummary,
            b"creator" | b"author" => Name::Person,
            b"subject" => Name::Category,
            b"language" => Name::Language,
            b"date" => Name::Date,
            b"issued" | b"available" => Name::Issued,
            b"created" => Name::Created,
            b"modified" => Name::Modified,
            _ => return None,
        },
        Namespace::Content => match local {
            b"encoded" => Name::Content,
            _ => return None,
        },
        Namespace::Itunes => match local {
            b"author" => Name::Person,
            b"summary" | b"subtitle" | b"description" => Name::FallbackSummary,
            b"title" => Name::FallbackTitle,
            b"keywords" => Name::Keywords,
            b"category" => Name::Categories,
            b"image" => Name::Image,
            _ => return None,
        },
        Namespace::Media => match local {
            b"group" | b"content" => Name::Group,
            b"title" => Name::FallbackTitle,
            b"description" => Name::FallbackSummary,
            b"keywords" => Name::Keywords,
            b"thumbnail" => Name::Image,
            _ => return None,
        },
        Namespace::Syndication => match local {
            b"updateperiod" => Name::UpdatePeriod,
            b"updatefrequency" => Name::UpdateFrequency,
            _ => return None,
        },
        Namespace::Feedburner => match local {
            b"origlink" => Name::OriginalLink,
            b"browserfriendly" => Name::FallbackSummary,
            _ => return None,
        },
        Namespace::Xhtml => match local {
            b"body" | b"div" => Name::Content,
            _ => return None,
        },
        Namespace::News => match local {
            b"news" | b"publication" => Name::Group,
            b"title" => Name::Title,
            b"publication_date" => Name::Published,
            b"keywords" => Name::Keywords,
            b"language" => Name::Language,
            _ => return None,
        },
        Namespace::Image => match local {
            b"image" => Name::Group,
            b"loc" => Name::Image,
            _ => return None,
        },
        Namespace::Other => return None,
    })
}

/// The elements of RSS, RDF, Atom, CDF and sitemaps, which do not contradict each other.
fn core_meaning(local: &[u8]) -> Option<Name> {
    Some(match local {
        b"rss" => Name::Rss,
        b"rdf" => Name::Rdf,
        b"feed" => Name::Feed,
        b"channel" => Name::Channel,
        b"item" | b"entry" => Name::Item,
        b"urlset" => Name::UrlSet,
        b"sitemapindex" => Name::SitemapIndex,
        b"url" => Name::Url,
        b"sitemap" => Name::Sitemap,
        b"author" | b"managingeditor" => Name::Person,
        b"name" => Name::Called,
        b"title" => Name::Title,
        b"link" => Name::Link,
        b"a" => Name::Anchor,
        b"loc" => Name::Address,
        b"guid" | b"id" => Name::Id,
        b"description" => Name::Description,
        b"summary" | b"abstract" => Name::Summary,
        b"subtitle" | b"tagline" | b"info" => Name::Subtitle,
        b"content" | b"fullitem" | b"body" | b"encoded" => Name::Content,
        b"category" => Name::Category,
        b"language" => Name::Language,
        b"published" => Name::Published,
        b"pubdate" => Name::PubDate,
        b"issued" => Name::Issued,
        b"created" => Name::Created,
        b"updated" => Name::Updated,
        b"modified" | b"lastmod" | b"lastbuilddate" => Name::Modified,
        b"ttl" => Name::TimeToLive,
        b"enclosure" => Name::Enclosure,
        _ => return None,
    })
}
