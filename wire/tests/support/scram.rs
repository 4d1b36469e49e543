//! The server's side of SCRAM-SHA-256, after RFC 5802 and 7677.

use std::num::NonZeroU32;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::{digest, hmac, pbkdf2};

use super::message;
use super::scripted::Server;

const SALT: &[u8] = b"salt and pepper!";
const ITERATIONS: u32 = 16;

/// How an exchange went.
#[derive(Debug, PartialEq, Eq)]
pub struct Outcome {
    pub mechanism: String,
    /// `n`, `y` or `p=…`.
    pub flag: String,
    pub right: bool,
}

fn mac(key: &[u8], text: &[u8]) -> Vec<u8> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    hmac::sign(&key, text).as_ref().to_vec()
}

/// Asks for the password by these mechanisms. `bound` is what a client must bind to.
/// With `forged`, the server does not know the password itself.
pub async fn ask(
    server: &mut Server,
    password: &str,
    mechanisms: &[&str],
    bound: &[u8],
    forged: bool,
) -> Outcome {
    let list: String = mechanisms.iter().map(|name| format!("{name}\0")).collect();
    let list = format!("{list}\0");
    server
        .send(&message::authentication(10, list.as_bytes()))
        .await;
    let first = server.receive().await;
    let mechanism = first.text(0);
    let message = &first.body[mechanism.len() + 5..];
    let message = std::str::from_utf8(message).unwrap();
    let (flag, rest) = message.split_once(",,").unwrap();
    let nonce = rest.strip_prefix("n=,r=").unwrap();
    let full = format!("{nonce}server");
    let asked = format!("r={full},s={},i={ITERATIONS}", STANDARD.encode(SALT));
    server
        .send(&message::authentication(11, asked.as_bytes()))
        .await;
    let answer = server.receive().await;
    let answer = String::from_utf8(answer.body).unwrap();
    let (without_proof, proof) = answer.split_once(",p=").unwrap();
    let mut salted = [0; 32];
    pbkdf2::derive(
        pbkdf2::PBKDF2_HMAC_SHA256,
        NonZeroU32::new(ITERATIONS).unwrap(),
        SALT,
        password.as_bytes(),
        &mut salted,
    );
    let signed = format!("{rest},{asked},{without_proof}");
    let client_key = mac(&salted, b"Client Key");
    let stored = digest::digest(&digest::SHA256, &client_key);
    let signature = mac(stored.as_ref(), signed.as_bytes());
    let expected: Vec<u8> = client_key
        .iter()
        .zip(&signature)
        .map(|(key, signature)| key ^ signature)
        .collect();
    let data = if flag.starts_with("p=") { bound } else { &[] };
    let binding = [format!("{flag},,").as_bytes(), data].concat();
    let without = format!("c={},r={full}", STANDARD.encode(binding));
    let right = without == without_proof && STANDARD.encode(expected) == proof;
    let server_key = if forged {
        vec![0; 32]
    } else {
        mac(&salted, b"Server Key")
    };
    let proof = STANDARD.encode(mac(&server_key, signed.as_bytes()));
    if right {
        server
            .send(&message::authentication(
                12,
                format!("v={proof}").as_bytes(),
            ))
            .await;
    } else {
        server
            .send(&message::error(
                "FATAL",
                "28P01",
                "password authentication failed",
            ))
            .await;
    }
    Outcome {
        mechanism,
        flag: flag.to_owned(),
        right,
    }
}
