//! PostGraphile from npm: installed, started and called.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use tokio::process::Command;

use crate::seed::{Kind, Role, id};
use crate::server::Setup;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("postgraphile")
}

/// Installs what the lock file names, unless an earlier run did.
pub async fn install() -> anyhow::Result<()> {
    let written = |path: &str| fs::metadata(folder().join(path)).and_then(|file| file.modified());
    let lock = written("package-lock.json").context("bench/postgraphile is not there")?;
    if written("node_modules/.package-lock.json").is_ok_and(|installed| installed >= lock) {
        return Ok(());
    }
    eprintln!("Installing PostGraphile …");
    let status = Command::new("npm")
        .args(["ci", "--no-audit", "--no-fund", "--loglevel", "error"])
        .current_dir(folder())
        .status()
        .await
        .context("PostGraphile needs npm; --without-postgraphile leaves it out")?;
    ensure!(
        status.success(),
        "npm does not install PostGraphile; --without-postgraphile leaves it out"
    );
    Ok(())
}

/// The command that serves.
pub fn command(setup: &Setup, address: SocketAddr) -> Command {
    // npm installs the Node that PostGraphile asks for where there is one for this machine.
    let own = folder().join("node_modules/.bin/node");
    let mut command = Command::new(if own.exists() {
        own
    } else {
        PathBuf::from("node")
    });
    command
        .arg("server.mjs")
        .args([address.port().to_string(), setup.pool.to_string()])
        .args(setup.writing.then_some("writing"))
        .current_dir(folder())
        .env("NODE_ENV", "production")
        .env("GRAPHILE_ENV", "production");
    command
}

/// The headers that name a caller of this role.
pub fn caller_headers(role: Role) -> String {
    format!(
        "App-Workspace: {}\r\nApp-User: {}\r\nApp-Role: {}\r\n",
        id(Kind::Workspace, 1),
        role.user(),
        role.name()
    )
}
