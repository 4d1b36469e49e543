//! Passwords from a file of libpq's form: `host:port:database:user:password`.

use std::fs;
use std::path::Path;

use super::ConfigError;
use super::hosts::{Host, Place};
use super::privacy::{Owner, is_open_to_others};
use super::secret::Secret;

/// Gives each host the password that the file has for it.
pub(super) fn read(
    path: &Path,
    hosts: &mut [Host],
    database: &str,
    user: &str,
) -> Result<(), ConfigError> {
    let wrong = |what: String| {
        ConfigError::new(format!(
            "`passfile` in the database URL: {} {what}",
            path.display()
        ))
    };
    let text =
        fs::read_to_string(path).map_err(|error| wrong(format!("cannot be read: {error}")))?;
    if is_open_to_others(path, Owner::Caller) {
        return Err(wrong(
            "can be read by others; make it private (chmod 0600)".to_owned(),
        ));
    }
    for host in hosts {
        let name = match &host.place {
            Place::Usual => "localhost".to_owned(),
            Place::Folder(folder) => folder.display().to_string(),
            Place::Network { name, address } => match (name, address) {
                (Some(name), _) => name.clone(),
                (None, address) => address
                    .map(|address| address.to_string())
                    .unwrap_or_default(),
            },
        };
        let port = host.port.to_string();
        let wanted = [name.as_str(), &port, database, user];
        host.password = text.lines().find_map(|line| password(line, &wanted));
    }
    Ok(())
}

/// The password of a line that is for this server, database and user.
fn password(line: &str, wanted: &[&str; 4]) -> Option<Secret> {
    if line.starts_with('#') {
        return None;
    }
    let mut rest = line;
    for value in wanted {
        let (field, after) = field(rest)?;
        if field != "*" && unescaped(field) != *value {
            return None;
        }
        rest = after;
    }
    let password = field(rest).map_or(rest, |(password, _)| password);
    (!password.is_empty()).then(|| Secret::new(unescaped(password)))
}

/// What stands before the next colon that has no backslash before it, and what behind.
fn field(text: &str) -> Option<(&str, &str)> {
    let mut escaped = false;
    for (index, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b':' => return Some((&text[..index], &text[index + 1..])),
            _ => {}
        }
    }
    None
}

fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => out.extend(characters.next()),
            other => out.push(other),
        }
    }
    out
}
