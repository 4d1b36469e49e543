import { useParams } from 'react-router';
import { useQuery } from 'urql';
import { graphql } from '../gql';
import { Facts } from '../ui/Facts';
import { formatMoney } from '../ui/format';
import { Loading } from '../ui/Loading';
import { NotFound } from '../ui/NotFound';
import { PageTitle } from '../ui/PageTitle';
import { ProblemNotice } from '../ui/ProblemNotice';
import { useWorkspace } from '../workspace/context';
import { albumFacts } from './albumFacts';
import { ProductSales } from './ProductSales';
import { PRODUCT_STATUSES } from './productsQuery';
import { RecentOrderItems } from './RecentOrderItems';
import { salesFacts } from './salesFacts';
import { VariantsTable } from './VariantsTable';

const ProductQuery = graphql(`
  query Product($id: ID!) {
    product(id: $id) {
      title
      category
      status
      basePrice
      description
      tags
      album {
        ...AlbumFacts
      }
      performance {
        nodes {
          ...SalesFacts
        }
      }
      variants(first: 100, orderBy: [{ sku: ASC }]) {
        ...VariantsTable
      }
    }
    orderItems(where: { variant: { productId: { eq: $id } } }, orderBy: [{ order: { orderDate: DESC } }], first: 10) {
      ...ProductSales
      ...RecentOrderItems
    }
  }
`);

export function ProductPage() {
  const { id = '' } = useParams();
  const { currency } = useWorkspace();
  const [{ data, error, fetching }, reload] = useQuery({ query: ProductQuery, variables: { id } });
  if (error) return <ProblemNotice error={error} retry={reload} fetching={fetching} />;
  if (!data) return <Loading />;
  const { product, orderItems } = data;
  if (!product) return <NotFound what="product" />;
  return (
    <>
      <PageTitle>{product.title}</PageTitle>
      <Facts
        facts={{
          ...albumFacts(product.album),
          Category: product.category,
          Status: PRODUCT_STATUSES[product.status],
          Price: formatMoney(product.basePrice, currency),
          Tags: product.tags.join(', '),
          ...salesFacts(product.performance.nodes),
        }}
      />
      <ProductSales items={orderItems} />
      <VariantsTable variants={product.variants} />
      <RecentOrderItems items={orderItems} />
      {product.description && (
        <section>
          <h2>Description</h2>
          <p className="text">{product.description}</p>
        </section>
      )}
    </>
  );
}
