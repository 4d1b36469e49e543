// Values about several rows. What is computed is described as a column is: name, kind and value.

import { compare, fraction, scaled } from './values.mjs';

export const FUNCTIONS = ['sum', 'avg', 'min', 'max', 'countDistinct'];

/** The number of rows. */
export const COUNT = { name: 'count', kind: 'bigInt', counts: true, enum: null, value: (rows) => rows.length };

/** A function over a column. */
export function computed(column, name) {
  const counts = name === 'countDistinct';
  return {
    name: `${column.name}.${name}`,
    kind: resultKind(column.kind, name),
    counts,
    enum: column.enum,
    value: (rows) => {
      const values = rows.map((row) => column.value(row)).filter((value) => value !== null);
      return over(column, name, values);
    },
  };
}

function resultKind(kind, name) {
  if (name === 'min' || name === 'max') return kind;
  return name === 'countDistinct' || (name === 'sum' && kind === 'int') ? 'bigInt' : 'decimal';
}

function over(column, name, values) {
  const order = (left, right) => compare(column.kind, left, right, column);
  if (name === 'countDistinct') {
    const sorted = [...values].sort(order);
    return sorted.filter((value, at) => at === 0 || order(sorted[at - 1], value) !== 0).length;
  }
  if (values.length === 0) return null;
  if (name === 'min') return values.reduce((least, one) => (order(one, least) < 0 ? one : least));
  if (name === 'max') return values.reduce((most, one) => (order(one, most) > 0 ? one : most));
  const texts = values.map(String);
  const special = sumOfSpecial(texts);
  if (special !== null) return special;
  const places = Math.max(...texts.map((text) => fraction(text).length));
  const sum = texts.reduce((total, text) => total + scaled(text, places), 0n);
  return name === 'sum' ? decimal(sum, places) : trimmed(mean(sum, places, BigInt(values.length)));
}

/** The sum where some have no digits; null where all have. */
function sumOfSpecial(texts) {
  const has = (text) => texts.includes(text);
  if (has('NaN') || (has('Infinity') && has('-Infinity'))) return 'NaN';
  if (has('Infinity')) return 'Infinity';
  return has('-Infinity') ? '-Infinity' : null;
}

/** An integer with so many of its digits behind the point. */
function decimal(number, places) {
  const digits = (number < 0n ? -number : number).toString().padStart(places + 1, '0');
  const [whole, part] = [digits.slice(0, digits.length - places), digits.slice(digits.length - places)];
  return `${number < 0n ? '-' : ''}${whole}${places > 0 ? `.${part}` : ''}`;
}

/** Zeros at the end of a fraction say nothing. */
function trimmed(text) {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

/** A quotient with as many digits as PostgreSQL gives one, rounded half away from zero. */
function mean(sum, places, count) {
  const [ours, theirs] = [leading(sum, places), leading(count, 0)];
  const weight = ours.weight - theirs.weight - (ours.digit <= theirs.digit ? 1 : 0);
  const scale = Math.min(1000, Math.max(16 - weight * 4, places, 0));
  const scaledUp = (sum < 0n ? -sum : sum) * 10n ** BigInt(scale);
  const divisor = count * 10n ** BigInt(places);
  const rounded = (2n * scaledUp + divisor) / (2n * divisor);
  return decimal(sum < 0n ? -rounded : rounded, scale);
}

/** The first digit of a number to the base of 10,000, and its place before the point. */
function leading(number, places) {
  const text = decimal(number < 0n ? -number : number, places);
  const [whole, part = ''] = text.split('.');
  const before = whole.padStart(Math.ceil(whole.length / 4) * 4, '0');
  const behind = part.padEnd(Math.ceil(part.length / 4) * 4, '0');
  const digits = (before + behind).match(/.{4}/g).map(Number);
  const first = digits.findIndex((digit) => digit !== 0);
  if (first < 0) return { weight: 0, digit: 0 };
  return { weight: before.length / 4 - 1 - first, digit: digits[first] };
}
