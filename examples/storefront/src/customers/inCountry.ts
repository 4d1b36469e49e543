import type { StringOperators } from '../gql/graphql';

/** A condition on the address of a customer, which ends with the country. */
export function inCountry(country: string): StringOperators {
  return { endsWith: country, mode: 'INSENSITIVE' };
}
