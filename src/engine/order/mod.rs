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
    fn is_descending(self) -> bool {
        match self {
            Self::Asc | Self::AscNullsFirst | Self::AscNullsLast => false,
            Self::Desc | Self::DescNullsFirst | Self::DescNullsLast => true,
        }
    }

    /// By default nulls count as greater than every value, as in PostgreSQL, so that an index
    /// serves both directions.
    fn puts_nulls_first(self) -> bool {
        match self {
            Self::Asc | Self::AscNullsLast | Self::DescNullsLast => false,
            Self::AscNullsFirst | Self::Desc | Self::DescNullsFirst => true,
        }
    }
}
