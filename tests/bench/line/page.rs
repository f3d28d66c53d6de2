//! A story as a news site serves it: some 170 KB, a twentieth of it the story.
//!
//! What makes real pages slow is made here in like measure, that of 233 labelled pages of 100 to 250 KB (2026-11-23): 5.9 elements a KB, in menus, teasers and
//! footers, 1.7 attributes each, whose values are 34 % of the bytes; scripts, styles and drawings 43 %; structured data, pictures in many sizes.

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
    for at in 0..100 {
        write!(
            html,
            r#"<li class="menu__item menu__item--level-2 c{at}"><a class="menu__link menu__link--secondary" href="http://{host}/section/{at}?ref=nav" data-track="{{&quot;zone&quot;:&quot;nav&quot;,&quot;slot&quot;:{at}}}">Section {at}</a></li>"#
        )
        .ok();
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
    for _ in 0..62 {
        let at = random.below(100_000);
        write!(
            html,
            r#"<div class="card card--teaser grid__cell c{}" data-id="{at}" data-track="{{&quot;zone&quot;:&quot;aside&quot;,&quot;story&quot;:{at}}}"><a class="card__link card__link--block" href="http://{host}/story/{at}?ref=aside"><span class="card__image card__image--wide">{}</span><h4 class="card__title text-lg leading-tight">{}</h4></a><span class="card__time">{} hours ago</span></div>"#,
            at % 200,
            picture(at),
            teaser(&mut random),
            at % 20
        )
        .ok();
    }
    html += "</aside></div></main><section id=\"comments\"><h2>Leave a Reply</h2><p>Your email address will not be published.</p></section><footer>";
    for at in 0..90 {
        write!(
            html,
            r#"<div class="footer__cell grid__cell"><a href="http://{host}/about/{at}?ref=footer" class="footer__link text-sm" rel="nofollow">Footer {at}</a></div>"#
        )
        .ok();
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
        r#"<picture><source type="image/webp" sizes="(min-width: 1020px) 16.5vw, (min-width: 660px) 33vw, 50vw" srcset="/img/{number}/320x180/crop-smart.webp 320w, /img/{number}/640x360/crop-smart.webp 640w, /img/{number}/1280x720/crop-smart.webp 1280w, /img/{number}/1920x1080/crop-smart.webp?width=1920&amp;quality=80&amp;auto=webp&amp;s={number:032x} 1920w"><img src="/img/{number}/640x360/crop-smart.jpg?width=640&amp;quality=80&amp;s={number:032x}" alt="" width="640" height="360" loading="lazy"></picture>"#
    )
}

fn teaser(random: &mut Random) -> String {
    let number = random.below(1_000_000);
    story(number).title
}
