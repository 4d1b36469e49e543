// What JSON the variables of each scalar may be. GraphiQL underlines anything else, and knows only the built-in ones.

const text = { type: 'string' };
const textOrNumber = { type: ['string', 'number'] };

export const scalars = {
  BigInt: { type: ['string', 'integer'] },
  Date: text,
  DateTime: text,
  Decimal: textOrNumber,
  Inet: text,
  JSON: { type: ['object', 'array', 'string', 'number', 'boolean', 'null'] },
  Vector: { type: 'array' },
};
