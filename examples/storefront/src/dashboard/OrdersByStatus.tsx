import { type FragmentType, getFragmentData, graphql } from '../gql';
import { ORDER_STATUSES } from '../orders/orderStatuses';
import { BarTable } from '../ui/BarTable';
import { formatCount } from '../ui/format';
import { WorkspaceLink } from '../workspace/WorkspaceLink';

const OrdersByStatusFragment = graphql(`
  fragment OrdersByStatus on OrderConnection {
    byStatus: groups(by: [{ status: true }], orderBy: [{ count: DESC }]) {
      nodes {
        key {
          status
        }
        count
      }
    }
  }
`);

export function OrdersByStatus({ orders }: { orders: FragmentType<typeof OrdersByStatusFragment> }) {
  const { byStatus } = getFragmentData(OrdersByStatusFragment, orders);
  const bars = byStatus.nodes.flatMap(({ key: { status }, count }) => {
    if (!status) return [];
    const label = <WorkspaceLink to={`orders?status=${status}`}>{ORDER_STATUSES[status]}</WorkspaceLink>;
    return { key: status, label, value: count, text: formatCount(count) };
  });
  return <BarTable title="Orders by status" bars={bars} headings={['Status', 'Orders']} />;
}
