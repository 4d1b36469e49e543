//! The functions that policies and triggers call: who asks, and what changed.

use async_trait::async_trait;
use sea_orm_migration::{DbErr, MigrationName, MigrationTrait, SchemaManager};

use crate::step::run;

pub(crate) struct SessionFunctions;

impl MigrationName for SessionFunctions {
    fn name(&self) -> &str {
        "m0001_session"
    }
}

#[async_trait]
impl MigrationTrait for SessionFunctions {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, &format!("{UP}{AUDIT}{GRANTS}")).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, DOWN).await
    }
}

const UP: &str = r#"
grant usage on schema app to gateway, authn;
grant select on public.seaql_migrations to gateway;

-- Plain SQL functions without settings of their own: the planner puts their body in place of the
-- call, so that a policy still finds its index. A missing setting gives null, hence no rows.
create function app.workspace_id() returns uuid language sql stable parallel safe
  as $$ select nullif(current_setting('app.workspace_id', true), '')::uuid $$;
comment on function app.workspace_id() is 'Workspace of the current request; null where none is set.';

create function app.user_id() returns uuid language sql stable parallel safe
  as $$ select nullif(current_setting('app.user_id', true), '')::uuid $$;
comment on function app.user_id() is 'User of the current request; null where none is set.';

create function app.sees_all() returns boolean language sql stable parallel safe
  as $$ select coalesce(current_setting('app.role', true) in ('owner', 'admin', 'system'), false) $$;
comment on function app.sees_all() is 'Whether the role of the current request sees the rows of all users.';

create function app.set_updated_at() returns trigger language plpgsql set search_path = pg_catalog, pg_temp
as $$
begin
  -- Never the same value twice, so that it also serves as the version of the row.
  new.updated_at := greatest(clock_timestamp(), old.updated_at + interval '1 microsecond');
  return new;
end
$$;
comment on function app.set_updated_at() is 'Trigger: stamps a changed row.';
"#;

/// The trigger of the log, which later steps replace.
pub(crate) const AUDIT: &str = r#"
-- Runs as the owner, since those who change a row need no right on the log. The arguments are the
-- name of the table (a partition would give its own) and the columns whose values stay secret.
create or replace function app.audit() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
  former jsonb;
  latter jsonb;
  whole jsonb;
  claimed text := current_setting('app.user_id', true);
  author uuid;
begin
  -- What search makes of a row repeats it.
  if tg_op <> 'INSERT' then former := to_jsonb(old) - '{search,search_names,search_language}'::text[]; end if;
  if tg_op <> 'DELETE' then latter := to_jsonb(new) - '{search,search_names,search_language}'::text[]; end if;
  whole := coalesce(latter, former);

  if tg_op = 'UPDATE' then
    select jsonb_object_agg(n.key, former -> n.key), jsonb_object_agg(n.key, n.value)
      into former, latter
      from jsonb_each(latter) n
      where n.value is distinct from former -> n.key and n.key <> 'updated_at';
    if latter is null then return null; end if;
  end if;

  for i in 1 .. tg_nargs - 1 loop
    if jsonb_typeof(former -> tg_argv[i]) <> 'null' then
      former := former || jsonb_build_object(tg_argv[i], '[redacted]');
    end if;
    if jsonb_typeof(latter -> tg_argv[i]) <> 'null' then
      latter := latter || jsonb_build_object(tg_argv[i], '[redacted]');
    end if;
  end loop;

  -- A log must not stop what it logs: a setting that names no user gives an entry without one.
  if claimed ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then
    select u.id into author from public.users u where u.id = claimed::uuid;
  end if;

  -- Nothing is logged for a workspace that is itself being deleted: its log goes with it.
  insert into public.audit_logs
      (workspace_id, user_id, action, resource_type, resource_id, old_value, new_value, metadata)
    select w.id, author, lower(tg_op), tg_argv[0], whole ->> 'id', former, latter,
        jsonb_strip_nulls(jsonb_build_object('role', nullif(current_setting('app.role', true), '')))
      from public.workspaces w
      where w.id = (whole ->> 'workspace_id')::uuid;
  return null;
end
$$;
comment on function app.audit() is 'Trigger: writes a change of a row to audit_logs, without secrets.';
"#;

const GRANTS: &str = r#"
revoke execute on all functions in schema app from public;
grant execute on function app.workspace_id(), app.user_id(), app.sees_all() to gateway, authn;
"#;

const DOWN: &str = r#"
drop function app.audit(), app.set_updated_at(), app.sees_all(), app.user_id(), app.workspace_id();
drop schema read;
drop schema part;
drop schema mv;
drop schema app;
"#;
