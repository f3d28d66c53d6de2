//! What class and id words say an element is: the vocabulary of themes, in the languages they are written in.

use foldhash::HashMap;

/// A set of roles.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Marks(u32);

impl Marks {
    pub(super) const AUTHOR: Self = Self(1);
    pub(super) const DATE: Self = Self(1 << 1);
    pub(super) const MODIFIED: Self = Self(1 << 2);
    pub(super) const TITLE: Self = Self(1 << 3);
    pub(super) const SUBTITLE: Self = Self(1 << 4);
    pub(super) const COMMENT: Self = Self(1 << 5);
    pub(super) const ASIDE: Self = Self(1 << 6);
    pub(super) const TAG: Self = Self(1 << 7);
    pub(super) const BREADCRUMB: Self = Self(1 << 8);
    pub(super) const ARTICLE: Self = Self(1 << 9);
    pub(super) const BIOGRAPHY: Self = Self(1 << 10);
    pub(super) const SOURCE: Self = Self(1 << 11);
    pub(super) const CAPTION: Self = Self(1 << 12);
    pub(super) const HIDDEN: Self = Self(1 << 13);
    pub(super) const LINKED: Self = Self(1 << 14);
    pub(super) const FOOTER: Self = Self(1 << 15);

    pub(super) const fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub(super) const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub(super) const fn only(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

/// Words of class and id attributes, remembered: pages repeat few distinct values many times.
#[derive(Default)]
pub(super) struct Vocabulary<'a> {
    known: HashMap<&'a str, Marks>,
}

impl<'a> Vocabulary<'a> {
    pub(super) fn marks(&mut self, value: &'a str) -> Marks {
        if value.len() > 300 {
            return Marks::default();
        }
        *self.known.entry(value).or_insert_with(|| read(value))
    }
}

/// The roles named by the words of one attribute value. Words end at punctuation and where the case changes.
fn read(value: &str) -> Marks {
    let mut marks = Marks::default();
    for name in value.split_ascii_whitespace() {
        marks = marks.with(read_name(name));
    }
    marks
}

fn read_name(name: &str) -> Marks {
    let parted = parted(name);
    let words: Vec<&str> = parted.split_ascii_whitespace().collect();
    let mut marks = Marks::default();
    // WordPress puts the tags and categories of a post among its classes: `tag-newsletter`, `category-popular`.
    if words.len() > 1
        && words.first().is_some_and(|w| matches!(*w, "tag" | "category" | "type" | "status" | "format" | "menu"))
    {
        return if words.first().is_some_and(|w| *w == "menu") { Marks::ASIDE } else { marks };
    }
    for word in &words {
        marks = marks.with(word_marks(word));
    }
    // What another wrote elsewhere has an author and a time of its own.
    if matches!(
        words.as_slice(),
        ["twitter", "tweet"]
            | ["instagram", "media"]
            | ["tiktok" | "bluesky" | "mastodon", "embed"]
            | ["fb" | "telegram", "post"]
    ) {
        marks = marks.with(Marks::COMMENT);
    }
    // Page builders call every block a widget.
    if words.first().is_some_and(|w| matches!(*w, "elementor" | "fusion" | "et" | "wpb")) {
        marks = marks.without(Marks::ASIDE);
    }
    // `sidebar-wrapper` holds the sidebar and what it stands beside.
    if words.len() > 1
        && words
            .last()
            .is_some_and(|w| matches!(*w, "wrapper" | "container" | "layout" | "page" | "row" | "outer" | "enabled"))
    {
        marks = marks.without(Marks::ASIDE.with(Marks::COMMENT).with(Marks::CAPTION));
    }
    let pair = |a: &str, b: &str| words.windows(2).any(|w| w[0] == a && w[1] == b);
    // Modifiers of layout such as `has-sidebar`, `no-comments`, `with-author` describe the page, not the element.
    if words.first().is_some_and(|w| matches!(*w, "has" | "no" | "with" | "is" | "js" | "single")) && words.len() > 1 {
        marks = marks.without(Marks::ASIDE.with(Marks::COMMENT).with(Marks::HIDDEN));
    }
    if pair("sub", "title") || pair("sub", "headline") || pair("sub", "heading") || pair("stand", "first") {
        marks = marks.without(Marks::TITLE).with(Marks::SUBTITLE);
    }
    if pair("author", "bio") || pair("author", "box") || pair("about", "author") || pair("the", "author") {
        marks = marks.with(Marks::BIOGRAPHY);
    }
    if marks.has(Marks::DATE)
        && words.iter().any(|w| matches!(*w, "updated" | "modified" | "update" | "change" | "changed"))
    {
        marks = marks.with(Marks::MODIFIED);
    }
    marks
}

/// The name in lower case, its words parted by spaces.
fn parted(name: &str) -> String {
    let mut parted = String::with_capacity(name.len() + 8);
    let mut lower = false;
    for char in name.chars() {
        if !parted.is_empty() && !parted.ends_with(' ') && (!char.is_alphanumeric() || (lower && char.is_uppercase())) {
            parted.push(' ');
        }
        if char.is_ascii_alphabetic() {
            parted.push(char.to_ascii_lowercase());
        } else if char.is_alphabetic() {
            parted.extend(char.to_lowercase());
        }
        lower = char.is_lowercase();
    }
    parted
}

fn word_marks(word: &str) -> Marks {
    match word {
        "author" | "authors" | "byline" | "bylines" | "autor" | "autoren" | "autorin" | "auteur" | "auteurs"
        | "autore" | "autori" | "writer" | "writers" | "reporter" | "journalist" | "contributor" | "contributors"
        | "redakteur" | "verfasser" | "yazar" | "penulis" | "autores" | "redactor" | "firma" | "skribent"
        | "forfatter" | "authorname" | "bylinename" | "authorbox" | "authorinfo" | "muallif" | "kirjoittaja"
        | "avtor" | "byauthor" | "postauthor" | "editor" => Marks::AUTHOR,
        "date" | "dates" | "datum" | "time" | "timestamp" | "datetime" | "published" | "pubdate" | "publishdate"
        | "posted" | "fecha" | "dateline" | "publication" | "data" | "tarih" | "tanggal" | "dato" | "zeit"
        | "createdate" | "postdate" | "publishtime" | "pubtime" | "veroeffentlicht" | "erstellt" | "timeago" => {
            Marks::DATE
        }
        "updated" | "modified" | "lastmod" | "lastmodified" | "aktualisiert" | "dtmodified" => {
            Marks::DATE.with(Marks::MODIFIED)
        }
        "title" | "headline" | "titel" | "titre" | "titulo" | "titolo" | "heading" | "tytul" | "baslik" | "judul" => {
            Marks::TITLE
        }
        "subtitle" | "standfirst" | "dek" | "deck" | "subheadline" | "subhead" | "subheading" | "lede" | "lead"
        | "intro" | "excerpt" | "summary" | "teaser" | "untertitel" | "vorspann" | "chapo" | "chapeau"
        | "entradilla" | "bajada" | "sommario" | "ingress" | "manchet" | "anriss" | "spot" | "lid" | "synopsis"
        | "sapo" => Marks::SUBTITLE,
        "comment" | "comments" | "commentlist" | "disqus" | "respond" | "reply" | "replies" | "kommentare"
        | "kommentar" | "comentarios" | "commentaires" | "yorum" | "yorumlar" | "commenter" => Marks::COMMENT,
        "related" | "recommended" | "recommendation" | "recommendations" | "sidebar" | "popular" | "trending"
        | "widget" | "promo" | "newsletter" | "nav" | "navbar" | "menu" | "outbrain" | "taboola" | "carousel"
        | "advert" | "advertisement" | "teasers" | "mostread" | "readmore" | "relacionadas" | "similar"
        | "masthead" | "navigation" | "copyright" | "legal" | "cookie" | "consent" | "modal" | "popup" => Marks::ASIDE,
        "tag" | "tags" | "taglist" | "topics" | "keywords" | "stichworte" | "schlagworte" | "etiquetas" => Marks::TAG,
        "breadcrumb" | "breadcrumbs" | "crumb" | "crumbs" | "brotkrumen" | "brotkrume" => Marks::BREADCRUMB,
        "article" | "articlebody" | "story" | "artikel" | "hentry" => Marks::ARTICLE,
        "bio" | "biography" | "vcard" | "profile" => Marks::BIOGRAPHY,
        "source" | "sources" | "quelle" | "fuente" | "fonte" | "kaynak" | "agency" | "credit" => Marks::SOURCE,
        "caption" | "figcaption" | "photo" | "image" | "photographer" | "bildunterschrift" => Marks::CAPTION,
        "footer" => Marks::FOOTER,
        "hidden" | "hide" | "sr" => Marks::HIDDEN,
        _ => Marks::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn class_words_name_roles() {
        for (class, expect) in [
            ("post__author-name", Marks::AUTHOR),
            ("articleByline", Marks::ARTICLE),
            ("sub-title", Marks::SUBTITLE),
            ("entry-title", Marks::TITLE),
            ("date-updated", Marks::MODIFIED),
            ("has-sidebar", Marks::default()),
            ("comment-author", Marks::COMMENT),
            ("twitter-tweet", Marks::COMMENT),
            ("tweet-button", Marks::default()),
            ("fb-post", Marks::COMMENT),
            ("authority", Marks::default()),
        ] {
            let marks = read(class);
            assert!(expect == Marks::default() && marks == expect || marks.has(expect), "{class}: {marks:?}");
        }
    }
}
