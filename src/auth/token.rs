//! The format of a token: its three parts and its header. Nothing in it is verified yet.

use serde_json::{Map, Value};

use super::base64url;
use super::key::{Algorithm, Key};
use crate::error::Error;
use crate::json;

/// Longest token that is looked at, in bytes.
const LONGEST: usize = 16 * 1024;
/// Most keys that one token is tried with. Only a token that does not name its key may need more
/// than one.
pub const MOST_TRIED: usize = 8;

/// A token that has the shape of one.
#[derive(Debug)]
pub(super) struct Token<'a> {
    /// What is signed: header and payload as they stand.
    message: &'a str,
    payload: &'a str,
    signature: Vec<u8>,
    pub(super) algorithm: Algorithm,
    /// Name of the key that signed it, as the token says.
    pub(super) key: Option<String>,
}

impl<'a> Token<'a> {
    /// # Errors
    /// `UNAUTHENTICATED` with a sentence that says which part is wrong, without repeating it.
    pub(super) fn parse(text: &'a str) -> Result<Self, Error> {
        let refuse = |message: &str| Err(Error::unauthenticated(message));
        if text.len() > LONGEST {
            return refuse("The token is too long; it may have up to 16 KiB.");
        }
        let parts: Vec<&str> = text.split('.').collect();
        let &[header, payload, signature] = &parts[..] else {
            return refuse(if parts.len() == 5 {
                "The token is encrypted (JWE); the gateway only accepts signed tokens (JWS)."
            } else {
                "The token is not a JWT, which has three parts separated by dots; perhaps it is incomplete."
            });
        };
        let Some(Value::Object(members)) = object(header) else {
            return refuse(
                "The token's header cannot be read: it must be a JSON object in base64url, with no key twice.",
            );
        };
        let algorithm = check_header(&members)?;
        if signature.is_empty() {
            return refuse("The token has no signature; perhaps it is incomplete.");
        }
        Ok(Self {
            message: &text[..header.len() + 1 + payload.len()],
            payload,
            // What cannot be read is the signature of no key.
            signature: base64url(signature).unwrap_or_default(),
            algorithm,
            key: members
                .get("kid")
                .and_then(Value::as_str)
                .map(str::to_owned),
        })
    }

    /// The keys of a source that may have signed the token: those of its algorithm, and of the
    /// name that it says where there is such a key; otherwise those without a name.
    pub(super) fn candidates<'k>(&self, keys: &'k [Key]) -> impl Iterator<Item = &'k Key> {
        let algorithm = self.algorithm;
        let of_algorithm = keys.iter().filter(move |key| key.algorithm == algorithm);
        let is_there = self.key.is_some() && of_algorithm.clone().any(|key| key.id == self.key);
        let fits = move |key: &&Key| match (&self.key, &key.id) {
            (None, _) => true,
            (Some(wanted), Some(id)) => wanted == id,
            (Some(_), None) => !is_there,
        };
        of_algorithm.filter(fits).take(MOST_TRIED)
    }

    /// Whether the token was signed with one of these keys, by the key's algorithm.
    pub(super) fn is_signed_with(&self, keys: &[Key]) -> bool {
        self.candidates(keys)
            .any(|key| key.signed(self.message.as_bytes(), &self.signature))
    }

    /// The claims of the token. Only those of a token with a verified signature are used.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` when it is no JSON object or names a member twice.
    pub(super) fn claims(&self) -> Result<Value, Error> {
        object(self.payload).filter(Value::is_object).ok_or_else(|| {
            Error::unauthenticated(
                "The token's claims cannot be read: they must be a JSON object in base64url, with no key twice.",
            )
        })
    }
}

fn check_header(members: &Map<String, Value>) -> Result<Algorithm, Error> {
    let refuse = |message: &str| Err(Error::unauthenticated(message));
    if members.contains_key("crit") {
        return refuse(
            "The token's header has `crit`, which requires an extension that the gateway does not support.",
        );
    }
    if members.get("kid").is_some_and(|kid| !kid.is_string()) {
        return refuse("The token's header has a `kid` that is not a string.");
    }
    // One key signs many kinds of tokens; the others are not meant to let anyone in.
    let kind = members.get("typ").map(|kind| {
        let kind = kind.as_str().unwrap_or_default().to_ascii_lowercase();
        kind.strip_prefix("application/")
            .unwrap_or(&kind)
            .to_owned()
    });
    if kind.is_some_and(|kind| kind != "jwt" && kind != "at+jwt") {
        return refuse(
            "The token is not an access token: the `typ` in its header must be `JWT` or `at+jwt`, or absent.",
        );
    }
    match members.get("alg").and_then(Value::as_str) {
        Some(none) if none.eq_ignore_ascii_case("none") => {
            refuse("The token is not signed: its header's `alg` is `none`.")
        }
        Some(name) => Algorithm::from_name(name).map_or_else(
            || refuse("The token has an unsupported signature algorithm; the gateway supports HS256, RS256, ES256 and EdDSA."),
            Ok,
        ),
        None => refuse("The token's header has no `alg`, which names the signature algorithm."),
    }
}

fn object(part: &str) -> Option<Value> {
    json::parse(&base64url(part)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::secret::Secret;

    #[test]
    fn a_token_is_tried_with_the_key_that_it_names_and_with_few_where_it_names_none() {
        let key = |id: Option<&str>, algorithm| {
            let secret = Secret::for_development("x".repeat(40)).unwrap();
            let mut key = Key::secret(&secret);
            key.id = id.map(str::to_owned);
            key.algorithm = algorithm;
            key
        };
        let mut keys = vec![
            key(Some("a"), Algorithm::EdDsa),
            key(Some("b"), Algorithm::EdDsa),
            key(None, Algorithm::EdDsa),
            key(Some("a"), Algorithm::Es256),
        ];
        let tried = |keys: &[Key], kid: Option<&str>| {
            let token = Token {
                message: "",
                payload: "",
                signature: Vec::new(),
                algorithm: Algorithm::EdDsa,
                key: kid.map(str::to_owned),
            };
            let candidates = token.candidates(keys);
            candidates.map(|key| key.id.clone()).collect::<Vec<_>>()
        };
        let id = |id: &str| Some(id.to_owned());
        assert_eq!(tried(&keys, Some("b")), [id("b")]);
        assert_eq!(tried(&keys, Some("unknown")), [None]);
        assert_eq!(tried(&keys, None), [id("a"), id("b"), None]);
        keys.extend((0..40).map(|_| key(Some("more"), Algorithm::EdDsa)));
        assert_eq!(tried(&keys, None).len(), MOST_TRIED);
        assert_eq!(tried(&keys, Some("more")).len(), MOST_TRIED);
    }
}
