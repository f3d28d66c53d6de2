//! What the pipeline should make of the press, for the tests that run it from end to end.

use jiff::Timestamp;

use super::library::{self, Library, Story};

/// All there is to find out.
#[derive(Debug)]
pub struct Truth {
    /// Every story.
    pub articles: Vec<Told>,
    /// Addresses that feeds announce and that hold no article.
    pub rejected: Vec<String>,
}

/// One story as its publisher meant it.
#[derive(Debug)]
pub struct Told {
    /// Its address, without tracking parameters.
    pub url: String,
    /// Key of the event it tells of.
    pub event: &'static str,
    /// It tells of a later development: with the event or on its own are both right.
    pub later: bool,
    /// Address of the earliest story with the same text, where this is not the earliest.
    pub duplicate_of: Option<String>,
    /// The headline.
    pub title: String,
    /// The standfirst, where the page sets one apart.
    pub subtitle: Option<String>,
    /// People.
    pub authors: Vec<String>,
    /// When it appeared; the time of day is known.
    pub published_at: Timestamp,
    /// A BCP 47 tag.
    pub language: String,
    /// The place it opens with.
    pub dateline: Option<String>,
    /// Whom the publisher credits.
    pub attribution: Option<String>,
    /// Its words, paragraphs and headings parted by an empty line.
    pub text: String,
}

/// The truth about the bundled press.
///
/// # Errors
/// A fault in the bundled files.
pub fn truth() -> Result<Truth, String> {
    let library = library::load()?;
    let articles = library.stories.iter().map(|story| told(&library, story)).collect();
    let rejected = library
        .others
        .iter()
        .map(|(publisher, other)| format!("http://{}{}", library.publishers[*publisher].host, other.path));
    Ok(Truth { articles, rejected: rejected.collect() })
}

fn told(library: &Library, story: &Story) -> Told {
    // A feed may announce letters that an address has to percent-encode.
    let address = |story: &Story| url::Url::parse(&story.url).map_or_else(|_| story.url.clone(), String::from);
    Told {
        url: address(story),
        event: story.event,
        later: story.spec.later,
        duplicate_of: story.original.map(|original| address(&library.stories[original])),
        title: story.spec.title.clone(),
        subtitle: story.spec.subtitle.clone(),
        authors: story.spec.authors.clone(),
        published_at: story.published.timestamp(),
        language: library.publishers[story.publisher].language.clone(),
        dateline: story.spec.dateline.clone(),
        attribution: story.spec.credit.clone().or_else(|| in_dateline(library, story)),
        text: story.text(),
    }
}

/// The house that a copied story still credits in its dateline: `BELHAVEN, Dec 8 (Northern Wire) - `.
fn in_dateline(library: &Library, story: &Story) -> Option<String> {
    let original = &library.publishers[library.stories[story.original?].publisher].name;
    let text = story.text();
    text.lines().next()?.contains(&format!("({original}) - ")).then(|| original.clone())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_press_is_as_large_as_promised() {
        let truth = truth().unwrap();
        let events: HashSet<&str> = truth.articles.iter().map(|told| told.event).collect();
        let languages: HashSet<&str> = truth.articles.iter().map(|told| told.language.as_str()).collect();
        let publishers: HashSet<String> = truth.articles.iter().map(|told| publisher(&told.url)).collect();
        assert!(truth.articles.len() >= 60, "{} articles", truth.articles.len());
        assert!(events.len() >= 20, "{} events", events.len());
        assert!(publishers.len() >= 10, "{} publishers", publishers.len());
        for language in ["en", "de", "ar", "ja"] {
            assert!(languages.contains(language), "nothing in `{language}`");
        }
    }

    #[test]
    fn one_event_is_told_by_eleven_publishers() {
        let truth = truth().unwrap();
        let visit = truth.articles.iter().filter(|told| told.event == "visit" && told.duplicate_of.is_none());
        assert_eq!(visit.map(|told| publisher(&told.url)).collect::<HashSet<_>>().len(), 11);
    }

    #[test]
    fn addresses_are_unique_and_each_publisher_is_one() {
        let library = library::load().unwrap();
        let mut seen = HashSet::new();
        for story in &library.stories {
            assert!(seen.insert(&story.url), "twice: {}", story.url);
        }
        let names: HashSet<String> =
            library.publishers.iter().map(|one| publisher(&format!("http://{}/", one.host))).collect();
        assert_eq!(names.len(), library.publishers.len());
    }

    #[test]
    fn copies_follow_their_original_and_share_its_event() {
        let library = library::load().unwrap();
        for story in &library.stories {
            let Some(original) = story.original.map(|index| &library.stories[index]) else { continue };
            assert_eq!(story.event, original.event, "{}", story.url);
            assert!(story.published > original.published, "{} before its original", story.url);
            assert!(original.original.is_none(), "{} copies a copy", story.url);
        }
    }

    #[test]
    fn a_dateline_opens_the_text() {
        for told in truth().unwrap().articles {
            assert!(told.dateline.is_none_or(|place| told.text.starts_with(&place)), "{}", told.url);
        }
    }

    fn publisher(url: &str) -> String {
        crate::address::publisher(&url::Url::parse(url).unwrap())
    }
}
