//! Why a page gives no article. Values, not errors: a rejected page is a normal outcome.
//!
//! A wrong rejection costs a whole story, so every rule asks for little text and for a second sign.

use std::time::Duration;

use scraper::Html;
use thiserror::Error;

use super::Page;
use super::body::Body;
use super::metadata::Metadata;

/// Why there is no article. `Display` is the reason in words, as stored with the entry.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Rejection {
    /// Too little text to be a story.
    #[error("too little text: {chars} characters, {min} needed")]
    TooShort {
        /// What was found.
        chars: usize,
        /// What is asked for.
        min: usize,
    },
    /// A list of articles: a section, a search, a home page.
    #[error("a list of articles, not an article")]
    List,
    /// A film with a line or two under it.
    #[error("a video page, not an article")]
    Video,
    /// The text is there for those who agree to something first.
    #[error("a consent page, not an article: `{title}`")]
    Consent {
        /// What the page calls itself.
        title: String,
    },
    /// The text is there for those who log in.
    #[error("a login page, not an article: `{title}`")]
    Login {
        /// What the page calls itself.
        title: String,
    },
    /// "Not found" and its like, whatever the status said.
    #[error("an error page, not an article: `{title}`")]
    ErrorPage {
        /// What the page calls itself.
        title: String,
    },
    /// A check whether the visitor is a machine.
    #[error("a check for bots, not an article: `{title}`")]
    BotCheck {
        /// What the page calls itself.
        title: String,
    },
    /// Shut to us for now: under repair, or to visitors from here.
    #[error("a page that is closed for now, not an article: `{title}`")]
    Closed {
        /// What the page calls itself.
        title: String,
    },
    /// A page that took the parser longer than it is worth.
    #[error("hostile or broken markup: not parsed within {} ms", budget.as_millis())]
    TooSlow {
        /// What was granted.
        budget: Duration,
    },
    /// A page of more nodes than any article has.
    #[error("hostile or broken markup: more than {max_nodes} nodes")]
    TooLarge {
        /// The bound.
        max_nodes: usize,
    },
}

impl Rejection {
    /// Whether the page says that the story is not there any more, if there was one: not that we may not see it, nor that the server is ill.
    #[must_use]
    pub fn says_gone(&self) -> bool {
        match self {
            Self::TooShort { .. } => true,
            Self::ErrorPage { title } => !opens_with(title, ILL),
            _ => false,
        }
    }
}

/// A page of more text than this is judged by its text alone.
const SHORT: usize = 900;
/// A film's description is shorter than this; a story beside a film is not.
const DESCRIPTION: usize = 500;
/// A page of fewer characters has a line or two.
const LINES: usize = 300;
/// So many teasers make a list. Labelled articles have as many beside them, but text of their own and a date.
const TEASERS: usize = 12;

const ERRORS: &str = "404|page not found|not found|error 404|404 error|404 not found|page doesnt exist|page does not exist|page unavailable|page no longer available|internal server error|service unavailable|bad gateway|access denied|forbidden|403 forbidden|\
     seite nicht gefunden|nicht gefunden|fehler 404|page introuvable|page non trouvée|erreur 404|página no encontrada|error 404|página não encontrada|pagina non trovata|pagina niet gevonden|sidan hittades inte|siden ble ikke funnet|\
     siden blev ikke fundet|sivua ei löytynyt|nie znaleziono strony|strona nie została znaleziona|stránka nenalezena|страница не найдена|сторінку не знайдено|sayfa bulunamadı|halaman tidak ditemukan|không tìm thấy trang|\
     الصفحة غير موجودة|صفحه یافت نشد|صفحه پیدا نشد|पृष्ठ नहीं मिला|ページが見つかりません|お探しのページ|页面不存在|找不到页面|找不到頁面|페이지를 찾을 수 없습니다";
/// Those of them that speak of the server, or of whom it lets in.
const ILL: &str =
    "internal server error|service unavailable|bad gateway|access denied|forbidden|403 forbidden|page unavailable";
/// What only a page without a story says, in its title or in the line or two that it has.
const GONE: &str = "this page could not be found|page cannot be found|page cant be found|page can not be found|page couldnt be found|page you are looking for|page youre looking for|page you requested|page is no longer available|\
     article is no longer available|story is no longer available|article has been removed|story has been removed|page has been removed|content is no longer available|nothing was found at this location|\
     seite wurde nicht gefunden|seite konnte nicht gefunden|seite existiert nicht|seite ist nicht mehr|artikel ist nicht mehr verfügbar|artikel wurde nicht gefunden|page est introuvable|page nexiste|article nexiste plus|\
     article nest plus disponible|página no existe|página que busca|página que buscas|artículo ya no está disponible|página não existe|página não foi encontrada|pagina non esiste|pagina bestaat niet|pagina is niet gevonden|sidan finns inte|\
     siden findes ikke|siden finnes ikke|strona nie istnieje|stránka neexistuje|страница не существует|страница была удалена|страница удалена|материал удален|сторінка не існує|sayfa bulunamadı|sayfa mevcut değil|aradığınız sayfa|\
     halaman tidak ditemukan|artikel tidak ditemukan|trang không tồn tại|الصفحة غير موجودة|الصفحة المطلوبة غير|الصفحة التي تبحث|صفحه مورد نظر|页面不存在|页面已被删除|文章不存在|文章已被删除|頁面不存在|ページは存在しません|\
     ページが見つかりません|記事は存在しません|記事は削除|페이지를 찾을 수|기사를 찾을 수|삭제된 기사|पृष्ठ नहीं मिला|पेज नहीं मिला";
/// The same of a page that is shut: the story may be there.
const SHUT: &str = "unavailable due to legal reasons|european economic area|our european visitors|not available in your country|not available in your region|down for maintenance|under maintenance|well be back soon|we will be back soon|\
     be back shortly|wartungsarbeiten|en maintenance|en mantenimiento|em manutenção|техническое обслуживание|технические работы|bakım çalışması|メンテナンス中|系统维护|점검 중";
const BOTS: &str = "verifying you are human|just a moment|attention required|checking your browser|verify you are human|are you a robot|robot check|security check|please wait|ddos protection|pardon our interruption|human verification|captcha|one moment please";
const CONSENTS: &str = "before you continue|your privacy choices|privacy settings|cookie consent|cookie settings|consent|zustimmung|datenschutzeinstellungen|mit werbung weiterlesen|votre consentement|consentimiento|consenso|we value your privacy|privacy gate";
const LOGINS: &str = "log in to your account|login to your account|sign in to your account|log in to continue|sign in to continue|log in|login|sign in|sign up|anmelden|einloggen|anmeldung|connexion|se connecter|identifiez vous|iniciar sesión|acceder|entrar|accedi|inloggen|logga in|logg inn|log ind|zaloguj się|přihlášení|войти|вход|авторизация|giriş yap|masuk|\
     đăng nhập|تسجيل الدخول|ورود|लॉग इन|ログイン|登录|登入|로그인";

/// Whether the page is something else than an article, going by what it calls itself and how little it says.
pub(super) fn judge(dom: &Html, page: &Page<'_>, meta: &Metadata, body: &Body, text: &str) -> Option<Rejection> {
    let chars = text.chars().count();
    if chars > SHORT || page.announced.is_some_and(|entry| entry.content.is_some()) {
        return None;
    }
    let title = meta.title.clone().unwrap_or_default();
    let called = |phrases: &str| opens_with(&title, phrases);
    // The feed's headline is what the page was, not what it is now.
    let now = head_title(dom);
    if called(ERRORS) || opens_with(&now, ERRORS) {
        return Some(Rejection::ErrorPage { title: if now.is_empty() { title } else { now } });
    }
    if called(BOTS) || opens_with(&now, BOTS) {
        return Some(Rejection::BotCheck { title });
    }
    let is_article = meta.kinds.iter().any(|kind| kind.to_lowercase().contains("article") || kind.contains("Posting"));
    let is_video = meta.kinds.iter().any(|kind| kind.to_lowercase().starts_with("video"));
    if is_video && !is_article && chars < DESCRIPTION {
        return Some(Rejection::Video);
    }
    if is_article || meta.published_at.is_some() {
        return None;
    }
    let says = |phrases: &str| holds(&title, phrases) || chars < LINES && holds(text, phrases);
    if says(SHUT) {
        return Some(Rejection::Closed { title });
    }
    if says(GONE) {
        return Some(Rejection::ErrorPage { title });
    }
    if called(CONSENTS) {
        return Some(Rejection::Consent { title });
    }
    if called(LOGINS) {
        return Some(Rejection::Login { title });
    }
    (body.teasers >= TEASERS && chars < DESCRIPTION).then_some(Rejection::List)
}

/// What the document calls itself.
fn head_title(dom: &Html) -> String {
    let title =
        dom.tree.nodes().find(|node| node.value().as_element().is_some_and(|element| element.name() == "title"));
    let texts = title.into_iter().flat_map(|title| title.children());
    let text: String = texts.filter_map(|node| node.value().as_text().map(|text| text.text.to_string())).collect();
    text.trim().to_owned()
}

/// Whether the title is one of the phrases, or one of them and the site's name after a sign that parts the two: "Forbidden love" is a story.
fn opens_with(title: &str, phrases: &str) -> bool {
    let title = plain(title);
    let title = title.trim();
    phrases.split('|').map(str::trim).any(|phrase| {
        title.strip_prefix(phrase).is_some_and(|rest| {
            let parted = rest.strip_prefix(' ').unwrap_or(rest);
            rest.is_empty()
                || parted.len() < rest.len()
                    && parted.starts_with(['-', '–', '—', '·', '»', '_'])
                    && rest.chars().count() < 40
                || parted.starts_with('|') && rest.chars().count() < 40
        }) || title.ends_with(phrase) && title.chars().count() < phrase.chars().count() + 12
    })
}

/// Whether the text has one of the phrases.
fn holds(text: &str, phrases: &str) -> bool {
    let text = plain(text);
    phrases.split('|').map(str::trim).any(|phrase| text.contains(phrase))
}

fn plain(text: &str) -> String {
    text.to_lowercase().chars().filter(|c| !matches!(c, '\'' | '’' | '!' | '.' | '…')).collect()
}

#[cfg(test)]
mod tests {
    use super::super::{Options, clean};
    use super::*;
    use url::Url;

    fn check(html: &str, expect: &str) {
        let url = Url::parse("https://harbour.example/x").unwrap();
        let page = Page { url: &url, html, announced: None, timezone: None, fetched_at: None };
        let reason = clean(&page, &Options::default()).unwrap_err().to_string();
        assert!(reason.starts_with(expect), "{reason}: {html}");
    }

    const FILLER: &str = "<p>We could not show what you asked for, which may have moved or never have been here at all, we are sorry to say.</p>";

    #[test]
    fn what_is_no_article_says_so() {
        check("<title>Page not found</title><p>Nothing here.", "too little text");
        check(&format!("<title>Page not found | Harbour Post</title><h1>Page not found</h1>{FILLER}"), "an error page");
        check(&format!("<title>Страница не найдена</title><h1>Страница не найдена</h1>{FILLER}"), "an error page");
        check(
            &format!("<title>Page not found | Harbour Post</title><h1>Sorry, we cannot find that page</h1>{FILLER}"),
            "an error page",
        );
        let film = r#"<script type="application/ld+json">{"@type":"VideoObject","name":"Pier","uploadDate":"2026-05-20T15:05:00Z"}</script>"#;
        check(&format!("<title>Pier</title>{film}<h1>Pier falls</h1>{FILLER}"), "a video page");
        check(&format!("<title>Just a moment...</title><h1>Just a moment...</h1>{FILLER}"), "a check for bots");
        check(&format!("<title>Log in</title><h1>Log in</h1>{FILLER}"), "a login page");
        check(&format!("<title>Before you continue</title><h1>Before you continue</h1>{FILLER}"), "a consent page");
    }

    #[test]
    fn a_page_that_only_looks_like_one_says_so_in_its_own_words() {
        for (title, line, expect) in [
            (
                "This page could not be found",
                "Try the search instead, or go back to the page that you came from.",
                "an error page",
            ),
            (
                "This article is no longer available",
                "Try the search instead, or go back to the front page.",
                "an error page",
            ),
            (
                "Sorry",
                "It looks like nothing was found at this location. Maybe try one of the links below?",
                "an error page",
            ),
            (
                "Die Seite wurde nicht gefunden",
                "Vielleicht hilft Ihnen die Suche weiter oder unsere Startseite, bitte sehr.",
                "an error page",
            ),
            (
                "Oups ! Cette page est introuvable",
                "Nous en sommes désolés, veuillez utiliser la recherche ou revenir à l’accueil.",
                "an error page",
            ),
            (
                "Lo sentimos",
                "La página que busca ha cambiado de dirección, puede usar el buscador o volver a la portada.",
                "an error page",
            ),
            (
                "عفوا",
                "الصفحة التي تبحث عنها غير موجودة أو تم نقلها، يمكنك العودة إلى الصفحة الرئيسية للموقع.",
                "an error page",
            ),
            (
                "Ой",
                "Эта страница была удалена, воспользуйтесь поиском или вернитесь на главную страницу.",
                "an error page",
            ),
            (
                "抱歉",
                "您访问的页面不存在，可能是网址输入错误，请返回首页继续浏览其他内容，或者使用搜索功能查找您需要的信息，给您带来不便深表歉意，谢谢您的理解。",
                "an error page",
            ),
            (
                "ページが見つかりません",
                "恐れ入りますが、トップページから再度お探しいただくか、検索をご利用くださいますようお願いいたします。ご迷惑をおかけします。",
                "an error page",
            ),
            (
                "Hata",
                "Aradığınız sayfa bulunamadı, aramayı kullanabilir ya da ana sayfaya dönebilirsiniz.",
                "an error page",
            ),
            (
                "We will be back soon",
                "The site has been taken down while we work on it, and will return tomorrow.",
                "a page that is closed",
            ),
            (
                "Our European visitors are important to us",
                "This site cannot be shown to visitors from where you are.",
                "a page that is closed",
            ),
            (
                "451: Unavailable due to legal reasons",
                "We recognize that you are trying to visit us from abroad.",
                "a page that is closed",
            ),
            (
                "Log in to your account",
                "Enter the address and the password that you chose when you signed up.",
                "a login page",
            ),
            ("Anmelden", "Bitte geben Sie Ihre E-Mail-Adresse und Ihr Kennwort ein, um weiterzulesen.", "a login page"),
            (
                "We value your privacy",
                "We and our partners store information on a device and process personal data.",
                "a consent page",
            ),
        ] {
            check(&format!("<title>{title}</title><h1>{title}</h1><p>{line}</p>{FILLER}"), expect);
        }
        check(&format!("<title>Just a moment...</title><h1>harbour.example</h1>{FILLER}"), "a check for bots");
        let teaser = |i: u8| {
            format!(
                "<article><h2><a href=/n/{i}>Ferry number {i} runs aground off the eastern point</a></h2><p>Divers went down to wreck number {i} \
                 on Monday and found the hull whole, the coast guard said.</p></article>"
            )
        };
        let teasers = (1..16).map(teaser).collect::<Vec<_>>().concat();
        let intro =
            "<p>All that happens between the lighthouse and the old customs house, told by those who live there.</p>";
        check(&format!("<title>Coast - Harbour Post</title><h1>Coast</h1>{teasers}"), "too little text");
        check(&format!("<title>Coast - Harbour Post</title><h1>Coast</h1>{intro}{teasers}"), "a list of articles");
    }

    #[test]
    fn a_short_story_is_no_error() {
        let url = Url::parse("https://harbour.example/x").unwrap();
        for title in [
            "Forbidden love on the northern pier",
            "Log in or stay out: the council's new rules",
            "Access denied to anglers, harbour master says",
            "404 boats at the regatta",
            "Consent or not: what the council asked",
            "Pier down for a year",
        ] {
            let html = format!(
                "<title>{title}</title><h1>{title}</h1><p>The harbour council voted on Tuesday evening to rebuild the northern pier.</p>\
                 <p>Work is to begin in the autumn and will take eleven months, said the engineer who drew up the plans.</p>"
            );
            let page = Page { url: &url, html: &html, announced: None, timezone: None, fetched_at: None };
            assert_eq!(clean(&page, &Options::default()).map(|article| article.title), Ok(Some(title.to_owned())));
        }
    }

    #[test]
    fn a_story_may_carry_the_same_words_in_its_title() {
        assert!(!opens_with("Not found guilty: how the harbour master won his case against the town council", ERRORS));
        assert!(opens_with("Error 404 – Harbour Post", ERRORS));
    }
}
