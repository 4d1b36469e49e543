//! The view in schema `read` by which the gateway reads a table, with the rules of `access.rs`.
//!
//! It belongs to the owner of the tables, so row level security does not apply inside it: its own
//! conditions take that place. It is no security barrier, so the planner puts its body in place of
//! its name and every index of the table serves. What a barrier keeps back is an operator that
//! raises an error over a value of a row which the caller may not see; the gateway sends none.

use crate::access::Rules;
use crate::bootstrap::GATEWAY;
use crate::role::Role;
use crate::row_rule::Settings;

/// The schema of the views.
pub const READ_SCHEMA: &str = "read";

/// The condition that the caller's role is this one or above it.
pub(crate) fn role_at_least(role: Role) -> String {
    format!("app.role_at_least('{role}')")
}

/// The function that the views call for rules about roles.
pub(crate) fn role_function_sql() -> String {
    let roles = Role::ALL.map(Role::name).join(",");
    // Plain SQL without settings of its own, so that the planner puts its body in place of the
    // call. An unknown or missing role gives false.
    format!(
        "create or replace function app.role_at_least(lowest text) returns boolean \
         language sql stable parallel safe as $$ select coalesce(\
         array_position('{{{roles}}}'::text[], current_setting('app.role', true)) \
         >= array_position('{{{roles}}}'::text[], lowest), false) $$;\n\
         comment on function app.role_at_least(text) is \
         'Whether the role of the current request is this one or above it.';\n\
         revoke execute on function app.role_at_least(text) from public;\n\
         grant execute on function app.role_at_least(text) to {GATEWAY};\n"
    )
}

/// What a view reads.
pub(crate) struct ReadView {
    pub name: &'static str,
    /// False for the three tables that stand above the workspaces.
    pub in_workspace: bool,
    /// The columns that are no secret, in their order.
    pub columns: Vec<&'static str>,
}

impl ReadView {
    /// The query of the view.
    pub(crate) fn query(&self) -> String {
        let rules = Rules::of(self.name);
        let columns: Vec<String> = self
            .columns
            .iter()
            .map(|column| {
                let (roles, rows) = rules.of_column(column);
                let roles = roles.into_iter().map(role_at_least);
                let rows = rows.iter().map(|one| one.sql("t", &mut Settings));
                let conditions: Vec<String> = roles.chain(rows).collect();
                match conditions.is_empty() {
                    true => format!("t.{column}"),
                    false => format!(
                        "case when {} then t.{column} end as {column}",
                        conditions.join(" and ")
                    ),
                }
            })
            .collect();
        let tenant = self
            .in_workspace
            .then(|| "t.workspace_id = app.workspace_id()".to_owned());
        let rows = rules.rows.iter().map(|one| one.sql("t", &mut Settings));
        let conditions: Vec<String> = tenant
            .into_iter()
            .chain(rules.least.map(role_at_least))
            .chain(rows)
            .collect();
        format!(
            "select {} from public.{} t where {}",
            columns.join(", "),
            self.name,
            conditions.join(" and ")
        )
    }

    pub(crate) fn create_sql(&self) -> String {
        let name = self.name;
        format!(
            "drop view if exists {READ_SCHEMA}.{name};\n\
             create view {READ_SCHEMA}.{name} as {};\n\
             grant select on {READ_SCHEMA}.{name} to {GATEWAY};\n",
            self.query()
        )
    }

    pub(crate) fn drop_sql(&self) -> String {
        format!("drop view {READ_SCHEMA}.{};\n", self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_holds_the_tenant_the_role_and_the_rows() {
        let view = ReadView {
            name: "audit_logs",
            in_workspace: true,
            columns: vec!["id", "workspace_id"],
        };
        assert_eq!(
            view.query(),
            "select t.id, t.workspace_id from public.audit_logs t \
             where t.workspace_id = app.workspace_id() and app.role_at_least('admin') \
             and (t.\"resource_type\" not in ('billing_subscriptions', 'subscription_payments', 'invoices') \
             or app.sees_all())"
        );
    }

    #[test]
    fn a_guarded_column_is_null_for_others() {
        let view = ReadView {
            name: "workspaces",
            in_workspace: false,
            columns: vec!["id", "settings"],
        };
        assert!(view.query().starts_with(
            "select t.id, case when app.role_at_least('admin') and t.\"id\" = app.workspace_id() \
             then t.settings end as settings from public.workspaces t where (t.\"id\" = "
        ));
    }
}
