//! Verifies tokens: signature, validity, claims.

use std::sync::Arc;

use super::accepted::{Accepted, AcceptedTokens};
use super::claim_names::ClaimNames;
use super::claims::Claims;
use super::jwk::KeySet;
use super::jwks::{Jwks, Looked};
use super::key::{Algorithm, Key};
use super::terms::{self, Terms};
use super::token::Token;
use crate::error::{Code, Error};

pub(super) struct Verifier {
    /// Keys of the settings.
    pub(super) keys: Vec<Key>,
    /// Keys of the issuer's address.
    pub(super) jwks: Option<Arc<Jwks>>,
    pub(super) terms: Terms,
    pub(super) names: ClaimNames,
    pub(super) accepted: AcceptedTokens,
}

impl Verifier {
    /// What a token says that was found good before, and still is.
    pub(super) fn known(&self, text: &str) -> Option<Arc<Claims>> {
        let known = self.jwks.as_ref().and_then(|jwks| jwks.known());
        let name = AcceptedTokens::name(text);
        self.accepted.get(&name, terms::now(), known.as_ref())
    }

    /// What a token says, if it is good.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` when it is not, `UNAVAILABLE` when that cannot be told because the
    /// issuer's keys could never be fetched.
    pub(super) async fn verify(&self, text: &str) -> Result<Arc<Claims>, Error> {
        if let Some(claims) = self.known(text) {
            return Ok(claims);
        }
        let token = Token::parse(text)?;
        let set = self.check_signature(&token).await?;
        let claims = token.claims()?;
        let ends = self.terms.check(&claims, terms::now())?;
        let claims = Arc::new(Claims::read(&claims, &self.names)?);
        let accepted = Accepted {
            claims: Arc::clone(&claims),
            ends,
            set,
        };
        self.accepted.insert(AcceptedTokens::name(text), accepted);
        Ok(claims)
    }

    /// Finds the key that signed the token, and tells the fetched set that it is in.
    async fn check_signature(&self, token: &Token<'_>) -> Result<Option<Arc<KeySet>>, Error> {
        if token.is_signed_with(&self.keys) {
            return Ok(None);
        }
        let candidate = token.candidates(&self.keys).next().is_some();
        // No set of public keys holds a secret.
        match &self.jwks {
            Some(jwks) if token.algorithm != Algorithm::Hs256 => {
                check_with_set(token, jwks, candidate).await.map(Some)
            }
            _ => Err(refused(token, &self.keys, candidate)),
        }
    }
}

/// Only a token whose key is not known ever waits for a fetch.
async fn check_with_set(
    token: &Token<'_>,
    jwks: &Arc<Jwks>,
    candidate: bool,
) -> Result<Arc<KeySet>, Error> {
    let before = jwks.known();
    if let Some(set) = &before {
        if token.is_signed_with(&set.keys) {
            return Ok(Arc::clone(set));
        }
        if has_named_key(token, set) {
            let candidate = candidate || token.candidates(&set.keys).next().is_some();
            return Err(refused(token, &set.keys, candidate));
        }
    }
    let looked = jwks.look_again().await;
    let Some(set) = jwks.known() else {
        return Err(Error::new(
            Code::Unavailable,
            "The gateway cannot get the issuer's keys at the moment; try again shortly.",
        ));
    };
    let is_new = before.is_none_or(|before| !Arc::ptr_eq(&before, &set));
    if is_new && token.is_signed_with(&set.keys) {
        return Ok(set);
    }
    if looked == Looked::UnderWay {
        return Err(Error::unauthenticated(
            "The gateway does not know the token's key yet. It is fetching the issuer's keys: try again in some seconds, or get a new token.",
        ));
    }
    let candidate = candidate || token.candidates(&set.keys).next().is_some();
    Err(refused(token, &set.keys, candidate))
}

/// Whether a new set would not help: the key that the token asks for is there, or it asks for none.
fn has_named_key(token: &Token<'_>, set: &KeySet) -> bool {
    token.key.is_none() || set.keys.iter().any(|key| key.id == token.key)
}

fn refused(token: &Token<'_>, keys: &[Key], candidate: bool) -> Error {
    Error::unauthenticated(if candidate {
        "The token's signature is invalid: the token was changed, is incomplete, or was signed with a key that the gateway does not have."
    } else if keys.iter().any(|key| key.algorithm == token.algorithm) {
        "The gateway does not know the key that the token is signed with; get a new token."
    } else {
        "The gateway has no key for the token's signature algorithm; get a token from the issuer that the gateway trusts."
    })
}
