// PostGraphile searches by a function of the database. Its body is what the gateway's statement is,
// and PostgreSQL puts it into the statement that calls it.

const SEARCH = `
  begin;
  -- Several of these servers may start at once.
  select pg_advisory_xact_lock(7919);
  create schema if not exists bench;
  grant usage on schema bench to gateway;
  create or replace function bench.search_products(sought text) returns setof read.products language sql stable
  begin atomic
    with words as materialized (select app.search_query(sought) as words, app.search_condition(sought) as condition,
      app.search_words(sought) as typed)
    select t.* from read.products t
    where t.search @@ (select condition from words) or app.is_similar(t.search_names, (select typed[1] from words), (select typed from words))
    order by (case when t.search @@ (select words from words) then 1 + ts_rank(t.search, (select words from words), 1)
      else 0.99 * app.similarity(t.search_names, (select typed from words)) end)::float8 desc, t.id desc;
  end;
  grant execute on function bench.search_products(text) to gateway;
  commit`;

/** Creates the function. */
export async function createSearch(pool) {
  await pool.query(SEARCH);
}
