import { type FragmentType, getFragmentData, graphql } from '../gql';
import { formatCount, formatMoney } from '../ui/format';
import { WorkspaceLink } from '../workspace/WorkspaceLink';

const OrderItemsTableFragment = graphql(`
  fragment OrderItemsTable on OrderItem {
    id
    quantity
    unitPrice
    totalAmount
    variant {
      sku
      product {
        id
        title
      }
    }
  }
`);

interface Props {
  items: readonly FragmentType<typeof OrderItemsTableFragment>[];
  currency: string;
}

export function OrderItemsTable({ items, currency }: Props) {
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">Product</th>
          <th scope="col" className="secondary">
            SKU
          </th>
          <th scope="col" className="number">
            Pieces
          </th>
          <th scope="col" className="secondary number">
            Price
          </th>
          <th scope="col" className="number">
            Amount
          </th>
        </tr>
      </thead>
      <tbody>
        {getFragmentData(OrderItemsTableFragment, items).map(({ id, quantity, unitPrice, totalAmount, variant }) => (
          <tr key={id}>
            <th scope="row">
              {variant ? (
                <WorkspaceLink to={`products/${variant.product.id}`}>{variant.product.title}</WorkspaceLink>
              ) : (
                'deleted'
              )}
            </th>
            <td className="secondary">{variant?.sku}</td>
            <td className="number">{formatCount(quantity)}</td>
            <td className="secondary number">{formatMoney(unitPrice, currency)}</td>
            <td className="number">{formatMoney(totalAmount, currency)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
