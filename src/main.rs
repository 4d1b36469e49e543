//! The command `tessera`.

use std::process::ExitCode;

fn main() -> ExitCode {
    tessera::cli::run()
}
