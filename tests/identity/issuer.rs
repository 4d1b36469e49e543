//! An issuer: keys made at run time, the tokens that it signs with them, and itself in the forms
//! in which gateways know it.

use std::fmt::Write;
use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::pkcs8::spki::EncodePublicKey;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use rsa::pkcs1::EncodeRsaPrivateKey;
use rsa::pkcs8::EncodePrivateKey;
use rsa::rand_core::OsRng;
use rsa::traits::PublicKeyParts;
use serde_json::{Value, json};
use tessera::auth::{AuthOptions, Key, Secret, read_public_keys};

use crate::harness::seed::Side;

pub const ISSUER: &str = "https://issuer-of-the-tests.example/";
pub const AUDIENCE: &str = "audience-of-the-tests";

/// A key of an issuer.
pub struct Signer {
    pub algorithm: Algorithm,
    key: EncodingKey,
    /// The public half; the secret itself for HS256.
    pub public: String,
    /// As a set of keys lists it, without its name.
    pub jwk: Value,
}

/// One key for each algorithm, HS256 first.
pub static SIGNERS: LazyLock<[Signer; 4]> = LazyLock::new(|| {
    [
        hs256(),
        Signer::rs256(2048),
        Signer::es256(),
        Signer::eddsa(),
    ]
});

fn hs256() -> Signer {
    let mut secret = String::new();
    for _ in 0..3 {
        let _ = write!(secret, "{}", uuid::Uuid::new_v4().simple());
    }
    Signer {
        algorithm: Algorithm::HS256,
        key: EncodingKey::from_secret(secret.as_bytes()),
        jwk: json!({"kty": "oct", "k": encode(&secret)}),
        public: secret,
    }
}

impl Signer {
    pub fn rs256(bits: usize) -> Self {
        let key = rsa::RsaPrivateKey::new(&mut OsRng, bits).expect("a key");
        let public = key.to_public_key();
        let der = key.to_pkcs1_der().expect("DER");
        Self {
            algorithm: Algorithm::RS256,
            key: EncodingKey::from_rsa_der(der.as_bytes()),
            jwk: json!({
                "kty": "RSA",
                "n": encode(public.n().to_bytes_be()),
                "e": encode(public.e().to_bytes_be()),
            }),
            public: public.to_public_key_pem(LineEnding::LF).expect("PEM"),
        }
    }

    pub fn es256() -> Self {
        let key = p256::ecdsa::SigningKey::random(&mut OsRng);
        let public = key.verifying_key();
        let point = public.to_encoded_point(false);
        let der = key.to_pkcs8_der().expect("DER");
        Self {
            algorithm: Algorithm::ES256,
            key: EncodingKey::from_ec_der(der.as_bytes()),
            jwk: json!({
                "kty": "EC",
                "crv": "P-256",
                "x": encode(point.x().expect("a point")),
                "y": encode(point.y().expect("a point")),
            }),
            public: public.to_public_key_pem(LineEnding::LF).expect("PEM"),
        }
    }

    pub fn eddsa() -> Self {
        let key = ed25519_dalek::SigningKey::generate(&mut OsRng);
        let public = key.verifying_key();
        let der = key.to_pkcs8_der().expect("DER");
        Self {
            algorithm: Algorithm::EdDSA,
            key: EncodingKey::from_ed_der(der.as_bytes()),
            jwk: json!({"kty": "OKP", "crv": "Ed25519", "x": encode(public.as_bytes())}),
            public: public.to_public_key_pem(LineEnding::LF).expect("PEM"),
        }
    }

    /// The entry of a key set under a name.
    pub fn entry(&self, name: &str) -> Value {
        let mut entry = self.jwk.clone();
        entry["kid"] = json!(name);
        entry["use"] = json!("sig");
        entry
    }

    pub fn header(&self) -> Value {
        json!({"alg": format!("{:?}", self.algorithm), "typ": "JWT"})
    }

    /// A token of the owner of side A.
    pub fn token(&self) -> String {
        self.sign(&self.header(), &claims())
    }

    /// The same from the key of this name.
    pub fn token_named(&self, name: &str) -> String {
        let mut header = self.header();
        header["kid"] = json!(name);
        self.sign(&header, &claims())
    }

    pub fn sign(&self, header: &Value, claims: &Value) -> String {
        self.sign_text(header.to_string(), claims.to_string())
    }

    /// Signs header and claims as they stand, be they JSON or not.
    pub fn sign_text(&self, header: impl AsRef<[u8]>, claims: impl AsRef<[u8]>) -> String {
        self.sign_parts(&encode(header), &encode(claims))
    }

    pub fn sign_parts(&self, header: &str, claims: &str) -> String {
        let message = format!("{header}.{claims}");
        let signature = crypto::sign(message.as_bytes(), &self.key, self.algorithm);
        format!("{message}.{}", signature.expect("a signature"))
    }

    /// The key as a gateway reads it from a file.
    pub fn read(&self) -> Vec<Key> {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), &self.public).expect("the file is written");
        read_public_keys(file.path()).expect("a public key")
    }
}

/// A gateway that trusts all of [`SIGNERS`], and asks for issuer and audience.
pub fn options() -> AuthOptions {
    let [secret, public @ ..] = &*SIGNERS;
    AuthOptions {
        secret: Some(Secret::new(secret.public.clone()).expect("a strong secret")),
        public_keys: public.iter().flat_map(Signer::read).collect(),
        issuers: vec![ISSUER.to_owned()],
        audiences: vec![AUDIENCE.to_owned()],
        ..AuthOptions::default()
    }
}

/// Claims of the owner of side A, good for ten minutes.
pub fn claims() -> Value {
    json!({
        "sub": Side::A.user(),
        "exp": chrono::Utc::now().timestamp() + 600,
        "iss": ISSUER,
        "aud": AUDIENCE,
        "workspaces": { Side::A.workspace().to_string(): "owner" },
    })
}

pub fn claims_with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[name] = value;
    claims
}

pub fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub fn decode(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).expect("base64")
}
