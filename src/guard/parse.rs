//! Reads a document in one pass over its tokens, into the tree that async-graphql validates.
//!
//! It is a reader of our own, because that of async-graphql keeps the last of two input fields of
//! one name in silence, takes `querya` for `query a` and `()` for no variables, descends without
//! bounds, and knows neither tokens to count nor escapes beyond U+FFFF.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use async_graphql::parser::types::{
    BaseType, Directive, DocumentOperations, ExecutableDocument, Field, FragmentDefinition,
    FragmentSpread, InlineFragment, OperationDefinition, OperationType, Selection, SelectionSet,
    Type, TypeCondition, VariableDefinition,
};
use async_graphql::{Name, Number, Pos, Positioned};
use async_graphql_value::Value;
use indexmap::IndexMap;

use super::limits::{Limit, Limits};
use super::token::{Token, Tokens, syntax_error};
use crate::error::{Code, Error};

/// Reads a document.
///
/// # Errors
/// `GRAPHQL_PARSE_FAILED` with the place; `QUERY_TOO_EXPENSIVE` for too many bytes, tokens, or
/// brackets inside each other; `GRAPHQL_VALIDATION_FAILED` for names that are given twice.
pub fn parse(text: &str, limits: &Limits) -> Result<ExecutableDocument, Error> {
    let mut tokens = Tokens::new(text, limits)?;
    let (token, pos) = tokens.next()?;
    let mut parser = Parser {
        tokens,
        limits,
        token,
        pos,
        open: 0,
        inputs: 0,
    };
    parser.document()
}

struct Parser<'a> {
    tokens: Tokens<'a>,
    limits: &'a Limits,
    /// The token that is looked at.
    token: Token<'a>,
    pos: Pos,
    /// Brackets that are open.
    open: u64,
    /// Brackets of values that are open.
    inputs: u64,
}

type Parsed<T> = Result<T, Error>;
type Arguments = Vec<(Positioned<Name>, Positioned<Value>)>;

impl<'a> Parser<'a> {
    fn document(&mut self) -> Parsed<ExecutableDocument> {
        let mut single = None;
        let mut named: HashMap<Name, Positioned<OperationDefinition>> = HashMap::new();
        let mut fragments: HashMap<Name, Positioned<FragmentDefinition>> = HashMap::new();
        while self.token != Token::End {
            let pos = self.pos;
            if self.is_name("fragment") {
                let (name, fragment) = self.fragment()?;
                match fragments.entry(name.node) {
                    Entry::Vacant(entry) => entry.insert(Positioned::new(fragment, pos)),
                    Entry::Occupied(entry) => {
                        let message = format!("There are two fragments named `{}`.", entry.key());
                        return Err(invalid(message, name.pos));
                    }
                };
                continue;
            }
            let (name, operation) = self.operation()?;
            let operation = Positioned::new(operation, pos);
            let alone = single.is_none() && (name.is_some() || named.is_empty());
            match name {
                _ if !alone => {
                    let message =
                        "An operation without a name must be the only operation of its document.";
                    return Err(invalid(message, pos));
                }
                None => single = Some(operation),
                Some(name) => match named.entry(name.node) {
                    Entry::Vacant(entry) => {
                        entry.insert(operation);
                    }
                    Entry::Occupied(entry) => {
                        let message = format!("There are two operations named `{}`.", entry.key());
                        return Err(invalid(message, name.pos));
                    }
                },
            }
        }
        let operations = match single {
            Some(operation) => DocumentOperations::Single(operation),
            None if named.is_empty() => {
                return Err(syntax_error("the document has no operation", self.pos));
            }
            None => DocumentOperations::Multiple(named),
        };
        Ok(ExecutableDocument {
            operations,
            fragments,
        })
    }

    fn operation(&mut self) -> Parsed<(Option<Positioned<Name>>, OperationDefinition)> {
        if self.token == Token::Sign('{') {
            let operation = OperationDefinition {
                ty: OperationType::Query,
                variable_definitions: Vec::new(),
                directives: Vec::new(),
                selection_set: self.selection_set()?,
            };
            return Ok((None, operation));
        }
        let ty = match self.token {
            Token::Name("query") => OperationType::Query,
            Token::Name("mutation") => OperationType::Mutation,
            Token::Name("subscription") => OperationType::Subscription,
            _ => {
                return Err(self.expected("`query`, `mutation`, `subscription`, `fragment` or `{`"));
            }
        };
        self.advance()?;
        let name = match self.token {
            Token::Name(_) => Some(self.name()?),
            _ => None,
        };
        let variable_definitions = if self.token == Token::Sign('(') {
            self.several('(', ')', Self::variable_definition)?
        } else {
            Vec::new()
        };
        let operation = OperationDefinition {
            ty,
            variable_definitions,
            directives: self.directives(false)?,
            selection_set: self.selection_set()?,
        };
        Ok((name, operation))
    }

    fn variable_definition(&mut self) -> Parsed<Positioned<VariableDefinition>> {
        let pos = self.pos;
        self.sign('$')?;
        let name = self.name()?;
        self.sign(':')?;
        let var_type = self.of_type()?;
        let default_value = if self.token == Token::Sign('=') {
            self.advance()?;
            let value = self.value(true)?;
            // A constant holds no variable, so nothing is lost.
            let constant = value.node.into_const().unwrap_or_default();
            Some(Positioned::new(constant, value.pos))
        } else {
            None
        };
        let definition = VariableDefinition {
            name,
            var_type,
            directives: self.directives(true)?,
            default_value,
        };
        Ok(Positioned::new(definition, pos))
    }

    fn of_type(&mut self) -> Parsed<Positioned<Type>> {
        let pos = self.pos;
        let base = if self.token == Token::Sign('[') {
            self.open('[')?;
            let inner = self.of_type()?;
            self.close(']')?;
            BaseType::List(Box::new(inner.node))
        } else {
            BaseType::Named(self.name()?.node)
        };
        let nullable = self.token != Token::Sign('!');
        if !nullable {
            self.advance()?;
        }
        Ok(Positioned::new(Type { base, nullable }, pos))
    }

    fn fragment(&mut self) -> Parsed<(Positioned<Name>, FragmentDefinition)> {
        self.advance()?;
        if self.is_name("on") {
            return Err(self.expected("a name other than `on`"));
        }
        let name = self.name()?;
        if !self.is_name("on") {
            return Err(self.expected("`on`"));
        }
        let fragment = FragmentDefinition {
            type_condition: self.type_condition()?,
            directives: self.directives(false)?,
            selection_set: self.selection_set()?,
        };
        Ok((name, fragment))
    }

    fn type_condition(&mut self) -> Parsed<Positioned<TypeCondition>> {
        let pos = self.pos;
        self.advance()?;
        let on = self.name()?;
        Ok(Positioned::new(TypeCondition { on }, pos))
    }

    fn selection_set(&mut self) -> Parsed<Positioned<SelectionSet>> {
        let pos = self.pos;
        let items = self.several('{', '}', Self::selection)?;
        Ok(Positioned::new(SelectionSet { items }, pos))
    }

    fn selection(&mut self) -> Parsed<Positioned<Selection>> {
        let pos = self.pos;
        let selection = if self.token != Token::Spread {
            Selection::Field(Positioned::new(self.field()?, pos))
        } else {
            self.advance()?;
            match self.token {
                Token::Name(name) if name != "on" => {
                    let spread = FragmentSpread {
                        fragment_name: self.name()?,
                        directives: self.directives(false)?,
                    };
                    Selection::FragmentSpread(Positioned::new(spread, pos))
                }
                _ => {
                    let type_condition = match self.token {
                        Token::Name(_) => Some(self.type_condition()?),
                        _ => None,
                    };
                    let inline = InlineFragment {
                        type_condition,
                        directives: self.directives(false)?,
                        selection_set: self.selection_set()?,
                    };
                    Selection::InlineFragment(Positioned::new(inline, pos))
                }
            }
        };
        Ok(Positioned::new(selection, pos))
    }

    fn field(&mut self) -> Parsed<Field> {
        let first = self.name()?;
        let (alias, name) = if self.token == Token::Sign(':') {
            self.advance()?;
            (Some(first), self.name()?)
        } else {
            (None, first)
        };
        let arguments = self.arguments(false)?;
        let directives = self.directives(false)?;
        let selection_set = if self.token == Token::Sign('{') {
            self.selection_set()?
        } else {
            Positioned::default()
        };
        Ok(Field {
            alias,
            name,
            arguments,
            directives,
            selection_set,
        })
    }

    fn directives(&mut self, constant: bool) -> Parsed<Vec<Positioned<Directive>>> {
        let mut directives = Vec::new();
        while self.token == Token::Sign('@') {
            let pos = self.pos;
            self.advance()?;
            let directive = Directive {
                name: self.name()?,
                arguments: self.arguments(constant)?,
            };
            directives.push(Positioned::new(directive, pos));
        }
        Ok(directives)
    }

    fn arguments(&mut self, constant: bool) -> Parsed<Arguments> {
        if self.token != Token::Sign('(') {
            return Ok(Vec::new());
        }
        self.several('(', ')', |parser| {
            let name = parser.name()?;
            parser.sign(':')?;
            Ok((name, parser.value(constant)?))
        })
    }

    fn value(&mut self, constant: bool) -> Parsed<Positioned<Value>> {
        let pos = self.pos;
        let value = match &mut self.token {
            Token::Sign('$') if !constant => {
                self.advance()?;
                return Ok(Positioned::new(Value::Variable(self.name()?.node), pos));
            }
            Token::Sign('[') => self.list(constant)?,
            Token::Sign('{') => self.object(constant)?,
            // What is taken here is replaced by the next token.
            Token::Text(text) => {
                let text = std::mem::take(text);
                self.advance()?;
                Value::String(text.into_owned())
            }
            Token::Int(digits) | Token::Float(digits) => {
                let number =
                    number(digits).ok_or_else(|| syntax_error("this is not a number", pos))?;
                self.advance()?;
                Value::Number(number)
            }
            Token::Name(name) => {
                let value = match *name {
                    "true" => Value::Boolean(true),
                    "false" => Value::Boolean(false),
                    "null" => Value::Null,
                    name => Value::Enum(Name::new(name)),
                };
                self.advance()?;
                value
            }
            _ => return Err(self.expected("a value")),
        };
        Ok(Positioned::new(value, pos))
    }

    fn list(&mut self, constant: bool) -> Parsed<Value> {
        self.open_input('[')?;
        let mut items = Vec::new();
        while self.token != Token::Sign(']') {
            items.push(self.value(constant)?.node);
        }
        self.close_input(']')?;
        Ok(Value::List(items))
    }

    fn object(&mut self, constant: bool) -> Parsed<Value> {
        self.open_input('{')?;
        let mut members = IndexMap::new();
        while self.token != Token::Sign('}') {
            let name = self.name()?;
            self.sign(':')?;
            let value = self.value(constant)?.node;
            if members.insert(name.node.clone(), value).is_some() {
                let message = format!("An input object names the field `{}` twice.", name.node);
                return Err(invalid(message, name.pos));
            }
        }
        self.close_input('}')?;
        Ok(Value::Object(members))
    }

    /// One or more of something between brackets.
    fn several<T>(
        &mut self,
        open: char,
        close: char,
        one: impl Fn(&mut Self) -> Parsed<T>,
    ) -> Parsed<Vec<T>> {
        self.open(open)?;
        let mut all = vec![one(self)?];
        while self.token != Token::Sign(close) {
            all.push(one(self)?);
        }
        self.close(close)?;
        Ok(all)
    }

    fn open_input(&mut self, sign: char) -> Parsed<()> {
        self.inputs += 1;
        self.hold(Limit::InputDepth, self.inputs)?;
        self.open(sign)
    }

    fn close_input(&mut self, sign: char) -> Parsed<()> {
        self.inputs -= 1;
        self.close(sign)
    }

    /// Every descent of this reader passes here, so its stack is bounded.
    fn open(&mut self, sign: char) -> Parsed<()> {
        self.open += 1;
        self.hold(Limit::Nesting, self.open)?;
        self.sign(sign)
    }

    fn close(&mut self, sign: char) -> Parsed<()> {
        self.open -= 1;
        self.sign(sign)
    }

    fn hold(&self, limit: Limit, cost: u64) -> Parsed<()> {
        self.limits
            .hold(limit, cost)
            .map_err(|error| error.at(self.pos))
    }

    fn advance(&mut self) -> Parsed<()> {
        (self.token, self.pos) = self.tokens.next()?;
        Ok(())
    }

    fn sign(&mut self, sign: char) -> Parsed<()> {
        if self.token != Token::Sign(sign) {
            return Err(self.expected(&format!("`{sign}`")));
        }
        self.advance()
    }

    fn name(&mut self) -> Parsed<Positioned<Name>> {
        let Token::Name(name) = self.token else {
            return Err(self.expected("a name"));
        };
        let name = Positioned::new(Name::new(name), self.pos);
        self.advance()?;
        Ok(name)
    }

    fn is_name(&self, name: &str) -> bool {
        self.token == Token::Name(name)
    }

    fn expected(&self, what: &str) -> Error {
        let found = match &self.token {
            Token::Sign(sign) => format!("`{sign}`"),
            Token::Spread => "`...`".to_owned(),
            Token::Name(text) | Token::Int(text) | Token::Float(text) => {
                format!("`{}`", text.chars().take(50).collect::<String>())
            }
            Token::Text(_) => "a string".to_owned(),
            Token::End => "the end of the document".to_owned(),
        };
        syntax_error(&format!("expected {what}, found {found}"), self.pos)
    }
}

/// A number as JSON has it, with all its digits. The token has the form of one already.
fn number(digits: &str) -> Option<Number> {
    match digits {
        // The same number, and async-graphql takes it for an `Int` only in this form.
        "-0" => Some(Number::from(0)),
        digits => digits.parse().ok(),
    }
}

fn invalid(message: impl Into<String>, pos: Pos) -> Error {
    Error::new(Code::GraphqlValidationFailed, message).at(pos)
}

#[cfg(test)]
#[path = "parse_tests.rs"]
mod tests;
