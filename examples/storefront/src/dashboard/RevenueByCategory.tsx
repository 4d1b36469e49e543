import { type FragmentType, getFragmentData, graphql } from '../gql';
import { BarTable } from '../ui/BarTable';
import { formatMoney } from '../ui/format';
import { useWorkspace } from '../workspace/context';
import { WorkspaceLink } from '../workspace/WorkspaceLink';

const RevenueByCategoryFragment = graphql(`
  fragment RevenueByCategory on OrderItemConnection {
    byCategory: groups(
      by: [{ variant: { product: { category: true } } }]
      orderBy: [{ totalAmount: { sum: DESC } }]
      first: 10
    ) {
      nodes {
        key {
          variant {
            product {
              category
            }
          }
        }
        totalAmount {
          sum
        }
      }
    }
  }
`);

export function RevenueByCategory({ items }: { items: FragmentType<typeof RevenueByCategoryFragment> }) {
  const { byCategory } = getFragmentData(RevenueByCategoryFragment, items);
  const { currency } = useWorkspace();
  const bars = byCategory.nodes.map(({ key, totalAmount }) => {
    const { category } = key.variant.product;
    const revenue = totalAmount.sum ?? 0;
    return {
      key: category ?? '',
      label: category ? (
        <WorkspaceLink to={`products?${new URLSearchParams({ category })}`}>{category}</WorkspaceLink>
      ) : (
        'none'
      ),
      value: Number(revenue),
      text: formatMoney(revenue, currency),
    };
  });
  return <BarTable title="Revenue by category" bars={bars} headings={['Category', 'Revenue']} />;
}
