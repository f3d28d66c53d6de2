//! A lenient reader of JSON as publishers embed it: raw line breaks in strings, trailing commas, comments, CDATA wrappers,
//! unescaped quotes and cut-off ends still give what can be had.
//!
//! Invariants: no recursion; bounded bytes, depth and number of values; whatever comes in, a value or `None` comes out.

use serde_json::{Map, Number, Value};

/// Bytes read of one script; the largest honest JSON-LD block of 650 pages measured (2026-11) had 310 kB.
const MAX_BYTES: usize = 1 << 20;
/// Nesting kept; what lies deeper is dropped. Article graphs measured (2026-11) reach 9.
const MAX_DEPTH: usize = 40;
/// Values kept in all.
const MAX_VALUES: usize = 50_000;

/// The values found in `text`: several top-level values come as one array.
pub(super) fn parse(text: &str) -> Option<Value> {
    let bytes = text.as_bytes().get(..MAX_BYTES.min(text.len()))?;
    let mut reader = Reader { bytes, at: 0 };
    let mut open: Vec<Container> = Vec::new();
    let mut roots = Vec::new();
    let mut values = 0;
    while let Some(token) = reader.next() {
        values += 1;
        if values > MAX_VALUES {
            break;
        }
        match token {
            Token::Open(kind) if open.len() < MAX_DEPTH => open.push(kind),
            Token::Open(_) => reader.skip_container(),
            Token::Close => {
                if let Some(closed) = open.pop() {
                    put(&mut open, &mut roots, closed.into_value());
                }
            }
            Token::Colon => {
                if let Some(Container::Object { pending, key, .. }) = open.last_mut()
                    && let Some(Value::String(name)) = pending.take()
                {
                    *key = Some(name);
                }
            }
            Token::Comma => {
                if let Some(Container::Object { pending, key, .. }) = open.last_mut() {
                    *pending = None;
                    *key = None;
                }
            }
            Token::Value(value) => {
                if !open.is_empty() {
                    put(&mut open, &mut roots, value);
                }
            }
        }
    }
    while let Some(closed) = open.pop() {
        put(&mut open, &mut roots, closed.into_value());
    }
    match roots.len() {
        0 => None,
        1 => roots.pop(),
        _ => Some(Value::Array(roots)),
    }
}

enum Container {
    Array(Vec<Value>),
    Object { members: Map<String, Value>, pending: Option<Value>, key: Option<String> },
}

impl Container {
    fn into_value(self) -> Value {
        match self {
            Self::Array(items) => Value::Array(items),
            Self::Object { members, .. } => Value::Object(members),
        }
    }
}

enum Token {
    Open(Container),
    Close,
    Colon,
    Comma,
    Value(Value),
}

fn put(open: &mut [Container], roots: &mut Vec<Value>, value: Value) {
    match open.last_mut() {
        None => roots.push(value),
        Some(Container::Array(items)) => items.push(value),
        Some(Container::Object { members, pending, key }) => match key.take() {
            Some(name) => {
                members.entry(name).or_insert(value);
            }
            None => *pending = Some(value),
        },
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn next(&mut self) -> Option<Token> {
        loop {
            let byte = *self.bytes.get(self.at)?;
            self.at += 1;
            match byte {
                b'{' => return Some(Token::Open(Container::Object { members: Map::new(), pending: None, key: None })),
                b'[' if self.bytes[self.at..].starts_with(b"CDATA[") => self.at += 6,
                b'[' => return Some(Token::Open(Container::Array(Vec::new()))),
                b'}' | b']' => return Some(Token::Close),
                b':' => return Some(Token::Colon),
                b',' => return Some(Token::Comma),
                b'"' => return Some(Token::Value(Value::String(self.string()))),
                b'/' if self.bytes.get(self.at) == Some(&b'*') => self.skip_past(b"*/"),
                b'-' | b'0'..=b'9' | b'a'..=b'z' => {
                    if let Some(value) = self.literal() {
                        return Some(Token::Value(value));
                    }
                }
                _ => {}
            }
        }
    }

    /// A number, `true`, `false` or `null`; other bare words are noise.
    fn literal(&mut self) -> Option<Value> {
        let start = self.at - 1;
        while self.bytes.get(self.at).is_some_and(|b| b.is_ascii_alphanumeric() || b"+-._".contains(b)) {
            self.at += 1;
        }
        match self.bytes.get(start..self.at)? {
            b"true" => Some(Value::Bool(true)),
            b"false" => Some(Value::Bool(false)),
            b"null" => Some(Value::Null),
            word => std::str::from_utf8(word).ok()?.parse::<Number>().ok().map(Value::Number),
        }
    }

    fn string(&mut self) -> String {
        let mut out = Vec::new();
        while let Some(&byte) = self.bytes.get(self.at) {
            self.at += 1;
            match byte {
                b'"' if self.ends_here() => break,
                b'\\' => self.escape(&mut out),
                b'\n' | b'\r' | b'\t' => out.push(b' '),
                0..=31 => {}
                _ => out.push(byte),
            }
        }
        String::from_utf8(out).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
    }

    /// Whether the quote just read ends the string: what follows is punctuation or the end.
    fn ends_here(&self) -> bool {
        self.bytes[self.at..].iter().find(|b| !b.is_ascii_whitespace()).is_none_or(|b| b",:}]/<;".contains(b))
    }

    fn escape(&mut self, out: &mut Vec<u8>) {
        let Some(&byte) = self.bytes.get(self.at) else { return };
        self.at += 1;
        match byte {
            b'n' | b't' | b'r' => out.push(if byte == b'n' { b'\n' } else { b' ' }),
            b'b' | b'f' => out.push(b' '),
            b'u' => {
                let mut unit = self.hex().unwrap_or(0xfffd);
                if (0xd800..0xdc00).contains(&unit) && self.bytes[self.at..].starts_with(b"\\u") {
                    self.at += 2;
                    let low = self.hex().unwrap_or(0);
                    unit = if (0xdc00..0xe000).contains(&low) {
                        0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00)
                    } else {
                        0xfffd
                    };
                }
                let char = char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER);
                out.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
            }
            other => out.push(other),
        }
    }

    fn hex(&mut self) -> Option<u32> {
        let digits = self.bytes.get(self.at..self.at + 4)?;
        let unit = u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
        self.at += 4;
        Some(unit)
    }

    fn skip_past(&mut self, end: &[u8]) {
        let rest = &self.bytes[self.at..];
        self.at +=
            rest.windows(end.len()).position(|window| window == end).map_or(rest.len(), |found| found + end.len());
    }

    /// Drops a container whose opening bracket has been read.
    fn skip_container(&mut self) {
        let mut depth = 1_usize;
        while depth > 0 {
            let Some(&byte) = self.bytes.get(self.at) else { return };
            self.at += 1;
            match byte {
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                b'"' => drop(self.string()),
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(input: &str, expect: &Value) {
        assert_eq!(parse(input).as_ref(), Some(expect), "{input}");
    }

    #[test]
    fn well_formed_values_come_out_as_they_are() {
        check(
            r#"{"a": [1, -2.5, true, null, "x\u00e9\ud83d\ude00\"y\""], "b": {}}"#,
            &json!({"a": [1, -2.5, true, null, "xé😀\"y\""], "b": {}}),
        );
    }

    #[test]
    fn broken_values_give_what_can_be_had() {
        check("<!-- {\"a\": 1,} -->", &json!({"a": 1}));
        check("//<![CDATA[\n[{\"a\": 1},]\n//]]>", &json!([{"a": 1}]));
        check("/* x */ {\"a\": \"two\nlines\"};", &json!({"a": "two lines"}));
        check(r#"{"a": "she said "no" to it", "b": 2}"#, &json!({"a": "she said \"no\" to it", "b": 2}));
        check(r#"{"a": {"b": "cut of"#, &json!({"a": {"b": "cut of"}}));
        check(r#"{"a": 1} {"b": 2}"#, &json!([{"a": 1}, {"b": 2}]));
        check(r#"{"a": , "b": 2}"#, &json!({"b": 2}));
        check(r#"{"url": "https:\/\/a.example\/it\'s"}"#, &json!({"url": "https://a.example/it's"}));
        assert_eq!(parse("window.x = 1"), None);
    }

    #[test]
    fn depth_and_count_are_bounded() {
        assert!(parse(&"[".repeat(100_000)).is_some());
        assert!(parse(&format!("{}{}", "{\"a\":".repeat(100_000), "}".repeat(100_000))).is_some());
        assert!(parse(&format!("[{}]", "1,".repeat(200_000))).is_some());
    }
}
