// The argument `where`, row by row: true, false, or null for unknown, as SQL has it.

import { COUNT, computed } from './aggregate.mjs';
import { compare, InputError, jsonContains, list, read, text } from './values.mjs';

/** Reads a filter object as a function from a row to true, false or null. */
export function filter(table, input) {
  const conditions = Object.entries(input).map(([name, member]) => {
    if (name === 'and') return every(several(table, name, member));
    if (name === 'or') return some(several(table, name, member));
    if (name === 'not') {
      const condition = filter(table, given(name, member));
      return (row) => condition(row) !== true;
    }
    const column = table.byField.get(name);
    if (column) return operators(column, given(name, member));
    return related(table.byRelation.get(name), given(name, member));
  });
  return every(conditions);
}

/** Conditions on the rows that a relation leads to; they are never unknown. */
function related(relation, input) {
  const matching = (member) => {
    const condition = filter(relation.to, member);
    return (row) => condition(row) === true;
  };
  if (!relation.many) {
    const matches = matching(input);
    return (row) => relation.rows(row).some(matches);
  }
  const conditions = Object.entries(input).map(([name, member]) => {
    given(name, member);
    if (name === 'aggregate') return aggregates(relation.to, member, relation.rows);
    const matches = matching(member);
    if (name === 'some') return (row) => relation.rows(row).some(matches);
    if (name === 'none') return (row) => !relation.rows(row).some(matches);
    return (row) => relation.rows(row).every(matches);
  });
  if (conditions.length === 0) throw new InputError('no condition on related rows');
  return every(conditions);
}

/** Conditions on values about rows. */
export function aggregates(table, input, rowsOf) {
  const about = (value) => ({
    kind: value.counts ? 'int' : value.kind,
    enum: value.enum,
    value: (row) => value.value(rowsOf(row)),
  });
  const conditions = Object.entries(input).flatMap(([name, member]) => {
    given(name, member);
    if (name === 'count') return [operators(about(COUNT), member)];
    const column = table.byField.get(name);
    return Object.entries(member).map(([one, operands]) =>
      operators(about(computed(column, one)), given(one, operands)),
    );
  });
  if (conditions.length === 0) throw new InputError('no condition on values');
  return every(conditions);
}

function several(table, name, member) {
  return list(given(name, member)).map((one) => filter(table, one));
}

function given(name, value) {
  if (value === null) throw new InputError(`${name} is null`);
  return value;
}

function every(conditions) {
  return (row) => {
    const outcomes = conditions.map((condition) => condition(row));
    return outcomes.includes(false) ? false : outcomes.includes(null) ? null : true;
  };
}

function some(conditions) {
  return (row) => {
    const outcomes = conditions.map((condition) => condition(row));
    return outcomes.includes(true) ? true : outcomes.includes(null) ? null : false;
  };
}

function operators(column, input) {
  const insensitive = input.mode === 'INSENSITIVE';
  const named = Object.entries(input).filter(([name]) => name !== 'mode');
  if (named.length === 0) throw new InputError('no operator');
  return every(
    named.map(([name, operand]) => {
      given(name, operand);
      if (name === 'path') return path(column, operand);
      const value = column.value;
      if (name === 'isNull') return (row) => (value(row) === null) === operand;
      const matches = operator(column, name, operand, insensitive);
      return (row) => (value(row) === null ? null : matches(value(row)));
    }),
  );
}

const COMPARISONS = {
  eq: (sign) => sign === 0,
  ne: (sign) => sign !== 0,
  lt: (sign) => sign < 0,
  lte: (sign) => sign <= 0,
  gt: (sign) => sign > 0,
  gte: (sign) => sign >= 0,
};

function operator(column, name, operand, insensitive) {
  const { kind } = column;
  const folded = (value) => (insensitive ? value.toLowerCase() : value);
  const same = (left, right) => compare(kind, folded(left), folded(right), column);
  if (name in COMPARISONS) {
    const right = read(kind, operand, column);
    return (left) => COMPARISONS[name](same(left, right));
  }
  if (name === 'in' || name === 'notIn') {
    const values = list(operand).map((one) => read(kind, one, column));
    return (left) => values.some((right) => same(left, right) === 0) === (name === 'in');
  }
  if (kind === 'text' && ['like', 'ilike', 'startsWith', 'endsWith', 'contains'].includes(name)) {
    return pattern(name, text(operand), insensitive || name === 'ilike');
  }
  if (kind === 'textArray') {
    if (name === 'isEmpty') return (left) => (left.length === 0) === operand;
    const right = read(kind, operand, column);
    if (name === 'contains') return (left) => right.every((one) => left.includes(one));
    if (name === 'containedBy') return (left) => left.every((one) => right.includes(one));
    if (name === 'overlaps') return (left) => left.some((one) => right.includes(one));
  }
  if (kind === 'json') {
    if (name === 'hasKey') {
      const key = text(operand);
      return (left) => hasKey(left, key);
    }
    if (name === 'contains') {
      const right = read(kind, operand, column);
      return (left) => jsonContains(left, right);
    }
  }
  throw new Error(`no operator ${name} of ${kind}`);
}

function hasKey(document, key) {
  if (Array.isArray(document)) return document.includes(key);
  if (document !== null && typeof document === 'object') return Object.hasOwn(document, key);
  return document === key;
}

function pattern(name, given, insensitive) {
  const flags = insensitive ? 'isu' : 'su';
  const quoted = (character) => character.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
  const literal = [...given].map(quoted).join('');
  if (name === 'startsWith') return tester(`^${literal}`, flags);
  if (name === 'endsWith') return tester(`${literal}$`, flags);
  if (name === 'contains') return tester(literal, flags);
  let source = '';
  const characters = [...given];
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at];
    if (character === '\\') {
      at += 1;
      if (at === characters.length) throw new InputError('a pattern that ends in a backslash');
      source += quoted(characters[at]);
    } else {
      source += character === '%' ? '.*' : character === '_' ? '.' : quoted(character);
    }
  }
  return tester(`^${source}$`, flags);
}

function tester(source, flags) {
  const expression = new RegExp(source, flags);
  return (value) => expression.test(value);
}

/** Comparisons of the value at a path inside a document; a path that leads nowhere is unknown. */
function path(column, input) {
  const keys = list(input.keys).map(text);
  const named = Object.entries(input).filter(([name]) => name !== 'keys');
  if (named.length === 0) throw new InputError('no operator at a path');
  const conditions = named.map(([name, operand]) => {
    if (name === 'isNull') {
      given(name, operand);
      return (found) => (found ?? null) === null === operand;
    }
    if (operand === null && (name === 'eq' || name === 'ne')) {
      return (found) => (found ?? null) === null === (name === 'eq');
    }
    given(name, operand);
    const right = read('json', operand, column);
    return (found) => {
      if (found === undefined) return null;
      if (name === 'ne' && found === null) return false;
      if (name in COMPARISONS && name !== 'eq' && name !== 'ne' && typeOf(found) !== typeOf(right)) return false;
      if (name === 'contains') return jsonContains(found, right);
      return COMPARISONS[name](compare('json', found, right, column));
    };
  });
  return every(conditions.map((condition) => (row) => condition(at(column.value(row), keys))));
}

/** The type of a value of JSON. */
function typeOf(value) {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

/** The value at a path inside a document; undefined where it leads nowhere. */
export function at(document, keys) {
  let found = document === null ? undefined : document;
  for (const key of keys) {
    if (Array.isArray(found)) {
      found = /^\s*[+-]?\d+$/.test(key) ? found.at(Number(key)) : undefined;
    } else if (found !== null && typeof found === 'object') {
      found = Object.hasOwn(found, key) ? found[key] : undefined;
    } else {
      return undefined;
    }
  }
  return found;
}
