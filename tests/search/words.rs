//! Words: what a naive search over the same texts finds, and in which order.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use uuid::Uuid;

use super::walk;
use crate::harness::client::Client;
use crate::harness::database::create;
use crate::harness::run;
use crate::harness::seed::{self, Side};

/// Few words, some of which others begin with.
const WORDS: [&str; 7] = ["red", "reddish", "bag", "bags", "lamp", "lampshade", "blue"];

#[derive(Clone, Debug)]
struct Text {
    title: Vec<usize>,
    description: Vec<usize>,
}

#[derive(Clone, Debug)]
enum Part {
    Word(usize),
    Without(usize),
    Phrase(usize, usize),
}

/// Alternatives, in each of which all parts must hold.
#[derive(Clone, Debug)]
struct Sought {
    alternatives: Vec<Vec<Part>>,
    /// How many characters the last word lacks.
    unfinished: usize,
}

impl Sought {
    fn text(&self) -> String {
        let alternatives = self.alternatives.iter().map(|parts| {
            let parts = parts.iter().map(|part| match part {
                Part::Word(word) => WORDS[*word].to_owned(),
                Part::Without(word) => format!("-{}", WORDS[*word]),
                Part::Phrase(one, other) => format!("\"{} {}\"", WORDS[*one], WORDS[*other]),
            });
            parts.collect::<Vec<_>>().join(" ")
        });
        let mut text = alternatives.collect::<Vec<_>>().join(" or ");
        if self.is_unfinished() {
            text.truncate(text.len() - self.unfinished);
        }
        text
    }

    fn excludes(&self) -> bool {
        let mut parts = self.alternatives.iter().flatten();
        parts.any(|part| matches!(part, Part::Without(_)))
    }

    /// Whether the last word stands for all that begin with it.
    fn is_open(&self) -> bool {
        let last = self.alternatives.last().and_then(|parts| parts.last());
        matches!(last, Some(Part::Word(_))) && !self.excludes()
    }

    fn is_unfinished(&self) -> bool {
        self.is_open() && self.unfinished > 0
    }

    /// Whether a row has it. With nothing excluded, words are looked for in the title and the
    /// description together, or as they are written in the title alone; in the language `simple`,
    /// that is the same.
    fn matches(&self, row: &Text) -> bool {
        let last = self.alternatives.len() - 1;
        let mut alternatives = self.alternatives.iter().enumerate();
        alternatives.any(|(index, parts)| {
            parts.iter().enumerate().all(|(place, part)| {
                let open = self.is_open() && index == last && place + 1 == parts.len();
                holds(row, part, open.then_some(self.unfinished))
            })
        })
    }
}

fn holds(row: &Text, part: &Part, open: Option<usize>) -> bool {
    let has = |test: &dyn Fn(&str) -> bool| {
        let words = row.title.iter().chain(&row.description);
        words.map(|&word| WORDS[word]).any(test)
    };
    match part {
        Part::Word(word) => match open {
            Some(lacks) => {
                let start = &WORDS[*word][..WORDS[*word].len() - lacks];
                has(&|one| one.starts_with(start))
            }
            None => has(&|one| one == WORDS[*word]),
        },
        Part::Without(word) => !has(&|one| one == WORDS[*word]),
        Part::Phrase(one, other) => {
            // The texts of a row follow each other.
            let words: Vec<usize> = row.title.iter().chain(&row.description).copied().collect();
            words.windows(2).any(|pair| pair == [*one, *other])
        }
    }
}

fn texts() -> impl Strategy<Value = Vec<Text>> {
    let words = || prop::collection::vec(0..WORDS.len(), 0..5);
    let one = (words(), words()).prop_map(|(title, description)| Text { title, description });
    prop::collection::vec(one, 0..14)
}

fn sought() -> impl Strategy<Value = Sought> {
    let word = || 0..WORDS.len();
    let part = prop_oneof![
        4 => word().prop_map(Part::Word),
        1 => word().prop_map(Part::Without),
        1 => (word(), word()).prop_map(|(one, other)| Part::Phrase(one, other)),
    ];
    let parts = prop::collection::vec(part, 1..4);
    (prop::collection::vec(parts, 1..3), 0..3usize).prop_map(|(alternatives, unfinished)| Sought {
        alternatives,
        unfinished,
    })
}

fn insert(rows: &[Text]) -> (String, Vec<Uuid>) {
    let workspace = Side::A.workspace();
    let mut script = format!("delete from products where workspace_id = '{workspace}';\n");
    let text = |words: &[usize]| {
        let words = words.iter().map(|&word| WORDS[word]);
        words.collect::<Vec<_>>().join(" ")
    };
    let mut ids = Vec::new();
    for row in rows {
        let id = Uuid::new_v4();
        script.push_str(&format!(
            "insert into products (workspace_id, id, title, description, base_price) values ('{workspace}', '{id}', '{}', '{}', 1);\n",
            text(&row.title),
            text(&row.description),
        ));
        ids.push(id);
    }
    (script, ids)
}

#[test]
fn words_find_what_a_naive_search_finds() {
    run(async {
        let database = create(Some(seed::accounts)).await;
        let workspace = Side::A.workspace();
        database
            .admin_script(&format!(
                "update workspaces set settings = '{{\"searchLanguage\": \"simple\"}}' where id = '{workspace}'"
            ))
            .await;
        let client = Client::new(&database);
        let mut runner = TestRunner::new(Config {
            cases: 96,
            failure_persistence: None,
            ..Config::default()
        });
        let handle = tokio::runtime::Handle::current();
        let cases = (texts(), sought());
        tokio::task::block_in_place(|| {
            runner.run(&cases, |(rows, sought)| {
                handle.block_on(async {
                    let (script, ids) = insert(&rows);
                    database.admin_script(&script).await;
                    let search = json!({"text": sought.text(), "typos": false});
                    let list = ("products", "Product");
                    let found = walk(&client, list, &search, &Value::Null, false).await;
                    let mut expected: Vec<String> = rows
                        .iter()
                        .zip(&ids)
                        .filter(|(row, _)| sought.matches(row))
                        .map(|(_, id)| id.to_string())
                        .collect();
                    let mut met: Vec<String> = found.iter().map(|(id, _)| id.clone()).collect();
                    met.sort();
                    expected.sort();
                    prop_assert_eq!(&met, &expected, "{}", sought.text());
                    // The best come first, and equal ones in the order of their keys.
                    let place = |(id, score): &(String, f64)| (*score, id.clone());
                    let sorted = found.is_sorted_by(|one, other| place(one) >= place(other));
                    prop_assert!(sorted, "{:?}", found);
                    prop_assert!(found.iter().all(|(_, score)| *score >= 1.0));
                    let back = walk(&client, list, &search, &Value::Null, true).await;
                    prop_assert_eq!(back, found);
                    Ok(())
                })
            })
        })
        .expect("every search");
    });
}

#[test]
fn a_name_with_typos_comes_after_those_with_the_words() {
    run(async {
        let database = create(Some(seed::accounts)).await;
        let workspace = Side::A.workspace();
        let insert = |title: &str| {
            format!(
                "insert into products (workspace_id, title, base_price) values ('{workspace}', '{title}', 1);\n"
            )
        };
        let titles = ["Paper lantern", "Paper lanternx", "Wooden box"];
        let script: String = titles.iter().map(|title| insert(title)).collect();
        database.admin_script(&script).await;
        let client = Client::new(&database);
        let titles = |text: &str, typos: bool| {
            let search = json!({"text": text, "typos": typos});
            let query = "query ($s: HybridSearch) { products(search: $s) { edges { score node { title } } } }";
            let client = &client;
            async move {
                let answer = client.query(Side::A, query, json!({"s": search})).await;
                let edges = answer["data"]["products"]["edges"].clone();
                let edges = edges.as_array().cloned().unwrap_or_default();
                let one = |edge: &Value| {
                    let title = edge["node"]["title"].as_str().expect("a title").to_owned();
                    (title, edge["score"].as_f64().expect("a score") >= 1.0)
                };
                edges.iter().map(one).collect::<Vec<_>>()
            }
        };
        let lantern = |word| ("Paper lantern".to_owned(), word);
        let lanternx = |word| ("Paper lanternx".to_owned(), word);
        assert_eq!(
            titles("lantern ", true).await,
            [lantern(true), lanternx(false)]
        );
        assert_eq!(titles("lantern ", false).await, [lantern(true)]);
        let typo = titles("lanternn", true).await;
        assert!(typo.contains(&lantern(false)), "{typo:?}");
        assert_eq!(titles("lanternn", false).await, []);
        assert_eq!(titles("zzzzzz", true).await, []);
    });
}

#[test]
fn no_text_fails() {
    run(async {
        let database = create(Some(seed::accounts)).await;
        let client = Client::new(&database);
        let mut runner = TestRunner::new(Config {
            cases: 128,
            failure_persistence: None,
            ..Config::default()
        });
        let handle = tokio::runtime::Handle::current();
        let texts = prop_oneof![
            "[^\\x00]{0,40}",
            "[-\"'&|!<>():*\\\\a-z ]{0,40}",
            "(or|and|-|\"| |a|é|😀){0,20}",
        ];
        tokio::task::block_in_place(|| {
            runner.run(&texts, |text| {
                handle.block_on(async {
                    let query = "query ($t: String!) { customers(search: { text: $t }) { totalCount edges { score highlights { snippet } } } }";
                    let answer = client.query(Side::A, query, json!({"t": text})).await;
                    prop_assert!(answer.get("errors").is_none(), "{}: {}", text, answer);
                    Ok(())
                })
            })
        })
        .expect("every text");
        let long = "😀".repeat(500);
        let query = "query ($t: String!) { customers(search: { text: $t }) { totalCount } }";
        let answer = client.query(Side::A, query, json!({"t": long})).await;
        assert_eq!(answer["data"]["customers"]["totalCount"], json!(0));
        let answer = client
            .query(Side::A, query, json!({"t": format!("{long}a")}))
            .await;
        assert_eq!(
            answer["errors"][0]["extensions"]["code"],
            json!("BAD_USER_INPUT")
        );
    });
}

/// PostgreSQL refuses a row whose words take more than a megabyte.
#[test]
fn a_huge_text_can_be_stored_and_searched() {
    run(async {
        let database = create(Some(seed::accounts)).await;
        let workspace = Side::A.workspace();
        database
            .admin_script(&format!(
                "insert into products (workspace_id, title, description, tags, base_price)
                   select '{workspace}', 'needle', 'haystack ' || string_agg(md5((-n)::text), ' '),
                     array_agg(md5('t' || n)), 1 from generate_series(1, 60000) n"
            ))
            .await;
        let client = Client::new(&database);
        for word in ["needle", "haystack"] {
            let query = "query ($t: String!) { products(search: { text: $t }) { totalCount edges { highlights { field snippet } } } }";
            let answer = client.query(Side::A, query, json!({"t": word})).await;
            let list = &answer["data"]["products"];
            assert_eq!(list["totalCount"], json!(1), "{word}");
            let highlights = list["edges"][0]["highlights"].to_string();
            assert!(
                highlights.contains(&format!("<mark>{word}</mark>")),
                "{word}"
            );
        }
    });
}
