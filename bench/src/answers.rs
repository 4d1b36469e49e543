//! Compares the answers of the servers, value by value.

use anyhow::{Context, bail, ensure};
use serde_json::Value;

use crate::cases::Case;
use crate::client::Connection;
use crate::random::Random;
use crate::seed::{Role, Size};
use crate::server::Server;

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
        for server in servers {
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

/// Writes what the servers write differently in one way: enum values in capitals, moments without
/// a fraction of zero and with `Z`.
fn normalise(answer: &mut Value) {
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
    use serde_json::json;

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
