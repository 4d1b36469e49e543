//! What the API shows otherwise than the rules of the catalog say, by names of the database.

use crate::engine::catalog::Rules;

/// Rows of a user, or of nobody; owner and admin see all.
const OWN_OR_ALL: &str = "(t.\"user_id\" is null or t.\"user_id\" = {user} or {admin})";
/// Rows of a user, or of nobody.
const OWN: &str = "(t.\"user_id\" is null or t.\"user_id\" = {user})";
/// Billing rows: of a user; owner and admin see all.
const BILLED: &str = "(t.\"user_id\" = {user} or {admin})";
/// The log repeats what the rows hold, so that of billing rows is for owner and admin.
const LOGGED: &str = "(t.\"resource_type\" not in ('billing_subscriptions', 'subscription_payments', 'invoices') or {admin})";
/// Columns of an account that only its user reads.
const SELF: &str = "t.\"id\" = {user}";
/// Columns that owner and admin read.
const ADMIN: &str = "{admin}";

/// The exceptions. Row predicates repeat what row level security says, so that either holds alone.
pub const RULES: Rules = Rules {
    hidden_tables: &[],
    forward_names: &[("product_variant_id", "variant")],
    reverse_names: &[
        ("agents", "parent_id", "children"),
        (
            "agent_collaborations",
            "requesting_agent_id",
            "requestedCollaborations",
        ),
        (
            "agent_collaborations",
            "responding_agent_id",
            "respondedCollaborations",
        ),
        ("goals", "parent_goal_id", "childGoals"),
        (
            "graph_relationships",
            "source_entity_id",
            "outgoingRelationships",
        ),
        (
            "graph_relationships",
            "target_entity_id",
            "incomingRelationships",
        ),
        ("email_subscribers", "list_id", "subscribers"),
        ("moves", "assigned_user_id", "assignedMoves"),
        ("support_cases", "assigned_user_id", "assignedSupportCases"),
        ("support_feedback", "conversation_id", "feedback"),
        ("support_messages", "conversation_id", "messages"),
        ("workspaces", "owner_id", "ownedWorkspaces"),
    ],
    row_predicates: &[
        (
            "users",
            "(t.\"id\" = {user} or exists (select from workspace_members m where m.user_id = t.\"id\" and m.workspace_id = $1))",
        ),
        (
            "workspaces",
            "(t.\"id\" = $1 or exists (select from workspace_members m where m.workspace_id = t.\"id\" and m.user_id = {user}))",
        ),
        ("workspace_members", "t.\"workspace_id\" = $1"),
        ("foundations", OWN_OR_ALL),
        ("icp_profiles", OWN_OR_ALL),
        ("campaigns", OWN_OR_ALL),
        (
            "moves",
            "(t.\"user_id\" is null or t.\"user_id\" = {user} or t.\"assigned_user_id\" = {user} or {admin})",
        ),
        ("agent_executions", OWN_OR_ALL),
        ("agent_conversations", OWN),
        ("memory_chunks", OWN),
        ("graph_entities", OWN),
        ("graph_relationships", OWN),
        ("billing_subscriptions", BILLED),
        ("subscription_payments", BILLED),
        ("invoices", BILLED),
        ("usage_records", BILLED),
        ("monthly_usage", BILLED),
        ("audit_logs", LOGGED),
    ],
    column_guards: &[
        ("users", "gst_number", SELF),
        ("users", "pan_number", SELF),
        ("users", "constitution", SELF),
        ("users", "notification_settings", SELF),
        ("users", "subscription_tier", SELF),
        ("users", "subscription_status", SELF),
        ("users", "subscription_started_at", SELF),
        ("users", "subscription_ends_at", SELF),
        ("kpis", "calculation_sql", ADMIN),
    ],
};

/// Tables behind the root field `viewer`: accounts, workspaces, and the enum of roles.
pub const VIEWER: (&str, &str, &str) = ("users", "workspaces", "workspace_role");
