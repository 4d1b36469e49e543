//! Settings of documents: which ones are executed, whether introspection is allowed, and how much is
//! kept of them.

use std::path::PathBuf;

use super::section::section;
use crate::kept;

section! {
    /// Flags of documents.
    #[command(next_help_heading = "Document settings")]
    pub struct DocumentFlags {
        /// Manifest of trusted documents; no other document is executed then.
        #[arg(long, global = true, env = "TESSERA_DOCUMENTS", value_name = "FILE")]
        documents: PathBuf,
        /// Automatic persisted queries: clients may send the hash of a query that was sent before
        /// [default: true].
        #[arg(long, global = true, env = "TESSERA_APQ", value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
        apq: bool,
        /// Allow introspection, and suggestions of names in errors [default: only in development
        /// mode].
        #[arg(long, global = true, env = "TESSERA_INTROSPECTION", value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
        introspection: bool,
        /// Maximum memory for parsed documents, compiled operations and texts of statements, in
        /// bytes [default: 67108864].
        #[arg(long, global = true, env = "TESSERA_MAX_KEPT_BYTES", value_name = "BYTES")]
        max_kept_bytes: u64,
    }
}

/// Checked settings of documents.
#[derive(Clone, Debug)]
pub struct DocumentSettings {
    /// The manifest; none where every document may run.
    pub manifest: Option<PathBuf>,
    pub apq: bool,
    pub introspection: bool,
    pub max_kept_bytes: u64,
}

impl DocumentFlags {
    pub(super) fn check(self, development: bool) -> Result<DocumentSettings, String> {
        Ok(DocumentSettings {
            manifest: self.documents.filter(|file| !file.as_os_str().is_empty()),
            apq: self.apq.unwrap_or(true),
            introspection: self.introspection.unwrap_or(development),
            max_kept_bytes: super::between(
                "max_kept_bytes",
                self.max_kept_bytes,
                kept::BYTES,
                1024 * 1024..=16 * 1024 * 1024 * 1024,
            )?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn introspection_is_for_development_unless_it_is_set() {
        for (set, development, expected) in [
            (None, true, true),
            (None, false, false),
            (Some(false), true, false),
            (Some(true), false, true),
        ] {
            let flags = DocumentFlags {
                introspection: set,
                ..DocumentFlags::default()
            };
            let settings = flags.check(development).unwrap();
            assert_eq!(settings.introspection, expected);
        }
    }

    #[test]
    fn an_empty_variable_names_no_manifest() {
        let flags = |file: &str| DocumentFlags {
            documents: Some(file.into()),
            ..DocumentFlags::default()
        };
        let manifest = |file| flags(file).check(false).unwrap().manifest;
        assert_eq!(manifest(""), None);
        assert_eq!(manifest("a.json"), Some("a.json".into()));
    }
}
