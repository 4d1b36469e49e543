import { CustomerName } from '../customers/CustomerName';
import { type FragmentType, getFragmentData, graphql } from '../gql';
import { BarTable } from '../ui/BarTable';
import { formatMoney } from '../ui/format';
import { useWorkspace } from '../workspace/context';

const TopCustomersFragment = graphql(`
  fragment TopCustomers on Customer {
    id
    orders {
      aggregate {
        totalAmount {
          sum
        }
      }
    }
    ...CustomerName
  }
`);

export function TopCustomers({ customers }: { customers: readonly FragmentType<typeof TopCustomersFragment>[] }) {
  const { currency } = useWorkspace();
  const bars = getFragmentData(TopCustomersFragment, customers).map((customer) => {
    const revenue = customer.orders.aggregate.totalAmount.sum ?? 0;
    return {
      key: customer.id,
      label: <CustomerName customer={customer} />,
      value: Number(revenue),
      text: formatMoney(revenue, currency),
    };
  });
  return <BarTable title="Top customers" bars={bars} headings={['Customer', 'Revenue']} />;
}
