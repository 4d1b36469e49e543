//! The committed entities and facts agree with each other, and the list of entities can be used as it says.

use std::collections::BTreeSet;

use entity::facts::{ColumnFacts, ENUMS, TABLES, TableFacts, TableKind};
use sea_orm::{ColumnTrait, EntityTrait, IdenStatic, Iterable, PrimaryKeyToColumn, RelationTrait};

/// What SeaORM knows of a table.
struct Described {
    table: &'static str,
    /// Names, and whether they may be null.
    columns: Vec<(&'static str, bool)>,
    primary_key: BTreeSet<&'static str>,
    belongs_to: usize,
}

fn describe<E: EntityTrait>() -> Described {
    let key = E::PrimaryKey::iter().map(|key| key.into_column().as_str());
    let belongs_to = E::Relation::iter().filter(|relation| !relation.def().is_owner);
    Described {
        table: E::default().table_name(),
        columns: E::Column::iter()
            .map(|column| (column.as_str(), column.def().is_null()))
            .collect(),
        primary_key: key.collect(),
        belongs_to: belongs_to.count(),
    }
}

macro_rules! describe_all {
    ($($entity:ty),* $(,)?) => {
        vec![$(describe::<$entity>()),*]
    };
}

fn facts_of(table: &str) -> &'static TableFacts {
    let facts = TABLES.iter().find(|facts| facts.name == table);
    facts.unwrap_or_else(|| panic!("there are no facts of {table}"))
}

#[test]
fn every_entity_has_its_facts() {
    let entities: Vec<Described> = entity::for_each_entity!(describe_all);
    let listed: Vec<&str> = entities.iter().map(|entity| entity.table).collect();
    let known: Vec<&str> = TABLES.iter().map(|facts| facts.name).collect();
    assert_eq!(listed, known);

    for entity in entities {
        let facts = facts_of(entity.table);
        // SeaORM has no key with a part that may be null, as that of a view can have.
        let nullable =
            |column: &ColumnFacts| column.nullable && !facts.primary_key.contains(&column.name);
        let columns: Vec<_> = facts
            .columns
            .iter()
            .map(|column| (column.name, nullable(column)))
            .collect();
        assert_eq!(entity.columns, columns, "columns of {}", entity.table);
        assert_eq!(
            entity.belongs_to,
            facts.foreign_keys.len(),
            "relations of {}",
            entity.table
        );
        let key: BTreeSet<_> = facts.primary_key.iter().copied().collect();
        assert_eq!(entity.primary_key, key, "key of {}", entity.table);
    }
}

#[test]
fn the_model_is_there_and_its_secrets_are_not() {
    let of_kind = |kind| TABLES.iter().filter(|facts| facts.kind == kind).count();
    assert_eq!(
        (of_kind(TableKind::Table), of_kind(TableKind::View)),
        (76, 4)
    );
    assert_eq!(ENUMS.len(), 45);
    for (table, secret) in [("users", "password_hash"), ("integrations", "credentials")] {
        let columns = facts_of(table).columns;
        assert!(!columns.is_empty());
        assert!(columns.iter().all(|column| column.name != secret));
    }
}

#[test]
fn everything_is_described_and_points_somewhere() {
    for facts in TABLES {
        assert!(!facts.comment.is_empty(), "{} has no comment", facts.name);
        for column in facts.columns {
            assert!(
                !column.comment.is_empty(),
                "{}.{} has no comment",
                facts.name,
                column.name
            );
        }
        for key in facts.foreign_keys {
            let target = facts_of(key.table);
            let reference: BTreeSet<_> = key.to_columns.iter().collect();
            assert_eq!(
                reference,
                target.primary_key.iter().collect(),
                "{} does not reference a primary key",
                key.name
            );
        }
    }
}
