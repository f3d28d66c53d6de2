//! Backfill on the loopback press: each source brings exactly what was published in the range, whatever happens on the way.

mod ends;
mod grouped;
mod kills;
mod scale;
pub(crate) mod site;

use std::process::{Output, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::newsroom::{Newsroom, column, host};
use crate::press::Answer;
use site::Site;

const SINCE: &str = "2024-02-10";
const UNTIL: &str = "2024-02-20";
const COUNT: usize = 60;
const RANGE: [&str; 4] = ["--since", SINCE, "--until", UNTIL];

/// Waits between attempts last a second: a failing press is asked again soon.
const SOON: &str = "[schedule]\nmin_interval = \"1s\"\nmax_interval = \"1s\"\n";

async fn backfill(newsroom: &Newsroom, arguments: &[&str]) -> Output {
    let arguments: Vec<&str> = ["backfill"].iter().chain(arguments).copied().collect();
    newsroom.run(&arguments).await
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn stored(newsroom: &Newsroom) -> Vec<String> {
    column(&newsroom.read(), "SELECT url FROM articles ORDER BY url")
}

#[track_caller]
fn assert_whole(newsroom: &Newsroom, expected: &[String]) {
    let db = newsroom.read();
    assert_eq!(column(&db, "SELECT url FROM articles ORDER BY url"), expected);
    assert_eq!(column(&db, "SELECT count(*) FROM entries WHERE state = 'queued'"), ["0"]);
    assert_eq!(column(&db, "PRAGMA integrity_check"), ["ok"]);
    assert!(column(&db, "PRAGMA foreign_key_check").is_empty());
    let added = "SELECT count(*) FROM changes WHERE kind = 'article' AND action = 'added'";
    assert_eq!(column(&db, added), [expected.len().to_string()]);
    assert_eq!(column(&db, "SELECT count(*) FROM capture"), ["0"]);
}

/// Runs a backfill of one source over a fresh newsroom and checks that it brings exactly the range.
async fn check(source: &str, prepare: impl Fn(&Site<'_>) -> Vec<String>) {
    let newsroom = Newsroom::open().await;
    newsroom.configure(&[2], SOON);
    let site = Site::open(&newsroom, 2, COUNT);
    let more = prepare(&site);
    let mut arguments = RANGE.to_vec();
    arguments.extend(["--source", source]);
    arguments.extend(more.iter().map(String::as_str));
    let ended = backfill(&newsroom, &arguments).await;
    assert_eq!(ended.status.code(), Some(0), "{source}: {}", stderr(&ended));
    assert_whole(&newsroom, &site.within(SINCE, UNTIL));
    let requests = site.requests();
    assert!(requests.iter().all(|&requests| requests <= 1), "{source}: {requests:?}");
    // The same again asks for no page.
    let before = site.requests();
    let again = backfill(&newsroom, &arguments).await;
    assert_eq!(again.status.code(), Some(0), "{source}: {}", stderr(&again));
    assert_eq!(site.requests(), before, "{source}");
}

fn of(site: &Site<'_>) -> Vec<String> {
    vec!["--site".to_owned(), site.root()]
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_bring_exactly_the_range() {
    check("urls", |site| vec![site.list().display().to_string()]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_warc_brings_exactly_the_range_without_the_network() {
    check("warc", |site| vec![site.warc().display().to_string()]).await;
    let newsroom = Newsroom::open().await;
    newsroom.configure(&[], "");
    let site = Site::open(&newsroom, 2, COUNT);
    let file = site.warc().display().to_string();
    let ended = backfill(&newsroom, &[&RANGE[..], &[&file]].concat()).await;
    assert_eq!(ended.status.code(), Some(0), "{}", stderr(&ended));
    assert_whole(&newsroom, &site.within(SINCE, UNTIL));
    assert!(newsroom.press.visits().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_broken_warc_the_rest_is_stored_and_the_damage_is_told() {
    let newsroom = Newsroom::open().await;
    newsroom.configure(&[], "");
    let site = Site::open(&newsroom, 2, 40);
    let file = site.warc();
    let whole = std::fs::read(&file).unwrap();
    let begins: Vec<usize> = memchr::memmem::find_iter(&whole, b"\x1f\x8b\x08").collect();
    assert_eq!(begins.len(), 40);
    // A member in the middle is overwritten, the last is cut off.
    let mut broken = whole[..whole.len() - 30].to_vec();
    broken[begins[20] + 60..begins[21]].fill(0xff);
    std::fs::write(&file, broken).unwrap();
    let file = file.display().to_string();
    let range = ["--since", "2024-01-01", "--until", "2024-12-31"];
    let ended = backfill(&newsroom, &[&range[..], &[&file]].concat()).await;
    assert_eq!(ended.status.code(), Some(3), "{}", stderr(&ended));
    let told = stderr(&ended);
    assert!(told.contains("broken in 2 places; the rest was read"), "{told}");
    let stored = stored(&newsroom);
    let mut rest: Vec<String> = (0..39).filter(|&number| number != 20).map(|number| site.url(number)).collect();
    rest.sort_unstable();
    assert_eq!(stored, rest);
    // With the file whole again, what is missing is stored, and nothing else.
    std::fs::write(&file, whole).unwrap();
    let ended = backfill(&newsroom, &[&range[..], &[&file]].concat()).await;
    assert_eq!(ended.status.code(), Some(0), "{}", stderr(&ended));
    assert_whole(&newsroom, &site.within("2024-01-01", "2024-12-31"));
    assert!(newsroom.press.visits().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn feed_archives_bring_exactly_the_range() {
    check("archive", |site| {
        site.archive();
        vec!["--feed".to_owned(), "feed-2".to_owned()]
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wordpress_brings_exactly_the_range() {
    check("wordpress", |site| {
        site.wordpress(SINCE, UNTIL);
        of(site)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sitemaps_bring_exactly_the_range() {
    check("sitemap", |site| {
        site.sitemaps();
        of(site)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn listings_bring_exactly_the_range() {
    check("listing", |site| {
        let pattern = site.listing("2024-02-01", "2024-03-10");
        [of(site), vec!["--listing".to_owned(), pattern]].concat()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_web_archive_brings_exactly_the_range_and_the_site_is_not_asked() {
    let newsroom = Newsroom::open().await;
    newsroom.configure(&[], SOON);
    let site = Site::open(&newsroom, 2, COUNT);
    let archive = site.wayback(9, SINCE, UNTIL);
    let root = site.root();
    let arguments = [&RANGE[..], &["--source", "wayback", "--wayback", &archive, "--site", &root]].concat();
    let ended = backfill(&newsroom, &arguments).await;
    assert_eq!(ended.status.code(), Some(0), "{}", stderr(&ended));
    assert_whole(&newsroom, &site.within(SINCE, UNTIL));
    assert!(newsroom.press.paths(&host(2)).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn all_sources_together_bring_each_article_once() {
    let newsroom = Newsroom::open().await;
    newsroom.configure(&[2], SOON);
    let site = Site::open(&newsroom, 2, COUNT);
    site.sitemaps();
    site.archive();
    site.wordpress(SINCE, UNTIL);
    let pattern = site.listing("2024-02-01", "2024-03-10");
    let archive = site.wayback(9, SINCE, UNTIL);
    let (warc, list) = (site.warc().display().to_string(), site.list().display().to_string());
    let more =
        ["--feed", "feed-2", "--listing", &pattern, "--wayback", &archive, "--json", "--source", "auto", &warc, &list];
    let ended = backfill(&newsroom, &[&RANGE[..], &more].concat()).await;
    assert_eq!(ended.status.code(), Some(0), "{}", stderr(&ended));
    assert_whole(&newsroom, &site.within(SINCE, UNTIL));
    assert!(site.requests().iter().all(|&requests| requests <= 1));
    let told = String::from_utf8(ended.stdout).unwrap();
    let summary: Value = serde_json::from_str(told.lines().last().unwrap()).unwrap();
    assert_eq!((&summary["kind"], &summary["end"]), (&Value::from("summary"), &Value::from("done")));
    let sources: Vec<&str> =
        summary["backfill"]["sources"].as_array().unwrap().iter().map(|row| row["source"].as_str().unwrap()).collect();
    assert_eq!(sources, ["archive", "listing", "sitemap", "urls", "warc", "wayback", "wordpress"]);
    let status = newsroom.run(&["backfill", "--status", "--json"]).await;
    let status: Value = serde_json::from_slice(&status.stdout).unwrap();
    assert_eq!((&status[0]["state"], &status[0]["waiting"]), (&Value::from("done"), &Value::from(0)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_counts_and_stores_nothing() {
    let newsroom = Newsroom::open().await;
    newsroom.configure(&[], "");
    let site = Site::open(&newsroom, 2, COUNT);
    site.sitemaps();
    let root = site.root();
    let ended = backfill(&newsroom, &[&RANGE[..], &["--site", &root, "--dry-run", "--json"]].concat()).await;
    assert_eq!(ended.status.code(), Some(0), "{}", stderr(&ended));
    let plan: Value = serde_json::from_slice(&ended.stdout).unwrap();
    // The months before and after are not asked for: all of February is announced.
    assert_eq!((&plan["pages"], &plan["at_hand"]), (&58.into(), &0.into()));
    // For the pages of a file nobody is asked, so that waiting for them would be no good estimate.
    let file = site.warc().display().to_string();
    let ended = backfill(&newsroom, &["--dry-run", "--json", &file]).await;
    let plan: Value = serde_json::from_slice(&ended.stdout).unwrap();
    assert_eq!((&plan["pages"], &plan["estimated_s"], &plan["at_hand"]), (&0.into(), &0.into(), &COUNT.into()));
    assert!(!newsroom.database().exists() || stored(&newsroom).is_empty());
    assert!(site.requests().iter().all(|&requests| requests == 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_range_takes_what_was_dropped_and_so_does_a_feed() {
    let newsroom = Newsroom::open().await;
    newsroom.configure(&[2], SOON);
    let site = Site::open(&newsroom, 2, 20);
    let list = site.list().display().to_string();
    let ended = backfill(&newsroom, &["--since", "2024-02-05", "--until", "2024-02-06", &list]).await;
    assert_eq!(ended.status.code(), Some(0), "{}", stderr(&ended));
    assert_eq!(stored(&newsroom), site.within("2024-02-05", "2024-02-06"));
    let reasons =
        column(&newsroom.read(), "SELECT DISTINCT substr(reason, 1, 17) FROM entries WHERE state = 'rejected'");
    assert_eq!(reasons, ["outside the range"]);
    let before = site.requests();
    // The same range asks nobody; the next day brings its two.
    let ended = backfill(&newsroom, &["--since", "2024-02-07", "--until", "2024-02-07", &list]).await;
    assert_eq!(ended.status.code(), Some(0), "{}", stderr(&ended));
    assert_eq!(stored(&newsroom), site.within("2024-02-05", "2024-02-07"));
    let asked: usize = site.requests().iter().sum();
    assert_eq!(asked, before.iter().sum::<usize>() + 2);
    // What a live feed announces is wanted whatever its date.
    site.archive();
    let ended = newsroom.run(&["run", "--once"]).await;
    assert_eq!(ended.status.code(), Some(0), "{}", stderr(&ended));
    // The ten newest, four of which were stored before.
    assert_eq!(stored(&newsroom).len(), 6 + 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_press_that_answers_429_half_of_the_time_loses_nothing() {
    let newsroom = Newsroom::open().await;
    newsroom.configure(&[], SOON);
    let site = Site::open(&newsroom, 2, 20);
    site.sitemaps();
    for number in (0..20).step_by(2) {
        let page = Answer::page(site::page(number));
        newsroom.press.set_each(&host(2), &site::path(number), vec![Answer::status(429), page]);
    }
    let sitemap = Answer::page("<urlset></urlset>").with("content-type", "application/xml");
    newsroom.press.set_each(&host(2), "/sitemap-2024-03.xml", vec![Answer::status(429), sitemap]);
    let index = format!(
        "<sitemapindex><sitemap><loc>{0}/sitemap-2024-02.xml</loc></sitemap></sitemapindex>",
        site.root().trim_end_matches('/')
    );
    let index = Answer::page(index).with("content-type", "application/xml");
    newsroom.press.set_each(&host(2), "/index.xml", vec![Answer::status(429), Answer::status(503), index]);
    let root = site.root();
    let ended = backfill(&newsroom, &["--since", "2024-01-01", "--until", "2024-12-31", "--site", &root]).await;
    assert_eq!(ended.status.code(), Some(0), "{}", stderr(&ended));
    assert_whole(&newsroom, &site.within("2024-01-01", "2024-12-31"));
    let requests = site.requests();
    assert!((0..20).all(|number| requests[number] == 1 + usize::from(number % 2 == 0)), "{requests:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_sitemaps_end() {
    let newsroom = Newsroom::open().await;
    newsroom.configure(&[], SOON);
    let site = Site::open(&newsroom, 2, 4);
    let url = |path: &str| newsroom.url(2, path);
    let xml = |body: String| Answer::page(body).with("content-type", "application/xml");
    let listed =
        |urls: &[String]| urls.iter().map(|url| format!("<sitemap><loc>{url}</loc></sitemap>")).collect::<String>();
    let robots = ["/loop.xml", "/self.xml", "/deep.xml", "/bomb.xml.gz", "/good.xml"]
        .map(|path| format!("Sitemap: {}\n", url(path)));
    newsroom.press.set(&host(2), "/robots.txt", Answer::robots(&robots.concat()));
    newsroom.press.set(&host(2), "/loop.xml", Answer::redirect(302, "/loop2.xml"));
    newsroom.press.set(&host(2), "/loop2.xml", Answer::redirect(302, "/loop.xml"));
    newsroom.press.set(
        &host(2),
        "/self.xml",
        xml(format!("<sitemapindex>{}</sitemapindex>", listed(&[url("/self.xml"), url("/loop.xml")]))),
    );
    // Whatever is asked for below is an index that names another: the walk ends by its depth.
    for depth in 0..10 {
        let name = if depth == 0 { "/deep.xml".to_owned() } else { format!("/deep-{depth}.xml") };
        newsroom.press.set(
            &host(2),
            &name,
            xml(format!("<sitemapindex>{}</sitemapindex>", listed(&[url(&format!("/deep-{}.xml", depth + 1))]))),
        );
    }
    let mut bomb = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    std::io::Write::write_all(&mut bomb, b"<urlset>").unwrap();
    for _ in 0..64 {
        std::io::Write::write_all(&mut bomb, &vec![b' '; 1 << 20]).unwrap();
    }
    let bomb = Answer::page(bomb.finish().unwrap()).with("content-type", "application/gzip");
    newsroom.press.set(&host(2), "/bomb.xml.gz", bomb);
    let good: String = (0..4).map(|number| format!("<url><loc>{}</loc></url>", site.url(number))).collect();
    newsroom.press.set(&host(2), "/good.xml", xml(format!("<urlset>{good}</urlset>")));
    let root = site.root();
    let ended = backfill(
        &newsroom,
        &["--since", "2024-01-01", "--until", "2024-12-31", "--site", &root, "--source", "sitemap"],
    )
    .await;
    // The loop and the depth are told, the rest is there.
    assert_eq!(ended.status.code(), Some(3), "{}", stderr(&ended));
    assert!(stderr(&ended).contains("circle") && stderr(&ended).contains("within 4 others"), "{}", stderr(&ended));
    assert_whole(&newsroom, &site.within("2024-01-01", "2024-12-31"));
    assert!(newsroom.press.paths(&host(2)).len() < 40);
}

#[tokio::test(flavor = "multi_thread")]
async fn sources_are_asked_in_the_order_in_which_they_are_named() {
    for order in ["sitemap,archive", "archive,sitemap"] {
        let newsroom = Newsroom::open().await;
        newsroom.configure(&[2], SOON);
        let site = Site::open(&newsroom, 2, 20);
        site.sitemaps();
        site.archive();
        let range = ["--since", "2024-01-01", "--until", "2024-12-31"];
        let ended =
            backfill(&newsroom, &[&range[..], &["--feed", "feed-2", "--source", order, "--json"]].concat()).await;
        assert_eq!(ended.status.code(), Some(0), "{}", stderr(&ended));
        let told = String::from_utf8(ended.stdout).unwrap();
        let summary: Value = serde_json::from_str(told.lines().last().unwrap()).unwrap();
        for source in summary["backfill"]["sources"].as_array().unwrap() {
            let is_first = order.starts_with(source["source"].as_str().unwrap());
            assert_eq!(source["queued"], if is_first { 20 } else { 0 }, "{order}: {source}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_api_leaves_the_pages_of_the_feed() {
    check("wordpress", |site| {
        site.paged_feed();
        of(site)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn beside_a_running_daemon_it_announces_and_watches() {
    let newsroom = Newsroom::open().await;
    newsroom.configure(&[2], SOON);
    let site = Site::open(&newsroom, 2, 20);
    site.sitemaps();
    newsroom.publish(2, &[]);
    let mut daemon = newsroom.command(&["run"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    while column_or_nothing(&newsroom, "SELECT name FROM feeds").is_empty() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let (root, warc) = (site.root(), site.warc().display().to_string());
    let half = ["--since", "2024-01-01", "--until", "2024-02-05"];
    let files = backfill(&newsroom, &[&half[..], &[&warc]].concat()).await;
    assert_eq!(files.status.code(), Some(0), "{}", stderr(&files));
    assert_eq!(stored(&newsroom), site.within("2024-01-01", "2024-02-05"));
    assert!(site.requests().iter().all(|&requests| requests == 0));
    let rest = backfill(&newsroom, &["--since", "2024-01-01", "--until", "2024-12-31", "--site", &root]).await;
    assert_eq!(rest.status.code(), Some(0), "{}", stderr(&rest));
    // The daemon groups them once more when it comes to it; here the next backfill does.
    assert!(stderr(&rest).contains("still to be grouped once more"), "{}", stderr(&rest));
    daemon.kill().unwrap();
    daemon.wait().unwrap();
    let again = backfill(&newsroom, &[&half[..], &[&warc]].concat()).await;
    assert_eq!(again.status.code(), Some(0), "{}", stderr(&again));
    assert_eq!(column(&newsroom.read(), "SELECT count(*) FROM owed"), ["0"]);
    assert_whole(&newsroom, &site.within("2024-01-01", "2024-12-31"));
    assert!(site.requests().iter().all(|&requests| requests <= 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_at_once_do_each_other_no_harm_and_the_second_takes_over() {
    let newsroom = Newsroom::open().await;
    newsroom.configure(&[], SOON);
    let (one, two) = (Site::open(&newsroom, 2, COUNT), Site::open(&newsroom, 3, COUNT));
    one.sitemaps();
    two.sitemaps();
    // The second is not done when the first is.
    newsroom.press.set(&host(3), "/index.xml", Answer::status(503));
    let (first, second) = (one.root(), two.root());
    let both = [&RANGE[..], &["--source", "sitemap", "--site", &first, "--site", &second]].concat();
    let run = |site: &str| {
        let arguments = [&["backfill"], &RANGE[..], &["--source", "sitemap", "--site", site]].concat();
        newsroom.command(&arguments).spawn().unwrap()
    };
    let (first, second) = (run(&first), run(&second));
    let first = tokio::task::spawn_blocking(move || first.wait_with_output().unwrap()).await.unwrap();
    assert_eq!(first.status.code(), Some(0), "{}", stderr(&first));
    let index = format!("<sitemapindex><sitemap><loc>{}sitemap-2024-02.xml</loc></sitemap></sitemapindex>", two.root());
    newsroom.press.set(&host(3), "/index.xml", Answer::page(index).with("content-type", "application/xml"));
    let second = tokio::task::spawn_blocking(move || second.wait_with_output().unwrap()).await.unwrap();
    assert_eq!(second.status.code(), Some(0), "{}", stderr(&second));
    let mut expected = [one.within(SINCE, UNTIL), two.within(SINCE, UNTIL)].concat();
    expected.sort_unstable();
    assert_whole(&newsroom, &expected);
    assert!(one.requests().iter().chain(&two.requests()).all(|&requests| requests <= 1));
    // A third over the same ground fetches nothing.
    let before = (one.requests(), two.requests());
    let third = backfill(&newsroom, &both).await;
    assert_eq!(third.status.code(), Some(0), "{}", stderr(&third));
    assert_eq!((one.requests(), two.requests()), before);
}

fn column_or_nothing(newsroom: &Newsroom, sql: &str) -> Vec<String> {
    let path = newsroom.database();
    std::panic::catch_unwind(move || column(&crate::newsroom::read_only(&path), sql)).unwrap_or_default()
}
