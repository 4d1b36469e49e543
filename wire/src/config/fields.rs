//! The parameters that a URL may have, before they are given their meaning.

use std::collections::BTreeMap;

use super::ConfigError;

/// What becomes of a parameter of libpq.
enum Use {
    /// It has a meaning here.
    Understood,
    /// It changes nothing here, and nobody is less safe for that.
    Harmless,
    /// It cannot be honoured; the text says what to do instead.
    Refused(&'static str),
}

use Use::{Harmless, Refused, Understood};

/// Every parameter that libpq 18 knows.
const KNOWN: &[(&str, Use)] = &[
    ("application_name", Understood),
    ("channel_binding", Understood),
    ("client_encoding", Understood),
    ("connect_timeout", Understood),
    ("dbname", Understood),
    ("fallback_application_name", Understood),
    ("gssdelegation", Harmless),
    ("gssencmode", Understood),
    ("gsslib", Harmless),
    ("host", Understood),
    ("hostaddr", Understood),
    ("keepalives", Understood),
    ("keepalives_count", Understood),
    ("keepalives_idle", Understood),
    ("keepalives_interval", Understood),
    ("krbsrvname", Harmless),
    ("load_balance_hosts", Understood),
    ("max_protocol_version", Understood),
    ("min_protocol_version", Understood),
    ("oauth_client_id", Refused(OAUTH)),
    ("oauth_client_secret", Refused(OAUTH)),
    ("oauth_issuer", Refused(OAUTH)),
    ("oauth_scope", Refused(OAUTH)),
    ("options", Understood),
    ("passfile", Understood),
    ("password", Understood),
    ("port", Understood),
    ("replication", Understood),
    ("require_auth", Understood),
    (
        "requirepeer",
        Refused("protect the folder of the socket by its permissions, and leave it out"),
    ),
    ("scram_client_key", Refused("give the password itself")),
    ("scram_server_key", Refused("give the password itself")),
    (
        "service",
        Refused("write what the service file says into the URL"),
    ),
    (
        "servicefile",
        Refused("write what the service file says into the URL"),
    ),
    ("sslcert", Understood),
    ("sslcertmode", Understood),
    ("sslcompression", Harmless),
    (
        "sslcrl",
        Refused("lists of revoked certificates are not read; leave it out"),
    ),
    (
        "sslcrldir",
        Refused("lists of revoked certificates are not read; leave it out"),
    ),
    ("sslkey", Understood),
    ("sslkeylogfile", Refused("leave it out")),
    ("ssl_max_protocol_version", Understood),
    ("ssl_min_protocol_version", Understood),
    ("sslmode", Understood),
    ("sslnegotiation", Understood),
    (
        "sslpassword",
        Refused("decrypt the key (openssl pkey -in … -out …) and protect the file instead"),
    ),
    ("sslrootcert", Understood),
    ("sslsni", Understood),
    ("target_session_attrs", Understood),
    ("tcp_user_timeout", Understood),
    ("user", Understood),
];

const OAUTH: &str = "use a password or a client certificate";

/// Parameters by name; empty ones count as absent, as in libpq.
pub(super) struct Fields(BTreeMap<&'static str, String>);

impl Fields {
    pub(super) fn new(parameters: Vec<(String, String)>) -> Result<Self, ConfigError> {
        let mut fields = BTreeMap::new();
        for (name, value) in parameters {
            let Some((known, meaning)) = KNOWN.iter().find(|(known, _)| *known == name) else {
                return Err(ConfigError::new(format!(
                    "the database URL has a parameter that libpq does not know: `{name}`; \
                     settings of PostgreSQL go into options, as in options=-c%20name%3Dvalue"
                )));
            };
            match meaning {
                Refused(instead) if !value.is_empty() => {
                    return Err(ConfigError::new(format!(
                        "`{name}` in the database URL is not supported: {instead}"
                    )));
                }
                Understood if value.is_empty() => drop(fields.remove(known)),
                Understood => drop(fields.insert(*known, value)),
                Harmless | Refused(_) => {}
            }
        }
        Ok(Self(fields))
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.get(name).map(str::to_owned)
    }

    /// The value as what one of a few words means, or the default where the URL says nothing.
    pub(super) fn word<T: Copy>(
        &self,
        name: &str,
        words: &[(&str, T)],
        default: T,
    ) -> Result<T, ConfigError> {
        let Some(value) = self.get(name) else {
            return Ok(default);
        };
        let found = words.iter().find(|(word, _)| *word == value);
        found.map(|(_, meaning)| *meaning).ok_or_else(|| {
            let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            ConfigError::new(format!(
                "`{name}` in the database URL must be one of {}, not {value:?}",
                words.join(", ")
            ))
        })
    }

    /// The value as a whole number, as C reads it.
    pub(super) fn number(&self, name: &str) -> Result<Option<i32>, ConfigError> {
        let Some(value) = self.get(name) else {
            return Ok(None);
        };
        value.trim().parse().map(Some).map_err(|_| {
            ConfigError::new(format!(
                "`{name}` in the database URL must be a whole number, not {value:?}"
            ))
        })
    }

    /// The value as a number that is at least zero, none where it is absent, zero or less.
    pub(super) fn positive(&self, name: &str) -> Result<Option<u32>, ConfigError> {
        let number = self.number(name)?;
        Ok(number
            .and_then(|number| u32::try_from(number).ok())
            .filter(|number| *number > 0))
    }
}
