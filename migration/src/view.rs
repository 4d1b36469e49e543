//! A figure computed over all workspaces, and the guarded view by which each reads its own.
//!
//! Materialized views take no policies. Each lies in schema `mv`, which only its owner enters,
//! behind a view of the same name in `public` that admits the rows of the current workspace.

use crate::table_sql::quote;

pub(crate) struct View {
    pub name: &'static str,
    pub description: &'static str,
    /// Each column besides the workspace with its description, in the order of the query.
    pub columns: &'static [(&'static str, &'static str)],
    /// What tells the rows of a workspace apart; a concurrent refresh needs it.
    pub key: &'static str,
    pub key_nulls_equal: bool,
    /// A condition besides that of the workspace.
    pub guard: Option<&'static str>,
    pub query: &'static str,
}

impl View {
    pub(crate) fn create_sql(&self) -> String {
        let name = self.name;
        let columns: String = self
            .columns
            .iter()
            .map(|(column, _)| format!(", {column}"))
            .collect();
        let nulls = if self.key_nulls_equal {
            " nulls not distinct"
        } else {
            ""
        };
        let guard = match self.guard {
            Some(condition) => format!(" and ({condition})"),
            None => String::new(),
        };
        let mut sql = format!(
            "create materialized view mv.{name} (workspace_id{columns}) as {query};\n\
             create unique index uq_{name} on mv.{name} (workspace_id, {key}){nulls};\n\
             create view public.{name} with (security_barrier) as\n\
             select workspace_id{columns} from mv.{name} where workspace_id = app.workspace_id(){guard};\n\
             grant select on public.{name} to gateway;\n\
             comment on materialized view mv.{name} is {description};\n\
             comment on view public.{name} is {description};\n\
             comment on column public.{name}.workspace_id is 'Workspace that the row belongs to.';\n",
            query = self.query.trim(),
            key = self.key,
            description = quote(self.description),
        );
        for (column, description) in self.columns {
            sql += &format!(
                "comment on column public.{name}.{column} is {};\n",
                quote(description)
            );
        }
        sql
    }

    pub(crate) fn drop_sql(&self) -> String {
        format!(
            "drop view public.{0};\ndrop materialized view mv.{0};\n",
            self.name
        )
    }

    pub(crate) fn refresh_sql(&self) -> String {
        format!(
            "  refresh materialized view concurrently mv.{};\n",
            self.name
        )
    }
}
