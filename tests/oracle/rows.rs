//! The rows of the oracle: the seed, made uneven. Empty fields, values that are met twice, more
//! rows in the main tables, and pointers that lead nowhere.

use entity::facts::TABLES;

use crate::harness::seed;

/// A script that fills every table.
pub fn script() -> String {
    let facts = TABLES.iter().find(|table| table.name == "customers");
    let columns = facts.expect("a table").columns.iter();
    let columns: Vec<&str> = columns.map(|column| column.name).collect();
    let uneven = UNEVEN.replace("{customers}", &columns.join(", "));
    format!(
        "{}\nset session_replication_role = replica;\n{uneven}\nset session_replication_role = origin;\n{}",
        seed::everything(),
        seed::REFRESH
    )
}

const UNEVEN: &str = r#"
-- More customers, orders and items, so that pages have more than one page and lists of parents
-- differ in length. The ids go on where the seed ends.
insert into customers ({customers})
select {customers} from (select (jsonb_populate_record(c, jsonb_build_object(
    'id', overlay(c.id::text placing lpad(to_hex(n), 4, '0') from 33),
    'email', 'more' || n || '@example.com', 'shopify_customer_id', null,
    'first_name', (array['ada', 'Ada', 'bob', null])[n % 4 + 1],
    'company', case when n % 3 = 0 then '100%_' || n else null end,
    'address', case when n % 2 = 0 then E'Line "1"\n\\line\t2 \u00e9\U0001F600' end,
    'total_spent', (n % 3) || '.00', 'orders_count', n % 3,
    'tags', case n % 4 when 0 then '[]'::jsonb when 1 then '["a"]' when 2 then '["a", "b"]' else '["b", "c"]' end,
    'created_at', '2026-02-0' || (n % 3 + 1) || 'T00:00:00Z'))).*
from customers c, generate_series(16, 27) n
where c.id::text like '%0000' and c.id::text like 'aaaa%') more;

insert into orders
select (jsonb_populate_record(o, jsonb_build_object(
    'id', overlay(o.id::text placing lpad(to_hex(n), 4, '0') from 33),
    'order_number', 'more ' || n, 'shopify_order_id', null,
    'customer_id', case when n % 5 = 4 then null
        else overlay(o.customer_id::text placing lpad(to_hex(n % 5 + case when n % 5 > 2 then 15 else 0 end), 4, '0') from 33) end,
    'total_amount', (n % 4) || '.50', 'tax_amount', case when n % 3 > 0 then n % 3 || '.10' end,
    'status', (array['pending', 'shipped', 'delivered'])[n % 3 + 1],
    'financial_status', case when n % 2 = 0 then 'paid' end,
    'shipping_address', case n % 4 when 0 then null when 1 then '{"city": "Oslo", "zip": [1, {"a": null}], "n": 1.5}'::jsonb
        when 2 then '[]'::jsonb else '"text"'::jsonb end))).*
from orders o, generate_series(16, 45) n
where o.id::text like '%0000' and o.id::text like 'aaaa%';

insert into order_items
select (jsonb_populate_record(i, jsonb_build_object(
    'id', overlay(i.id::text placing lpad(to_hex(n), 4, '0') from 33),
    'order_id', overlay(i.order_id::text placing lpad(to_hex(16 + n % 7), 4, '0') from 33),
    'quantity', n % 5 + 1,
    'product_variant_id', case when n % 3 = 0 then null
        else overlay(i.product_variant_id::text placing lpad(to_hex(n % 3), 4, '0') from 33) end))).*
from order_items i, generate_series(16, 45) n
where i.id::text like '%0000' and i.id::text like 'aaaa%';

-- Every field that may be empty is empty in some row, unless a constraint knows better.
do $$
declare one record;
begin
  for one in
    select c.table_name, c.column_name from information_schema.columns c
    join information_schema.tables t using (table_schema, table_name)
    where c.table_schema = 'public' and t.table_type = 'BASE TABLE' and c.is_nullable = 'YES'
      and c.is_generated = 'NEVER' and c.table_name not in ('users', 'workspaces', 'workspace_members')
    order by 1, 2
  loop
    begin
      execute format('update %I set %I = null where right(id::text, 1) = $1', one.table_name, one.column_name)
        using (array['2', '3'])[length(one.column_name) % 2 + 1];
    exception when others then null;
    end;
  end loop;
end $$;

-- Rows that a foreign key promises and that are not there: what must not be null is.
delete from support_conversations where right(id::text, 1) = '1';
delete from workflows where right(id::text, 1) = '0';
delete from kpis where right(id::text, 1) = '0';
"#;
