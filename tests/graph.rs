//! Walks over random graphs, against a plain breadth-first search: cycles, self loops, parallel
//! relationships, both directions, private entities and relationships of others, and another
//! workspace whose rows have the same ids.

use std::collections::HashSet;

use serde_json::{Value, json};
use tessera::session::Role;
use uuid::Uuid;

use crate::harness::client::{Client, token_of};
use crate::harness::database::create;
use crate::harness::run;
use crate::harness::seed::{self, Side};

const ENTITIES: usize = 24;
const RELATIONSHIPS: usize = 60;
const TYPES: [&str; 3] = ["knows", "owns", "likes"];
const ROUNDS: usize = 60;

/// SplitMix64.
struct Random(u64);

impl Random {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((word ^ (word >> 31)) % most as u64) as usize
    }
}

/// An edge as the test knows it; strength in hundredths.
struct Edge {
    id: Uuid,
    source: usize,
    target: usize,
    kind: usize,
    strength: usize,
    user: Option<usize>,
}

struct Graph {
    /// The user of each entity.
    users: Vec<Option<usize>>,
    edges: Vec<Edge>,
}

fn entity(number: usize) -> Uuid {
    Uuid::from_u128(0xe000_0000 << 96 | number as u128)
}

impl Graph {
    fn random(seed: u64) -> Self {
        let mut random = Random(seed);
        // Mostly of everybody, some of user 0 or 1.
        let user =
            |random: &mut Random| [Some(0), Some(1), None, None, None, None][random.below(6)];
        let users = (0..ENTITIES).map(|_| user(&mut random)).collect();
        let edge = |number: usize| {
            let source = random.below(ENTITIES);
            Edge {
                id: Uuid::from_u128(0xa000_0000 << 96 | number as u128),
                source,
                // One in twelve leads to where it began; others are often parallel.
                target: match random.below(12) {
                    0 => source,
                    _ => (source + 1 + random.below(6)) % ENTITIES,
                },
                kind: random.below(TYPES.len()),
                strength: 25 * (1 + random.below(4)),
                user: user(&mut random),
            }
        };
        Self {
            users,
            edges: (0..RELATIONSHIPS).map(edge).collect(),
        }
    }

    fn fill(&self, side: Side) -> String {
        let workspace = side.workspace();
        let user = |user: Option<usize>| match user {
            Some(user) => format!("'{}'", side.id("users", user)),
            None => "null".to_owned(),
        };
        let mut script = String::new();
        for (number, &of) in self.users.iter().enumerate() {
            script += &format!(
                "insert into graph_entities (workspace_id, id, user_id, entity_type, name) \
                 values ('{workspace}', '{}', {}, 'concept', '{} {number}');\n",
                entity(number),
                user(of),
                side.mark()
            );
        }
        for edge in &self.edges {
            script += &format!(
                "insert into graph_relationships (workspace_id, id, user_id, source_entity_id, target_entity_id, relationship_type, strength) \
                 values ('{workspace}', '{}', {}, '{}', '{}', '{}', {}::numeric / 100);\n",
                edge.id,
                user(edge.user),
                entity(edge.source),
                entity(edge.target),
                TYPES[edge.kind],
                edge.strength
            );
        }
        script
    }

    /// What a user finds from an entity, as the API answers it.
    fn search(&self, from: usize, me: usize, asked: &Asked) -> Value {
        let mine = |user: Option<usize>| user.is_none_or(|user| user == me);
        let mut seen = HashSet::from([from]);
        let mut nodes: Vec<Value> = Vec::new();
        let mut frontier: Vec<(usize, Vec<Value>)> = vec![(from, Vec::new())];
        for depth in 1..=asked.depth {
            let mut found: Vec<(&Edge, usize, Vec<Value>)> = Vec::new();
            for (here, path) in &frontier {
                for edge in self.edges.iter().filter(|edge| {
                    mine(edge.user)
                        && asked.types.is_none_or(|types| types.contains(&edge.kind))
                        && edge.strength >= asked.strength
                }) {
                    let ends = [
                        (asked.direction != "INCOMING", edge.source, edge.target),
                        (asked.direction != "OUTGOING", edge.target, edge.source),
                    ];
                    for (_, _, to) in ends.into_iter().filter(|(way, at, _)| *way && at == here) {
                        if mine(self.users[to]) && !seen.contains(&to) {
                            found.push((edge, to, path.clone()));
                        }
                    }
                }
            }
            found.sort_by_key(|(edge, to, _)| (100 - edge.strength, entity(*to), edge.id));
            frontier.clear();
            for (edge, to, mut path) in found {
                if nodes.len() <= asked.first && seen.insert(to) {
                    path.push(json!({ "relationshipId": edge.id, "entityId": entity(to) }));
                    let name = format!("{} {to}", Side::A.mark());
                    nodes.push(json!({ "depth": depth, "entity": { "id": entity(to), "name": name }, "path": path }));
                    frontier.push((to, path));
                }
            }
        }
        let complete = nodes.len() <= asked.first;
        nodes.truncate(asked.first);
        json!({ "isComplete": complete, "nodes": nodes })
    }
}

struct Asked {
    depth: usize,
    direction: &'static str,
    types: Option<&'static [usize]>,
    /// In hundredths.
    strength: usize,
    first: usize,
}

impl Asked {
    fn random(random: &mut Random) -> Self {
        const SOME: [Option<&[usize]>; 5] = [None, None, Some(&[0]), Some(&[0, 2]), Some(&[])];
        Self {
            depth: 1 + random.below(5),
            direction: ["OUTGOING", "INCOMING", "BOTH"][random.below(3)],
            types: SOME[random.below(5)],
            strength: [0, 0, 50, 75][random.below(4)],
            first: [0, 1, 4, 10, 100][random.below(5)],
        }
    }

    fn variables(&self) -> Value {
        let types = self.types.map(|types| {
            let names = types.iter().map(|&one| TYPES[one]);
            names.collect::<Vec<_>>()
        });
        let strength = (self.strength > 0).then(|| format!("0.{}", self.strength));
        json!({
            "depth": self.depth, "direction": self.direction, "types": types,
            "strength": strength, "first": self.first,
        })
    }
}

const QUERY: &str = "query ($depth: Int, $direction: GraphDirection, $types: [String!], $strength: Decimal, $first: Int) {
  graphEntities(first: 100) { nodes { id
    neighbourhood(depth: $depth, direction: $direction, relationshipTypes: $types, minStrength: $strength, first: $first) {
      isComplete nodes { depth entity { id name } path { relationshipId entityId } } } } } }";

#[test]
fn a_walk_finds_what_a_search_does() {
    run(async {
        let (own, other) = (Graph::random(1), Graph::random(2));
        let database = create(Some(seed::accounts)).await;
        let script = own.fill(Side::A) + &other.fill(Side::B);
        database.admin_script(&script).await;
        let client = Client::new(&database);
        let mut random = Random(3);
        let (mut found, mut cut) = (0, 0);
        for round in 0..ROUNDS {
            let me = round % 3;
            let role = if me == 0 { Role::Owner } else { Role::Member };
            let token = token_of(Side::A.id("users", me), &[(Side::A, role)]);
            let asked = Asked::random(&mut random);
            let answer = client.query_as(&token, QUERY, asked.variables()).await;
            assert_eq!(answer.get("errors"), None, "{answer}");
            let entities = answer["data"]["graphEntities"]["nodes"].as_array();
            let entities = entities.expect("entities");
            let visible = own.users.iter().enumerate();
            let visible = visible.filter(|(_, user)| user.is_none_or(|user| user == me));
            let visible: Vec<usize> = visible.map(|(number, _)| number).collect();
            assert_eq!(entities.len(), visible.len());
            for (one, &from) in entities.iter().zip(&visible) {
                assert_eq!(one["id"], json!(entity(from)));
                let expected = own.search(from, me, &asked);
                assert_eq!(
                    one["neighbourhood"],
                    expected,
                    "from {from} as user {me}: {}",
                    asked.variables()
                );
                found += expected["nodes"].as_array().map_or(0, Vec::len);
                cut += usize::from(expected["isComplete"] == json!(false));
            }
        }
        assert!(
            found > 1500 && cut > 100,
            "{found} were found, {cut} lists were cut"
        );
    });
}

#[test]
fn arguments_that_cannot_be_used_are_refused() {
    run(async {
        let database = create(Some(seed::accounts)).await;
        let client = Client::new(&database);
        for (argument, field, limit) in [
            ("depth: 0", "depth", Some(5)),
            ("depth: 6", "depth", Some(5)),
            ("depth: -1", "depth", Some(5)),
            ("first: 501", "first", Some(500)),
            ("first: -1", "first", Some(500)),
            ("minStrength: \"strong\"", "minStrength", None),
        ] {
            let query = format!(
                "{{ graphEntities {{ nodes {{ neighbourhood({argument}) {{ isComplete }} }} }} }}"
            );
            let answer = client.query(Side::A, &query, json!({})).await;
            let error = &answer["errors"][0]["extensions"];
            assert_eq!(error["code"], "BAD_USER_INPUT", "{argument}: {answer}");
            assert_eq!(error["field"], field, "{argument}");
            assert_eq!(error["limit"].as_u64(), limit, "{argument}");
        }
    });
}

#[test]
fn a_hub_is_not_looked_at_as_a_whole() {
    run(async {
        let database = create(Some(seed::accounts)).await;
        let (workspace, hub) = (Side::A.workspace(), entity(0));
        database
            .admin_script(&format!(
                "insert into graph_entities (workspace_id, id, user_id, entity_type, name) \
                   select '{workspace}', ('e0000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, \
                     case when n > 0 then '{}'::uuid end, 'concept', 'E' || n from generate_series(1, 10050) n; \
                 insert into graph_entities (workspace_id, id, entity_type, name) values ('{workspace}', '{hub}', 'concept', 'hub'); \
                 insert into graph_relationships (workspace_id, source_entity_id, target_entity_id, relationship_type) \
                   select '{workspace}', '{hub}', id, 'x' from graph_entities where name <> 'hub'; analyze;",
                Side::A.id("users", 1)
            ))
            .await;
        let query = "query ($id: ID!) { graphEntity(id: $id) { neighbourhood(depth: 2) { isComplete nodes { depth } } } }";
        let client = Client::new(&database);
        // The other entities are somebody else's: nothing is found, and not all was looked at.
        let answer = client.query(Side::A, query, json!({ "id": hub })).await;
        let expected = json!({ "isComplete": false, "nodes": [] });
        assert_eq!(
            answer["data"]["graphEntity"]["neighbourhood"], expected,
            "{answer}"
        );
        let token = token_of(Side::A.id("users", 1), &[(Side::A, Role::Member)]);
        let answer = client.query_as(&token, query, json!({ "id": hub })).await;
        let found = &answer["data"]["graphEntity"]["neighbourhood"];
        assert_eq!(
            found["nodes"].as_array().map(Vec::len),
            Some(25),
            "{answer}"
        );
    });
}
