//! Joins what the entities say, what the database's comments say and the exceptions to the
//! catalog, and refuses names that clash.

use std::collections::{HashMap, HashSet};

use sea_orm::sea_query::ColumnType;

use super::describe::{Described, DescribedColumn};
use super::notes::{EnumNotes, Notes, Rules, WriteNotes};
use super::{
    Catalog, Column, ColumnId, ColumnWrite, Enumeration, Graph, Index, Kind, Lookup, NEIGHBOURHOOD,
    NODE_ID, OwnList, Root, RootField, Table, TableId, VERSION, Viewer, ViewerRules, Writers,
    naming, relations, roles, search, writes,
};
use crate::engine::names::Named;
use crate::session::Role;

impl Catalog {
    /// Builds the catalog.
    ///
    /// # Errors
    /// Names the table or field for which the parts do not fit together; that is a mistake in the
    /// code, found at the first start and by every test.
    pub fn build(
        described: Vec<Described>,
        notes: &[Notes],
        enums: Vec<EnumNotes>,
        rules: &Rules,
        viewer: &ViewerRules,
    ) -> Result<Self, String> {
        let enums: Vec<Enumeration> = enums
            .into_iter()
            .map(|(name, comment, values)| Enumeration {
                type_name: naming::pascal(&name),
                name,
                comment,
                values,
            })
            .collect();
        let described: Vec<Described> = described
            .into_iter()
            .filter(|table| !rules.hidden_tables.contains(&table.table.as_str()))
            .collect();
        let mut tables = Vec::with_capacity(described.len());
        for table in &described {
            let notes = notes
                .iter()
                .find(|notes| notes.table == table.table)
                .ok_or_else(|| format!("no facts about table {}", table.table))?;
            tables.push(build_table(table, notes, &enums, rules)?);
        }
        roles::apply(&mut tables, rules.access)?;
        relations::derive(&mut tables, &described, notes, rules)?;
        search::apply(&mut tables, rules.searched)?;
        let writing: Vec<(String, WriteNotes)> = notes
            .iter()
            .map(|notes| (notes.table.clone(), notes.writing.clone()))
            .collect();
        writes::apply(&mut tables, &writing, &rules.writing)?;
        relations::derive_history(&mut tables, &rules.history)?;

        let find = |name: &str| {
            tables
                .iter()
                .position(|table| table.name == name)
                .map(TableId)
                .ok_or_else(|| format!("no table {name} for the viewer"))
        };
        let graphs = rules.graphs.iter();
        let graphs = graphs.map(|graph| Graph::resolve(&tables, graph));
        let graphs = graphs.collect::<Result<_, _>>()?;
        let own = viewer.own.iter();
        let own = own.map(|&own| OwnList::resolve(&tables, own, rules.uncountable));
        let viewer = Viewer {
            users: find(viewer.users)?,
            workspaces: find(viewer.workspaces)?,
            roles: enums
                .iter()
                .position(|one| one.name == viewer.roles)
                .ok_or_else(|| format!("no enum {} for the viewer", viewer.roles))?,
            own: own.collect::<Result<_, _>>()?,
        };
        let mut catalog = Self {
            names: tables
                .iter()
                .enumerate()
                .map(|(index, table)| (table.name.clone(), TableId(index)))
                .collect(),
            roots: HashMap::new(),
            mutations: HashMap::new(),
            viewer,
            graphs,
            tables,
            enums,
        };
        catalog.name_roots()?;
        catalog.name_mutations()?;
        catalog.check()?;
        catalog.check_roles()?;
        Ok(catalog)
    }

    fn name_roots(&mut self) -> Result<(), String> {
        let fixed = RootField::ALL.iter();
        self.roots
            .extend(fixed.map(|&one| (one.name().to_owned(), Root::Field(one))));
        for id in self.ids() {
            let table = &self.tables[id.0];
            let key = table
                .has_id
                .then(|| (table.singular.clone(), Root::Key(id)));
            let lookups = table
                .lookups
                .iter()
                .enumerate()
                .map(|(index, lookup)| (lookup.field.clone(), Root::Lookup(id, index)));
            let list = (table.plural.clone(), Root::List(id));
            for (name, root) in lookups.chain(key).chain([list]) {
                if self.roots.insert(name.clone(), root).is_some() {
                    return Err(format!("two root fields are named {name}"));
                }
            }
        }
        Ok(())
    }

    fn check(&self) -> Result<(), String> {
        let mut types: HashSet<&str> = self
            .enums
            .iter()
            .map(|one| one.type_name.as_str())
            .collect();
        for (id, table) in self.ids().zip(&self.tables) {
            if !types.insert(&table.type_name) {
                return Err(format!("two types are named {}", table.type_name));
            }
            let mut fields: HashSet<&str> = [NODE_ID].into();
            if table.version().is_some() {
                fields.insert(VERSION);
            }
            if self.graph(id).is_some() {
                fields.insert(NEIGHBOURHOOD);
            }
            let columns = table.fields().map(|(_, column)| &column.field);
            let relations = table.relations.iter().map(|relation| &relation.field);
            for field in columns.chain(relations) {
                if !fields.insert(field) {
                    return Err(format!(
                        "two fields of {} are named {field}",
                        table.type_name
                    ));
                }
            }
        }
        Ok(())
    }
}

fn build_table(
    described: &Described,
    notes: &Notes,
    enums: &[Enumeration],
    rules: &Rules,
) -> Result<Table, String> {
    let name = &described.table;
    let singular = naming::singular(name);
    let in_key = described.is_of_workspace();
    let columns = described
        .columns
        .iter()
        .map(|column| build_column(column, name, in_key, notes, enums))
        .collect::<Result<Vec<_>, _>>()?;
    let find = |column: &str| {
        columns
            .iter()
            .position(|one| one.name == column)
            .map(ColumnId)
            .ok_or_else(|| format!("no column {name}.{column}"))
    };
    let inside_workspace = |key: &[String]| {
        key.iter()
            .filter(|column| !(notes.has_workspace && *column == "workspace_id"))
            .map(|column| find(column))
            .collect::<Result<Vec<_>, _>>()
    };
    let key = match find("id") {
        Ok(id) => vec![id],
        Err(_) => inside_workspace(&described.primary_key)?,
    };
    let mut unique = notes.unique.clone();
    if notes.view {
        unique.push(described.primary_key.clone());
    }
    let mut lookups: Vec<Lookup> = Vec::new();
    for unique in &unique {
        let columns_of_key = inside_workspace(unique)?;
        let names: Vec<String> = columns_of_key
            .iter()
            .map(|id| naming::pascal(&columns[id.0].name))
            .collect();
        let field = format!("{}By{}", naming::camel(&singular), names.join("And"));
        let known = lookups.iter().any(|lookup| lookup.field == field);
        if !known && (notes.view || columns_of_key != key) {
            lookups.push(Lookup {
                field,
                columns: columns_of_key,
            });
        }
    }
    let index = |(unique, columns): &(bool, Vec<(String, bool)>)| {
        let columns = columns
            .iter()
            .map(|(column, descending)| Ok((find(column)?, *descending)));
        Ok(Index {
            unique: *unique,
            columns: columns.collect::<Result<_, String>>()?,
        })
    };
    let indexes = notes.indexes.iter().map(index);
    let indexes = indexes.collect::<Result<_, String>>()?;
    let json_paths = notes.json_paths.iter();
    let json_paths = json_paths.map(|(column, path)| Ok((find(column)?, path.clone())));
    let json_paths = json_paths.collect::<Result<_, String>>()?;
    let nouns = naming::several(name, rules.uncountable);
    Ok(Table {
        noun: naming::words(&singular, rules.acronyms),
        nouns: naming::words(&nouns, rules.acronyms),
        indexes,
        json_paths,
        type_name: naming::pascal(&singular),
        plural: naming::camel(&naming::plural(name)),
        singular: naming::camel(&singular),
        comment: notes.comment.clone(),
        has_id: find("id").is_ok(),
        has_workspace: notes.has_workspace,
        hides_rows: notes.hides_rows,
        rule: None,
        least: Role::ALL[0],
        name: name.clone(),
        columns,
        key,
        lookups,
        relations: Vec::new(),
        search: None,
        writers: Writers::default(),
        unique: Vec::new(),
        checks: Vec::new(),
        owned: Vec::new(),
    })
}

fn build_column(
    column: &DescribedColumn,
    table: &str,
    in_key: bool,
    notes: &Notes,
    enums: &[Enumeration],
) -> Result<Column, String> {
    let name = &column.name;
    let (comment, nullable) = notes.columns.get(name).cloned().unwrap_or_default();
    Ok(Column {
        field: naming::camel(name),
        kind: kind(&column.column_type, enums)
            .ok_or_else(|| format!("{table}.{name} has the type {:?}", column.column_type))?,
        nullable: column.nullable || nullable,
        comment,
        exposed: !(in_key && name == "workspace_id"),
        guard: None,
        least: Role::ALL[0],
        write: ColumnWrite::default(),
        name: name.clone(),
    })
}

fn kind(column_type: &ColumnType, enums: &[Enumeration]) -> Option<Kind> {
    Some(match column_type {
        ColumnType::Uuid => Kind::Uuid,
        ColumnType::Char(_) | ColumnType::String(_) | ColumnType::Text => Kind::Text,
        ColumnType::SmallInteger | ColumnType::Integer => Kind::Int,
        ColumnType::BigInteger => Kind::BigInt,
        ColumnType::Decimal(_) | ColumnType::Money(_) => Kind::Decimal,
        ColumnType::Boolean => Kind::Boolean,
        ColumnType::TimestampWithTimeZone => Kind::Timestamp,
        ColumnType::Date => Kind::Date,
        ColumnType::Json | ColumnType::JsonBinary => Kind::Json,
        ColumnType::Inet => Kind::Inet,
        ColumnType::Vector(_) => Kind::Vector,
        ColumnType::Array(element) => match &**element {
            ColumnType::Text | ColumnType::String(_) => Kind::TextArray,
            _ => return None,
        },
        ColumnType::Enum { name, .. } => {
            let name = name.to_string();
            Kind::Enum(enums.iter().position(|one| one.name == name)?)
        }
        _ => return None,
    })
}
