//! Random queries over a schema: valid documents with values that mean something in the data.
//!
//! A query depends on the schema, the pools and the seed alone, so a seed is enough to see it again.

mod cursors;
mod document;
mod groups;
mod pools;
pub mod random;
mod schema;
mod selection;
mod values;

use std::collections::{BTreeSet, HashMap};

use apollo_compiler::ast::Type;
use serde_json::{Value as Json, json};

pub use self::cursors::read as parts;
pub use self::document::{Document, Request};
pub use self::pools::Pools;
pub use self::random::Random;
pub use self::schema::Schema;

pub use self::document::Kind;
pub use self::document::Literal;
use self::document::{Field, Fragment, Operation, Selection, Variable};

/// What kinds of queries are made.
#[derive(Clone, Debug)]
pub struct Options {
    /// Most relations inside each other.
    pub depth: usize,
    /// About how many fields a query has.
    pub fields: usize,
    /// Percent of queries in which some values are of the right kind and still cannot be used:
    /// malformed ids, cursors of other lists, pages that are too large.
    pub hostile: usize,
    /// Arguments that are never given, such as `where` or `orderBy`.
    pub without_arguments: &'static [&'static str],
    /// Fields that are never asked for.
    pub without_fields: &'static [&'static str],
    /// Whether queries ask about the schema, too, now and then.
    pub introspection: bool,
    /// The first root field; a random one unless given.
    pub root: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            depth: 3,
            fields: 32,
            hostile: 10,
            without_arguments: &[],
            without_fields: &[],
            introspection: true,
            root: None,
        }
    }
}

/// Makes one query.
pub struct Generator<'a> {
    schema: &'a Schema,
    pools: &'a Pools,
    random: Random,
    options: Options,
    /// Whether values may be unusable.
    hostile: bool,
    /// Whether values may stand in variables.
    variable: bool,
    /// Fields that may still be asked for.
    budget: usize,
    /// Number of the next name.
    names: usize,
    /// What each response key stands for, so that selections can always be merged.
    keys: HashMap<String, String>,
    fragments: Vec<Fragment>,
    variables: Vec<Variable>,
    /// `Type.field` and `Input.field` that the query names.
    used: BTreeSet<String>,
    /// The keys of the groups that are selected from now, as fields that lead to them.
    groups: Vec<Vec<Vec<String>>>,
}

/// A mutation, and how its row is read afterwards.
pub struct Mutation {
    pub request: Request,
    /// The field of the row in the payload, and the query of the same selection; the id of the row
    /// is the variable [`Self::ROW`].
    pub row: Option<(String, Request)>,
    pub used: BTreeSet<String>,
}

impl Mutation {
    pub const ROW: &'static str = "theRow";
}

impl<'a> Generator<'a> {
    pub fn new(schema: &'a Schema, pools: &'a Pools, seed: u64) -> Self {
        Self {
            schema,
            pools,
            random: Random::new(seed),
            options: Options::default(),
            hostile: false,
            variable: true,
            budget: 0,
            names: 0,
            keys: HashMap::new(),
            fragments: Vec::new(),
            variables: Vec::new(),
            used: BTreeSet::new(),
            groups: Vec::new(),
        }
    }

    pub fn with(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    /// The query of this seed as it is sent.
    pub fn operation(self) -> Request {
        self.document().0.request()
    }

    /// The same as data, and the fields, arguments and operators that it uses, as `Type.field`.
    pub fn document(mut self) -> (Document, BTreeSet<String>) {
        self.hostile = self.random.chance(self.options.hostile);
        self.budget = 1 + self.random.below(self.options.fields.max(1) * 2);
        let first = self.options.root.clone();
        let mut operations = vec![Operation {
            kind: Kind::Query,
            name: self.random.chance(40).then(|| "Asked".to_owned()),
            selection: self.root(first.as_deref()),
        }];
        let mut chosen = 0;
        if self.random.chance(8) {
            operations[0].name = Some("Asked".to_owned());
            self.budget = 4;
            let other = Operation {
                kind: Kind::Query,
                name: Some("Other".to_owned()),
                selection: self.root(None),
            };
            chosen = self.random.below(2);
            operations.insert(1 - chosen, other);
        }
        let document = Document {
            operations,
            chosen,
            fragments: self.fragments,
            variables: self.variables,
        };
        (document, self.used)
    }

    /// A mutation with a random input. Of its payload it asks what is the same wherever it runs, and
    /// where it writes in earnest, a random selection of the row.
    pub fn mutation(mut self, name: &str, kind: Kind) -> Mutation {
        self.hostile = self.random.chance(self.options.hostile);
        let schema = self.schema;
        let fields = schema.fields("Mutation");
        let field = fields.iter().find(|field| field.name == name);
        let field = field.expect("a mutation");
        self.used.insert(format!("Mutation.{name}"));
        let arguments = field.arguments.iter().map(|argument| {
            let nobody = values::Column { row: "", field: "" };
            let value = self.input(&argument.ty, nobody, 5);
            let value = self.place(&argument.ty, value, true);
            (argument.name.to_string(), value)
        });
        let arguments = arguments.collect();
        let plain = |name: &str, selection: Vec<Selection>| {
            Selection::Field(Field {
                alias: None,
                name: name.to_owned(),
                arguments: Vec::new(),
                directives: Vec::new(),
                selection,
            })
        };
        let errors = ["__typename", "code", "message", "path"];
        let errors = errors.map(|name| plain(name, Vec::new()));
        let bulk = field.ty.inner_named_type().ends_with("BulkPayload");
        let told = plain(if bulk { "count" } else { "created" }, Vec::new());
        let errors = plain("errors", errors.to_vec());
        let payload = schema.fields(field.ty.inner_named_type());
        let row = payload
            .into_iter()
            .find(|field| kind == Kind::Mutation && schema.is_row(field.ty.inner_named_type()));
        let of_row = row.map(|field| {
            self.budget = 8;
            let mut selection = self.row(field.ty.inner_named_type());
            selection.push(plain("id", Vec::new()));
            (field.name.to_string(), selection)
        });
        let written = of_row
            .clone()
            .map(|(name, selection)| plain(&name, selection));
        let root = Selection::Field(Field {
            alias: None,
            name: name.to_owned(),
            arguments,
            directives: Vec::new(),
            selection: [errors, told].into_iter().chain(written).collect(),
        });
        let row = of_row.as_ref().map(|(name, _)| name.clone());
        let again = of_row.map(|(name, selection)| {
            let mut variables = self.variables.clone();
            variables.push(Variable {
                name: Mutation::ROW.to_owned(),
                ty: "ID!".to_owned(),
                default: None,
                value: Some(Json::Null),
            });
            let id = Literal::Variable(Mutation::ROW.to_owned());
            let root = Selection::Field(Field {
                alias: None,
                name,
                arguments: vec![("id".to_owned(), id)],
                directives: Vec::new(),
                selection,
            });
            let document = Document {
                operations: vec![Operation {
                    kind: Kind::Query,
                    name: None,
                    selection: vec![root],
                }],
                chosen: 0,
                fragments: self.fragments.clone(),
                variables,
            };
            document.request()
        });
        let document = Document {
            operations: vec![Operation {
                kind,
                name: None,
                selection: vec![root],
            }],
            chosen: 0,
            fragments: self.fragments,
            variables: self.variables,
        };
        Mutation {
            request: document.request(),
            row: row.zip(again),
            used: self.used,
        }
    }

    /// A value of `orderBy` of lists of this row type, without variables.
    pub fn plain_order(mut self, row: &str) -> Literal {
        self.variable = false;
        self.order(row)
    }

    fn fresh(&mut self, prefix: &str) -> String {
        self.names += 1;
        format!("{prefix}{}", self.names)
    }

    /// Puts a value into the document or, sometimes, into a variable. Where the place takes no
    /// null although its type is nullable, as in one-of inputs, the place is strict.
    fn place(&mut self, ty: &Type, literal: Literal, strict: bool) -> Literal {
        if !self.variable || !self.random.chance(18) {
            return literal;
        }
        let name = self.fresh("v");
        let resolved = self.resolved(&literal);
        let mut variable = Variable {
            name: name.clone(),
            ty: ty.to_string(),
            default: None,
            value: Some(resolved.clone()),
        };
        let is_null = resolved.is_null();
        if (strict || self.random.chance(30)) && !is_null {
            variable.ty = ty.clone().non_null().to_string();
        } else if !strict && !is_null && self.random.chance(30) {
            // The default stands in for the value that is missing, whatever the place demands.
            variable.ty = schema::nullable(ty).to_string();
            variable.default = Some(self.inlined(&literal));
            variable.value = None;
        }
        self.variables.push(variable);
        Literal::Variable(name)
    }

    /// A nullable argument by a variable that is not given at all.
    fn absent(&mut self, ty: &Type) -> Literal {
        let name = self.fresh("v");
        self.variables.push(Variable {
            name: name.clone(),
            ty: ty.to_string(),
            default: None,
            value: None,
        });
        Literal::Variable(name)
    }

    fn variable(&self, name: &str) -> Option<&Variable> {
        self.variables.iter().find(|variable| variable.name == name)
    }

    /// The value as JSON, with the values of variables in it.
    fn resolved(&self, literal: &Literal) -> Json {
        match literal {
            Literal::Json(value) => value.clone(),
            Literal::Enum(name) => json!(name),
            Literal::List(items) => items.iter().map(|item| self.resolved(item)).collect(),
            Literal::Object(members) => members
                .iter()
                .map(|(name, value)| (name.clone(), self.resolved(value)))
                .collect::<serde_json::Map<_, _>>()
                .into(),
            Literal::Variable(name) => match self.variable(name) {
                Some(Variable {
                    value: Some(value), ..
                }) => value.clone(),
                Some(Variable {
                    default: Some(default),
                    ..
                }) => self.resolved(default),
                _ => Json::Null,
            },
        }
    }

    /// The value without variables, as a default has to be. Values of variables lose their kind,
    /// so an enum's name is looked for among those that the schema knows.
    fn inlined(&self, literal: &Literal) -> Literal {
        match literal {
            Literal::Variable(name) => match self.variable(name) {
                Some(Variable {
                    default: Some(default),
                    ..
                }) => default.clone(),
                Some(variable) => {
                    let value = variable.value.clone().unwrap_or(Json::Null);
                    values::literal(self.schema, &variable.ty, &value)
                }
                None => Literal::Json(Json::Null),
            },
            Literal::List(items) => {
                Literal::List(items.iter().map(|item| self.inlined(item)).collect())
            }
            Literal::Object(members) => Literal::Object(
                members
                    .iter()
                    .map(|(name, value)| (name.clone(), self.inlined(value)))
                    .collect(),
            ),
            other => other.clone(),
        }
    }
}
