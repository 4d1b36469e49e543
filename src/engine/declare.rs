//! Declares types of the schema whose fields or values have names of the code.

use async_graphql::dynamic::{Enum, EnumItem, Field, FieldFuture, Object, TypeRef};

use super::names::Named;

/// A field whose value the engine writes. Without a description its type describes it.
pub fn field(name: impl Into<String>, of: TypeRef, description: impl Into<String>) -> Field {
    let field = Field::new(name, of, |_| FieldFuture::from_value(None));
    match description.into() {
        description if description.is_empty() => field,
        description => field.description(description),
    }
}

/// An object type with one field for each name.
pub fn object<F: Named, D: Into<String>>(
    type_name: impl Into<String>,
    description: impl Into<String>,
    declare: impl Fn(F) -> (TypeRef, D),
) -> Object {
    let object = Object::new(type_name).description(description);
    F::ALL.iter().fold(object, |object, &one| {
        let (of, description) = declare(one);
        object.field(field(one.name(), of, description))
    })
}

/// An enum with one value for each name.
pub fn enumeration<F: Named, D: Into<String>>(
    type_name: &str,
    description: &str,
    describe: impl Fn(F) -> D,
) -> Enum {
    let of = Enum::new(type_name).description(description);
    F::ALL.iter().fold(of, |of, &one| {
        of.item(EnumItem::new(one.name()).description(describe(one)))
    })
}
