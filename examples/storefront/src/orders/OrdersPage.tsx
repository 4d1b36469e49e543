import { useSearchParams } from 'react-router';
import { useQuery } from 'urql';
import { graphql } from '../gql';
import { SelectField, TextField } from '../ui/fields';
import { FilterForm } from '../ui/FilterForm';
import { List } from '../ui/List';
import { PageTitle } from '../ui/PageTitle';
import { SortField } from '../ui/SortField';
import { usePage } from '../ui/usePage';
import { ORDER_STATUSES } from './orderStatuses';
import { OrdersTable } from './OrdersTable';
import { ORDER_SORTS, ordersVariables } from './ordersVariables';

const OrdersQuery = graphql(`
  query Orders(
    $where: OrderFilter!
    $orderBy: [OrderOrderBy!]
    $first: Int
    $after: String
    $last: Int
    $before: String
  ) {
    orders(where: $where, orderBy: $orderBy, first: $first, after: $after, last: $last, before: $before) {
      totalCount
      pageInfo {
        ...Pager
      }
      nodes {
        ...OrdersTable
      }
    }
  }
`);

export function OrdersPage() {
  const [params] = useSearchParams();
  const variables = { ...ordersVariables(params), ...usePage() };
  const [{ data, error, fetching }, reload] = useQuery({ query: OrdersQuery, variables });
  return (
    <>
      <PageTitle>Orders</PageTitle>
      <FilterForm label="Orders">
        <SelectField label="Status" name="status" options={ORDER_STATUSES} none="Any" />
        <TextField label="Customer’s country" name="country" />
        <TextField label="Product contains" name="product" />
        <TextField label="From" name="from" type="date" />
        <TextField label="To" name="to" type="date" />
        <SortField sorts={ORDER_SORTS} />
      </FilterForm>
      <List connection={data?.orders} error={error} fetching={fetching} reload={reload} nouns={['order', 'orders']}>
        <OrdersTable orders={data?.orders.nodes ?? []} />
      </List>
    </>
  );
}
