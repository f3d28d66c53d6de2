//! Stages that break down on one article: it pays alone.

use std::panic::resume_unwind;
use std::time::Duration;

use dateline::article::Article;
use dateline::clean::{self, Page, Rejection};
use dateline::daemon::Mode;
use dateline::event::{ArticleId, EventId};
use dateline::group::{Assignment, Index, Signature};
use dateline::pipeline::Stages;
use rusqlite::Connection;
use tokio_util::sync::CancellationToken;

use super::stories;
use super::world::{World, wait};
use crate::newsroom::Story;
use crate::sound::assert_sound;

const HOST: &str = "a.example";
const MARK: &str = "unheard-of";

/// As a panic, but nothing is printed.
fn break_down() -> ! {
    resume_unwind(Box::new("broken down"))
}

fn clean_or_break(page: &Page<'_>, options: &clean::Options) -> Result<Article, Rejection> {
    if page.html.contains(MARK) { break_down() } else { clean::clean(page, options) }
}

/// Breaks down in the middle of its work: the index is left half changed.
fn assign_or_break(index: &mut Index, article: ArticleId, fresh: EventId, signature: Signature) -> Assignment {
    if article == ArticleId(2) {
        index.remove(ArticleId(1));
        break_down()
    }
    index.assign(article, fresh, signature)
}

/// A daemon with these stages lives until `then` is over.
async fn while_it_runs(world: &World, then: impl AsyncFnOnce(&World)) {
    let (_lock, daemon) = world.daemon(&[HOST], Duration::from_millis(100), Mode::Forever);
    let stop = CancellationToken::new();
    let running = tokio::spawn(daemon.run(Mode::Forever, stop.clone()));
    then(world).await;
    assert!(!running.is_finished(), "the daemon lives");
    stop.cancel();
    running.await.unwrap().unwrap();
    assert_sound(&Connection::open(world.folder.path().join("news.db")).unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_breaks_the_cleaner_is_rejected_and_the_others_go_on() {
    let mut world = World::new().await;
    world.stages = Stages { clean: clean_or_break, ..Stages::default() };
    let mut stories = stories(1, 5);
    stories[1].paragraphs.push(format!("This is {MARK}."));
    world.publish(HOST, &stories[..3]);
    while_it_runs(&world, async |world| {
        wait(
            world,
            "SELECT group_concat(state) FROM (SELECT state FROM entries ORDER BY url)",
            "stored,rejected,stored",
        )
        .await;
        let reason = world.one("SELECT reason FROM entries WHERE state = 'rejected'");
        assert_eq!(reason, "the cleaner broke down on this page");
        world.publish(HOST, &stories);
        wait(world, "SELECT count(*) FROM articles", "4").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_article_that_breaks_the_grouper_stands_alone_and_the_others_go_on() {
    let mut world = World::new().await;
    world.stages.assign = assign_or_break;
    let stories = stories(1, 3);
    world.publish(HOST, &stories[..1]);
    while_it_runs(&world, async |world| {
        wait(world, "SELECT count(*) FROM articles", "1").await;
        world.publish(HOST, &stories[..2]);
        wait(world, "SELECT count(*) FROM articles", "2").await;
        world.publish(HOST, &stories);
        wait(world, "SELECT count(*) FROM articles", "3").await;
    })
    .await;
    assert_eq!(world.one("SELECT count(DISTINCT event_id) FROM articles"), "3");

    // After a restart it is not met again; a copy of what was in the index when it broke down finds its original.
    world.publish("b.example", &[Story::new(100)]);
    let (_lock, daemon) = world.daemon(&[HOST, "b.example"], Duration::from_millis(100), Mode::Once);
    daemon.run(Mode::Once, CancellationToken::new()).await.unwrap();
    let copy = "SELECT b.duplicate_of = a.id FROM articles a, articles b WHERE a.id = 1 AND b.publisher = 'b.example'";
    assert_eq!(world.one(copy), "1");
}
