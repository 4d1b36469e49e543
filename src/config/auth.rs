//! Settings of authentication: who signs tokens, and what a valid token contains.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Deserializer};

use super::section::section;
use crate::auth::{
    AuthOptions, ClaimNames, ClaimPointer, JwksOptions, JwksUrl, Key, MOST_TRIED, Secret,
    read_public_keys, too_many,
};

section! {
    /// Flags of identity.
    #[command(next_help_heading = "Token settings")]
    pub struct AuthFlags {
        /// File with the HS256 secret that tokens are signed with, 32 bytes or more. Alternatively,
        /// set the environment variable TESSERA_JWT_SECRET to the secret itself.
        #[arg(long, global = true, env = "TESSERA_JWT_SECRET_FILE", value_name = "FILE")]
        jwt_secret_file: PathBuf,
        /// Files with public keys (PEM) that tokens are verified with: RSA for RS256, P-256 for ES256,
        /// Ed25519 for EdDSA. Repeat the flag, or separate with commas.
        #[arg(long, global = true, env = "TESSERA_JWT_PUBLIC_KEY", value_name = "FILE", value_delimiter = ',')]
        #[serde(default, deserialize_with = "one_or_several")]
        jwt_public_key: Vec<String>,
        /// URL of the issuer's key set (JWKS); https, or http on this machine.
        #[arg(long, global = true, env = "TESSERA_JWKS_URL", hide_env_values = true, value_name = "URL")]
        jwks_url: String,
        /// Seconds for which the issuer's keys stay in use if they cannot be fetched again, from 60
        /// to 2592000; 0 is unlimited [default: 86400].
        #[arg(long, global = true, env = "TESSERA_JWKS_MAX_AGE", value_name = "SECONDS")]
        jwks_max_age: u64,
        /// Accepted issuers: the claim `iss` must be one of them [default: any].
        #[arg(long, global = true, env = "TESSERA_JWT_ISSUER", value_name = "TEXT", value_delimiter = ',')]
        #[serde(default, deserialize_with = "one_or_several")]
        jwt_issuer: Vec<String>,
        /// Accepted audiences: the claim `aud` must contain one of them [default: any].
        #[arg(long, global = true, env = "TESSERA_JWT_AUDIENCE", value_name = "TEXT", value_delimiter = ',')]
        #[serde(default, deserialize_with = "one_or_several")]
        jwt_audience: Vec<String>,
        /// Seconds by which the clocks of issuer and gateway may differ, up to 300 [default: 30].
        #[arg(long, global = true, env = "TESSERA_JWT_LEEWAY", value_name = "SECONDS")]
        jwt_leeway: u64,
        /// JSON pointer to the claim with the user's id [default: /sub].
        #[arg(long, global = true, env = "TESSERA_JWT_CLAIM_USER", value_name = "POINTER")]
        jwt_claim_user: String,
        /// JSON pointer to the claim with the workspaces: an object that maps ids or slugs to roles,
        /// or a list of ids and slugs [default: /workspaces].
        #[arg(long, global = true, env = "TESSERA_JWT_CLAIM_WORKSPACES", value_name = "POINTER")]
        jwt_claim_workspaces: String,
        /// JSON pointer to the claim with a single workspace [default: /workspace_id].
        #[arg(long, global = true, env = "TESSERA_JWT_CLAIM_WORKSPACE", value_name = "POINTER")]
        jwt_claim_workspace: String,
        /// JSON pointer to the claim with the role, or a list of roles, in the single workspace or in
        /// all listed ones [default: /role].
        #[arg(long, global = true, env = "TESSERA_JWT_CLAIM_ROLE", value_name = "POINTER")]
        jwt_claim_role: String,
        /// Issuer's roles translated to the gateway's, such as `org:admin=admin,org:member=member`.
        #[arg(long, global = true, env = "TESSERA_JWT_ROLE_MAP", value_name = "MAP")]
        jwt_role_map: String,
        /// Seconds for which memberships are cached, up to 60; 0 reads them from the database for
        /// each request [default: 5].
        #[arg(long, global = true, env = "TESSERA_MEMBERSHIP_CACHE", value_name = "SECONDS")]
        membership_cache: u64,
    }
}

impl AuthFlags {
    pub(super) fn check(self, development: bool) -> Result<AuthOptions, String> {
        let defaults = ClaimNames::default();
        let max_age = max_age(self.jwks_max_age)?;
        let jwks = super::filled(self.jwks_url)
            .map(|url| JwksUrl::parse(url.trim(), development))
            .transpose()?
            .map(|url| JwksOptions {
                max_age,
                ..JwksOptions::new(url)
            });
        let role_map = self.jwt_role_map.unwrap_or_default();
        Ok(AuthOptions {
            secret: read_secret(self.jwt_secret_file.as_deref(), development)?,
            public_keys: read_keys(listed(self.jwt_public_key))?,
            jwks,
            issuers: listed(self.jwt_issuer),
            audiences: listed(self.jwt_audience),
            leeway: Duration::from_secs(super::between(
                "jwt_leeway",
                self.jwt_leeway,
                30,
                0..=300,
            )?),
            claims: ClaimNames {
                user: pointer("jwt_claim_user", self.jwt_claim_user, defaults.user)?,
                workspaces: pointer(
                    "jwt_claim_workspaces",
                    self.jwt_claim_workspaces,
                    defaults.workspaces,
                )?,
                workspace: pointer(
                    "jwt_claim_workspace",
                    self.jwt_claim_workspace,
                    defaults.workspace,
                )?,
                role: pointer("jwt_claim_role", self.jwt_claim_role, defaults.role)?,
                role_map: role_map
                    .parse()
                    .map_err(|error| format!("jwt_role_map: {error}"))?,
            },
            membership_lifetime: Duration::from_secs(super::between(
                "membership_cache",
                self.membership_cache,
                5,
                0..=60,
            )?),
        })
    }
}

/// How long keys of the issuer are used; none is for ever.
fn max_age(seconds: Option<u64>) -> Result<Option<Duration>, String> {
    match seconds {
        Some(0) => Ok(None),
        _ => super::between("jwks_max_age", seconds, 86_400, 60..=2_592_000)
            .map(|seconds| Some(Duration::from_secs(seconds)))
            .map_err(|error| format!("{error}, or 0 for no limit")),
    }
}

fn pointer(
    name: &str,
    text: Option<String>,
    default: ClaimPointer,
) -> Result<ClaimPointer, String> {
    super::filled(text).map_or(Ok(default), |text| {
        text.parse().map_err(|error| format!("{name}: {error}"))
    })
}

fn listed(texts: Option<Vec<String>>) -> Vec<String> {
    let texts = texts.unwrap_or_default().into_iter();
    texts
        .map(|text| text.trim().to_owned())
        .filter(|text| !text.is_empty())
        .collect()
}

/// A list in a file may be one text, with commas as in a variable.
fn one_or_several<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Vec<String>>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "a string or a list of strings")]
    enum OneOrSeveral {
        One(String),
        Several(Vec<String>),
    }
    let read = Option::<OneOrSeveral>::deserialize(deserializer)?;
    Ok(read.map(|read| match read {
        OneOrSeveral::One(text) => text.split(',').map(str::to_owned).collect(),
        OneOrSeveral::Several(texts) => texts,
    }))
}

fn read_keys(files: Vec<String>) -> Result<Vec<Key>, String> {
    let mut keys = Vec::new();
    for file in files {
        keys.extend(read_public_keys(Path::new(&file))?);
    }
    if let Some(algorithm) = too_many(&keys) {
        return Err(format!(
            "jwt_public_key has more than {MOST_TRIED} keys for {algorithm}, but a token is tried with at most {MOST_TRIED}; remove the oldest"
        ));
    }
    Ok(keys)
}

fn read_secret(file: Option<&Path>, development: bool) -> Result<Option<Secret>, String> {
    let text = match file.filter(|path| !path.as_os_str().is_empty()) {
        Some(path) => std::fs::read(path).map_err(|error| {
            format!("cannot read the JWT secret in {}: {error}", path.display())
        })?,
        // Not only text: a secret is bytes.
        None => match std::env::var_os("TESSERA_JWT_SECRET") {
            Some(secret) if !secret.is_empty() => secret.into_encoded_bytes(),
            _ => return Ok(None),
        },
    };
    // Editors end files with a line feed that is not meant. Any other byte is the secret's.
    let text = text.strip_suffix(b"\n").unwrap_or(&text);
    let text = text.strip_suffix(b"\r").unwrap_or(text);
    if development {
        Secret::for_development(text).map(Some)
    } else {
        Secret::new(text).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use clap::Parser;
    use tempfile::NamedTempFile;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        flags: AuthFlags,
    }

    fn file(text: &[u8]) -> NamedTempFile {
        let mut file = NamedTempFile::new().unwrap();
        file.write_all(text).unwrap();
        file
    }

    fn check(arguments: &[&str]) -> Result<AuthOptions, String> {
        let line = [&["tessera"], arguments].concat();
        Line::try_parse_from(line).unwrap().flags.check(false)
    }

    #[test]
    fn lists_are_repeated_or_have_commas_and_files_take_both_forms() {
        let settings = check(&[
            "--jwt-issuer",
            "a, b",
            "--jwt-issuer=c",
            "--jwt-audience=d,",
            "--jwt-leeway=0",
        ])
        .unwrap();
        assert_eq!(settings.issuers, ["a", "b", "c"]);
        assert_eq!(settings.audiences, ["d"]);
        assert_eq!(settings.leeway, Duration::ZERO);
        for (text, expected) in [
            ("jwt_issuer = \"a,b\"", vec!["a", "b"]),
            ("jwt_issuer = [\"a,b\", \"c\"]", vec!["a,b", "c"]),
            ("", vec![]),
        ] {
            let flags: AuthFlags = toml::from_str(text).unwrap();
            assert_eq!(flags.check(false).unwrap().issuers, expected, "{text}");
        }
        assert!(toml::from_str::<AuthFlags>("jwt_issuer = 1").is_err());
    }

    #[test]
    fn what_cannot_be_used_is_refused_by_its_name() {
        for (arguments, name) in [
            ("--jwt-leeway=301", "jwt_leeway"),
            ("--membership-cache=61", "membership_cache"),
            ("--jwks-max-age=59", "jwks_max_age"),
            ("--jwks-max-age=2592001", "0 for no limit"),
            ("--jwt-claim-user=sub", "jwt_claim_user"),
            ("--jwt-role-map=a=king", "jwt_role_map"),
            ("--jwks-url=http://issuer.example/", "jwks_url"),
            ("--jwt-public-key=/nowhere.pem", "/nowhere.pem"),
            ("--jwt-secret-file=/nowhere", "/nowhere"),
        ] {
            let error = check(&[arguments]).unwrap_err();
            assert!(error.contains(name), "{arguments}: {error}");
        }
    }

    #[test]
    fn keys_of_the_issuer_have_a_longest_age_unless_it_is_switched_off() {
        for (more, expected) in [
            (None, Some(86_400)),
            (Some("--jwks-max-age=60"), Some(60)),
            (Some("--jwks-max-age=0"), None),
        ] {
            let url = "--jwks-url=https://issuer.example/";
            let settings = check(&[&[url], more.as_slice()].concat()).unwrap();
            let max_age = settings.jwks.unwrap().max_age;
            assert_eq!(max_age, expected.map(Duration::from_secs), "{more:?}");
        }
    }

    #[test]
    fn more_keys_than_a_token_is_tried_with_are_refused() {
        let key = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n";
        for (number, holds) in [(MOST_TRIED, true), (MOST_TRIED + 1, false)] {
            let keys = file(key.repeat(number).as_bytes());
            let checked = check(&["--jwt-public-key", &keys.path().display().to_string()]);
            assert_eq!(checked.is_ok(), holds);
            if let Err(error) = checked {
                assert!(error.contains("for EdDSA"), "{error}");
            }
        }
    }

    #[test]
    fn a_private_key_is_refused_wherever_it_stands() {
        let private =
            file(b"-----BEGIN PRIVATE KEY-----\nhunter2hunter2\n-----END PRIVATE KEY-----\n");
        let path = private.path().display().to_string();
        for flag in ["--jwt-public-key", "--jwt-secret-file"] {
            let error = check(&[flag, &path]).unwrap_err();
            assert!(!error.contains("hunter2"), "{error}");
        }
        let error = check(&["--jwt-public-key", &path]).unwrap_err();
        assert!(error.contains("is a private key"), "{error}");
    }

    #[test]
    fn only_the_end_of_the_line_is_taken_off_a_secret() {
        let secret = "  a secret of forty bytes and some spaces \u{200b}";
        for end in ["", "\n", "\r\n"] {
            let file = file(format!("{secret}{end}").as_bytes());
            let read = read_secret(Some(file.path()), false).unwrap().unwrap();
            let token = |secret: &Secret| {
                let nobody = uuid::Uuid::nil();
                crate::auth::issue(secret, nobody, &[], Duration::MAX).unwrap()
            };
            let expected = Secret::new(secret).unwrap();
            // Both are issued within a second, or else a second later.
            let same = (0..3).any(|_| token(&read) == token(&expected));
            assert!(same, "{end:?}");
        }
    }

    #[test]
    fn a_weak_secret_is_for_development_alone() {
        let weak = file(b"short");
        assert!(read_secret(Some(weak.path()), false).is_err());
        let taken = read_secret(Some(weak.path()), true).unwrap().unwrap();
        assert!(taken.weakness().is_some());
        let options = AuthOptions::from(&taken);
        let warnings = options.warnings();
        assert!(warnings[0].contains("is refused"), "{warnings:?}");
        assert!(
            read_secret(Some(file(b"\n").path()), true).is_err(),
            "empty"
        );
    }
}
