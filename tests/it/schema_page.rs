//! `docs/schema.md` is made of the schema itself: the comments in `CREATE VIEW` and the declared types. To renew it:
//!
//! ```sh
//! DATELINE_RENEW=1 cargo test --test it schema_page::
//! ```

use std::fmt::Write as _;
use std::path::Path;

use rusqlite::Connection;

use crate::newsroom::{column, read_only};

const VIEWS: [&str; 6] = ["articles", "events", "revisions", "changes", "feeds", "entries"];

const HEAD: &str = "\
<!-- Made of the schema by `DATELINE_RENEW=1 cargo test --test it schema_page::`; edit the CREATE VIEW statements in src/store/migrations instead. -->
# Schema

One SQLite file. These views and the full-text index are the contract; tables are internal and change. The same words stand in the database itself:
`sqlite3 dateline.db '.schema articles'`.

- **Times** are text, RFC 3339, UTC, whole seconds (`2024-08-05T16:20:00Z`): they sort and compare as text, and `datetime()`, pandas and DuckDB read them.
- **JSON arrays** are text for `json_each()`, `json.loads` and the like; an empty one is `[]`, never NULL.
- **Missing** is NULL, never a guess.
- **Numbers** of articles and events are never used again. `PRAGMA application_id` is 1685351534 (`dtln`), `PRAGMA user_version` the schema's number.

Queries for everyday questions are in the [cookbook](cookbook.md).
";

const FULL_TEXT: &str = "
## articles_fts

Full text (FTS5) over `title`, `subtitle` and `text` of `articles`; `rowid` is `articles.id`. Words are folded: case and accents do not matter.

```sql
SELECT a.* FROM articles_fts JOIN articles a ON a.id = articles_fts.rowid
WHERE articles_fts MATCH 'ferry' ORDER BY articles_fts.rowid DESC LIMIT 20;
```
";

#[test]
fn the_page_is_that_of_the_schema() {
    let page = page();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schema.md");
    if std::env::var_os("DATELINE_RENEW").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == page,
        "docs/schema.md is not that of the schema; renew it: DATELINE_RENEW=1 cargo test --test it schema_page::"
    );
}

fn page() -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("news.db");
    drop(dateline::store::Writer::open(&path).unwrap());
    let db = read_only(&path);
    let mut page = HEAD.to_owned();
    for view in VIEWS {
        let (about, columns) = described(&db, view);
        let _ = write!(
            page,
            "\n## {view}\n\n{about}\n\n| column | type | form | meaning | example |\n| --- | --- | --- | --- | --- |\n"
        );
        for Column { name, kind, form, meaning, example } in columns {
            let example = if example.is_empty() { String::new() } else { format!("`{example}`") };
            let _ = writeln!(page, "| `{name}` | {kind} | {form} | {meaning} | {example} |");
        }
    }
    page + FULL_TEXT
}

struct Column {
    name: String,
    kind: String,
    form: String,
    meaning: String,
    example: String,
}

/// What a view says of itself, and of each of its columns: `name, -- meaning | form | example`.
fn described(db: &Connection, view: &str) -> (String, Vec<Column>) {
    let sql = &column(db, &format!("SELECT sql FROM sqlite_schema WHERE type = 'view' AND name = '{view}'"))[0];
    let mut comments =
        sql.lines().filter_map(|line| line.split_once("--")).map(|(code, said)| (code.trim(), said.trim()));
    let about = comments.next().filter(|(code, _)| code.is_empty());
    let about = about.unwrap_or_else(|| panic!("`{view}` does not say what a row is")).1.to_owned();
    let names = column(db, &format!("SELECT name FROM pragma_table_info('{view}')"));
    let kinds = column(db, &format!("SELECT type FROM pragma_table_info('{view}')"));
    let columns = names.into_iter().zip(kinds).map(|(name, kind)| {
        let (code, said) = comments.next().unwrap_or_else(|| panic!("`{view}.{name}` has no comment"));
        let written = code.trim_end_matches(',').rsplit([' ', '.']).next().unwrap_or_default();
        assert_eq!(written, name, "`{view}`: one column a line, each with its comment");
        let mut parts = said.split('|').map(|part| part.trim().to_owned());
        let mut next = || parts.next().unwrap_or_else(|| panic!("`{view}.{name}`: meaning | form | example"));
        Column { meaning: next(), form: next(), example: next(), name, kind }
    });
    (about, columns.collect())
}
