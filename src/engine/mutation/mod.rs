//! Mutations: rows of every table are created, changed and deleted.
//!
//! An operation runs in one transaction. Each root field reads its input, writes, and has what its
//! payload asks for read by the engine, in the order of the document. Expected failures stand in the
//! payload and roll everything back.

mod cell;
mod change;
mod compile;
mod duplicates;
mod input_schema;
mod key;
mod operation;
mod payload;
mod payload_schema;
mod problem;
mod read;
mod replay;
mod row;
mod run;
mod schema;
mod transaction;

use std::ops::Range;

use foldhash::fast::RandomState;

use super::catalog::{Command, Kind, TableId};
use super::names::names;
use super::plan::{Arguments, NodeIndex, OutputField, Statement};
use super::root::RootFields;
use super::row::One;
use crate::error::Location;

pub use self::compile::{Mutations, compile};
pub use self::input_schema::CONSTRAINT_SDL;
pub use self::key::version_text;
pub use self::operation::{DRY_RUN, IDEMPOTENT, KEY, is_dry, sdl, strip, tell};
pub use self::schema::{MUTATION, register, writes};
pub use self::transaction::{Writing, execute};

/// Those of ids, of which a mutation may have many.
type HashMap<K, V> = std::collections::HashMap<K, V, RandomState>;
type HashSet<K> = std::collections::HashSet<K, RandomState>;

/// The one argument of every mutation.
pub const INPUT: &str = "input";

names! {
    /// The fields of inputs beside those of rows.
    InputField {
        By = "by",
        Patch = "patch",
        Change = "change",
        ExpectedVersion = "expectedVersion",
        Where = "where",
        Max = "max",
        ErrorPolicy = "errorPolicy",
        OnConflict = "onConflict",
    }
}

names! {
    /// What a bulk create does with rows that cannot be created.
    #[derive(Default)]
    ErrorPolicy {
        #[default]
        RejectAll = "REJECT_ALL",
        SkipFailed = "SKIP_FAILED",
    }
}

names! {
    /// The ways to say which row a new one refers to.
    RefField { Connect = "connect", Create = "create", ConnectOrCreate = "connectOrCreate" }
}

names! {
    /// What an update does with the children of a row.
    ChildrenField { Create = "create", Update = "update", Delete = "delete" }
}

names! {
    /// The fields of a payload beside the row.
    PayloadField {
        Created = "created",
        Results = "results",
        Count = "count",
        Errors = "errors",
        Changed = "changed",
        ChangedMore = "changedMore",
        Query = "query",
    }
}

names! {
    /// The fields of a result of a bulk mutation beside the row.
    ResultField { Index = "index", Errors = "errors" }
}

names! {
    /// The fields of a row that was touched.
    ChangeField { Type = "type", NodeId = "nodeId", Kind = "kind" }
}

names! {
    /// The fields of errors.
    ErrorField {
        Code = "code",
        Message = "message",
        Path = "path",
        Fields = "fields",
        CurrentVersion = "currentVersion",
        Current = "current",
        Because = "because",
    }
}

/// A root field of a mutation.
#[derive(Debug)]
pub struct RootMutation {
    /// The response key.
    pub key: String,
    pub location: Location,
    pub what: RootWhat,
}

/// What a root field does.
#[derive(Debug)]
pub enum RootWhat {
    TypeName,
    Write(Box<Compiled>),
}

/// A mutation of a table.
#[derive(Debug)]
pub struct Compiled {
    pub table: TableId,
    pub command: Command,
    pub arguments: Arguments,
    /// The argument of `@idempotent`.
    pub idempotent: Option<async_graphql_value::Value>,
    pub payload: PayloadFields,
    pub statements: Vec<Statement>,
    pub lists: usize,
}

/// The fields that are asked of a payload.
pub type PayloadFields = Vec<OutputField<PayloadPart>>;

/// A field of a payload.
#[derive(Debug)]
pub enum PayloadPart {
    /// The row, by its key.
    Row(Box<RowOf>),
    Created,
    Count,
    Results(Vec<OutputField<ResultPart>>),
    Errors(ErrorFields),
    Changed(Vec<OutputField<ChangeField>>),
    ChangedMore,
    /// What is asked of the root, and which nodes read it.
    Query(RootFields, Range<NodeIndex>),
}

/// A field of a result.
#[derive(Debug)]
pub enum ResultPart {
    Index,
    Row(Box<RowOf>),
    Errors(ErrorFields),
}

/// What is asked of written rows, and where their keys stand.
#[derive(Debug)]
pub struct RowOf {
    one: One,
    key: Vec<(usize, Kind)>,
}

/// What is asked of errors, by their type.
#[derive(Debug)]
pub struct ErrorFields(Vec<(problem::ErrorType, Vec<OutputField<ErrorPart>>)>);

/// A field of an error.
#[derive(Debug)]
pub enum ErrorPart {
    Plain(ErrorField),
    /// The row as it is now.
    Current(Box<RowOf>),
}
