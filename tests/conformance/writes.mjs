// A mutation with an idempotency key, as widely used clients send it: what is repeated is written
// once, and what the gateway refuses is data, not an error of the client.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";

import * as apollo4 from "@apollo/client";
import { Client, fetchExchange } from "@urql/core";
import apollo3 from "apollo3/core/core.cjs";
import { parse } from "graphql";
import relayModern from "react-relay-network-modern";

const PAYLOAD = "{ created customer { id email } errors { code } }";
const CREATE = `mutation Create($input: CreateCustomerInput!, $key: String!) {
  createCustomer(input: $input) @idempotent(key: $key) ${PAYLOAD}
}`;
const CREATE_WITHOUT_KEY = `mutation Create($input: CreateCustomerInput!) {
  createCustomer(input: $input) ${PAYLOAD}
}`;
const DELETE = `mutation Delete($input: DeleteCustomerInput!) {
  deleteCustomer(input: $input) ${PAYLOAD}
}`;

// Each client as a function from an address, headers, a text and its variables to the data.
function ofApollo(apollo) {
  return async (uri, headers, text, variables) => {
    const client = new apollo.ApolloClient({
      link: new apollo.HttpLink({ uri, headers }),
      cache: new apollo.InMemoryCache(),
    });
    const { data } = await client.mutate({ mutation: parse(text), variables });
    client.stop();
    return data;
  };
}

function ofUrql(preferGetMethod) {
  return async (url, headers, text, variables) => {
    const exchanges = [fetchExchange];
    const client = new Client({ url, exchanges, preferGetMethod, fetchOptions: { headers } });
    const { data, error } = await client.mutation(text, variables).toPromise();
    if (error) throw error;
    return data;
  };
}

// As Relay's guide writes a network layer.
async function asRelay(url, headers, query, variables) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await response.json();
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}

// This one adds to the headers that it is given.
async function ofRelayModern(url, headers, text, variables) {
  const { RelayNetworkLayer, urlMiddleware } = relayModern;
  const layer = new RelayNetworkLayer([urlMiddleware({ url, headers: { ...headers } })]);
  const operation = { name: "Create", text, operationKind: "mutation" };
  return (await layer.execute(operation, variables, {}).toPromise()).data;
}

const clients = {
  "Apollo Client 3": ofApollo(apollo3),
  "Apollo Client 4": ofApollo(apollo4),
  urql: ofUrql(false),
  "urql, GET": ofUrql("force"),
  Relay: asRelay,
  "react-relay-network-modern": ofRelayModern,
};

export async function checkWrites(url) {
  const authorization = { authorization: `Bearer ${await tokenFor(url)}` };
  for (const [name, send] of Object.entries(clients)) {
    const key = randomUUID();
    const input = newCustomer(key);
    const write = (input) => send(url, authorization, CREATE, { input, key });
    await happensOnce(name, write, input);
    await remove(send, url, authorization, input);
    console.log(`${name}: repeats a mutation with its key, and reads errors as data`);
  }
  const key = randomUUID();
  const input = newCustomer(key);
  const headers = { ...authorization, "idempotency-key": key };
  await happensOnce("header", (input) => asRelay(url, headers, CREATE_WITHOUT_KEY, { input }), input);
  await remove(asRelay, url, authorization, input);
  console.log("the header Idempotency-Key does the same");
}

async function happensOnce(name, write, input) {
  const { createCustomer: first } = await write(input);
  assert.deepEqual([first.created, first.errors], [true, []], name);
  assert.equal(first.customer.email, input.customer.email, name);
  const { createCustomer: repeated } = await write(input);
  assert.deepEqual(repeated, first, `${name}: repeated`);
  const { createCustomer: other } = await write(newCustomer(randomUUID()));
  const codes = other.errors.map(({ code }) => code);
  assert.deepEqual([other.customer, codes], [null, ["BAD_USER_INPUT"]], `${name}: another input`);
}

async function remove(send, url, headers, { customer: { email } }) {
  const { deleteCustomer } = await send(url, headers, DELETE, { input: { by: { email } } });
  assert.deepEqual([deleteCustomer.customer?.email, deleteCustomer.errors], [email, []]);
}

function newCustomer(key) {
  return { customer: { email: `${key}@clients.invalid`, firstName: "A" } };
}

// A gateway in development gives tokens of its workspaces to the pages that it serves.
async function tokenFor(url) {
  const { workspaces } = await (await fetch(new URL("/playground/config.json", url))).json();
  assert.ok(workspaces.length > 0, "the gateway gives no tokens: start it in development");
  return workspaces[0].token;
}
