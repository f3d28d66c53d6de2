//! What the README shows works: its queries, its configuration, its commands.

use std::path::Path;

use crate::newsroom::{column, dateline, read_only};

fn blocks(language: &str) -> Vec<String> {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let fence = format!("```{language}\n");
    text.split(&fence).skip(1).map(|rest| rest.split("```").next().unwrap().to_owned()).collect()
}

#[test]
fn its_queries_run_on_the_demo_database() {
    let folder = tempfile::tempdir().unwrap();
    let demo = dateline(&["demo", "--database", "news.db"]).current_dir(folder.path()).output().unwrap();
    assert_eq!(demo.status.code(), Some(0), "{}", String::from_utf8_lossy(&demo.stderr));
    let db = read_only(&folder.path().join("news.db"));
    let queries = blocks("sql");
    assert!(queries.len() >= 3);
    for query in queries {
        // The press is of years past: what asks for the last days finds nothing, what does not finds something.
        let found = column(&db, &query);
        assert!(query.contains("'now'") || !found.is_empty(), "{query}");
    }
}

#[test]
fn its_configuration_is_good() {
    for (number, block) in blocks("toml").iter().enumerate() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("readme.toml"), block).unwrap();
        let checked = dateline(&["check", "--config", "readme.toml"]).current_dir(folder.path()).output().unwrap();
        assert_eq!(checked.status.code(), Some(0), "block {number}: {}", String::from_utf8_lossy(&checked.stderr));
    }
}

#[test]
fn its_commands_and_options_exist() {
    for line in blocks("sh").iter().flat_map(|block| block.lines()).filter(|line| line.starts_with("dateline ")) {
        let words: Vec<&str> =
            line.split('#').next().unwrap().split(['<', '>']).next().unwrap().split_whitespace().skip(1).collect();
        let help = dateline(&[words[0], "--help"]).output().unwrap();
        assert_eq!(help.status.code(), Some(0), "{line}");
        let help = String::from_utf8(help.stdout).unwrap();
        for option in words.iter().filter(|word| word.starts_with("--")) {
            assert!(help.contains(option), "{line}: no {option}");
        }
    }
}
