// The schema of the repository with plain resolvers over the exported rows.

import {
  buildASTSchema,
  GraphQLError,
  GraphQLFloat,
  GraphQLSchema,
  Kind,
  parse,
  valueFromASTUntyped,
} from 'graphql';

import { at } from './filter.mjs';
import { connection, fromOpaque, opaque } from './lists.mjs';
import { answered, compare, Digits, InputError, read, text, versionOf } from './values.mjs';

const BUILT_IN = ['Int', 'Float', 'String', 'Boolean', 'ID'];

/** The executable schema; `sdl` says what there is, `world` in which order and over which rows. */
export function executable(sdl, world) {
  const members = new Map(world.introspection.__schema.types.map((type) => [type.name, type]));
  const { directives } = world.introspection.__schema;
  const built = buildASTSchema(ordered(parse(sdl), members, directives), { assumeValidSDL: true }).toConfig();
  // async-graphql lists every built-in scalar, graphql-js those that are used.
  const schema = new GraphQLSchema({ ...built, types: [...built.types, GraphQLFloat] });
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.constructor.name === 'GraphQLScalarType' && !BUILT_IN.includes(type.name)) {
      type.parseLiteral = literal;
    }
  }
  sorted(schema, members, directives);
  for (const table of world.tables) prepare(world, table);
  for (const table of world.tables) rowFields(schema, world, table);
  rootFields(schema, world);
  return schema;
}

/** Number literals keep their digits, which JavaScript would round. */
function literal(node, variables) {
  switch (node.kind) {
    case Kind.ENUM:
      throw new GraphQLError('a name without quotes');
    case Kind.INT:
    case Kind.FLOAT:
      if (!Number.isFinite(Number(node.value))) throw new GraphQLError('too great a number');
      return new Digits(node.value);
    case Kind.LIST:
      return node.values.map((one) => literal(one, variables));
    case Kind.OBJECT:
      return Object.fromEntries(node.fields.map((field) => [field.name.value, literal(field.value, variables)]));
    default:
      return valueFromASTUntyped(node, variables);
  }
}

/**
 * Leaves what the gateway lists for the role of the session, in the order in which it lists it: the
 * types, directives and members that only other roles see are no part of the schema.
 */
function ordered(document, members, directives) {
  const names = (list) => list.map((one) => one.name);
  const listed = (nodes, known) =>
    nodes
      ?.filter((node) => names(known).includes(node.name.value))
      .sort((left, right) => names(known).indexOf(left.name.value) - names(known).indexOf(right.name.value));
  const definitions = document.definitions.flatMap((definition) => {
    if (definition.kind === Kind.DIRECTIVE_DEFINITION) return listed([definition], directives);
    const known = members.get(definition.name?.value);
    if (!known) return definition.name ? [] : [definition];
    const fields = listed(definition.fields, known.fields ?? known.inputFields ?? []);
    const withArguments = fields?.map((field) => {
      const { args = [] } = known.fields?.find((one) => one.name === field.name.value) ?? {};
      return { ...field, arguments: listed(field.arguments, args) };
    });
    return [{ ...definition, fields: withArguments, values: listed(definition.values, known.enumValues ?? []) }];
  });
  return { ...document, definitions };
}

/** Lists types and directives in the gateway's order. */
function sorted(schema, members, directives) {
  const inOrder = (list, order) => {
    const names = order.map((one) => one.name);
    return [...list].sort((left, right) => names.indexOf(left.name) - names.indexOf(right.name));
  };
  const types = inOrder(Object.values(schema.getTypeMap()), [...members.values()]);
  const map = Object.fromEntries(types.map((type) => [type.name, type]));
  const listed = inOrder(schema.getDirectives(), directives);
  const { getPossibleTypes } = schema;
  schema.getTypeMap = () => map;
  schema.getDirectives = () => listed;
  schema.getPossibleTypes = (type) =>
    inOrder(getPossibleTypes.call(schema, type), members.get(type.name).possibleTypes);
}

/** Columns and rows of a table with what makes them easy to use. */
function prepare(world, table) {
  for (const [index, column] of table.columns.entries()) {
    column.value = (row) => row.values[index];
    if (column.enum !== null) column.enum = world.enums[column.enum];
  }
  table.byField = new Map(table.columns.filter((one) => one.field !== null).map((one) => [one.field, one]));
  table.byRelation = new Map(table.relations.map((one) => [one.field, related(world, table, one)]));
  table.versionColumn = table.version === null ? null : table.columns[table.version];
  table.keyColumns = table.key.map((index) => table.columns[index]);
  table.rows = table.rows.map((texts) => ({
    __typename: table.type,
    values: texts.map((value, index) => answered(table.columns[index].kind, value)),
  }));
}

/** A relation with the rows that a row leads to. */
function related(world, table, relation) {
  const other = world.tables[relation.to];
  const from = table.columns[relation.from];
  const to = other.columns[relation.toColumn];
  const { log } = relation;
  const isOf = (row) => log === null || other.columns[log.column].value(row) === log.table;
  const rows = (row) => {
    const key = from.value(row);
    return key === null ? [] : other.rows.filter((one) => to.value(one) === key && isOf(one));
  };
  return { many: relation.many, to: other, rows, latest: log && other.columns[log.at] };
}

function rowFields(schema, world, table) {
  const fields = schema.getType(table.type).getFields();
  fields.nodeId.resolve = (row) => opaque([table.name, ...table.keyColumns.map((one) => one.value(row))]);
  for (const [field, column] of table.byField) {
    fields[field].resolve = column.kind === 'json' ? part(column) : column.value;
  }
  if (table.versionColumn !== null) {
    fields.version.resolve = (row) => versionOf(table.versionColumn.value(row));
  }
  for (const [field, { many, to, rows, latest }] of table.byRelation) {
    fields[field].resolve = many
      ? (row, args) => connection(world, to, rows(row), args, latest)
      : (row) => rows(row)[0] ?? null;
  }
}

/** A document, or the part of it at a path. */
function part(column) {
  return (row, { path }) => {
    const document = column.value(row);
    if ((path ?? null) === null) return document;
    const steps = [''];
    const characters = [...path];
    while (characters.length > 0) {
      const character = characters.shift();
      if (character === '.') {
        steps.push('');
      } else if (character === '\\' && characters.length === 0) {
        throw new InputError('a path that ends in a backslash');
      } else {
        steps.push(steps.pop() + (character === '\\' ? characters.shift() : character));
      }
    }
    return at(document, steps) ?? null;
  };
}

function rootFields(schema, world) {
  const fields = schema.getQueryType().getFields();
  const find = (table, columns, values) =>
    table.rows.find((row) =>
      columns.every((column, index) => {
        const value = column.value(row);
        if (value === null || values[index] === null) return value === values[index];
        return compare(column.kind, value, values[index], column) === 0;
      }),
    ) ?? null;
  const lookup = (table, columns) => (_, args) =>
    find(table, columns, columns.map((column) => read(column.kind, args[column.field], column)));
  for (const table of world.tables) {
    if (table.singular !== null) fields[table.singular].resolve = lookup(table, table.keyColumns);
    for (const one of table.lookups) {
      fields[one.field].resolve = lookup(table, one.columns.map((index) => table.columns[index]));
    }
    fields[table.plural].resolve = (_, args) => connection(world, table, table.rows, args);
  }
  const node = (nodeId) => {
    const [name, ...values] = fromOpaque(text(nodeId)) ?? [];
    const table = world.tables.find((one) => one.name === name);
    if (!table || values.length !== table.key.length) throw new InputError('no node id');
    const key = table.keyColumns.map((column, index) =>
      values[index] === null ? null : read(column.kind, values[index], column),
    );
    return find(table, table.keyColumns, key);
  };
  fields.node.resolve = (_, { nodeId }) => node(nodeId);
  fields.nodes.resolve = (_, { nodeIds }) => nodeIds.map(node);
  const [users, workspaces] = [world.tables[world.viewer.users], world.tables[world.viewer.workspaces]];
  fields.viewer.resolve = () => ({
    role: world.session.role,
    user: find(users, users.keyColumns, [world.session.user]),
    workspace: find(workspaces, workspaces.keyColumns, [world.session.workspace]),
    [workspaces.plural]: (args) => connection(world, workspaces, workspaces.rows, args),
  });
}

/** Whether an error of execution is a resolver's refusal of its arguments. */
export function isRefusal(error) {
  return error.originalError instanceof InputError;
}
