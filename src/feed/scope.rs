//! What a tag declares for itself and what it holds: namespaces, base addresses, language.

use url::Url;

use super::entity::decode;
use super::names::{Namespace, namespace_of, usual_namespace};
use super::xml::Tag;

/// Namespace declarations in force at once; more are not looked at.
const MAX_BINDINGS: usize = 64;
/// Longest `xml:base` that is believed: every relative address below it costs its length.
const MAX_BASE_BYTES: usize = 2048;

/// The declarations in force at some place of a document.
#[derive(Debug)]
pub(super) struct Scope<'a> {
    document: &'a Url,
    bindings: Vec<Binding<'a>>,
    bases: Vec<(usize, Url)>,
}

/// A prefix and what it is bound to (`None`: an unknown namespace), since which depth.
#[derive(Debug)]
struct Binding<'a> {
    depth: usize,
    prefix: &'a str,
    namespace: Option<Namespace>,
}

impl<'a> Scope<'a> {
    /// Nothing declared; addresses start at the document's own.
    pub(super) fn new(document: &'a Url) -> Self {
        Self { document, bindings: Vec::new(), bases: Vec::new() }
    }

    /// Where relative addresses start.
    pub(super) fn base(&self) -> &Url {
        self.bases.last().map_or(self.document, |(_, base)| base)
    }

    /// Takes in `xmlns`, `xml:base` and `xml:lang`; returns the language.
    pub(super) fn enter(&mut self, tag: &Tag<'a>, depth: usize) -> Option<String> {
        let mut language = None;
        if tag.is_bare() {
            return None;
        }
        for (name, value) in tag.attributes() {
            let Some(rest) = name.strip_prefix("xml") else { continue };
            match rest {
                ":base" => {
                    if let Some(Ok(base)) =
                        (value.len() <= MAX_BASE_BYTES).then(|| self.base().join(decode(value).trim()))
                    {
                        self.bases.push((depth, base));
                    }
                }
                ":lang" => language = Some(decode(value).trim().to_owned()).filter(|language| !language.is_empty()),
                _ => {
                    let prefix = rest.strip_prefix("ns").map(|rest| rest.strip_prefix(':').unwrap_or(rest));
                    if let Some(prefix) = prefix.filter(|_| self.bindings.len() < MAX_BINDINGS) {
                        self.bindings.push(Binding { depth, prefix, namespace: namespace_of(value) });
                    }
                }
            }
        }
        language
    }

    /// Forgets what was declared at `depth` or deeper.
    pub(super) fn leave(&mut self, depth: usize) {
        while self.bindings.last().is_some_and(|binding| binding.depth >= depth) {
            self.bindings.pop();
        }
        while self.bases.last().is_some_and(|(since, _)| *since >= depth) {
            self.bases.pop();
        }
    }

    /// What a prefix stands for here.
    pub(super) fn namespace(&self, prefix: &str) -> Namespace {
        match self.bindings.iter().rfind(|binding| binding.prefix == prefix) {
            Some(binding) => binding.namespace.unwrap_or(Namespace::Other),
            None => usual_namespace(prefix),
        }
    }

    /// Makes the namespace of a feed's root the core namespace, whatever its address.
    pub(super) fn claim(&mut self, prefix: &str) {
        for binding in self.bindings.iter_mut().filter(|binding| binding.prefix == prefix) {
            if binding.namespace != Some(Namespace::Atom) {
                binding.namespace = Some(Namespace::Core);
            }
        }
    }
}
