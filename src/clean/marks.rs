//! What an element's own words (`class`, `id`, `role`, `itemprop`, test ids) say it is.
//!
//! Knows words, never sites. A mark is a hint: whether it is trusted is decided by [`prune`](super::prune), which sees how much of
//! the story would be lost.

use std::ops::{BitOr, BitOrAssign};
use std::sync::LazyLock;

/// A set of hints.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Marks(u32);

impl Marks {
    pub(super) const COMMENTS: Self = Self(1);
    pub(super) const SHARE: Self = Self(1 << 1);
    pub(super) const AD: Self = Self(1 << 2);
    pub(super) const RELATED: Self = Self(1 << 3);
    pub(super) const NEWSLETTER: Self = Self(1 << 4);
    pub(super) const NAV: Self = Self(1 << 5);
    pub(super) const FOOTER: Self = Self(1 << 6);
    pub(super) const SIDEBAR: Self = Self(1 << 7);
    pub(super) const AUTHOR: Self = Self(1 << 8);
    pub(super) const TIME: Self = Self(1 << 9);
    pub(super) const META: Self = Self(1 << 10);
    pub(super) const TAGS: Self = Self(1 << 11);
    pub(super) const CAPTION: Self = Self(1 << 12);
    pub(super) const MEDIA: Self = Self(1 << 13);
    pub(super) const POPUP: Self = Self(1 << 14);
    pub(super) const HIDDEN: Self = Self(1 << 15);
    pub(super) const POLL: Self = Self(1 << 16);
    pub(super) const EMBED: Self = Self(1 << 17);
    pub(super) const BODY: Self = Self(1 << 18);
    pub(super) const STANDFIRST: Self = Self(1 << 19);
    pub(super) const HEADLINE: Self = Self(1 << 20);
    pub(super) const TEASER: Self = Self(1 << 21);
    pub(super) const HEADER: Self = Self(1 << 22);
    pub(super) const BOX: Self = Self(1 << 23);
    /// `itemprop="articleBody"`: the page's own word for its story.
    pub(super) const DECLARED: Self = Self(1 << 24);

    /// A lead: the standfirst, or as often the story's first paragraph.
    pub(super) const LEAD: Self = Self(1 << 25);

    /// `aria-hidden`: not for those who listen.
    pub(super) const SILENT: Self = Self(1 << 26);

    pub(super) const NONE: Self = Self(0);

    pub(super) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) const fn any(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub(super) const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl BitOr for Marks {
    type Output = Self;
    fn bitor(self, other: Self) -> Self {
        self.or(other)
    }
}

impl BitOrAssign for Marks {
    fn bitor_assign(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

/// The words, as they stand in class names once these are cut at punctuation and at capitals. Two cut words that belong
/// together are written as one (`entry-content`: `entrycontent`); a trailing `*` stands for any ending.
const WORDS: &[(Marks, &str)] = &[
    (
        Marks::COMMENTS,
        "comment comments commentlist commentform commentsection commentrespond respond disqus* livefyre* spotim openweb viafoura hyvor kommentar* \
         comentario* commentaire* commenti yorum* komment* replies discussion* reacties opinary komentar* leserbrief*",
    ),
    (
        Marks::SHARE,
        "share shares shareable sharing sharebar sharebox sharebuttons sharetools sharelinks sharelist sharethis* shareit sharedaddy sharer social \
         socials socialbar socialmedia socialshare* socialicons sociallinks socialbuttons sociable addthis* addtoany* a2a* teilen compartir compartilh* \
         partage partager condivid* paylas* bagikan followus followbar followbutton followbox whatsapp linkedin pinterest facebook shariff*",
    ),
    (
        Marks::AD,
        "ad ads adv advert* adsbygoogle adslot* adunit* adbox adcontainer adwrapper adzone adplacement adplaceholder sponsor* werbung anzeige \
         anzeigen publicidad* publicite pub reklam* dfp gpt googlead* banner banners outbrain* taboola* revcontent* mgid* plista* promo promos \
         promobox promotion* affiliate* commercial admarker adlabel mpu leaderboard skyscraper billboard adtech admiral iklan annons annonse annonce",
    ),
    (
        Marks::RELATED,
        "related* recirc* recommend* recommended readmore readalso alsoread seealso readnext upnext nextup morestories morenews moreon morefrom \
         morearticles morelike mostread mostpopular mostviewed mostcommented popular* trending* youmay youmight suggested suggestions similar* \
         relacionad* verwandt* terkait bacajuga ilgili benzer gerelateerd* leesook lireaussi correlat* leggianche relaterad* relatert* relaterede \
         czytajtakze zobacztez powiazan* latestnews lateststories latestposts latestarticles othernews otherstories onward onwards crosslink* \
         linkbox linklist linkliste articlelist newslist postlist storylist newsfeed nextarticle prevarticle nextpost relposts yarpp* jprelatedposts \
         zergnet* teaserlist teasergroup teasers mehrzum internallink* inlinelink* endofarticle belowarticle relatednews recentposts toppicks editorpicks \
         leiatambem vejamais vejatambem linkinline inlineteaser articleteaser contextlink* topstories keepreading",
    ),
    (
        Marks::NEWSLETTER,
        "newsletter* subscribe* subscription* signup signupform mailchimp* optin* abonnement* suscri* mc4wp* mailinglist emailsignup subscribebox \
         appdownload apppromo downloadapp donation donate donationbox patreon membership supportus spenden",
    ),
    (
        Marks::NAV,
        "nav navbar navigation navi menu menus submenu breadcrumb* crumb crumbs pagination pager paging paginat* toc tableofcontents inhaltsverzeichnis \
         skiplink skiplinks skip siteheader masthead topbar toolbar sitemap prevnext postnav* postnavigation offcanvas hamburger search searchform searchbox \
         pathway bottombar stickybar tabs ticker",
    ),
    (
        Marks::FOOTER,
        "footer sitefooter pagefooter colophon copyright* copyleft siteinfo imprint impressum legal disclaimer* footnote footnotes bottominfo",
    ),
    (
        Marks::SIDEBAR,
        "sidebar* aside rail rightrail leftrail rightcol* rightcolumn leftcol* leftcolumn colright widget widgets widgetarea marginal* sidecolumn",
    ),
    (
        Marks::AUTHOR,
        "byline* author authors authorbox authorbio authorinfo authorname authorcard abouttheauthor aboutauthor postauthor bio writer autor autores autoren \
         autorbox auteur autore contributor* yazar penulis redacteur forfatter skribent reporter journalist",
    ),
    (
        Marks::TIME,
        "date dates datetime timestamp pubdate publishdate publisheddate postdate entrydate articledate datum fecha published publication lastupdated updated \
         readingtime readtime lesezeit timeago tarih",
    ),
    (
        Marks::META,
        "meta postmeta entrymeta articlemeta articleinfo postinfo metadata metainfo metabar entryfooter articlefooter postfooter entryutility articletools \
         articleactions tools actions actionbar buttons buttonbar toolbox utilities print printbutton noprint printhide hideprint nonprint views viewcount \
         postviews pageviews counter postedin postedon",
    ),
    (
        Marks::TAGS,
        "tag tags taglist tagcloud taglinks keywords topics posttags articletags hashtags schlagwort* schlagworte etiquetas categories catlinks filedunder topiclist",
    ),
    (
        Marks::CAPTION,
        "caption captions captiontext figcaption wpcaption imagecaption imgcaption bildunterschrift bildtext piedefoto cutline credit credits photocredit \
         imagecredit photographer imagedescription mediacaption fotocredit bildnachweis legende pie",
    ),
    (
        Marks::MEDIA,
        "gallery galleries slideshow* carousel* slider* swiper slick video videos videoplayer videobox player jwplayer* brightcove* audio audioplayer podcast* \
         lightbox bildergalerie fotostrecke fotogalerie galeria playlist mediaplayer photogallery",
    ),
    (
        Marks::POPUP,
        "modal modals popup* popover* tippy* overlay tooltip* dialog drawer toast snackbar notification notifications cookie cookies cookiebar consent* gdpr* onetrust* cmp didomi* \
         login signin loginform register registration adblock* adblocker paywallbox regwall",
    ),
    (
        Marks::HIDDEN,
        "sronly visuallyhidden screenreader* assistivetext dnone printonly onlyprint visuallyhide offscreen ishidden accessibilityhidden",
    ),
    (
        Marks::POLL,
        "poll polls quiz survey vote voting votes rating ratings starrating feedback* umfrage ratethis reactions likebutton likes",
    ),
    (
        Marks::EMBED,
        "tweet twittertweet instagrammedia tiktokembed blueskyembed mastodonembed embedtwitter fbpost telegrampost",
    ),
    (
        Marks::BODY,
        "articlebody articletext articlecontent entrycontent postcontent postbody storybody storycontent contentbody bodytext bodycopy articlecopy richtext \
         newstext newscontent newsbody tdpostcontent cuerpo bodycontent storytext fieldnamebody postentry contenttext singlecontent textcontent \
         posttext storyarticle articlemain detailtext detailcontent articledetail newsdetail articlewrapper articlesection paragraphs haberdetay habermetni \
         artikeltext artikelinhalt beitragstext corpo notacuerpo",
    ),
    (
        Marks::STANDFIRST,
        "synopsis standfirst subtitle subtitles subtitulo subheadline subhead deck dek chapo chapeau vorspann sommario bajada entradilla copete teasertext dropdeck \
         articledescription articlesummary ingress manchet articlelead articleintro storysummary headerintro",
    ),
    (
        Marks::LEAD,
        "lead leadtext leadin leadparagraph lede intro introtext introduction summary excerpt abstract spot sapo lid subheading description teaser",
    ),
    (Marks::HEADLINE, "headline entrytitle posttitle articletitle storytitle pagetitle titulo baslik"),
    (Marks::TEASER, "teaser"),
    (
        Marks::HEADER,
        "header pageheader articleheader entryheader postheader storyheader hero kicker overline dachzeile eyebrow topline",
    ),
    (
        Marks::BOX,
        "infobox factbox factsbox box boxed callout pullquote calloutbox infokasten faktenbox hintergrund aufmacher zitat",
    ),
];

/// Words before which a word means the opposite, or the page around it (`has-sidebar`).
const MODIFIERS: &[&str] = &[
    "has", "with", "no", "without", "non", "not", "hide", "show", "is", "after", "before", "below", "above", "single",
    "more",
];

enum Ending {
    Exact,
    Any,
}

type Word = (&'static str, Ending, Marks);

/// The words by their first two letters: pages ask thousands of times.
static TABLE: LazyLock<Vec<Vec<Word>>> = LazyLock::new(|| {
    let mut table: Vec<Vec<Word>> = Vec::new();
    for &(mark, words) in WORDS {
        for word in words.split_ascii_whitespace() {
            let (word, ending) = word.strip_suffix('*').map_or((word, Ending::Exact), |stem| (stem, Ending::Any));
            let Some(place) = place(word) else { continue };
            table.resize_with(table.len().max(place + 1), Vec::new);
            table[place].push((word, ending, mark));
        }
    }
    table
});

/// Where the words that begin as `word` does stand in [`TABLE`]; all begin with a letter and are ASCII.
fn place(word: &str) -> Option<usize> {
    let [first, second, ..] = word.as_bytes() else { return None };
    let column = if second.is_ascii_digit() { 26 } else { second.checked_sub(b'a').filter(|column| *column < 26)? };
    let row = first.checked_sub(b'a').filter(|row| *row < 26)?;
    Some(usize::from(row) * 27 + usize::from(column))
}

fn look_up(word: &str) -> Marks {
    let mut found = Marks::NONE;
    for (known, ending, mark) in place(word).and_then(|place| TABLE.get(place)).into_iter().flatten() {
        if *known == word || matches!(ending, Ending::Any) && word.starts_with(known) {
            found |= *mark;
        }
    }
    found
}

/// The marks of one attribute value (`class`, `id`, `data-testid`, …).
pub(super) fn of_words(value: &str) -> Marks {
    let mut found = Marks::NONE;
    // A class list of a hundred utility classes says nothing; the bound is ours.
    for class in value.split_ascii_whitespace().take(24) {
        found |= of_name(class);
    }
    found
}

/// The marks of one class name: its words, and each two neighbouring ones as one.
fn of_name(name: &str) -> Marks {
    // WordPress and Drupal name every tag and category of an article in the classes of its wrapper.
    // A colon or bracket makes it a utility class (`print:hidden`), which speaks of looks.
    if name.len() > 80
        || name.contains([':', '[', '@'])
        || name.starts_with("tag-")
        || name.starts_with("category-")
        || name.starts_with("wp-") && !name.starts_with("wp-block-") && !name.starts_with("wp-caption")
    {
        return Marks::NONE;
    }
    let mut found = Marks::NONE;
    let mut previous = String::new();
    let mut word = String::new();
    let mut was_lower = false;
    for c in name.chars().chain(std::iter::once('-')) {
        let cut = !c.is_alphanumeric() || was_lower && c.is_uppercase();
        if cut && !word.is_empty() {
            if !MODIFIERS.contains(&previous.as_str()) {
                found |= look_up(&word);
            }
            if !previous.is_empty() {
                previous.push_str(&word);
                found |= look_up(&previous);
                previous.clear();
            }
            std::mem::swap(&mut previous, &mut word);
            word.clear();
        }
        was_lower = c.is_lowercase() || c.is_numeric();
        if c.is_ascii_alphanumeric() {
            word.push(c.to_ascii_lowercase());
        } else if c.is_alphanumeric() {
            word.extend(c.to_lowercase());
        }
    }
    found
}

/// The marks of a `role` (WAI-ARIA 1.2 landmarks and widgets).
pub(super) fn of_role(role: &str) -> Marks {
    match role {
        "navigation" | "menu" | "menubar" | "search" | "toolbar" | "tablist" | "directory" => Marks::NAV,
        "contentinfo" => Marks::FOOTER,
        "complementary" => Marks::SIDEBAR,
        "banner" => Marks::HEADER,
        "dialog" | "alertdialog" | "tooltip" | "alert" => Marks::POPUP,
        _ => Marks::NONE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(value: &str, expect: Marks) {
        assert_eq!(of_words(value), expect, "{value}");
    }

    #[test]
    fn words_are_found_however_they_are_written() {
        check("share-bar", Marks::SHARE);
        check("ShareBar", Marks::SHARE);
        check("article__share", Marks::SHARE);
        check("relatedArticles", Marks::RELATED);
        check("entry-content", Marks::BODY);
        check("m-articleBody__wrap", Marks::BODY);
        check("c-newsletterbox", Marks::NEWSLETTER);
    }

    #[test]
    fn words_inside_words_and_negations_say_nothing() {
        check("shared-layout", Marks::NONE);
        check("has-sidebar no-sidebar", Marks::NONE);
        check("gradient padding", Marks::NONE);
        check("tag-advertising category-comment", Marks::NONE);
    }
}
