//! Where the servers are: the lists of hosts, addresses and ports joined.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;

use super::ConfigError;
use super::fields::Fields;
use super::secret::Secret;

const DEFAULT_PORT: u16 = 5432;

/// One server to try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Host {
    pub(crate) place: Place,
    pub(crate) port: u16,
    /// The password that is for this server alone, from a password file.
    pub(crate) password: Option<Secret>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Nothing was said: a socket in one of the usual folders, or else this machine by TCP.
    Usual,
    /// The folder of a Unix socket; an abstract one begins with `@`.
    Folder(PathBuf),
    /// By TCP. The name is what a certificate must be for; an address beside it saves looking the
    /// name up.
    Network {
        name: Option<String>,
        address: Option<IpAddr>,
    },
}

impl fmt::Display for Host {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let port = self.port;
        match &self.place {
            Place::Usual => write!(formatter, "the local server, port {port}"),
            Place::Folder(folder) => {
                write!(formatter, "the socket in {}, port {port}", folder.display())
            }
            Place::Network {
                name: Some(name), ..
            } => write!(formatter, "{name}, port {port}"),
            Place::Network {
                address: Some(address),
                ..
            } => write!(formatter, "{address}, port {port}"),
            Place::Network { .. } => write!(formatter, "port {port}"),
        }
    }
}

pub(super) fn hosts(fields: &Fields) -> Result<Vec<Host>, ConfigError> {
    let list = |name| {
        let text = fields.get(name);
        text.map(|text| text.split(',').map(str::trim).collect::<Vec<_>>())
    };
    let (names, addresses, ports) = (list("host"), list("hostaddr"), list("port"));
    let count = addresses.as_ref().or(names.as_ref()).map_or(1, Vec::len);
    let mismatch = |one: &str, other: &str| {
        ConfigError::new(format!(
            "the database URL has another number of values for `{one}` than for `{other}`; \
             give one for each server"
        ))
    };
    if names.as_ref().is_some_and(|names| names.len() != count) {
        return Err(mismatch("host", "hostaddr"));
    }
    let ports = ports.unwrap_or_else(|| vec![""]);
    if ports.len() != 1 && ports.len() != count {
        return Err(mismatch("port", "host"));
    }
    let mut hosts = Vec::with_capacity(count);
    for index in 0..count {
        let at = |list: &Option<Vec<&str>>| {
            let entry = list.as_ref().and_then(|list| list.get(index)).copied();
            entry.filter(|entry| !entry.is_empty()).map(str::to_owned)
        };
        let address = at(&addresses).map(|text| address(&text)).transpose()?;
        let place = match (at(&names), address) {
            (None, None) => Place::Usual,
            (Some(name), None) if name.starts_with(['/', '@']) => Place::Folder(name.into()),
            // Without a look at the resolver, which is asked for names alone.
            (Some(name), None) => Place::Network {
                address: name.parse().ok(),
                name: Some(name),
            },
            (name, address) => Place::Network { name, address },
        };
        let port = ports.get(index).or(ports.first()).copied();
        hosts.push(Host {
            place,
            port: port_number(port.unwrap_or_default())?,
            password: None,
        });
    }
    Ok(hosts)
}

fn address(text: &str) -> Result<IpAddr, ConfigError> {
    text.parse().map_err(|_| {
        ConfigError::new(format!(
            "`hostaddr` in the database URL must be an IP address, not {text:?}; names go into host"
        ))
    })
}

fn port_number(text: &str) -> Result<u16, ConfigError> {
    if text.is_empty() {
        return Ok(DEFAULT_PORT);
    }
    let port: Option<u16> = text.parse().ok().filter(|port| *port > 0);
    // What stands in the place of a port may be of a password that was not encoded.
    port.ok_or_else(|| {
        ConfigError::new(
            "the port in the database URL must be a number from 1 to 65535; \
             a `/` or `:` in a password is written as %2F or %3A",
        )
    })
}
