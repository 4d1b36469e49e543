//! Compares row level security of each table with what the migrations declare.

use std::collections::BTreeMap;

use sqlx::PgConnection;

use super::report::Report;

const CHECK: &str = "policies";
/// The condition of every table of a workspace, as PostgreSQL writes it.
const TENANT: &str = "(workspace_id = app.workspace_id())";

/// A policy as the database has it.
struct Actual {
    permissive: bool,
    command: String,
    condition: Option<String>,
    /// The condition on new rows.
    check: Option<String>,
    roles: Vec<String>,
}

/// Table, name, permissive or not, command, condition, condition on new rows, roles.
type Row = (
    String,
    String,
    bool,
    String,
    Option<String>,
    Option<String>,
    Vec<String>,
);

pub(super) async fn check(
    connection: &mut PgConnection,
    report: &mut Report,
) -> Result<(), sqlx::Error> {
    let open: Vec<String> = sqlx::query_scalar(
        "select relname::text from pg_class where relnamespace = 'public'::regnamespace \
         and relkind in ('r', 'p') and relrowsecurity",
    )
    .fetch_all(&mut *connection)
    .await?;
    let rows: Vec<Row> = sqlx::query_as(
        "select tablename::text, policyname::text, permissive = 'PERMISSIVE', lower(cmd), qual, with_check, \
         roles::text[] \
         from pg_policies where schemaname = 'public'",
    )
    .fetch_all(&mut *connection)
    .await?;
    let mut actual: BTreeMap<(String, String), Actual> = rows
        .into_iter()
        .map(
            |(table, name, permissive, command, condition, check, roles)| {
                let policy = Actual {
                    permissive,
                    command,
                    condition,
                    check,
                    roles,
                };
                ((table, name), policy)
            },
        )
        .collect();

    let before = report.findings.len();
    let declared = migration::declared();
    for table in &declared {
        let name = table.name;
        if !open.iter().any(|open| open == name) {
            report.problem(
                CHECK,
                format!("row level security is off for {name}"),
                format!("run `alter table public.{name} enable row level security`"),
            );
        }
        for (policy, statement) in &table.policies {
            let statement = statement.trim();
            match actual.remove(&(name.to_owned(), policy.clone())) {
                None => report.problem(
                    CHECK,
                    format!("{name} does not have the policy {policy}"),
                    format!("run `{statement}`"),
                ),
                Some(found) => {
                    if let Some(wrong) = differs(policy, statement, &found) {
                        report.problem(
                            CHECK,
                            format!("the policy {policy} of {name} {wrong}"),
                            format!("run `drop policy {policy} on public.{name}; {statement}`"),
                        );
                    }
                }
            }
        }
    }
    for ((table, policy), found) in actual {
        let mend = format!(
            "run `drop policy \"{policy}\" on public.\"{table}\"`, unless you know what it is for"
        );
        let found_text = format!("{table} has the policy {policy}, which no migration creates");
        if found.permissive && declared.iter().any(|declared| declared.name == table) {
            report.problem(
                CHECK,
                format!("{found_text} and which permits more rows"),
                mend,
            );
        } else {
            report.warning(CHECK, found_text, mend);
        }
    }
    views(connection, report).await?;
    if report.findings.len() == before {
        report.ok(
            CHECK,
            format!(
                "all {} tables have the policies that the migrations create",
                declared.len()
            ),
        );
    }
    Ok(())
}

/// What is wrong with a policy. The text of a condition differs between versions of PostgreSQL,
/// so only the one that all tables share is compared as a whole.
fn differs(name: &str, statement: &str, found: &Actual) -> Option<String> {
    let condition = found.condition.as_deref().unwrap_or_default();
    let restrictive = statement.contains(" as restrictive ");
    let for_login_service = statement.contains(" to authn ");
    if found.permissive == restrictive {
        return Some("is permissive instead of restrictive, or the reverse".to_owned());
    }
    if found.roles.iter().any(|role| role == "authn") != for_login_service {
        return Some(format!("is for {}", found.roles.join(", ")));
    }
    if statement.contains(" to gateway ") && found.roles != ["gateway"] {
        return Some(format!("is for {}", found.roles.join(", ")));
    }
    if name == "tenant_isolation" && condition != TENANT {
        return Some(format!(
            "has the condition {condition} instead of the workspace"
        ));
    }
    let command = statement.split_once(" for ").map_or("all", |(_, rest)| {
        rest.split(' ').next().unwrap_or_default()
    });
    if found.command != command {
        return Some(format!("is for {} instead of {command}", found.command));
    }
    let missing = if command == "all" {
        None
    } else {
        lacks(statement, found)
    };
    if missing.is_some() {
        return missing;
    }
    (condition == "true" && !for_login_service).then(|| "permits every row".to_owned())
}

/// What the conditions of a policy about one command lack of roles.
fn lacks(statement: &str, found: &Actual) -> Option<String> {
    let clauses = [
        ("using (", &found.condition),
        ("with check (", &found.check),
    ];
    clauses.into_iter().find_map(|(clause, found)| {
        let found = found.as_deref().unwrap_or_default();
        let role = roles(statement)
            .into_iter()
            .find(|role| !found.contains(role))?;
        statement
            .contains(clause)
            .then(|| format!("has the condition {found}, which does not ask for {role}"))
    })
}

/// The names of roles, in quotes, that a statement compares with that of the caller.
fn roles(statement: &str) -> Vec<&str> {
    let calls = statement.split("app.role_at_least(").skip(1);
    let arguments = calls.filter_map(|rest| rest.split(')').next());
    arguments.filter(|one| one.starts_with('\'')).collect()
}

async fn views(connection: &mut PgConnection, report: &mut Report) -> Result<(), sqlx::Error> {
    let names: Vec<String> = migration::views().into_iter().map(str::to_owned).collect();
    let guarded: Vec<String> = sqlx::query_scalar(
        "select relname::text from pg_class where relnamespace = 'public'::regnamespace and relkind = 'v' \
         and pg_get_viewdef(oid) like '%app.workspace_id()%'",
    )
    .fetch_all(connection)
    .await?;
    for name in names.iter().filter(|name| !guarded.contains(name)) {
        report.problem(
            CHECK,
            format!("the view {name} is missing, or does not filter by workspace"),
            format!("as model_owner, create it again; the view in the schema read has the definition, and mv.{name} has the rows"),
        );
    }
    Ok(())
}
