//! Finds where a part of a literal stands: the tree of a document knows the places of whole
//! arguments alone.

use async_graphql::Pos;

use super::limits::Limits;
use super::token::{Token, Tokens};
use crate::error::{Error, Location, ValuePlace};

/// Where the part of a literal stands that these places lead to, one inside the other. Where they
/// lead into a variable, it is the place of the variable.
pub fn locate(text: &str, literal: Location, places: &[ValuePlace]) -> Location {
    // The text was read within the limits of requests already.
    let limits = Limits {
        max_query_bytes: u64::MAX,
        max_tokens: u64::MAX,
        ..Limits::default()
    };
    let mut found = literal;
    // A document that was read has no errors; of another text, the literal itself is the place.
    let _: Result<(), Error> = Tokens::new(text, &limits).and_then(|tokens| {
        let mut finder = Finder {
            tokens,
            token: Token::End,
            pos: Pos::default(),
        };
        finder.advance()?;
        while Location::from(finder.pos) < literal && finder.token != Token::End {
            finder.advance()?;
        }
        if Location::from(finder.pos) != literal {
            return Ok(());
        }
        for place in places {
            if !finder.enter(place)? {
                break;
            }
            found = finder.pos.into();
        }
        Ok(())
    });
    found
}

struct Finder<'a> {
    tokens: Tokens<'a>,
    /// The token that is looked at.
    token: Token<'a>,
    pos: Pos,
}

impl Finder<'_> {
    /// Goes to a part of the value that begins here; whether there is one.
    fn enter(&mut self, place: &ValuePlace) -> Result<bool, Error> {
        match place {
            ValuePlace::Item(index) => {
                if self.token != Token::Sign('[') {
                    // A single value stands for a list of one.
                    return Ok(*index == 0);
                }
                self.advance()?;
                for _ in 0..*index {
                    self.pass()?;
                }
                Ok(true)
            }
            ValuePlace::Field(name) | ValuePlace::Name(name) => {
                if self.token != Token::Sign('{') {
                    return Ok(false);
                }
                self.advance()?;
                while let Token::Name(field) = self.token {
                    if field == name.as_str() && matches!(place, ValuePlace::Name(_)) {
                        return Ok(true);
                    }
                    self.advance()?;
                    self.advance()?;
                    if field == name.as_str() {
                        return Ok(true);
                    }
                    self.pass()?;
                }
                Ok(false)
            }
        }
    }

    /// Passes over the value that begins here.
    fn pass(&mut self) -> Result<(), Error> {
        let mut open = 0_u64;
        loop {
            match self.token {
                Token::Sign('[' | '{') => open += 1,
                Token::Sign(']' | '}') => open = open.saturating_sub(1),
                // The name of a variable follows.
                Token::Sign('$') => self.advance()?,
                Token::End => return Ok(()),
                _ => {}
            }
            self.advance()?;
            if open == 0 {
                return Ok(());
            }
        }
    }

    fn advance(&mut self) -> Result<(), Error> {
        (self.token, self.pos) = self.tokens.next()?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::Name;

    use super::*;

    /// What stands at the place that is found in the literal behind `a: `.
    fn found<'a>(text: &'a str, places: &[ValuePlace]) -> &'a str {
        let start = text.find("a: ").unwrap() + 3;
        let location = Location {
            line: 1,
            column: start + 1,
        };
        let found = locate(text, location, places);
        assert_eq!(found.line, 1);
        &text[found.column - 1..]
    }

    #[test]
    fn places_lead_through_objects_and_lists() {
        let field = |name: &str| ValuePlace::from(name);
        let text = r#"{ f(z: {b: 1}, a: {b: [{c: "}]"}, $d, {e: $g, h: [7]}], i: 9}) }"#;
        assert_eq!(found(text, &[field("i")]), "9}) }");
        assert_eq!(found(text, &[ValuePlace::Name(Name::new("i"))]), "i: 9}) }");
        let deep = [
            field("b"),
            ValuePlace::Item(2),
            field("h"),
            ValuePlace::Item(0),
        ];
        assert_eq!(found(text, &deep), "7]}], i: 9}) }");
        // A variable is as deep as a document goes, and what is absent is looked for no further.
        let inside = [field("b"), ValuePlace::Item(1), field("x"), field("y")];
        assert_eq!(found(text, &inside), "$d, {e: $g, h: [7]}], i: 9}) }");
        assert_eq!(found(text, &[field("x")]), &text[18..]);
        let single = [field("i"), ValuePlace::Item(0)];
        assert_eq!(found(text, &single), "9}) }");
    }

    #[test]
    fn a_place_that_is_none_stays() {
        let location = Location { line: 7, column: 1 };
        let places = [ValuePlace::from("a")];
        for text in ["{ f(a: {a: 1}) }", "", "{ \"", "$$$ {a: }"] {
            assert_eq!(locate(text, location, &places), location, "{text}");
        }
    }
}
