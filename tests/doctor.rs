//! `tessera doctor`: each thing is broken in turn, and it is found, with a way to mend it.

use std::net::TcpListener;
use std::process::Output;

use serde_json::Value;

use crate::faults::gateway::command;
use crate::faults::on_own_server;
use crate::faults::server::{Server, free_port};

fn doctor(flags: &[&str]) -> Output {
    command()
        .arg("doctor")
        .args(flags)
        .args(["--listen", &format!("127.0.0.1:{}", free_port())])
        .output()
        .expect("the doctor runs")
}

/// The findings as JSON, and the exit code.
fn examine(url: &str, flags: &[&str]) -> (Value, Option<i32>) {
    let output = doctor(&[&["--json", "--database-url", url], flags].concat());
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let report = serde_json::from_str(&text).unwrap_or_else(|error| {
        panic!("{error}: {text}{}", String::from_utf8_lossy(&output.stderr))
    });
    (report, output.status.code())
}

fn findings<'a>(report: &'a Value, level: &str) -> Vec<(&'a str, &'a str)> {
    let checks = report["checks"].as_array().expect("a list");
    checks
        .iter()
        .filter(|check| check["level"] == level)
        .map(|check| {
            let text = |name: &str| check[name].as_str().expect("a text");
            (text("found"), text("mend"))
        })
        .collect()
}

/// Whose tokens are accepted, and which.
const TERMS: [&str; 4] = [
    "--jwt-issuer",
    "https://id.example",
    "--jwt-audience",
    "tessera",
];

fn assert_healthy(server: &Server, when: &str) {
    let (report, code) = examine(&server.url(), &TERMS);
    assert_eq!(code, Some(0), "{when}: {report:#}");
    assert_eq!(findings(&report, "warning"), [], "{when}");
}

/// Asserts that one of the problems says both texts.
fn assert_problem(report: &Value, code: Option<i32>, found: &str, mend: &str) {
    assert_eq!(code, Some(1), "{found}: {report:#}");
    let problems = findings(report, "problem");
    assert!(
        problems
            .iter()
            .any(|(text, remedy)| text.contains(found) && remedy.contains(mend)),
        "`{found}` with `{mend}` is not among {problems:#?}"
    );
}

/// What is broken, what is found, how it is to be mended, and what mends it.
const BREAKAGES: &[(&str, &str, &str, &str)] = &[
    (
        "drop extension pg_trgm cascade",
        "the extension pg_trgm was dropped",
        "create extension pg_trgm",
        "create extension pg_trgm with schema public",
    ),
    (
        "drop policy tenant_isolation on orders",
        "orders does not have the policy tenant_isolation",
        "create policy tenant_isolation on public.orders",
        "create policy tenant_isolation on orders using (workspace_id = app.workspace_id())",
    ),
    (
        "drop policy tenant_isolation on orders; create policy tenant_isolation on orders using (true)",
        "the policy tenant_isolation of orders has the condition true instead of the workspace",
        "drop policy tenant_isolation on public.orders; create policy",
        "select 1",
    ),
    (
        "select 1",
        "without a workspace the gateway reads rows of public.orders",
        "stop the gateway",
        "drop policy tenant_isolation on orders; create policy tenant_isolation on orders using (workspace_id = app.workspace_id())",
    ),
    (
        "drop policy update_by_role on orders",
        "orders does not have the policy update_by_role",
        "create policy update_by_role on public.orders as restrictive for update",
        "create policy update_by_role on orders as restrictive for update \
           using (app.role_at_least('viewer')) with check (app.role_at_least('member'))",
    ),
    (
        "select 1",
        "the policy update_by_role of orders has the condition app.role_at_least('viewer'::text), which does not ask for 'member'",
        "drop policy update_by_role on public.orders; create policy update_by_role",
        "drop policy update_by_role on orders; create policy update_by_role on orders as restrictive for update \
           using (app.role_at_least('member')) with check (app.role_at_least('member'))",
    ),
    (
        "drop trigger guard_update_cost on products",
        "the trigger guard_update_cost of products does not exist",
        "create trigger guard_update_cost before update of cost on public.products",
        "create trigger guard_update_cost before update of cost on products for each row \
           when (current_user = 'gateway' and not app.role_at_least('staff')) execute function app.refuse_column('cost', 'staff')",
    ),
    (
        "alter table orders disable trigger log_update",
        "the trigger log_update of orders is disabled",
        "alter table public.orders enable trigger log_update",
        "alter table orders enable trigger log_update",
    ),
    (
        "grant update (workspace_id) on orders to gateway",
        "the gateway may update orders (workspace_id), which it should not",
        "revoke update on public.orders from gateway, public; grant update (",
        "revoke update (workspace_id) on orders from gateway",
    ),
    (
        "revoke delete on app.idempotency_keys from gateway",
        "the gateway may not delete app.idempotency_keys",
        "grant delete on app.idempotency_keys to gateway",
        "grant delete on app.idempotency_keys to gateway",
    ),
    (
        "grant select on app.change_log to gateway",
        "the gateway may select app.change_log (",
        "revoke select on app.change_log from gateway, public",
        "revoke select on app.change_log from gateway",
    ),
    (
        "alter table customers disable row level security",
        "row level security is off for customers",
        "alter table public.customers enable row level security",
        "alter table customers enable row level security",
    ),
    (
        "create policy back_door on products using (true)",
        "products has the policy back_door, which no migration creates and which permits more rows",
        "drop policy \"back_door\"",
        "drop policy back_door on products",
    ),
    (
        "create or replace view monthly_usage as select *, now() as refreshed_at from mv.monthly_usage",
        "the view monthly_usage is missing, or does not filter by workspace",
        "as model_owner, create it again",
        "create or replace view monthly_usage as select workspace_id, user_id, month, total_cost, total_tokens, execution_count, \
           (select r.refreshed_at from mv.refreshes r where r.view = 'monthly_usage') as refreshed_at from mv.monthly_usage where workspace_id = app.workspace_id() and (user_id = app.user_id() or app.sees_all())",
    ),
    (
        "alter view read.genres rename to kinds",
        "the view read.genres is missing",
        "create view read.genres as select t.id, t.workspace_id, ",
        "alter view read.kinds rename to genres",
    ),
    (
        "create view read.loot as select * from users",
        "the schema read has loot, which no migration creates",
        "drop read.\"loot\"",
        "drop view read.loot",
    ),
    (
        "alter view read.orders owner to gateway; grant select on orders to gateway",
        "the view read.orders belongs to gateway and reads with the privileges of that role",
        "alter view read.orders owner to model_owner",
        "alter view read.orders owner to model_owner; grant select on read.orders to gateway; \
           revoke select on orders from gateway; grant select (workspace_id, id, updated_at) on orders to gateway",
    ),
    (
        "alter view read.orders set (security_barrier)",
        "the view read.orders has the option security_barrier=true",
        "alter view read.orders reset (security_barrier)",
        "alter view read.orders reset (security_barrier)",
    ),
    (
        "alter view read.orders set (security_invoker)",
        "the view read.orders has the option security_invoker=true",
        "alter view read.orders reset (security_invoker)",
        "alter view read.orders reset (security_invoker)",
    ),
    (
        // The condition on the workspace is gone.
        "create or replace view read.shipments as select t.id, t.workspace_id, t.order_id, t.tracking_number, t.carrier, \
           t.status, t.shipped_date, t.estimated_delivery, t.actual_delivery, t.created_at, t.updated_at from public.shipments t",
        "the view read.shipments is not as the migrations create it",
        "drop view read.shipments; create view read.shipments as select ",
        "create or replace view read.shipments as select t.id, t.workspace_id, t.order_id, t.tracking_number, t.carrier, \
           t.status, t.shipped_date, t.estimated_delivery, t.actual_delivery, t.created_at, t.updated_at from public.shipments t \
           where t.workspace_id = app.workspace_id()",
    ),
    (
        "revoke select on read.orders from gateway",
        "the gateway may not select read.orders",
        "grant select",
        "grant select on read.orders to gateway",
    ),
    (
        "grant insert on read.orders to gateway",
        "the gateway may insert read.orders (",
        "revoke insert on read.orders from gateway, public",
        "revoke insert on read.orders from gateway",
    ),
    (
        "grant select on mv.monthly_usage to gateway",
        "the gateway may select mv.monthly_usage (",
        "revoke select on mv.monthly_usage from gateway, public",
        "revoke select on mv.monthly_usage from gateway",
    ),
    (
        "grant select on part.system_events_default to public",
        "the gateway may select part.system_events_default (",
        "revoke select on part.system_events_default from gateway, public",
        "revoke select on part.system_events_default from public",
    ),
    (
        "grant select on monthly_usage to gateway",
        "the gateway may select monthly_usage (",
        "revoke select on public.monthly_usage from gateway, public",
        "revoke select on monthly_usage from gateway",
    ),
    (
        "grant select (status) on orders to gateway",
        "the gateway may select orders (status), which it should not",
        "grant select (id, updated_at, workspace_id) on public.orders to gateway",
        "revoke select (status) on orders from gateway",
    ),
    (
        "revoke usage on schema read from gateway",
        "gateway may not use schema read",
        "grant usage on schema read to gateway",
        "grant usage on schema read to gateway",
    ),
    (
        "revoke execute on function app.role_at_least(text) from gateway",
        "app.role_at_least(text) is missing, or the gateway may not execute it",
        "grant execute on function app.role_at_least(text) to gateway",
        "grant execute on function app.role_at_least(text) to gateway",
    ),
    (
        "grant select (password_hash) on users to gateway",
        "the gateway may select users (password_hash), which it should not",
        "revoke select",
        "revoke select (password_hash) on users from gateway",
    ),
    (
        "grant select (credentials) on integrations to public",
        "the gateway may select integrations (credentials), which it should not",
        "from gateway, public",
        "revoke select (credentials) on integrations from public",
    ),
    (
        "grant truncate on orders to gateway",
        "the gateway may truncate orders, which it should not",
        "revoke truncate on public.orders",
        "revoke truncate on orders from gateway",
    ),
    (
        "alter role gateway bypassrls",
        "gateway bypasses row level security",
        "alter role gateway nobypassrls",
        "alter role gateway nobypassrls",
    ),
    (
        "grant model_owner to gateway",
        "gateway is a member of model_owner",
        "revoke model_owner from gateway",
        "revoke model_owner from gateway",
    ),
    (
        "create table app.loot (); alter table app.loot owner to gateway",
        "gateway owns table app.loot",
        "reassign owned by gateway",
        "drop table app.loot",
    ),
    (
        "grant create on schema app to gateway",
        "gateway may create in schema app",
        "revoke create on schema app from gateway",
        "revoke create on schema app from gateway",
    ),
    (
        "grant usage on schema mv to gateway",
        "gateway may use schema mv",
        "revoke usage on schema mv",
        "revoke usage on schema mv from gateway",
    ),
    (
        "revoke gateway from tessera; grant select on seaql_migrations to tessera",
        "`tessera` may not act as gateway",
        "grant gateway to \"tessera\"",
        "grant gateway to tessera; revoke select on seaql_migrations from tessera",
    ),
    (
        "alter role tessera bypassrls",
        "`tessera` has too many privileges for a gateway: it bypasses row level security",
        "create role tessera login",
        "alter role tessera nobypassrls",
    ),
    (
        "grant model_owner to tessera",
        "may act as model_owner",
        "create role tessera login",
        "revoke model_owner from tessera",
    ),
    (
        "revoke execute on function app.refresh_views() from gateway",
        "app.refresh_views() is missing, or the gateway may not execute it",
        "grant execute on function app.refresh_views() to gateway",
        "grant execute on function app.refresh_views() to gateway",
    ),
    (
        "alter extension vector set schema app",
        "vector is in the schema `app`",
        "alter extension vector set schema public",
        "alter extension vector set schema public",
    ),
    (
        "delete from seaql_migrations where version = 'm0021_indexes'",
        "m0021_indexes is pending",
        "tessera migrate",
        "insert into seaql_migrations values ('m0021_indexes', 0)",
    ),
    (
        "insert into seaql_migrations values ('m9999_later', 0)",
        "the migration m9999_later, which this version does not know",
        "install the version",
        "delete from seaql_migrations where version = 'm9999_later'",
    ),
    (
        "alter role tessera connection limit 5",
        "the gateway needs up to 16 and 4 more; the server allows 5",
        "set --pool-size to 1",
        "alter role tessera connection limit -1",
    ),
];

#[test]
fn what_is_broken_in_the_database_is_found() {
    on_own_server(async |server| {
        assert_healthy(server, "at first");
        for (breakage, found, mend, mended) in BREAKAGES {
            server.script(breakage).await;
            let (report, code) = examine(&server.url(), &[]);
            assert_problem(&report, code, found, mend);
            server.script(mended).await;
        }
        assert_healthy(server, "after all was mended");

        let (report, code) = examine(&server.admin_url(), &[]);
        assert_problem(
            &report,
            code,
            "it is a superuser",
            "create role tessera login",
        );
        let flags = [&TERMS[..], &["--development", "true"]].concat();
        let (report, code) = examine(&server.admin_url(), &flags);
        assert_eq!(code, Some(0), "{report:#}");
        let warnings = findings(&report, "warning");
        assert!(warnings[0].0.contains("it is a superuser"), "{warnings:?}");
        let (report, code) = examine(&server.url(), &[]);
        assert_eq!(code, Some(0), "{report:#}");
        let warnings = findings(&report, "warning");
        for (index, setting) in ["jwt_issuer", "jwt_audience"].into_iter().enumerate() {
            assert!(warnings[index].0.ends_with(setting), "{warnings:?}");
        }
    });
}

#[test]
fn a_database_that_cannot_be_reached_is_told_without_its_password() {
    on_own_server(async |server| {
        server
            .script("create role with_password login password 'right'")
            .await;
        let good = server.url();
        let at = |user: &str, port: u16, database: &str| {
            format!("postgres://{user}:the-password@127.0.0.1:{port}/{database}")
        };
        let port = server.port;
        let steps = migration::known();
        let (first, last) = (&steps[0], &steps[steps.len() - 1]);
        let pending = format!("{} are pending, {first} to {last}", steps.len());
        for (url, found, mend) in [
            (
                at("tessera", free_port(), "tessera_faults"),
                "no server listens at 127.0.0.1:",
                "start PostgreSQL",
            ),
            (
                at("tessera", port, "nowhere"),
                "has no database `nowhere`",
                "create database nowhere",
            ),
            (
                at("nobody_known", port, "tessera_faults"),
                "refused the login `nobody_known`",
                "create role nobody_known",
            ),
            (
                at("with_password", port, "tessera_faults"),
                "refused the password of `with_password`",
                "correct user and password",
            ),
            (
                "postgres://tessera:the-password@no-such-host.invalid/x".to_owned(),
                "there is no host `no-such-host.invalid`",
                "correct the host",
            ),
            (
                format!("{}?sslmode=require", at("tessera", port, "tessera_faults")),
                "TLS with 127.0.0.1:",
                "sslmode",
            ),
            (at("tessera", port, "postgres"), &pending, "tessera migrate"),
            (
                "mysql://tessera:the-password@127.0.0.1/x".to_owned(),
                "must begin with postgres://",
                "correct the setting",
            ),
        ] {
            let (report, code) = examine(&url, &[]);
            assert_problem(&report, code, found, mend);
            assert!(!report.to_string().contains("the-password"), "{report:#}");
        }

        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let taken = listener.local_addr().expect("an address").to_string();
        let output = command()
            .args([
                "doctor",
                "--json",
                "--database-url",
                &good,
                "--listen",
                &taken,
            ])
            .output()
            .expect("the doctor runs");
        drop(listener);
        let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        assert_eq!(
            findings(&report, "warning")[0].0,
            format!("{taken} is in use")
        );
        assert_eq!(output.status.code(), Some(0));
    });
}

#[test]
fn settings_that_do_not_fit_together_are_found() {
    let url = "postgres://tessera@127.0.0.1:1/x";
    let output = command()
        .args([
            "doctor",
            "--database-url",
            url,
            "--development=true",
            "--listen",
            "0.0.0.0:8080",
        ])
        .output()
        .expect("the doctor runs");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(
        text.contains("problem  address: development mode gives the schema"),
        "{text}"
    );
    assert!(text.contains("-> set --listen to 127.0.0.1:8080"), "{text}");

    let output = command()
        .args(["doctor", "--database-url", url])
        .env_remove("TESSERA_JWT_SECRET")
        .output()
        .expect("the doctor runs");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(
        text.contains("problem  keys: no key is configured"),
        "{text}"
    );
    assert!(
        text.contains("problem  connection: no server listens at 127.0.0.1:1"),
        "{text}"
    );
    assert_eq!(output.status.code(), Some(1));

    let usage = doctor(&["--no-such-flag"]);
    assert_eq!(usage.status.code(), Some(2));
}
