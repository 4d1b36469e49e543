//! A compiled operation while it is made.

use super::collect::{Collected, Merged, Source, location};
use super::output::{Output, OutputField, json_key, json_text};
use super::{ListIndex, NodeBuilder, NodeIndex, Parent, Planned, Reads, Statement};
use crate::engine::catalog::{Catalog, TableId};
use crate::engine::names::{Named, TYPE_NAME};
use crate::engine::select::Keys;
use crate::error::{Code, Error, Step};

/// Reserves and fills the statements of an operation. It sees no value of a request but those that
/// decide which fields there are.
pub struct Compiler<'a> {
    pub catalog: &'a Catalog,
    pub source: &'a Source<'a>,
    /// Children are compiled before the statement of their parent is known.
    statements: Vec<Option<Statement>>,
    depths: Vec<usize>,
    /// The response keys down to the field that each statement reads for.
    paths: Vec<Box<[String]>>,
    lists: usize,
    /// Response keys down to the field that is compiled now.
    path: Vec<Step>,
    bytes: usize,
    fails: bool,
}

/// What a compiler has made beside the fields.
pub struct Parts {
    pub statements: Vec<Statement>,
    pub lists: usize,
    pub bytes: usize,
    /// Whether every request with it fails, for what its literals say.
    pub fails: bool,
}

impl<'a> Compiler<'a> {
    pub fn new(catalog: &'a Catalog, source: &'a Source<'a>) -> Self {
        Self {
            catalog,
            source,
            statements: Vec::new(),
            depths: Vec::new(),
            paths: Vec::new(),
            lists: 0,
            path: Vec::new(),
            bytes: 0,
            fails: false,
        }
    }

    pub fn finish(self) -> Parts {
        // Every reserved statement was filled: the only ways out of the functions that reserve one
        // are to fill it and an error that gives the operation up.
        let statements: Vec<Statement> = self.statements.into_iter().flatten().collect();
        let columns = statements.iter().map(|one| one.reads.bytes());
        Parts {
            lists: self.lists,
            bytes: self.bytes + columns.sum::<usize>() + size_of_val(&statements[..]),
            fails: self.fails,
            statements,
        }
    }

    /// Keeps a place for a statement, so that parents stand before their children.
    pub fn reserve(&mut self, parent: Option<Parent>) -> NodeIndex {
        self.depths
            .push(parent.map_or(0, |parent| self.depths[parent.node] + 1));
        let keys = self.path.iter().filter_map(|step| match step {
            Step::Field(key) => Some(key.clone()),
            Step::Index(_) => None,
        });
        let path: Box<[String]> = keys.collect();
        self.bytes += path
            .iter()
            .map(|key| key.len() + size_of::<String>())
            .sum::<usize>();
        self.paths.push(path);
        self.statements.push(None);
        self.statements.len() - 1
    }

    /// The index of the next statement.
    pub fn next(&self) -> NodeIndex {
        self.statements.len()
    }

    /// Reserves a statement that reads rows of a table.
    pub fn reserve_rows(
        &mut self,
        table: TableId,
        parent: Option<Parent>,
        keys: Keys,
    ) -> NodeBuilder {
        NodeBuilder {
            table,
            index: self.reserve(parent),
            parent,
            keys,
            columns: Vec::new(),
            paths: 0,
            values: 0,
        }
    }

    /// Fills a statement with the columns that were gathered for it.
    pub fn fill_rows(&mut self, node: NodeBuilder) {
        let weight = node.weight();
        let at = (node.table, node.parent, node.keys);
        self.fill(node.index, at, Reads::Rows(node.columns.into()), weight);
    }

    /// Fills a reserved statement.
    pub fn fill(
        &mut self,
        index: NodeIndex,
        (table, parent, keys): (TableId, Option<Parent>, Keys),
        reads: Reads,
        weight: u64,
    ) {
        self.statements[index] = Some(Statement {
            parent,
            depth: self.depths[index],
            table,
            keys,
            reads,
            weight,
            path: std::mem::take(&mut self.paths[index]),
        });
    }

    /// Keeps a place for what a request says of a list.
    pub fn reserve_list(&mut self) -> ListIndex {
        self.lists += 1;
        self.lists - 1
    }

    /// Counts something that the compiled operation holds.
    pub fn holds(&mut self, bytes: usize) {
        self.bytes += bytes;
    }

    /// Notes what every request will fail with.
    pub fn noted<T>(&mut self, read: Planned<T>) -> Planned<T> {
        self.fails |= read.is_err();
        read
    }

    /// Compiles the fields of a selection. An error carries the path and place of its field.
    pub fn fields<T>(
        &mut self,
        type_name: &str,
        selection: &Collected<'a>,
        mut compile: impl FnMut(&mut Self, &'a str, &Merged<'a>) -> Planned<T>,
    ) -> Planned<Vec<OutputField<T>>> {
        let mut fields = Vec::with_capacity(selection.len());
        for (key, merged) in selection {
            let name = merged[0].node.name.node.as_str();
            let location = location(merged[0]);
            let output = if name == TYPE_NAME {
                Output::TypeName(json_text(type_name))
            } else {
                self.path.push(Step::Field((*key).to_owned()));
                let compiled = compile(self, name, merged)
                    .map_err(|error| error.at(location).on_path(&self.path));
                self.path.pop();
                Output::Part(compiled?)
            };
            self.holds(size_of::<OutputField<T>>() + key.len() + type_name.len());
            fields.push(OutputField {
                key: json_key(key),
                location,
                output,
            });
        }
        Ok(fields)
    }

    /// Compiles the fields of an object type whose fields are these names.
    pub fn object<F: Named, T>(
        &mut self,
        type_name: &str,
        merged: &Merged<'a>,
        mut compile: impl FnMut(&mut Self, F, &Merged<'a>) -> Planned<T>,
    ) -> Planned<Vec<OutputField<T>>> {
        let selection = self.source.selection(merged, type_name, &[]);
        self.fields(type_name, &selection, |compiler, name, merged| {
            let field = F::of(name).ok_or_else(|| unknown(type_name, name))?;
            compile(compiler, field, merged)
        })
    }
}

/// Validation lets no unknown field through; should it, this says so instead of guessing.
pub fn unknown(type_name: &str, field: &str) -> Error {
    Error::new(
        Code::GraphqlValidationFailed,
        format!("`{type_name}` has no field `{field}`."),
    )
}
