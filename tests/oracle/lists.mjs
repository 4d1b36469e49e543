// List fields: filter, order, cursors and pages over rows in memory.

import { createHash } from 'node:crypto';

import { COUNT, computed, FUNCTIONS } from './aggregate.mjs';
import { filter } from './filter.mjs';
import { compare, InputError, list, read, text } from './values.mjs';

const DEFAULT_PAGE = 25;
const MAX_PAGE = 500;

/**
 * Answers a list field over the rows that it is about. Without an order of its own they come by
 * their key, or the latest first where a column says when they were written.
 */
export function connection(world, table, rows, given, latest = null) {
  const { first, last, offset, terms, condition, after, before } = request(world, table, given, latest);
  const matching = rows.filter((row) => condition(row) === true);
  const ordered = [...matching].sort((left, right) => comparePositions(terms, left, right));
  const between = ordered.filter(
    (row) =>
      (after === null || comparePositions(terms, row, after) > 0) &&
      (before === null || comparePositions(terms, row, before) < 0),
  );
  let page, next, previous;
  if (last !== null) {
    page = last === 0 ? [] : between.slice(-last);
    next = before !== null;
    previous = between.length > last || after !== null;
  } else {
    const behind = between.slice(offset ?? 0);
    page = behind.slice(0, first ?? DEFAULT_PAGE);
    next = behind.length > page.length || before !== null;
    previous = after !== null || (offset ?? 0) > 0;
  }
  const cursor = (row) => cursorOf(world, table, terms, row);
  return {
    nodes: page,
    edges: page.map((row) => ({ node: row, cursor: () => cursor(row) })),
    pageInfo: {
      hasNextPage: next,
      hasPreviousPage: previous,
      startCursor: () => (page.length > 0 ? cursor(page[0]) : null),
      endCursor: () => (page.length > 0 ? cursor(page.at(-1)) : null),
    },
    totalCount: matching.length,
    aggregate: about(table, matching),
    countUpTo: ({ limit }) => {
      if (limit < 1 || limit > 2 ** 31 - 2) throw new InputError('no limit of a count');
      const exact = matching.length <= limit;
      return { value: exact ? matching.length : limit, precision: exact ? 'EXACT' : 'AT_LEAST' };
    },
  };
}

/** The values about rows, as the API answers them. */
export function about(table, rows) {
  const values = { count: rows.length };
  for (const [field, column] of table.byField) {
    const functions = FUNCTIONS.map((name) => [name, () => computed(column, name).value(rows)]);
    values[field] = Object.fromEntries(functions);
  }
  return values;
}

function request(world, table, given, latest) {
  const count = (name, most) => {
    const value = given[name] ?? null;
    if (value !== null && (value < 0 || value > most)) throw new InputError(`${name} is ${value}`);
    return value;
  };
  const first = count('first', MAX_PAGE);
  const last = count('last', MAX_PAGE);
  const offset = count('offset', 2 ** 31 - 1);
  if (first !== null && last !== null) throw new InputError('first and last');
  if (offset !== null && last !== null) throw new InputError('offset and last');
  const terms = order(table, given.orderBy ?? [], latest);
  const position = (name) =>
    (given[name] ?? null) === null ? null : positionOf(world, table, terms, text(given[name]));
  return {
    first,
    last,
    offset,
    terms,
    after: position('after'),
    before: position('before'),
    condition: (given.where ?? null) === null ? () => true : filter(table, given.where),
  };
}

function order(table, given, latest) {
  const terms = [];
  const add = (term) => {
    if (!terms.some((known) => known.column.name === term.column.name)) terms.push(term);
  };
  for (const item of list(given)) {
    const { column, direction } = ordered(table, item);
    const descending = direction.startsWith('DESC');
    const nullsFirst = direction.endsWith('NULLS_FIRST') || direction === 'DESC';
    add({ column, descending, nullsFirst });
  }
  if (terms.length === 0 && latest !== null) add({ column: latest, descending: true, nullsFirst: true });
  const descending = terms.at(-1)?.descending ?? false;
  for (const column of table.keyColumns) add({ column, descending, nullsFirst: descending });
  return terms;
}

/** What a term orders by, and its direction. */
function ordered(table, item) {
  const [[field, member]] = Object.entries(item);
  const column = table.byField.get(field);
  if (column) return { column, direction: member };
  const relation = table.byRelation.get(field);
  if (!relation.many) {
    const inner = ordered(relation.to, member);
    const value = (row) => {
      const [other] = relation.rows(row);
      return other === undefined ? null : inner.column.value(other);
    };
    const name = `${field}.${inner.column.name}`;
    return { column: { ...inner.column, name, value }, direction: inner.direction };
  }
  const { value, direction } = orderedBy(relation.to, member.aggregate);
  const of = (row) => {
    const found = value.value(relation.rows(row));
    return value.kind === 'bigInt' && found !== null ? String(found) : found;
  };
  return { column: { ...value, name: `${field}.${value.name}`, value: of }, direction };
}

/** The value about rows that a term orders by, and its direction. */
export function orderedBy(table, item) {
  const [[field, member]] = Object.entries(item);
  if (field === 'count') return { value: COUNT, direction: member };
  const [[name, direction]] = Object.entries(member);
  return { value: computed(table.byField.get(field), name), direction };
}

/** Compares two rows, or a row with a position: both answer the value of a column. */
function comparePositions(terms, left, right) {
  for (const { column, descending, nullsFirst } of terms) {
    const [ours, theirs] = [valueAt(left, column), valueAt(right, column)];
    if (ours === null && theirs === null) continue;
    if (ours === null) return nullsFirst ? -1 : 1;
    if (theirs === null) return nullsFirst ? 1 : -1;
    const sign = compare(column.kind, ours, theirs, column);
    if (sign !== 0) return descending ? -sign : sign;
  }
  return 0;
}

function valueAt(place, column) {
  return place instanceof Map ? place.get(column.name) : column.value(place);
}

// Cursors are opaque to callers. The oracle makes them as the gateway does, so that answers can be
// compared to the byte.

export function opaque(items) {
  return Buffer.from(JSON.stringify(items)).toString('base64url');
}

export function fromOpaque(given) {
  try {
    if (!/^[\w-]*$/.test(given)) return null;
    const items = JSON.parse(Buffer.from(given, 'base64url').toString());
    return Array.isArray(items) ? items : null;
  } catch {
    return null;
  }
}

function signature(world, table, terms) {
  const hash = createHash('sha256');
  hash.update(Buffer.from(world.session.workspace.replaceAll('-', ''), 'hex'));
  hash.update(table.name);
  for (const { column, descending, nullsFirst } of terms) {
    hash.update(Buffer.from([0, Number(descending) * 2 + Number(nullsFirst)]));
    hash.update(column.name);
  }
  return hash.digest().subarray(0, 6).toString('base64url');
}

function cursorOf(world, table, terms, row) {
  return opaque([signature(world, table, terms), ...terms.map(({ column }) => column.value(row))]);
}

function positionOf(world, table, terms, given) {
  const [signed, ...values] = fromOpaque(given) ?? [];
  if (signed !== signature(world, table, terms) || values.length !== terms.length) {
    throw new InputError('no cursor of this list');
  }
  return new Map(
    terms.map(({ column }, index) => {
      const value = values[index];
      return [column.name, value === null ? null : read(column.kind, value, column)];
    }),
  );
}
