//! Orders of lists.

mod read;
mod schema;

use super::names::names;

pub use self::read::read;
#[cfg(test)]
pub use self::read::terms;
pub use self::schema::{direction, order, order_name};

/// The argument of lists that takes an order.
pub const ARGUMENT: &str = "orderBy";

names! {
    Direction {
        Asc = "ASC",
        AscNullsFirst = "ASC_NULLS_FIRST",
        AscNullsLast = "ASC_NULLS_LAST",
        Desc = "DESC",
        DescNullsFirst = "DESC_NULLS_FIRST",
        DescNullsLast = "DESC_NULLS_LAST",
    }
}

impl Direction {
    /// Whether it descends, and whether nulls come first. By default nulls are greater than every
    /// value, as in PostgreSQL, so that an index serves both directions.
    fn meaning(self) -> (bool, bool) {
        match self {
            Self::Asc | Self::AscNullsLast => (false, false),
            Self::AscNullsFirst => (false, true),
            Self::Desc | Self::DescNullsFirst => (true, true),
            Self::DescNullsLast => (true, false),
        }
    }
}
