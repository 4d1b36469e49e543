import { useSearchParams } from 'react-router';
import { useQuery } from 'urql';
import { graphql } from '../gql';
import type { AlbumFilter } from '../gql/graphql';
import { TextField } from '../ui/fields';
import { FilterForm } from '../ui/FilterForm';
import { List } from '../ui/List';
import { PageTitle } from '../ui/PageTitle';
import { usePage } from '../ui/usePage';
import { AlbumRow } from './AlbumRow';
import { GenreField } from './GenreField';

const AlbumsQuery = graphql(`
  query Albums($where: AlbumFilter!, $first: Int, $after: String, $last: Int, $before: String) {
    albums(
      where: $where
      orderBy: [{ artist: ASC }, { product: { title: ASC } }]
      first: $first
      after: $after
      last: $last
      before: $before
    ) {
      totalCount
      pageInfo {
        ...Pager
      }
      nodes {
        id
        ...AlbumRow
      }
    }
  }
`);

export function AlbumsPage() {
  const [params] = useSearchParams();
  const variables = { where: albumFilter(params), ...usePage() };
  const [{ data, error, fetching }, reload] = useQuery({ query: AlbumsQuery, variables });
  return (
    <>
      <PageTitle>Albums</PageTitle>
      <FilterForm label="Albums">
        <TextField label="Artist contains" name="artist" />
        <GenreField />
      </FilterForm>
      <List connection={data?.albums} error={error} fetching={fetching} reload={reload} nouns={['album', 'albums']}>
        <table>
          <thead>
            <tr>
              <th scope="col">Album</th>
              <th scope="col">Artist</th>
              <th scope="col" className="secondary">
                Genre
              </th>
              <th scope="col" className="number">
                Tracks
              </th>
            </tr>
          </thead>
          <tbody>
            {data?.albums.nodes.map((album) => (
              <AlbumRow key={album.id} album={album} />
            ))}
          </tbody>
        </table>
      </List>
    </>
  );
}

function albumFilter(params: URLSearchParams): AlbumFilter {
  const artist = params.get('artist');
  const genre = params.get('genre');
  return {
    artist: artist ? { contains: artist, mode: 'INSENSITIVE' } : undefined,
    genre: genre ? { name: { eq: genre } } : undefined,
  };
}
