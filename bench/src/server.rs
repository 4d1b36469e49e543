//! The servers as processes of their own.

use std::fs::{File, OpenOptions};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};

use crate::cases::Question;
use crate::seed::{Kind, Role, id};
use crate::{gateway, postgraphile, writes};

/// What all servers are started with.
pub struct Setup {
    /// The program of the gateway.
    pub gateway: PathBuf,
    /// Connections to the database.
    pub pool: usize,
    /// The most clients that ask at once; none, where the gateway's own limits shall hold.
    pub clients: Option<usize>,
    /// Whether the gateway's limits of one answer are raised.
    pub large_answers: bool,
    /// Whether the servers shall write.
    pub writing: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Program {
    Gateway,
    Limit,
    PostGraphile,
}

impl Program {
    pub fn name(self) -> &'static str {
        match self {
            Self::Gateway => "gateway",
            Self::Limit => "limit",
            Self::PostGraphile => "PostGraphile",
        }
    }

    /// The name under which the connections stand in `pg_stat_activity`.
    pub fn application(self) -> &'static str {
        match self {
            Self::Gateway => "tessera",
            Self::Limit => "limit",
            Self::PostGraphile => "postgraphile",
        }
    }

    /// Starts the server over the database of this URL, and waits until it accepts connections.
    pub async fn start(self, setup: &Setup, url: &str) -> anyhow::Result<Server> {
        let address = free_address().await?;
        let mut tokens = Vec::new();
        let mut command = match self {
            Self::Gateway => {
                for role in [Role::Owner, Role::Member] {
                    tokens.push((role, gateway::token(&setup.gateway, url, role).await?));
                }
                gateway::command(setup, address)
            }
            Self::Limit => limit(setup, address)?,
            Self::PostGraphile => postgraphile::command(setup, address),
        };
        let path = beside(&format!("{}.log", self.name()))?;
        let log = OpenOptions::new().create(true).append(true).open(&path)?;
        log.set_len(0)?;
        let begun = Instant::now();
        let mut process = command
            .env("DATABASE_URL", url)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log.try_clone()?)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("{} does not start", self.name()))?;
        for _ in 0..6000 {
            if TcpStream::connect(address).await.is_ok() {
                return Ok(Server {
                    program: self,
                    address,
                    started: begun.elapsed(),
                    tokens,
                    log,
                    process,
                });
            }
            if let Some(status) = process.try_wait()? {
                bail!("{} ended ({status}); see {}", self.name(), path.display());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        bail!("{} does not listen; see {}", self.name(), path.display())
    }
}

pub struct Server {
    pub program: Program,
    pub address: SocketAddr,
    /// How long it took to listen.
    pub started: Duration,
    /// Those of the roles, for the server that checks them.
    tokens: Vec<(Role, String)>,
    log: File,
    process: Child,
}

impl Server {
    pub fn pid(&self) -> anyhow::Result<u32> {
        self.process
            .id()
            .with_context(|| format!("{} has ended", self.program.name()))
    }

    /// Empties the log, which would fill the disk in a long run.
    pub fn empty_log(&self) -> anyhow::Result<()> {
        Ok(self.log.set_len(0)?)
    }

    /// The bytes of the request in which a caller of this role asks this server.
    pub fn request(&self, question: &Question, role: Role) -> Vec<u8> {
        let own = |body| writes::with_unique(body, question.makes_rows);
        match self.program {
            Program::Limit => match &question.body {
                Some(body) => post(&question.path, "", &own(body)),
                None => {
                    format!("GET {} HTTP/1.1\r\nHost: bench\r\n\r\n", question.path).into_bytes()
                }
            },
            Program::Gateway => {
                let token = self.tokens.iter().find(|(of, _)| *of == role);
                let token = token.map_or("", |(_, token)| token);
                post(
                    GRAPHQL,
                    &format!("Authorization: Bearer {token}\r\n"),
                    &own(&question.graphql),
                )
            }
            Program::PostGraphile => {
                let headers = postgraphile::caller_headers(role);
                post(GRAPHQL, &headers, &own(&question.postgraphile))
            }
        }
    }
}

const GRAPHQL: &str = "/graphql";

fn post(path: &str, headers: &str, body: &str) -> Vec<u8> {
    format!(
        "POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nAccept: application/json\r\n{headers}Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

fn limit(setup: &Setup, address: SocketAddr) -> anyhow::Result<Command> {
    let mut command = Command::new(beside("limit")?);
    command
        .args([address.to_string(), setup.pool.to_string()])
        .arg(id(Kind::Workspace, 1).to_string())
        .arg(Role::Owner.user().to_string());
    Ok(command)
}

/// The file of this name beside this program.
pub fn beside(name: &str) -> anyhow::Result<PathBuf> {
    Ok(std::env::current_exe()?.with_file_name(name))
}

/// An address that was free just now.
async fn free_address() -> anyhow::Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0").await?.local_addr()?)
}
