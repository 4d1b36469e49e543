//! What is wrong with an answer.

use serde_json::Value as Json;

use super::data::{MARKS, WORDS};
use crate::harness::generate::parts;

/// What a request came to, as far as anybody outside or the operator can tell.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Seen {
    pub status: u16,
    pub body: String,
    /// The texts of the statements that were sent.
    pub statements: Vec<String>,
    pub logs: String,
}

/// Compares what was seen over all data with what is seen where nothing is hidden because nothing
/// else is there. The answer is a sentence when something of the hidden rows shows. `sent` is the
/// body of the request, and `marks` whether all that is marked is hidden.
pub fn judge(sent: &str, seen: &Seen, twin: &Seen, marks: bool) -> Option<String> {
    let answers = match answers(&seen.body) {
        Ok(answers) => answers,
        Err(error) => return Some(format!("the answer is no JSON: {error}")),
    };
    for answer in answers {
        if let Some(mark) = mark_in_values(&answer["data"]).filter(|_| marks) {
            return Some(format!("`{mark}` shows in the data"));
        }
        if let Some(word) = told(&answer["errors"], sent) {
            return Some(format!("`{word}` shows in an error and was not sent"));
        }
    }
    // The log is full of times and durations, so that only words say anything there.
    if let Some(mark) = WORDS.iter().find(|mark| seen.logs.contains(**mark)) {
        return Some(format!("`{mark}` shows in the log: {}", seen.logs));
    }
    if seen.body.contains("\"INTERNAL\"") {
        return Some("the gateway failed inside".to_owned());
    }
    if (seen.status, &seen.body) != (twin.status, &twin.body) {
        return Some(format!(
            "hidden rows change the answer; without them it is {} {}",
            twin.status, twin.body
        ));
    }
    if seen.statements != twin.statements {
        return Some(format!(
            "hidden rows change the statements; without them they are {:#?}",
            twin.statements
        ));
    }
    None
}

/// The answer to a request, or those to a batch.
fn answers(body: &str) -> Result<Vec<Json>, serde_json::Error> {
    Ok(match serde_json::from_str(body)? {
        Json::Array(answers) => answers,
        answer => vec![answer],
    })
}

/// A mark in a value of the data, also where it is wrapped into a cursor or node id. Keys are the
/// caller's own words.
fn mark_in_values(value: &Json) -> Option<&'static str> {
    match value {
        Json::Object(members) => members.values().find_map(mark_in_values),
        Json::Array(items) => items.iter().find_map(mark_in_values),
        Json::String(text) => mark_in(text).or_else(|| {
            let parts = parts(text)?;
            parts.iter().find_map(mark_in_values)
        }),
        Json::Number(number) => mark_in(&number.to_string()),
        Json::Null | Json::Bool(_) => None,
    }
}

fn mark_in(text: &str) -> Option<&'static str> {
    MARKS.into_iter().find(|mark| text.contains(mark))
}

/// A word with a mark that an error tells although the caller did not send it.
fn told(errors: &Json, sent: &str) -> Option<String> {
    match errors {
        Json::Object(members) => members.values().find_map(|member| told(member, sent)),
        Json::Array(items) => items.iter().find_map(|item| told(item, sent)),
        Json::String(text) => text
            .split(|character: char| !character.is_alphanumeric() && !"-_.@".contains(character))
            .map(|word| word.trim_end_matches('.'))
            .find(|word| mark_in(word).is_some() && !sent.contains(word))
            .map(str::to_owned),
        Json::Number(number) => {
            let number = number.to_string();
            (mark_in(&number).is_some() && !sent.contains(&number)).then_some(number)
        }
        Json::Null | Json::Bool(_) => None,
    }
}

/// What an answer, or those to a batch, came to.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Shape {
    pub errors: bool,
    /// Whether a row was found.
    pub rows: bool,
}

pub fn shape(body: &str) -> Shape {
    let answers = answers(body).unwrap_or_default();
    Shape {
        errors: answers.iter().any(|answer| answer.get("errors").is_some()),
        rows: answers.iter().any(|answer| holds_row(&answer["data"])),
    }
}

/// Of a list the rows count; of a lookup, that it found one.
fn holds_row(data: &Json) -> bool {
    let Some(fields) = data.as_object() else {
        return false;
    };
    fields.values().filter_map(Json::as_object).any(|members| {
        let mut lists = members.values().filter_map(Json::as_array).peekable();
        match lists.peek() {
            Some(_) => lists.any(|rows| !rows.is_empty()),
            None => !members.is_empty(),
        }
    })
}

#[test]
fn every_kind_of_leak_is_noticed() {
    let sent = "{ a(b: \"bravo 1\") }";
    let clean = Seen {
        status: 200,
        body: r#"{"errors":[{"message":"`bravo 1` is no such thing."}],"data":{"bravo":1}}"#
            .to_owned(),
        statements: vec!["select 1".to_owned()],
        logs: "operation".to_owned(),
    };
    assert_eq!(judge(sent, &clean, &clean, true), None);
    let data = |body: &str| Seen {
        body: body.to_owned(),
        ..clean.clone()
    };
    let both = [
        data(r#"{"data":{"a":["alpha",{"b":"the bravo 1"}]}}"#),
        data(r#"{"data":{"a":7770001}}"#),
        // A cursor: ["x","bbbbbbbb-0000"].
        data(r#"{"data":{"a":"WyJ4IiwiYmJiYmJiYmItMDAwMCJd"}}"#),
        data(r#"{"errors":[{"message":"Key (email)=(bravo2@example.com) exists."}]}"#),
        data(r#"{"errors":[{"extensions":{"code":"INTERNAL"}}]}"#),
        data("not JSON"),
        Seen {
            logs: "id=bbbbbbbb-0000".to_owned(),
            ..clean.clone()
        },
    ];
    for seen in both {
        assert!(judge(sent, &seen, &seen, true).is_some(), "{seen:?}");
    }
    let unlike = [
        data(r#"{"data":{"totalCount":3}}"#),
        Seen {
            status: 400,
            ..clean.clone()
        },
        Seen {
            statements: Vec::new(),
            ..clean.clone()
        },
    ];
    for seen in unlike {
        assert!(judge(sent, &seen, &clean, true).is_some(), "{seen:?}");
    }
}
