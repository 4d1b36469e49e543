//! Takes a URL apart into libpq's parameters, by libpq's rules.

use super::ConfigError;

/// What a second `@` says about the URL. Nothing of it is quoted, as it may be of the password.
const UNENCODED: &str = "the database URL has an `@` where none belongs: write `/` as %2F, `@` as %40, \
     `:` as %3A and `%` as %25 in the user, the password and the name of the database";

/// The parameters in their order; a later one of the same name replaces an earlier one. Hosts and
/// ports are lists with commas, as in libpq.
pub(super) fn split(url: &str) -> Result<Vec<(String, String)>, ConfigError> {
    let rest = ["postgresql://", "postgres://"]
        .iter()
        .find_map(|scheme| url.strip_prefix(scheme))
        .ok_or_else(|| {
            ConfigError::new(
                "the database URL must begin with postgres:// or postgresql://, as in \
                 postgres://user:password@host:5432/database",
            )
        })?;
    let mut parameters = Vec::new();
    let rest = match rest.find(['@', '/']) {
        Some(at) if rest.as_bytes()[at] == b'@' => {
            let (user, password) = rest[..at].split_once(':').unwrap_or((&rest[..at], ""));
            push(&mut parameters, "user", user)?;
            push(&mut parameters, "password", password)?;
            &rest[at + 1..]
        }
        _ => rest,
    };
    let (before, query) = match rest.split_once('?') {
        Some((before, query)) => (before, Some(query)),
        None => (rest, None),
    };
    if before.contains('@') {
        return Err(ConfigError::new(UNENCODED));
    }
    let (authority, database) = before.split_once('/').unwrap_or((before, ""));
    let (hosts, ports) = places(authority)?;
    push(&mut parameters, "host", &hosts)?;
    push(&mut parameters, "port", &ports)?;
    push(&mut parameters, "dbname", database)?;
    let query = query.unwrap_or_default();
    // A `&` at the end has nothing behind it.
    let query = query
        .strip_suffix('&')
        .filter(|rest| !rest.is_empty())
        .unwrap_or(query);
    if !query.is_empty() {
        for pair in query.split('&') {
            parameters.push(parameter(pair)?);
        }
    }
    Ok(parameters)
}

/// The hosts and the ports of `host:port,[address]:port`, each as a list with commas.
fn places(authority: &str) -> Result<(String, String), ConfigError> {
    let (mut hosts, mut ports) = (String::new(), String::new());
    let mut rest = authority;
    loop {
        if let Some(inside) = rest.strip_prefix('[') {
            let (address, after) = inside.split_once(']').ok_or_else(|| {
                ConfigError::new("the database URL lacks the `]` behind an IPv6 address")
            })?;
            if address.is_empty() {
                return Err(ConfigError::new(
                    "the database URL has an empty IPv6 address between `[` and `]`",
                ));
            }
            if !after.is_empty() && !after.starts_with([':', ',']) {
                return Err(ConfigError::new(
                    "the database URL has something other than a port behind the `]` of an IPv6 address",
                ));
            }
            hosts.push_str(address);
            rest = after;
        } else {
            let end = rest.find([':', ',']).unwrap_or(rest.len());
            hosts.push_str(&rest[..end]);
            rest = &rest[end..];
        }
        if let Some(after) = rest.strip_prefix(':') {
            let end = after.find(',').unwrap_or(after.len());
            ports.push_str(&after[..end]);
            rest = &after[end..];
        }
        let Some(next) = rest.strip_prefix(',') else {
            return Ok((hosts, ports));
        };
        hosts.push(',');
        ports.push(',');
        rest = next;
    }
}

fn parameter(pair: &str) -> Result<(String, String), ConfigError> {
    let (name, value) = pair.split_once('=').ok_or_else(|| {
        ConfigError::new(
            "a parameter of the database URL lacks its `=`; write ?name=value&name=value",
        )
    })?;
    let name = decode(name, "the name of a parameter")?;
    if value.contains('=') {
        return Err(ConfigError::new(format!(
            "the parameter `{name}` of the database URL has a second `=`; write it as %3D"
        )));
    }
    let value = decode(value, &name)?;
    // JDBC's form, which libpq understands, too.
    if name == "ssl" && value == "true" {
        return Ok(("sslmode".to_owned(), "require".to_owned()));
    }
    Ok((name, value))
}

fn push(
    parameters: &mut Vec<(String, String)>,
    name: &str,
    value: &str,
) -> Result<(), ConfigError> {
    if !value.is_empty() {
        parameters.push((name.to_owned(), decode(value, name)?));
    }
    Ok(())
}

/// Resolves percent-encoding.
fn decode(text: &str, name: &str) -> Result<String, ConfigError> {
    let wrong = |what: &str| {
        ConfigError::new(format!(
            "`{name}` in the database URL {what}; write a percent sign itself as %25"
        ))
    };
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || rest.next().and_then(|digit| char::from(digit).to_digit(16));
        let (Some(high), Some(low)) = (digit(), digit()) else {
            return Err(wrong("has a % without two hexadecimal digits behind it"));
        };
        bytes.push((high * 16 + low) as u8);
    }
    if bytes.contains(&0) {
        return Err(wrong("holds a zero byte (%00)"));
    }
    String::from_utf8(bytes).map_err(|_| wrong("is not UTF-8 once decoded"))
}
