import { graphql } from '../gql';
import type { ProductOrderBy, ProductsQueryVariables, RecordStatus } from '../gql/graphql';
import { searchSorts, searchText } from '../search/searchText';
import { knownKey } from '../ui/knownKey';
import { type Sorts, sortOf } from '../ui/sorts';

/** The list of products, with all that decides which ones it shows. */
export const ProductsQuery = graphql(`
  query Products(
    $search: HybridSearch
    $where: ProductFilter!
    $orderBy: [ProductOrderBy!]
    $first: Int
    $after: String
    $last: Int
    $before: String
  ) {
    products(
      search: $search
      where: $where
      orderBy: $orderBy
      first: $first
      after: $after
      last: $last
      before: $before
    ) {
      totalCount
      pageInfo {
        ...Pager
      }
      edges {
        node {
          id
        }
        ...ProductRow
      }
    }
  }
`);

export const PRODUCT_STATUSES: Record<RecordStatus, string> = {
  ACTIVE: 'Active',
  INACTIVE: 'Inactive',
  ARCHIVED: 'Archived',
};

const SORTS: Sorts<ProductOrderBy> = {
  '': { label: 'Title', orderBy: [{ title: 'ASC' }] },
  price: { label: 'Highest price', orderBy: [{ basePrice: 'DESC' }] },
  revenue: {
    label: 'Most revenue',
    orderBy: [{ performance: { aggregate: { grossRevenue: { sum: 'DESC_NULLS_LAST' } } } }],
  },
};

export function productSorts(params: URLSearchParams): Sorts<ProductOrderBy> {
  return searchSorts(SORTS, 'title', params);
}

/** The arguments of the list for the search parameters of the address. A field that is undefined is not sent. */
export function productsVariables(params: URLSearchParams): ProductsQueryVariables {
  const text = searchText(params);
  const category = params.get('category');
  const status = knownKey(PRODUCT_STATUSES, params.get('status'));
  return {
    search: text ? { text } : undefined,
    where: {
      category: category ? { eq: category } : undefined,
      status: status && { eq: status },
    },
    orderBy: sortOf(productSorts(params), params),
  };
}
