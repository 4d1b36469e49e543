import { CustomerName } from '../customers/CustomerName';
import { type FragmentType, getFragmentData, graphql } from '../gql';
import { formatCount, formatDate } from '../ui/format';
import { WorkspaceLink } from '../workspace/WorkspaceLink';

const RecentOrderItemsFragment = graphql(`
  fragment RecentOrderItems on OrderItemConnection {
    nodes {
      id
      quantity
      order {
        id
        orderNumber
        orderDate
        customer {
          ...CustomerName
        }
      }
    }
  }
`);

export function RecentOrderItems({ items }: { items: FragmentType<typeof RecentOrderItemsFragment> }) {
  const { nodes } = getFragmentData(RecentOrderItemsFragment, items);
  if (nodes.length === 0) return null;
  return (
    <section>
      <h2>Latest orders</h2>
      <table>
        <thead>
          <tr>
            <th scope="col">Order</th>
            <th scope="col">Date</th>
            <th scope="col">Customer</th>
            <th scope="col" className="number">
              Pieces
            </th>
          </tr>
        </thead>
        <tbody>
          {nodes.map(({ id, quantity, order }) => (
            <tr key={id}>
              <th scope="row" className="short">
                <WorkspaceLink to={`orders/${order.id}`}>{order.orderNumber}</WorkspaceLink>
              </th>
              <td className="short">{formatDate(order.orderDate)}</td>
              <td>
                <CustomerName customer={order.customer} />
              </td>
              <td className="number">{formatCount(quantity)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
