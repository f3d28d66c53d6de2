//! CSV by RFC 4180: commas, CRLF, quotes doubled, a heading. What is missing is an empty field, empty text is `""`; a list is one field, a JSON array.

use std::io::{self, Write};

use super::columns::{COLUMNS, Value, values};
use crate::store::ArticleRow;

pub(super) fn heading(output: &mut impl Write) -> io::Result<()> {
    let names: Vec<&str> = COLUMNS.iter().map(|column| column.name).collect();
    write!(output, "{}\r\n", names.join(","))
}

pub(super) fn row(output: &mut impl Write, article: &ArticleRow) -> io::Result<()> {
    for (place, value) in values(article).into_iter().enumerate() {
        if place > 0 {
            output.write_all(b",")?;
        }
        match value {
            Value::Number(None) | Value::Text(None) => {}
            Value::Number(Some(number)) => write!(output, "{number}")?,
            Value::Text(Some(text)) => field(output, text)?,
            Value::List(items) => field(output, &serde_json::to_string(items)?)?,
        }
    }
    output.write_all(b"\r\n")
}

fn field(output: &mut impl Write, text: &str) -> io::Result<()> {
    // Beyond RFC 4180, so that readers which trim or compare with nothing keep the text as it is: empty, or with white space at its ends.
    let quoted = text.contains([',', '"', '\r', '\n']) || text.is_empty() || text.trim().len() < text.len();
    if quoted { write!(output, "\"{}\"", text.replace('"', "\"\"")) } else { output.write_all(text.as_bytes()) }
}

#[cfg(test)]
mod tests {
    use super::super::{Format, tests::exported};

    #[test]
    fn fields_are_quoted_where_they_must_be() {
        let text = String::from_utf8(exported(Format::Csv)).unwrap();
        let heading = text.split("\r\n").next().unwrap();
        assert!(heading.starts_with("id,seq,event_id,duplicate_of,url,") && heading.ends_with(",revision,gone_at"));
        let full = "1,5,1,,https://post.example/1,https://post.example/1,post.example,post,\"Ferry \"\"Morven\"\", late\r\nagain\",\"\",\
                    \"[\"\"Ada, the Elder\"\",\"\"ياسمين\"\"]\",2024-05-20T15:00:00Z,time,,2024-05-20T15:10:00Z,en,,,[],,\
                    \"First.\n\nSecond, with = and ;\",6,1,\r\n";
        assert!(text.contains(full), "{text}");
        assert!(text.ends_with(",6,1,2024-05-21T15:10:00Z\r\n"));
    }
}
