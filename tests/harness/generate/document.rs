//! A query document as data: how it is written, and how it is made smaller.

use std::collections::BTreeSet;
use std::fmt::Write;

use serde_json::{Map, Value as Json, json};

/// A value in a document.
#[derive(Clone, Debug, PartialEq)]
pub enum Literal {
    /// Null, a number, a text or a Boolean.
    Json(Json),
    Enum(String),
    List(Vec<Literal>),
    Object(Vec<(String, Literal)>),
    Variable(String),
}

/// Arguments, or the directives of a selection, each with the value of its `if`.
pub type Named = Vec<(String, Literal)>;

#[derive(Clone, Debug)]
pub struct Field {
    pub alias: Option<String>,
    pub name: String,
    pub arguments: Named,
    pub directives: Named,
    pub selection: Vec<Selection>,
}

#[derive(Clone, Debug)]
pub enum Selection {
    Field(Field),
    Inline {
        on: Option<String>,
        directives: Named,
        selection: Vec<Selection>,
    },
    Spread {
        name: String,
        directives: Named,
    },
}

#[derive(Clone, Debug)]
pub struct Fragment {
    pub name: String,
    pub on: String,
    pub selection: Vec<Selection>,
}

#[derive(Clone, Debug)]
pub struct Variable {
    pub name: String,
    pub ty: String,
    pub default: Option<Literal>,
    pub value: Option<Json>,
}

/// What an operation begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Query,
    /// A mutation that is rolled back.
    DryRun,
    Mutation,
}

#[derive(Clone, Debug)]
pub struct Operation {
    pub kind: Kind,
    pub name: Option<String>,
    pub selection: Vec<Selection>,
}

/// Operations of which one is asked for, and what they use. Fragments and variables that nothing
/// uses are left out when it is written.
#[derive(Clone, Debug, Default)]
pub struct Document {
    pub operations: Vec<Operation>,
    pub chosen: usize,
    pub fragments: Vec<Fragment>,
    pub variables: Vec<Variable>,
}

/// A document as it is sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    pub query: String,
    pub operation_name: Option<String>,
    pub variables: Json,
}

impl Request {
    /// The body of a POST request.
    pub fn body(&self) -> Json {
        let mut body = json!({"query": self.query, "variables": self.variables});
        if let Some(name) = &self.operation_name {
            body["operationName"] = json!(name);
        }
        body
    }
}

impl Document {
    pub fn request(&self) -> Request {
        let mut query = String::new();
        let mut all = Used::default();
        for operation in &self.operations {
            let mut used = Used::default();
            used.set(self, &operation.selection);
            let definitions: Vec<String> = self
                .variables
                .iter()
                .filter(|variable| used.variables.contains(&variable.name))
                .map(Variable::definition)
                .collect();
            if operation.kind != Kind::Query {
                query += "mutation ";
                query += operation.name.as_deref().unwrap_or_default();
            } else if operation.name.is_some() || !definitions.is_empty() {
                query += "query ";
                query += operation.name.as_deref().unwrap_or_default();
            }
            if !definitions.is_empty() {
                let _ = write!(query, "({})", definitions.join(", "));
            }
            if operation.kind == Kind::DryRun {
                query += " @dryRun";
            }
            write_set(&mut query, &operation.selection);
            query.push('\n');
            all.variables.extend(used.variables);
            all.fragments.extend(used.fragments);
        }
        let fragments = self.fragments.iter();
        for fragment in fragments.filter(|fragment| all.fragments.contains(&fragment.name)) {
            let _ = write!(query, "fragment {} on {}", fragment.name, fragment.on);
            write_set(&mut query, &fragment.selection);
            query.push('\n');
        }
        let variables: Map<String, Json> = self
            .variables
            .iter()
            .filter(|variable| all.variables.contains(&variable.name))
            .filter_map(|variable| Some((variable.name.clone(), variable.value.clone()?)))
            .collect();
        Request {
            query,
            operation_name: self.operations[self.chosen].name.clone(),
            variables: Json::Object(variables),
        }
    }

    /// The document without the part of this number; none when there are fewer parts. What is left
    /// may be invalid, where a part was required.
    pub fn without(&self, mut number: usize) -> Option<Self> {
        let mut smaller = self.clone();
        let others = smaller.operations.len() - 1;
        if number < others {
            let other = if number >= smaller.chosen {
                number + 1
            } else {
                number
            };
            smaller.operations.remove(other);
            if other < smaller.chosen {
                smaller.chosen -= 1;
            }
            return Some(smaller);
        }
        number -= others;
        let chosen = smaller.chosen;
        let sets = std::iter::once(&mut smaller.operations[chosen].selection).chain(
            smaller
                .fragments
                .iter_mut()
                .map(|fragment| &mut fragment.selection),
        );
        for set in sets {
            if drop_of_set(set, &mut number) {
                return Some(smaller);
            }
        }
        None
    }
}

/// Removes the part of this number, counting down, and tells whether it was found.
fn drop_of_set(set: &mut Vec<Selection>, number: &mut usize) -> bool {
    for index in 0..set.len() {
        if set.len() > 1 && found(number) {
            set.remove(index);
            return true;
        }
    }
    set.iter_mut().any(|selection| match selection {
        Selection::Field(field) => {
            drop_of_named(&mut field.directives, number)
                || drop_of_named(&mut field.arguments, number)
                || drop_of_set(&mut field.selection, number)
        }
        Selection::Inline {
            directives,
            selection,
            ..
        } => drop_of_named(directives, number) || drop_of_set(selection, number),
        Selection::Spread { directives, .. } => drop_of_named(directives, number),
    })
}

fn drop_of_named(named: &mut Named, number: &mut usize) -> bool {
    for index in 0..named.len() {
        if found(number) {
            named.remove(index);
            return true;
        }
    }
    named.iter_mut().any(|(_, value)| drop_of(value, number))
}

fn drop_of(literal: &mut Literal, number: &mut usize) -> bool {
    match literal {
        Literal::Object(members) => drop_of_named(members, number),
        Literal::List(items) => {
            for index in 0..items.len() {
                if found(number) {
                    items.remove(index);
                    return true;
                }
            }
            items.iter_mut().any(|item| drop_of(item, number))
        }
        _ => false,
    }
}

fn found(number: &mut usize) -> bool {
    let here = *number == 0;
    *number = number.wrapping_sub(1);
    here
}

/// What a selection refers to.
#[derive(Default)]
struct Used {
    variables: BTreeSet<String>,
    fragments: BTreeSet<String>,
}

impl Used {
    fn set(&mut self, document: &Document, set: &[Selection]) {
        for selection in set {
            match selection {
                Selection::Field(field) => {
                    self.named(&field.arguments);
                    self.named(&field.directives);
                    self.set(document, &field.selection);
                }
                Selection::Inline {
                    directives,
                    selection,
                    ..
                } => {
                    self.named(directives);
                    self.set(document, selection);
                }
                Selection::Spread { name, directives } => {
                    self.named(directives);
                    let fragment = document.fragments.iter().find(|one| one.name == *name);
                    if let Some(fragment) = fragment
                        && self.fragments.insert(name.clone())
                    {
                        self.set(document, &fragment.selection);
                    }
                }
            }
        }
    }

    fn named(&mut self, named: &Named) {
        for (_, value) in named {
            self.literal(value);
        }
    }

    fn literal(&mut self, literal: &Literal) {
        match literal {
            Literal::Variable(name) => {
                self.variables.insert(name.clone());
            }
            Literal::List(items) => items.iter().for_each(|item| self.literal(item)),
            Literal::Object(members) => self.named(members),
            Literal::Json(_) | Literal::Enum(_) => {}
        }
    }
}

impl Variable {
    fn definition(&self) -> String {
        let mut text = format!("${}: {}", self.name, self.ty);
        if let Some(default) = &self.default {
            let _ = write!(text, " = {}", default.text());
        }
        text
    }
}

impl Literal {
    /// The value as a document writes it. A text of JSON is one of GraphQL, too.
    pub fn text(&self) -> String {
        match self {
            Self::Json(value) => value.to_string(),
            Self::Enum(name) => name.clone(),
            Self::Variable(name) => format!("${name}"),
            Self::List(items) => {
                let items: Vec<String> = items.iter().map(Self::text).collect();
                format!("[{}]", items.join(", "))
            }
            Self::Object(members) => format!("{{{}}}", named_text(members)),
        }
    }
}

fn named_text(named: &Named) -> String {
    let pairs: Vec<String> = named
        .iter()
        .map(|(name, value)| format!("{name}: {}", value.text()))
        .collect();
    pairs.join(", ")
}

fn write_set(text: &mut String, set: &[Selection]) {
    text.push_str(" {");
    for selection in set {
        text.push(' ');
        match selection {
            Selection::Field(field) => {
                if let Some(alias) = &field.alias {
                    let _ = write!(text, "{alias}: ");
                }
                text.push_str(&field.name);
                if !field.arguments.is_empty() {
                    let _ = write!(text, "({})", named_text(&field.arguments));
                }
                write_directives(text, &field.directives);
                if !field.selection.is_empty() {
                    write_set(text, &field.selection);
                }
            }
            Selection::Inline {
                on,
                directives,
                selection,
            } => {
                text.push_str("...");
                if let Some(on) = on {
                    let _ = write!(text, " on {on}");
                }
                write_directives(text, directives);
                write_set(text, selection);
            }
            Selection::Spread { name, directives } => {
                let _ = write!(text, "...{name}");
                write_directives(text, directives);
            }
        }
    }
    text.push_str(" }");
}

fn write_directives(text: &mut String, directives: &Named) {
    for (name, value) in directives {
        let _ = write!(text, " @{name}(if: {})", value.text());
    }
}
