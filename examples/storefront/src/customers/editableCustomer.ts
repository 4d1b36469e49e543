import { type FragmentType, getFragmentData, graphql } from '../gql';
import { constraints } from '../gql/constraints';
import type { CustomerPatch } from '../gql/graphql';
import { check, type Constraint } from '../forms/check';

export const EditableCustomerFragment = graphql(`
  fragment EditableCustomer on Customer {
    version
    firstName
    lastName
    email
    phone
    company
    address
    preferredLanguage
  }
`);

export const LABELS = {
  firstName: 'First name',
  lastName: 'Last name',
  email: 'E-mail',
  phone: 'Phone',
  company: 'Company',
  address: 'Address',
  preferredLanguage: 'Language',
};

export type Field = keyof typeof LABELS;
export const FIELDS = Object.keys(LABELS) as Field[];

/** The texts of the form. A value that is null is an empty text. */
export type Texts = Record<Field, string>;

/** A row as it was read: its texts, and the version that an update must expect. */
export interface Base {
  version: string;
  texts: Texts;
}

export function baseOf(customer: FragmentType<typeof EditableCustomerFragment>): Base {
  const { version, ...values } = getFragmentData(EditableCustomerFragment, customer);
  return { version, texts: mapFields((name) => values[name] ?? '') };
}

export function constraintOf(name: Field): Constraint {
  return constraints.CustomerInput[name];
}

/** Only what was changed here. A field that is absent from a patch is left alone. */
export function patchOf(texts: Texts, base: Base): CustomerPatch {
  return Object.fromEntries(changedFields(texts, base.texts).map((name) => [name, texts[name].trim() || null]));
}

export function changedFields(texts: Texts, before: Texts): Field[] {
  return FIELDS.filter((name) => texts[name].trim() !== before[name]);
}

/** What the schema forbids about the changed fields. */
export function checkFields(texts: Texts, base: Base): Partial<Texts> {
  const found = changedFields(texts, base.texts).map((name) => [name, check(texts[name].trim(), constraintOf(name))]);
  return Object.fromEntries(found.filter(([, problem]) => problem !== undefined));
}

/** The present row, with what was changed here since `base` was read. */
export function mergedOnto(current: Base, texts: Texts, base: Base): Texts {
  const changed = new Set(changedFields(texts, base.texts));
  return mapFields((name) => (changed.has(name) ? texts[name] : current.texts[name]));
}

function mapFields(make: (name: Field) => string): Texts {
  return Object.fromEntries(FIELDS.map((name) => [name, make(name)])) as Texts;
}
