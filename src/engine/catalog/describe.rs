//! The only code that is generic over entities: it turns an entity into plain data.

use sea_orm::sea_query::{ColumnType, TableRef};
use sea_orm::{
    ColumnTrait, EntityTrait, IdenStatic, Identity, Iterable, PrimaryKeyToColumn, RelationTrait,
};

/// What an entity says about its table.
#[derive(Debug)]
pub struct Described {
    pub table: String,
    pub columns: Vec<DescribedColumn>,
    pub primary_key: Vec<String>,
    pub belongs_to: Vec<BelongsTo>,
}

impl Described {
    /// Whether the workspace is part of the key: the rows are a workspace's own, and the workspace
    /// is no field of theirs.
    pub fn is_of_workspace(&self) -> bool {
        self.primary_key
            .iter()
            .any(|column| column == "workspace_id")
    }
}

#[derive(Debug)]
pub struct DescribedColumn {
    pub name: String,
    pub column_type: ColumnType,
    pub nullable: bool,
}

/// A foreign key: pairs of own column and referenced column.
#[derive(Debug)]
pub struct BelongsTo {
    pub table: String,
    pub columns: Vec<(String, String)>,
}

/// Describes the table of one entity.
pub fn describe<E: EntityTrait>(entity: E) -> Described {
    Described {
        table: entity.table_name().to_owned(),
        columns: E::Column::iter()
            .map(|column| {
                let definition = column.def();
                DescribedColumn {
                    name: column.as_str().to_owned(),
                    column_type: definition.get_column_type().clone(),
                    nullable: definition.is_null(),
                }
            })
            .collect(),
        primary_key: E::PrimaryKey::iter()
            .map(|key| key.into_column().as_str().to_owned())
            .collect(),
        belongs_to: E::Relation::iter()
            .map(|relation| relation.def())
            // SeaORM marks the side that holds the key as not the owner.
            .filter(|relation| !relation.is_owner)
            .filter_map(|relation| {
                Some(BelongsTo {
                    table: table_name(&relation.to_tbl)?,
                    columns: names(&relation.from_col)
                        .into_iter()
                        .zip(names(&relation.to_col))
                        .collect(),
                })
            })
            .collect(),
    }
}

fn table_name(table: &TableRef) -> Option<String> {
    match table {
        TableRef::Table(name, _) => Some(name.1.to_string()),
        _ => None,
    }
}

fn names(identity: &Identity) -> Vec<String> {
    identity.iter().map(|column| column.to_string()).collect()
}
