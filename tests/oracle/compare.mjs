// Answers every case with graphql-js and compares with what the gateway answered.
//
//   node compare.mjs FOLDER SCHEMA    FOLDER holds world.json and answers.json

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { execute, parse, specifiedRules, validate, ValuesOfCorrectTypeRule } from 'graphql';

import { executable, isRefusal } from './schema.mjs';

const [folder, sdl] = process.argv.slice(2);
const read = (name) => JSON.parse(readFileSync(join(folder, name), 'utf8'));
const schema = executable(readFileSync(sdl, 'utf8'), read('world.json'));
const cases = read('answers.json');

/** What graphql-js answers: `data` is absent when nothing was executed. */
function expected({ query, variables, operationName }) {
  let document;
  try {
    document = parse(query);
  } catch (error) {
    return { errors: [error] };
  }
  const invalid = invalidities(document);
  if (invalid.length > 0) return { errors: invalid };
  return execute({ schema, document, variableValues: variables, operationName });
}

/**
 * graphql-js 16.11 falls over a one-of input with a variable in a fragment that the last operation
 * does not spread. Such a document is checked without that rule.
 */
function invalidities(document) {
  try {
    return validate(schema, document, specifiedRules);
  } catch (error) {
    if (!error.stack.includes('validateOneOfInputObject')) throw error;
    const others = specifiedRules.filter((rule) => rule !== ValuesOfCorrectTypeRule);
    return validate(schema, document, others);
  }
}

/** JSON without the blanks between its tokens, in its own order and with what it repeats. */
function compact(json) {
  return json.replace(/("(?:[^"\\]|\\.)*")|\s+/g, (_, text) => text ?? '');
}

/** The text of the member `data` of an answer; it is always the last one. */
function dataOf(answer) {
  const text = compact(answer);
  if (!('data' in JSON.parse(answer))) return undefined;
  const [start, errors] = ['{"data":', '{"errors":'];
  if (text.startsWith(start)) return text.slice(start.length, -1);
  const prefix = errors.length + JSON.stringify(JSON.parse(text).errors).length + ',"data":'.length;
  return text.slice(prefix, -1);
}

/** Shows where two long texts part. */
function unlike(ours, theirs) {
  if (ours === undefined) return `there is no data; it should be\n  ${short(theirs)}`;
  let at = 0;
  while (ours[at] === theirs[at]) at += 1;
  const around = (text) => text.slice(Math.max(0, at - 100), at + 200);
  return `at ${at} the data is\n  ${around(ours)}\nand not\n  ${around(theirs)}`;
}

const short = (text) => (text.length > 1000 ? `${text.slice(0, 1000)} …` : text);

/** Where an error stands: in the answer and in the document. */
const places = ({ path = [], locations = [] }) =>
  JSON.stringify([path, locations.map(({ line, column }) => `${line}:${column}`)]);

/** Null for an argument that must not be null is found by graphql-js while it executes. */
const isNullArgument = (error) => /^Argument .* must not be null/.test(error.message);

/** What resolvers and graphql-js itself complain about, as opposed to mistakes in resolvers. */
const isKnown = (error) =>
  isRefusal(error) ||
  isNullArgument(error) ||
  /^Cannot return null for non-nullable field/.test(error.originalError.message);

/** Whether the data holds a field at the path, in any of the rows. */
function reached(data, [key, ...rest]) {
  if (key === undefined) return true;
  if (Array.isArray(data)) return data.some((item) => reached(item, [key, ...rest]));
  return data !== null && typeof data === 'object' && key in data && reached(data[key], rest);
}

/** What is wrong with the gateway's answer to a case, or nothing. */
function difference(one) {
  const wanted = expected(one);
  const errors = wanted.errors ?? [];
  const answer = JSON.parse(one.answer);
  const given = answer.errors ?? [];
  const code = given[0]?.extensions?.code;
  const refusals = errors.filter(isRefusal);
  const refuses = !wanted.data ? errors.some((error) => !error.path) : false;
  const outcome =
    refuses || refusals.length > 0 || errors.some(isNullArgument)
      ? 'refuses'
      : errors.length > 0
        ? 'fails'
        : 'answers';
  one.seen = outcome;
  if (one.outcome && one.outcome !== outcome) {
    return `graphql-js ${outcome}, which the case did not expect: ${errors[0]?.message ?? ''}`;
  }
  if (code === 'QUERY_TOO_EXPENSIVE' && !one.outcome) {
    one.seen = 'too expensive';
    return null;
  }
  const own = errors.find((error) => error.path && error.originalError && !isKnown(error));
  if (own) return `a mistake of the oracle: ${own.originalError.stack}`;
  const absent = given[0]?.extensions?.variable;
  if (code === 'BAD_USER_INPUT' && absent !== undefined && !('data' in answer)) {
    // graphql-js leaves an operator out whose variable has no value; the gateway refuses that.
    one.seen = 'refuses a variable without a value';
    return absent in one.variables ? `the variable $${absent} has a value` : null;
  }
  if (outcome !== 'refuses' && code === 'BAD_USER_INPUT' && !('data' in answer)) {
    // The gateway reads arguments before rows, also where there turns out to be no row.
    one.seen = 'refuses before reading';
    return reached(wanted.data, given[0].path ?? []) ? `graphql-js ${outcome}` : null;
  }
  if (outcome === 'refuses') {
    if ('data' in answer) return `graphql-js refuses: ${errors[0].message}`;
    if (given.length === 0) return 'no data and no errors';
    const codes = ['GRAPHQL_PARSE_FAILED', 'GRAPHQL_VALIDATION_FAILED', 'BAD_USER_INPUT', 'BAD_REQUEST'];
    if (!codes.includes(code)) return `the code ${code}`;
    if (refusals.length === 0) return null;
    // The gateway reads every argument before it reads a row, so its path has no positions in lists.
    const path = JSON.stringify(refusals[0].path.filter((step) => typeof step === 'string'));
    if (JSON.stringify(given[0].path) === path) return null;
    if (one.outcome) return `the path is not ${path}`;
    // Of several bad arguments graphql-js may never come to the first.
    one.seen = 'refuses at another argument';
    return null;
  }
  const data = JSON.stringify(wanted.data);
  const ours = dataOf(one.answer);
  if (ours !== data) return unlike(ours, data);
  const [left, right] = [given.map(places).sort(), errors.map(places).sort()];
  return `${left}` === `${right}` ? null : `the errors are not at\n  ${right.join(' ')}`;
}

const seen = {};
const different = [];
for (const one of cases) {
  const wrong = difference(one);
  seen[one.seen] = (seen[one.seen] ?? 0) + 1;
  if (wrong !== null) {
    different.push(
      [
        `== ${one.name}`,
        one.query.trim(),
        `variables: ${JSON.stringify(one.variables)}, operation: ${one.operationName}`,
        `the gateway answers\n  ${short(one.answer)}`,
        wrong,
      ].join('\n'),
    );
  }
}
const counted = Object.entries(seen).map(([outcome, count]) => `${count} ${outcome}`);
console.log(`${cases.length} cases: ${counted.join(', ')}; ${different.length} differ`);
if (different.length > 0) {
  console.log(different.join('\n\n'));
  process.exitCode = 1;
}
if ((seen.answers ?? 0) < cases.length / 2) {
  console.log('less than half of the cases have an answer, so there is little to compare');
  process.exitCode = 1;
}
