import { useSearchParams } from 'react-router';
import { useQuery } from 'urql';
import { graphql } from '../gql';
import { SearchField } from '../search/SearchField';
import { searchText } from '../search/searchText';
import { TextField } from '../ui/fields';
import { FilterForm } from '../ui/FilterForm';
import { List } from '../ui/List';
import { PageTitle } from '../ui/PageTitle';
import { SortField } from '../ui/SortField';
import { usePage } from '../ui/usePage';
import { CustomerRow } from './CustomerRow';
import { customerSorts, customersVariables } from './customersVariables';

const CustomersQuery = graphql(`
  query Customers(
    $search: TextSearch
    $where: CustomerFilter!
    $orderBy: [CustomerOrderBy!]
    $first: Int
    $after: String
    $last: Int
    $before: String
  ) {
    customers(
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
        ...CustomerRow
      }
    }
  }
`);

export function CustomersPage() {
  const [params] = useSearchParams();
  const variables = { ...customersVariables(params), ...usePage() };
  const [{ data, error, fetching }, reload] = useQuery({ query: CustomersQuery, variables });
  return (
    <>
      <PageTitle>Customers</PageTitle>
      <FilterForm label="Customers">
        <SearchField />
        <TextField label="Country" name="country" />
        <SortField sorts={customerSorts(params)} />
      </FilterForm>
      <List
        connection={data?.customers}
        error={error}
        fetching={fetching}
        reload={reload}
        nouns={['customer', 'customers']}
        text={searchText(params)}
      >
        <table>
          <thead>
            <tr>
              <th scope="col">Customer</th>
              <th scope="col" className="secondary">
                Address
              </th>
              <th scope="col" className="number">
                Orders
              </th>
              <th scope="col" className="secondary">
                Last order
              </th>
              <th scope="col" className="secondary number">
                Average order
              </th>
              <th scope="col" className="number">
                Revenue
              </th>
            </tr>
          </thead>
          <tbody>
            {data?.customers.edges.map((edge) => (
              <CustomerRow key={edge.node.id} edge={edge} />
            ))}
          </tbody>
        </table>
      </List>
    </>
  );
}
