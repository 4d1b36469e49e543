//! The command line: one file per subcommand.

mod database;
mod doctor;
mod follow;
mod greeting;
mod identity;
mod import;
mod migrate;
mod refresh;
mod serve;
mod table;
mod token;
mod user;
mod workspace;

use std::ffi::OsString;
use std::fmt::Display;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::{Flags, Settings};
use crate::telemetry::LogFormat;
use crate::{app, telemetry};

/// A multi-tenant GraphQL server for one PostgreSQL model of commerce, marketing, support and
/// agents. The default command is `serve`.
#[derive(Parser)]
#[command(name = "tessera", version)]
struct Cli {
    #[command(flatten)]
    flags: Flags,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the API, GraphiQL and health checks.
    Serve,
    /// Migrate the database to this version of the model.
    Migrate(migrate::Arguments),
    /// Refresh the materialized views now; `serve` does it every hour.
    Refresh,
    /// Import a file into a workspace.
    Import(import::Arguments),
    /// Create and list workspaces. Needs a login that may act as `model_owner`.
    #[command(subcommand)]
    Workspace(workspace::Command),
    /// Add, list and remove the members of workspaces. Needs a login that may act as `model_owner`.
    #[command(subcommand)]
    User(user::Command),
    /// Print a token signed with the configured secret.
    Token(token::Arguments),
    /// Check settings and database, and say how to fix each problem; exit with status 1 if there
    /// is one.
    Doctor(doctor::Arguments),
    /// Print the GraphQL schema (SDL).
    Schema,
}

/// Runs the command line of the process; an error is one line on standard error.
pub fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        // Help and version are no errors, and go to standard output as they are.
        Err(error) if !error.use_stderr() || !wants_json(std::env::args_os().skip(1)) => {
            error.exit()
        }
        Err(error) => {
            let text = telemetry::failure(LogFormat::Json, error.to_string().trim());
            telemetry::say(telemetry::Stream::Error, text);
            return ExitCode::from(2);
        }
    };
    // Settings that cannot be read are among the things it reports.
    let done = match &cli.command {
        Some(Command::Doctor(arguments)) => doctor::run(&cli.flags, arguments),
        _ => execute(&cli).map(|()| ExitCode::SUCCESS),
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            let text = telemetry::failure(cli.format(), &error);
            telemetry::say(telemetry::Stream::Error, text);
            ExitCode::FAILURE
        }
    }
}

/// Whether a command line that cannot be read, or the environment, asks for lines of JSON.
fn wants_json(arguments: impl Iterator<Item = OsString>) -> bool {
    let mut given = std::env::var_os("TESSERA_LOG_FORMAT");
    let mut is_value = false;
    for argument in arguments {
        let value = argument
            .to_str()
            .and_then(|text| text.strip_prefix("--log-format="));
        match value {
            Some(value) => given = Some(value.into()),
            None if is_value => given = Some(argument.clone()),
            None => {}
        }
        is_value = argument == "--log-format";
    }
    given.is_some_and(|format| format.eq_ignore_ascii_case("json"))
}

impl Cli {
    /// The format of an error, which is that of the log.
    fn format(&self) -> LogFormat {
        match Settings::read(&self.flags) {
            Ok(settings) => settings.telemetry.log_format,
            Err(_) => self.flags.telemetry.log_format.unwrap_or_default(),
        }
    }
}

/// Prints what a command was run for. A reader that has read enough is no error.
fn print(text: impl Display) -> Result<(), String> {
    let mut output = io::stdout().lock();
    match write!(output, "{text}").and_then(|()| output.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(format!("the output cannot be written: {error}"))
        }
        _ => Ok(()),
    }
}

/// Says something beside what a command prints.
fn note(settings: &Settings, text: &str) {
    match settings.telemetry.log_format {
        LogFormat::Text => telemetry::say(telemetry::Stream::Error, format!("tessera: {text}\n")),
        LogFormat::Json => tracing::warn!("{text}"),
    }
}

fn execute(cli: &Cli) -> Result<(), String> {
    if matches!(cli.command, Some(Command::Schema)) {
        return print(app::sdl()?);
    }
    let settings = Settings::read(&cli.flags)?;
    let _telemetry = telemetry::start(&settings.telemetry)?;
    let runtime = tokio::runtime::Runtime::new()
        .map_err(|error| format!("cannot start the runtime: {error}"))?;
    runtime.block_on(async {
        match &cli.command {
            None | Some(Command::Serve) => serve::run(&settings).await,
            Some(Command::Migrate(arguments)) => migrate::run(&settings, arguments).await,
            Some(Command::Refresh) => refresh::run(&settings).await,
            Some(Command::Import(arguments)) => import::run(&settings, arguments).await,
            Some(Command::Workspace(command)) => workspace::run(&settings, command).await,
            Some(Command::User(command)) => user::run(&settings, command).await,
            Some(Command::Token(arguments)) => token::run(&settings, arguments).await,
            Some(Command::Doctor(_) | Command::Schema) => Ok(()),
        }
    })
}
