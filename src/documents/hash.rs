//! The SHA-256 of a document's text.

use std::fmt;

use sha2::{Digest, Sha256};

use crate::error::{Code, Error};

/// The SHA-256 of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Hash([u8; 32]);

impl Hash {
    /// The hash of a text.
    pub fn of(text: &str) -> Self {
        Self(Sha256::digest(text.as_bytes()).into())
    }

    /// Reads 64 hexadecimal digits of either case.
    ///
    /// # Errors
    /// `BAD_REQUEST` for anything else.
    pub fn parse(text: &str) -> Result<Self, Error> {
        Self::read(text).ok_or_else(|| {
            Error::new(
                Code::BadRequest,
                "The hash of a persisted query must be its SHA-256 in 64 hexadecimal digits.",
            )
        })
    }

    pub(super) fn read(text: &str) -> Option<Self> {
        let digits = text.as_bytes();
        if digits.len() != 64 {
            return None;
        }
        let digit = |byte: u8| char::from(byte).to_digit(16);
        let mut hash = [0; 32];
        for (byte, pair) in hash.iter_mut().zip(digits.chunks_exact(2)) {
            // Two digits make a byte.
            *byte = u8::try_from(digit(pair[0])? * 16 + digit(pair[1])?).ok()?;
        }
        Some(Self(hash))
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_reads_back_in_either_case() {
        let hash = Hash::of("{ __typename }");
        let text = hash.to_string();
        assert_eq!(
            text,
            "7f56e67dd21ab3f30d1ff8b7bed08893f0a0db86449836189b361dd1e56ddb4b"
        );
        assert_eq!(Hash::read(&text), Some(hash));
        assert_eq!(Hash::read(&text.to_uppercase()), Some(hash));
        for none in [
            "",
            &text[..63],
            &format!("{text}0"),
            &text.replace('7', "g"),
            &"é".repeat(32),
        ] {
            assert_eq!(Hash::read(none), None, "{none}");
            assert_eq!(Hash::parse(none).unwrap_err().code, Code::BadRequest);
        }
    }
}
