//! Public keys in PEM files.

use std::path::Path;

use super::key::Key;

/// Most bytes of a file that are read.
const LONGEST: u64 = 1024 * 1024;

const BEGIN: &str = "-----BEGIN ";
const DASHES: &str = "-----";

/// The public keys in a file; there may be several, for the time in which an issuer changes them.
///
/// # Errors
/// A sentence with the file, never with what is in it.
pub fn read_public_keys(path: &Path) -> Result<Vec<Key>, String> {
    let named = |cause: String| format!("the public key in {} {cause}", path.display());
    let unreadable = |error: std::io::Error| {
        format!("cannot read the public key in {}: {error}", path.display())
    };
    let length = std::fs::metadata(path).map_err(unreadable)?.len();
    if length > LONGEST {
        return Err(named(format!("has {length} bytes; is it another file?")));
    }
    let bytes = std::fs::read(path).map_err(unreadable)?;
    let text = String::from_utf8(bytes).map_err(|_| {
        named("is not in PEM format, which begins with -----BEGIN PUBLIC KEY-----".to_owned())
    })?;
    parse(&text).map_err(named)
}

fn parse(text: &str) -> Result<Vec<Key>, String> {
    let mut keys = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find(BEGIN) {
        rest = &rest[start..];
        let label = rest[BEGIN.len()..]
            .split_once(DASHES)
            .map(|(label, _)| label)
            .ok_or("is incomplete")?;
        if label.contains("PRIVATE KEY") {
            return Err(
                "is a private key; the gateway only verifies tokens and must not have one. Extract the public key with `openssl pkey -pubout`, and replace the private key, because this file may have been copied".to_owned(),
            );
        }
        if label.contains("CERTIFICATE") {
            return Err(
                "is a certificate; extract its key with `openssl x509 -pubkey -noout`".to_owned(),
            );
        }
        if label != "PUBLIC KEY" && label != "RSA PUBLIC KEY" {
            return Err(
                "is of an unsupported kind; it must begin with -----BEGIN PUBLIC KEY-----"
                    .to_owned(),
            );
        }
        let end = format!("-----END {label}-----");
        let end = rest.find(&end).ok_or("is incomplete")? + end.len();
        keys.push(Key::pem(&rest.as_bytes()[..end])?);
        rest = &rest[end..];
    }
    if keys.is_empty() {
        return Err(
            "is not in PEM format, which begins with -----BEGIN PUBLIC KEY-----".to_owned(),
        );
    }
    Ok(keys)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::key::Algorithm;

    const ED25519: &str = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n";

    #[test]
    fn a_file_may_hold_several_keys_and_remarks() {
        let keys = parse(&format!("old\n{ED25519}new\n{ED25519}")).unwrap();
        assert_eq!(keys.len(), 2);
        assert_eq!(keys[0].algorithm, Algorithm::EdDsa);
    }

    #[test]
    fn what_is_no_public_key_is_refused_with_a_way_out() {
        for (text, told) in [
            ("", "not in PEM form"),
            ("ssh-ed25519 AAAA", "not in PEM form"),
            ("-----BEGIN PRIVATE KEY-----\nAAAA\n", "is a private key"),
            ("-----BEGIN EC PRIVATE KEY-----\nAAAA\n", "is a private key"),
            (
                "-----BEGIN ENCRYPTED PRIVATE KEY-----\n",
                "is a private key",
            ),
            ("-----BEGIN CERTIFICATE-----\nAAAA\n", "is a certificate"),
            ("-----BEGIN DH PARAMETERS-----\nAAAA\n", "unsupported kind"),
            ("-----BEGIN PUBLIC KEY-----\nAAAA\n", "is incomplete"),
            ("-----BEGIN PUBLIC KEY", "is incomplete"),
            (
                "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
                "unsupported type",
            ),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.contains(told), "{text}: {error}");
            assert!(!error.contains("AAAA"), "{error}");
        }
        let mixed = format!("{ED25519}-----BEGIN PRIVATE KEY-----\n");
        assert!(parse(&mixed).is_err(), "a private key beside a public one");
    }
}
