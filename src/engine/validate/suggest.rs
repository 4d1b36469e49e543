//! Proposals where a name does not exist: names that are spelt alike, and what is called otherwise
//! on other servers.

use async_graphql::parser::types::BaseType;
use async_graphql_value::{Name, Value as Literal};

use super::types::{Input, Kind, Types, named};
use crate::engine::mutation::InputField;

/// Most names of one proposal.
const MOST: usize = 3;
/// A longer name is like none that there is, and comparing it would take long.
const LONGEST: usize = 80;

/// Where a mutation of several rows has one result for each.
const RESULTS: &str = "results";

/// Where the rows of a list are, and the row of an edge.
const ROWS: [&str; 2] = ["nodes", "node"];

/// Names of other servers in lower case without underscores, and what means the same here. The
/// first line with a name that there is decides.
///
/// A `*` stands for the name of a table: on the right `*` for one row, `*s` for several, and `*?` for
/// as many as the given name is about. A word after a name is a field inside it.
const HABITS: &[(&[&str], &[&str])] = &[
    (&["insert*one", "createone*", "add*"], &["create*"]),
    (&["createmany*", "insertmany*"], &["create*s"]),
    (&["insert*"], &["create*?"]),
    (&["update*bypk", "update*one", "updateone*"], &["update*"]),
    (&["updatemany*", "update*"], &["update*s"]),
    (&["delete*bypk", "delete*one", "deleteone*"], &["delete*"]),
    (&["deletemany*", "delete*"], &["delete*s"]),
    (&["remove*"], &["delete*?"]),
    (&["findunique*", "findfirst*", "get*"], &["*?"]),
    (&["findmany*", "list*"], &["*s"]),
    (&["*aggregate"], &["*s aggregate"]),
    (&["*connection", "all*"], &["*s"]),
    (&["*bypk", "*byid"], &["*"]),
    (
        &["*boolexp", "*whereinput", "*filterinput", "*condition"],
        &["*filter"],
    ),
    (
        &["*orderby", "*orderbyinput", "*orderbywithrelationinput"],
        &["*orderby"],
    ),
    (&["uuid", "guid"], &["ID"]),
    (&["timestamptz", "timestamp", "datetimetz"], &["DateTime"]),
    (&["numeric"], &["Decimal"]),
    (&["jsonb"], &["JSON"]),
    (&["hasnext", "hasmore"], &["hasNextPage"]),
    (&["hasprevious", "hasprev"], &["hasPreviousPage"]),
    (&["any"], &["some"]),
    (&["average", "mean"], &["avg"]),
    (&["set", "data", "changes"], &["patch"]),
    (&["where"], &["having"]),
    (&["where", "id", "pkcolumns"], &["by"]),
    (&["id"], &["nodeId"]),
    (&["limit", "take", "top", "pagesize", "perpage"], &["first"]),
    (&["skip", "start"], &["offset"]),
    (&["page", "pagenumber"], &["after", "offset"]),
    (&["cursor", "startcursor"], &["after"]),
    (
        &["filter", "filters", "condition", "conditions", "filterby"],
        &["where"],
    ),
    (&["sort", "sortby", "order", "ordering"], &["orderBy"]),
    (&["q", "query", "searchterm"], &["search"]),
    (&["equals", "equal", "equalto", "is"], &["eq"]),
    (&["not", "neq", "notequals", "notequalto", "isnot"], &["ne"]),
    (&["nin"], &["notIn"]),
    (&["oneof", "anyof"], &["in"]),
    (&["greaterthan"], &["gt"]),
    (
        &["ge", "greaterthanorequal", "greaterthanorequalto"],
        &["gte"],
    ),
    (&["lessthan"], &["lt"]),
    (&["le", "lessthanorequal", "lessthanorequalto"], &["lte"]),
    (&["null"], &["isNull"]),
    (
        &["regex", "iregex", "matches", "similar"],
        &["like", "ilike"],
    ),
    (&["includes", "icontains"], &["contains", "mode"]),
    (&["istartswith"], &["startsWith", "mode"]),
    (&["iendswith"], &["endsWith", "mode"]),
    (&["inc", "increment", "append", "prepend"], &["change"]),
    (&["affectedrows"], &["count"]),
    (&["items", "results", "data", "records", "rows"], &["nodes"]),
    (
        &[
            "data",
            "object",
            "objects",
            "set",
            "where",
            "id",
            "pkcolumns",
        ],
        &["input"],
    ),
    (&["total", "count"], &["totalCount"]),
];

/// Proposes names among those that there are.
pub fn alike<'n>(given: &str, known: impl Iterator<Item = &'n str>) -> Option<String> {
    if given.len() > LONGEST {
        return None;
    }
    let wanted = plain(given);
    let known: Vec<Known<'n>> = known.map(|name| (plain(name), name)).collect();
    // What is only like the name says nothing where the same one is there.
    let mut found: Vec<String> = known
        .iter()
        .filter(|(plain, _)| *plain == wanted)
        .map(|(_, name)| quoted(name))
        .collect();
    if found.is_empty() {
        found = habitual(&wanted, &known);
    }
    if found.is_empty()
        && let Some(negated) = negated(&wanted, &known)
    {
        return Some(negated);
    }
    if found.is_empty() {
        found = spelt_alike(given, &wanted, &known);
    }
    found.truncate(MOST);
    Some(match &found[..] {
        [] => return None,
        [only] => format!("Did you mean {only}?"),
        [others @ .., last] => format!("Did you mean {} or {last}?", others.join(", ")),
    })
}

/// A name that there is, after the same without what conventions differ in.
type Known<'n> = (String, &'n str);

fn quoted(name: &str) -> String {
    format!("`{name}`")
}

/// What is written in the place of an operator that is the opposite of one.
fn negated(wanted: &str, known: &[Known<'_>]) -> Option<String> {
    let has = |name: &str| known.iter().any(|(plain, _)| plain == name);
    if !has("isnull") || has(wanted) {
        return None;
    }
    if matches!(wanted, "isnotnull" | "notnull" | "exists") {
        return Some("It is `isNull: false`.".to_owned());
    }
    let operator = ["not", "n"].iter().find_map(|no| wanted.strip_prefix(no))?;
    let (_, name) = known.iter().find(|(plain, _)| plain == operator)?;
    Some(format!(
        "Put `not` around the condition of the field, as in `not: {{ … {{ {name}: … }} }}`."
    ))
}

/// Verbs of mutations. A name that begins with one means nothing else.
const VERBS: [&str; 4] = ["create", "update", "upsert", "delete"];

fn spelt_alike(given: &str, wanted: &str, known: &[Known<'_>]) -> Vec<String> {
    let mut found: Vec<(usize, bool, &str)> = known
        .iter()
        .filter_map(|(plain, name)| {
            let verb = VERBS.iter().find(|verb| {
                let next = name
                    .strip_prefix(**verb)
                    .and_then(|rest| rest.chars().next());
                next.is_some_and(char::is_uppercase)
            });
            let distance = match verb {
                Some(verb) => {
                    let (before, after) = wanted.split_at_checked(verb.len())?;
                    near(before, verb)? + near(after, &plain[verb.len()..])?
                }
                None => near(wanted, plain)?,
            };
            Some((distance, plain.len() != wanted.len(), *name))
        })
        .collect();
    if found.is_empty() && given.len() >= 4 {
        let longer = known.iter().filter(|(plain, _)| plain.starts_with(wanted));
        let mut longer: Vec<&str> = longer.map(|(_, name)| *name).collect();
        longer.sort_unstable_by_key(|name| (name.len(), *name));
        return longer.into_iter().map(quoted).collect();
    }
    found.sort_unstable();
    found.into_iter().map(|(.., name)| quoted(name)).collect()
}

/// How many letters two names differ in, if these are few: one of four, and in the shortest names
/// only their order.
fn near(given: &str, known: &str) -> Option<usize> {
    let length = given.chars().count();
    let most = (length / 4).clamp(1, 3);
    if known.len().abs_diff(given.len()) > most {
        return None;
    }
    let distance = strsim::osa_distance(given, known);
    let letters = |name: &str| {
        let mut letters: Vec<char> = name.chars().collect();
        letters.sort_unstable();
        letters
    };
    let alike = distance <= most && (length > 3 || letters(given) == letters(known));
    alike.then_some(distance)
}

/// What means the same here as a name of another server.
fn habitual(wanted: &str, known: &[Known<'_>]) -> Vec<String> {
    let mut lines = HABITS.iter().map(|(theirs, ours)| {
        let table = theirs.iter().find_map(|theirs| table_of(wanted, theirs));
        let ours = ours.iter().filter_map(|ours| meant(ours, table?, known));
        let mut ours: Vec<String> = ours.collect();
        ours.sort_unstable();
        ours
    });
    let found = lines.find(|ours| !ours.is_empty());
    found.unwrap_or_default()
}

/// The table in a name of a pattern; an empty one when the pattern is the whole name.
fn table_of<'g>(name: &'g str, pattern: &str) -> Option<&'g str> {
    let Some((before, after)) = pattern.split_once('*') else {
        return (name == pattern).then_some("");
    };
    let table = name.strip_prefix(before)?.strip_suffix(after)?;
    (!table.is_empty()).then_some(table)
}

/// The name that there is for one of ours, about a table.
fn meant(ours: &str, table: &str, known: &[Known<'_>]) -> Option<String> {
    let (ours, inside) = match ours.split_once(' ') {
        Some((ours, inside)) => (ours, format!(" with `{inside}` inside")),
        None => (ours, String::new()),
    };
    let name = match ours.split_once('*') {
        Some((before, many)) if matches!(many, "s" | "?") => {
            let pattern = format!("{before}*");
            let mut all: Vec<&str> = about(&pattern, table, known).collect();
            all.sort_unstable_by_key(|name| name.len());
            match many == "s" || table.ends_with('s') {
                true => all.pop()?,
                false => all.first()?,
            }
        }
        Some(_) => about(ours, table, known).min_by_key(|name| name.len())?,
        None => known.iter().find(|(_, name)| *name == ours)?.1,
    };
    Some(format!("`{name}`{inside}"))
}

/// The names of a pattern about a table, for one row and for several: the longer one is for several.
fn about<'n>(pattern: &str, table: &str, known: &[Known<'n>]) -> impl Iterator<Item = &'n str> {
    let about = known.iter().filter(move |(plain, _)| {
        table_of(plain, pattern).is_some_and(|other| singular(other) == singular(table))
    });
    about.map(|(_, name)| *name)
}

/// A word that singular and plural have in common.
fn singular(word: &str) -> String {
    match word.strip_suffix("ies") {
        Some(stem) => format!("{stem}y"),
        None => word.strip_suffix('s').unwrap_or(word).to_owned(),
    }
}

/// The term of an order that other servers write as a value of an enum, such as `EMAIL_ASC`.
pub fn term(input: &Input, given: &Literal) -> Option<String> {
    let Literal::Enum(given) = given else {
        return None;
    };
    let (name, direction) = given.rsplit_once('_')?;
    let wanted = plain(name);
    let field = input.fields.keys().find(|field| plain(field) == wanted)?;
    matches!(direction, "ASC" | "DESC")
        .then(|| format!("Did you mean `{{ {field}: {direction} }}`?"))
}

/// How a condition is written where a value stands instead of operators.
pub fn operator(input: &Input, is_list: bool) -> Option<String> {
    let mut operators = ["in", "eq"].into_iter().skip(usize::from(!is_list));
    let operator = operators.find(|operator| input.fields.contains_key(*operator))?;
    let optional = input.fields.values().all(|slot| slot.of.nullable);
    optional.then(|| format!("It takes operators, such as `{{ {operator}: … }}`."))
}

/// Names of other servers for the row that a mutation writes.
const ROW: [&str; 5] = ["object", "objects", "data", "values", "row"];

/// Proposes a field of an input: one further inside, one that is spelt alike, or the one that holds
/// the row.
pub fn input_field(types: &Types, input: &Input, given: &str) -> Option<String> {
    let mut rows = input.fields.iter().filter_map(|(name, slot)| {
        let is_row =
            !slot.of.nullable && name != InputField::By.name() && name != InputField::Where.name();
        match types.get(named(&slot.of)) {
            Some(Kind::Input(row)) if is_row => Some((name, &slot.of.base, row)),
            _ => None,
        }
    });
    if let (Some((name, of, row)), None) = (rows.next(), rows.next()) {
        if row.fields.contains_key(given) {
            let inside = match of {
                BaseType::List(_) => format!("{name}: [{{ {given}: … }}]"),
                BaseType::Named(_) => format!("{name}: {{ {given}: … }}"),
            };
            return Some(format!("It is a field further inside: `{inside}`."));
        }
        if ROW.contains(&plain(given).as_str()) {
            return Some(format!("Did you mean `{name}`?"));
        }
    }
    alike(given, input.fields.keys().map(Name::as_str))
}

/// Proposes a field of a type: one that is spelt alike, or one further inside.
pub fn field(types: &Types, of: &str, given: &str) -> Option<String> {
    let kind = types.get(of)?;
    within(types, of, given)
        .or_else(|| alike(given, kind.fields().map(Name::as_str)))
        .or_else(|| {
            let mut rows = ROWS.iter().filter_map(|via| types.field(of, via));
            let row = types.get(named(&rows.next()?.of))?;
            let found = alike(given, row.fields().map(Name::as_str))?;
            Some(format!("Fields of a row are under `{}`. {found}", ROWS[0]))
        })
}

/// The field where the rows of a list are, or the one field that leads to what has the name.
fn within(types: &Types, of: &str, given: &str) -> Option<String> {
    let leads = |via: &str| {
        let inner = named(&types.field(of, via)?.of);
        let inside = match types.has_fields(named(&types.field(inner, given)?.of)) {
            true => format!("{given} {{ … }}"),
            false => given.to_owned(),
        };
        Some(format!("{via} {{ {inside} }}"))
    };
    if let Some(rows) = ROWS.iter().find_map(|via| leads(via)) {
        return Some(format!("It is a field of each row: `{rows}`."));
    }
    let fields = match types.get(of)? {
        Kind::Fields(fields) if of.ends_with("Payload") => fields,
        _ => return None,
    };
    // `query` reads whatever there is, and not what was written.
    let own = fields.keys().filter(|via| *via != "query");
    let mut leading = own.filter_map(|via| leads(via));
    match (leading.next(), leading.next()) {
        (Some(only), None) => Some(format!("It is a field further inside: `{only}`.")),
        _ => in_results(types, of, given),
    }
}

/// Where the rows are that a mutation of several has written, and a field of each.
fn in_results(types: &Types, of: &str, given: &str) -> Option<String> {
    let result = types.get(named(&types.field(of, RESULTS)?.of))?;
    let (row, of) = result.fields().find_map(|name| {
        let field = types.field(named(&types.field(of, RESULTS)?.of), name)?;
        types.field(named(&field.of), "id")?;
        Some((name, named(&field.of)))
    })?;
    if types.field(of, given).is_some() {
        return Some(format!(
            "It is a field of each row: `{RESULTS} {{ {row} {{ {given} }} }}`."
        ));
    }
    let rows = ["nodes", "returning", "rows", "records", "items", "data"];
    rows.contains(&plain(given).as_str())
        .then(|| format!("The rows are under `{RESULTS} {{ {row} {{ … }} }}`."))
}

/// How fields of a type are selected, as an example.
pub fn selection(types: &Types, name: &str, of: &str) -> Option<String> {
    let example = |of: &str| {
        let Some(Kind::Fields(fields) | Kind::Interface(fields)) = types.get(of) else {
            return None;
        };
        let plain = fields.iter().filter(|(field, known)| {
            !types.has_fields(named(&known.of)) && !field.starts_with("__")
        });
        let least = plain.map(|(field, _)| field.as_str()).min();
        match fields.contains_key("id") {
            true => Some("id".to_owned()),
            false => least.map(str::to_owned),
        }
    };
    let inside = match types.field(of, ROWS[0]) {
        Some(rows) => format!("{} {{ {} }}", ROWS[0], example(named(&rows.of))?),
        None => example(of)?,
    };
    Some(format!("An example is `{name} {{ {inside} }}`."))
}

/// The values of an enum, and the one that was meant.
pub fn value<'n>(given: Option<&str>, values: impl Iterator<Item = &'n str>) -> String {
    let mut values: Vec<&str> = values.collect();
    values.sort_unstable();
    let all = format!("It takes one of {}.", values.join(", "));
    match given.and_then(|given| alike(given, values.iter().copied())) {
        Some(meant) => format!("{meant} {all}"),
        None => all,
    }
}

/// A name without what conventions differ in.
fn plain(name: &str) -> String {
    name.replace('_', "").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proposed(given: &str, known: &[&str]) -> String {
        alike(given, known.iter().copied()).unwrap_or_default()
    }

    #[test]
    fn names_that_are_spelt_alike_are_proposed() {
        let fields = ["email", "emails", "id", "firstName", "createdAt"];
        assert_eq!(proposed("emial", &fields), "Did you mean `email`?");
        assert_eq!(proposed("first_name", &fields), "Did you mean `firstName`?");
        assert_eq!(proposed("createAt", &fields), "Did you mean `createdAt`?");
        assert_eq!(proposed("emai", &fields), "Did you mean `email`?");
        assert_eq!(
            proposed("emailz", &fields),
            "Did you mean `emails` or `email`?"
        );
        assert_eq!(proposed("x", &["email"]), "");
        assert_eq!(proposed("password", &fields), "");
    }

    #[test]
    fn fields_of_other_servers_are_known() {
        let fields = [
            "category",
            "categories",
            "createCategory",
            "createCategories",
            "createCustomer",
            "createCustomers",
            "customer",
            "customers",
            "deleteCustomer",
            "deleteCustomers",
            "updateCustomer",
            "updateCustomers",
        ];
        for (given, meant) in [
            ("insert_customers", "`createCustomers`"),
            ("insert_customers_one", "`createCustomer`"),
            ("insertCustomer", "`createCustomer`"),
            ("createManyCustomer", "`createCustomers`"),
            ("findUniqueCustomer", "`customer`"),
            ("listCustomers", "`customers`"),
            ("removeCustomer", "`deleteCustomer`"),
            ("updeteCustomer", "`updateCustomer` or `updateCustomers`"),
            ("deleteCustmer", "`deleteCustomer`"),
            ("insert_categories", "`createCategories`"),
            ("insert_category_one", "`createCategory`"),
            ("update_customers", "`updateCustomers`"),
            ("update_customers_by_pk", "`updateCustomer`"),
            ("delete_customers_by_pk", "`deleteCustomer`"),
            ("customers_aggregate", "`customers` with `aggregate` inside"),
            ("customersConnection", "`customers`"),
            ("allCategories", "`categories`"),
            ("customers_by_pk", "`customer`"),
            ("customerById", "`customer`"),
        ] {
            assert_eq!(proposed(given, &fields), format!("Did you mean {meant}?"));
        }
        assert_eq!(proposed("delete_categories", &fields), "");
        // What is like a mutation in its letters alone is no proposal.
        for given in [
            "undeleteCustomer",
            "selectCustomer",
            "createCustody",
            "deliverCustomer",
            "readCustomers",
            &"customer".repeat(1000),
        ] {
            assert_eq!(proposed(given, &fields), "", "{given}");
        }
        assert_eq!(proposed("insert_orders", &fields), "");
    }

    #[test]
    fn arguments_and_types_of_other_servers_are_known() {
        let update = ["by", "change", "expectedVersion", "patch"];
        let types = [
            "BigInt",
            "CustomerFilter",
            "CustomerOrderBy",
            "CustomerToManyFilter",
            "DateTime",
            "Decimal",
            "ID",
            "JSON",
        ];
        let cases: &[(&[&str], &str, &str)] = &[
            (&update, "_set", "patch"),
            (&update, "pk_columns", "by"),
            (&update, "where", "by"),
            (&update, "id", "by"),
            (&["input"], "object", "input"),
            (&["input"], "data", "input"),
            (&["nodeId"], "id", "nodeId"),
            (&["by", "having", "orderBy"], "where", "having"),
            (&["every", "none", "some"], "any", "some"),
            (&["avg", "max", "sum"], "average", "avg"),
            (
                &["hasNextPage", "hasPreviousPage"],
                "hasNext",
                "hasNextPage",
            ),
            (&types, "uuid", "ID"),
            (&types, "timestamptz", "DateTime"),
            (&types, "Datetime", "DateTime"),
            (&types, "DateTimeTz", "DateTime"),
            (&types, "numeric", "Decimal"),
            (&types, "jsonb", "JSON"),
            (&types, "bigint", "BigInt"),
            (&types, "CustomerWhereInput", "CustomerFilter"),
            (&types, "customers_bool_exp", "CustomerFilter"),
            (&types, "customers_order_by", "CustomerOrderBy"),
        ];
        for (known, given, meant) in cases {
            assert_eq!(
                proposed(given, known),
                format!("Did you mean `{meant}`?"),
                "{given}"
            );
        }
    }

    #[test]
    fn names_of_other_servers_are_known() {
        let operators = [
            "eq",
            "ne",
            "gt",
            "gte",
            "in",
            "isNull",
            "like",
            "startsWith",
        ];
        for (given, meant) in [("_nlike", "like"), ("notStartsWith", "startsWith")] {
            assert_eq!(
                proposed(given, &operators),
                format!(
                    "Put `not` around the condition of the field, as in `not: {{ … {{ {meant}: … }} }}`."
                )
            );
        }
        assert_eq!(proposed("isNotNull", &operators), "It is `isNull: false`.");
        for (given, meant) in [
            ("_gte", "gte"),
            ("_eq", "eq"),
            ("_neq", "ne"),
            ("equals", "eq"),
            ("_is_null", "isNull"),
            ("qe", "eq"),
        ] {
            assert_eq!(
                proposed(given, &operators),
                format!("Did you mean `{meant}`?")
            );
        }
        let arguments = ["where", "orderBy", "first", "after", "offset"];
        for (given, meant) in [
            ("limit", "first"),
            ("filter", "where"),
            ("order_by", "orderBy"),
            ("skip", "offset"),
        ] {
            assert_eq!(
                proposed(given, &arguments),
                format!("Did you mean `{meant}`?")
            );
        }
    }
}
