//! The chores behind `cargo xtask`, as a library so that tests can run them too.

use std::path::{Path, PathBuf};

pub mod codegen;
pub mod tidy;

/// The root of the workspace this was built in.
pub fn workspace_root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest).to_path_buf()
}
