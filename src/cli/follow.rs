//! The command that makes a token, as other commands propose it.

use std::borrow::Cow;
use std::path::Path;

use crate::config::{DATA_DIR, Settings};

/// How to make a token for a user in a workspace, with the directory of the database where that is
/// not the usual one.
pub(super) fn token(settings: &Settings, email: &str, slug: &str) -> String {
    let server = &settings.server;
    let dir = match server.database_url {
        None if server.data_dir != Path::new(DATA_DIR) => {
            let dir = server.data_dir.to_str().map(quoted);
            dir.map_or(String::new(), |dir| format!(" --data-dir {dir}"))
        }
        _ => String::new(),
    };
    format!(
        "To make a token: tessera token --user {} --workspace {slug}{dir}",
        quoted(email)
    )
}

/// A word as a shell reads it.
fn quoted(word: &str) -> Cow<'_, str> {
    let plain = |character: char| {
        character.is_ascii_alphanumeric() || matches!(character, '@' | '.' | '_' | '-' | '+' | '/')
    };
    match word.chars().all(plain) {
        true => Cow::Borrowed(word),
        false => Cow::Owned(format!("'{}'", word.replace('\'', "'\\''"))),
    }
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn the_command_can_be_pasted() {
        assert_eq!(quoted("a.b+c@x.example"), "a.b+c@x.example");
        assert_eq!(quoted("/srv/tessera"), "/srv/tessera");
        assert_eq!(quoted("o'hara@x.example"), "'o'\\''hara@x.example'");
        assert_eq!(quoted("my data"), "'my data'");
    }
}
