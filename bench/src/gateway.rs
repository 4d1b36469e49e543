//! The gateway: built, started and called as in production.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;

use anyhow::ensure;
use tokio::process::Command;

use crate::seed::{Role, WORKSPACE};
use crate::server::Setup;

/// Signs the tokens of the benchmark alone.
const SECRET: &str = "a secret of the benchmark, known to everyone";

/// The profile of this program, by the directory that it was built into; none for `dev`.
fn profile() -> anyhow::Result<Option<String>> {
    let program = std::env::current_exe()?;
    let directory = program.parent().and_then(Path::file_name);
    let name = directory.map(|name| name.to_string_lossy().into_owned());
    Ok(name.filter(|name| name != "debug"))
}

/// Builds the gateway and the limit as this program was built.
pub async fn build() -> anyhow::Result<()> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let profile = profile()?;
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
        if let Some(profile) = &profile {
            command.args(["--profile", profile]);
        }
        ensure!(
            command.status().await?.success(),
            "{package} does not build"
        );
    }
    if cfg!(debug_assertions) {
        eprintln!("This is a debug build; measure with --profile dist.");
    }
    Ok(())
}

pub async fn migrate(program: &Path, url: &str) -> anyhow::Result<()> {
    let status = Command::new(program)
        .arg("migrate")
        .env("DATABASE_URL", url)
        .stdout(Stdio::null())
        .status()
        .await?;
    ensure!(status.success(), "the database cannot be migrated");
    Ok(())
}

/// The token of the user who has this role.
pub async fn token(program: &Path, url: &str, role: Role) -> anyhow::Result<String> {
    let issued = Command::new(program)
        .args(["token", "--workspace", WORKSPACE])
        .args(["--user", &role.user().to_string(), "--role", role.name()])
        .env("DATABASE_URL", url)
        .env("TESSERA_JWT_SECRET", SECRET)
        .output()
        .await?;
    ensure!(issued.status.success(), "the gateway issues no token");
    Ok(String::from_utf8(issued.stdout)?.trim().to_owned())
}

/// The command that serves.
pub fn command(setup: &Setup, address: SocketAddr) -> Command {
    let mut command = Command::new(&setup.gateway);
    command
        .args(["serve", "--development", "false", "--listen"])
        .arg(address.to_string())
        .args(["--pool-size", &setup.pool.to_string()])
        .env("TESSERA_JWT_SECRET", SECRET);
    if setup.large_answers {
        command.args(["--max-page", "100000", "--max-cost", "1000000000"]);
        command.args([
            "--max-answer-bytes",
            "268435456",
            "--max-held-bytes",
            "1073741824",
        ]);
    }
    if let Some(clients) = setup.clients {
        // By default one workspace may use three quarters of the permits. All clients are of one
        // workspace here and none is to be refused, as the other servers refuse none.
        command
            .args(["--max-concurrent", &(clients * 2).to_string()])
            .args(["--max-concurrent-per-workspace", &clients.to_string()]);
    }
    command
}
