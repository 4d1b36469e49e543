import { type FragmentType, getFragmentData, graphql } from '../gql';
import { ColumnChart } from '../ui/ColumnChart';
import { formatCount, formatMonth } from '../ui/format';

const ProductSalesFragment = graphql(`
  fragment ProductSales on OrderItemConnection {
    byMonth: groups(by: [{ order: { orderDate: { bucket: MONTH } } }], fill: ZERO, first: 500) {
      nodes {
        key {
          order {
            orderDate
          }
        }
        quantity {
          sum
        }
      }
    }
  }
`);

export function ProductSales({ items }: { items: FragmentType<typeof ProductSalesFragment> }) {
  const { byMonth } = getFragmentData(ProductSalesFragment, items);
  const columns = byMonth.nodes.flatMap(({ key, quantity }) => {
    const { orderDate } = key.order;
    const pieces = quantity.sum ?? 0;
    return orderDate ? [{ label: formatMonth(orderDate), value: Number(pieces), text: formatCount(pieces) }] : [];
  });
  if (columns.length < 2) return null;
  return (
    <ColumnChart
      title="Pieces sold by month"
      columns={columns}
      formatTick={formatCount}
      headings={['Month', 'Pieces']}
    />
  );
}
