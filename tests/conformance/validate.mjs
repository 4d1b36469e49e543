// Compares our verdicts over changed documents and variables with those of graphql-js:
//   node validate.mjs schema.graphql differential.jsonl
// `cargo test` writes the second file. The last line counts; the exit code is 0 without a
// difference that has no reason.

import { readFileSync } from "node:fs";
import { buildSchema, getVariableValues, parse, validate } from "graphql";

const [schemaFile, verdictsFile] = process.argv.slice(2);
const schema = buildSchema(readFileSync(schemaFile, "utf8"));
const lines = readFileSync(verdictsFile, "utf8").split("\n").filter(Boolean);

function refusal({ query, variables }) {
  let document;
  try {
    document = parse(query);
  } catch (error) {
    return error.message;
  }
  try {
    const [error] = validate(schema, document);
    if (error) {
      return error.message;
    }
  } catch (error) {
    // Version 16 falls over an undeclared variable in a one-of object before it can refuse it.
    return String(error);
  }
  if (variables === undefined) {
    return null;
  }
  const operation = document.definitions.find((it) => it.kind === "OperationDefinition");
  const coerced = getVariableValues(schema, operation.variableDefinitions ?? [], variables);
  return coerced.errors?.[0].message ?? null;
}

let differences = 0;
let refused = 0;
for (const line of lines) {
  const verdict = JSON.parse(line);
  const theirs = refusal(verdict);
  refused += theirs === null ? 0 : 1;
  if ((theirs === null) !== (verdict.refused === null) && !(theirs === null && verdict.reason)) {
    differences += 1;
    console.log(`${verdict.query} ${JSON.stringify(verdict.variables)}\n  they: ${theirs}\n  we: ${verdict.refused}`);
  }
}
console.log(`${lines.length} documents, ${refused} refused by graphql-js, ${differences} differences`);
process.exit(differences === 0 && refused > 0 && refused < lines.length ? 0 : 1);
