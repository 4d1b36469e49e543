//! A statement's text and the types of its parameters, made once and run often.

use std::hash::{BuildHasher, Hash, Hasher, RandomState};
use std::sync::{Arc, OnceLock};

/// The text of a statement and the types of its parameters. A copy is cheap, and so is looking up
/// whether a connection knows it: whoever compiles operations keeps it with them.
#[derive(Clone, Debug)]
pub struct Statement(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    text: Box<str>,
    types: Box<[u32]>,
    hash: u64,
    kept: bool,
}

impl Statement {
    /// A statement that connections keep prepared as long as they have room for it.
    ///
    /// `types` holds the object ids of the parameters' types; 0, or leaving the last ones out, lets
    /// the server infer them.
    pub fn new(text: impl Into<Box<str>>, types: impl Into<Box<[u32]>>) -> Self {
        Self::make(text.into(), types.into(), true)
    }

    /// A statement that no connection keeps, as it is not expected again.
    pub fn once(text: impl Into<Box<str>>, types: impl Into<Box<[u32]>>) -> Self {
        Self::make(text.into(), types.into(), false)
    }

    fn make(text: Box<str>, types: Box<[u32]>, kept: bool) -> Self {
        static KEYS: OnceLock<RandomState> = OnceLock::new();
        let keys = KEYS.get_or_init(RandomState::new);
        let hash = keys.hash_one((&text, &types));
        Self(Arc::new(Inner {
            text,
            types,
            hash,
            kept,
        }))
    }

    /// The text, with `$1` for the first parameter.
    pub fn text(&self) -> &str {
        &self.0.text
    }

    /// The types of the parameters.
    pub fn types(&self) -> &[u32] {
        &self.0.types
    }

    pub(crate) fn is_kept(&self) -> bool {
        self.0.kept
    }

    /// Bytes that it counts for among those that a connection keeps.
    pub(crate) fn size(&self) -> usize {
        self.0.text.len() + 4 * self.0.types.len()
    }
}

impl PartialEq for Statement {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
            || (self.0.hash == other.0.hash
                && self.0.text == other.0.text
                && self.0.types == other.0.types)
    }
}

impl Eq for Statement {}

impl Hash for Statement {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.0.hash);
    }
}
