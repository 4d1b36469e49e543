//! A closed list of values, made as an enum type of PostgreSQL.

use crate::table_sql::quote;

pub struct EnumType {
    pub name: &'static str,
    /// The values in their order, separated by spaces.
    pub values: &'static str,
    pub description: &'static str,
}

pub const fn enum_type(
    name: &'static str,
    values: &'static str,
    description: &'static str,
) -> EnumType {
    EnumType {
        name,
        values,
        description,
    }
}

impl EnumType {
    pub(crate) fn create_sql(&self) -> String {
        let values: Vec<String> = self.values.split_whitespace().map(quote).collect();
        format!(
            "create type public.{0} as enum ({1});\ncomment on type public.{0} is {2};\n",
            self.name,
            values.join(", "),
            quote(self.description)
        )
    }

    pub(crate) fn drop_sql(&self) -> String {
        format!("drop type public.{};\n", self.name)
    }
}
