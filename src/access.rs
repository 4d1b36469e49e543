//! Who reads what: one line for each table or column that not every role reads whole.
//!
//! The roles are viewer < member < staff < manager < admin < owner < system. Whatever stands in no
//! line, every role reads in its workspace. Where two lines name a column, both must hold. What a
//! role does not read is for it no field, filter, order, lookup or relation either.

use crate::engine::catalog::{Access, Reads};
use crate::session::Role;

// Who reads it, for roles: that role and those above it.
const STAFF: Reads = Reads::From(Role::Staff);
const ADMIN: Reads = Reads::From(Role::Admin);

// Who reads it, row by row. `{user}` is who asks, `{admin}` whether they are admin or above.
/// The user of the account.
const SELF: Reads = Reads::Where("t.\"id\" = {user}");
/// Callers who are in the workspace now: the role that they have there is the one that counts.
const HERE: Reads = Reads::Where("t.\"id\" = $1");
/// The user of the row, owner and admin.
const OWN: Reads = Reads::Where("(t.\"user_id\" = {user} or {admin})");
/// The user of the row, owner and admin; everybody, where the row has no user.
const OWN_OR_SHARED: Reads =
    Reads::Where("(t.\"user_id\" is null or t.\"user_id\" = {user} or {admin})");
/// The user of the row alone; everybody, where the row has no user.
const PERSONAL: Reads = Reads::Where("(t.\"user_id\" is null or t.\"user_id\" = {user})");
/// As [`OWN_OR_SHARED`], and whoever has to do the move.
const ASSIGNED: Reads = Reads::Where(
    "(t.\"user_id\" is null or t.\"user_id\" = {user} or t.\"assigned_user_id\" = {user} or {admin})",
);
/// Oneself and the members of the workspace.
const COLLEAGUES: Reads = Reads::Where(
    "(t.\"id\" = {user} or exists (select from workspace_members m where m.user_id = t.\"id\" and m.workspace_id = $1))",
);
/// The workspace that is asked, and the caller's others.
const JOINED: Reads = Reads::Where(
    "(t.\"id\" = $1 or exists (select from workspace_members m where m.workspace_id = t.\"id\" and m.user_id = {user}))",
);
/// Memberships of the workspace that is asked.
const MEMBERSHIPS: Reads = Reads::Where("t.\"workspace_id\" = $1");
/// Entries about bills are for owner and admin.
const LOGGED: Reads = Reads::Where(
    "(t.\"resource_type\" not in ('billing_subscriptions', 'subscription_payments', 'invoices') or {admin})",
);

/// The table, for reading. Rules about rows repeat what row level security says, so that either
/// holds alone; only bills and the values of single columns are guarded here alone.
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
