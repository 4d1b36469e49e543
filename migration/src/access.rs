//! Who reads what: one line for each table or column that not every role reads whole.
//!
//! The roles are viewer < member < staff < manager < admin < owner < system. What no line names,
//! every role reads in its workspace. Where two lines name a column, both must hold. What a role
//! does not read is for it no field, filter, order, lookup or relation either.
//!
//! The policies of the tables, the views of schema `read` and the statements of the gateway are
//! all made from this list.

use crate::role::Role;
use crate::row_rule::RowRule;

/// One rule about who reads a table or some of its columns. What no rule names, every role reads.
#[derive(Clone, Copy, Debug)]
pub struct Access {
    /// Name in the database.
    pub table: &'static str,
    /// Names in the database; none where the rule is about the whole table.
    pub columns: &'static [&'static str],
    pub reads: Reads,
}

/// Who reads what a rule is about.
#[derive(Clone, Copy, Debug)]
pub enum Reads {
    /// This role and those above it. For others the type or field does not exist.
    From(Role),
    /// Callers who satisfy the rule, row by row. Of a table, the other rows do not exist; of
    /// a column, the value reads as null, in filters and orders too.
    Where(RowRule),
    /// Of the rows that may be read, the API lists those that satisfy the rule. The database
    /// admits the others because rules of other tables look at them.
    Lists(RowRule),
}

use RowRule::{Any, Exists, IsCaller, IsNull, IsWorkspace, NotAmong, SeesAll};

// Who reads it, for roles: that role and those above it.
const STAFF: Reads = Reads::From(Role::Staff);
const ADMIN: Reads = Reads::From(Role::Admin);

// Who reads it, row by row.
/// The user of the account.
const SELF: Reads = Reads::Where(IsCaller("id"));
/// Callers who are in the workspace now: the role that they have there is the one that counts.
const HERE: Reads = Reads::Where(IsWorkspace("id"));
/// The user of the row, owner and admin.
const OWN: Reads = Reads::Where(Any(&[IsCaller("user_id"), SeesAll]));
/// The user of the row, owner and admin; everybody, where the row has no user.
const OWN_OR_SHARED: Reads = Reads::Where(Any(&[IsNull("user_id"), IsCaller("user_id"), SeesAll]));
/// The user of the row alone; everybody, where the row has no user.
const PERSONAL: Reads = Reads::Where(Any(&[IsNull("user_id"), IsCaller("user_id")]));
/// As [`OWN_OR_SHARED`], and the user to whom the move is assigned.
const ASSIGNED: Reads = Reads::Where(Any(&[
    IsNull("user_id"),
    IsCaller("user_id"),
    IsCaller("assigned_user_id"),
    SeesAll,
]));
/// Oneself and the members of the workspace.
const COLLEAGUES: Reads = Reads::Where(Any(&[
    IsCaller("id"),
    Exists {
        table: "workspace_members",
        theirs: "user_id",
        ours: "id",
        and: &IsWorkspace("workspace_id"),
    },
]));
/// The workspace of the request, and the caller's others.
const JOINED: Reads = Reads::Where(Any(&[
    IsWorkspace("id"),
    Exists {
        table: "workspace_members",
        theirs: "workspace_id",
        ours: "id",
        and: &IsCaller("user_id"),
    },
]));
/// Memberships of the workspace, and the caller's own in others, by which these are found.
const MEMBERSHIPS: Reads = Reads::Where(Any(&[IsWorkspace("workspace_id"), IsCaller("user_id")]));
/// Memberships of the workspace.
const LISTED: Reads = Reads::Lists(IsWorkspace("workspace_id"));
/// Entries about bills are for owner and admin.
const LOGGED: Reads = Reads::Where(Any(&[
    NotAmong(
        "resource_type",
        &["billing_subscriptions", "subscription_payments", "invoices"],
    ),
    SeesAll,
]));

/// The list, for reading.
#[rustfmt::skip]
pub const ACCESS: &[Access] = &[
    // Cost and margin. Whoever knows price and cost knows the margin; a viewer may be a partner of
    // the shop and a member its marketer. Staff buys, counts and books.
    columns("products",                    &["cost"],                             STAFF),
    columns("product_variants",            &["cost"],                             STAFF),
    columns("genres",                      &["avg_margin"],                       STAFF),
    table  ("supplier_prices",                                                    STAFF),
    columns("reorder_queue_items",         &["unit_cost", "total_cost"],          STAFF),
    columns("inventory_transactions",      &["unit_price"],                       STAFF), // of a restock: what was paid
    columns("inventory_metrics",           &["total_value"],                      STAFF), // stock is valued at cost
    columns("product_performance_summary", &["cost_of_goods", "gross_margin"],    STAFF),
    columns("order_items",                 &["source_data"],                      STAFF), // whatever the source knew of the line
    table  ("transactions",                                                       STAFF), // the ledger, with all expenses
    table  ("budgets",                                                            STAFF), // sums of them
    columns("agent_executions",            &["cost"],                             STAFF),
    columns("agent_performance",           &["execution_cost"],                   STAFF),

    // What owner and admin manage (section 8 of the model): settings may hold addresses, names of
    // accounts and keys of services.
    columns("kpis",                        &["calculation_sql"],                  ADMIN),
    table  ("configurations",                                                     ADMIN),
    table  ("integrations",                                                       ADMIN),
    table  ("ai_model_configs",                                                   ADMIN),
    columns("agent_capabilities",          &["configuration"],                    ADMIN),
    columns("workflows",                   &["trigger_config"],                   ADMIN),
    columns("workspaces",                  &["settings"],                         ADMIN),
    columns("workspaces",                  &["settings"],                         HERE),

    // Logs repeat what rows hold as JSON, costs, settings and bills among it.
    table  ("audit_logs",                                                         ADMIN),
    table  ("audit_logs",                                                         LOGGED),
    table  ("domain_events",                                                      ADMIN),
    table  ("system_events",                                                      ADMIN),

    // Accounts.
    table  ("users",                                                              COLLEAGUES),
    columns("users",                       &["gst_number", "pan_number"],         SELF),
    columns("users",                       &["constitution"],                     SELF),
    columns("users",                       &["notification_settings"],            SELF),
    columns("users",                       &["subscription_tier"],                SELF),
    columns("users",                       &["subscription_status"],              SELF),
    columns("users",                       &["subscription_started_at"],          SELF),
    columns("users",                       &["subscription_ends_at"],             SELF),
    table  ("workspaces",                                                         JOINED),
    table  ("workspace_members",                                                  MEMBERSHIPS),
    table  ("workspace_members",                                                  LISTED),

    // Bills: the one whom they are for, owner and admin.
    table  ("billing_subscriptions",                                              OWN),
    table  ("subscription_payments",                                              OWN),
    table  ("invoices",                                                           OWN),
    table  ("usage_records",                                                      OWN),
    table  ("monthly_usage",                                                      OWN),

    // Work of one user inside the workspace (policy B), and personal memory (policy C).
    table  ("foundations",                                                        OWN_OR_SHARED),
    table  ("icp_profiles",                                                       OWN_OR_SHARED),
    table  ("campaigns",                                                          OWN_OR_SHARED),
    table  ("moves",                                                              ASSIGNED),
    table  ("agent_executions",                                                   OWN_OR_SHARED),
    table  ("agent_conversations",                                                PERSONAL),
    table  ("memory_chunks",                                                      PERSONAL),
    table  ("graph_entities",                                                     PERSONAL),
    table  ("graph_relationships",                                                PERSONAL),
];

const fn table(name: &'static str, reads: Reads) -> Access {
    columns(name, &[], reads)
}

const fn columns(table: &'static str, columns: &'static [&'static str], reads: Reads) -> Access {
    Access {
        table,
        columns,
        reads,
    }
}

/// The rules about one table, put together.
#[derive(Debug, Default)]
pub(crate) struct Rules {
    /// The least role that reads the table.
    pub least: Option<Role>,
    /// Which rows may be read; all must hold.
    pub rows: Vec<RowRule>,
    /// The rules about single columns: name, least role, rule.
    columns: Vec<(&'static str, Option<Role>, Option<RowRule>)>,
}

impl Rules {
    pub(crate) fn of(table: &str) -> Self {
        let mut rules = Self::default();
        for rule in ACCESS.iter().filter(|rule| rule.table == table) {
            for column in rule.columns {
                rules.columns.push(match rule.reads {
                    Reads::From(role) => (*column, Some(role), None),
                    Reads::Where(rule) => (*column, None, Some(rule)),
                    Reads::Lists(_) => continue,
                });
            }
            if rule.columns.is_empty() {
                match rule.reads {
                    Reads::From(role) => rules.least = rules.least.max(Some(role)),
                    Reads::Where(rule) => rules.rows.push(rule),
                    Reads::Lists(_) => {}
                }
            }
        }
        rules
    }

    /// What must hold for a column to be read in a row: the least roles, and the rules of rows.
    pub(crate) fn of_column(&self, name: &str) -> (Vec<Role>, Vec<RowRule>) {
        let rules = self.columns.iter().filter(|(column, ..)| *column == name);
        let (roles, rows): (Vec<_>, Vec<_>) = rules.map(|(_, role, rule)| (*role, *rule)).unzip();
        (
            roles.into_iter().flatten().collect(),
            rows.into_iter().flatten().collect(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_rules_about_a_column_both_count() {
        let rules = Rules::of("workspaces");
        let (roles, rows) = rules.of_column("settings");
        assert_eq!(roles, [Role::Admin]);
        assert_eq!(rows, [IsWorkspace("id")]);
        assert_eq!(rules.of_column("name"), (vec![], vec![]));
    }

    #[test]
    fn the_list_of_the_api_is_no_rule_of_the_database() {
        let rules = Rules::of("workspace_members");
        assert_eq!(
            rules.rows,
            [Any(&[IsWorkspace("workspace_id"), IsCaller("user_id")])]
        );
    }
}
