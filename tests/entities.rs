//! SeaORM's entities read on the gateway's own scopes, under the session like everything else.

use sea_orm::{ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter};
use tessera::db::Db;
use tessera::session::{Role, Session};

use crate::harness::database::{self, seeded};
use crate::harness::run;
use crate::harness::seed::Side;

fn session(side: Side) -> Session {
    Session {
        workspace: side.workspace(),
        user: side.user(),
        role: Role::Owner,
    }
}

/// Reads every row of an entity that the session sees.
async fn count<E: EntityTrait>(db: &Db, entity: E, side: Side) -> usize
where
    E::Model: Sync,
{
    let entities = db.read(&session(side)).entities();
    let name = entity.table_name();
    if name == "users" {
        // Of colleagues the views hide columns that no row of the table is without.
        return usize::try_from(E::find().count(&entities).await.expect("a count")).expect("few");
    }
    let rows = E::find().all(&entities).await;
    let rows = rows.unwrap_or_else(|error| panic!("{name}: {error}"));
    rows.len()
}

macro_rules! count_all {
    ($($entity:expr),* $(,)?) => {{
        let database = seeded().await;
        let mut counts = Vec::new();
        $(
            let entity = $entity;
            let name = sea_orm::EntityName::table_name(&entity).to_owned();
            let mut of = Vec::new();
            for side in Side::BOTH {
                of.push(count(&database.db, entity, side).await);
            }
            counts.push((name, of));
        )*
        counts
    }};
}

#[test]
fn every_entity_is_read_in_its_workspace() {
    run(async {
        let counts: Vec<(String, Vec<usize>)> = entity::for_each_entity!(count_all);
        assert!(counts.len() > 70);
        let full = counts
            .iter()
            .filter(|(_, of)| of.iter().all(|&rows| rows > 0));
        assert!(full.count() > 70, "{counts:?}");
    });
}

#[test]
fn one_scope_reads_one_snapshot_as_one_session() {
    run(async {
        let database = database::create(Some(crate::harness::seed::everything)).await;
        let entities = database.db.read(&session(Side::A)).entities();
        let of = |side: Side| {
            use entity::customers::{Column, Entity};
            Entity::find().filter(sea_orm::ColumnTrait::eq(
                &Column::WorkspaceId,
                side.workspace(),
            ))
        };
        let before = of(Side::A).count(&entities).await.expect("a count");
        assert!(before > 0);
        assert_eq!(of(Side::B).count(&entities).await.expect("a count"), 0);
        let error = entities
            .execute_unprepared("update public.customers set email = null")
            .await
            .expect_err("it only reads");
        let error = entities.error(error);
        assert_eq!(error.code.name(), "INTERNAL");
        assert!(!error.message.contains("customers"), "{error}");
        assert!(of(Side::A).count(&entities).await.is_err(), "it is over");
    });
}
