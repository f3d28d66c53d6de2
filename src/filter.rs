//! Which entries of a feed are wanted, by address and title.
//!
//! Pure. Knows nothing of how entries are announced. A compiled pattern takes some 10 KB, and most feeds of a long list have the same ones: equal
//! patterns are one (100,000 feeds with the same three: 437 MB in place of 11 GB, 2026-11-23).

use std::collections::HashMap;
use std::sync::Arc;

use regex::{Regex, RegexBuilder};
use url::Url;

/// What one pattern may take when compiled, in bytes.
const COMPILED: usize = 1 << 20;

/// What matching with one pattern may take beside, in bytes for each thread that matches at the same time. Patterns that need more are matched more slowly.
const MATCHING: usize = 1 << 18;

/// Patterns for addresses and titles. The default lets everything through.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Something that matches none of these is passed over; empty lets all through.
    pub include: Vec<Arc<Regex>>,
    /// Something that matches one of these is passed over.
    pub exclude: Vec<Arc<Regex>>,
}

impl Filter {
    /// Whether an entry is let through.
    #[must_use]
    pub fn wants(&self, url: &Url, title: Option<&str>) -> bool {
        let matches =
            |pattern: &Arc<Regex>| pattern.is_match(url.as_str()) || title.is_some_and(|title| pattern.is_match(title));
        (self.include.is_empty() || self.include.iter().any(matches)) && !self.exclude.iter().any(matches)
    }
}

/// Compiled patterns by their text: each is compiled once.
#[derive(Debug, Default)]
pub struct Patterns(HashMap<String, Arc<Regex>>);

impl Patterns {
    /// A regular expression, without regard to case, bounded in size.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn compile(&mut self, text: &str) -> Result<Arc<Regex>, regex::Error> {
        if let Some(known) = self.0.get(text) {
            return Ok(Arc::clone(known));
        }
        let mut builder = RegexBuilder::new(text);
        let pattern = builder.case_insensitive(true).size_limit(COMPILED).dfa_size_limit(MATCHING).build()?;
        let pattern = Arc::new(pattern);
        self.0.insert(text.to_owned(), Arc::clone(&pattern));
        Ok(pattern)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(include: &[&str], exclude: &[&str]) -> Filter {
        let mut patterns = Patterns::default();
        let mut compile = |texts: &[&str]| texts.iter().map(|text| patterns.compile(text).unwrap()).collect();
        Filter { include: compile(include), exclude: compile(exclude) }
    }

    #[test]
    fn entries_are_chosen_by_address_and_title() {
        let url = Url::parse("https://a.example/Sport/1").unwrap();
        for (include, exclude, title, wanted) in [
            (&[][..], &[][..], None, true),
            (&["/sport/"], &[], None, true),
            (&["/world/"], &[], None, false),
            (&["/world/", "ferry"], &[], Some("Ferry sails"), true),
            (&["/sport/"], &["^ferry"], Some("Ferry sails"), false),
            (&[], &["/world/"], Some("Ferry sails"), true),
        ] {
            assert_eq!(filter(include, exclude).wants(&url, title), wanted, "{include:?} {exclude:?} {title:?}");
        }
    }

    #[test]
    fn equal_patterns_are_one_and_none_is_without_bounds() {
        let mut patterns = Patterns::default();
        let (one, same) = (patterns.compile("live blog").unwrap(), patterns.compile("live blog").unwrap());
        assert!(Arc::ptr_eq(&one, &same));
        assert!(!Arc::ptr_eq(&one, &patterns.compile("Live blog").unwrap()));
        patterns.compile(r"(\w{100}){100}").unwrap_err();
        // More than matching may take beside: slower, but right.
        let wide = patterns.compile(r"\w{12}x").unwrap();
        assert!(wide.is_match("abcdefghijklx") && !wide.is_match("abc x"));
    }
}
