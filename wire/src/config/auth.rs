//! How the server may ask who we are.

use super::ConfigError;
use super::fields::Fields;

/// Whether the password's proof must hold for this TLS connection alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ChannelBinding {
    Disable,
    Prefer,
    Require,
}

/// The ways of authentication that `require_auth` tells apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    None,
    Password,
    Md5,
    Scram,
    Gss,
    Sspi,
    Oauth,
}

const METHODS: &[(&str, Method)] = &[
    ("none", Method::None),
    ("password", Method::Password),
    ("md5", Method::Md5),
    ("scram-sha-256", Method::Scram),
    ("gss", Method::Gss),
    ("sspi", Method::Sspi),
    ("oauth", Method::Oauth),
];

/// Which ways are allowed; all where the URL says nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Methods {
    /// Whether the list names what is forbidden.
    negated: bool,
    listed: Vec<Method>,
}

impl Methods {
    pub(super) fn parse(fields: &Fields) -> Result<Self, ConfigError> {
        let mut methods = Self::default();
        let Some(text) = fields.get("require_auth") else {
            return Ok(methods);
        };
        for (index, entry) in text.split(',').map(str::trim).enumerate() {
            let (negated, name) = match entry.strip_prefix('!') {
                Some(name) => (true, name),
                None => (false, entry),
            };
            if index > 0 && negated != methods.negated {
                return Err(ConfigError::new(
                    "`require_auth` in the database URL mixes methods with and without `!`; \
                     write all of them one way",
                ));
            }
            methods.negated = negated;
            let known = METHODS.iter().find(|(known, _)| *known == name);
            let (_, method) = known.ok_or_else(|| {
                let names: Vec<&str> = METHODS.iter().map(|(name, _)| *name).collect();
                ConfigError::new(format!(
                    "`require_auth` in the database URL must be a list of {}, not {entry:?}",
                    names.join(", ")
                ))
            })?;
            methods.listed.push(*method);
        }
        Ok(methods)
    }

    pub(crate) fn allow(&self, method: Method) -> bool {
        self.listed.is_empty() || self.listed.contains(&method) != self.negated
    }
}
