//! What the generator asks of a schema.

use std::collections::BTreeSet;

use apollo_compiler::Schema as Parsed;
use apollo_compiler::ast::{FieldDefinition, InputValueDefinition, Type};
use apollo_compiler::schema::ExtendedType;

/// A schema as clients see it. It is read by another implementation than the gateway's own.
pub struct Schema {
    parsed: Parsed,
}

impl Default for Schema {
    /// A schema without fields.
    fn default() -> Self {
        Self {
            parsed: Parsed::new(),
        }
    }
}

impl Schema {
    /// Reads the schema definition language.
    pub fn read(sdl: &str) -> Self {
        let parsed = Parsed::parse(sdl, "schema.graphql").expect("the schema can be read");
        Self { parsed }
    }

    /// What remains of the schema when only these fields are shown, as `Type.field`: those of
    /// objects and of input objects.
    pub fn only(&self, shown: &BTreeSet<String>) -> Self {
        let mut parsed = self.parsed.clone();
        for (name, one) in &mut parsed.types {
            let keep = |field: &str| shown.contains(&format!("{name}.{field}"));
            match one {
                ExtendedType::Object(object) => {
                    object.make_mut().fields.retain(|field, _| keep(field));
                }
                ExtendedType::InputObject(input) => {
                    input.make_mut().fields.retain(|field, _| keep(field));
                }
                _ => {}
            }
        }
        parsed.types.retain(|_, one| match one {
            ExtendedType::Object(object) => !object.fields.is_empty(),
            ExtendedType::InputObject(input) => !input.fields.is_empty(),
            _ => true,
        });
        Self { parsed }
    }

    pub fn parsed(&self) -> &Parsed {
        &self.parsed
    }

    fn get(&self, name: &str) -> Option<&ExtendedType> {
        self.parsed.types.get(name)
    }

    /// The fields of an object or interface.
    pub fn fields(&self, name: &str) -> Vec<&FieldDefinition> {
        match self.get(name) {
            Some(ExtendedType::Object(object)) => {
                object.fields.values().map(|field| &***field).collect()
            }
            Some(ExtendedType::Interface(interface)) => {
                interface.fields.values().map(|field| &***field).collect()
            }
            _ => Vec::new(),
        }
    }

    pub fn field(&self, name: &str, field: &str) -> Option<&FieldDefinition> {
        self.fields(name).into_iter().find(|one| one.name == field)
    }

    /// The fields of an input object, none for any other type.
    pub fn input(&self, name: &str) -> Option<Vec<&InputValueDefinition>> {
        let input = self.get(name)?.as_input_object()?;
        Some(input.fields.values().map(|field| &***field).collect())
    }

    /// Whether exactly one field of an input object must be given.
    pub fn is_one_of(&self, name: &str) -> bool {
        self.get(name)
            .is_some_and(|one| one.directives().has("oneOf"))
    }

    /// The values of an enum, none for any other type.
    pub fn values(&self, name: &str) -> Option<Vec<String>> {
        let one = self.get(name)?.as_enum()?;
        Some(one.values.keys().map(ToString::to_string).collect())
    }

    /// Whether fields of the type have no selection.
    pub fn is_leaf(&self, name: &str) -> bool {
        self.get(name).is_some_and(ExtendedType::is_leaf)
    }

    pub fn is_interface(&self, name: &str) -> bool {
        self.get(name).is_some_and(ExtendedType::is_interface)
    }

    /// Whether the type is that of a table's rows.
    pub fn is_row(&self, name: &str) -> bool {
        match self.get(name) {
            Some(ExtendedType::Object(object)) => object
                .implements_interfaces
                .iter()
                .any(|one| one.name == "Node"),
            _ => false,
        }
    }

    /// The types of rows, by name.
    pub fn rows(&self) -> Vec<String> {
        let rows = self.parsed.types.keys().filter(|name| self.is_row(name));
        rows.map(ToString::to_string).collect()
    }

    /// The operators of all filters, as `StringOperators.eq`.
    pub fn operators(&self) -> Vec<String> {
        let inputs = self.parsed.types.iter().filter_map(|(name, one)| {
            let is_one = name.ends_with("Operators") || name == "JSONPathFilter";
            one.as_input_object().filter(|_| is_one)
        });
        inputs
            .flat_map(|input| {
                let fields = input.fields.keys();
                fields.map(|field| format!("{}.{field}", input.name))
            })
            .collect()
    }

    /// The row type of a connection.
    pub fn listed<'n>(&self, name: &'n str) -> Option<&'n str> {
        let of = name.strip_suffix("Connection")?;
        self.is_row(of).then_some(of)
    }
}

/// The type without its outer `!`.
pub fn nullable(ty: &Type) -> Type {
    ty.clone().nullable()
}
