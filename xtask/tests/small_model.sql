-- A model in small, with one of everything that the real one has and codegen must get right.
create extension if not exists vector;
create schema app;
create schema mv;
create schema part;
create function app.workspace_id() returns uuid language sql stable as $$ select nullif(current_setting('app.workspace_id', true), '')::uuid $$;
create function app.user_id() returns uuid language sql stable as $$ select nullif(current_setting('app.user_id', true), '')::uuid $$;
create function app.sees_all() returns boolean language sql stable as $$ select coalesce(current_setting('app.role', true) = 'owner', false) $$;

create table seaql_migrations (version varchar primary key);

create type mood as enum ('sunny', 'in_between', 'foul');
comment on type mood is 'How it''s going';

create table users (
  id uuid primary key default gen_random_uuid(),
  email varchar(255) not null,
  password_hash varchar(255),
  constraint uq_users_email unique (email)
);
create table workspaces (
  id uuid primary key default gen_random_uuid(),
  owner_id uuid not null constraint fk_workspaces_owner_id references users (id) on delete cascade
);
create table integrations (
  id uuid not null default gen_random_uuid(),
  workspace_id uuid not null constraint fk_integrations_workspace_id references workspaces (id) on delete cascade,
  credentials jsonb,
  primary key (workspace_id, id)
);
create table agents (
  id uuid not null default gen_random_uuid(),
  workspace_id uuid not null constraint fk_agents_workspace_id references workspaces (id) on delete cascade,
  name varchar(255) not null,
  type mood,
  parent_id uuid,
  tools text[] not null default '{}',
  dropped text,
  primary key (workspace_id, id),
  constraint uq_agents_name unique (workspace_id, name),
  constraint fk_agents_parent_id foreign key (workspace_id, parent_id) references agents (workspace_id, id)
);
alter table agents drop column dropped;
comment on table agents is 'Who "acts"';
comment on column agents.tools is 'What it may use';
create unique index ix_agents_partial on agents (workspace_id, type) where type is not null;
create index ix_agents_type on agents (workspace_id, type desc);
create index ix_agents_nulls on agents (workspace_id, type nulls first);
create index ix_agents_lower on agents (workspace_id, lower(name));
create index ix_agents_tools on agents using gin (tools);
create table agent_collaborations (
  id uuid not null default gen_random_uuid(),
  workspace_id uuid not null constraint fk_agent_collaborations_workspace_id references workspaces (id) on delete cascade,
  requesting_agent_id uuid not null,
  responding_agent_id uuid not null,
  user_id uuid constraint fk_agent_collaborations_user_id references users (id) on delete cascade,
  primary key (workspace_id, id),
  constraint fk_agent_collaborations_requesting_agent_id foreign key (workspace_id, requesting_agent_id) references agents (workspace_id, id) on delete cascade,
  constraint fk_agent_collaborations_responding_agent_id foreign key (workspace_id, responding_agent_id) references agents (workspace_id, id) on delete cascade
);
create table ledger (
  id uuid not null default gen_random_uuid(),
  workspace_id uuid not null constraint fk_ledger_workspace_id references workspaces (id) on delete cascade,
  day date not null,
  amount numeric(12,2) not null,
  at timestamptz not null default now(),
  address inet,
  document jsonb,
  embedding vector(768),
  sequence_no bigint not null generated always as identity,
  double_amount numeric(12,2) generated always as (amount * 2) stored,
  primary key (workspace_id, id, day),
  constraint ck_ledger_day check (day > '2000-01-01'),
  constraint ck_ledger_amount check (amount >= 0)
) partition by range (day);
create index ix_ledger_document on ledger (workspace_id, (document #> '{a,b}'), id);
create index ix_ledger_document_part on ledger (workspace_id, (document #> '{c}')) where day is not null;
create index ix_ledger_document_alone on ledger ((document #> '{d}'));
create table part.ledger_default partition of ledger default;
create table ledger_notes (
  id uuid not null default gen_random_uuid(),
  workspace_id uuid not null constraint fk_ledger_notes_workspace_id references workspaces (id) on delete cascade,
  ledger_id uuid not null,
  day date not null,
  agent_id uuid,
  primary key (workspace_id, id),
  constraint uq_ledger_notes_b unique (workspace_id, ledger_id),
  constraint uq_ledger_notes_a unique nulls not distinct (workspace_id, agent_id, day),
  constraint fk_ledger_notes_ledger_id foreign key (workspace_id, ledger_id, day) references ledger (workspace_id, id, day) on update cascade on delete cascade,
  constraint fk_ledger_notes_agent_id foreign key (workspace_id, agent_id) references agents (workspace_id, id) on delete set null (agent_id)
);

alter table users enable row level security;
create role authn;
create role gateway;
create policy login_service on users to authn using (true);
create policy self_only on users for select using (id = app.user_id());
alter table agents enable row level security;
create policy tenant_isolation on agents using (workspace_id = app.workspace_id());
alter table ledger enable row level security;
create policy tenant_isolation on ledger using (workspace_id = (select app.workspace_id()));
alter table agent_collaborations enable row level security;
create policy tenant_isolation on agent_collaborations using (workspace_id = app.workspace_id());
create policy user_isolation on agent_collaborations as restrictive using (user_id is null or user_id = app.user_id());

create materialized view mv.agent_performance as
  select a.workspace_id, a.id as agent_id, count(*) as runs, 1.5::numeric as score from agents a group by 1, 2;
create unique index uq_agent_performance on mv.agent_performance (workspace_id, agent_id);
create view agent_performance with (security_barrier) as
  select * from mv.agent_performance where workspace_id = app.workspace_id();
comment on view agent_performance is 'How they do';
comment on column agent_performance.runs is 'How often';
create materialized view mv.monthly_usage as
  select c.workspace_id, c.user_id, now()::date as month, count(*) as runs from agent_collaborations c group by 1, 2;
create unique index uq_monthly_usage on mv.monthly_usage (workspace_id, user_id, month) nulls not distinct;
create view monthly_usage with (security_barrier) as
  select * from mv.monthly_usage where workspace_id = app.workspace_id() and (user_id = app.user_id() or app.sees_all());
