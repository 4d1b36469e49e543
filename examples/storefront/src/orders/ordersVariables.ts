import { inCountry } from '../customers/inCountry';
import type { OrderFilter, OrderOrderBy, OrdersQueryVariables } from '../gql/graphql';
import { knownKey } from '../ui/knownKey';
import { type Sorts, sortOf } from '../ui/sorts';
import { ORDER_STATUSES } from './orderStatuses';

export const ORDER_SORTS: Sorts<OrderOrderBy> = {
  '': { label: 'Newest', orderBy: [{ orderDate: 'DESC' }] },
  amount: { label: 'Largest amount', orderBy: [{ totalAmount: 'DESC' }] },
  pieces: { label: 'Most pieces', orderBy: [{ items: { aggregate: { quantity: { sum: 'DESC_NULLS_LAST' } } } }] },
};

/** The arguments of the list for the search parameters of the address. A field that is undefined is not sent. */
export function ordersVariables(params: URLSearchParams): OrdersQueryVariables {
  const status = knownKey(ORDER_STATUSES, params.get('status'));
  const country = params.get('country');
  const product = params.get('product');
  return {
    where: {
      status: status && { eq: status },
      customer: country ? { address: inCountry(country) } : undefined,
      items: product ? withProduct(product) : undefined,
      orderDate: between(params.get('from'), params.get('to')),
    },
    orderBy: sortOf(ORDER_SORTS, params),
  };
}

function withProduct(title: string): OrderFilter['items'] {
  return { some: { variant: { product: { title: { contains: title, mode: 'INSENSITIVE' } } } } };
}

/** Both days belong to the period. */
function between(from: string | null, to: string | null): OrderFilter['orderDate'] {
  if (!from && !to) return undefined;
  return {
    gte: from ? `${from}T00:00:00Z` : undefined,
    lte: to ? `${to}T23:59:59.999999Z` : undefined,
  };
}
