//! The command that makes a token, as other commands propose it.

use std::borrow::Cow;

/// How to make a token for a user in a workspace.
pub(super) fn token(email: &str, slug: &str) -> String {
    format!(
        "To make a token: tessera token --user {} --workspace {slug}",
        quoted(email)
    )
}

/// A word as a shell reads it.
fn quoted(word: &str) -> Cow<'_, str> {
    let plain = |character: char| {
        character.is_ascii_alphanumeric() || matches!(character, '@' | '.' | '_' | '-' | '+')
    };
    match word.chars().all(plain) {
        true => Cow::Borrowed(word),
        false => Cow::Owned(format!("'{}'", word.replace('\'', "'\\''"))),
    }
}

#[cfg(test)]
mod tests {
    use super::token;

    #[test]
    fn the_command_can_be_pasted() {
        assert_eq!(
            token("a.b+c@x.example", "acme"),
            "To make a token: tessera token --user a.b+c@x.example --workspace acme"
        );
        assert_eq!(
            token("o'hara@x.example", "acme"),
            "To make a token: tessera token --user 'o'\\''hara@x.example' --workspace acme"
        );
    }
}
