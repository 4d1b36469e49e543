//! The real binary, serving on a port of its own.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use super::server::free_port;
use super::until;

pub struct Gateway {
    process: Child,
    home: TempDir,
    pub port: u16,
    http: reqwest::Client,
}

impl Gateway {
    /// Starts the gateway over a database, with further flags and variables, and waits until it
    /// is ready.
    pub async fn start(url: &str, flags: &[&str], variables: &[(&str, &str)]) -> Self {
        let home = tempfile::tempdir().expect("a folder");
        let log = std::fs::File::create(home.path().join("log")).expect("a log");
        let port = free_port();
        let process = command()
            .args(flags)
            .env("DATABASE_URL", url)
            .env("TESSERA_LISTEN", format!("127.0.0.1:{port}"))
            .envs(variables.iter().copied())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("the gateway runs");
        let gateway = Self {
            process,
            home,
            port,
            http: http(),
        };
        until(
            "the gateway is ready",
            Duration::from_secs(60),
            async || gateway.ready().await == Some(200),
        )
        .await;
        gateway
    }

    /// The status of `/health/ready`; none while nobody listens.
    pub async fn ready(&self) -> Option<u16> {
        let request = self.http.get(self.address("/health/ready"));
        let response = request.send().await.ok()?;
        Some(response.status().as_u16())
    }

    pub fn address(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// The processor time that the process has used, in ticks of the kernel.
    pub fn ticks(&self) -> u64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.process.id()))
            .expect("the process lives");
        let (_, fields) = stat.rsplit_once(") ").expect("the name of the program");
        let fields: Vec<&str> = fields.split(' ').collect();
        let ticks = |index: usize| fields[index].parse::<u64>().expect("a number");
        ticks(11) + ticks(12)
    }

    /// Sends SIGTERM, as service managers do.
    pub fn terminate(&self) {
        let id = self.process.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &id]).status();
        assert!(sent.expect("kill runs").success());
    }

    /// Whether the process ended well; none while it runs.
    pub fn ended_well(&mut self) -> Option<bool> {
        let status = self.process.try_wait().expect("a process");
        status.map(|status| status.success())
    }

    fn log(&self) -> PathBuf {
        self.home.path().join("log")
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        if std::thread::panicking() {
            let log = std::fs::read_to_string(self.log()).unwrap_or_default();
            let lines = log.lines().filter(|line| !line.contains(" operation "));
            let end: Vec<&str> = lines.collect();
            eprintln!("the end of the gateway's log:");
            for line in &end[end.len().saturating_sub(30)..] {
                eprintln!("  {line}");
            }
        }
    }
}

/// The command `tessera`, without settings of whoever runs the tests.
pub fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tessera"));
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy().into_owned();
        if name.starts_with("TESSERA_") || name.starts_with("PG") || name == "DATABASE_URL" {
            command.env_remove(name);
        }
    }
    command
        .current_dir("/")
        .env(
            "TESSERA_JWT_SECRET",
            "the secret of the tests, which is long enough",
        )
        .stdin(Stdio::null());
    command
}

/// A client that waits for no answer longer than an answer may take.
pub fn http() -> reqwest::Client {
    // Taken twice, the second one is told that it stands already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .timeout(super::load::DEADLINE)
        .build()
        .expect("a client")
}
