//! `cargo xtask <chore>`: what the project does to its own source.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use xtask::{codegen, tidy, workspace_root};

#[derive(Parser)]
#[command(
    name = "cargo xtask",
    about = "Chores of the project",
    disable_help_subcommand = true
)]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Migrate an embedded database and write `entity/src` and `schema.graphql` from it
    Codegen {
        /// Write nothing; fail if the files on disk are not what would be written
        #[arg(long)]
        check: bool,
    },
    /// Check the rules that no compiler checks: file heads, lengths, and who may mention whom
    Tidy,
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().chore {
        Chore::Codegen { check: false } => codegen::write(&workspace_root()),
        Chore::Codegen { check: true } => codegen::check(&workspace_root()),
        Chore::Tidy => tidy::run(&workspace_root()),
    };
    match outcome {
        Ok(report) => {
            println!("{report}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}
