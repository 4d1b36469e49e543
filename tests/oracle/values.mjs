// The values of columns: how the database's text is read, how two values compare, and how an
// argument is read as a value of the column's type.

import { isIP } from 'node:net';

/** What a resolver does not take; the gateway refuses the whole operation for it. */
export class InputError extends Error {}

/** A number literal of a custom scalar, as it is written: JavaScript would round it. */
export class Digits {
  constructor(text) {
    this.text = text;
  }
}

/** The value of a column as the API answers it, from the text of the database. */
export function answered(kind, text) {
  if (text === null) return null;
  switch (kind) {
    case 'int':
      return Number(text);
    case 'boolean':
      return text === 'true' || text === 't';
    case 'json':
    case 'vector':
    case 'textArray':
      return JSON.parse(text);
    case 'timestamp':
      return text.replace('.000000Z', 'Z');
    default:
      return text;
  }
}

/** Less than, equal to or greater than 0, as PostgreSQL orders two values that are not null. */
export function compare(kind, left, right, context) {
  switch (kind) {
    case 'int':
    case 'boolean':
      return Number(left) - Number(right);
    case 'bigInt':
      return sign(BigInt(left) - BigInt(right));
    case 'decimal': {
      const [special, other] = [rank(left), rank(right)];
      if (special !== 0 || other !== 0) return special - other;
      const places = Math.max(fraction(left).length, fraction(right).length);
      return sign(scaled(left, places) - scaled(right, places));
    }
    case 'timestamp':
      return sign(microseconds(left) - microseconds(right));
    case 'date':
      return Math.sign(day(left) - day(right)) || 0;
    case 'enum': {
      const at = (value) => context.enum.findIndex((one) => one.toUpperCase() === value);
      return at(left) - at(right);
    }
    case 'inet':
      return compareLists(network(left), network(right));
    case 'textArray':
      return compareLists(left, right);
    case 'json':
      return compareJson(left, right);
    default:
      return left < right ? -1 : left > right ? 1 : 0;
  }
}

function sign(number) {
  return number < 0n ? -1 : number > 0n ? 1 : 0;
}

/** The digits behind the point. */
export function fraction(decimal) {
  return decimal.split('.')[1] ?? '';
}

/** A decimal without its point, with so many digits behind it. */
export function scaled(decimal, places) {
  const [whole, part = ''] = decimal.split('.');
  return BigInt(whole + part.padEnd(places, '0'));
}

/** Where a decimal without digits stands among those with digits, which have 0. */
function rank(decimal) {
  return { '-Infinity': -1, Infinity: 1, NaN: 2 }[decimal] ?? 0;
}

/** Milliseconds since 1970; the infinite days are further apart than any two others. */
function day(text) {
  return { infinity: Number.MAX_VALUE, '-infinity': -Number.MAX_VALUE }[text] ?? Date.parse(text);
}

function microseconds(instant) {
  if (instant.endsWith('infinity')) return (instant.startsWith('-') ? -1n : 1n) << 62n;
  const [, upToSeconds, part = '', zone] = /^(.*?\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)$/i.exec(instant);
  const whole = Date.parse(upToSeconds.toUpperCase().replace(' ', 'T') + zone.toUpperCase());
  return BigInt(whole) * 1000n + BigInt(part.padEnd(6, '0').slice(0, 6));
}

/** The version of a row by the time of its last change: microseconds since 2000, in base 16. */
export function versionOf(instant) {
  return (microseconds(instant) - microseconds('2000-01-01T00:00:00Z')).toString(16);
}

/** The family, then the bytes of the network, then the bits, then the bytes of the address. */
function network(text) {
  const [address, given] = text.split('/');
  const bytes = address.includes(':') ? bytesOfIpv6(address) : address.split('.').map(Number);
  const bits = given === undefined ? bytes.length * 8 : Number(given);
  const masked = bytes.map((byte, index) => {
    const kept = Math.min(8, Math.max(0, bits - index * 8));
    return byte & (0xff << (8 - kept)) & 0xff;
  });
  return [bytes.length, ...masked, bits, ...bytes];
}

function bytesOfIpv6(text) {
  const words = (part) => (part ? part.split(':') : []);
  const [front, back] = text.split('::').map(words);
  const missing = back === undefined ? 0 : 8 - front.length - back.length;
  return [...front, ...Array(missing).fill('0'), ...(back ?? [])].flatMap((word) => {
    const number = parseInt(word, 16);
    return [number >> 8, number & 0xff];
  });
}

function compareLists(left, right) {
  for (let index = 0; index < Math.min(left.length, right.length); index++) {
    if (left[index] < right[index]) return -1;
    if (left[index] > right[index]) return 1;
  }
  return left.length - right.length;
}

const JSON_TYPES = ['null', 'string', 'number', 'boolean', 'array', 'object'];

function jsonType(value) {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

function compareJson(left, right) {
  const type = jsonType(left);
  const byType = JSON_TYPES.indexOf(type) - JSON_TYPES.indexOf(jsonType(right));
  if (byType !== 0) return byType;
  if (type === 'array') {
    const items = () => left.map((one, at) => compareJson(one, right[at]));
    return left.length - right.length || firstOf(items());
  }
  if (type === 'object') {
    const [ours, theirs] = [keys(left), keys(right)];
    const pair = (key, at) => compareKeys(key, theirs[at]) || compareJson(left[key], right[key]);
    return ours.length - theirs.length || firstOf(ours.map(pair));
  }
  return left < right ? -1 : left > right ? 1 : 0;
}

function firstOf(comparisons) {
  return comparisons.find((one) => one !== 0) ?? 0;
}

/** PostgreSQL keeps the keys of a document by length first. */
function keys(value) {
  return Object.keys(value).sort(compareKeys);
}

function compareKeys(left, right) {
  return left.length - right.length || (left < right ? -1 : left > right ? 1 : 0);
}

/** Whether a document holds another one, as the operator `@>` says. */
export function jsonContains(whole, part) {
  const [type, other] = [jsonType(whole), jsonType(part)];
  if (type === 'array' && other !== 'array' && other !== 'object') {
    return whole.some((item) => compareJson(item, part) === 0);
  }
  return holds(whole, part);
}

function holds(whole, part) {
  const type = jsonType(whole);
  if (type !== jsonType(part)) return false;
  if (type === 'array') return part.every((one) => whole.some((item) => holds(item, one)));
  if (type === 'object') {
    return Object.entries(part).every(
      ([key, one]) => Object.hasOwn(whole, key) && holds(whole[key], one),
    );
  }
  return compareJson(whole, part) === 0;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** An argument as a value of a column's type. */
export function read(kind, input, context) {
  const wrong = () => new InputError(`no value of type ${kind}: ${JSON.stringify(input)}`);
  const number = input instanceof Digits ? input.text : typeof input === 'number' ? `${input}` : null;
  switch (kind) {
    case 'uuid': {
      if (typeof input !== 'string' || !UUID.test(input)) throw wrong();
      return input.toLowerCase();
    }
    case 'text':
      return text(input);
    case 'textArray':
      return list(input).map(text);
    case 'int':
      if (typeof input !== 'number') throw wrong();
      return input;
    case 'bigInt': {
      const digits = number ?? input;
      if (typeof digits !== 'string' || !/^[+-]?\d+$/.test(digits)) throw wrong();
      const value = BigInt(digits.replace('+', ''));
      if (value !== BigInt.asIntN(64, value)) throw wrong();
      return `${value}`;
    }
    case 'decimal': {
      const value = decimal(number ?? input);
      if (value === null) throw wrong();
      return value;
    }
    case 'boolean':
      if (typeof input !== 'boolean') throw wrong();
      return input;
    case 'timestamp': {
      if (input === 'infinity' || input === '-infinity') return input;
      const form = /^\d{4}-\d\d-\d\d[T ]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i;
      if (typeof input !== 'string' || !form.test(input) || !isDay(input.slice(0, 10))) throw wrong();
      return input;
    }
    case 'date':
      if (input === 'infinity' || input === '-infinity') return input;
      if (typeof input !== 'string' || !isDay(input)) throw wrong();
      return input;
    case 'json':
      return document(input);
    case 'inet': {
      const [address, bits, ...further] = text(input).split('/');
      const most = { 4: 32, 6: 128 }[isIP(address)];
      const fits = bits === undefined || (/^\d+$/.test(bits) && Number(bits) <= most);
      if (most === undefined || further.length > 0 || !fits) throw wrong();
      return input;
    }
    case 'enum':
      if (!context.enum.some((one) => one.toUpperCase() === input)) throw wrong();
      return input;
    default:
      throw wrong();
  }
}

export function text(input) {
  if (typeof input !== 'string') throw new InputError('no text');
  if (input.includes('\0')) throw new InputError('a text with U+0000');
  return input;
}

/** The specification lets a single value stand for a list of one. */
export function list(input) {
  return Array.isArray(input) ? input : [input];
}

function isDay(text) {
  const instant = /^\d{4}-\d\d-\d\d$/.test(text) ? new Date(`${text}T00:00:00Z`) : null;
  return instant !== null && !Number.isNaN(+instant) && instant.toISOString().startsWith(text);
}

/** The digits without an exponent, or null for what PostgreSQL's `numeric` does not hold. */
function decimal(text) {
  if (['NaN', 'Infinity', '-Infinity'].includes(text)) return text;
  const parts = typeof text === 'string' && /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d+))?$/i.exec(text);
  if (!parts || !(parts[2] || parts[3])) return null;
  const [, sign, whole, part = '', exponent = '0'] = parts;
  const shift = Number(exponent);
  if (Math.abs(shift) > 1000000) return null;
  const places = Math.max(0, part.length - shift);
  const before = whole.length + shift - /^0*/.exec(whole + part)[0].length;
  if (places > 16383 || (/[1-9]/.test(whole + part) && before > 131072)) return null;
  const digits = whole + part + '0'.repeat(Math.max(0, shift - part.length));
  const padded = digits.padStart(places + 1, '0');
  const at = padded.length - places;
  const joined = places > 0 ? `${padded.slice(0, at)}.${padded.slice(at)}` : padded;
  return (sign === '-' ? '-' : '') + joined;
}

/** A JSON value; number literals were kept as they are written. */
function document(input) {
  if (input === undefined) throw new InputError('a variable without a value');
  if (input instanceof Digits) return Number(input.text);
  if (typeof input === 'string') return text(input);
  if (Array.isArray(input)) return input.map(document);
  if (input !== null && typeof input === 'object') {
    return Object.fromEntries(
      Object.entries(input).map(([key, value]) => [text(key), document(value)]),
    );
  }
  return input;
}
