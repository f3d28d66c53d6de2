//! The trained model: small decision trees over the features of a pair.
//!
//! Pure. Read from a text that people can read (`model/trees.txt`, written by `tests/bench/group/train.py`), never from constants
//! in code.

use std::collections::BTreeSet;

use super::features::{FEATURES, Features};

/// Trees whose sum is the log-odds that two stories tell of the same event.
#[derive(Debug, Clone)]
pub struct Model {
    bias: f32,
    nodes: Vec<Node>,
    trees: Vec<Tree>,
    /// Average probability from which a story joins an event.
    pub(crate) join: f32,
    /// Probability from which a pair by itself is one event: more than to join, since no other members speak too.
    pub(crate) same: f32,
    /// Probability from which two events are merged.
    pub(crate) merge: f32,
}

#[derive(Debug, Clone, Copy)]
struct Tree {
    root: u16,
    /// Steps to the farthest leaf.
    depth: u16,
    /// The most that all trees after it can say together.
    rest: f32,
}

/// A fork, or a leaf: that leads to itself, so that every way through a tree has the same number of steps, and no step is a branch that the processor
/// guesses wrong every other time.
#[derive(Debug, Clone, Copy)]
struct Node {
    feature: u8,
    threshold: f32,
    /// Where to go below or at the threshold, above it, and where the feature is missing (NaN).
    ways: [u16; 3],
    /// Of a leaf.
    value: f32,
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
        for (at, line) in text.lines().enumerate() {
            let words: Vec<&str> = line.split('#').next().unwrap_or_default().split_whitespace().collect();
            let done = match words[..] {
                [] => Some(()),
                ["bias", x] => x.parse().ok().map(|x| model.bias = x),
                ["join", x] => x.parse().ok().map(|x| model.join = x),
                ["same", x] => x.parse().ok().map(|x| model.same = x),
                ["merge", x] => x.parse().ok().map(|x| model.merge = x),
                ["tree"] => model.next_node().map(|root| model.trees.push(Tree { root, depth: 0, rest: 0.0 })),
                ["leaf", x] => x.parse().ok().zip(model.next_node()).map(|(value, own)| {
                    model.nodes.push(Node { feature: 0, threshold: 0.0, ways: [own; 3], value });
                }),
                [feature, threshold, left, right, missing] => {
                    let fork = model.fork(feature, threshold, [left, right, missing]);
                    fork.map(|node| model.nodes.push(node))
                }
                _ => None,
            };
            done.ok_or_else(|| ModelError { line: at + 1, text: line.to_owned() })?;
        }
        let depths: Vec<u16> = model.trees.iter().map(|tree| model.depth(tree.root)).collect();
        model.trees.iter_mut().zip(depths).for_each(|(tree, depth)| tree.depth = depth);
        let (mut rest, mut end) = (0.0, model.nodes.len());
        for tree in model.trees.iter_mut().rev() {
            tree.rest = rest;
            let own = model.nodes.get(usize::from(tree.root)..end).unwrap_or_default();
            // A tree that is cut off says nothing, which is 0.
            rest += own.iter().fold(0.0_f32, |most, node| most.max(node.value));
            end = usize::from(tree.root);
        }
        Ok(model)
    }

    fn empty() -> Self {
        Self { bias: 0.0, nodes: Vec::new(), trees: Vec::new(), join: 0.5, same: 0.5, merge: 0.5 }
    }

    fn next_node(&self) -> Option<u16> {
        u16::try_from(self.nodes.len()).ok()
    }

    fn fork(&self, feature: &str, threshold: &str, ways: [&str; 3]) -> Option<Node> {
        let root = self.trees.last()?.root;
        let [left, right, missing] = ways.map(|way| way.parse::<u16>().ok()?.checked_add(root));
        let feature = u8::try_from(FEATURES.iter().position(|name| *name == feature)?).ok()?;
        Some(Node { feature, threshold: threshold.parse().ok()?, ways: [left?, right?, missing?], value: 0.0 })
    }

    /// How many steps lead from a root to a leaf, whichever way; no more than there are nodes, whatever the text said.
    fn depth(&self, root: u16) -> u16 {
        let mut reached = BTreeSet::from([root]);
        for depth in 0..self.next_node().unwrap_or(u16::MAX) {
            let next: BTreeSet<u16> =
                reached.iter().filter_map(|at| self.nodes.get(usize::from(*at))).flat_map(|node| node.ways).collect();
            if next == reached {
                return depth;
            }
            reached = next;
        }
        0
    }

    /// Log-odds that two stories with these features tell of the same event.
    pub(crate) fn log_odds(&self, features: &Features) -> f32 {
        self.log_odds_from(f32::NEG_INFINITY, features).unwrap_or(self.bias)
    }

    /// [`Model::log_odds`], if they may be `least` or more: the first trees say most, and few stories that share words tell of the same.
    pub(crate) fn log_odds_from(&self, least: f32, features: &Features) -> Option<f32> {
        let mut sum = self.bias;
        for tree in &self.trees {
            sum += self.leaf(*tree, features).unwrap_or(0.0);
            if sum + tree.rest < least {
                return None;
            }
        }
        Some(sum)
    }

    /// What a tree says; nothing where it is cut off.
    fn leaf(&self, tree: Tree, features: &Features) -> Option<f32> {
        let mut node = self.nodes.get(usize::from(tree.root))?;
        for _ in 0..tree.depth {
            let x = *features.get(usize::from(node.feature))?;
            let way = usize::from(x > node.threshold) | usize::from(x.is_nan()) << 1;
            node = self.nodes.get(usize::from(node.ways[way]))?;
        }
        Some(node.value)
    }
}

/// The log-odds of a probability.
pub(crate) fn log_odds(probability: f32) -> f32 {
    (probability / (1.0 - probability)).ln()
}

/// The probability for log-odds.
pub(crate) fn probability(log_odds: f32) -> f32 {
    1.0 / (1.0 + (-log_odds).exp())
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
    fn what_cannot_be_enough_is_not_walked_to_its_end() {
        let model = Model::bundled();
        for at in 0..200_u8 {
            let mut features = [0.0; FEATURES.len()];
            for (place, feature) in (1_u8..).zip(&mut features) {
                *feature = f32::from(at.wrapping_mul(place.wrapping_mul(37))) / 128.0;
            }
            let sum = model.log_odds(&features);
            for least in [sum - 0.1, sum, sum + 0.1, sum + 1.0, sum + 10.0] {
                let found = model.log_odds_from(least, &features);
                assert_eq!(found.is_some(), found == Some(sum), "{least}");
                assert!(found.is_some() || sum < least + 1e-4, "{sum} is {least} or more");
            }
            assert_eq!(model.log_odds_from(sum + 10.0, &features), None);
        }
    }

    #[test]
    fn the_bundled_model_is_sound() {
        let model = Model::parse(include_str!("model/trees.txt")).unwrap();
        assert!(!model.trees.is_empty());
    }

    #[test]
    fn a_tree_that_goes_round_in_circles_or_is_cut_off_says_nothing() {
        let round = ["cosine 1 0 0 0", "cosine 1 1 1 1\ncosine 1 0 0 0", "cosine 1 0 1 1\nleaf 2"];
        for (text, x) in round.map(|text| (text, 0.0)).into_iter().chain([("cosine 1 1 2 2\nleaf 2", 2.0)]) {
            let model = Model::parse(&format!("bias 1\ntree\n{text}")).unwrap();
            assert!((model.log_odds(&[x; FEATURES.len()]) - 1.0).abs() < 1e-6, "{text}");
        }
        assert!(Model::parse("cosine 1 1 1 1").is_err(), "a fork of no tree");
    }

    #[test]
    fn a_broken_line_is_named() {
        let error = Model::parse("bias 0\ntree\nheight 1 1 2 1").unwrap_err();
        assert_eq!(error.to_string(), "line 3 of the model cannot be read: `height 1 1 2 1`; train it again");
    }
}
