import { type FragmentType, getFragmentData, graphql } from '../gql';
import { ColumnChart } from '../ui/ColumnChart';
import { formatMoney, formatMonth, formatShortMoney } from '../ui/format';
import { useWorkspace } from '../workspace/context';
import { WorkspaceLink } from '../workspace/WorkspaceLink';

const RevenueByMonthFragment = graphql(`
  fragment RevenueByMonth on OrderConnection {
    byMonth: groups(by: [{ orderDate: { bucket: MONTH } }], fill: ZERO, first: 500) {
      nodes {
        key {
          orderDate
        }
        totalAmount {
          sum
        }
      }
    }
  }
`);

export function RevenueByMonth({ orders }: { orders: FragmentType<typeof RevenueByMonthFragment> }) {
  const { byMonth } = getFragmentData(RevenueByMonthFragment, orders);
  const { currency } = useWorkspace();
  const columns = byMonth.nodes.flatMap(({ key: { orderDate }, totalAmount }) => {
    if (!orderDate) return [];
    const label = formatMonth(orderDate);
    const revenue = totalAmount.sum ?? 0;
    return {
      label,
      value: Number(revenue),
      text: formatMoney(revenue, currency),
      heading: <WorkspaceLink to={`orders?${daysOf(orderDate)}`}>{label}</WorkspaceLink>,
    };
  });
  return (
    <ColumnChart
      title="Revenue by month"
      columns={columns}
      formatTick={(value) => formatShortMoney(value, currency)}
      headings={['Month', 'Revenue']}
    />
  );
}

/** The first and the last day of a month, as filters of the list of orders. */
function daysOf(month: string) {
  const first = new Date(month);
  const last = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0));
  return new URLSearchParams({ from: first.toISOString().slice(0, 10), to: last.toISOString().slice(0, 10) });
}
