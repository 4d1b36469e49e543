//! Declares payloads, errors and changes.

use async_graphql::dynamic::{Enum, EnumItem, Interface, InterfaceField, Object, TypeRef};

use super::problem::ErrorType;
use super::{ChangeField, ErrorField, PayloadField, ResultField};
use crate::engine::catalog::{Command, RoleCatalog, Table};
use crate::engine::declare::{self, field};
use crate::engine::names::{Named, names};
use crate::engine::root::QUERY;
use crate::engine::row::NODE;
use crate::error::Code;

/// The interface of errors.
pub const USER_ERROR: &str = "UserError";
const ERROR_CODE: &str = "ErrorCode";
/// Name of the type of a row that was touched.
pub const CHANGE: &str = "Change";
const CHANGE_KIND: &str = "ChangeKind";

names! {
    /// What happened to a row.
    ChangeKind { Created = "CREATED", Updated = "UPDATED", Deleted = "DELETED" }
}

pub fn payload_name(table: &Table) -> String {
    format!("{}Payload", table.type_name)
}

pub fn bulk_payload_name(table: &Table) -> String {
    format!("{}BulkPayload", table.type_name)
}

pub fn result_name(table: &Table) -> String {
    format!("{}BulkResult", table.type_name)
}

fn errors() -> TypeRef {
    TypeRef::named_nn_list_nn(USER_ERROR)
}

/// The payloads of a table.
pub fn payloads(role: RoleCatalog<'_>, table: &Table) -> Vec<Object> {
    let may = |bulk: bool| {
        let mut commands = Command::ALL.iter();
        commands.any(|&command| command.is_bulk() == bulk && role.may(table, command))
    };
    let mut payloads = Vec::new();
    if may(false) {
        let row = field(
            &table.singular,
            TypeRef::named(&table.type_name),
            "The row; as it was, if it was deleted. Null if nothing was written.",
        );
        let payload = Object::new(payload_name(table))
            .description(format!(
                "The result of a mutation of one row of {}.",
                table.nouns
            ))
            .field(row)
            .field(field(
                PayloadField::Created.name(),
                TypeRef::named(TypeRef::BOOLEAN),
                "Whether the row is new; null if nothing was written.",
            ));
        payloads.push(common(payload));
    }
    if may(true) {
        let results = TypeRef::named_nn_list_nn(result_name(table));
        let payload = Object::new(bulk_payload_name(table))
            .description(format!("The result of a mutation of several {}.", table.nouns))
            .field(field(
                PayloadField::Results.name(),
                results,
                "The rows: those of the input in its order, or those that match the filter in the order of their ids.",
            ))
            .field(field(
                PayloadField::Count.name(),
                TypeRef::named_nn(TypeRef::INT),
                "The number of rows that were written.",
            ));
        payloads.push(common(payload));
        let row = field(
            &table.singular,
            TypeRef::named(&table.type_name),
            "The row; null if it failed.",
        );
        let result = Object::new(result_name(table))
            .description(format!("The result for one of several {}.", table.nouns))
            .field(field(
                ResultField::Index.name(),
                TypeRef::named_nn(TypeRef::INT),
                "The position in the input, counted from 0.",
            ))
            .field(row)
            .field(field(
                ResultField::Errors.name(),
                errors(),
                "Why the row was skipped.",
            ));
        payloads.push(result);
    }
    payloads
}

/// The fields that all payloads have.
fn common(payload: Object) -> Object {
    payload
        .field(field(
            PayloadField::Errors.name(),
            errors(),
            "Why nothing was written. Without errors everything is committed.",
        ))
        .field(field(
            PayloadField::Changed.name(),
            TypeRef::named_nn_list_nn(CHANGE),
            "The rows that this field has written, also by cascades and triggers; the first 100.",
        ))
        .field(field(
            PayloadField::ChangedMore.name(),
            TypeRef::named_nn(TypeRef::BOOLEAN),
            "Whether more rows were written than `changed` lists.",
        ))
        .field(field(
            PayloadField::Query.name(),
            TypeRef::named_nn(QUERY),
            "Everything that can be read, after the write.",
        ))
}

/// The object types that all tables share.
pub fn shared() -> Vec<Object> {
    let mut all = vec![change()];
    all.extend(ErrorType::ALL.iter().map(|&one| error(one)));
    all
}

fn change() -> Object {
    declare::object(CHANGE, "A row that was written.", |one| match one {
        ChangeField::Type => (TypeRef::named_nn(TypeRef::STRING), "The name of its type."),
        ChangeField::NodeId => (TypeRef::named_nn(TypeRef::ID), "Its global id."),
        ChangeField::Kind => (TypeRef::named_nn(CHANGE_KIND), "What happened to it."),
    })
}

pub fn change_kind() -> Enum {
    declare::enumeration(CHANGE_KIND, "What happened to a row.", |one| match one {
        ChangeKind::Created => "The row is new.",
        ChangeKind::Updated => "The row was changed.",
        ChangeKind::Deleted => "The row is gone.",
    })
}

const ABOUT_CODE: &str = "The kind of the error.";
const ABOUT_MESSAGE: &str = "What is wrong, and what to do.";
const ABOUT_PATH: &str =
    "Where in the input, from the fields of `input` on; null if it is about no one place.";

pub fn user_error() -> Interface {
    Interface::new(USER_ERROR)
        .description("An expected failure of a mutation.")
        .field(
            InterfaceField::new(ErrorField::Code.name(), TypeRef::named_nn(ERROR_CODE))
                .description(ABOUT_CODE),
        )
        .field(
            InterfaceField::new(
                ErrorField::Message.name(),
                TypeRef::named_nn(TypeRef::STRING),
            )
            .description(ABOUT_MESSAGE),
        )
        .field(
            InterfaceField::new(
                ErrorField::Path.name(),
                TypeRef::named_nn_list(TypeRef::STRING),
            )
            .description(ABOUT_PATH),
        )
}

fn error(of: ErrorType) -> Object {
    let about = match of {
        ErrorType::InvalidValue => "A value that cannot be used.",
        ErrorType::NotFound => "There is no such row, or none that the caller may read.",
        ErrorType::UniqueViolation => "A value that must be unique is taken.",
        ErrorType::ReferenceViolation => {
            "A row that is referred to does not exist, or other rows refer to the one to delete."
        }
        ErrorType::CheckViolation => "A condition on the values of a row does not hold.",
        ErrorType::StaleVersion => "The row was changed since the version that was expected.",
        ErrorType::Conflict => "Another request is writing the same rows; try again.",
        ErrorType::RolledBack => "Another field of the operation failed, so nothing was written.",
    };
    let string = || TypeRef::named_nn(TypeRef::STRING);
    let mut object = Object::new(of.name())
        .description(about)
        .implement(USER_ERROR)
        .field(field(
            ErrorField::Code.name(),
            TypeRef::named_nn(ERROR_CODE),
            ABOUT_CODE,
        ))
        .field(field(ErrorField::Message.name(), string(), ABOUT_MESSAGE))
        .field(field(
            ErrorField::Path.name(),
            TypeRef::named_nn_list(TypeRef::STRING),
            ABOUT_PATH,
        ));
    for &one in own_fields(of) {
        let (of, about) = match one {
            ErrorField::Fields => (
                TypeRef::named_nn_list_nn(TypeRef::STRING),
                "The fields that must be unique together.",
            ),
            ErrorField::CurrentVersion => (string(), "The version that the row has now."),
            ErrorField::Current => (TypeRef::named(NODE), "The row as it is now."),
            _ => (string(), "The response key of the field that failed."),
        };
        object = object.field(field(one.name(), of, about));
    }
    object
}

/// What an error has beside what all have.
pub fn own_fields(of: ErrorType) -> &'static [ErrorField] {
    match of {
        ErrorType::UniqueViolation => &[ErrorField::Fields],
        ErrorType::StaleVersion => &[ErrorField::CurrentVersion, ErrorField::Current],
        ErrorType::RolledBack => &[ErrorField::Because],
        _ => &[],
    }
}

pub fn error_code() -> Enum {
    let of = Enum::new(ERROR_CODE).description(
        "The kinds of errors, in payloads and as `extensions.code` of the errors of a response.",
    );
    Code::ALL.iter().fold(of, |of, code| {
        of.item(EnumItem::new(code.name()).description(code.meaning()))
    })
}
