//! Compares the answers of the servers, value by value.

use anyhow::{Context, bail, ensure};
use serde_json::{Map, Value, json};

use crate::cases::Case;
use crate::client::Connection;
use crate::random::Random;
use crate::seed::{Role, Size};
use crate::server::Server;
use crate::writes;

const QUESTIONS: usize = 20;

/// Asks all servers the same questions and compares their answers as JSON.
pub async fn compare(
    case: &Case,
    servers: &[Server],
    role: Role,
    size: Size,
) -> anyhow::Result<()> {
    let mut random = Random::new(7);
    let mut empty = 0;
    for _ in 0..QUESTIONS {
        let question = (case.ask)(&mut random, size);
        let mut answers = Vec::new();
        for server in servers.iter().filter(|one| case.is_for(one.program, size)) {
            let mut connection = Connection::open(server.address).await?;
            let body = connection.ask(&server.request(&question, role)).await?;
            let mut answer: Value = serde_json::from_slice(body).with_context(|| {
                format!(
                    "{} does not answer JSON to `{}`",
                    server.program.name(),
                    case.name
                )
            })?;
            normalise(&mut answer);
            if question.body.is_some() {
                mask(&mut answer, question.makes_rows);
            }
            if answer.get("errors").is_some() {
                bail!(
                    "{} answers `{}` with an error: {answer}",
                    server.program.name(),
                    case.name
                );
            }
            if answers.first().is_some_and(|first| *first != answer) {
                bail!(
                    "{} answers `{}` otherwise than {}:\n{answer}\n{}",
                    server.program.name(),
                    case.name,
                    servers[0].program.name(),
                    answers[0],
                );
            }
            answers.push(answer);
        }
        empty += usize::from(answers[0].to_string().len() < 40);
    }
    ensure!(
        empty * 2 < QUESTIONS || case.name == "count",
        "most answers to `{}` are empty",
        case.name
    );
    Ok(())
}

/// Takes out what differs from write to write: ids, times and the unique part of numbers where rows
/// are made. PostGraphile has no errors as data, so an empty list of them goes as well.
fn mask(answer: &mut Value, makes_rows: bool) {
    match answer {
        Value::Array(items) => items.iter_mut().for_each(|item| mask(item, makes_rows)),
        Value::Object(fields) => {
            fields.retain(|name, value| name != "errors" || *value != json!([]));
            for (name, value) in fields {
                match (name.as_str(), &mut *value) {
                    ("id" | "orderDate", Value::String(text)) if makes_rows => text.clear(),
                    ("orderNumber", Value::String(text)) if makes_rows => {
                        *text = writes::without_unique(text).to_owned();
                    }
                    _ => mask(value, makes_rows),
                }
            }
        }
        _ => {}
    }
}

/// Writes what the servers write differently in one way: enum values in capitals, moments without
/// a fraction of zero and with `Z`, groups as the gateway writes them.
fn normalise(answer: &mut Value) {
    if let Some(groups) = answer.get_mut("groups") {
        if let Value::Array(aggregates) = groups {
            *groups = json!({"nodes": aggregates.iter().map(group).collect::<Vec<_>>()});
        }
        normalise(groups);
        // PostGraphile gives groups no order.
        if let Some(Value::Array(nodes)) = groups.get_mut("nodes") {
            nodes.sort_by_cached_key(Value::to_string);
        }
        return;
    }
    match answer {
        Value::Array(items) => items.iter_mut().for_each(normalise),
        Value::Object(fields) => {
            for (name, value) in fields {
                match (name.as_str(), &mut *value) {
                    ("status", Value::String(text)) => *text = text.to_ascii_uppercase(),
                    ("orderDate", Value::String(text)) => *text = moment(text),
                    _ => normalise(value),
                }
            }
        }
        _ => {}
    }
}

/// A group of PostGraphile as one of the gateway: the keys have the name of the key as their alias,
/// and what is counted comes as a text.
fn group(aggregates: &Value) -> Value {
    let mut group = Map::new();
    for (name, value) in aggregates.as_object().into_iter().flatten() {
        match (name.as_str(), value) {
            (_, Value::Array(keys)) => {
                group.insert("key".to_owned(), json!({name.as_str(): keys.first()}));
            }
            ("count", Value::Object(counts)) => {
                let count = counts.values().next().and_then(Value::as_str);
                let count = count.and_then(|count| count.parse::<u64>().ok());
                group.insert(name.clone(), json!(count));
            }
            (_, Value::Object(columns)) => {
                for (column, value) in columns {
                    group.insert(column.clone(), json!({name.as_str(): value}));
                }
            }
            _ => {}
        }
    }
    Value::Object(group)
}

fn moment(text: &str) -> String {
    let Some(local) = text.strip_suffix("+00:00").or(text.strip_suffix('Z')) else {
        return text.to_owned();
    };
    let local = match local.split_once('.') {
        Some((seconds, fraction)) => match fraction.trim_end_matches('0') {
            "" => seconds.to_owned(),
            fraction => format!("{seconds}.{fraction}"),
        },
        None => local.to_owned(),
    };
    local + "Z"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_means_the_same_becomes_the_same() {
        let mut one = json!({"orders": [{"status": "shipped", "orderDate": "2020-01-01T15:25:12.000000+00:00"}]});
        let mut other =
            json!({"orders": [{"status": "SHIPPED", "orderDate": "2020-01-01T15:25:12Z"}]});
        normalise(&mut one);
        normalise(&mut other);
        assert_eq!(one, other);
    }

    #[test]
    fn what_differs_from_write_to_write_is_masked() {
        let answer = |id: &str, number: &str, total: &str| {
            let mut answer = json!({"createOrder": {"errors": [], "order": {"id": id,
                "orderNumber": number, "totalAmount": total}}});
            mask(&mut answer, true);
            answer
        };
        let first = answer("1", "B1f.3", "1.50");
        assert_eq!(first, answer("2", "B20.3", "1.50"));
        assert_ne!(first, answer("1", "B1f.4", "1.50"));
        assert_ne!(first, answer("1", "B1f.3", "2.50"));
        let mut failed = json!({"createOrder": {"errors": [{"message": "no"}]}});
        let before = failed.clone();
        mask(&mut failed, true);
        assert_eq!(failed, before);
    }

    #[test]
    fn groups_become_the_same() {
        let mut gateway = json!({"groups": {"nodes": [
            {"key": {"orderDate": "2020-02-01T00:00:00Z"}, "count": 3, "totalAmount": {"sum": "7.50"}},
            {"key": {"orderDate": "2020-01-01T00:00:00Z"}, "count": 2, "totalAmount": {"sum": "5.50"}},
        ]}});
        let mut postgraphile = json!({"groups": [
            {"orderDate": ["2020-01-01T00:00:00.000000+00:00"], "count": {"rowId": "2"}, "sum": {"totalAmount": "5.50"}},
            {"orderDate": ["2020-02-01T00:00:00.000000+00:00"], "count": {"rowId": "3"}, "sum": {"totalAmount": "7.50"}},
        ]});
        normalise(&mut gateway);
        normalise(&mut postgraphile);
        assert_eq!(gateway, postgraphile);
    }

    #[test]
    fn what_differs_stays_different() {
        assert_eq!(
            moment("2020-01-01T15:25:12.120000+00:00"),
            "2020-01-01T15:25:12.12Z"
        );
        assert_eq!(
            moment("2020-01-01T15:25:12+01:00"),
            "2020-01-01T15:25:12+01:00"
        );
        let mut text = json!({"sku": "shipped", "totalAmount": "1.50"});
        normalise(&mut text);
        assert_eq!(text, json!({"sku": "shipped", "totalAmount": "1.50"}));
    }
}
