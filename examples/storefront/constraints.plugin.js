// A plugin of GraphQL Code Generator: what the schema requires of the values of some inputs, for forms to check first.
import { isNonNullType } from 'graphql';

/** `config.inputs` maps input types, in which `@constraint` stands, to the types of the rows that they make. */
export function plugin(schema, _documents, { inputs }) {
  const constraints = Object.entries(inputs).map(([input, row]) => {
    const columns = schema.getType(row).getFields();
    const fields = Object.values(schema.getType(input).getFields());
    return [input, Object.fromEntries(fields.map((field) => [field.name, constraint(field, columns[field.name])]))];
  });
  return `export const constraints = ${JSON.stringify(Object.fromEntries(constraints), null, 2)} as const;\n`;
}

function constraint({ description, astNode }, column) {
  const directive = astNode.directives.find(({ name }) => name.value === 'constraint');
  const values = (directive?.arguments ?? []).map(({ name, value }) => [name.value, constant(value)]);
  // A field with a default may be left out of the input, but a column that is not null cannot be emptied.
  const required = column && isNonNullType(column.type);
  return { description, ...(required && { required }), ...Object.fromEntries(values) };
}

function constant({ kind, value }) {
  return kind === 'IntValue' ? Number(value) : value;
}
