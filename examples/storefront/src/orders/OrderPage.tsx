import { useParams } from 'react-router';
import { useQuery } from 'urql';
import { CustomerName } from '../customers/CustomerName';
import { graphql } from '../gql';
import { Facts } from '../ui/Facts';
import { formatDate, formatMoney } from '../ui/format';
import { List } from '../ui/List';
import { Loading } from '../ui/Loading';
import { NotFound } from '../ui/NotFound';
import { PageTitle } from '../ui/PageTitle';
import { ProblemNotice } from '../ui/ProblemNotice';
import { usePage } from '../ui/usePage';
import { OrderItemsTable } from './OrderItemsTable';
import { ORDER_STATUSES } from './orderStatuses';
import { OrderTransactions } from './OrderTransactions';

const OrderQuery = graphql(`
  query Order($id: ID!, $first: Int, $after: String, $last: Int, $before: String) {
    order(id: $id) {
      orderNumber
      orderDate
      status
      totalAmount
      currency
      city: shippingAddress(path: "city")
      country: shippingAddress(path: "country")
      customer {
        ...CustomerName
      }
      items(orderBy: [{ totalAmount: DESC }], first: $first, after: $after, last: $last, before: $before) {
        totalCount
        pageInfo {
          ...Pager
        }
        nodes {
          ...OrderItemsTable
        }
      }
    }
  }
`);

export function OrderPage() {
  const { id = '' } = useParams();
  const [{ data, error, fetching }, reload] = useQuery({ query: OrderQuery, variables: { id, ...usePage() } });
  if (error) return <ProblemNotice error={error} retry={reload} fetching={fetching} />;
  if (!data) return <Loading />;
  const { order } = data;
  if (!order) return <NotFound what="order" />;
  return (
    <>
      <PageTitle>{`Order ${order.orderNumber}`}</PageTitle>
      <Facts
        facts={{
          Customer: <CustomerName customer={order.customer} />,
          Date: formatDate(order.orderDate),
          Status: ORDER_STATUSES[order.status],
          'Shipped to': [order.city, order.country].filter((part) => typeof part === 'string').join(', '),
          Amount: formatMoney(order.totalAmount, order.currency),
        }}
      />
      <section>
        <h2>Items</h2>
        <List connection={order.items} error={error} fetching={fetching} reload={reload} nouns={['item', 'items']}>
          <OrderItemsTable items={order.items.nodes} currency={order.currency} />
        </List>
      </section>
      <OrderTransactions id={id} />
    </>
  );
}
