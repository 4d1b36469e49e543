//! Compiled operations: what was checked and compiled once serves every later request that differs
//! in values alone.
//!
//! They are shared by all callers. An entry is made of the document, the schema of a role and the
//! input that [`Inputs`](super::plan::Inputs) names; the compiler sees nothing else of a request.

use std::sync::Arc;

use super::mutation::{Mutations, RootMutation};
use super::plan::{Parts, SettledKey, Statement};
use super::root::RootFields;
use crate::kept::{Kept, Kind, LARGEST};
use crate::session::Role;

/// What a compiled operation was made of.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// The document's id.
    pub document: u64,
    /// Which of its operations.
    pub operation: usize,
    /// Of the schema, the least role that has it.
    pub schema: Role,
    pub settled: SettledKey,
}

/// An operation that a schema allows.
#[derive(Debug)]
pub struct Compiled {
    pub fields: RootFields,
    pub statements: Vec<Statement>,
    /// How many lists there are among the fields.
    pub lists: usize,
    /// The fields of a mutation, which has no others.
    pub mutation: Option<Mutation>,
    bytes: usize,
    fails: bool,
}

/// What a mutation operation does.
#[derive(Debug)]
pub struct Mutation {
    pub roots: Vec<RootMutation>,
    /// Whether it writes nothing in the end.
    pub dry: bool,
}

impl Compiled {
    /// A compiled mutation.
    pub fn mutation(compiled: Mutations, dry: bool) -> Self {
        Self {
            fields: Vec::new(),
            statements: Vec::new(),
            lists: 0,
            mutation: Some(Mutation {
                roots: compiled.roots,
                dry,
            }),
            bytes: compiled.bytes,
            fails: compiled.fails,
        }
    }
}

impl From<(RootFields, Parts)> for Compiled {
    fn from((fields, parts): (RootFields, Parts)) -> Self {
        Self {
            fields,
            statements: parts.statements,
            lists: parts.lists,
            mutation: None,
            bytes: parts.bytes,
            fails: parts.fails,
        }
    }
}

/// The operations that are kept.
#[derive(Clone, Debug)]
pub struct Operations {
    kept: Kept<Key, Arc<Compiled>>,
}

impl Operations {
    pub fn new(bytes: u64) -> Self {
        let weigh = |key: &Key, compiled: &Arc<Compiled>| {
            size_of::<Key>() + key.settled.bytes() + size_of::<Compiled>() + compiled.bytes
        };
        Self {
            kept: Kept::new(Kind::Operation, bytes, weigh),
        }
    }

    pub fn get(&self, key: &Key) -> Option<Arc<Compiled>> {
        self.kept.get(key)
    }

    /// Keeps an operation that a request can succeed with.
    pub fn keep(&self, key: Key, compiled: &Arc<Compiled>) {
        if !compiled.fails && key.settled.bytes() + compiled.bytes <= LARGEST {
            self.kept.insert(key, Arc::clone(compiled));
        }
    }

    /// Bytes of all that are kept.
    pub fn bytes(&self) -> u64 {
        self.kept.bytes()
    }
}
