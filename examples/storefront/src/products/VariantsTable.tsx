import { type FragmentType, getFragmentData, graphql } from '../gql';
import { formatCount, formatMoney } from '../ui/format';
import { useWorkspace } from '../workspace/context';

const VariantsTableFragment = graphql(`
  fragment VariantsTable on ProductVariantConnection {
    totalCount
    nodes {
      id
      sku
      price
      isAvailable
      orderItems {
        aggregate {
          quantity {
            sum
          }
        }
      }
    }
  }
`);

export function VariantsTable({ variants }: { variants: FragmentType<typeof VariantsTableFragment> }) {
  const { totalCount, nodes } = getFragmentData(VariantsTableFragment, variants);
  const { currency } = useWorkspace();
  return (
    <section>
      <h2>Variants ({formatCount(totalCount)})</h2>
      <table>
        <thead>
          <tr>
            <th scope="col">SKU</th>
            <th scope="col">Available</th>
            <th scope="col" className="number">
              Sold
            </th>
            <th scope="col" className="number">
              Price
            </th>
          </tr>
        </thead>
        <tbody>
          {nodes.map(({ id, sku, price, isAvailable, orderItems }) => (
            <tr key={id}>
              <th scope="row">{sku}</th>
              <td>{isAvailable ? 'Yes' : 'No'}</td>
              <td className="number">{formatCount(orderItems.aggregate.quantity.sum ?? 0)}</td>
              <td className="number">{formatMoney(price, currency)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
