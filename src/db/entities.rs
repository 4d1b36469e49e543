//! SeaORM's entities over a scope: under the same role, settings, snapshot and time limit as every
//! other statement.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex as SyncMutex, PoisonError};

use sea_orm::{
    ConnectionTrait, DbBackend, DbErr, ExecResult, ProxyExecResult, ProxyRow, QueryResult,
    RuntimeErr, Statement as OrmStatement,
};
use tokio::sync::Mutex;
use wire::{Column, Row, Statement, Values};

use super::scope::Scope;
use super::values::{Kind, bound, kind, read};
use crate::error::Error;

/// A scope as SeaORM takes it: `Entity::find().all(&entities)`. Unqualified names are those of the
/// views that the gateway reads. Columns are read by name: SeaORM's tuples go by the position, which
/// its rows of this kind do not keep.
pub struct Entities {
    scope: Mutex<Scope>,
    /// Types that the server numbers itself: enums, and those of extensions.
    kinds: Mutex<HashMap<u32, Kind>>,
    /// The last error of the database, as a caller may see it.
    failed: SyncMutex<Option<Error>>,
}

impl Scope {
    /// Reads through entities.
    pub fn entities(self) -> Entities {
        Entities {
            scope: Mutex::new(self),
            kinds: Mutex::default(),
            failed: SyncMutex::default(),
        }
    }
}

impl Entities {
    /// The error of the gateway for one that SeaORM returned.
    pub fn error(&self, error: DbErr) -> Error {
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        failed.take().unwrap_or_else(|| Error::internal(error))
    }

    fn fail(&self, error: Error) -> DbErr {
        let told = DbErr::Query(RuntimeErr::Internal(error.to_string()));
        *self.failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
        told
    }

    async fn ask(&self, statement: OrmStatement) -> Result<(Vec<Column>, Vec<Row>, u64), DbErr> {
        let (mut types, mut values) = (Vec::new(), Values::new());
        for value in statement.values.iter().flat_map(|values| &values.0) {
            let (type_id, bytes) = bound(value)?;
            types.push(type_id);
            values.push(bytes.as_deref());
        }
        let statement = Statement::new(statement.sql, types);
        let mut scope = self.scope.lock().await;
        let described = scope.describe(&statement, &values).await;
        described.map_err(|error| self.fail(error))
    }

    /// What the types of these columns are.
    async fn kinds(&self, columns: &[Column]) -> Result<Vec<Kind>, DbErr> {
        let mut known = self.kinds.lock().await;
        let mut kinds = Vec::with_capacity(columns.len());
        for column in columns {
            let kind = kind(column.type_id).or_else(|| known.get(&column.type_id).copied());
            let kind = match kind {
                Some(kind) => kind,
                None => {
                    let kind = self.look_up(column).await?;
                    known.insert(column.type_id, kind);
                    kind
                }
            };
            kinds.push(kind);
        }
        Ok(kinds)
    }

    /// Asks the server for a type that has no number of its own everywhere.
    async fn look_up(&self, column: &Column) -> Result<Kind, DbErr> {
        let statement = Statement::new(
            "select typname = 'vector', typtype = 'e' from pg_catalog.pg_type where oid = $1",
            [26],
        );
        let mut values = Values::new();
        values.push(Some(&column.type_id.to_be_bytes()));
        let mut scope = self.scope.lock().await;
        let described = scope.describe(&statement, &values).await;
        let (_, rows, _) = described.map_err(|error| self.fail(error))?;
        let is = |index| rows.first().and_then(|row| row.get(index)) == Some(&[1]);
        match (is(0), is(1)) {
            (true, _) => Ok(Kind::Vector),
            (_, true) => Ok(Kind::Text),
            _ => Err(DbErr::Type(format!(
                "the column `{}` is of a type that entities cannot read",
                column.name
            ))),
        }
    }

    async fn rows(&self, statement: OrmStatement) -> Result<Vec<QueryResult>, DbErr> {
        let (columns, rows, _) = self.ask(statement).await?;
        let kinds = self.kinds(&columns).await?;
        let row = |row: Row| {
            let values = columns.iter().zip(&kinds).enumerate();
            let values = values.map(|(index, (column, kind))| {
                let value = read(*kind, row.get(index));
                let value = value.ok_or_else(|| {
                    DbErr::Type(format!("the value of `{}` has another form", column.name))
                })?;
                Ok((column.name.clone(), value))
            });
            let values: BTreeMap<_, _> = values.collect::<Result<_, DbErr>>()?;
            Ok(ProxyRow::new(values).into())
        };
        rows.into_iter().map(row).collect()
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for Entities {
    fn get_database_backend(&self) -> DbBackend {
        DbBackend::Postgres
    }

    async fn execute_raw(&self, statement: OrmStatement) -> Result<ExecResult, DbErr> {
        let (_, _, affected) = self.ask(statement).await?;
        Ok(ProxyExecResult::new(0, affected).into())
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let statement = OrmStatement::from_string(DbBackend::Postgres, sql);
        self.execute_raw(statement).await
    }

    async fn query_one_raw(&self, statement: OrmStatement) -> Result<Option<QueryResult>, DbErr> {
        Ok(self.rows(statement).await?.into_iter().next())
    }

    async fn query_all_raw(&self, statement: OrmStatement) -> Result<Vec<QueryResult>, DbErr> {
        self.rows(statement).await
    }
}
