import { type FragmentType, getFragmentData, graphql } from '../gql';
import { Marked, OtherSnippets } from '../search/snippets';
import { formatCount, formatDate, formatMoney } from '../ui/format';
import { useWorkspace } from '../workspace/context';
import { CustomerName, partsOfName } from './CustomerName';

const CustomerRowFragment = graphql(`
  fragment CustomerRow on CustomerEdge {
    highlights {
      ...Snippets
    }
    node {
      firstName
      lastName
      email
      address
      orders {
        aggregate {
          count
          totalAmount {
            sum
            avg
          }
          orderDate {
            max
          }
        }
      }
      ...CustomerName
    }
  }
`);

export function CustomerRow({ edge }: { edge: FragmentType<typeof CustomerRowFragment> }) {
  const { highlights, node } = getFragmentData(CustomerRowFragment, edge);
  const { address } = node;
  const { count, totalAmount, orderDate } = node.orders.aggregate;
  const { currency } = useWorkspace();
  return (
    <tr>
      <th scope="row">
        <CustomerName customer={node} highlights={highlights} />
        <OtherSnippets highlights={highlights} shown={{ ...partsOfName(node), address }} />
      </th>
      <td className="secondary">
        <Marked highlights={highlights} field="address" value={address} />
      </td>
      <td className="number">{formatCount(count)}</td>
      <td className="secondary short">{orderDate.max && formatDate(orderDate.max)}</td>
      <td className="secondary number">{totalAmount.avg && formatMoney(totalAmount.avg, currency)}</td>
      <td className="number">{formatMoney(totalAmount.sum ?? 0, currency)}</td>
    </tr>
  );
}
