//! Documents of the operator's manifest; each one was validated at the start.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use super::hash::Hash;
use super::manifest::{self, Entry};
use super::wanted::{Named, Wanted};
use crate::engine::{Document, Engine};
use crate::error::Error;
use crate::guard;

/// The registered documents.
pub struct Trusted {
    by_id: HashMap<String, Arc<Document>>,
    by_hash: HashMap<Hash, Arc<Document>>,
}

impl Trusted {
    /// Reads a file of documents and validates each.
    ///
    /// # Errors
    /// A sentence with the file, the id of the document and the line in it.
    pub async fn open(path: &Path, engine: &Engine) -> Result<Self, String> {
        let name = path.display();
        let json = std::fs::read_to_string(path)
            .map_err(|error| format!("cannot read the documents in {name}: {error}"))?;
        Self::parse(&json, engine)
            .await
            .map_err(|error| format!("the documents in {name} cannot be used: {error}"))
    }

    /// Reads the text of a manifest.
    ///
    /// # Errors
    /// A sentence with the id of the document and the line in it.
    pub async fn parse(json: &str, engine: &Engine) -> Result<Self, String> {
        let mut trusted = Self {
            by_id: HashMap::new(),
            by_hash: HashMap::new(),
        };
        for Entry { id, text } in manifest::parse(json)? {
            let parsed = guard::read(&text, engine.limits()).map_err(|error| wrong(&id, &error))?;
            let hash = Hash::of(&text);
            let document = Document::new(text.into(), parsed);
            engine.check_all(&document).await.map_err(|errors| {
                let first = errors.first().map(|error| wrong(&id, error));
                first.unwrap_or_else(|| format!("the document `{id}` is not valid"))
            })?;
            let document = Arc::new(document);
            trusted.by_hash.insert(hash, document.clone());
            trusted.by_id.insert(id, document);
        }
        Ok(trusted)
    }

    /// The names of all operations.
    pub fn operation_names(&self) -> HashSet<String> {
        let documents = self.by_id.values();
        let names = documents.flat_map(|document| document.parsed().operations.iter());
        names
            .filter_map(|(name, _)| name.map(ToString::to_string))
            .collect()
    }

    /// How many documents there are.
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// The document that a request names by id, by hash, or by the very text. Apollo's clients
    /// send an id of the manifest where the hash stands, so both are looked for there.
    pub fn find(&self, wanted: &Wanted) -> Option<Arc<Document>> {
        let document = match (wanted.text(), wanted.named()) {
            (Some(text), _) => self.by_hash.get(&Hash::of(text)),
            (None, Some(Named::Id(id) | Named::Hash(id))) => self.by_id.get(id).or_else(|| {
                let hash = Hash::read(id.strip_prefix("sha256:").unwrap_or(id))?;
                self.by_hash.get(&hash)
            }),
            (None, None) => None,
        };
        document.cloned()
    }
}

fn wrong(id: &str, error: &Error) -> String {
    let line = match error.locations.first() {
        Some(location) => format!(", line {} of its text", location.line),
        None => String::new(),
    };
    let hint = match &error.hint {
        Some(hint) => format!(" {}", hint.0),
        None => String::new(),
    };
    format!("the document `{id}`{line}: {}{hint}", error.message)
}
