//! What people search: which columns of which tables, and where rows have embeddings.
//!
//! Each searched table has three columns that the API does not show. `search` holds the words of
//! the row in the language of the workspace, and the id of the workspace as a word of its own: so a
//! GIN index begins with the rows of the workspace, however many others have the same words.
//! `search_names` holds the texts that names are searched in with typos, and `search_language` the
//! configuration of text search that the words were made with.

use crate::bootstrap::GATEWAY;
use crate::table::Table;
use crate::table_sql::quote;

/// A table that people search.
#[derive(Clone, Copy, Debug)]
pub struct Searched {
    /// Name in the database.
    pub table: &'static str,
    /// The texts in which words are looked for.
    pub texts: &'static [(&'static str, Weight)],
    /// Where the row's embedding stands, if rows have one.
    pub embedding: Option<Embedding>,
}

/// How much a word counts where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// What the row is called. Beginnings of words and words with typos are found here.
    Name,
    /// What else it is known by. The same holds.
    Label,
    /// Running text. Words are found in all their forms.
    Body,
}

/// The column with the embedding of a row.
#[derive(Clone, Copy, Debug)]
pub struct Embedding {
    /// The table that holds it: the searched one, or one with a row for each row of it.
    pub table: &'static str,
    pub column: &'static str,
    pub dimensions: usize,
}

/// The columns of a searched table that the API does not show, in their order.
pub const COLUMNS: [&str; 3] = ["search_language", "search_names", "search"];

/// The member of `workspaces.settings` that names the language: a configuration of text search of
/// PostgreSQL, such as `german` or `simple`.
const LANGUAGE: &str = "searchLanguage";
const DEFAULT_LANGUAGE: &str = "english";

/// The longest part of a running text, in characters, in which words are looked for. PostgreSQL
/// refuses a row whose words take more than a megabyte.
const MOST_OF_BODY: usize = 50_000;
/// The same of a name or label.
const MOST_OF_NAME: usize = 1_000;

const DIMENSIONS: usize = 768;

use Weight::{Body, Label, Name};

/// The list.
#[rustfmt::skip]
pub const SEARCHED: &[Searched] = &[
    Searched {
        table: "products",
        texts: &[("title", Name), ("collection", Label), ("category", Label), ("tags", Label), ("description", Body)],
        embedding: Some(Embedding { table: "product_embeddings", column: "embedding", dimensions: DIMENSIONS }),
    },
    texts("product_variants",      &[("sku", Name), ("size", Label), ("frame_type", Label), ("condition", Label)]),
    texts("customers",             &[("first_name", Name), ("last_name", Name), ("company", Name), ("email", Name), ("phone", Label), ("tags", Label), ("address", Body)]),
    texts("support_cases",         &[("case_number", Name), ("subject", Name), ("description", Body)]),
    texts("support_case_messages", &[("message", Body)]),
    texts("support_conversations", &[("session_id", Name), ("escalation_reason", Body)]),
    texts("support_messages",      &[("agent_name", Label), ("content", Body)]),
    Searched {
        table: "faqs",
        texts: &[("question", Name), ("keywords", Label), ("answer", Body)],
        embedding: Some(Embedding { table: "faq_embeddings", column: "question_embedding", dimensions: DIMENSIONS }),
    },
    texts("content_items",         &[("title", Name), ("type", Label), ("body", Body)]),
    texts("reviews",               &[("review_text", Body)]),
    texts("agent_conversations",   &[("title", Name), ("conversation_key", Label)]),
    Searched {
        table: "memory_chunks",
        texts: &[("source", Label), ("content", Body)],
        embedding: Some(Embedding { table: "memory_chunks", column: "embedding", dimensions: DIMENSIONS }),
    },
    Searched {
        table: "graph_entities",
        texts: &[("name", Name), ("entity_key", Label)],
        embedding: Some(Embedding { table: "graph_entities", column: "embedding", dimensions: DIMENSIONS }),
    },
];

const fn texts(table: &'static str, texts: &'static [(&'static str, Weight)]) -> Searched {
    Searched {
        table,
        texts,
        embedding: None,
    }
}

impl Searched {
    /// What is searched of a table, if anything is.
    pub(crate) fn of(table: &str) -> Option<&'static Self> {
        SEARCHED.iter().find(|searched| searched.table == table)
    }

    /// The statements that make a table searchable.
    pub(crate) fn create_sql(&self, table: &Table) -> String {
        let name = self.table;
        let parts = self.texts.iter().map(|&(column, weight)| {
            let text = table.as_text(column);
            match weight {
                Weight::Name => self.part(&text, 'A', MOST_OF_NAME),
                Weight::Label => self.part(&text, 'B', MOST_OF_NAME),
                Weight::Body => self.part(&text, 'C', MOST_OF_BODY),
            }
        });
        let mut parts: Vec<String> = parts.collect();
        let names: Vec<String> = self
            .texts
            .iter()
            .filter(|(_, weight)| *weight != Weight::Body)
            .map(|&(column, _)| format!("left({}, {MOST_OF_NAME})", table.as_text(column)))
            .collect();
        let names = match names.is_empty() {
            true => "''".to_owned(),
            false => names.join(" || ' ' || "),
        };
        // As they are written, since the beginning of a word is not always that of its stem. They have
        // no places, or the last stem and the first of them would be words that follow each other.
        parts.push(format!("strip(to_tsvector('pg_catalog.simple', {names}))"));
        parts.push("array_to_tsvector(array[workspace_id::text])".to_owned());
        let words = parts.join(" || ");
        let mut sql = format!(
            "alter table public.{name}
  add column search_language regconfig not null default 'pg_catalog.{DEFAULT_LANGUAGE}',
  add column search_names text not null generated always as ({names}) stored,
  add column search tsvector not null generated always as ({words}) stored;
comment on column public.{name}.search_language is 'Configuration of text search that `search` was made with; that of the workspace.';
comment on column public.{name}.search_names is 'Names and labels, which are searched with typos.';
comment on column public.{name}.search is 'Words that are searched, and the id of the workspace as a word.';
create index ix_{name}_search on public.{name} using gin (search);
create trigger set_search_language before insert on public.{name}
  for each row execute function app.set_search_language();
"
        );
        if table.is_updatable() {
            // Another language of the workspace is no change of the row.
            sql += &format!(
                "drop trigger set_updated_at on public.{name};
create trigger set_updated_at before update on public.{name}
  for each row when (old.search_language = new.search_language) execute function app.set_updated_at();
"
            );
        }
        sql + &table.read_view().create_sql()
    }

    /// The statements that undo [`Self::create_sql`].
    pub(crate) fn drop_sql(&self, table: &Table) -> String {
        let name = self.table;
        let mut sql =
            format!("drop view read.{name};\ndrop trigger set_search_language on public.{name};\n");
        if table.is_updatable() {
            sql += &format!(
                "drop trigger set_updated_at on public.{name};
create trigger set_updated_at before update on public.{name}
  for each row execute function app.set_updated_at();
"
            );
        }
        // The last one is made of the others.
        for column in COLUMNS.iter().rev() {
            sql += &format!("alter table public.{name} drop column {column};\n");
        }
        sql + &table.read_view_before_search().create_sql()
    }

    fn part(&self, text: &str, weight: char, most: usize) -> String {
        format!("setweight(to_tsvector(search_language, left({text}, {most})), '{weight}')")
    }
}

/// The functions about typos where the extension pg_trgm is not there.
const NO_TYPOS: &str = "
create or replace function app.is_similar(names text, longest text, words text[]) returns boolean language sql stable parallel safe
  as $$ select false $$;
create or replace function app.has_similar(names text, words text[]) returns boolean language sql stable parallel safe
  as $$ select false $$;
create or replace function app.similarity(names text, words text[]) returns real language sql stable parallel safe
  as $$ select 0::real $$;
";

/// The functions that tables and statements call.
pub(crate) fn functions_sql() -> String {
    let tables: Vec<String> = SEARCHED.iter().map(|one| quote(one.table)).collect();
    let tables = tables.join(", ");
    format!(
        r#"
create function app.words(list text[]) returns text language sql immutable parallel safe
  as $$ select coalesce(array_to_string(list, ' '), '') $$;
comment on function app.words(text[]) is 'The elements of a list as one text.';

create function app.search_language(workspace uuid) returns regconfig language plpgsql stable parallel safe
  security definer set search_path = pg_catalog, pg_temp
as $$
declare
  found regconfig;
begin
  select c.oid into found
    from public.workspaces w
    join pg_catalog.pg_ts_config c on c.cfgname = w.settings ->> '{LANGUAGE}' and c.cfgnamespace = 'pg_catalog'::regnamespace
    where w.id = workspace;
  return coalesce(found, 'pg_catalog.{DEFAULT_LANGUAGE}'::regconfig);
end
$$;
comment on function app.search_language(uuid) is 'Configuration of text search of a workspace: its setting `{LANGUAGE}`, or {DEFAULT_LANGUAGE}.';

create function app.set_search_language() returns trigger language plpgsql set search_path = pg_catalog, pg_temp
as $$
begin
  new.search_language := app.search_language(new.workspace_id);
  return new;
end
$$;
comment on function app.set_search_language() is 'Trigger: a new row is searched in the language of its workspace.';

create function app.change_search_language() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
  wanted text := new.settings ->> '{LANGUAGE}';
  language regconfig;
  searched text;
begin
  if wanted is not null and not exists (
      select from pg_catalog.pg_ts_config where cfgname = wanted and cfgnamespace = 'pg_catalog'::regnamespace) then
    raise exception 'the setting {LANGUAGE} is %, which is no configuration of text search', quote_literal(wanted)
      using errcode = 'check_violation', constraint = 'ck_workspaces_search_language',
        hint = (select 'It may be ' || string_agg(cfgname, ', ' order by cfgname) || '.' from pg_catalog.pg_ts_config
          where cfgnamespace = 'pg_catalog'::regnamespace);
  end if;
  language := app.search_language(new.id);
  foreach searched in array array[{tables}] loop
    execute format('update public.%I set search_language = $1 where workspace_id = $2 and search_language <> $1', searched)
      using language, new.id;
  end loop;
  return null;
end
$$;
comment on function app.change_search_language() is 'Trigger: makes the words of all rows of a workspace anew when its language changes.';
create trigger change_search_language after update of settings on public.workspaces
  for each row when (old.settings ->> '{LANGUAGE}' is distinct from new.settings ->> '{LANGUAGE}')
  execute function app.change_search_language();
create trigger check_search_language after insert on public.workspaces
  for each row when (new.settings ->> '{LANGUAGE}' is not null)
  execute function app.change_search_language();

create function app.search_query(sought text) returns tsquery language plpgsql stable parallel safe
  set search_path = pg_catalog, pg_temp
as $$
declare
  stems tsquery := websearch_to_tsquery(app.search_language(app.workspace_id()), sought);
  words tsquery := websearch_to_tsquery('pg_catalog.simple', sought);
begin
  -- What is excluded is excluded in all its forms, and to its end.
  if strpos(stems::text || words::text, '!') > 0 then return stems; end if;
  -- The last word may be unfinished, unless something stands behind it.
  if sought ~ '[[:alnum:]]$' and length(replace(sought, '"', '')) % 2 = length(sought) % 2 then
    if stems::text like '%''' then stems := (stems::text || ':*')::tsquery; end if;
    if words::text like '%''' then words := (words::text || ':*')::tsquery; end if;
  end if;
  return stems || words;
end
$$;
comment on function app.search_query(text) is 'What is sought, in the language of the workspace of the request and as it is written.';

create function app.search_condition(sought text) returns tsquery language plpgsql stable parallel safe
  set search_path = pg_catalog, pg_temp
as $$
declare
  wanted tsquery := app.search_query(sought);
begin
  if numnode(wanted) = 0 then return wanted; end if;
  return quote_literal(app.workspace_id()::text)::tsquery && wanted;
end
$$;
comment on function app.search_condition(text) is 'What is sought, within the workspace of the request.';

create function app.search_words(sought text) returns text[] language sql immutable parallel safe
  as $$
    -- What stands in quotes, is excluded or has alternatives is meant as it is written.
    select case when sought !~* '"|(^|\s)-|(^|\s)or(\s|$)' then
      (select array_agg(word order by length(word) desc, word)
        from regexp_split_to_table(sought, '[^[:alnum:]]+') word where word <> '')
    end
  $$;
comment on function app.search_words(text) is 'The words that may have typos, the longest first; null if none may.';

{NO_TYPOS}
comment on function app.is_similar(text, text, text[]) is 'Whether a text has a word like each of those that are sought; never, unless the extension pg_trgm is there.';
comment on function app.has_similar(text, text[]) is 'As app.is_similar, without an index.';
comment on function app.similarity(text, text[]) is 'How alike words of a text are to those that are sought, from 0 to 1.';

revoke execute on function app.words(text[]), app.search_language(uuid), app.set_search_language(), app.change_search_language(),
  app.search_query(text), app.search_condition(text), app.search_words(text), app.is_similar(text, text, text[]),
  app.has_similar(text, text[]), app.similarity(text, text[]) from public;
grant execute on function app.words(text[]), app.search_language(uuid), app.search_query(text), app.search_condition(text),
  app.search_words(text), app.is_similar(text, text, text[]), app.has_similar(text, text[]), app.similarity(text, text[]) to {GATEWAY};
"#
    )
}

/// The statements that undo [`functions_sql`].
pub(crate) const DROP_FUNCTIONS: &str = "drop trigger change_search_language on public.workspaces;
drop trigger check_search_language on public.workspaces;
drop function app.similarity(text, text[]), app.has_similar(text, text[]), app.is_similar(text, text, text[]),
  app.search_words(text), app.search_condition(text), app.search_query(text),
  app.change_search_language(), app.set_search_language(), app.search_language(uuid), app.words(text[]);
";

/// Lets searches tolerate typos where the extension pg_trgm is there and does not serve them yet, or
/// none where it is gone. It may come and go after the migrations, so each run of them does this.
pub(crate) fn typos_sql() -> String {
    let indexes: String = SEARCHED
        .iter()
        .filter(|one| one.texts.iter().any(|(_, weight)| *weight != Weight::Body))
        .map(|one| {
            format!(
                "  execute format('create index if not exists ix_{0}_search_names on public.{0} using gin (%s search_names %I.gin_trgm_ops)', first, home);\n",
                one.table
            )
        })
        .collect();
    format!(
        "do $do$
declare
  home name := (select n.nspname from pg_extension e join pg_namespace n on n.oid = e.extnamespace where e.extname = 'pg_trgm');
  -- With the extension btree_gin, an index passes over the rows of other workspaces.
  first text := case when exists (select from pg_extension where extname = 'btree_gin') then 'workspace_id,' else '' end;
begin
  if to_regprocedure('app.is_similar(text,text,text[])') is null
      or (home is not null) = (select prosrc like '%operator%' from pg_proc where oid = 'app.is_similar(text,text,text[])'::regprocedure) then
    return;
  end if;
  if home is null then
{NO_TYPOS}
    return;
  end if;
  -- The planner puts the body in place of the call, and an index finds the longest word.
  execute format('create or replace function app.is_similar(names text, longest text, words text[]) returns boolean language sql stable
    parallel safe as $$ select names operator(%I.%%>) longest and app.has_similar(names, words) $$', home);
  execute format('create or replace function app.has_similar(names text, words text[]) returns boolean language sql stable parallel safe
    as $$ select coalesce(bool_and(names operator(%I.%%>) word), false) from unnest(words) word $$', home);
  execute format('create or replace function app.similarity(names text, words text[]) returns real language sql stable parallel safe
    as $$ select avg(%I.word_similarity(word, names))::real from unnest(words) word $$', home);
{indexes}end
$do$;
"
    )
}
