//! Filters: which rows a list contains.

mod absent;
mod read;
mod related;
mod schema;

use super::names::names;

pub use self::absent::{check as check_absent, check_operators};
pub use self::read::{parse, read};
pub use self::related::aggregates;
pub use self::schema::{
    aggregate_filter, aggregate_filter_name, filter, filter_name, functions_filter, operators,
    text_mode, to_many_filter,
};

/// The argument of lists that takes a filter.
pub const ARGUMENT: &str = "where";

names! {
    /// The fields of a filter beside those of its table.
    Combinator { And = "and", Or = "or", Not = "not" }
}

names! {
    /// The fields of a filter on the rows that a to-many relation leads to, beside `aggregate`.
    ForRows { Some = "some", None = "none", Every = "every" }
}

/// The field of text operators that says how they compare.
const MODE: &str = "mode";

names! { TextMode { Default = "DEFAULT", Insensitive = "INSENSITIVE" } }

/// The field of a filter on a place inside a JSON document that leads there.
const KEYS: &str = "keys";
