//! Orders of lists: by columns, by values of the row that a relation leads to, and by values about
//! the rows that one leads to.

mod read;
mod schema;

use super::names::names;

#[cfg(test)]
pub use self::read::terms;
pub use self::read::{check_variables, of_aggregate, read, terms_by, value};
pub use self::schema::{
    aggregate_fields, aggregate_order, direction, functions_order, one_term, order, order_name,
    to_many_order,
};

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
