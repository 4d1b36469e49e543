//! The types of the schema as validation looks at them: which arguments and input fields there
//! are, and of which type.

use std::collections::{HashMap, HashSet};

use async_graphql::Name;
use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{
    BaseType, FieldDefinition, InputValueDefinition, OperationType, SchemaDefinition, Type,
    TypeKind, TypeSystemDefinition,
};

/// The types by name. Of scalars only the names are known: those of our own take any value here.
pub struct Types {
    kinds: HashMap<Name, Kind>,
    scalars: HashSet<Name>,
    roots: Option<SchemaDefinition>,
}

/// The scalars that every schema has without writing them down.
const BUILT_IN: [&str; 5] = ["Boolean", "Float", "ID", "Int", "String"];

/// What validation needs to know of a type.
pub enum Kind {
    Enum(HashSet<Name>),
    Input(Input),
    /// The fields of an object.
    Fields(HashMap<Name, Field>),
    /// The fields of an interface.
    Interface(HashMap<Name, Field>),
}

impl Kind {
    /// The names of the fields, of an input as well.
    pub fn fields(&self) -> impl Iterator<Item = &Name> {
        let (inputs, fields) = match self {
            Self::Enum(_) => (None, None),
            Self::Input(input) => (Some(input.fields.keys()), None),
            Self::Fields(fields) | Self::Interface(fields) => (None, Some(fields.keys())),
        };
        let inputs = inputs.into_iter().flatten();
        inputs.chain(fields.into_iter().flatten())
    }

    /// Whether it has a field of this name.
    pub fn has(&self, field: &str) -> bool {
        match self {
            Self::Enum(_) => false,
            Self::Input(input) => input.fields.contains_key(field),
            Self::Fields(fields) | Self::Interface(fields) => fields.contains_key(field),
        }
    }
}

/// The types of questions about the schema, which no schema writes down, and fields that every
/// root has.
const INTROSPECTION: &str = include_str!("introspection.graphql");
const ROOT_FIELDS: &str = "__Root";

/// An input object.
pub struct Input {
    pub one_of: bool,
    pub fields: HashMap<Name, Slot>,
}

/// A field of an object or interface.
pub struct Field {
    pub arguments: HashMap<Name, Slot>,
    pub of: Type,
}

/// A place that takes a value: an argument or an input field.
pub struct Slot {
    pub of: Type,
    pub has_default: bool,
}

/// Least bytes of the schema that are parsed at once. The parser takes many times as much memory as its
/// text, and the process would keep it although nothing else needs as much.
const PIECE: usize = 32 * 1024;

/// Cuts a schema between definitions. Each definition with fields ends with a brace on a line of its
/// own.
fn pieces(mut sdl: &str) -> impl Iterator<Item = &str> {
    const END: &str = "\n}\n";
    std::iter::from_fn(move || {
        let least = sdl.floor_char_boundary(PIECE);
        let end = sdl[least..].find(END).map(|at| least + at + END.len());
        let (piece, rest) = sdl.split_at(end.unwrap_or(sdl.len()));
        sdl = rest;
        (!piece.trim().is_empty()).then_some(piece)
    })
}

impl Types {
    /// Reads a schema in the schema definition language.
    ///
    /// # Errors
    /// What the parser says; a mistake in the code.
    pub fn read(sdl: &str) -> Result<Self, String> {
        let mut types = Self::read_types(sdl)?;
        types.kinds.extend(Self::read_types(INTROSPECTION)?.kinds);
        let query = types.root(OperationType::Query).map(Name::new);
        if let Some(Kind::Fields(ours)) = types.kinds.remove(ROOT_FIELDS)
            && let Some(Kind::Fields(root)) = query.and_then(|query| types.kinds.get_mut(&query))
        {
            root.extend(ours);
        }
        Ok(types)
    }

    fn read_types(sdl: &str) -> Result<Self, String> {
        let mut types = Self {
            kinds: HashMap::new(),
            scalars: BUILT_IN.map(Name::new).into(),
            roots: None,
        };
        for piece in pieces(sdl) {
            types.read_piece(piece)?;
        }
        Ok(types)
    }

    fn read_piece(&mut self, sdl: &str) -> Result<(), String> {
        let document = parse_schema(sdl).map_err(|error| error.to_string())?;
        let Self {
            kinds,
            scalars,
            roots,
        } = self;
        kinds.extend(document.definitions.into_iter().filter_map(|definition| {
            let definition = match definition {
                TypeSystemDefinition::Type(definition) => definition.node,
                TypeSystemDefinition::Schema(definition) => {
                    *roots = Some(definition.node);
                    return None;
                }
                TypeSystemDefinition::Directive(_) => return None,
            };
            let kind = match definition.kind {
                TypeKind::Enum(one) => {
                    let names = one.values.into_iter().map(|value| value.node.value.node);
                    Kind::Enum(names.collect())
                }
                TypeKind::InputObject(input) => Kind::Input(Input {
                    one_of: definition
                        .directives
                        .iter()
                        .any(|directive| directive.node.name.node == "oneOf"),
                    fields: slots(input.fields.into_iter().map(|field| field.node)),
                }),
                TypeKind::Object(object) => {
                    Kind::Fields(fields(object.fields.into_iter().map(|it| it.node)))
                }
                TypeKind::Interface(one) => {
                    Kind::Interface(fields(one.fields.into_iter().map(|it| it.node)))
                }
                TypeKind::Scalar => {
                    scalars.insert(definition.name.node);
                    return None;
                }
                TypeKind::Union(_) => return None,
            };
            Some((definition.name.node, kind))
        }));
        Ok(())
    }

    /// The type at the root of operations of a kind; none where the schema has no such operations.
    pub fn root(&self, of: OperationType) -> Option<&str> {
        let roots = self.roots.as_ref()?;
        let root = match of {
            OperationType::Query => &roots.query,
            OperationType::Mutation => &roots.mutation,
            OperationType::Subscription => &roots.subscription,
        };
        root.as_ref().map(|root| root.node.as_str())
    }

    /// All types but scalars.
    pub fn iter(&self) -> impl Iterator<Item = (&Name, &Kind)> {
        self.kinds.iter()
    }

    pub fn get(&self, name: &str) -> Option<&Kind> {
        self.kinds.get(name)
    }

    pub fn field(&self, of: &str, name: &str) -> Option<&Field> {
        match self.kinds.get(of)? {
            Kind::Fields(fields) | Kind::Interface(fields) => fields.get(name),
            _ => None,
        }
    }

    /// Whether a variable may be of the type.
    pub fn is_input(&self, name: &Name) -> bool {
        self.scalars.contains(name)
            || matches!(self.kinds.get(name), Some(Kind::Enum(_) | Kind::Input(_)))
    }

    /// The names of all types that a variable may be of.
    pub fn inputs(&self) -> impl Iterator<Item = &str> {
        let kinds = self.kinds.keys().filter(|name| self.is_input(name));
        self.scalars.iter().chain(kinds).map(Name::as_str)
    }

    pub fn is_interface(&self, name: &str) -> bool {
        matches!(self.kinds.get(name), Some(Kind::Interface(_)))
    }

    /// Whether values of the type are objects with fields to select.
    pub fn has_fields(&self, name: &str) -> bool {
        matches!(
            self.kinds.get(name),
            Some(Kind::Fields(_) | Kind::Interface(_))
        )
    }
}

fn fields(fields: impl Iterator<Item = FieldDefinition>) -> HashMap<Name, Field> {
    let fields = fields.map(|field| {
        let arguments = slots(field.arguments.into_iter().map(|argument| argument.node));
        let of = field.ty.node;
        (field.name.node, Field { arguments, of })
    });
    let typename = Field {
        arguments: HashMap::new(),
        of: Type {
            base: BaseType::Named(Name::new("String")),
            nullable: false,
        },
    };
    fields
        .chain([(Name::new("__typename"), typename)])
        .collect()
}

fn slots(values: impl Iterator<Item = InputValueDefinition>) -> HashMap<Name, Slot> {
    let slots = values.map(|value| {
        let slot = Slot {
            of: value.ty.node,
            has_default: value.default_value.is_some(),
        };
        (value.name.node, slot)
    });
    slots.collect()
}

/// The name inside all lists of a type.
pub fn named(of: &Type) -> &Name {
    match &of.base {
        BaseType::Named(name) => name,
        BaseType::List(inner) => named(inner),
    }
}

/// Whether every value of one type is a value of the other.
pub fn fits(declared: &Type, of: &Type) -> bool {
    (of.nullable || !declared.nullable) && fits_base(&declared.base, &of.base)
}

/// As [`fits`], apart from null.
pub fn fits_base(declared: &BaseType, of: &BaseType) -> bool {
    match (declared, of) {
        (BaseType::Named(declared), BaseType::Named(of)) => declared == of,
        (BaseType::List(declared), BaseType::List(of)) => fits(declared, of),
        _ => false,
    }
}
