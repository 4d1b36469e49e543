//! Reads a set of JSON Web Keys (RFC 7517).

use serde_json::{Map, Value};

use super::base64url;
use super::key::{Algorithm, Key};
use crate::json;

/// Most keys of a set that are used.
const MOST: usize = 32;

/// What a set of keys holds.
#[derive(Clone, Debug, Default)]
pub struct KeySet {
    pub keys: Vec<Key>,
    /// For each entry that cannot be used, which one it is and why.
    pub skipped: Vec<String>,
}

impl KeySet {
    /// Reads a set. Entries that cannot be used are skipped, as the standard asks. A set without
    /// entries is one: its issuer withdrew all keys. A set of which no entry can be used is taken
    /// for a mistake.
    ///
    /// # Errors
    /// What is wrong with the whole, as the rest of a sentence about it.
    pub fn read(text: &[u8]) -> Result<Self, String> {
        let set: Value = json::parse(text).map_err(|_| "is not JSON".to_owned())?;
        let entries = set
            .get("keys")
            .and_then(Value::as_array)
            .ok_or("is not a key set: it has no list `keys`")?;
        let mut read = Self::default();
        for (number, entry) in entries.iter().enumerate() {
            if read.keys.len() == MOST {
                read.skipped
                    .push(format!("everything after the first {MOST} keys"));
                break;
            }
            match key(entry) {
                Ok(key) => read.keys.push(key),
                Err(reason) => read.skip(number, entry, &reason),
            }
        }
        match read.skipped.first() {
            Some(first) if read.keys.is_empty() => Err(format!("contains no usable key; {first}")),
            _ => Ok(read),
        }
    }

    fn skip(&mut self, number: usize, entry: &Value, reason: &str) {
        // A set of a megabyte must not become a log of one.
        if self.skipped.len() < MOST {
            let id = entry.get("kid").and_then(Value::as_str).unwrap_or_default();
            let id: String = id.escape_debug().take(64).collect();
            self.skipped
                .push(format!("entry {} (`{id}`) {reason}", number + 1));
        }
    }
}

fn key(entry: &Value) -> Result<Key, String> {
    let entry = entry.as_object().ok_or("is not an object")?;
    if ["d", "k"].iter().any(|member| entry.contains_key(*member)) {
        return Err(
            "is a private or secret key that is published, so anyone can sign with it; replace it"
                .to_owned(),
        );
    }
    if text(entry, "use")?.is_some_and(|purpose| purpose != "sig") {
        return Err("is not for signatures".to_owned());
    }
    if let Some(operations) = entry.get("key_ops") {
        let operations = operations
            .as_array()
            .ok_or("has `key_ops` of the wrong type")?;
        if !operations.iter().any(|operation| operation == "verify") {
            return Err("is not for verifying signatures".to_owned());
        }
    }
    let mut key = match (text(entry, "kty")?, text(entry, "crv")?) {
        (Some("RSA"), _) => Key::rsa(&number(entry, "n")?, &number(entry, "e")?)?,
        (Some("EC"), Some("P-256")) => {
            let (x, y) = (number(entry, "x")?, number(entry, "y")?);
            if x.len() != 32 || y.len() != 32 {
                return Err("is not a point on the curve P-256".to_owned());
            }
            Key::p256(&[&[4], &x[..], &y[..]].concat())?
        }
        (Some("OKP"), Some("Ed25519")) => Key::ed25519(&number(entry, "x")?)?,
        (Some(_), _) => {
            return Err("has a type or curve that the gateway does not support".to_owned());
        }
        (None, _) => return Err("has no `kty`".to_owned()),
    };
    if let Some(name) = text(entry, "alg")?
        && Algorithm::from_name(name) != Some(key.algorithm)
    {
        return Err(format!(
            "has another `alg` than {}, the only one that the gateway supports for its type",
            key.algorithm
        ));
    }
    key.id = text(entry, "kid")?.map(str::to_owned);
    Ok(key)
}

fn text<'a>(entry: &'a Map<String, Value>, member: &str) -> Result<Option<&'a str>, String> {
    match entry.get(member) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(format!("has `{member}` of the wrong type")),
    }
}

fn number(entry: &Map<String, Value>, member: &str) -> Result<Vec<u8>, String> {
    text(entry, member)?
        .and_then(base64url)
        .ok_or_else(|| format!("has no valid `{member}`"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const X: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";

    fn set(entries: Value) -> Result<KeySet, String> {
        KeySet::read(json!({ "keys": entries }).to_string().as_bytes())
    }

    #[test]
    fn entries_that_cannot_be_used_are_skipped_with_a_reason() {
        let good = json!({"kty": "OKP", "crv": "Ed25519", "x": X, "kid": "good"});
        let with = |name: &str, value: Value| {
            let mut entry = good.clone();
            entry[name] = value;
            entry
        };
        let bad = [
            (with("use", json!("enc")), "not for signatures"),
            (with("use", json!(1)), "`use` of the wrong type"),
            (with("key_ops", json!(["sign"])), "not for verifying"),
            (
                with("key_ops", json!("verify")),
                "`key_ops` of the wrong type",
            ),
            (with("alg", json!("HS256")), "another `alg`"),
            (with("crv", json!("Ed448")), "type or curve"),
            (with("crv", json!("X25519")), "type or curve"),
            (with("kty", json!("EC")), "type or curve"),
            (with("kty", json!(null)), "`kty` of the wrong type"),
            (with("x", json!("AAAA")), "not an Ed25519 key"),
            (
                with("x", json!("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURp")),
                "no valid `x`",
            ),
            (with("d", json!(X)), "is published"),
            (json!({"kty": "oct", "k": X}), "is published"),
            (
                json!({"kty": "EC", "crv": "P-256", "x": X, "y": X}),
                "not a point",
            ),
            (
                json!({"kty": "EC", "crv": "P-384", "x": X, "y": X}),
                "type or curve",
            ),
            (json!({"kty": "RSA", "n": X, "e": "AQAB"}), "256 bits"),
            (json!({"kty": "RSA", "n": X}), "no valid `e`"),
            (json!({"kid": "nothing"}), "no `kty`"),
            (json!(7), "is not an object"),
        ];
        for (entry, reason) in &bad {
            let read = set(json!([entry, good])).unwrap();
            assert_eq!(read.keys.len(), 1, "{entry}");
            assert!(
                read.skipped[0].contains(reason),
                "{entry}: {:?}",
                read.skipped
            );
            assert!(set(json!([entry])).is_err(), "{entry}");
        }
        let verifying = with("key_ops", json!(["sign", "verify"]));
        assert_eq!(set(json!([verifying])).unwrap().keys.len(), 1);
        let named = with("alg", json!("Ed25519"));
        assert_eq!(
            set(json!([named])).unwrap().keys[0].id.as_deref(),
            Some("good")
        );
    }

    #[test]
    fn what_is_no_set_is_refused() {
        for text in ["", "null", "[]", "{}", r#"{"keys": {}}"#, "<html>"] {
            assert!(KeySet::read(text.as_bytes()).is_err(), "{text}");
        }
        assert!(set(json!([])).unwrap().keys.is_empty(), "all withdrawn");
        let many: Vec<Value> = (0..MOST + 5)
            .map(|kid| json!({"kty": "OKP", "crv": "Ed25519", "x": X, "kid": kid.to_string()}))
            .collect();
        let read = set(json!(many)).unwrap();
        assert_eq!((read.keys.len(), read.skipped.len()), (MOST, 1));
    }
}
