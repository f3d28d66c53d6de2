//! The bundled files.

/// Who publishes.
pub(super) const PUBLISHERS: &str = include_str!("press/publishers.toml");

/// Pages that are no articles.
pub(super) const OTHERS: &str = include_str!("press/others.toml");

macro_rules! files {
    ($folder:literal, $extension:literal, $($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("press/", $folder, "/", $name, ".", $extension)))),*]
    };
}

/// One file an event, by its key.
pub(super) const EVENTS: &[(&str, &str)] = files!(
    "events",
    "toml",
    "baer",
    "ballena",
    "call",
    "conservera",
    "derailment",
    "ferry",
    "film",
    "funka",
    "hochwasser",
    "hospitals",
    "incendie",
    "jisr",
    "kissaten",
    "lighthouse",
    "match-february",
    "match-march",
    "mayor",
    "museum",
    "nakhil",
    "orgel",
    "otters",
    "pianist",
    "pumpkin",
    "quake-february",
    "quake-january",
    "rate-cut",
    "satellite",
    "shatranj",
    "streik",
    "teikisen",
    "trams",
    "visit",
    "wildfire"
);

const PAGES: &[(&str, &str)] = files!(
    "pages",
    "html",
    "al-manara",
    "broadcast-six",
    "capital-post",
    "consent",
    "courrier-du-delta",
    "daily-digest-hub",
    "diario-del-estuario",
    "gone",
    "gulf-observer",
    "harbour-herald",
    "kaikyo-press",
    "kurier-rotfurt",
    "metro-live",
    "minato-shimbun",
    "newsdesk-online",
    "northern-wire",
    "radio-meridian",
    "republic-times",
    "sada-alghadir",
    "tagblatt-lindenbrueck",
    "valley-voice",
    "video",
);

const FEEDS: &[(&str, &str)] = files!("feeds", "xml", "atom", "rdf", "rss", "rss-full", "rss-local", "sitemap");

/// The page template of that name; empty for one that does not exist.
pub(super) fn page(name: &str) -> &'static str {
    find(PAGES, name)
}

/// The feed template of that name and its media type.
pub(super) fn feed(format: &str) -> (&'static str, &'static str) {
    let media_type = match format {
        "atom" => "application/atom+xml; charset=utf-8",
        "rdf" => "application/rdf+xml; charset=utf-8",
        "sitemap" => "application/xml",
        _ => "application/rss+xml; charset=utf-8",
    };
    (find(FEEDS, format), media_type)
}

fn find(files: &[(&'static str, &'static str)], name: &str) -> &'static str {
    files.iter().find(|(of, _)| *of == name).map_or("", |(_, text)| text)
}
