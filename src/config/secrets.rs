//! Secrets that the configuration names instead of holding: files in `$CREDENTIALS_DIRECTORY`, which systemd's `LoadCredential=` fills.

use std::path::{Path, PathBuf};

use super::faults::Fault;

/// A secret longer than this is none: headers are cut at less by most servers.
const MAX_BYTES: u64 = 8 * 1024;

/// Where `LoadCredential=dateline:FOLDER` puts the file NAME of a folder: `dateline_NAME`.
const FOLDER_PREFIX: &str = "dateline_";

/// Where secrets are found, and those that were asked for where they cannot be.
#[derive(Debug, Default)]
pub(super) struct Secrets {
    folder: Option<PathBuf>,
    /// One fault for each secret asked for while there was no folder: only a command that fetches needs them.
    pub(super) withheld: Vec<Fault>,
}

impl Secrets {
    /// Secrets of this folder; without one, all are withheld.
    pub(super) fn of(folder: Option<PathBuf>) -> Self {
        Self { folder, withheld: Vec::new() }
    }

    /// The secret of this name; `None` where it is withheld. What is told of a fault never holds the secret.
    pub(super) fn read(&mut self, name: &str, fault: impl FnOnce(String) -> Fault) -> Result<Option<String>, String> {
        if name.is_empty()
            || name.starts_with('.')
            || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
        {
            return Err(format!("names the credential `{name}`; a name has letters, digits, `.`, `_` and `-`"));
        }
        let Some(folder) = &self.folder else {
            self.withheld.push(fault(format!(
                "names the credential `{name}`, but $CREDENTIALS_DIRECTORY is not set; the service has it from `LoadCredential=`, elsewhere \
                 set it to the folder of the secrets"
            )));
            return Ok(None);
        };
        let paths = [folder.join(name), folder.join(format!("{FOLDER_PREFIX}{name}"))];
        let Some(path) = paths.iter().find(|path| path.is_file()) else {
            return Err(format!("names the credential `{name}`, which is not in `{}`", folder.display()));
        };
        let secret = text(path).map_err(|why| format!("names the credential `{name}`, but its file {why}"))?;
        Ok(Some(secret))
    }
}

fn text(path: &Path) -> Result<String, String> {
    let length = std::fs::metadata(path).map_err(|error| format!("cannot be read: {error}"))?.len();
    if length > MAX_BYTES {
        return Err(format!("has {length} bytes, too many for a header"));
    }
    let text = std::fs::read_to_string(path).map_err(|error| format!("cannot be read: {error}"))?;
    let secret = text.trim_end_matches(['\r', '\n']);
    if secret.is_empty() { Err("is empty".to_owned()) } else { Ok(secret.to_owned()) }
}
