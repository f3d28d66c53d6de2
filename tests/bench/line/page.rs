//! A story as a news site serves it: some 170 KB, a twentieth of it the story.
//!
//! What makes real pages slow is made here in like measure: thousands of elements in menus, teasers and footers, long attributes,
//! scripts and styles in the page, structured data, pictures in many sizes.

use std::fmt::Write;

use super::prose::{Random, Story, story};

/// Bytes of a page that is made, about.
pub(crate) const PAGE_BYTES: usize = 170_000;

/// The page of article `number`, published at `published` (RFC 3339) by `host`.
pub(crate) fn page(number: usize, host: &str, published: &str) -> String {
    let Story { title, author, paragraphs } = story(number);
    let mut random = Random::new(number as u64);
    let mut html = String::with_capacity(PAGE_BYTES + 20_000);
    let url = format!("http://{host}/story/{number}");
    write!(
        html,
        r#"<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{title} | {host}</title><link rel="canonical" href="{url}">
<meta property="og:title" content="{title}"><meta property="og:type" content="article"><meta property="og:url" content="{url}">
<meta property="article:published_time" content="{published}"><meta name="author" content="{author}">
<script type="application/ld+json">{{"@context":"https://schema.org","@type":"NewsArticle","headline":"{title}","datePublished":"{published}",
"author":[{{"@type":"Person","name":"{author}"}}],"publisher":{{"@type":"Organization","name":"{host}"}},"mainEntityOfPage":"{url}"}}</script>"#
    )
    .ok();
    for at in 0..24 {
        write!(html, r#"<link rel="preload" as="script" href="/static/chunk-{at:04x}.js" crossorigin><meta name="x-{at}" content="{number}">"#).ok();
    }
    html += "<style>";
    for at in 0..260 {
        write!(html, ".c{at}{{margin:{at}px;padding:0 {}px;color:#{at:06x}}}", at % 17).ok();
    }
    html += "</style></head><body class=\"page page--story\"><header><nav aria-label=\"sections\"><ul>";
    for at in 0..160 {
        write!(html, r#"<li class="menu__item c{at}"><a class="menu__link" href="/section/{at}" data-track="nav|{at}">Section {at}</a></li>"#).ok();
    }
    html += "</ul></nav></header><main><div class=\"grid\"><article class=\"story\">";
    write!(html, r#"<h1 class="story__headline">{title}</h1><p class="byline">By <a rel="author" href="/by/{number}">{author}</a></p>"#).ok();
    write!(html, r#"<time datetime="{published}">{published}</time><figure>{}<figcaption>A picture of it. Agency</figcaption></figure>"#, picture(number))
        .ok();
    html += "<div class=\"story__body\">";
    for (at, paragraph) in paragraphs.iter().enumerate() {
        write!(html, "<p>{paragraph}</p>").ok();
        if at == 4 {
            html += r#"<div class="newsletter"><h3>Our letter</h3><p>Get the morning in your inbox.</p><form><input type="email"><button>Sign up</button></form></div>"#;
        }
    }
    html += "</div><ul class=\"share\"><li><a href=\"#\">Share</a></li><li><a href=\"#\">Mail</a></li></ul></article><aside>";
    for _ in 0..120 {
        let at = random.below(100_000);
        write!(
            html,
            r#"<div class="card c{}" data-id="{at}"><a class="card__link" href="/story/{at}"><span class="card__image">{}</span><h4 class="card__title">{}</h4></a><span class="card__time">{} hours ago</span></div>"#,
            at % 200,
            picture(at),
            teaser(&mut random),
            at % 20
        )
        .ok();
    }
    html += "</aside></div></main><section id=\"comments\"><h2>Leave a Reply</h2><p>Your email address will not be published.</p></section><footer>";
    for at in 0..120 {
        write!(html, r#"<div class="footer__cell"><a href="/about/{at}" class="footer__link" rel="nofollow">Footer {at}</a></div>"#).ok();
    }
    html += "</footer><script>window.__STATE__={\"items\":[";
    while html.len() < PAGE_BYTES {
        let at = random.below(1_000_000);
        write!(
            html,
            r#"{{"id":{at},"slot":"ad-{at}","targeting":{{"section":"s{}","keys":["a{at}","b{at}"]}},"lazy":true}},"#,
            at % 90
        )
        .ok();
    }
    html += "{}]};</script></body></html>";
    html
}

fn picture(number: usize) -> String {
    format!(
        r#"<picture><source type="image/webp" srcset="/img/{number}-320.webp 320w, /img/{number}-640.webp 640w, /img/{number}-1280.webp 1280w"><img src="/img/{number}.jpg" alt="" width="640" height="360" loading="lazy"></picture>"#
    )
}

fn teaser(random: &mut Random) -> String {
    let number = random.below(1_000_000);
    story(number).title
}
