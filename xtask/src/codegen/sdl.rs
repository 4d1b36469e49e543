//! `schema.graphql`: the schema of the gateway over the entities on disk.

use std::{
    ffi::OsString,
    fs,
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail};

use super::compare::first_difference;

pub const FILE: &str = "schema.graphql";

/// Writes the file, unless it is up to date, and returns whether it did.
pub fn write(root: &Path) -> Result<bool> {
    let expected = of_the_gateway(root)?;
    let path = root.join(FILE);
    if fs::read_to_string(&path).is_ok_and(|present| present == expected) {
        return Ok(false);
    }
    fs::write(&path, expected).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(true)
}

/// How the file differs from the gateway's schema, if it does.
pub fn difference(root: &Path) -> Result<Option<String>> {
    let expected = of_the_gateway(root)?;
    Ok(match fs::read_to_string(root.join(FILE)) {
        Ok(present) => first_difference(&present, &expected).map(|text| format!("{FILE}:{text}")),
        Err(error) => Some(format!("{FILE}: cannot be read: {error}")),
    })
}

/// Asks the gateway's own binary. The schema follows from entities that may just have changed, so it
/// takes a build that began after they were written; this program is an older one.
fn of_the_gateway(root: &Path) -> Result<String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = Command::new(cargo);
    // What cargo tells this program about its own package would be taken for a change by build scripts
    // that watch these variables (ring's does), and half of the dependencies be built again.
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        let own = [
            "CARGO_BIN_",
            "CARGO_CRATE_",
            "CARGO_MANIFEST_",
            "CARGO_PKG_",
        ];
        if own.iter().any(|prefix| text.starts_with(prefix)) {
            command.env_remove(&name);
        }
    }
    let output = command
        .args([
            "run", "--quiet", "--locked", "--bin", "tessera", "--", "schema",
        ])
        .current_dir(root)
        .stderr(Stdio::inherit())
        .output()
        .context("cannot start cargo to print the schema of the gateway")?;
    if !output.status.success() {
        bail!(
            "{FILE} cannot be made: the gateway does not build or start with the entities in entity/src (see above). Adapt it to them, then run `{}` again",
            super::COMMAND
        );
    }
    String::from_utf8(output.stdout).context("the gateway's schema is not text in UTF-8")
}
