import { useQuery } from 'urql';
import { graphql } from '../gql';
import { SelectField } from '../ui/fields';
import { formatCount } from '../ui/format';

const CategoriesQuery = graphql(`
  query Categories {
    products {
      groups(by: [{ category: true }], orderBy: [{ key: { category: ASC } }], first: 100) {
        nodes {
          key {
            category
          }
          count
        }
      }
    }
  }
`);

/** The categories that products have, with the number of products in each. */
export function CategoryField() {
  const [{ data }] = useQuery({ query: CategoriesQuery });
  const groups = data?.products.groups.nodes ?? [];
  const options = groups.flatMap(({ key: { category }, count }) =>
    category ? [[category, `${category} (${formatCount(count)})`]] : [],
  );
  return <SelectField label="Category" name="category" options={Object.fromEntries(options)} none="Any" />;
}
