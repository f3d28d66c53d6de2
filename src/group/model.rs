//! The trained model: small decision trees over the features of a pair.
//!
//! Pure. Read from a text that people can read (`model/trees.txt`, written by `tests/bench/group/train.py`), never from constants
//! in code.

use super::features::{FEATURES, Features};

/// Trees whose sum is the log-odds that two stories tell of the same event.
#[derive(Debug, Clone)]
pub struct Model {
    bias: f32,
    nodes: Vec<Node>,
    /// Where each tree begins.
    roots: Vec<u16>,
    /// Average probability from which a story joins an event.
    pub(crate) join: f32,
    /// Probability from which a pair by itself is one event: more than to join, since no other members speak too.
    pub(crate) same: f32,
    /// Probability from which two events are merged.
    pub(crate) merge: f32,
}

#[derive(Debug, Clone, Copy)]
enum Node {
    Leaf(f32),
    /// Below or at the threshold go left, above right; where the feature is missing (NaN) as `missing` says.
    Split {
        feature: u8,
        threshold: f32,
        left: u16,
        right: u16,
        missing: u16,
    },
}

/// What is wrong with a model text.
#[derive(Debug, thiserror::Error)]
#[error("line {line} of the model cannot be read: `{text}`; train it again")]
pub struct ModelError {
    line: usize,
    text: String,
}

impl Model {
    /// The model built into the program.
    #[must_use]
    pub fn bundled() -> &'static Self {
        static MODEL: std::sync::LazyLock<Model> = std::sync::LazyLock::new(|| {
            Model::parse(include_str!("model/trees.txt")).unwrap_or_else(|_| Model::empty())
        });
        &MODEL
    }

    /// Reads a model. Lines: `bias X`, `join X`, `same X`, `merge X`, `tree`, and within a tree, numbered from 0, `leaf X` or
    /// `FEATURE X LEFT RIGHT MISSING`. What follows a `#` is comment.
    ///
    /// # Errors
    /// Names the first line that cannot be read.
    pub fn parse(text: &str) -> Result<Self, ModelError> {
        let mut model = Self::empty();
        let mut base = 0;
        for (at, line) in text.lines().enumerate() {
            let words: Vec<&str> = line.split('#').next().unwrap_or_default().split_whitespace().collect();
            let done = match words[..] {
                [] => Some(()),
                ["bias", x] => x.parse().ok().map(|x| model.bias = x),
                ["join", x] => x.parse().ok().map(|x| model.join = x),
                ["same", x] => x.parse().ok().map(|x| model.same = x),
                ["merge", x] => x.parse().ok().map(|x| model.merge = x),
                ["tree"] => u16::try_from(model.nodes.len()).ok().map(|start| {
                    base = start;
                    model.roots.push(start);
                }),
                ["leaf", x] => x.parse().ok().map(|x| model.nodes.push(Node::Leaf(x))),
                [feature, threshold, left, right, missing] => {
                    split(base, feature, threshold, [left, right, missing]).map(|node| model.nodes.push(node))
                }
                _ => None,
            };
            done.ok_or_else(|| ModelError { line: at + 1, text: line.to_owned() })?;
        }
        Ok(model)
    }

    fn empty() -> Self {
        Self { bias: 0.0, nodes: Vec::new(), roots: Vec::new(), join: 0.5, same: 0.5, merge: 0.5 }
    }

    /// Log-odds that two stories with these features tell of the same event.
    pub(crate) fn log_odds(&self, features: &Features) -> f32 {
        self.roots.iter().fold(self.bias, |sum, root| sum + self.leaf(*root, features))
    }

    fn leaf(&self, root: u16, features: &Features) -> f32 {
        let mut at = root;
        // A path cannot be longer than there are nodes, whatever the text said.
        for _ in 0..self.nodes.len() {
            match self.nodes.get(usize::from(at)) {
                Some(&Node::Split { feature, threshold, left, right, missing }) => {
                    let x = features.get(usize::from(feature)).copied().unwrap_or(f32::NAN);
                    at = if x.is_nan() {
                        missing
                    } else if x <= threshold {
                        left
                    } else {
                        right
                    };
                }
                Some(&Node::Leaf(x)) => return x,
                None => return 0.0,
            }
        }
        0.0
    }
}

/// The probability for log-odds.
pub(crate) fn probability(log_odds: f32) -> f32 {
    1.0 / (1.0 + (-log_odds).exp())
}

fn split(base: u16, feature: &str, threshold: &str, targets: [&str; 3]) -> Option<Node> {
    let feature = u8::try_from(FEATURES.iter().position(|name| *name == feature)?).ok()?;
    let [left, right, missing] = targets.map(|t| t.parse::<u16>().ok().and_then(|t| t.checked_add(base)));
    Some(Node::Split { feature, threshold: threshold.parse().ok()?, left: left?, right: right?, missing: missing? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trees_are_walked() {
        let model = Model::parse("bias -1\ntree\ncosine 0.5 1 2 1 # cold\nleaf -0.5\nleaf 2\ntree\nleaf 0.25").unwrap();
        let at = |x: f32| {
            let mut features = [0.0; FEATURES.len()];
            features[0] = x;
            model.log_odds(&features)
        };
        for (x, want) in [(0.4, -1.25), (0.6, 1.25), (f32::NAN, -1.25)] {
            assert!((at(x) - want).abs() < 1e-6, "{x}");
        }
    }

    #[test]
    fn the_bundled_model_is_sound() {
        let model = Model::parse(include_str!("model/trees.txt")).unwrap();
        assert!(!model.roots.is_empty());
    }

    #[test]
    fn a_broken_line_is_named() {
        let error = Model::parse("bias 0\ntree\nheight 1 1 2 1").unwrap_err();
        assert_eq!(error.to_string(), "line 3 of the model cannot be read: `height 1 1 2 1`; train it again");
    }
}
