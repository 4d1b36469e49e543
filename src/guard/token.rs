//! Cuts the text of a document into tokens, from left to right and never looking back, and counts
//! them.

use std::borrow::Cow;

use async_graphql::Pos;

use super::limits::{Limit, Limits};
use crate::error::{Code, Error};
use crate::json;

/// One token of the language.
#[derive(Clone, Debug, PartialEq)]
pub enum Token<'a> {
    /// One of `! $ & ( ) : = @ [ ] { | }`.
    Sign(char),
    /// The three dots.
    Spread,
    Name(&'a str),
    /// A whole number as it stands.
    Int(&'a str),
    /// A number with a fraction or an exponent as it stands.
    Float(&'a str),
    /// A text without its quotes, escapes resolved.
    Text(Cow<'a, str>),
    End,
}

/// Most bytes of a name. Validation compares unknown names with those of the schema, which takes as
/// long as they are.
const LONGEST_NAME: usize = 255;

/// The tokens of a text.
pub struct Tokens<'a> {
    text: &'a str,
    at: usize,
    limits: &'a Limits,
    count: u64,
    /// Where the last position was told, so that counting lines goes over the text once.
    told: usize,
    pos: Pos,
}

impl<'a> Tokens<'a> {
    /// Nothing is looked at when the text is too long.
    ///
    /// # Errors
    /// `QUERY_TOO_EXPENSIVE`.
    pub fn new(text: &'a str, limits: &'a Limits) -> Result<Self, Error> {
        limits.hold(Limit::QueryBytes, text.len() as u64)?;
        Ok(Self {
            text,
            at: 0,
            limits,
            count: 0,
            told: 0,
            pos: Pos { line: 1, column: 1 },
        })
    }

    /// The next token and where it begins.
    ///
    /// # Errors
    /// `GRAPHQL_PARSE_FAILED`, or `QUERY_TOO_EXPENSIVE` for one token too many.
    pub fn next(&mut self) -> Result<(Token<'a>, Pos), Error> {
        self.ignored();
        let start = self.at;
        let pos = self.position(start);
        let Some(first) = self.peek() else {
            return Ok((Token::End, pos));
        };
        self.count += 1;
        if self.count > self.limits.max_tokens {
            let error = self.limits.exceeded(Limit::Tokens, self.count);
            return Err(error.at(pos));
        }
        let token = match first {
            b'!' | b'$' | b'&' | b'(' | b')' | b':' | b'=' | b'@' | b'[' | b']' | b'{' | b'|'
            | b'}' => {
                self.at += 1;
                Token::Sign(char::from(first))
            }
            b'.' if self.rest().starts_with("...") => {
                self.at += 3;
                Token::Spread
            }
            b'_' | b'a'..=b'z' | b'A'..=b'Z' => {
                self.skip(|byte| byte == b'_' || byte.is_ascii_alphanumeric());
                let name = &self.text[start..self.at];
                if name.len() > LONGEST_NAME {
                    return Err(too_long(name).at(pos));
                }
                Token::Name(name)
            }
            b'-' | b'0'..=b'9' => self.number(start)?,
            b'"' if self.rest().starts_with("\"\"\"") => Token::Text(self.block()?.into()),
            b'"' => Token::Text(self.string()?),
            _ => return Err(self.unexpected()),
        };
        Ok((token, pos))
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Every byte that means something is ASCII, so bytes inside a character are passed over.
    fn skip(&mut self, of: impl Fn(u8) -> bool) {
        let rest = &self.text.as_bytes()[self.at..];
        self.at += rest.iter().take_while(|&&byte| of(byte)).count();
    }

    /// Passes over what means nothing between two tokens.
    fn ignored(&mut self) {
        loop {
            self.skip(|byte| matches!(byte, b' ' | b'\t' | b',' | b'\n' | b'\r'));
            match self.peek() {
                Some(b'#') => self.skip(|byte| !matches!(byte, b'\n' | b'\r')),
                // A byte order mark is blank wherever it stands.
                Some(0xef) if self.rest().starts_with('\u{feff}') => self.at += 3,
                _ => return,
            }
        }
    }

    fn number(&mut self, start: usize) -> Result<Token<'a>, Error> {
        let digits = |this: &mut Self| {
            let from = this.at;
            this.skip(|byte| byte.is_ascii_digit());
            if this.at == from {
                return Err(this.unexpected());
            }
            Ok(())
        };
        let mut whole = true;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
            if self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
                return Err(self.unexpected());
            }
        } else {
            digits(self)?;
        }
        if self.peek() == Some(b'.') {
            whole = false;
            self.at += 1;
            digits(self)?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            whole = false;
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            digits(self)?;
        }
        if self
            .peek()
            .is_some_and(|byte| matches!(byte, b'.' | b'_') || byte.is_ascii_alphabetic())
        {
            return Err(self.unexpected());
        }
        let text = &self.text[start..self.at];
        Ok(if whole {
            Token::Int(text)
        } else {
            Token::Float(text)
        })
    }

    fn string(&mut self) -> Result<Cow<'a, str>, Error> {
        self.at += 1;
        let mut value = Cow::Borrowed("");
        loop {
            let from = self.at;
            self.skip(|byte| !matches!(byte, b'"' | b'\\' | b'\n' | b'\r'));
            let part = &self.text[from..self.at];
            if value.is_empty() {
                value = Cow::Borrowed(part);
            } else {
                value.to_mut().push_str(part);
            }
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(value);
                }
                Some(b'\\') => {
                    let character = self.escape()?;
                    value.to_mut().push(character);
                }
                _ => {
                    return Err(
                        self.failure("a string that starts here has no closing quote", from)
                    );
                }
            }
        }
    }

    fn escape(&mut self) -> Result<char, Error> {
        let start = self.at;
        self.at += 1;
        let Some(kind) = self.peek() else {
            return Err(self.failure("a string ends inside an escape sequence", start));
        };
        self.at += 1;
        Ok(match kind {
            b'"' | b'\\' | b'/' => char::from(kind),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                return self.unicode().ok_or_else(|| {
                    let what = no_character(&self.text[start..]);
                    self.failure(&what, start)
                });
            }
            _ => return Err(self.failure("there is no such escape sequence", start)),
        })
    }

    /// The character of `\u00e9`, `\ud83d\ude00` or `\u{1F600}`, after the `u`.
    fn unicode(&mut self) -> Option<char> {
        if self.peek() == Some(b'{') {
            // Longer ones name no character; looking for their end would be work for nothing.
            let end = self.rest().bytes().take(16).position(|byte| byte == b'}')?;
            let code = hexadecimal(&self.rest()[1..end])?;
            self.at += end + 1;
            return char::from_u32(code);
        }
        let code = self.four()?;
        if !(0xd800..0xdc00).contains(&code) {
            return char::from_u32(code);
        }
        if !self.rest().starts_with("\\u") {
            return None;
        }
        self.at += 2;
        let low = self.four()?;
        if !(0xdc00..0xe000).contains(&low) {
            return None;
        }
        char::from_u32(0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00))
    }

    fn four(&mut self) -> Option<u32> {
        let code = hexadecimal(self.rest().get(..4)?)?;
        self.at += 4;
        Some(code)
    }

    fn block(&mut self) -> Result<String, Error> {
        let start = self.at;
        self.at += 3;
        let from = self.at;
        loop {
            self.skip(|byte| byte != b'"');
            if self.at == self.text.len() {
                return Err(self.failure("a string that starts here has no closing quotes", start));
            }
            if !self.rest().starts_with("\"\"\"") {
                self.at += 1;
            } else if self.at > from && self.text.as_bytes()[self.at - 1] == b'\\' {
                self.at += 3;
            } else {
                let raw = &self.text[from..self.at];
                self.at += 3;
                return Ok(unindented(&raw.replace("\\\"\"\"", "\"\"\"")));
            }
        }
    }

    fn unexpected(&mut self) -> Error {
        let what = match self.rest().chars().next() {
            Some(character) => format!("unexpected character {character:?}"),
            None => "unexpected end of the document".to_owned(),
        };
        self.failure(&what, self.at)
    }

    fn failure(&mut self, what: &str, at: usize) -> Error {
        // An error may point before what was told last.
        if at < self.told {
            (self.told, self.pos) = (0, Pos { line: 1, column: 1 });
        }
        syntax_error(what, self.position(at))
    }

    fn position(&mut self, at: usize) -> Pos {
        let passed = &self.text[self.told..at];
        let mut after_return = self.text[..self.told].ends_with('\r');
        for character in passed.chars() {
            match character {
                '\n' if after_return => self.pos.column = 1,
                '\n' | '\r' => {
                    self.pos.line += 1;
                    self.pos.column = 1;
                }
                _ => self.pos.column += 1,
            }
            after_return = character == '\r';
        }
        self.told = at;
        self.pos
    }
}

fn too_long(name: &str) -> Error {
    let message = format!(
        "A name has {} characters; at most {LONGEST_NAME} are allowed. Use a shorter name.",
        name.len()
    );
    Error::new(Code::QueryTooExpensive, message)
}

/// Why the escape at the beginning of a text is refused.
fn no_character(text: &str) -> String {
    match surrogate(text) {
        Some(escape) => format!(
            "the escape `{escape}` is half of a surrogate pair, which is no character; send both halves, such as \\ud83d\\ude00, or the character itself"
        ),
        None => "an escape after \\u names no character; write four hexadecimal digits, such as \\u00e9, or a code point, such as \\u{1F600}".to_owned(),
    }
}

/// The escape at the beginning of a text, when it is half of a surrogate pair.
fn surrogate(text: &str) -> Option<&str> {
    let Some(braced) = text.strip_prefix("\\u{") else {
        let bytes = text.as_bytes();
        return json::lone_surrogate(&bytes[..bytes.len().min(6)]);
    };
    let end = braced.find('}')?;
    let code = hexadecimal(&braced[..end])?;
    (0xd800..0xe000)
        .contains(&code)
        .then(|| &text[..text.len() - braced.len() + end + 1])
}

/// `GRAPHQL_PARSE_FAILED` at a place.
pub fn syntax_error(what: &str, pos: Pos) -> Error {
    let message = format!("Syntax error: {what}.");
    Error::new(Code::GraphqlParseFailed, message).at(pos)
}

fn hexadecimal(digits: &str) -> Option<u32> {
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    u32::from_str_radix(digits, 16).ok()
}

/// The value of a block string: without the indent that its lines share, and without blank lines
/// around.
fn unindented(raw: &str) -> String {
    let unified = raw.replace("\r\n", "\n").replace('\r', "\n");
    let lines: Vec<&str> = unified.split('\n').collect();
    let indent = |line: &str| line.len() - line.trim_start_matches([' ', '\t']).len();
    let is_blank = |line: &&str| indent(line) == line.len();
    let shared = lines
        .iter()
        .skip(1)
        .filter(|line| !is_blank(line))
        .map(|line| indent(line))
        .min()
        .unwrap_or(0);
    let first = lines.iter().position(|line| !is_blank(line));
    let last = lines.iter().rposition(|line| !is_blank(line));
    let (Some(first), Some(last)) = (first, last) else {
        return String::new();
    };
    let kept: Vec<&str> = lines
        .iter()
        .enumerate()
        .take(last + 1)
        .skip(first)
        .map(|(index, line)| match index {
            0 => *line,
            _ => line.get(shared..).unwrap_or_default(),
        })
        .collect();
    kept.join("\n")
}
