//! Which addresses are one page, case by case.

use proptest::prelude::*;

use super::*;

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

fn check_canonical(from: &str, to: &str) {
    assert_eq!(canonical(&url(from)).as_str(), to, "{from}");
}

#[test]
fn canonical_drops_what_does_not_name_the_page() {
    for (from, to) in [
        ("https://a.example/x?utm_source=rss&id=3&fbclid=zz#top", "https://a.example/x?id=3"),
        ("https://a.example:443/x?utm_source=rss", "https://a.example/x"),
        ("https://a.example/x?", "https://a.example/x"),
        ("https://a.example/x?b=2&a=1", "https://a.example/x?b=2&a=1"),
        ("https://user:pw@A.Example./x", "https://a.example/x"),
        ("https://a.example/%7euser/%e9%41?q=%2f%7E", "https://a.example/~user/%E9A?q=%2F~"),
        ("https://a.example/%a%30/%41?q=%a%30&r=%41", "https://a.example/%a%30/A?q=%a%30&r=A"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        ("https://a.example/news/index.html", "https://a.example/news/"),
        ("https://a.example/index.php?id=7", "https://a.example/index.php?id=7"),
        ("https://a.example/x;jsessionid=0A1B/y?PHPSESSID=1", "https://a.example/x/y"),
        ("https://a.example/x?sid=0123456789abcdef0123456789abcdef", "https://a.example/x"),
        ("https://a.example/x?sid=42", "https://a.example/x?sid=42"),
        ("https://a.example/x?_=1700000000000", "https://a.example/x"),
        ("https://a.example/#!/story/1", "https://a.example/#!/story/1"),
    ] {
        check_canonical(from, to);
    }
}

#[test]
fn parameters_that_may_name_the_page_go_only_when_they_name_a_channel() {
    for (from, to) in [
        ("https://a.example/x?ref=rss", "https://a.example/x"),
        ("https://a.example/x?ref=v1.2", "https://a.example/x?ref=v1.2"),
        ("https://a.example/x?partner=rssnyt&emc=rss", "https://a.example/x?emc=rss"),
        ("https://a.example/x?partner=17", "https://a.example/x?partner=17"),
        ("https://a.example/?cid=48213", "https://a.example/?cid=48213"),
        ("https://a.example/x?cid=social-twitter_1", "https://a.example/x"),
        ("https://a.example/x?source=Reuters", "https://a.example/x?source=Reuters"),
    ] {
        check_canonical(from, to);
    }
}

#[test]
fn wrappers_and_amp_variants_lead_to_the_page() {
    for (from, to) in [
        ("https://www-a-example.cdn.ampproject.org/c/s/www.a.example/x?amp=1", "https://www.a.example/x"),
        ("https://www.google.com/amp/s/www.a.example/x/amp/", "https://www.a.example/x/"),
        (
            "https://www.google.co.uk/url?sa=t&url=https%3A%2F%2Fa.example%2Fx%3Futm_source%3Drss&q=",
            "https://a.example/x",
        ),
        ("https://l.facebook.com/l.php?u=https%3A%2F%2Fa.example%2Fx&h=AT", "https://a.example/x"),
        ("http://us.rd.yahoo.com/dailynews/rss/world/*http://news.a.example/x", "http://news.a.example/x"),
        ("https://a.example/story.amp.html?outputType=amp", "https://a.example/story.html"),
        ("https://a.example/story/amp", "https://a.example/story"),
        ("https://a.example/amp", "https://a.example/amp"),
        ("https://a.example/url?url=https://b.example/", "https://a.example/url?url=https://b.example/"),
        ("https://www.google.com/amp/story", "https://www.google.com/amp/story"),
    ] {
        check_canonical(from, to);
    }
}

#[test]
fn a_key_forgets_what_publishers_answer_alike() {
    for variant in [
        "http://www.a.example.com/2026/story/?b=2&a=1",
        "https://m.a.example.com/2026/story?a=1&b=2&utm_source=x",
        "https://a.m.example.com//2026/story/amp/?a=1&b=2",
        "https://amp.a.example.com/amp/2026/story?a=1&b=2",
    ] {
        assert_eq!(key(&url(variant)), "a.example.com/2026/story?a=1&b=2", "{variant}");
    }
    assert_eq!(key(&url("http://127.0.0.1:8080/")), "127.0.0.1:8080/");
    assert_ne!(key(&url("https://a.example.com/x?id=1")), key(&url("https://a.example.com/x?id=2")));
    assert_ne!(key(&url("https://a.example.com/X")), key(&url("https://a.example.com/x")));
    assert_eq!(key(&url("https://m.com/x")), "m.com/x");
}

#[test]
fn publisher_is_the_registrable_domain() {
    for (address, want) in [
        ("https://www.rudaw.net/english", "rudaw.net"),
        ("https://news.bbc.co.uk/", "bbc.co.uk"),
        ("https://a.example.com./", "example.com"),
        ("http://127.0.0.1:80/", "127.0.0.1"),
        ("http://localhost/", "localhost"),
    ] {
        assert_eq!(publisher(&url(address)), want);
    }
}

proptest! {
    #[test]
    fn canonical_is_idempotent_and_keeps_the_key(
        host in "(www\\.|m\\.|amp\\.)?[a-z]{1,5}\\.(com|example|co\\.uk)\\.?",
        path in "(/(amp|index\\.html|story|x\\.amp|%[0-9a-fA-F]{2}|;jsessionid=1|\\.|[a-z%*;]{0,4})){0,5}/?",
        query in "(\\?([a-z_]{0,4}|utm_x|ref|sid|amp)=?(%[0-9a-fA-F]{0,2}|rss|&|[a-z0-9]{0,3}){0,4})?",
        fragment in "(#!?[a-z]{0,3})?",
    ) {
        let Ok(url) = Url::parse(&format!("https://{host}{path}{query}{fragment}")) else { return Ok(()) };
        let once = canonical(&url);
        prop_assert_eq!(&canonical(&once), &once);
        prop_assert_eq!(key(&once), key(&url));
    }

    #[test]
    fn any_address_has_a_canonical_form(text in "\\PC{0,60}") {
        for address in [text.clone(), format!("https://www.google.com/url?q={text}"), format!("https://a.example/{text}")] {
            if let Ok(url) = Url::parse(&address) {
                let once = canonical(&url);
                prop_assert_eq!(&canonical(&once), &once);
            }
        }
    }
}
