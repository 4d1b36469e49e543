//! A key that verifies tokens, and its one algorithm.

use std::fmt;

use jsonwebtoken::jwk::{AlgorithmParameters, Jwk};
use jsonwebtoken::{DecodingKey, crypto};
use ring::hmac;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents,
    UnparsedPublicKey,
};

use super::secret::Secret;
use super::token::MOST_TRIED;

/// How a token may be signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// HMAC with SHA-256, by a shared secret.
    Hs256,
    /// RSA (PKCS #1 v1.5) with SHA-256.
    Rs256,
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// Ed25519.
    EdDsa,
}

impl Algorithm {
    /// The name in tokens and key sets.
    pub fn name(self) -> &'static str {
        match self {
            Self::Hs256 => "HS256",
            Self::Rs256 => "RS256",
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
        }
    }

    /// The algorithm of a name; RFC 9864 renamed EdDSA over Ed25519.
    pub(super) fn from_name(name: &str) -> Option<Self> {
        match name {
            "HS256" => Some(Self::Hs256),
            "RS256" => Some(Self::Rs256),
            "ES256" => Some(Self::Es256),
            "EdDSA" | "Ed25519" => Some(Self::EdDsa),
            _ => None,
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// An algorithm of which there are more keys than one token is tried with.
pub fn too_many(keys: &[Key]) -> Option<Algorithm> {
    let algorithms = keys.iter().map(|key| key.algorithm);
    algorithms.clone().find(|algorithm| {
        let same = algorithms.clone().filter(|other| other == algorithm);
        same.count() > MOST_TRIED
    })
}

/// A key and its algorithm. They belong together from the start, so that no token can choose how
/// a key is used: a public key never serves as a secret.
#[derive(Clone)]
pub struct Key {
    /// Name under which the issuer's tokens ask for the key.
    pub(super) id: Option<String>,
    pub(super) algorithm: Algorithm,
    material: Material,
}

/// A key as `ring` takes it, which TLS links already. `jsonwebtoken` reads keys.
#[derive(Clone)]
enum Material {
    Secret(hmac::Key),
    Rsa(RsaPublicKeyComponents<Vec<u8>>),
    Point(UnparsedPublicKey<Vec<u8>>),
}

impl Key {
    /// Fewest bits of an RSA key that still resists.
    const FEWEST_RSA_BITS: usize = 2048;
    /// Most bits of an RSA key that the library reads.
    const MOST_RSA_BITS: usize = 4096;

    pub(super) fn secret(secret: &Secret) -> Self {
        Self {
            id: None,
            algorithm: Algorithm::Hs256,
            material: Material::Secret(hmac::Key::new(hmac::HMAC_SHA256, secret.bytes())),
        }
    }

    /// An RSA key of modulus and exponent, most significant byte first.
    ///
    /// # Errors
    /// What is wrong with the key, as the rest of a sentence about it.
    pub(super) fn rsa(modulus: &[u8], exponent: &[u8]) -> Result<Self, String> {
        let bits = bits(modulus);
        if bits < Self::FEWEST_RSA_BITS {
            return Err(format!(
                "is an RSA key of {bits} bits; it needs {} or more",
                Self::FEWEST_RSA_BITS
            ));
        }
        if bits > Self::MOST_RSA_BITS {
            return Err(format!(
                "is an RSA key of {bits} bits; the gateway reads up to {}",
                Self::MOST_RSA_BITS
            ));
        }
        let odd = |number: &[u8]| number.last().is_some_and(|byte| byte % 2 == 1);
        // With the exponent 1 every message is its own signature.
        let usable = (2..=32).contains(&self::bits(exponent)) && odd(exponent) && odd(modulus);
        if !usable {
            return Err("is an RSA key with an invalid modulus or exponent".to_owned());
        }
        Ok(Self {
            id: None,
            algorithm: Algorithm::Rs256,
            material: Material::Rsa(RsaPublicKeyComponents {
                n: without_zeros(modulus).to_vec(),
                e: without_zeros(exponent).to_vec(),
            }),
        })
    }

    /// A key on P-256: a point as SEC 1 writes it.
    ///
    /// # Errors
    /// As [`Self::rsa`].
    pub(super) fn p256(point: &[u8]) -> Result<Self, String> {
        Self::point(Algorithm::Es256, point)
            .ok_or_else(|| "is not a point on the curve P-256".to_owned())
    }

    /// A key of Ed25519.
    ///
    /// # Errors
    /// As [`Self::rsa`].
    pub(super) fn ed25519(point: &[u8]) -> Result<Self, String> {
        // The library takes the first 32 bytes of whatever it gets, and panics without them.
        (point.len() == 32)
            .then(|| Self::point(Algorithm::EdDsa, point))
            .flatten()
            .ok_or_else(|| "is not an Ed25519 key".to_owned())
    }

    /// A key that the library reads from a block of PEM.
    pub(super) fn pem(block: &[u8]) -> Result<Self, String> {
        if let Ok(key) = DecodingKey::from_rsa_pem(block) {
            let unreadable = || "is not a valid RSA key".to_owned();
            let jwk = Jwk::from_decoding_key(&key, Some(jsonwebtoken::Algorithm::RS256))
                .map_err(|_| unreadable())?;
            let AlgorithmParameters::RSA(numbers) = jwk.algorithm else {
                return Err(unreadable());
            };
            let number = |text: &str| super::base64url(text).ok_or_else(unreadable);
            return Self::rsa(&number(&numbers.n)?, &number(&numbers.e)?);
        }
        if let Ok(key) = DecodingKey::from_ec_pem(block) {
            return Self::p256(bytes(&key));
        }
        if let Ok(key) = DecodingKey::from_ed_pem(block) {
            return Self::ed25519(bytes(&key));
        }
        Err("has an unsupported type; supported are RSA, P-256 and Ed25519".to_owned())
    }

    fn point(algorithm: Algorithm, point: &[u8]) -> Option<Self> {
        use jsonwebtoken::Algorithm::{ES256, EdDSA};
        // `jsonwebtoken` looks at the point when it is about to verify something; `ring` would
        // refuse every signature of a point that is none, and not say why.
        let known = if algorithm == Algorithm::Es256 {
            crypto::verify("AA", b"", &DecodingKey::from_ec_der(point), ES256)
        } else {
            crypto::verify("AA", b"", &DecodingKey::from_ed_der(point), EdDSA)
        };
        known.ok()?;
        let key = if algorithm == Algorithm::Es256 {
            UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point.to_vec())
        } else {
            UnparsedPublicKey::new(&ED25519, point.to_vec())
        };
        Some(Self {
            id: None,
            algorithm,
            material: Material::Point(key),
        })
    }

    /// Whether these bytes are the signature of the message under this key.
    pub(super) fn signed(&self, message: &[u8], signature: &[u8]) -> bool {
        let verified = match &self.material {
            Material::Secret(key) => hmac::verify(key, message, signature),
            Material::Rsa(key) => key.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature),
            Material::Point(key) => key.verify(message, signature),
        };
        verified.is_ok()
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Key")
            .field("id", &self.id)
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}

fn bytes(key: &DecodingKey) -> &[u8] {
    key.try_get_as_bytes().unwrap_or_default()
}

fn without_zeros(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    &number[zeros..]
}

/// Bits of a number, without leading zeros.
fn bits(number: &[u8]) -> usize {
    let number = without_zeros(number);
    let unused = number.first().map_or(0, |first| first.leading_zeros());
    number.len() * 8 - unused as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weak_or_impossible_keys_are_refused() {
        let modulus = |bytes: usize| {
            let mut modulus = vec![0xc5; bytes];
            modulus[0] = 0x80;
            modulus
        };
        assert!(Key::rsa(&modulus(256), &[1, 0, 1]).is_ok());
        assert!(Key::rsa(&modulus(255), &[1, 0, 1]).is_err(), "short");
        let padded: Vec<u8> = [vec![0; 8], modulus(248)].concat();
        assert!(Key::rsa(&padded, &[1, 0, 1]).is_err(), "padded with zeros");
        assert!(Key::rsa(&modulus(513), &[1, 0, 1]).is_err(), "long");
        assert!(Key::rsa(&modulus(256), &[1]).is_err(), "exponent 1");
        assert!(Key::rsa(&modulus(256), &[4]).is_err(), "even exponent");
        assert!(Key::rsa(&modulus(256), &[]).is_err(), "no exponent");
        assert!(Key::p256(&[4; 65]).is_err());
        assert!(Key::p256(&[]).is_err());
        assert!(Key::ed25519(&[]).is_err());
        assert!(Key::ed25519(&[7; 31]).is_err());
        assert!(Key::ed25519(&[7; 33]).is_err());
    }
}
