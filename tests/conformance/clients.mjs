// Asks a running gateway as widely used clients do, and checks what each of them makes of the
// statuses and media types of its answers, and whether a repeated mutation writes once:
//   node clients.mjs http://127.0.0.1:8080/graphql
// The gateway has to run in development, because it gives tokens for the mutations then.
// The exit code is 0 when each client tells data from errors, and writes.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { createServer } from "node:http";

import * as apollo4 from "@apollo/client";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";
import { BatchHttpLink } from "@apollo/client/link/batch-http";
import { Client, fetchExchange } from "@urql/core";
import apollo3 from "apollo3/core/core.cjs";
import persisted3 from "apollo3/link/persisted-queries/persisted-queries.cjs";
import { parse } from "graphql";
import relayModern from "react-relay-network-modern";

import { checkWrites } from "./writes.mjs";

const [url = "http://127.0.0.1:8080/graphql"] = process.argv.slice(2);
const sha256 = (text) => createHash("sha256").update(text).digest("hex");

// What a gateway answers whose database lacks a row, so that an answer has data and errors.
const partial = createServer((request, response) => {
  const modern = request.headers.accept.includes("application/graphql-response+json");
  const type = modern ? "application/graphql-response+json" : "application/json";
  response.writeHead(modern ? 294 : 200, modern ? "Partial Success" : "OK", {
    "content-type": `${type}; charset=utf-8`,
  });
  response.end(JSON.stringify({
    errors: [{ message: "A value that must be there is not.", path: ["__typename"] }],
    data: { __typename: null },
  }));
});
await new Promise((resolve) => partial.listen(0, "127.0.0.1", resolve));
const partialUrl = `http://127.0.0.1:${partial.address().port}/graphql`;

// Each client as a function from an address and a text to data, errors of GraphQL, and the error
// that it takes for a failure of the network.
function ofApollo(apollo, makeLink) {
  return async (uri, text) => {
    const client = new apollo.ApolloClient({
      link: makeLink(uri),
      cache: new apollo.InMemoryCache(),
    });
    try {
      const query = parse(text);
      const result = await client.query({ query, errorPolicy: "all", fetchPolicy: "no-cache" });
      const errors = result.errors ?? result.error?.errors ?? [];
      return { data: result.data, errors, network: errors.length > 0 ? undefined : result.error };
    } catch (error) {
      return { errors: error.graphQLErrors ?? [], network: error.networkError ?? error };
    } finally {
      client.stop();
    }
  };
}

const clients = {
  "Apollo Client 3": ofApollo(apollo3, (uri) => new apollo3.HttpLink({ uri })),
  "Apollo Client 3, persisted": ofApollo(apollo3, (uri) =>
    persisted3.createPersistedQueryLink({ sha256 }).concat(new apollo3.HttpLink({ uri }))),
  "Apollo Client 4": ofApollo(apollo4, (uri) => new apollo4.HttpLink({ uri })),
  "Apollo Client 4, persisted": ofApollo(apollo4, (uri) =>
    new PersistedQueryLink({ sha256 }).concat(new apollo4.HttpLink({ uri }))),
  urql: async (uri, text) => {
    const client = new Client({ url: uri, exchanges: [fetchExchange], preferGetMethod: false });
    const { data, error } = await client.query(text, {}).toPromise();
    return { data, errors: error?.graphQLErrors ?? [], network: error?.networkError };
  },
  "urql, GET": async (uri, text) => {
    const client = new Client({ url: uri, exchanges: [fetchExchange], preferGetMethod: "force" });
    const { data, error } = await client.query(text, {}).toPromise();
    return { data, errors: error?.graphQLErrors ?? [], network: error?.networkError };
  },
  // As Relay's guide writes a network layer.
  Relay: async (uri, text) => {
    const response = await fetch(uri, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query: text, variables: {} }),
    });
    const { data, errors = [] } = await response.json();
    return { data, errors };
  },
  "react-relay-network-modern": async (uri, text) => {
    const { RelayNetworkLayer, urlMiddleware } = relayModern;
    const layer = new RelayNetworkLayer([urlMiddleware({ url: uri })], { noThrow: true });
    try {
      const operation = { name: "A", text, operationKind: "query" };
      const { data, errors = [] } = await layer.execute(operation, {}, {}).toPromise();
      return { data, errors };
    } catch (error) {
      return { errors: error.res?.errors ?? [], network: error };
    }
  },
};

for (const [name, ask] of Object.entries(clients)) {
  const good = await ask(url, "query A { __typename }");
  assert.deepEqual([good.data, good.errors, good.network], [{ __typename: "Query" }, [], undefined], name);
  for (const [text, code] of [
    ["query A { nothing }", "GRAPHQL_VALIDATION_FAILED"],
    ["query A($a: Boolean!) { __typename @include(if: $a) }", "BAD_USER_INPUT"],
  ]) {
    const bad = await ask(url, text);
    assert.equal(bad.network, undefined, `${name}: ${bad.network}`);
    assert.equal(bad.errors[0]?.extensions.code, code, `${name}: ${JSON.stringify(bad)}`);
  }
  const some = await ask(partialUrl, "query A { __typename }");
  assert.equal(some.network, undefined, `${name}: ${some.network}`);
  assert.deepEqual(some.data, { __typename: null }, name);
  assert.match(some.errors[0].message, /must be there/, name);
  console.log(`${name}: tells data, errors and both`);
}
partial.close();
await checkWrites(url);
process.exit(0);
