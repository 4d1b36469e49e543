// Runs the audits of `graphql-http` against a running gateway:
//   node audit.mjs http://127.0.0.1:8080/graphql [TOKEN]
// The last line says `N passed, N by the newer text, N failed`; the exit code is 0 when none failed.

import { serverAudits } from "graphql-http";

const [url = "http://127.0.0.1:8080/graphql", token = process.env.TESSERA_TOKEN] =
  process.argv.slice(2);

// Audits that follow a text from before September 2026, by their names, and the status that the
// specification asks for since then. `src/http/status.rs` has the rules.
const shape = "a request that is not well-formed has 422; 400 is for JSON that cannot be parsed";
const valid = "what can be parsed and not be executed has 422";
const newer = new Map([
  ["423L", "MAY use 400 status code on missing {query} parameter", shape],
  ["LKJ0", "MAY use 400 status code on object {query} parameter", shape],
  ["LKJ1", "MAY use 400 status code on number {query} parameter", shape],
  ["LKJ2", "MAY use 400 status code on boolean {query} parameter", shape],
  ["LKJ3", "MAY use 400 status code on array {query} parameter", shape],
  ["6C00", "MAY use 400 status code on object {operationName} parameter", shape],
  ["6C01", "MAY use 400 status code on number {operationName} parameter", shape],
  ["6C02", "MAY use 400 status code on boolean {operationName} parameter", shape],
  ["6C03", "MAY use 400 status code on array {operationName} parameter", shape],
  ["4760", "MAY use 400 status code on string {variables} parameter", shape],
  ["4761", "MAY use 400 status code on number {variables} parameter", shape],
  ["4762", "MAY use 400 status code on boolean {variables} parameter", shape],
  ["4763", "MAY use 400 status code on array {variables} parameter", shape],
  ["58B0", "MAY use 400 status code on string {extensions} parameter", shape],
  ["58B1", "MAY use 400 status code on number {extensions} parameter", shape],
  ["58B2", "MAY use 400 status code on boolean {extensions} parameter", shape],
  ["58B3", "MAY use 400 status code on array {extensions} parameter", shape],
  ["3E3A", "MAY use 400 status code if parameters are invalid", shape],
  ["86EE", "SHOULD use a status code of 400 on variable coercion failure when accepting application/graphql-response+json", valid],
].map(([id, name, reason]) => [id, { name, status: 422, reason }]));

let last;
async function fetchFn(input, init = {}) {
  const headers = new Headers(init.headers);
  if (token) {
    headers.set("authorization", `Bearer ${token}`);
  }
  last = await fetch(input, { ...init, headers });
  return last;
}

let [passed, failed] = [0, 0];
const met = new Set();
for (const audit of serverAudits({ url, fetchFn })) {
  const result = await audit.fn();
  const text = newer.get(audit.id);
  if (result.status === "ok" && !text) {
    passed += 1;
  } else if (text?.name === audit.name && result.status !== "ok" && last.status === text.status) {
    met.add(audit.id);
  } else if (!text) {
    failed += 1;
    // Notices and warnings are recommendations that are not kept; they count as failed here too.
    console.log(`${result.status} ${audit.id} ${audit.name}: ${result.reason}`);
  }
}
for (const [id, { name }] of newer) {
  if (!met.has(id)) {
    failed += 1;
    // An audit that was corrected must leave the list.
    console.log(`${id} ${name}: is in the list of the newer text, and the status was another one`);
  }
}
console.log(`${passed} passed, ${met.size} by the newer text, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
