//! One table of the configuration while it is read: each key is taken out, what is left over is unknown.

use std::collections::HashMap;

use serde_json::{Map, Value};
use toml::de::{DeTable, DeValue};
use url::Url;

use super::faults::Fault;
use super::secrets::Secrets;
use super::values;
use crate::fetch::FeedHeaders;

/// The line of every key of a file, by dotted path; `feeds.3.name` for the name of the fourth feed.
#[derive(Debug, Default)]
pub(super) struct Lines(HashMap<String, usize>);

impl Lines {
    /// Finds the keys.
    pub(super) fn of(text: &str) -> Result<Self, Fault> {
        let line_at = LineIndex::of(text);
        let document = DeTable::parse(text).map_err(|error| Fault {
            line: error.span().map(|span| line_at.line(span.start)),
            key: String::new(),
            message: error.message().to_owned(),
        })?;
        let mut lines = HashMap::new();
        let mut open: Vec<(String, &DeTable<'_>)> = vec![(String::new(), document.get_ref())];
        while let Some((path, table)) = open.pop() {
            for (key, value) in table {
                let path =
                    if path.is_empty() { key.get_ref().to_string() } else { format!("{path}.{}", key.get_ref()) };
                lines.insert(path.clone(), line_at.line(key.span().start));
                match value.get_ref() {
                    DeValue::Table(table) => open.push((path, table)),
                    DeValue::Array(array) => {
                        for (place, value) in array.iter().enumerate() {
                            let path = format!("{path}.{place}");
                            lines.insert(path.clone(), line_at.line(value.span().start));
                            if let DeValue::Table(table) = value.get_ref() {
                                open.push((path, table));
                            }
                        }
                    }
                    _ => {}
                }
            }
        }
        Ok(Self(lines))
    }
}

struct LineIndex(Vec<usize>);

impl LineIndex {
    fn of(text: &str) -> Self {
        Self(text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at).collect())
    }

    fn line(&self, offset: usize) -> usize {
        self.0.partition_point(|&newline| newline < offset) + 1
    }
}

/// One table.
#[derive(Debug)]
pub(super) struct Section<'a> {
    path: String,
    values: Map<String, Value>,
    lines: &'a Lines,
    known: Vec<&'static str>,
}

impl<'a> Section<'a> {
    pub(super) fn root(value: Value, lines: &'a Lines) -> Self {
        let values = if let Value::Object(values) = value { values } else { Map::new() };
        Self { path: String::new(), values, lines, known: Vec::new() }
    }

    fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    /// The line of a key, or of the table where the key is not in the file.
    pub(super) fn line(&self, key: &str) -> Option<usize> {
        self.lines.0.get(&self.path_of(key)).or_else(|| self.lines.0.get(&self.path)).copied()
    }

    /// A fault of one key. The number of a feed says nothing to a person: the line does.
    pub(super) fn fault(&self, key: &str, message: impl Into<String>) -> Fault {
        let path: Vec<String> = self
            .path_of(key)
            .split('.')
            .filter(|part| !part.bytes().all(|byte| byte.is_ascii_digit()))
            .map(str::to_owned)
            .collect();
        Fault { line: self.line(key), key: path.join("."), message: message.into() }
    }

    fn take(&mut self, key: &'static str) -> Option<Value> {
        self.known.push(key);
        self.values.remove(key).filter(|value| !value.is_null())
    }

    /// A checked value; a fault reads as absent.
    pub(super) fn parsed<T>(
        &mut self,
        key: &'static str,
        check: impl Fn(&Value) -> Result<T, String>,
        faults: &mut Vec<Fault>,
    ) -> Option<T> {
        let value = self.take(key)?;
        check(&value).map_err(|message| faults.push(self.fault(key, message))).ok()
    }

    pub(super) fn required<T>(
        &mut self,
        key: &'static str,
        check: impl Fn(&Value) -> Result<T, String>,
        faults: &mut Vec<Fault>,
    ) -> Option<T> {
        if self.values.get(key).is_none_or(Value::is_null) {
            self.take(key);
            faults.push(self.fault(key, "is missing"));
            return None;
        }
        self.parsed(key, check, faults)
    }

    pub(super) fn text(&mut self, key: &'static str, faults: &mut Vec<Fault>) -> Option<String> {
        self.parsed(key, values::name, faults)
    }

    pub(super) fn flag(&mut self, key: &'static str, faults: &mut Vec<Fault>) -> Option<bool> {
        self.parsed(key, |value| value.as_bool().ok_or_else(|| format!("is {value}, not true or false")), faults)
    }

    /// A list of texts, each checked. One text stands for a list of one, so that the environment can give it.
    pub(super) fn list<T>(
        &mut self,
        key: &'static str,
        mut check: impl FnMut(&str) -> Result<T, String>,
        faults: &mut Vec<Fault>,
    ) -> Option<Vec<T>> {
        let items = match self.take(key)? {
            Value::Array(items) => items,
            Value::String(one) => one.split(',').map(|item| item.trim().into()).collect(),
            other => {
                faults.push(self.fault(key, format!("is {}, not a list of texts", values::kind(&other))));
                return None;
            }
        };
        let mut checked = Vec::with_capacity(items.len());
        for item in &items {
            match item.as_str().ok_or_else(|| format!("holds {item}, not text in quotes")).and_then(&mut check) {
                Ok(item) => checked.push(item),
                Err(message) => faults.push(self.fault(key, message)),
            }
        }
        Some(checked)
    }

    pub(super) fn headers(
        &mut self,
        key: &'static str,
        origin: Option<&Url>,
        secrets: &mut Secrets,
        faults: &mut Vec<Fault>,
    ) -> Option<FeedHeaders> {
        let value = match self.take(key) {
            Some(value) => value,
            // A user name and password in the address become a header too: addresses are logged and stored.
            None if origin.is_some_and(|url| !url.username().is_empty() || url.password().is_some()) => {
                Value::Object(Map::new())
            }
            None => return None,
        };
        let Value::Object(table) = value else {
            faults.push(
                self.fault(key, format!("is {}, not a table such as {{ \"X-Token\" = \"…\" }}", values::kind(&value))),
            );
            return None;
        };
        let mut pairs = Vec::with_capacity(table.len());
        for (name, value) in &table {
            match self.header_value(key, value, secrets) {
                Ok(Some(value)) => pairs.push((name.clone(), value)),
                Ok(None) => {}
                Err(message) => faults.push(self.fault(key, format!("has a value for `{name}` that {message}"))),
            }
        }
        FeedHeaders::new(origin?, pairs).map_err(|error| faults.push(self.fault(key, error.to_string()))).ok()
    }

    /// A header's value: text, or `{ credential = "NAME" }`; `None` where the credential is withheld.
    fn header_value(&self, key: &str, value: &Value, secrets: &mut Secrets) -> Result<Option<String>, String> {
        match value {
            Value::String(text) => Ok(Some(text.clone())),
            Value::Object(table) if table.len() == 1 => match table.get("credential").and_then(Value::as_str) {
                Some(name) => secrets.read(name, |message| self.fault(key, message)),
                None => Err("is a table, but not { credential = \"NAME\" }".to_owned()),
            },
            other => Err(format!("is {}, not text or {{ credential = \"NAME\" }}", values::kind(other))),
        }
    }

    /// A table below this one; empty where it is absent.
    pub(super) fn table(&mut self, key: &'static str, faults: &mut Vec<Fault>) -> Section<'a> {
        let values = match self.take(key) {
            Some(Value::Object(values)) => values,
            None => Map::new(),
            Some(other) => {
                faults.push(self.fault(key, format!("is {}, not a table [{key}]", values::kind(&other))));
                Map::new()
            }
        };
        Section { path: self.path_of(key), values, lines: self.lines, known: Vec::new() }
    }

    /// An array of tables below this one.
    pub(super) fn tables(&mut self, key: &'static str, faults: &mut Vec<Fault>) -> Vec<Section<'a>> {
        let items = match self.take(key) {
            Some(Value::Array(items)) => items,
            None => Vec::new(),
            Some(other) => {
                faults.push(self.fault(key, format!("is {}, not a list of tables [[{key}]]", values::kind(&other))));
                Vec::new()
            }
        };
        let mut sections = Vec::with_capacity(items.len());
        for (place, item) in items.into_iter().enumerate() {
            let path = format!("{}.{place}", self.path_of(key));
            match item {
                Value::Object(values) => sections.push(Section { path, values, lines: self.lines, known: Vec::new() }),
                other => faults.push(self.fault(key, format!("holds {}, not a table [[{key}]]", values::kind(&other)))),
            }
        }
        sections
    }

    /// Whatever was not taken is unknown.
    pub(super) fn finish(self, faults: &mut Vec<Fault>) {
        for key in self.values.keys() {
            let nearest =
                self.known.iter().max_by(|a, b| strsim::jaro_winkler(key, a).total_cmp(&strsim::jaro_winkler(key, b)));
            let hint = match nearest {
                Some(nearest) if strsim::jaro_winkler(key, nearest) > 0.7 => {
                    format!("is not known; did you mean `{nearest}`?")
                }
                _ => format!("is not known; known here: {}", self.known.join(", ")),
            };
            faults.push(self.fault(key, hint));
        }
    }
}
