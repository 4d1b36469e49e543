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
    condition: Option<String>,
    roles: Vec<String>,
}

/// Table, name, permissive or not, condition, roles.
type Row = (String, String, bool, Option<String>, Vec<String>);

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
        "select tablename::text, policyname::text, permissive = 'PERMISSIVE', qual, roles::text[] \
         from pg_policies where schemaname = 'public'",
    )
    .fetch_all(&mut *connection)
    .await?;
    let mut actual: BTreeMap<(String, String), Actual> = rows
        .into_iter()
        .map(|(table, name, permissive, condition, roles)| {
            let policy = Actual {
                permissive,
                condition,
                roles,
            };
            ((table, name), policy)
        })
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
            match actual.remove(&(name.to_owned(), (*policy).to_owned())) {
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
    if name == "tenant_isolation" && condition != TENANT {
        return Some(format!(
            "has the condition {condition} instead of the workspace"
        ));
    }
    (condition == "true" && !for_login_service).then(|| "permits every row".to_owned())
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
