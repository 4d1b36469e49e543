//! Idempotency keys: a request that is repeated with the key of one that succeeded gets its result.

use async_graphql_value::ConstValue;
use serde_json::Value as Json;
use sha2::{Digest, Sha256};

use super::payload::WrittenRows;
use super::problem::{ErrorType, Problem};
use super::run::{Run, Stop};
use crate::engine::load::bytes;
use crate::engine::select::Ledger;
use crate::error::Error;

/// Longest key, in characters.
const LONGEST: usize = 255;

/// The statements that look for what is kept under a key, and that keep something under it.
pub const STATEMENTS: u64 = 4;

/// The key of a root field, and what it is about.
#[derive(Clone, Debug)]
pub struct Key {
    pub key: String,
    /// The name of the mutation.
    pub field: String,
    /// Of the mutation and its input.
    pub hash: [u8; 32],
}

impl Key {
    /// # Errors
    /// `BAD_USER_INPUT` for a key that cannot be kept.
    pub fn new(key: String, field: &str, input: &ConstValue) -> Result<Self, Error> {
        if key.is_empty() || key.chars().count() > LONGEST || key.contains('\0') {
            return Err(Error::input(
                "key",
                format!(
                    "An idempotency key has 1 to {LONGEST} characters; a UUID that is made with the form is a good one."
                ),
            ));
        }
        let mut hasher = Sha256::new();
        hasher.update(field);
        hasher.update([0]);
        // Members in the order of their names, so that it is the same value however it was written.
        let input = input.clone().into_json().unwrap_or(Json::Null);
        hasher.update(sorted(input).to_string());
        Ok(Self {
            key,
            field: field.to_owned(),
            hash: hasher.finalize().into(),
        })
    }
}

fn sorted(value: Json) -> Json {
    match value {
        Json::Object(members) => {
            let mut members: Vec<_> = members.into_iter().collect();
            members.sort_by(|(one, _), (other, _)| one.cmp(other));
            let members = members
                .into_iter()
                .map(|(name, value)| (name, sorted(value)));
            Json::Object(members.collect())
        }
        Json::Array(items) => Json::Array(items.into_iter().map(sorted).collect()),
        other => other,
    }
}

impl Run<'_> {
    /// The result that is kept under a key; none where the mutation is to run.
    ///
    /// # Errors
    /// A problem where the key was used for something else, or its first request still runs.
    pub async fn replay(&mut self, key: &Key) -> Result<Option<WrittenRows>, Stop> {
        // What the one before has kept is visible once it has let go.
        let asked = [self.ledger(key).lock(), self.ledger(key).kept()];
        let rows = self.ask(&asked).await?;
        if rows[0].first().and_then(|row| bytes(row, 0)) != Some(&[1]) {
            let message = "The first request with this idempotency key still runs. Repeat this one shortly; it gets the same result.";
            return Err(Stop::Only(Problem::new(ErrorType::Conflict, &[], message)));
        }
        let Some(row) = rows[1].first() else {
            return Ok(None);
        };
        if bytes(row, 0) != Some(&key.hash) {
            let message = "This idempotency key was used for another input. Make a new key for a new request.";
            return Err(Stop::Only(Problem::invalid(&[], message)));
        }
        let written = serde_json::from_slice(bytes(row, 1).unwrap_or_default());
        written
            .map(Some)
            .map_err(|error| Error::internal(error).into())
    }

    /// Keeps the result under the key, to be committed with what it tells of.
    pub async fn remember(&mut self, key: &Key, written: &WrittenRows) -> Result<(), Stop> {
        let result = serde_json::to_string(written).map_err(Error::internal)?;
        let hash: String = key.hash.iter().map(|byte| format!("{byte:02x}")).collect();
        let ledger = self.ledger(key);
        let statements = [ledger.forget(), ledger.keep(&key.field, &hash, result)];
        self.ask(&statements).await.map(|_| ())
    }

    fn ledger<'k>(&'k self, key: &'k Key) -> Ledger<'k> {
        Ledger {
            session: self.session,
            key: &key.key,
        }
    }
}
