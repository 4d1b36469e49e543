//! Generated files go through rustfmt, so that they look like the rest and `cargo fmt --check` agrees.

use std::{collections::BTreeMap, ffi::OsString, fs, process::Command};

use anyhow::{Context, Result, bail};

/// Formats the files of one crate's `src`, given by name.
pub fn format(files: BTreeMap<String, String>) -> Result<BTreeMap<String, String>> {
    let folder = tempfile::tempdir().context("cannot make a temporary folder for rustfmt")?;
    for (name, content) in &files {
        fs::write(folder.path().join(name), content)
            .with_context(|| format!("cannot write {name} for rustfmt"))?;
    }
    let program = std::env::var_os("RUSTFMT").unwrap_or_else(|| OsString::from("rustfmt"));
    let output = Command::new(&program)
        .args(["--edition", "2024"])
        .args(files.keys())
        .current_dir(folder.path())
        .output()
        .context("cannot start rustfmt: install it with `rustup component add rustfmt`")?;
    if !output.status.success() {
        bail!(
            "rustfmt refuses the generated code: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    let mut formatted = BTreeMap::new();
    for name in files.into_keys() {
        let content = fs::read_to_string(folder.path().join(&name))
            .with_context(|| format!("cannot read {name} back from rustfmt"))?;
        formatted.insert(name, content);
    }
    Ok(formatted)
}
