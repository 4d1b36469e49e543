//! The two servers as processes of their own.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};

use crate::cases::Question;
use crate::seed::{Kind, WORKSPACE, id};

/// Signs the tokens of the benchmark alone.
const SECRET: &str = "a secret of the benchmark, known to everyone";

/// Name under which the gateway's connections stand in `pg_stat_activity`.
const GATEWAY_APPLICATION: &str = "tessera";
const LIMIT_APPLICATION: &str = "limit";

pub struct Server {
    pub name: &'static str,
    pub application: &'static str,
    pub address: SocketAddr,
    /// The token for the one that wants one.
    token: Option<String>,
    process: Child,
}

/// The program of this name beside this one.
pub fn program(name: &str) -> anyhow::Result<PathBuf> {
    Ok(std::env::current_exe()?.with_file_name(name))
}

/// Builds both servers as this program was built.
pub async fn build() -> anyhow::Result<()> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    // One after the other: together they would ask more features of what they share, and build
    // all of it anew.
    for package in ["tessera", "bench"] {
        let mut command = Command::new(&cargo);
        // What `cargo run` tells this program makes build scripts of others believe that they
        // were changed.
        for (name, _) in std::env::vars() {
            if name.starts_with("CARGO_") {
                command.env_remove(name);
            }
        }
        command.args(["build", "--package", package, "--bins"]);
        if !cfg!(debug_assertions) {
            command.arg("--release");
        }
        ensure!(
            command.status().await?.success(),
            "{package} does not build"
        );
    }
    if cfg!(debug_assertions) {
        eprintln!("This is a debug build; measure with --release.");
    }
    Ok(())
}

pub async fn migrate(gateway: &Path, url: &str) -> anyhow::Result<()> {
    let status = Command::new(gateway)
        .arg("migrate")
        .env("DATABASE_URL", url)
        .stdout(Stdio::null())
        .status()
        .await?;
    ensure!(status.success(), "the database cannot be migrated");
    Ok(())
}

impl Server {
    pub async fn gateway(program: &Path, url: &str, connections: usize) -> anyhow::Result<Self> {
        let issued = Command::new(program)
            .args(["token", "--workspace", WORKSPACE, "--user"])
            .arg(id(Kind::User, 1).to_string())
            .env("TESSERA_JWT_SECRET", SECRET)
            .output()
            .await?;
        ensure!(issued.status.success(), "the gateway issues no token");
        let token = String::from_utf8(issued.stdout)?.trim().to_owned();
        let address = free_address().await?;
        let mut command = Command::new(program);
        command
            .args([
                "serve",
                "--development",
                "false",
                "--log",
                "warn",
                "--listen",
            ])
            .arg(address.to_string())
            .args(["--pool-size", &connections.to_string()])
            .env("DATABASE_URL", url)
            .env("TESSERA_JWT_SECRET", SECRET);
        Self::start(
            "gateway",
            GATEWAY_APPLICATION,
            address,
            Some(token),
            command,
        )
        .await
    }

    pub async fn limit(url: &str, connections: usize) -> anyhow::Result<Self> {
        let address = free_address().await?;
        let mut command = Command::new(program("limit")?);
        command
            .args([address.to_string(), connections.to_string()])
            .arg(id(Kind::Workspace, 1).to_string())
            .env("DATABASE_URL", url);
        Self::start("limit", LIMIT_APPLICATION, address, None, command).await
    }

    async fn start(
        name: &'static str,
        application: &'static str,
        address: SocketAddr,
        token: Option<String>,
        mut command: Command,
    ) -> anyhow::Result<Self> {
        let mut process = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("{name} does not start"))?;
        for _ in 0..300 {
            if TcpStream::connect(address).await.is_ok() {
                return Ok(Self {
                    name,
                    application,
                    address,
                    token,
                    process,
                });
            }
            if let Some(status) = process.try_wait()? {
                bail!("{name} ended: {status}");
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        bail!("{name} does not listen on {address}")
    }

    pub fn pid(&self) -> anyhow::Result<u32> {
        self.process
            .id()
            .with_context(|| format!("{} has ended", self.name))
    }

    /// The bytes of the request that puts the question to this server.
    pub fn request(&self, question: &Question) -> Vec<u8> {
        match &self.token {
            None => format!("GET {} HTTP/1.1\r\nHost: bench\r\n\r\n", question.path),
            Some(token) => format!(
                "POST /graphql HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nAccept: application/json\r\nAuthorization: Bearer {token}\r\nContent-Length: {}\r\n\r\n{}",
                question.graphql.len(),
                question.graphql
            ),
        }
        .into_bytes()
    }
}

/// An address that was free just now.
async fn free_address() -> anyhow::Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0").await?.local_addr()?)
}
