//! Values of columns: their types in the schema, how they are read, and how they are written.

mod calendar;
mod decimal;
mod enum_values;
mod read;
mod schema;
mod write;

pub use self::read::{json, text, value, values};
pub use self::schema::{JSON, enumerations, scalars, type_name, value_type};
pub use self::write::{most_bytes, write};
