import { useSearchParams } from 'react-router';
import { useQuery } from 'urql';
import { SearchField } from '../search/SearchField';
import { searchText } from '../search/searchText';
import { SelectField } from '../ui/fields';
import { FilterForm } from '../ui/FilterForm';
import { List } from '../ui/List';
import { PageTitle } from '../ui/PageTitle';
import { SortField } from '../ui/SortField';
import { usePage } from '../ui/usePage';
import { CategoryField } from './CategoryField';
import { ProductRow } from './ProductRow';
import { PRODUCT_STATUSES, productSorts, ProductsQuery, productsVariables } from './productsQuery';

export function ProductsPage() {
  const [params] = useSearchParams();
  const variables = { ...productsVariables(params), ...usePage() };
  const [{ data, error, fetching }, reload] = useQuery({ query: ProductsQuery, variables });
  return (
    <>
      <PageTitle>Products</PageTitle>
      <FilterForm label="Products">
        <SearchField />
        <SelectField label="Status" name="status" options={PRODUCT_STATUSES} none="Any" />
        <CategoryField />
        <SortField sorts={productSorts(params)} />
      </FilterForm>
      <List
        connection={data?.products}
        error={error}
        fetching={fetching}
        reload={reload}
        nouns={['product', 'products']}
        text={searchText(params)}
      >
        <table>
          <thead>
            <tr>
              <th scope="col">Title</th>
              <th scope="col" className="secondary">
                Category
              </th>
              <th scope="col">Status</th>
              <th scope="col" className="secondary number">
                Sold
              </th>
              <th scope="col" className="secondary number">
                Revenue
              </th>
              <th scope="col" className="number">
                Price
              </th>
            </tr>
          </thead>
          <tbody>
            {data?.products.edges.map((edge) => (
              <ProductRow key={edge.node.id} edge={edge} />
            ))}
          </tbody>
        </table>
      </List>
    </>
  );
}
