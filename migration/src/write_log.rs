//! What is written beside each change: a row of `app.change_log` for each statement, table and
//! workspace, and entries of `audit_logs` for each row.
//!
//! One trigger for each command does both, once a statement is done, over the tables of its old and
//! new rows. It reads nothing but these and the membership of the caller, so it can run where only
//! the rows of some workspaces are.

use crate::bootstrap::GATEWAY;
use crate::search::{self, Searched};
use crate::table::{Secrecy, Table};
use crate::write_lock::Named;

/// The tables of which writing is no change that a log tells of: they are logs.
const LOGS: [&str; 4] = [
    "audit_logs",
    "domain_events",
    "system_events",
    "usage_records",
];

/// A change of more rows names none of them.
const MOST_IDS: usize = 100;
/// How many hours ahead the log has partitions, so that some runs of the job may fail.
const HOURS_AHEAD: usize = 6;
/// How long the log is kept.
const KEPT: &str = "1 day";

/// The log of changes.
pub(crate) const TABLE: &str = r#"
-- Identity columns of partitioned tables are newer than the oldest server.
create sequence app.change_log_seq;
create table app.change_log (
  txid xid8 not null default pg_current_xact_id(),
  seq bigint not null default nextval('app.change_log_seq'),
  at timestamptz not null default now(),
  workspace_id uuid not null,
  table_name text not null,
  op "char" not null check (op in ('C', 'U', 'D')),
  ids uuid[],
  rows bigint not null
) partition by range (at);
alter sequence app.change_log_seq owned by app.change_log.seq;
comment on table app.change_log is 'What each statement changed: one row for each table and workspace. Kept for a day.';
comment on column app.change_log.txid is 'Transaction of the change. In the order of `txid` and `seq`, those below the least that runs are complete.';
comment on column app.change_log.seq is 'Order of the changes within a transaction.';
comment on column app.change_log.at is 'When the transaction began.';
comment on column app.change_log.workspace_id is 'Workspace of the changed rows.';
comment on column app.change_log.table_name is 'Table of the changed rows.';
comment on column app.change_log.op is 'C: created, U: updated, D: deleted.';
comment on column app.change_log.ids is 'Ids of the changed rows; null where there are too many.';
comment on column app.change_log.rows is 'How many rows were changed.';
-- Finds the changes of one transaction, and all in their order.
create index ix_change_log on app.change_log (workspace_id, txid, seq);
create table part.change_log_default partition of app.change_log default;
comment on table part.change_log_default is 'Changes of hours that have no partition of their own.';
"#;

/// The functions of the triggers. They run as the owner, since those who change a row need no right on the
/// logs. The arguments are when the table is audited, the columns that no entry shows, and those
/// that an entry shows redacted.
pub(crate) fn functions_sql() -> String {
    let changes = |op: char, workspace: &str, rows: &str| {
        format!(
            "insert into app.change_log (workspace_id, table_name, op, ids, rows)
      select t.{workspace}, tg_table_name, '{op}', case when count(*) <= {MOST_IDS} then array_agg(t.id) end, count(*)
        from {rows} t group by t.{workspace};"
        )
    };
    let by_command = |workspace: &str| {
        format!(
            "if tg_op = 'INSERT' then
    {}
  elsif tg_op = 'UPDATE' then
    {}
  else
    {}
  end if;",
            changes('C', workspace, "new_rows"),
            changes('U', workspace, "new_rows"),
            changes('D', workspace, "old_rows"),
        )
    };
    let entries = "insert into public.audit_logs (workspace_id, user_id, action, resource_type, resource_id, old_value, new_value, metadata)";
    // A call for each row costs more than the rest.
    let without_secrets = |entry: &str| {
        format!("case when secrets = '{{}}' then {entry} else app.redacted({entry}, secrets) end")
    };
    let who = |rows: &str| format!("case when {rows}.workspace_id = here then author end");
    format!(
        r#"
create or replace function app.log_workspaces() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  {workspaces}
  return null;
end
$$;
comment on function app.log_workspaces() is 'Trigger: writes changes of workspaces to app.change_log.';

create or replace function app.log_changes() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
  request text := nullif(current_setting('app.request_id', true), '');
  left_out text[];
  secrets text[];
  claimed text := current_setting('app.user_id', true);
  home text := current_setting('app.workspace_id', true);
  uuids constant text := '^[0-9a-f]{{8}}(-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}$';
  -- The member who makes the request, and the workspace.
  author uuid;
  here uuid;
  about jsonb;
  -- Workspaces whose deletion is going on; their logs go with them.
  deleted text;
begin
  -- Another language of the workspace is no change of its rows.
  if tg_op = 'UPDATE' and tg_argv[1] like '%search_language%' then
    if (select n.search_language from new_rows n limit 1) <> (select o.search_language from old_rows o limit 1) then
      return null;
    end if;
  end if;
  {changed}

  if tg_argv[0] = 'never' or tg_argv[0] = 'requests' and request is null then return null; end if;
  left_out := tg_argv[1];
  secrets := tg_argv[2];
  -- A log must not stop what it logs: settings that name no member give an entry without a user.
  if claimed ~* uuids and home ~* uuids then
    select m.user_id, m.workspace_id into author, here
      from public.workspace_members m
      where m.workspace_id = home::uuid and m.user_id = claimed::uuid;
  end if;
  about := jsonb_strip_nulls(jsonb_build_object(
    'role', nullif(current_setting('app.role', true), ''),
    'operation', nullif(current_setting('app.operation', true), ''),
    'requestId', request,
    -- Whoever is no member is told here, because an entry points at a user who is there.
    'userId', case when author is null then nullif(current_setting('app.user_id', true), '') end));
  if tg_op = 'INSERT' then
    {entries}
      select n.workspace_id, {new_author}, 'insert', tg_table_name, n.id::text,
          null, {new_entry}, about
        from new_rows n;
    return null;
  end if;
  deleted := coalesce(current_setting('app.deleted_workspaces', true), '');
  if tg_op = 'DELETE' then
    {entries}
      select o.workspace_id, {old_author}, 'delete', tg_table_name, o.id::text,
          {old_entry}, null, about
        from old_rows o
        where strpos(deleted, o.workspace_id::text) = 0;
    return null;
  end if;
  {entries}
    select j.workspace_id, {changed_author}, 'update', tg_table_name, j.id::text,
        {former}, {latter}, about
      -- The plan may have been made for one row and be kept for thousands. A full join is never a nested
      -- loop, whatever its plan was made for, and `offset` keeps the conditions below from making it another.
      from (select n.workspace_id, n.id, to_jsonb(o) - left_out as former, to_jsonb(n) - left_out as latter
          from new_rows n full join old_rows o on o.workspace_id = n.workspace_id and o.id = n.id offset 0) j
      cross join lateral (
        select jsonb_object_agg(c.key, j.former -> c.key) as former, jsonb_object_agg(c.key, c.value) as latter
          from jsonb_each(j.latter) c
          where c.value is distinct from j.former -> c.key and c.key <> 'updated_at') d
      where j.former is not null and d.latter is not null and strpos(deleted, j.workspace_id::text) = 0;
  return null;
end
$$;
comment on function app.log_changes() is 'Trigger: writes what a statement changed to app.change_log, and to audit_logs without secrets.';
"#,
        workspaces = by_command("id"),
        changed = by_command("workspace_id"),
        new_author = who("n"),
        changed_author = who("j"),
        old_author = who("o"),
        new_entry = without_secrets("to_jsonb(n) - left_out"),
        old_entry = without_secrets("to_jsonb(o) - left_out"),
        former = without_secrets("d.former"),
        latter = without_secrets("d.latter"),
    )
}

/// What the triggers call.
const HELPERS: &str = r#"
create function app.redacted(entry jsonb, secrets text[]) returns jsonb language sql immutable parallel safe
  as $$
    select case when entry is null or secrets = '{}' then entry else
      entry || coalesce((select jsonb_object_agg(name, '[redacted]') from unnest(secrets) name
        where jsonb_typeof(entry -> name) <> 'null'), '{}') end
  $$;
comment on function app.redacted(jsonb, text[]) is 'An entry of the log without the values of secrets.';

create function app.note_deletion() returns trigger language plpgsql set search_path = pg_catalog, pg_temp
as $$
begin
  perform set_config('app.deleted_workspaces',
    concat_ws(' ', nullif(current_setting('app.deleted_workspaces', true), ''), old.id), true);
  return old;
end
$$;
comment on function app.note_deletion() is 'Trigger: tells the log which workspaces the transaction deletes.';
create trigger note_deletion before delete on public.workspaces
  for each row execute function app.note_deletion();
"#;

/// How the log of changes is read and kept short.
fn reading_sql() -> String {
    format!(
        r#"
-- In PL/pgSQL, because that keeps their plans: there are many partitions to plan for.
create function app.changes(out table_name text, out op text, out ids uuid[], out rows bigint) returns setof record
  language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
  -- The time chooses the partition.
  return query
    select c.table_name, c.op::text, c.ids, c.rows from app.change_log c
      where c.workspace_id = app.workspace_id() and c.txid = pg_current_xact_id_if_assigned() and c.at = now()
      order by c.seq;
end
$$;
comment on function app.changes() is 'What the transaction has changed in the workspace of the request, in order.';

create function app.changes_since(after_txid xid8, after_seq bigint, most integer,
    out txid xid8, out seq bigint, out at timestamptz, out table_name text, out op text, out ids uuid[], out rows bigint)
  returns setof record language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
  -- Transactions below the least that runs have ended, so no change can come to stand before a
  -- cursor later.
  return query
    select c.txid, c.seq, c.at, c.table_name, c.op::text, c.ids, c.rows from app.change_log c
      where c.workspace_id = app.workspace_id() and (c.txid, c.seq) > (after_txid, after_seq)
        and c.txid < pg_snapshot_xmin(pg_current_snapshot())
      order by c.txid, c.seq
      limit greatest(most, 0);
end
$$;
comment on function app.changes_since(xid8, bigint, integer) is 'What was changed in the workspace of the request after a cursor, in the order of transactions. It begins with (0, 0).';

create function app.rotate_change_log() returns void language plpgsql security definer
  set search_path = pg_catalog, pg_temp
  set timezone = 'UTC'
  -- Whoever writes waits meanwhile.
  set lock_timeout = '1s'
as $$
declare
  hour timestamptz;
  name text;
  strays boolean;
begin
  perform pg_advisory_xact_lock(hashtextextended('app.rotate_change_log', 0));
  for hour in select generate_series(date_trunc('hour', now()), now() + interval '{HOURS_AHEAD} hours', interval '1 hour') loop
    name := to_char(hour, '"change_log_"YYYY_MM_DD_HH24');
    continue when to_regclass(format('part.%I', name)) is not null;
    select exists (select from part.change_log_default d where d.at >= hour and d.at < hour + interval '1 hour') into strays;
    -- They forbid a partition, and go with their time.
    continue when strays;
    -- To attach a table holds up nobody who writes into other partitions; to create a partition would.
    execute format('create table part.%I (like app.change_log including all)', name);
    execute format('alter table app.change_log attach partition part.%I for values from (%L) to (%L)',
      name, hour, hour + interval '1 hour');
  end loop;

  delete from part.change_log_default d where d.at < now() - interval '{KEPT}';
  begin
    for name in
      select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent = 'app.change_log'::regclass and c.relname <> 'change_log_default'
          and c.relname < to_char(now() - interval '{KEPT} 1 hour', '"change_log_"YYYY_MM_DD_HH24')
        order by c.relname
    loop
      execute format('drop table part.%I', name);
    end loop;
  exception when lock_not_available then
    -- Somebody writes for long. The next run does it.
    null;
  end;
end
$$;
comment on function app.rotate_change_log() is 'Makes the partitions of app.change_log for the coming hours, and drops those older than a day.';
select app.rotate_change_log();

revoke execute on function app.log_workspaces(), app.log_changes(), app.redacted(jsonb, text[]), app.note_deletion(),
  app.changes(), app.changes_since(xid8, bigint, integer), app.rotate_change_log() from public;
grant execute on function app.changes(), app.changes_since(xid8, bigint, integer), app.rotate_change_log() to {GATEWAY};
"#
    )
}

/// The logs, without the triggers of the tables.
pub(crate) fn create_sql() -> String {
    format!("{TABLE}{HELPERS}{}{}", functions_sql(), reading_sql())
}

/// The statements that undo [`create_sql`].
pub(crate) const DROP: &str = "
drop trigger note_deletion on public.workspaces;
drop function app.log_changes(), app.log_workspaces(), app.note_deletion(), app.redacted(jsonb, text[]),
  app.changes(), app.changes_since(xid8, bigint, integer), app.rotate_change_log();
drop table app.change_log;
";

impl Table {
    /// The triggers that log what is written to the table.
    pub(crate) fn log_triggers(&self) -> Vec<Named> {
        let function = match self.name {
            "audit_logs" | "users" => return Vec::new(),
            "workspaces" => "app.log_workspaces()".to_owned(),
            _ => {
                let audited = match (self.audited, LOGS.contains(&self.name)) {
                    (true, _) => "always",
                    (false, true) => "never",
                    (false, false) => "requests",
                };
                format!(
                    "app.log_changes('{audited}', '{{{}}}', '{{{}}}')",
                    self.unlogged().join(","),
                    self.secrets().join(",")
                )
            }
        };
        let old = "old table as old_rows";
        let new = "new table as new_rows";
        let triggers = [
            ("insert", new.to_owned()),
            ("update", format!("{old} {new}")),
            ("delete", old.to_owned()),
        ];
        let triggers = triggers.into_iter().map(|(command, rows)| {
            let name = format!("log_{command}");
            let statement = format!(
                "create trigger {name} after {command} on public.{} referencing {rows} \
                 for each statement execute function {function};\n",
                self.name
            );
            (name, statement)
        });
        triggers.collect()
    }

    /// The columns that no entry shows, because they repeat others or say nothing to people.
    fn unlogged(&self) -> Vec<&'static str> {
        let vectors = self
            .columns
            .iter()
            .filter(|one| one.kind.starts_with("vector("));
        let mut names: Vec<_> = vectors.map(|one| one.name).collect();
        if Searched::of(self.name).is_some() {
            names.extend(search::COLUMNS);
        }
        names
    }

    fn secrets(&self) -> Vec<&'static str> {
        let secrets = self
            .columns
            .iter()
            .filter(|one| one.secrecy != Secrecy::Open);
        secrets.map(|one| one.name).collect()
    }
}
