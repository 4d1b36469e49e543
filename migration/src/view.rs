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

/// When the figures of each view were computed. Materialized views cannot say it themselves: a
/// column with the time would make a concurrent refresh write every row anew.
pub(crate) const REFRESHES_SQL: &str = "create table if not exists mv.refreshes \
     (view text primary key, refreshed_at timestamptz not null);\n\
     comment on table mv.refreshes is 'When the materialized views were last computed.';\n";

/// The column of each view that says when its rows were computed.
const REFRESHED_AT: &str = "refreshed_at";
const ABOUT_REFRESHED_AT: &str = "When the figures were last computed; they contain everything that was committed before. Null only after an upgrade, until the next refresh.";

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
        let columns = self.column_list();
        let nulls = if self.key_nulls_equal {
            " nulls not distinct"
        } else {
            ""
        };
        format!(
            "create materialized view mv.{name} (workspace_id{columns}) as {query};\n\
             create unique index uq_{name} on mv.{name} (workspace_id, {key}){nulls};\n\
             comment on materialized view mv.{name} is {description};\n\
             {refreshed}{public}",
            query = self.query.trim(),
            key = self.key,
            description = quote(self.description),
            refreshed = self.refreshed_sql("now()"),
            public = self.public_sql(),
        )
    }

    fn column_list(&self) -> String {
        let columns = self.columns.iter();
        columns.map(|(column, _)| format!(", {column}")).collect()
    }

    /// The view in schema `public`, where there may be one of before the times of refreshes. The
    /// time is read once for a statement, and only if the statement names it.
    pub(crate) fn public_sql(&self) -> String {
        let name = self.name;
        let rules = Rules::of(name).rows;
        let rules: String = rules
            .iter()
            .map(|rule| format!(" and {}", rule.sql(name, &mut Settings)))
            .collect();
        let mut sql = format!(
            "create or replace view public.{name} as\n\
             select workspace_id{columns}, \
             (select r.{REFRESHED_AT} from mv.refreshes r where r.view = {view}) as {REFRESHED_AT} \
             from mv.{name} where workspace_id = app.workspace_id(){rules};\n\
             comment on view public.{name} is {description};\n\
             comment on column public.{name}.workspace_id is 'Workspace that the row belongs to.';\n",
            columns = self.column_list(),
            view = quote(name),
            description = quote(self.description),
        );
        let last = (REFRESHED_AT, ABOUT_REFRESHED_AT);
        for (column, description) in self.columns.iter().chain([&last]) {
            sql += &format!(
                "comment on column public.{name}.{column} is {};\n",
                quote(description)
            );
        }
        sql
    }

    /// Notes that the rows are of this time.
    fn refreshed_sql(&self, time: &str) -> String {
        format!(
            "insert into mv.refreshes values ({}, {time}) \
             on conflict (view) do update set refreshed_at = excluded.refreshed_at;\n",
            quote(self.name)
        )
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
        let all = ["workspace_id"].into_iter().chain(columns);
        ReadView {
            name: self.name,
            in_workspace: true,
            columns: all.chain([REFRESHED_AT]).collect(),
        }
    }

    pub(crate) fn drop_sql(&self) -> String {
        format!(
            "drop view public.{0};\ndrop materialized view mv.{0};\n",
            self.name
        )
    }

    fn refresh_sql(&self) -> String {
        format!(
            "  began := clock_timestamp();\n  \
             refresh materialized view concurrently mv.{};\n  {}",
            self.name,
            self.refreshed_sql("began")
        )
    }
}

/// The function that computes the views anew.
pub(crate) fn refresh_function_sql(views: &[View]) -> String {
    let refreshes: String = views.iter().map(View::refresh_sql).collect();
    // Of two refreshes at once the second waits, and then counts what the first one missed.
    format!(
        "create or replace function app.refresh_views() returns void language plpgsql security definer
  set search_path = pg_catalog, pg_temp
as $$
declare
  began timestamptz;
begin
  perform pg_advisory_xact_lock(hashtextextended('app.refresh_views', 0));
{refreshes}end
$$;
comment on function app.refresh_views() is 'Computes the materialized views anew, without blocking their readers.';
revoke execute on function app.refresh_views() from public;
grant execute on function app.refresh_views() to {GATEWAY};
"
    )
}
