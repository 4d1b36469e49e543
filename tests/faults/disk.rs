//! A disk that is full.

use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::gateway::{Gateway, http};
use super::imports::{import, rows};
use super::load::{Caller, good};
use super::server::{self, Server};
use super::{TURN, left_out, until};
use crate::harness::client::token;
use crate::harness::run;
use crate::harness::seed::Side;

/// A small file system in memory.
struct Disk(tempfile::TempDir);

impl Disk {
    fn mount() -> Option<Self> {
        let dir = tempfile::tempdir().expect("a folder");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=220m,mode=755", "tmpfs"])
            .arg(dir.path())
            .output();
        mounted
            .is_ok_and(|output| output.status.success())
            .then_some(Self(dir))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// Fills the disk up.
    fn fill(&self) {
        let mut file = std::fs::File::create(self.path().join("ballast")).expect("a file");
        let block = vec![1; 64 * 1024];
        while file.write_all(&block).is_ok() {}
    }

    fn free(&self) {
        std::fs::remove_file(self.path().join("ballast")).expect("the file goes");
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.path()).output();
    }
}

#[test]
fn a_full_disk_fails_cleanly_and_changes_nothing() {
    let Some(programs) = server::programs() else {
        return left_out("TESSERA_TEST_POSTGRES_BIN names no folder with PostgreSQL's programs");
    };
    let Some(disk) = Disk::mount() else {
        return left_out("this user may not mount a small disk");
    };
    run(async {
        let _turn = TURN.lock().await;
        let mut server = Server::make(&programs, Some(disk.path()));
        server.start().await;
        server.fill().await;
        server
            .script(&format!(
                "alter role tessera set work_mem = '64kB'; \
                 insert into genres (workspace_id, name) \
                 select '{}', 'alpha' || md5(n::text) || n from generate_series(1, 60000) n",
                Side::A.workspace()
            ))
            .await;
        server.script("vacuum analyze genres").await;
        server.script("checkpoint").await;
        let gateway = Gateway::start(&server.url(), &[], &[]).await;
        let small = Caller::new(&gateway, Side::B, "{ products { nodes { id title } } }").await;
        let sort = async || {
            let query = "{ genres(first: 1, offset: 50000, orderBy: [{ createdAt: ASC }, { name: DESC }]) { nodes { name } } }";
            let response = http()
                .post(gateway.address("/graphql"))
                .header("content-type", "application/json")
                .bearer_auth(token(Side::A))
                .body(serde_json::json!({ "query": query }).to_string())
                .send()
                .await
                .expect("an answer in time");
            (
                response.status().as_u16(),
                response.text().await.expect("a body"),
            )
        };
        let (status, sorted) = sort().await;
        assert_eq!(status, 200, "{sorted}");

        disk.fill();
        let (status, body) = sort().await;
        assert_eq!(status, 500, "{body}");
        assert!(
            body.contains("INTERNAL") && body.contains("traceId"),
            "{body}"
        );
        for word in ["space", "disk", "temp", "pgsql", "device"] {
            assert!(!body.contains(word), "{body}");
        }
        let record = small.ask().await;
        assert!(good(&record.outcome), "{record:?}");

        let refused = import(&server, "full").wait_with_output().expect("an end");
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(!refused.status.success(), "{said}");
        assert!(said.contains("disk of the database is full"), "{said}");
        assert!(said.contains("nothing was imported"), "{said}");
        assert!(said.contains("run the import again"), "{said}");

        disk.free();
        // The server may have had to restart itself.
        until("it serves again", Duration::from_secs(30), async || {
            good(&small.ask().await.outcome)
        })
        .await;
        assert_eq!(rows(&server, "full").await, 0);
        assert_eq!(sort().await, (200, sorted));
        let again = import(&server, "full").wait_with_output().expect("an end");
        assert!(again.status.success(), "{again:?}");
        assert!(rows(&server, "full").await > 0);
    });
}
