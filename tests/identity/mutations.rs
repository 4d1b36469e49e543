//! A token that was changed anywhere, by anything, lets nobody in.

use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use tessera::auth::{Auth, Credentials};
use tessera::error::Code;

use super::issuer::{SIGNERS, Signer, decode, encode, options};
use crate::harness::database::seeded;
use crate::harness::run;

const ALPHABET: &[u8] =
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ ~\x01";

/// A change of a token.
#[derive(Clone, Debug)]
enum Change {
    /// Puts another character in the place of one.
    Character(Index, Index),
    /// Flips a bit of the decoded header, payload or signature.
    Bit(u8, Index, u8),
    Insert(Index, Index),
    Remove(Index),
    /// Leaves out everything between two places.
    Cut(Index, Index),
    /// Repeats what stands between two places.
    Repeat(Index, Index),
    /// Exchanges two of the three parts.
    Exchange(u8, u8),
    /// Puts any text in the place of one part.
    Part(u8, String),
    /// Takes one part of the token of another key.
    Foreign(u8, Index),
}

fn change() -> impl Strategy<Value = Change> {
    let index = any::<Index>;
    prop_oneof![
        4 => (index(), index()).prop_map(|(at, to)| Change::Character(at, to)),
        6 => (0..3u8, index(), 0..8u8).prop_map(|(part, at, bit)| Change::Bit(part, at, bit)),
        1 => (index(), index()).prop_map(|(at, what)| Change::Insert(at, what)),
        1 => index().prop_map(Change::Remove),
        1 => (index(), index()).prop_map(|(from, to)| Change::Cut(from, to)),
        1 => (index(), index()).prop_map(|(from, to)| Change::Repeat(from, to)),
        1 => (0..3u8, 0..3u8).prop_map(|(one, other)| Change::Exchange(one, other)),
        1 => (0..3u8, ".{0,80}").prop_map(|(part, text)| Change::Part(part, text)),
        1 => (0..3u8, index()).prop_map(|(part, whose)| Change::Foreign(part, whose)),
    ]
}

impl Change {
    fn apply(&self, token: &str, tokens: &[String]) -> String {
        let length = token.len();
        let letter = |index: &Index| char::from(ALPHABET[index.index(ALPHABET.len())]);
        let range = |one: &Index, other: &Index| {
            let (one, other) = (one.index(length), other.index(length));
            (one.min(other), one.max(other))
        };
        let parts = || -> Vec<String> { token.split('.').map(str::to_owned).collect() };
        match self {
            Self::Character(at, to) => {
                let at = at.index(length);
                format!("{}{}{}", &token[..at], letter(to), &token[at + 1..])
            }
            Self::Bit(part, at, bit) => {
                let mut parts = parts();
                let part = &mut parts[usize::from(*part)];
                // A change before this one may have left what is no base64.
                if is_base64(part) {
                    let mut bytes = decode(part);
                    let at = at.index(bytes.len());
                    bytes[at] ^= 1 << bit;
                    *part = encode(bytes);
                }
                parts.join(".")
            }
            Self::Insert(at, what) => {
                let at = at.index(length + 1);
                format!("{}{}{}", &token[..at], letter(what), &token[at..])
            }
            Self::Remove(at) => {
                let at = at.index(length);
                format!("{}{}", &token[..at], &token[at + 1..])
            }
            Self::Cut(from, to) => {
                let (from, to) = range(from, to);
                format!("{}{}", &token[..from], &token[to..])
            }
            Self::Repeat(from, to) => {
                let (from, to) = range(from, to);
                format!("{}{}", &token[..to], &token[from..])
            }
            Self::Exchange(one, other) => {
                let mut parts = parts();
                parts.swap(usize::from(*one), usize::from(*other));
                parts.join(".")
            }
            Self::Part(part, text) => {
                let mut parts = parts();
                parts[usize::from(*part)] = encode(text);
                parts.join(".")
            }
            Self::Foreign(part, whose) => {
                let mut parts = parts();
                let foreign = whose.get(tokens);
                let part = usize::from(*part);
                parts[part] = foreign.split('.').nth(part).unwrap_or_default().to_owned();
                parts.join(".")
            }
        }
    }
}

fn runner(cases: u32) -> TestRunner {
    TestRunner::new(Config {
        failure_persistence: None,
        ..Config::with_cases(cases)
    })
}

#[test]
fn no_change_of_a_token_authenticates() {
    let db = run(async { &seeded().await.db });
    let auth = Auth::new(options());
    let session = |token: &str| {
        let authorization = format!("Bearer {token}");
        let credentials = Credentials {
            authorization: Some(&authorization),
            workspace: None,
        };
        run(auth.session(db, credentials))
    };
    let tokens: Vec<String> = SIGNERS.iter().map(Signer::token).collect();
    for good in &tokens {
        assert!(session(good).is_ok_and(|session| session.is_some()));
        let changes = proptest::collection::vec(change(), 1..3);
        let outcome = runner(400).run(&changes, |changes| {
            let mut changed = good.clone();
            for change in &changes {
                // A second change needs a token that still has its parts.
                if changed.split('.').filter(|part| is_base64(part)).count() == 3
                    && changed.is_ascii()
                {
                    changed = change.apply(&changed, &tokens);
                }
            }
            // Spaces around a token belong to the header.
            if tokens
                .iter()
                .any(|token| changed.trim_matches(' ') == token)
            {
                return Ok(());
            }
            match session(&changed) {
                Err(error) if error.code == Code::Unauthenticated => {
                    prop_assert!(!error.message.contains(&good[..20]));
                    Ok(())
                }
                other => Err(TestCaseError::fail(format!("{changed}: {other:?}"))),
            }
        });
        if let Err(failure) = outcome {
            panic!("{failure}");
        }
    }
}

fn is_base64(part: &str) -> bool {
    use base64::Engine;
    let engine = base64::engine::general_purpose::URL_SAFE_NO_PAD;
    engine.decode(part).is_ok_and(|bytes| !bytes.is_empty())
}

#[test]
fn no_text_authenticates_or_panics() {
    let db = run(async { &seeded().await.db });
    let auth = Auth::new(options());
    let header = prop_oneof![
        Just(r#"{"alg":"HS256"}"#.to_owned()),
        Just(r#"{"alg":"ES256","kid":""}"#.to_owned()),
        Just(r#"{"alg":"EdDSA"}"#.to_owned()),
        Just(r#"{"alg":"RS256"}"#.to_owned()),
        ".{0,40}",
    ];
    let signature = proptest::collection::vec(any::<u8>(), 0..300);
    let made = (header, ".{0,60}", signature).prop_map(|(header, claims, signature)| {
        format!(
            "{}.{}.{}",
            encode(header),
            encode(claims),
            encode(signature)
        )
    });
    let text = prop_oneof![made, ".{0,200}"];
    let outcome = runner(1000).run(&text, |text| {
        for authorization in [format!("Bearer {text}"), text.clone()] {
            let credentials = Credentials {
                authorization: Some(&authorization),
                workspace: Some(&text),
            };
            let refused = run(auth.session(db, credentials));
            prop_assert_eq!(
                refused.map_err(|error| error.code),
                Err(Code::Unauthenticated)
            );
        }
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}
