//! The little template language of the bundled press: `{{name}}`, and `{{#name}}…{{/name}}` for lists and for text that may be missing.
//!
//! Pure. Values are put in as they are: whoever fills a template escapes for HTML, XML or JSON. Templates are our own,
//! so a name nobody set stays visible in the output, where a test finds it.

use std::collections::HashMap;

/// What stands behind a name.
#[derive(Debug, Clone)]
pub(super) enum Value {
    Text(String),
    List(Vec<Values>),
}

/// The names a template may use.
pub(super) type Values = HashMap<&'static str, Value>;

/// Fills `template` from `values`.
pub(super) fn render(template: &str, values: &Values) -> String {
    let mut out = String::with_capacity(template.len() * 2);
    fill(template, &[values], &mut out);
    out
}

/// Text that is safe between tags and inside quoted attributes, in HTML and in XML.
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Makes [`Values`] from names and texts.
pub(super) fn texts<const N: usize>(pairs: [(&'static str, String); N]) -> Values {
    pairs.into_iter().map(|(name, text)| (name, Value::Text(text))).collect()
}

fn fill(template: &str, scopes: &[&Values], out: &mut String) {
    let mut rest = template;
    while let Some((before, tagged)) = rest.split_once("{{") {
        out.push_str(before);
        let Some((tag, after)) = tagged.split_once("}}") else { break };
        rest = after;
        let section = tag
            .strip_prefix('#')
            .and_then(|name| after.split_once(&format!("{{{{/{name}}}}}")).map(|parts| (name, parts)));
        if let Some((name, (inner, after))) = section {
            rest = after;
            match find(name, scopes) {
                Some(Value::Text(text)) if text.is_empty() => {}
                Some(Value::Text(_)) => fill(inner, scopes, out),
                Some(Value::List(items)) => {
                    for item in items {
                        fill(inner, &[scopes, &[item]].concat(), out);
                    }
                }
                None => out.extend(["{{#", name, "}}"]),
            }
        } else if let Some(Value::Text(text)) = find(tag, scopes) {
            out.push_str(text);
        } else {
            out.extend(["{{", tag, "}}"]);
        }
    }
    out.push_str(rest);
}

fn find<'a>(name: &str, scopes: &[&'a Values]) -> Option<&'a Value> {
    scopes.iter().rev().find_map(|values| values.get(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(template: &str, want: &str) {
        let mut values = texts([("title", "Tide".to_owned()), ("subtitle", String::new())]);
        let item = |name: &str| {
            texts([("name", name.to_owned()), ("last", if name == "B" { "!".to_owned() } else { String::new() })])
        };
        values.insert("authors", Value::List(vec![item("A"), item("B")]));
        assert_eq!(render(template, &values), want);
    }

    #[test]
    fn templates_are_filled() {
        check("<h1>{{title}}</h1>", "<h1>Tide</h1>");
        check("a{{#subtitle}}<p>{{subtitle}}</p>{{/subtitle}}b", "ab");
        check("{{#title}}<b>{{title}}</b>{{/title}}", "<b>Tide</b>");
        check("{{#authors}}{{name}} of {{title}}{{#last}}{{last}}{{/last}};{{/authors}}", "A of Tide;B of Tide!;");
    }

    #[test]
    fn an_unknown_name_stays_visible() {
        check("x {{nobody}} y {{#nothing}}z", "x {{nobody}} y {{#nothing}}z");
    }
}
