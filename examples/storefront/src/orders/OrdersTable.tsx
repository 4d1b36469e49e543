import { CustomerName } from '../customers/CustomerName';
import { type FragmentType, getFragmentData, graphql } from '../gql';
import { formatCount, formatDate, formatMoney } from '../ui/format';
import { WorkspaceLink } from '../workspace/WorkspaceLink';
import { ORDER_STATUSES } from './orderStatuses';

const OrdersTableFragment = graphql(`
  fragment OrdersTable on Order {
    id
    orderNumber
    orderDate
    status
    totalAmount
    currency
    customer {
      ...CustomerName
    }
    items {
      aggregate {
        quantity {
          sum
        }
      }
    }
  }
`);

export function OrdersTable({ orders }: { orders: readonly FragmentType<typeof OrdersTableFragment>[] }) {
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">Order</th>
          <th scope="col">Date</th>
          <th scope="col">Status</th>
          <th scope="col" className="secondary">
            Customer
          </th>
          <th scope="col" className="secondary number">
            Pieces
          </th>
          <th scope="col" className="number">
            Amount
          </th>
        </tr>
      </thead>
      <tbody>
        {getFragmentData(OrdersTableFragment, orders).map((order) => (
          <tr key={order.id}>
            <th scope="row" className="short">
              <WorkspaceLink to={`orders/${order.id}`}>{order.orderNumber}</WorkspaceLink>
            </th>
            <td className="short">{formatDate(order.orderDate)}</td>
            <td className="short">{ORDER_STATUSES[order.status]}</td>
            <td className="secondary">
              <CustomerName customer={order.customer} />
            </td>
            <td className="secondary number">{formatCount(order.items.aggregate.quantity.sum ?? 0)}</td>
            <td className="number">{formatMoney(order.totalAmount, order.currency)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
