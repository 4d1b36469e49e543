//! A PostgreSQL server that belongs to one test, which may do to it what it likes.

use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use sqlx::{AssertSqlSafe, Connection, PgConnection, Row};
use tempfile::TempDir;

use crate::harness::seed;

/// `nobody` and `nogroup`: PostgreSQL refuses to run as root.
const NOBODY: u32 = 65534;
const DATABASE: &str = "tessera_faults";
/// Within this time a server starts, or recovers.
const PATIENCE: Duration = Duration::from_secs(60);

/// The folder of PostgreSQL's programs.
pub fn programs() -> Option<PathBuf> {
    let folder = PathBuf::from(std::env::var_os("TESSERA_TEST_POSTGRES_BIN")?);
    assert!(
        folder.join("postgres").is_file(),
        "there is no program `postgres` in {}",
        folder.display()
    );
    Some(folder)
}

pub struct Server {
    programs: PathBuf,
    home: TempDir,
    data: PathBuf,
    pub port: u16,
    postmaster: Option<Child>,
}

impl Server {
    /// A server without rows, not started yet; its data lies in a folder of the caller's or in
    /// one of its own.
    pub fn make(programs: &Path, data: Option<&Path>) -> Self {
        let home = tempfile::Builder::new()
            .prefix("tessera-fault-")
            .tempdir()
            .expect("a folder");
        std::fs::set_permissions(home.path(), std::fs::Permissions::from_mode(0o755))
            .expect("a folder that others may enter");
        let data = data.unwrap_or(home.path()).join("data");
        std::fs::create_dir(&data).expect("a folder for the data");
        if is_root() {
            chown(&data, Some(NOBODY), Some(NOBODY)).expect("a folder of nobody");
        }
        let server = Self {
            programs: programs.to_owned(),
            data,
            home,
            port: free_port(),
            postmaster: None,
        };
        let made = server
            .command("initdb")
            .args([
                "-U",
                "postgres",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--locale=C.UTF-8",
                "-N",
            ])
            .arg("-D")
            .arg(&server.data)
            .output()
            .expect("initdb runs");
        assert!(
            made.status.success(),
            "{}",
            String::from_utf8_lossy(&made.stderr)
        );
        // One login has a password, for those who test what a wrong one gives.
        let rules = server.data.join("pg_hba.conf");
        let rest = std::fs::read_to_string(&rules).expect("the rules of logins");
        std::fs::write(
            rules,
            format!("host all with_password 127.0.0.1/32 scram-sha-256\n{rest}"),
        )
        .expect("new rules of logins");
        server
    }

    /// Starts the server and waits until it takes connections; gives the moment when it did.
    pub async fn start(&mut self) -> Instant {
        self.spawn();
        self.accepting().await
    }

    pub fn spawn(&mut self) {
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(self.home.path().join("log"))
            .expect("a log");
        let mut command = self.command("postgres");
        command
            .arg("-D")
            .arg(&self.data)
            .args(["-p", &self.port.to_string(), "-k", ""])
            .args(["-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"])
            .args(["-c", "max_connections=60", "-c", "shared_buffers=16MB"])
            .args(["-c", "max_wal_size=64MB", "-c", "min_wal_size=32MB"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log);
        self.postmaster = Some(command.spawn().expect("postgres runs"));
    }

    /// Waits until the server takes connections.
    pub async fn accepting(&self) -> Instant {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Ok(connection) =
                PgConnection::connect(&self.url_of("postgres", "postgres")).await
            {
                let now = Instant::now();
                let _ = connection.close().await;
                return now;
            }
            assert!(Instant::now() < deadline, "no start:\n{}", self.log());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Kills the postmaster and everything it started with -9, and waits until all are gone.
    pub fn kill(&mut self) {
        let Some(mut postmaster) = self.postmaster.take() else {
            return;
        };
        let parent = postmaster.id();
        // First of all the one who would restart or tidy up.
        postmaster.kill().expect("the postmaster dies");
        postmaster.wait().expect("the postmaster is gone");
        let data = self.data.canonicalize().expect("the folder of the data");
        let deadline = Instant::now() + PATIENCE;
        loop {
            let orphans: Vec<String> = processes()
                .filter(|id| {
                    std::fs::read_link(format!("/proc/{id}/cwd")).is_ok_and(|cwd| cwd == data)
                })
                .filter(|id| *id != parent.to_string())
                .collect();
            if orphans.is_empty() {
                return;
            }
            assert!(Instant::now() < deadline, "{orphans:?} do not die");
            let _ = Command::new("kill").arg("-9").args(&orphans).output();
        }
    }

    /// Makes the database with the model, its seed, and an ordinary login for the gateway.
    pub async fn fill(&self) {
        self.script_in("postgres", &format!("create database {DATABASE}"))
            .await;
        migration::up(&self.admin_url()).await.expect("the model");
        self.script("create role tessera login; grant gateway to tessera")
            .await;
        self.script(&seed::everything()).await;
    }

    /// The URL of an administrator.
    pub fn admin_url(&self) -> String {
        self.url_of("postgres", DATABASE)
    }

    /// The URL of the gateway's login.
    pub fn url(&self) -> String {
        self.url_of("tessera", DATABASE)
    }

    pub fn url_of(&self, user: &str, database: &str) -> String {
        format!("postgres://{user}@127.0.0.1:{}/{database}", self.port)
    }

    pub async fn admin(&self) -> PgConnection {
        PgConnection::connect(&self.admin_url())
            .await
            .expect("the server takes a connection")
    }

    /// Runs statements as the administrator.
    pub async fn script(&self, script: &str) {
        self.script_in(DATABASE, script).await;
    }

    async fn script_in(&self, database: &str, script: &str) {
        let mut connection = PgConnection::connect(&self.url_of("postgres", database))
            .await
            .expect("the server takes a connection");
        sqlx::raw_sql(AssertSqlSafe(script.to_owned()))
            .execute(&mut connection)
            .await
            .expect("the script runs");
        connection.close().await.expect("the connection closes");
    }

    /// The number that a query of the administrator gives.
    pub async fn number(&self, query: &str) -> i64 {
        let mut connection = self.admin().await;
        let row = sqlx::query(AssertSqlSafe(query.to_owned()))
            .fetch_one(&mut connection)
            .await
            .expect("the query runs");
        connection.close().await.expect("the connection closes");
        row.get(0)
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.home.path().join("log")).unwrap_or_default()
    }

    fn command(&self, program: &str) -> Command {
        let program = self.programs.join(program);
        let mut command = if is_root() {
            let mut command = Command::new("setpriv");
            command
                .args(["--reuid=nobody", "--regid=nogroup", "--clear-groups", "--"])
                .arg(program);
            command
        } else {
            Command::new(program)
        };
        command.current_dir("/");
        command
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            let log = self.log();
            let end: Vec<&str> = log.lines().rev().take(30).collect();
            eprintln!("the end of the server's log:");
            for line in end.iter().rev() {
                eprintln!("  {line}");
            }
        }
    }
}

pub fn is_root() -> bool {
    // The folder of a process belongs to the user whose rights it has.
    std::os::unix::fs::MetadataExt::uid(&std::fs::metadata("/proc/self").expect("a process")) == 0
}

fn processes() -> impl Iterator<Item = String> {
    let folder = std::fs::read_dir("/proc").expect("the list of processes");
    folder
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.bytes().all(|byte| byte.is_ascii_digit()))
}

/// A port that nobody listens on.
pub fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address").port()
}
