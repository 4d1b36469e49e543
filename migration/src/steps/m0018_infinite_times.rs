//! Views that subtract times leave infinite ones out: PostgreSQL refuses some of these differences,
//! and one row would keep the figures of every workspace from being computed.

use async_trait::async_trait;
use sea_orm_migration::{DbErr, MigrationName, MigrationTrait, SchemaManager};

use crate::step::run;
use crate::steps::m0016_views::OF_DURATIONS;
use crate::view::REFRESHES_SQL;

pub(crate) struct InfiniteTimes;

impl MigrationName for InfiniteTimes {
    fn name(&self) -> &str {
        "m0018_infinite_times"
    }
}

#[async_trait]
impl MigrationTrait for InfiniteTimes {
    /// Databases of older versions have the views as they were declared then.
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut sql = REFRESHES_SQL.to_owned();
        for view in OF_DURATIONS {
            sql += &view.drop_sql();
            sql += &view.create_sql();
        }
        run(manager, &sql).await
    }

    /// The views stay: as they are declared now they serve older versions as well.
    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Ok(())
    }
}
