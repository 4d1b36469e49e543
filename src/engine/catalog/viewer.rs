//! What the root field `viewer` leads to.

use super::{ColumnId, Table, TableId, naming};

/// What it leads to, by names of the database.
#[derive(Clone, Copy, Debug)]
pub struct ViewerRules {
    /// The table of accounts.
    pub users: &'static str,
    pub workspaces: &'static str,
    /// The enum of roles.
    pub roles: &'static str,
    /// Tables whose rows of the caller are a list of the viewer: the table, the column that holds
    /// the user, and the column by which the list descends.
    pub own: &'static [(&'static str, &'static str, &'static str)],
}

/// The tables that the root field `viewer` leads to.
#[derive(Debug)]
pub struct Viewer {
    pub users: TableId,
    pub workspaces: TableId,
    /// Index of the enum of roles in [`super::Catalog::enums`].
    pub roles: usize,
    pub own: Vec<OwnList>,
}

/// A list of the caller's own rows of a table.
#[derive(Clone, Debug)]
pub struct OwnList {
    pub field: String,
    pub table: TableId,
    /// The column that holds the user.
    pub user: ColumnId,
    /// The column by which the list descends.
    pub latest: ColumnId,
}

impl OwnList {
    /// Finds the table and columns. The field is named as the table is in descriptions.
    pub fn resolve(
        tables: &[Table],
        (table, user, latest): (&str, &str, &str),
        uncountable: &[&str],
    ) -> Result<Self, String> {
        let missing = |what: &str| format!("no {what} for the viewer");
        let id = tables.iter().position(|one| one.name == table);
        let id = id.ok_or_else(|| missing(table))?;
        let column = |name: &str| {
            let column = tables[id].column_by_name(name);
            column.ok_or_else(|| missing(&format!("{table}.{name}")))
        };
        Ok(Self {
            field: naming::camel(&naming::several(table, uncountable)),
            table: TableId(id),
            user: column(user)?,
            latest: column(latest)?,
        })
    }
}
