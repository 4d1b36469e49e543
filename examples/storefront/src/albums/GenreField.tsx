import { useQuery } from 'urql';
import { graphql } from '../gql';
import { SelectField } from '../ui/fields';

const GenresQuery = graphql(`
  query Genres {
    genres(orderBy: [{ name: ASC }], where: { albums: { some: {} } }, first: 100) {
      nodes {
        name
        albums {
          totalCount
        }
      }
    }
  }
`);

/** The genres that albums have, with the number of albums in each. */
export function GenreField() {
  const [{ data }] = useQuery({ query: GenresQuery });
  const genres = data?.genres.nodes ?? [];
  const options = genres.map(({ name, albums }) => [name, `${name} (${albums.totalCount})`]);
  return <SelectField label="Genre" name="genre" options={Object.fromEntries(options)} none="Any" />;
}
