//! A clock that jumps.

use std::path::PathBuf;
use std::time::Duration;

use serde_json::json;
use tessera::auth::issue;
use tessera::session::Role;

use super::gateway::{Gateway, http};
use super::{left_out, on_own_server};
use crate::harness::seed::Side;

const HOUR: u64 = 3600;

fn library() -> Option<PathBuf> {
    let folders = [
        "/usr/lib/x86_64-linux-gnu",
        "/usr/lib/aarch64-linux-gnu",
        "/usr/lib",
    ];
    folders
        .iter()
        .map(|folder| PathBuf::from(folder).join("faketime/libfaketime.so.1"))
        .find(|path| path.is_file())
}

#[test]
fn a_jump_of_the_clock_decides_over_tokens_and_nothing_else() {
    let Some(library) = library() else {
        return left_out("libfaketime is not installed");
    };
    on_own_server(async |server| {
        let home = tempfile::tempdir().expect("a folder");
        let shift = home.path().join("shift");
        let set = |text: &str| {
            let next = home.path().join("next");
            std::fs::write(&next, text).expect("a file");
            std::fs::rename(next, &shift).expect("a file");
        };
        set("+0");
        let gateway = Gateway::start(
            &server.url(),
            &[],
            &[
                ("LD_PRELOAD", library.to_str().expect("UTF-8")),
                ("FAKETIME_TIMESTAMP_FILE", shift.to_str().expect("UTF-8")),
                ("FAKETIME_NO_CACHE", "1"),
                ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
                ("DONT_FAKE_MONOTONIC", "1"),
            ],
        )
        .await;
        let token = |hours: u64| {
            let workspace = Side::A.workspace().to_string();
            issue(
                &crate::harness::secret(),
                Side::A.user(),
                &[(&workspace, Role::Owner)],
                Duration::from_secs(hours * HOUR),
            )
            .expect("a token")
        };
        let (short, long) = (token(1), token(100));
        let http = http();
        let ask = async |token: &str| {
            let response = http
                .post(gateway.address("/graphql"))
                .header("content-type", "application/json")
                .bearer_auth(token)
                .body(json!({"query": "{ products { totalCount } }"}).to_string())
                .send()
                .await
                .expect("an answer in time");
            response.status().as_u16()
        };
        assert_eq!((ask(&short).await, ask(&long).await), (200, 200));
        for (jump, expected) in [
            ("+24h", (401, 200)),
            ("+200h", (401, 401)),
            ("+0", (200, 200)),
            ("-24h", (200, 200)),
            ("+24h", (401, 200)),
            ("+0", (200, 200)),
        ] {
            set(jump);
            assert_eq!((ask(&short).await, ask(&long).await), expected, "{jump}");
            assert_eq!(gateway.ready().await, Some(200), "{jump}");
        }
        // Nothing spins because of it. A tick is 10 ms; the requests themselves take a few.
        let before = gateway.ticks();
        tokio::time::sleep(Duration::from_secs(1)).await;
        let used = gateway.ticks() - before;
        assert!(used < 50, "{used} ticks in a second of rest");
    });
}
