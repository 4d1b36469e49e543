//! Imports while PostgreSQL is killed: all of one is there, or nothing.

use std::process::{Child, Stdio};
use std::time::Duration;

use super::gateway::command;
use super::server::Server;
use super::{on_own_server, until};

pub const CHINOOK: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/playground/data/chinook.json.gz"
);

/// Starts `tessera import` of the record store into a workspace that it makes.
pub fn import(server: &Server, slug: &str) -> Child {
    command()
        .args(["import", "chinook", CHINOOK, "--workspace", slug])
        .args(["--create-for", "owner@imports.example"])
        .env("DATABASE_URL", server.admin_url())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the import runs")
}

/// The rows of a workspace in all that the import writes first and last.
pub async fn rows(server: &Server, slug: &str) -> i64 {
    let counts = ["customers", "products", "orders", "order_items", "genres"].map(|table| {
        format!("(select count(*) from {table} t join workspaces w on w.id = t.workspace_id where w.slug = '{slug}')")
    });
    server
        .number(&format!("select {}", counts.join(" + ")))
        .await
}

#[test]
fn an_import_survives_a_kill_whole_or_not_at_all() {
    on_own_server(async |server| {
        let whole = import(server, "whole").wait_with_output().expect("an end");
        assert!(whole.status.success(), "{whole:?}");
        let all = rows(server, "whole").await;
        assert!(all > 2000, "{all}");

        let (mut kept, mut lost) = (0, 0);
        for round in 0..6 {
            let slug = format!("round-{round}");
            let mut running = import(server, &slug);
            // Each round lets it get further: past its connection, into its rows, to its end.
            let written = format!(
                "select count(*) from pg_locks l join pg_stat_activity a using (pid) \
                 where a.pid <> pg_backend_pid() and l.mode = 'RowExclusiveLock' and \
                 l.relation in (select oid from pg_class where relname = any({}))",
                [
                    "array['workspaces']",
                    "array['genres', 'products']",
                    "array['products']",
                    "array['customers']",
                    "array['order_items']",
                    "array['none']",
                ][round]
            );
            until(
                "the import has come so far",
                Duration::from_secs(60),
                async || {
                    running.try_wait().expect("a state").is_some()
                        || server.number(&written).await > 0
                },
            )
            .await;
            server.kill();
            let ended = running.wait_with_output().expect("an end");
            server.start().await;
            let found = rows(server, &slug).await;
            let said = String::from_utf8_lossy(&ended.stderr).into_owned();
            if ended.status.success() {
                assert_eq!(found, all, "what was reported is there");
                kept += 1;
            } else {
                assert!(found == 0 || found == all, "{found} of {all}: {said}");
                assert!(said.starts_with("tessera: "), "{said}");
                lost += 1;
            }
        }
        eprintln!("{kept} imports were kept, {lost} were not");
        assert!(kept > 0 && lost > 0, "both were tried");
        assert_eq!(rows(server, "whole").await, all, "nothing older was lost");
    });
}
