//! Compiles the root fields of a mutation: what they do, and what their payloads show.

use super::payload_schema::{CHANGE, USER_ERROR, bulk_payload_name, payload_name, result_name};
use super::problem::ErrorType;
use super::{
    ChangeField, Compiled, ErrorField, ErrorFields, ErrorPart, IDEMPOTENT, KEY, PayloadField,
    PayloadPart, ResultField, ResultPart, RootMutation, RootWhat, RowOf,
};
use crate::engine::catalog::{Catalog, Command, TableId};
use crate::engine::names::{Named, TYPE_NAME};
use crate::engine::plan::{Arguments, Compiler, Merged, Planned, Source, location, unknown};
use crate::engine::{root, row};
use crate::error::Step;

/// The root fields of a mutation, how many bytes they take, and whether every request fails.
pub struct Mutations {
    pub roots: Vec<RootMutation>,
    pub bytes: usize,
    pub fails: bool,
}

/// Compiles everything that a mutation operation asks for.
///
/// # Errors
/// For fields that do not exist, which validation has refused before.
pub fn compile(catalog: &Catalog, source: &Source<'_>) -> Planned<Mutations> {
    let mut all = Mutations {
        roots: Vec::new(),
        bytes: 0,
        fails: false,
    };
    for (key, merged) in &source.root() {
        let name = merged[0].node.name.node.as_str();
        let place = location(merged[0]);
        let what = if name == TYPE_NAME {
            RootWhat::TypeName
        } else {
            let compiled = root_field(catalog, source, name, merged, &mut all);
            let path = [Step::Field((*key).to_owned())];
            RootWhat::Write(Box::new(compiled.map_err(|mut error| {
                error.path.splice(0..0, path);
                error.at(place)
            })?))
        };
        all.bytes += key.len() + size_of::<RootMutation>();
        all.roots.push(RootMutation {
            key: (*key).to_owned(),
            location: place,
            what,
        });
    }
    Ok(all)
}

fn root_field<'a>(
    catalog: &'a Catalog,
    source: &'a Source<'a>,
    name: &str,
    merged: &Merged<'a>,
    all: &mut Mutations,
) -> Planned<Compiled> {
    let (table, command) = catalog
        .mutation(name)
        .ok_or_else(|| unknown(source.root_type, name))?;
    let mut compiler = Compiler::new(catalog, source);
    let arguments = Arguments::of(merged);
    compiler.holds(arguments.bytes() + size_of::<Compiled>());
    let directives = merged[0].node.directives.iter();
    let idempotent = directives
        .map(|directive| &directive.node)
        .find(|directive| directive.name.node == IDEMPOTENT)
        .and_then(|directive| directive.get_argument(KEY))
        .map(|value| value.node.clone());
    let of = catalog.table(table);
    let type_name = match command.is_bulk() {
        true => bulk_payload_name(of),
        false => payload_name(of),
    };
    let selection = source.selection(merged, &type_name, &[]);
    let payload = compiler.fields(&type_name, &selection, |compiler, name, merged| {
        part(compiler, (table, command), &type_name, name, merged)
    })?;
    let parts = compiler.finish();
    all.bytes += parts.bytes;
    all.fails |= parts.fails;
    Ok(Compiled {
        table,
        command,
        arguments,
        idempotent,
        payload,
        statements: parts.statements,
        lists: parts.lists,
    })
}

fn part<'a>(
    compiler: &mut Compiler<'a>,
    (table, command): (TableId, Command),
    type_name: &str,
    name: &str,
    merged: &Merged<'a>,
) -> Planned<PayloadPart> {
    let of = compiler.catalog.table(table);
    let Some(field) = PayloadField::of(name) else {
        if name == of.singular && !command.is_bulk() {
            return Ok(PayloadPart::Row(Box::new(rows(compiler, table, merged)?)));
        }
        return Err(unknown(type_name, name));
    };
    Ok(match field {
        PayloadField::Created => PayloadPart::Created,
        PayloadField::Count => PayloadPart::Count,
        PayloadField::ChangedMore => PayloadPart::ChangedMore,
        PayloadField::Errors => PayloadPart::Errors(errors(compiler, table, merged)?),
        PayloadField::Changed => {
            PayloadPart::Changed(
                compiler.object(CHANGE, merged, |_, field: ChangeField, _| Ok(field))?,
            )
        }
        PayloadField::Query => {
            let first = compiler.next();
            let fields = root::inner(compiler, merged)?;
            PayloadPart::Query(fields, first..compiler.next())
        }
        PayloadField::Results => {
            let type_name = result_name(of);
            let selection = compiler.source.selection(merged, &type_name, &[]);
            let fields = compiler.fields(&type_name, &selection, |compiler, name, merged| {
                Ok(match ResultField::of(name) {
                    Some(ResultField::Index) => ResultPart::Index,
                    Some(ResultField::Errors) => {
                        ResultPart::Errors(errors(compiler, table, merged)?)
                    }
                    None if name == of.singular => {
                        ResultPart::Row(Box::new(rows(compiler, table, merged)?))
                    }
                    None => return Err(unknown(&type_name, name)),
                })
            })?;
            PayloadPart::Results(fields)
        }
    })
}

fn rows<'a>(compiler: &mut Compiler<'a>, table: TableId, merged: &Merged<'a>) -> Planned<RowOf> {
    let (one, key) = row::by_key(compiler, table, merged)?;
    Ok(RowOf { one, key })
}

fn errors<'a>(
    compiler: &mut Compiler<'a>,
    table: TableId,
    merged: &Merged<'a>,
) -> Planned<ErrorFields> {
    let types = ErrorType::ALL.iter().map(|&of| {
        let selection = compiler.source.selection(merged, of.name(), &[USER_ERROR]);
        let fields = compiler.fields(of.name(), &selection, |compiler, name, merged| {
            let field = ErrorField::of(name).ok_or_else(|| unknown(of.name(), name))?;
            Ok(match field {
                ErrorField::Current => ErrorPart::Current(Box::new(rows(compiler, table, merged)?)),
                plain => ErrorPart::Plain(plain),
            })
        })?;
        Ok((of, fields))
    });
    types.collect::<Planned<_>>().map(ErrorFields)
}
