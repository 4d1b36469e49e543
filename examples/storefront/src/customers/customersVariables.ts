import type { CustomerOrderBy, CustomersQueryVariables } from '../gql/graphql';
import { searchSorts, searchText } from '../search/searchText';
import { type Sorts, sortOf } from '../ui/sorts';
import { inCountry } from './inCountry';

const SORTS: Sorts<CustomerOrderBy> = {
  '': { label: 'Most revenue', orderBy: [{ orders: { aggregate: { totalAmount: { sum: 'DESC_NULLS_LAST' } } } }] },
  orders: { label: 'Most orders', orderBy: [{ orders: { aggregate: { count: 'DESC' } } }] },
  latest: { label: 'Latest order', orderBy: [{ orders: { aggregate: { orderDate: { max: 'DESC_NULLS_LAST' } } } }] },
  email: { label: 'E-mail', orderBy: [{ email: 'ASC' }] },
};

export function customerSorts(params: URLSearchParams): Sorts<CustomerOrderBy> {
  return searchSorts(SORTS, 'revenue', params);
}

/** The arguments of the list for the search parameters of the address. A field that is undefined is not sent. */
export function customersVariables(params: URLSearchParams): CustomersQueryVariables {
  const text = searchText(params);
  const country = params.get('country');
  return {
    search: text ? { text } : undefined,
    where: { address: country ? inCountry(country) : undefined },
    orderBy: sortOf(customerSorts(params), params),
  };
}
