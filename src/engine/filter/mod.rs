//! Filters: which rows a list contains.

mod absent;
mod read;
mod schema;

use super::names::names;

pub use self::read::read;
pub use self::schema::{filter, filter_name, operators, text_mode};

/// The argument of lists that takes a filter.
pub const ARGUMENT: &str = "where";

names! {
    /// The fields of a filter beside those of its table.
    Combinator { And = "and", Or = "or", Not = "not" }
}

/// The field of text operators that says how they compare.
const MODE: &str = "mode";

names! { TextMode { Default = "DEFAULT", Insensitive = "INSENSITIVE" } }

/// The field of a filter on a place inside a JSON document that leads there.
const KEYS: &str = "keys";
