//! E-mail addresses of accounts.

use super::error::AccountError;

/// Whether a character cannot be seen, and may change how those around it are shown.
pub(super) fn is_invisible(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// The address without spaces around it. Case is left to the database, which compares in lower
/// case.
pub(super) fn check(text: &str) -> Result<&str, AccountError> {
    let email = text.trim();
    let is_email = email.chars().count() <= 255
        && !email.contains(|character: char| character.is_whitespace() || is_invisible(character))
        && email.split_once('@').is_some_and(|(name, host)| {
            !name.is_empty() && !host.is_empty() && !host.contains('@')
        });
    match is_email {
        true => Ok(email),
        false => Err(AccountError::Invalid {
            what: "the e-mail address",
            found: text.to_owned(),
            expected: "an address such as ada@example.com",
        }),
    }
}
