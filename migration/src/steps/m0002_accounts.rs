//! Accounts and workspaces: the three tables that stand above the workspaces.

use crate::enum_type::{EnumType, enum_type};
use crate::step::Domain;
use crate::table::OnDelete::Cascade;
use crate::table::Table;

pub(crate) const STEP: Domain = Domain {
    name: "m0002_accounts",
    enums: &ENUMS,
    tables,
};

const ENUMS: [EnumType; 3] = [
    enum_type(
        "subscription_tier",
        "free starter growth agency enterprise",
        "Plan of an account, smallest first.",
    ),
    enum_type(
        "subscription_status",
        "active cancelled past_due",
        "Whether a paid plan runs, was cancelled, or waits for an overdue payment.",
    ),
    enum_type(
        "workspace_role",
        "owner admin manager staff member viewer system",
        "What a member may do: viewers read, staff and members write, managers also approve, owners and admins run the workspace; system marks a service account.",
    ),
];

/// The login service reaches all three tables, also where it may not bypass row security.
const LOGIN_SERVICE: &str = "to authn using (true) with check (true)";

fn tables() -> Vec<Table> {
    vec![users(), workspaces(), workspace_members()]
}

/// The full name, or what there is of first and last name. Names of spaces alone count as none.
const DISPLAY_NAME: &str = "coalesce(nullif(btrim(full_name), ''), \
    nullif(btrim(coalesce(btrim(first_name), '') || ' ' || coalesce(btrim(last_name), '')), ''))";

fn users() -> Table {
    Table::global("users", "A person or service account that logs in; the shoppers of a workspace are its customers instead.")
        .col("email", "varchar(255)", "E-mail address used to log in, in lower case.")
        .hidden("password_hash", "varchar(255)?", "Hash of the password; known to the login service only.")
        .col("full_name", "varchar(255)?", "Full name as the user writes it.")
        .col("first_name", "varchar(255)?", "First name.")
        .col("last_name", "varchar(255)?", "Last name.")
        .derived("display_name", "text?", DISPLAY_NAME, "Name to show: the full name, or first and last name; null if the user has given none of them.")
        .col("avatar_url", "text?", "Address of the profile picture.")
        .col("phone", "varchar(50)?", "Phone number.")
        .col("subscription_tier", "subscription_tier = 'free'", "Plan of the account; it sets the usage limits.")
        .col("subscription_status", "subscription_status = 'active'", "Whether the plan runs.")
        .col("subscription_started_at", "timestamptz?", "When the current plan began.")
        .col("subscription_ends_at", "timestamptz?", "When the current plan ends; null if it has no end.")
        .col("gst_number", "varchar(20)?", "Indian tax number (GSTIN) for invoices.")
        .col("pan_number", "varchar(15)?", "Indian income tax number (PAN) for invoices.")
        .col("state", "varchar(100)?", "State of residence; decides which GST applies.")
        .col("preferred_language", "varchar(10) = 'en'", "Language tag of the user interface.")
        .col("constitution", "jsonb = '{}'", "Rules of conduct that the user gives to the agents.")
        .col("notification_settings", "jsonb = '{}'", "Which notifications the user wants, by channel.")
        .col("last_login_at", "timestamptz?", "When the user last logged in.")
        .col("is_active", "boolean = true", "False once the account is closed.")
        .unique("email")
        .index("subscription_tier, subscription_status")
        .check("email", "email = lower(email)")
        .row_policy("self_or_colleague")
        .policy("self_write", "for update using (id = app.user_id())")
        .policy("login_service", LOGIN_SERVICE)
        // E-mail, plan and activity belong to the login service.
        .grant("update (full_name, first_name, last_name, avatar_url, phone, gst_number, pan_number, state, preferred_language, constitution, notification_settings)")
}

fn workspaces() -> Table {
    Table::global("workspaces", "A tenant: everything but accounts belongs to exactly one workspace.")
        .col("name", "varchar(255)", "Name shown to its members.")
        .col("slug", "varchar(100)", "Short name for addresses, unique over all workspaces.")
        .fk("owner_id", "users", Cascade, "User who owns the workspace.")
        .col("settings", "jsonb = '{}'", "Settings that hold for the whole workspace.")
        .unique("slug")
        .index("owner_id")
        .row_policy("own_or_current")
        .policy("admin_write", "for update using (id = app.workspace_id() and app.sees_all())")
        .policy("login_service", LOGIN_SERVICE)
        .grant("update (name, slug, settings)")
}

/// Owners and admins manage members up to their own role. Service accounts neither manage nor are
/// made here.
const MANAGES: &str = "app.role_at_least('admin') and not app.role_at_least('system') \
    and role <> 'system' and app.role_at_least(role::text)";

fn workspace_members() -> Table {
    Table::global("workspace_members", "Membership of a user in a workspace, with the role there.")
        .fk("workspace_id", "workspaces", Cascade, "Workspace that the user is a member of.")
        .fk("user_id", "users", Cascade, "User who is the member.")
        .col("role", "workspace_role = 'member'", "What the member may do in the workspace.")
        .col("joined_at", "timestamptz = now()", "When the user joined.")
        .unique("workspace_id, user_id")
        .index("user_id")
        .audited()
        // The policy of users looks at both.
        .chosen_by(&["workspace_id", "user_id"])
        .row_policy("own_or_current")
        .policy("admin_write", "using (workspace_id = app.workspace_id() and app.sees_all())")
        .policy("login_service", LOGIN_SERVICE)
        .writes_where(MANAGES)
        .grant("insert (id, workspace_id, user_id, role)")
        .grant("update (role)")
        .grant("delete")
}
