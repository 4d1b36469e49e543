//! Proposals where a name does not exist: names that are spelt alike, and what is called otherwise
//! on other servers.

use async_graphql_value::Name;

use super::types::{Kind, Types, named};

/// Most names of one proposal.
const MOST: usize = 3;

/// Where the rows of a list are, and the row of an edge.
const ROWS: [&str; 2] = ["nodes", "node"];

/// Names of other servers in lower case without underscores, and what means the same here.
const HABITS: &[(&[&str], &[&str])] = &[
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
    (&["null", "exists", "isnotnull"], &["isNull"]),
    (
        &["regex", "iregex", "matches", "similar"],
        &["like", "ilike"],
    ),
    (
        &["includes", "icontains", "istartswith", "iendswith"],
        &["contains", "startsWith", "endsWith", "mode"],
    ),
    (&["items", "results", "data", "records", "rows"], &["nodes"]),
    (&["total", "count"], &["totalCount"]),
];

/// Proposes names among those that there are.
pub fn alike<'n>(given: &str, known: impl Iterator<Item = &'n str>) -> Option<String> {
    let plain = plain(given);
    let habits = HABITS
        .iter()
        .filter(|(theirs, _)| theirs.contains(&&*plain));
    let habits: Vec<&str> = habits.flat_map(|(_, ours)| ours.iter().copied()).collect();
    // A third of a name may be another one.
    let most = (given.chars().count() / 3).clamp(1, 3);
    let mut found: Vec<(usize, &str)> = known
        .filter_map(|name| {
            let distance = match habits.contains(&name) {
                true => 0,
                false => strsim::osa_distance(&plain, &self::plain(name)),
            };
            (distance <= most).then_some((distance, name))
        })
        .collect();
    found.sort_unstable();
    // What is only like the name says nothing where the same one is there.
    if let Some(&(0, _)) = found.first() {
        found.retain(|(distance, _)| *distance == 0);
    }
    found.truncate(MOST);
    let found: Vec<String> = found.iter().map(|(_, name)| format!("`{name}`")).collect();
    Some(match &found[..] {
        [] => return None,
        [only] => format!("Did you mean {only}?"),
        [others @ .., last] => format!("Did you mean {} or {last}?", others.join(", ")),
    })
}

/// Proposes a field of a type: one that is spelt alike, or one further inside.
pub fn field(types: &Types, of: &str, given: &str) -> Option<String> {
    let kind = types.get(of)?;
    within(types, of, given).or_else(|| alike(given, kind.fields().map(Name::as_str)))
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
    let mut leading = fields.keys().filter_map(|via| leads(via));
    match (leading.next(), leading.next()) {
        (Some(only), None) => Some(format!("It is a field further inside: `{only}`.")),
        _ => None,
    }
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
            "Did you mean `email` or `emails`?"
        );
        assert_eq!(proposed("x", &["email"]), "");
        assert_eq!(proposed("password", &fields), "");
    }

    #[test]
    fn names_of_other_servers_are_known() {
        let operators = ["eq", "ne", "gt", "gte", "in", "isNull"];
        for (given, meant) in [
            ("_gte", "gte"),
            ("_eq", "eq"),
            ("_neq", "ne"),
            ("equals", "eq"),
            ("_is_null", "isNull"),
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
