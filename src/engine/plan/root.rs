//! Plans the root fields of a query.

use async_graphql_value::ConstValue;

use super::arguments::Arguments;
use super::collect::{Merged, collect_root};
use super::connection::ListOf;
use super::row::{Planner, Row, json_key, json_text, unknown};
use super::{Context, Output, OutputField, Plan, Planned, cursor, scalar};
use crate::engine::access::forbidden;
use crate::engine::catalog::{ColumnId, Root, TableId};
use crate::engine::select::{Keys, Page, Predicate};
use crate::error::Error;
use crate::sql::Value;

/// Name of the root type.
pub const QUERY_TYPE: &str = "Query";

/// Plans everything that a query operation asks for.
///
/// # Errors
/// `BAD_USER_INPUT` for an argument that cannot be used, with its path; `QUERY_TOO_EXPENSIVE`.
pub fn plan(context: &Context<'_>) -> Planned<Plan> {
    let mut planner = Planner::new(context);
    let mut fields = Vec::new();
    for (key, merged) in &collect_root(context.document, QUERY_TYPE)? {
        let output = planner.field(key, merged, |planner, merged| {
            planner.root_field(key, merged)
        })?;
        fields.push(OutputField {
            key: json_key(key),
            output,
        });
    }
    Ok(planner.finish(fields))
}

impl<'a> Planner<'a> {
    fn root_field(&mut self, key: &str, merged: &Merged<'a>) -> Planned<Output> {
        let context = self.context;
        let catalog = context.catalog;
        let name = merged[0].node.name.node.as_str();
        let arguments = Arguments::new(context.document, merged[0]);
        match name {
            "__typename" => return Ok(Output::Literal(json_text(QUERY_TYPE))),
            "__schema" | "__type" => {
                return Ok(Output::Introspection {
                    response_key: key.to_owned(),
                });
            }
            "viewer" => return self.viewer(merged),
            "node" => return self.node_by_id(&arguments, merged),
            _ => {}
        }
        match catalog
            .root(name)
            .ok_or_else(|| unknown(QUERY_TYPE, name))?
        {
            Root::List(table) => self.connection(
                ListOf {
                    table,
                    key: None,
                    most_parents: 1,
                    above: None,
                },
                merged,
            ),
            Root::Key(table) => {
                let key = &catalog.table(table).key;
                self.lookup(table, key, &arguments, merged)
            }
            Root::Lookup(table, index) => {
                let columns = &catalog.table(table).lookups[index].columns;
                self.lookup(table, columns, &arguments, merged)
            }
        }
    }

    fn lookup(
        &mut self,
        id: TableId,
        columns: &[ColumnId],
        arguments: &Arguments<'_>,
        merged: &Merged<'a>,
    ) -> Planned<Output> {
        let table = self.context.catalog.table(id);
        let pairs = columns.iter().map(|&column| {
            let field = &table.column(column).field;
            let value = arguments.required(field)?;
            let value = scalar::value(
                self.context.catalog,
                table.column(column).kind,
                &value,
                field,
            )?;
            Ok(Predicate::Is(column, Some(value)))
        });
        let is = pairs.collect::<Planned<_>>()?;
        self.single(id, is, merged)
    }

    fn single(
        &mut self,
        table: TableId,
        is: Vec<Predicate>,
        merged: &Merged<'a>,
    ) -> Planned<Output> {
        self.charge(1)?;
        let node = self.reserve(None)?;
        let mut row = Row::new(table, node, Keys::None, 1);
        let fields = self.row_fields(&mut row, merged)?;
        self.fill_rows(&row, None, Keys::None, is, Page::default())?;
        Ok(Output::One {
            node,
            fields,
            non_null: false,
            locations: Vec::new(),
        })
    }

    fn node_by_id(&mut self, arguments: &Arguments<'_>, merged: &Merged<'a>) -> Planned<Output> {
        let given = scalar::text(&arguments.required("nodeId")?, "nodeId")?;
        let (table, is) = self.parse_node_id(&given).ok_or_else(|| {
            Error::input(
                "nodeId",
                "`nodeId` takes the `nodeId` of a row as an answer held it.",
            )
        })?;
        // The document does not say which table an id is of, so nothing has looked at it before.
        let role = self.context.session.role;
        let of = self.context.catalog.table(table);
        if of.least > role {
            return Err(forbidden(&of.type_name, of.least, role));
        }
        self.single(table, is, merged)
    }

    fn parse_node_id(&self, text: &str) -> Option<(TableId, Vec<Predicate>)> {
        let items = cursor::decode(text)?;
        let (name, values) = items.split_first()?;
        let ConstValue::String(name) = name else {
            return None;
        };
        let id = self.context.catalog.by_name(name)?;
        let table = self.context.catalog.table(id);
        if values.len() != table.key.len() {
            return None;
        }
        let pairs = table
            .key
            .iter()
            .zip(values)
            .map(|(&column, value)| match value {
                ConstValue::Null => Some(Predicate::Is(column, None)),
                value => {
                    let kind = table.column(column).kind;
                    let value = scalar::value(self.context.catalog, kind, value, "nodeId").ok()?;
                    Some(Predicate::Is(column, Some(value)))
                }
            });
        Some((id, pairs.collect::<Option<_>>()?))
    }

    fn viewer(&mut self, merged: &Merged<'a>) -> Planned<Output> {
        let context = self.context;
        let viewer = context.catalog.viewer;
        let mut fields = Vec::new();
        for (key, merged) in &context.document.selection(merged, "Viewer", &[])? {
            let output = self.field(key, merged, |planner, merged| {
                match merged[0].node.name.node.as_str() {
                    "__typename" => Ok(Output::Literal(json_text("Viewer"))),
                    "role" => Ok(Output::Literal(json_text(
                        &context.session.role.name().to_uppercase(),
                    ))),
                    "user" => planner.own(viewer.users, context.session.user, merged),
                    "workspace" => {
                        planner.own(viewer.workspaces, context.session.workspace, merged)
                    }
                    name if name == context.catalog.table(viewer.workspaces).plural => {
                        let of = ListOf {
                            table: viewer.workspaces,
                            key: None,
                            most_parents: 1,
                            above: None,
                        };
                        planner.connection(of, merged)
                    }
                    other => Err(unknown("Viewer", other)),
                }
            })?;
            fields.push(OutputField {
                key: json_key(key),
                output,
            });
        }
        Ok(Output::Object(fields))
    }

    fn own(&mut self, table: TableId, id: uuid::Uuid, merged: &Merged<'a>) -> Planned<Output> {
        let key = self.context.catalog.table(table).key[0];
        let is = vec![Predicate::Is(key, Some(Value::Uuid(Some(id))))];
        self.single(table, is, merged)
    }
}
