//! Settings of identity: who signs tokens.

use std::path::{Path, PathBuf};

use super::section::section;
use crate::auth::Secret;

section! {
    /// Flags of identity.
    pub struct AuthFlags {
        /// File with the secret that signs tokens with HS256, 32 bytes or more. The secret itself
        /// may stand in the variable TESSERA_JWT_SECRET instead.
        #[arg(long, global = true, env = "TESSERA_JWT_SECRET_FILE", value_name = "FILE")]
        jwt_secret_file: PathBuf,
    }
}

/// Checked settings of identity.
#[derive(Clone, Debug, Default)]
pub struct AuthSettings {
    /// None where none was configured; development then makes one.
    pub secret: Option<Secret>,
}

impl AuthFlags {
    pub(super) fn check(self) -> Result<AuthSettings, String> {
        Ok(AuthSettings {
            secret: read_secret(self.jwt_secret_file.as_deref())?,
        })
    }
}

fn read_secret(file: Option<&Path>) -> Result<Option<Secret>, String> {
    if let Some(path) = file {
        let text = std::fs::read(path).map_err(|error| {
            format!("cannot read the JWT secret in {}: {error}", path.display())
        })?;
        // Editors end files with a line feed that is not meant.
        let text = text.strip_suffix(b"\n").unwrap_or(&text);
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        return Secret::new(text).map(Some);
    }
    match std::env::var("TESSERA_JWT_SECRET") {
        Ok(secret) if !secret.is_empty() => Secret::new(secret).map(Some),
        _ => Ok(None),
    }
}
