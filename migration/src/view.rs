//! A figure computed over all workspaces, and the view by which each reads its own.
//!
//! Materialized views take no policies. Each lies in schema `mv`, which only its owner enters. A
//! view of the same name in `public` admits the rows of the current workspace; the gateway reads
//! that through schema `read`, as it reads tables.

use crate::access::Rules;
use crate::bootstrap::GATEWAY;
use crate::read_view::ReadView;
use crate::row_rule::Settings;
use crate::table_sql::quote;

pub(crate) struct View {
    pub name: &'static str,
    pub description: &'static str,
    /// Each column besides the workspace with its description, in the order of the query.
    pub columns: &'static [(&'static str, &'static str)],
    /// What tells the rows of a workspace apart; a concurrent refresh needs it.
    pub key: &'static str,
    pub key_nulls_equal: bool,
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
        let rules = Rules::of(name).rows;
        let rules: String = rules
            .iter()
            .map(|rule| format!(" and {}", rule.sql(name, &mut Settings)))
            .collect();
        let mut sql = format!(
            "create materialized view mv.{name} (workspace_id{columns}) as {query};\n\
             create unique index uq_{name} on mv.{name} (workspace_id, {key}){nulls};\n\
             create view public.{name} as\n\
             select workspace_id{columns} from mv.{name} where workspace_id = app.workspace_id(){rules};\n\
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

    /// What reading takes, where the view may be of before schema `read`.
    pub(crate) fn reading_sql(&self) -> String {
        format!(
            "alter view public.{0} reset (security_barrier);\n\
             revoke select on public.{0} from {GATEWAY};\n{1}",
            self.name,
            self.read_view().create_sql()
        )
    }

    pub(crate) fn unreading_sql(&self) -> String {
        format!(
            "{1}alter view public.{0} set (security_barrier);\n\
             grant select on public.{0} to {GATEWAY};\n",
            self.name,
            self.read_view().drop_sql()
        )
    }

    pub(crate) fn read_view(&self) -> ReadView {
        let columns = self.columns.iter().map(|(column, _)| *column);
        ReadView {
            name: self.name,
            in_workspace: true,
            columns: ["workspace_id"].into_iter().chain(columns).collect(),
        }
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
