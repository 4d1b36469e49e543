//! The shared secret of HS256, and what makes it weak.

use std::fmt;

/// Texts that documentation and tools print as secrets, and the beginnings of keyboards. What an
/// attacker tries first adds nothing to a secret.
const KNOWN: [&str; 18] = [
    "super-secret-jwt-token-with-at-least-32-characters-long",
    "a-string-secret-at-least-256-bits-long",
    "your-256-bit-secret",
    "your-384-bit-secret",
    "your-512-bit-secret",
    "your_jwt_secret",
    "your-secret-key",
    "abcdefghijklmnopqrstuvwxyz",
    "1234567890",
    "0123456789",
    "qwertyuiop",
    "keyboard cat",
    "change-me",
    "changeme",
    "password",
    "default",
    "example",
    "secret",
];

/// The shared secret of HS256. It is never printed.
#[derive(Clone)]
pub struct Secret {
    bytes: Vec<u8>,
    weakness: Option<String>,
}

impl Secret {
    /// Shortest secret in bytes: as long as the hash, as RFC 7518 asks.
    pub const SHORTEST: usize = 32;
    /// Fewest different bytes in a secret; 32 random hexadecimal digits have about 14.
    const FEWEST_DIFFERENT: usize = 8;
    /// Fewest bytes that must be left once everything known is taken out.
    const FEWEST_UNKNOWN: usize = 16;

    /// # Errors
    /// A sentence when the secret is short or can be guessed. It does not repeat the secret.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Result<Self, String> {
        let secret = Self::for_development(bytes)?;
        match secret.weakness {
            Some(weakness) => Err(weakness),
            None => Ok(secret),
        }
    }

    /// As [`Self::new`], but a weak secret is taken; [`Self::weakness`] tells why it is one.
    ///
    /// # Errors
    /// A sentence when there is no secret, or something else stands in its place.
    pub fn for_development(bytes: impl Into<Vec<u8>>) -> Result<Self, String> {
        let bytes = bytes.into();
        if bytes.is_empty() {
            return Err("the JWT secret is empty".to_owned());
        }
        // Who knows the public key could sign with it as if it were a secret.
        if bytes.trim_ascii_start().starts_with(b"-----BEGIN") {
            return Err(
                "the JWT secret is a key in PEM format; use --jwt-public-key for a public key"
                    .to_owned(),
            );
        }
        let weakness = weakness(&bytes);
        Ok(Self { bytes, weakness })
    }

    /// Why the secret can be guessed, in a sentence without the secret; none when it cannot.
    pub fn weakness(&self) -> Option<&str> {
        self.weakness.as_deref()
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(..)")
    }
}

fn weakness(bytes: &[u8]) -> Option<String> {
    const ADVICE: &str =
        "use the output of `openssl rand -base64 48`, and configure the same secret at the issuer";
    if bytes.len() < Secret::SHORTEST {
        return Some(format!(
            "the JWT secret has {} bytes; HS256 needs {} or more: {ADVICE}",
            bytes.len(),
            Secret::SHORTEST
        ));
    }
    let reason = if is_known(bytes) {
        "consists of well-known texts"
    } else if different(bytes) < Secret::FEWEST_DIFFERENT {
        "consists of too few different bytes"
    } else if repeats(bytes) {
        "repeats one short text"
    } else if counts(bytes) {
        "is a sequence of consecutive characters"
    } else {
        return None;
    };
    Some(format!(
        "the JWT secret {reason}, so it can be guessed: {ADVICE}"
    ))
}

fn is_known(bytes: &[u8]) -> bool {
    let mut left = String::from_utf8_lossy(bytes).to_ascii_lowercase();
    let mut found = false;
    for known in KNOWN {
        if left.contains(known) {
            found = true;
            left = left.replace(known, "");
        }
    }
    // What pads an example out to the length is no secret either.
    found && (left.len() < Secret::FEWEST_UNKNOWN || different(left.as_bytes()) < 8)
}

fn different(bytes: &[u8]) -> usize {
    let mut seen = [false; 256];
    for &byte in bytes {
        seen[usize::from(byte)] = true;
    }
    seen.iter().filter(|seen| **seen).count()
}

/// Whether the whole is one short piece again and again.
fn repeats(bytes: &[u8]) -> bool {
    (1..Secret::FEWEST_UNKNOWN).any(|length| {
        bytes
            .iter()
            .zip(&bytes[length..])
            .all(|(one, next)| one == next)
    })
}

/// Whether most bytes are the neighbour's successor or predecessor.
fn counts(bytes: &[u8]) -> bool {
    let consecutive = bytes
        .windows(2)
        .filter(|pair| pair[0].abs_diff(pair[1]) == 1)
        .count();
    consecutive * 4 >= bytes.len() * 3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weak_secrets_are_told_from_strong_ones() {
        for weak in [
            "short",
            "your-256-bit-secretyour-256-bit-secret",
            "Your-256-Bit-Secret0000000000000000000000",
            "super-secret-jwt-token-with-at-least-32-characters-long",
            "a-string-secret-at-least-256-bits-long",
            "passwordpasswordpasswordpassword",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "abababababababcabababababababcababababab",
            "tessera-one!tessera-one!tessera-one!",
            "!\"#$%&'()*+,-./0123456789:;<=>?@ABC",
        ] {
            let error = Secret::new(weak).unwrap_err();
            assert!(!error.contains(weak), "{error}");
            let kept = Secret::for_development(weak).unwrap();
            assert_eq!(kept.weakness(), Some(&*error));
        }
        for strong in [
            "the secret of the tests, which is long enough",
            "f3b1c9d27ea85046f3b1c9d27ea85047",
            "wN2m6V0Q4r8yq5i0Yx1nKJm9yP3tUeZ7bC4dH6fL2gA=",
        ] {
            assert_eq!(Secret::new(strong).unwrap().weakness(), None);
        }
        assert!(Secret::new((0u8..40).map(|n| n.wrapping_mul(73)).collect::<Vec<_>>()).is_ok());
    }

    #[test]
    fn neither_nothing_nor_a_key_is_a_secret() {
        assert!(Secret::for_development("").is_err());
        let key = "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE\n";
        assert!(Secret::for_development(key).unwrap_err().contains("PEM"));
    }

    #[test]
    fn a_secret_is_not_printed() {
        let secret = Secret::new("f3b1c9d27ea85046f3b1c9d27ea85047").unwrap();
        assert_eq!(format!("{secret:?}"), "Secret(..)");
    }
}
