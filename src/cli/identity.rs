//! The authentication settings of a command, with the secret that development mode creates.

use std::path::PathBuf;

use uuid::Uuid;

use crate::auth::{AuthOptions, Secret};
use crate::config::Settings;

/// The settings of identity for serving.
///
/// # Errors
/// When no token could be checked, or the development secret cannot be kept.
pub(super) fn options(settings: &Settings) -> Result<AuthOptions, String> {
    let mut options = settings.auth.clone();
    if options.secret.is_none() && settings.server.development {
        options.secret = Some(development_secret(settings)?);
    }
    if options.has_keys() {
        return Ok(options);
    }
    Err(
        "no key is configured to verify tokens with; set --jwks-url to your issuer's key set, --jwt-public-key to its public key, or --jwt-secret-file (TESSERA_JWT_SECRET) to the secret that it signs with"
            .to_owned(),
    )
}

/// The settings of identity to issue tokens with, whose secret is the configured one, or in
/// development the one that serving made: a new one would sign tokens that no gateway accepts.
/// Beside it, the file of such a secret.
///
/// # Errors
/// When there is none; says what to set.
pub(super) fn issuing(settings: &Settings) -> Result<(AuthOptions, Option<PathBuf>), String> {
    let mut options = settings.auth.clone();
    if options.secret.is_some() {
        return Ok((options, None));
    }
    if !settings.server.development {
        return Err(
            "no JWT secret is configured to sign with; set --jwt-secret-file or TESSERA_JWT_SECRET. Where tokens are verified with public keys, only the issuer can sign them"
                .to_owned(),
        );
    }
    let path = development_path(settings);
    let kept = std::fs::read(&path).ok().map(Secret::new);
    let Some(Ok(secret)) = kept else {
        return Err(format!(
            "no JWT secret is configured to sign with, and `tessera serve` has not made one in {} yet; set --jwt-secret-file or TESSERA_JWT_SECRET to the secret of the gateway, or start `tessera serve` once with the same --data-dir",
            path.display()
        ));
    };
    options.secret = Some(secret);
    Ok((options, Some(path)))
}

fn development_path(settings: &Settings) -> PathBuf {
    settings.server.data_dir.join("development.secret")
}

fn development_secret(settings: &Settings) -> Result<Secret, String> {
    let path = development_path(settings);
    let failed = |error: std::io::Error| {
        format!(
            "cannot keep the development secret in {}: {error}",
            path.display()
        )
    };
    std::fs::create_dir_all(&settings.server.data_dir).map_err(failed)?;
    if let Ok(text) = std::fs::read(&path)
        && let Ok(secret) = Secret::new(text)
    {
        return Ok(secret);
    }
    // Two random UUIDs hold 244 bits from the operating system's generator.
    let text = format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let mut file = options.open(&path).map_err(failed)?;
    std::io::Write::write_all(&mut file, text.as_bytes()).map_err(failed)?;
    Secret::new(text)
}
