//! Checks tokens: signature, terms, claims.

use std::sync::Arc;

use super::accepted::{Accepted, AcceptedTokens};
use super::claim_names::ClaimNames;
use super::claims::Claims;
use super::jwk::KeySet;
use super::jwks::Jwks;
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
    /// What a token says, if it is good.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` when it is not, `UNAVAILABLE` when that cannot be told because the
    /// issuer's keys could never be fetched.
    pub(super) async fn verify(&self, text: &str) -> Result<Arc<Claims>, Error> {
        let token = Token::parse(text)?;
        let now = terms::now();
        // A secret is checked as fast as a token is found again.
        let name = (token.algorithm != Algorithm::Hs256).then(|| AcceptedTokens::name(text));
        if let Some(name) = &name {
            let known = self.jwks.as_ref().and_then(|jwks| jwks.known());
            if let Some(claims) = self.accepted.get(name, now, known.as_ref()) {
                return Ok(claims);
            }
        }
        let set = self.check_signature(&token).await?;
        let claims = token.claims()?;
        let ends = self.terms.check(&claims, now)?;
        let claims = Arc::new(Claims::read(&claims, &self.names)?);
        if let Some(name) = name {
            let accepted = Accepted {
                claims: Arc::clone(&claims),
                ends,
                set,
            };
            self.accepted.insert(name, accepted);
        }
        Ok(claims)
    }

    /// Finds the key that signed the token, and tells the fetched set that it is in.
    async fn check_signature(&self, token: &Token<'_>) -> Result<Option<Arc<KeySet>>, Error> {
        if self.keys.iter().any(|key| token.is_signed_with(key)) {
            return Ok(None);
        }
        let candidate = self.keys.iter().any(|key| token.names(key));
        // No set of public keys holds a secret.
        match &self.jwks {
            Some(jwks) if token.algorithm != Algorithm::Hs256 => {
                check_with_set(token, jwks, candidate).await.map(Some)
            }
            _ => Err(refused(token, &self.keys, candidate)),
        }
    }
}

async fn check_with_set(
    token: &Token<'_>,
    jwks: &Arc<Jwks>,
    candidate: bool,
) -> Result<Arc<KeySet>, Error> {
    let signed = |set: &Arc<KeySet>| set.keys.iter().any(|key| token.is_signed_with(key));
    let mut known = jwks.known();
    if let Some(set) = known.take_if(|set| signed(set)) {
        return Ok(set);
    }
    if !known
        .as_deref()
        .is_some_and(|set| has_named_key(token, set))
    {
        jwks.look_again().await;
        let before = std::mem::replace(&mut known, jwks.known());
        let is_new = known.as_ref().map(Arc::as_ptr) != before.as_ref().map(Arc::as_ptr);
        if let Some(set) = known.take_if(|set| is_new && signed(set)) {
            return Ok(set);
        }
    }
    let Some(set) = known else {
        return Err(Error::new(
            Code::Unavailable,
            "The gateway cannot get the keys that tokens are checked with at the moment; try again shortly.",
        ));
    };
    let candidate = candidate || set.keys.iter().any(|key| token.names(key));
    Err(refused(token, &set.keys, candidate))
}

/// Whether a new set would not help: the key that the token asks for is there, or it asks for none.
fn has_named_key(token: &Token<'_>, set: &KeySet) -> bool {
    token.key.is_none() || set.keys.iter().any(|key| key.id == token.key)
}

fn refused(token: &Token<'_>, keys: &[Key], candidate: bool) -> Error {
    Error::unauthenticated(if candidate {
        "The token's signature does not fit: the token was changed, cut off, or signed with another key than the gateway's."
    } else if keys.iter().any(|key| key.algorithm == token.algorithm) {
        "The token is signed with a key that the gateway does not know; get a new token."
    } else {
        "The token is signed in a way that no key of the gateway is for; get one from the issuer that the gateway trusts."
    })
}
