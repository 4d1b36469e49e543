import { type FragmentType, getFragmentData, graphql } from '../gql';
import { Facts } from '../ui/Facts';
import { formatCount, formatDate, formatMoney } from '../ui/format';
import { useWorkspace } from '../workspace/context';

const TotalsFragment = graphql(`
  fragment Totals on OrderConnection {
    aggregate {
      count
      totalAmount {
        sum
        avg
      }
      customerId {
        countDistinct
      }
      orderDate {
        min
        max
      }
    }
  }
`);

export function Totals({ orders }: { orders: FragmentType<typeof TotalsFragment> }) {
  const { count, totalAmount, customerId, orderDate } = getFragmentData(TotalsFragment, orders).aggregate;
  const { currency } = useWorkspace();
  return (
    <Facts
      facts={{
        Orders: formatCount(count),
        Revenue: formatMoney(totalAmount.sum ?? 0, currency),
        'Average order': totalAmount.avg && formatMoney(totalAmount.avg, currency),
        'Customers with orders': formatCount(customerId.countDistinct),
        Period: orderDate.min && orderDate.max && `${formatDate(orderDate.min)} – ${formatDate(orderDate.max)}`,
      }}
    />
  );
}
