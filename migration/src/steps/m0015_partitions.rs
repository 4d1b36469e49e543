//! The partitions of the two tables that grow with time, and the function that makes them ahead.

use async_trait::async_trait;
use sea_orm_migration::{DbErr, MigrationName, MigrationTrait, SchemaManager};

use crate::step::run;

pub(crate) struct Partitions;

impl MigrationName for Partitions {
    fn name(&self) -> &str {
        "m0015_partitions"
    }
}

#[async_trait]
impl MigrationTrait for Partitions {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, &format!("{DEFAULTS}{FUNCTION}{GRANTS}")).await
    }

    /// The partitions stay with their tables: they hold the rows.
    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, "drop function app.ensure_partitions()").await
    }
}

const DEFAULTS: &str = r#"
-- Partitions have no policies; nobody but the owner has a right on them or on their schema.
create table if not exists part.system_events_default partition of public.system_events default;
comment on table part.system_events_default is 'Events of months that have no partition of their own.';
create table if not exists part.transactions_default partition of public.transactions default;
comment on table part.transactions_default is 'Ledger entries of years that have no partition of their own.';
"#;

/// The function, which a later step makes anew where it is older.
pub(crate) const FUNCTION: &str = r#"
create or replace function app.ensure_partitions() returns integer language plpgsql security definer
  set search_path = pg_catalog, pg_temp
  set timezone = 'UTC'
  -- Rather give up and let the next run try than hold up every request behind a long one.
  set lock_timeout = '10s'
as $$
declare
  wanted record;
  made integer := 0;
  strays boolean;
begin
  perform pg_advisory_xact_lock(hashtextextended('app.ensure_partitions', 0));
  for wanted in
    select 'system_events' as parent, 'created_at' as key,
        to_char(month, '"system_events_"YYYY_MM') as name,
        month::date as low, (month + interval '1 month')::date as high
      from generate_series(
        date_trunc('month', now()), date_trunc('month', now()) + interval '3 months', interval '1 month') month
    union all
    select 'transactions', 'transaction_date',
        format('transactions_%s', year),
        make_date(year, 1, 1), make_date(year + 1, 1, 1)
      from generate_series(2009, extract(year from now())::integer + 2) year
  loop
    continue when to_regclass(format('part.%I', wanted.name)) is not null;

    execute format('select exists (select from part.%I where %I >= %L and %I < %L)',
        wanted.parent || '_default', wanted.key, wanted.low, wanted.key, wanted.high)
      into strays;
    if strays then
      -- Rows of this range lie in the default partition, where they forbid a partition for it.
      -- Deleting them would take along what points at them, so they step aside by 4000 years
      -- (after which leap years repeat) and come back into the new partition.
      -- For the logs nothing has changed.
      execute format('alter table public.%I disable trigger user', wanted.parent);
      execute format('update public.%I set %I = %I + interval ''4000 years'' where %I >= %L and %I < %L',
        wanted.parent, wanted.key, wanted.key, wanted.key, wanted.low, wanted.key, wanted.high);
    end if;

    execute format('create table part.%I partition of public.%I for values from (%L) to (%L)',
        wanted.name, wanted.parent, wanted.low, wanted.high);
    made := made + 1;

    if strays then
      execute format('update public.%I set %I = %I - interval ''4000 years'' where %I >= %L and %I < %L',
        wanted.parent, wanted.key, wanted.key,
        wanted.key, wanted.low + interval '4000 years', wanted.key, wanted.high + interval '4000 years');
      execute format('alter table public.%I enable trigger user', wanted.parent);
    end if;
  end loop;
  return made;
end
$$;
"#;

const GRANTS: &str = r#"
comment on function app.ensure_partitions() is
  'Makes the missing partitions: events of this month and three more, ledger entries from 2009 to two years ahead. Answers how many it made.';

revoke execute on function app.ensure_partitions() from public;
grant execute on function app.ensure_partitions() to gateway;
select app.ensure_partitions();
"#;
