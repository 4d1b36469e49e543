//! What a URL says about TLS.

use std::path::{Path, PathBuf};

use super::ConfigError;
use super::fields::Fields;
use super::hosts::{Host, Place};

/// Whether the connection is encrypted, and what must be true of the server's certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum SslMode {
    Disable,
    Allow,
    Prefer,
    Require,
    VerifyCa,
    VerifyFull,
}

/// Whom the certificate of a server must come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Roots {
    /// Anybody.
    Any,
    /// Those whom the operating system trusts.
    System,
    /// Those of a file.
    File(PathBuf),
}

/// The oldest and the newest version of TLS; none leaves it to the library.
pub(crate) type Versions = (bool, bool);

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ssl {
    pub(crate) mode: SslMode,
    /// TLS begins with the first byte; the server is not asked first.
    pub(crate) direct: bool,
    pub(crate) roots: Roots,
    /// The files of the client's certificates and of their key.
    pub(crate) client: Option<(PathBuf, PathBuf)>,
    /// Whether the server is told the name that it is asked by.
    pub(crate) sni: bool,
    /// Whether TLS 1.2 and TLS 1.3 may be spoken.
    pub(crate) versions: Versions,
}

const MODES: &[(&str, SslMode)] = &[
    ("disable", SslMode::Disable),
    ("allow", SslMode::Allow),
    ("prefer", SslMode::Prefer),
    ("require", SslMode::Require),
    ("verify-ca", SslMode::VerifyCa),
    ("verify-full", SslMode::VerifyFull),
];

impl Ssl {
    pub(super) fn parse(fields: &Fields, hosts: &[Host]) -> Result<Self, ConfigError> {
        let system = fields.get("sslrootcert") == Some("system");
        let usual = if system {
            SslMode::VerifyFull
        } else {
            SslMode::Prefer
        };
        let mode = fields.word("sslmode", MODES, usual)?;
        if system && mode != SslMode::VerifyFull {
            return Err(ConfigError::new(
                "sslrootcert=system in the database URL needs sslmode=verify-full: \
                 anybody can have a certificate that the system trusts",
            ));
        }
        let direct = fields.word(
            "sslnegotiation",
            &[("postgres", false), ("direct", true)],
            false,
        )?;
        if direct && mode < SslMode::Require {
            return Err(ConfigError::new(
                "sslnegotiation=direct in the database URL needs sslmode=require, verify-ca or verify-full",
            ));
        }
        let roots = match fields.get("sslrootcert") {
            _ if mode == SslMode::Disable => Roots::Any,
            Some("system") => Roots::System,
            Some(path) => Roots::File(path.into()),
            None if mode == SslMode::VerifyFull => Roots::System,
            None if mode == SslMode::VerifyCa => {
                return Err(ConfigError::new(
                    "sslmode=verify-ca in the database URL needs sslrootcert=<file with the authority's \
                     certificate>; for the authorities of the system use sslmode=verify-full",
                ));
            }
            None => Roots::Any,
        };
        if mode == SslMode::VerifyFull && hosts.iter().any(is_nameless) {
            return Err(ConfigError::new(
                "sslmode=verify-full in the database URL needs a host beside each hostaddr: \
                 the certificate must be for that name",
            ));
        }
        Ok(Self {
            mode,
            direct,
            roots,
            client: client(fields, mode)?,
            sni: fields.word("sslsni", &[("1", true), ("0", false)], true)?,
            versions: versions(fields)?,
        })
    }

    /// Whether certificates are checked. As in libpq, a file with authorities is used whatever the
    /// mode.
    pub(crate) fn verifies(&self) -> bool {
        self.roots != Roots::Any
    }
}

fn is_nameless(host: &Host) -> bool {
    matches!(host.place, Place::Network { name: None, .. })
}

fn client(fields: &Fields, mode: SslMode) -> Result<Option<(PathBuf, PathBuf)>, ConfigError> {
    let words = [("allow", true), ("disable", false), ("require", true)];
    let wanted = fields.word("sslcertmode", &words, true)?;
    if fields.get("sslcertmode") == Some("require") {
        return Err(ConfigError::new(
            "sslcertmode=require in the database URL is not supported: \
             demand the certificate on the server, by `cert` or clientcert in pg_hba.conf",
        ));
    }
    let file = |name| fields.get(name).map(|path| Path::new(path).to_path_buf());
    match (file("sslcert"), file("sslkey")) {
        _ if !wanted || mode == SslMode::Disable => Ok(None),
        (Some(certificate), Some(key)) => Ok(Some((certificate, key))),
        (None, None) => Ok(None),
        (Some(_), None) => Err(ConfigError::new(
            "the database URL has sslcert without sslkey: give the file of its private key, too",
        )),
        (None, Some(_)) => Err(ConfigError::new(
            "the database URL has sslkey without sslcert: give the file of its certificate, too",
        )),
    }
}

fn versions(fields: &Fields) -> Result<Versions, ConfigError> {
    const VERSIONS: &[(&str, u8)] = &[("TLSv1", 0), ("TLSv1.1", 1), ("TLSv1.2", 2), ("TLSv1.3", 3)];
    let oldest = fields.word("ssl_min_protocol_version", VERSIONS, 2)?;
    let newest = fields.word("ssl_max_protocol_version", VERSIONS, 3)?;
    if newest < 2 || newest < oldest {
        return Err(ConfigError::new(
            "`ssl_max_protocol_version` in the database URL must be TLSv1.2 or TLSv1.3, and not \
             older than ssl_min_protocol_version",
        ));
    }
    Ok((oldest <= 2, newest >= 3))
}
