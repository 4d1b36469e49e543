//! From a request to its parsed document. The request has the text, the hash of a text that was sent
//! before (automatic persisted queries), or the id of a trusted document.

mod hash;
mod manifest;
mod store;
mod trusted;
mod wanted;

use std::fmt::Debug;
use std::sync::Arc;

use async_graphql::parser::types::ExecutableDocument;
use uuid::Uuid;

pub use self::hash::Hash;
pub use self::store::Store;
pub use self::trusted::Trusted;
pub use self::wanted::{Named, Wanted};

use crate::engine::Document;
use crate::error::{Code, Error};
use crate::kept::{self, Kept, Kind};
use crate::session::Session;

/// Which documents run, and those that are known already.
pub struct Documents {
    policy: Policy,
    /// By text: what was parsed, guarded and answered once is not read again. Documents that are
    /// asked for often stay, however many others come once.
    parsed: Kept<Arc<str>, Arc<Document>>,
}

enum Policy {
    /// Every document may run; a hash stands for a text only with a store.
    Any(Option<Store>),
    /// Registered documents alone.
    Trusted(Trusted),
}

/// A document that may run.
#[derive(Debug)]
pub struct Found {
    pub document: Arc<Document>,
    /// Whether the operator registered it.
    pub trusted: bool,
    /// What to remember once it was answered.
    news: News,
}

#[derive(Debug, Default)]
struct News {
    /// The text of a document that was not parsed before.
    text: Option<Arc<str>>,
    /// The text that a hash shall stand for.
    persist: Option<(Uuid, Hash, Arc<str>)>,
}

impl Documents {
    /// Every document runs, and there are no automatic persisted queries.
    pub fn any() -> Self {
        Self::new(Policy::Any(None))
    }

    /// Every document runs, and texts that were sent with their hash are kept in the store.
    pub fn persisted(store: Store) -> Self {
        Self::new(Policy::Any(Some(store)))
    }

    /// Only registered documents run.
    pub fn trusted(trusted: Trusted) -> Self {
        Self::new(Policy::Trusted(trusted))
    }

    fn new(policy: Policy) -> Self {
        Self {
            policy,
            parsed: parsed(kept::BYTES),
        }
    }

    /// Keeps parsed documents within their share of so many bytes.
    #[must_use]
    pub fn keeping(self, bytes: u64) -> Self {
        Self {
            parsed: parsed(bytes),
            ..self
        }
    }

    /// The parsed documents that are kept, with their bytes.
    pub fn kept(&self) -> (impl Debug + '_, u64) {
        (&self.parsed, self.parsed.bytes())
    }

    /// Finds the document that a request names. What stands behind a hash belongs to the workspace
    /// that sent it, so that nobody learns which documents another workspace runs.
    ///
    /// # Errors
    /// `FORBIDDEN` for a document that is not registered where only registered ones run,
    /// `PERSISTED_QUERY_NOT_FOUND` and `PERSISTED_QUERY_NOT_SUPPORTED` as Apollo's clients expect
    /// them, `BAD_REQUEST` for a hash that is none or of another text, and what `read` says of a
    /// text.
    pub fn find(
        &self,
        wanted: &Wanted,
        session: Option<&Session>,
        read: impl FnOnce(&str) -> Result<ExecutableDocument, Error>,
    ) -> Result<Found, Error> {
        let store = match &self.policy {
            Policy::Trusted(trusted) => {
                let document = trusted.find(wanted).ok_or_else(unregistered)?;
                return Ok(Found {
                    document,
                    trusted: true,
                    news: News::default(),
                });
            }
            Policy::Any(store) => store.as_ref(),
        };
        let mut persist = None;
        let stored: Arc<str>;
        let text = match (wanted.text(), wanted.named()) {
            (Some(text), Some(Named::Hash(given))) if store.is_some() => {
                let hash = Hash::parse(given)?;
                if hash != Hash::of(text) {
                    return Err(Error::new(
                        Code::BadRequest,
                        "`extensions.persistedQuery.sha256Hash` is not the SHA-256 of `query`.",
                    ));
                }
                persist = session.map(|session| (session.workspace, hash, text.into()));
                text
            }
            (Some(text), _) => text,
            (None, named) => {
                let hash = match named {
                    Some(Named::Hash(hash)) => hash,
                    Some(Named::Id(id)) => id.strip_prefix("sha256:").ok_or_else(no_documents)?,
                    None => return Err(wanted::nothing()),
                };
                let store = store.ok_or_else(|| {
                    Error::new(
                        Code::PersistedQueryNotSupported,
                        "PersistedQueryNotSupported",
                    )
                })?;
                let hash = Hash::parse(hash)?;
                let text = session.and_then(|session| store.get(session.workspace, hash));
                // Clients compare the message, letter for letter.
                stored = text.ok_or_else(|| {
                    Error::new(Code::PersistedQueryNotFound, "PersistedQueryNotFound")
                })?;
                &*stored
            }
        };
        let (document, text) = match self.parsed.get(text) {
            Some(document) => (document, None),
            None => {
                let parsed = read(text)?;
                let text: Arc<str> = text.into();
                (Arc::new(Document::new(text.clone(), parsed)), Some(text))
            }
        };
        Ok(Found {
            document,
            trusted: false,
            news: News { text, persist },
        })
    }

    /// Remembers a document that was answered, and so is valid.
    pub fn remember(&self, found: Found) {
        let News { text, persist } = found.news;
        if let Some(text) = text.filter(|_| found.document.bytes() <= kept::LARGEST) {
            self.parsed.insert(text, found.document);
        }
        if let (Policy::Any(Some(store)), Some((workspace, hash, text))) = (&self.policy, persist) {
            store.put(workspace, hash, text);
        }
    }
}

fn parsed(bytes: u64) -> Kept<Arc<str>, Arc<Document>> {
    Kept::new(Kind::Document, bytes, |text, document| {
        text.len() + document.bytes()
    })
}

fn unregistered() -> Error {
    Error::new(
        Code::Forbidden,
        "This gateway only executes trusted documents, and this is not one of them; ask its operator to add it to the manifest.",
    )
}

fn no_documents() -> Error {
    Error::new(
        Code::BadRequest,
        "This gateway has no trusted documents; send the text as `query`, or its hash as `sha256:<hex>`.",
    )
}
