//! Groups: the rows of a list that have equal keys, with values about each group and its rows.

mod by;
mod compile;
mod plan;
mod schema;
mod write;

use std::sync::Arc;

use super::aggregate::AggregatePart;
use super::catalog::Kind;
use super::connection::{Connection, PageInfoField};
use super::names::names;
use super::plan::{Arguments, ListIndex, NodeIndex, OutputField};
use super::select::{GroupKey, Term};

pub use self::by::BY;
pub use self::compile::compile;
pub use self::plan::plan;
pub use self::schema::{
    bucket_unit, date_bucket, date_time_bucket, fill, group, group_by, group_connection, group_key,
    group_order, groups_field,
};
pub use self::write::write;

/// The argument that asks for groups without rows.
pub const FILL: &str = "fill";

names! {
    /// The arguments of the field `groups`.
    GroupArgument {
        By = BY,
        Having = "having",
        OrderBy = super::order::ARGUMENT,
        Fill = FILL,
        First = "first",
        After = "after",
    }
}

names! { GroupsField { Nodes = "nodes", PageInfo = "pageInfo", TotalCount = "totalCount" } }

names! { Fill { Zero = "ZERO" } }

/// The keys of a group.
const KEY: &str = "key";
/// The rows of a group.
const ROWS: &str = "rows";

/// Whether a column of this name has no value about it in groups, which have a field of their own
/// by that name.
fn is_taken(field: &str) -> bool {
    [KEY, ROWS].contains(&field)
}

/// Compiled groups of a list; `R` is what is asked of each row.
#[derive(Debug)]
pub struct Grouped<R> {
    index: ListIndex,
    arguments: Arguments,
    order: Arc<[Term]>,
    keys: Arc<[GroupKey]>,
    /// What the groups are by, for their cursors.
    by: String,
    /// The node of the groups; none when they are only counted.
    node: Option<NodeIndex>,
    /// Columns in front of the values about a group, beside the key of a parent.
    before_values: usize,
    /// Whether the last column says that missing groups could be filled in.
    fill: bool,
    /// Whether one group more is read to know whether there are more.
    peeks: bool,
    /// Positions of what the order is by, where cursors are asked for.
    cursor: Option<Arc<[(usize, Kind)]>>,
    fields: Vec<OutputField<GroupsPart<R>>>,
}

/// A field of a page of groups.
#[derive(Debug)]
enum GroupsPart<R> {
    Nodes(Vec<OutputField<GroupPart<R>>>),
    PageInfo(Vec<OutputField<PageInfoField>>),
    TotalCount(NodeIndex),
}

/// A field of a group.
#[derive(Debug)]
enum GroupPart<R> {
    Key(Vec<OutputField<KeyPart>>),
    Value(AggregatePart),
    Rows(Box<Connection<R>>),
}

/// A key of a group, or those that belong to a related row.
#[derive(Debug)]
enum KeyPart {
    Value { index: usize, kind: Kind },
    Related(Vec<OutputField<KeyPart>>),
}
