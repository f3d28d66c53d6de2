//! What is wrong with a configuration, all of it at once.

use std::fmt;
use std::path::PathBuf;

/// One fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Its line in the file; `None` where it comes from the environment.
    pub line: Option<usize>,
    /// The key, dotted.
    pub key: String,
    /// What is wrong and what to do.
    pub message: String,
}

impl Fault {
    pub(super) fn new(message: String) -> Self {
        Self { line: None, key: String::new(), message }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        if !self.key.is_empty() {
            write!(f, "`{}` ", self.key)?;
        }
        f.write_str(&self.message)
    }
}

/// All faults of a configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Faults {
    /// The file; empty where none was found.
    pub file: PathBuf,
    /// In the order of their lines; never empty.
    pub faults: Vec<Fault>,
}

impl Faults {
    pub(super) fn one(message: String) -> Self {
        Self { file: PathBuf::new(), faults: vec![Fault::new(message)] }
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.file.as_os_str().is_empty() {
            f.write_str("bad configuration")?;
        } else {
            write!(f, "bad configuration `{}`", self.file.display())?;
        }
        for fault in &self.faults {
            write!(f, "\n  {fault}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Faults {}
