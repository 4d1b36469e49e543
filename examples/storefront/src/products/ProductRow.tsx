import { type FragmentType, getFragmentData, graphql } from '../gql';
import { Marked, OtherSnippets } from '../search/snippets';
import { formatCount, formatMoney } from '../ui/format';
import { useWorkspace } from '../workspace/context';
import { WorkspaceLink } from '../workspace/WorkspaceLink';
import { PRODUCT_STATUSES } from './productsQuery';

const ProductRowFragment = graphql(`
  fragment ProductRow on ProductEdge {
    highlights {
      ...Snippets
    }
    node {
      id
      title
      category
      status
      basePrice
      performance(first: 1) {
        nodes {
          currency
          unitsSold
          grossRevenue
        }
      }
    }
  }
`);

export function ProductRow({ edge }: { edge: FragmentType<typeof ProductRowFragment> }) {
  const { highlights, node } = getFragmentData(ProductRowFragment, edge);
  const { id, title, category, status, basePrice, performance } = node;
  const { currency } = useWorkspace();
  const [sales] = performance.nodes;
  return (
    <tr>
      <th scope="row">
        <WorkspaceLink to={`products/${id}`}>
          <Marked highlights={highlights} field="title" value={title} />
        </WorkspaceLink>
        <OtherSnippets highlights={highlights} shown={{ title, category }} />
      </th>
      <td className="secondary">
        <Marked highlights={highlights} field="category" value={category} />
      </td>
      <td className="short">{PRODUCT_STATUSES[status]}</td>
      <td className="secondary number">{formatCount(sales?.unitsSold ?? 0)}</td>
      <td className="secondary number">{formatMoney(sales?.grossRevenue ?? 0, sales?.currency ?? currency)}</td>
      <td className="number">{formatMoney(basePrice, currency)}</td>
    </tr>
  );
}
