// Runs the audits of the GraphQL-over-HTTP specification against a running gateway:
//   node audit.mjs http://127.0.0.1:8080/graphql [TOKEN]
// The last line says `N passed, N failed`; the exit code is 0 when none failed.

import { serverAudits } from "graphql-http";

const [url = "http://127.0.0.1:8080/graphql", token = process.env.TESSERA_TOKEN] =
  process.argv.slice(2);

function fetchFn(input, init = {}) {
  const headers = new Headers(init.headers);
  if (token) {
    headers.set("authorization", `Bearer ${token}`);
  }
  return fetch(input, { ...init, headers });
}

let passed = 0;
let failed = 0;
for (const audit of serverAudits({ url, fetchFn })) {
  const result = await audit.fn();
  if (result.status === "ok") {
    passed += 1;
  } else {
    failed += 1;
    // Notices and warnings are recommendations that are not kept; they count as failed here too.
    console.log(`${result.status} ${audit.id} ${audit.name}: ${result.reason}`);
  }
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
