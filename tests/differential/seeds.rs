//! What the mutations begin with: the golden queries, the examples of the playground, and a few
//! documents that use what those do not.

use std::fs;
use std::path::Path;

use crate::queries::cases;

const WRITTEN: &[&str] = &[
    "query A($a: Int = 5, $b: CustomerFilter, $c: [CustomerOrderBy!], $d: Boolean = true) {
      customers(first: $a, where: $b, orderBy: $c) @include(if: $d) { totalCount nodes { id } } }",
    "query A($a: String, $b: [String!], $c: Boolean!) {
      customers(where: { email: { eq: $a, in: $b, isNull: $c }, or: [{ vipStatus: { eq: true } }] }) { totalCount } }",
    "query A($a: SortDirection!, $b: ID!) {
      customer(id: $b) { id email orders(orderBy: [{ createdAt: $a }, { customer: { email: DESC } }]) { totalCount } } }",
    "query A($a: ID!, $b: Boolean! = false) {
      node(nodeId: $a) { __typename nodeId ... on Customer @skip(if: $b) { id email } ... on Order { id orderNumber customer { email } } } }",
    "{ node(nodeId: \"x\") { ... on Customer { a: email b: id } ... on Order { a: orderNumber b: id } ...N } } fragment N on Node { nodeId }",
    "{ node(nodeId: \"x\") { ... on Customer { a: orders { nodes { id } } } ... on Order { a: items { nodes { id } } } } }",
    "{ node(nodeId: \"x\") { ... on Customer { a: orders { nodes { b: id } } } ... on Product { a: variants { nodes { b: sku } } } } }",
    "{ customers { nodes { ...C } edges { cursor node { ...C } } } } fragment C on Customer { id email orders(first: 1) { ...O } }
     fragment O on OrderConnection { totalCount pageInfo { hasNextPage endCursor } nodes { id ... on Node { nodeId } } }",
    "query A { customers { totalCount } } query B($a: Int) { orders(first: $a) { countUpTo(limit: 10) { value precision } } }",
    "{ viewer { role user { id email } workspace { id } workspaces { nodes { id } } } }",
    "query A($a: Boolean, $b: String = \"Customer\") {
      __schema { queryType { name } types { kind name fields(includeDeprecated: $a) { name args { name defaultValue type { name } } type { name ofType { name } } } } directives { name locations args { name } } }
      __type(name: \"Order\") { name enumValues(includeDeprecated: true) { name } inputFields { name } interfaces { name } possibleTypes { name } }
      customers(where: { email: { eq: $b } }) { totalCount } }",
    "{ orders(where: { and: [{ totalAmount: { gte: \"10.5\", lt: 99.5 } }, { not: { status: { in: [PENDING, SHIPPED] } } }], customer: { email: { contains: \"a\", mode: INSENSITIVE } } }, last: 5) { nodes { id status totalAmount } } }",
    "{ products(where: { createdAt: { gt: \"2024-01-01T00:00:00Z\" }, variants: { some: { sku: { startsWith: \"\"\"a \\\"\"\" b\"\"\" } } } }, first: 3, offset: 2) { nodes { title variants { totalCount } } } }",
    "query A($a: OrderFilter! = { status: { eq: PENDING } }, $b: [OrderStatus!] = [PENDING]) { orders(where: { and: [$a, { status: { in: $b } }] }) { totalCount } }",
];

/// The documents, in an order that does not change.
pub fn seeds() -> Vec<String> {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("playground/examples");
    let mut files: Vec<_> = fs::read_dir(examples)
        .expect("the examples")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|it| it == "graphql"))
        .collect();
    files.sort();
    files.extend(cases());
    let read = |path| fs::read_to_string(path).expect("a document");
    let mut seeds: Vec<String> = files.into_iter().map(read).collect();
    // Those that are long to be refused would be refused in any shape.
    seeds.retain(|seed| seed.len() < 4_000);
    seeds.extend(WRITTEN.iter().map(|&seed| seed.to_owned()));
    seeds
}
