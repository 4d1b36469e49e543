import { useSearchParams } from 'react-router';
import { useQuery } from 'urql';
import { graphql } from '../gql';
import { List } from '../ui/List';
import { PageTitle } from '../ui/PageTitle';
import { WorkspaceLink } from '../workspace/WorkspaceLink';

// The model has no table of artists: they are the groups of albums with the same artist.
const ArtistsQuery = graphql(`
  query Artists($after: String) {
    albums {
      groups(by: [{ artist: true }], orderBy: [{ count: DESC }, { key: { artist: ASC } }], first: 20, after: $after) {
        totalCount
        pageInfo {
          ...Pager
        }
        nodes {
          key {
            artist
          }
          count
          rows(first: 3) {
            nodes {
              product {
                title
              }
            }
          }
        }
      }
    }
  }
`);

export function ArtistsPage() {
  const [params] = useSearchParams();
  const variables = { after: params.get('after') ?? undefined };
  const [{ data, error, fetching }, reload] = useQuery({ query: ArtistsQuery, variables });
  const artists = data?.albums.groups;
  return (
    <>
      <PageTitle>Artists</PageTitle>
      <List
        connection={artists}
        error={error}
        fetching={fetching}
        reload={reload}
        nouns={['artist', 'artists']}
        forwardOnly
      >
        <table>
          <thead>
            <tr>
              <th scope="col">Artist</th>
              <th scope="col" className="secondary">
                Some albums
              </th>
              <th scope="col" className="number">
                Albums
              </th>
            </tr>
          </thead>
          <tbody>
            {artists?.nodes.map(({ key: { artist }, count, rows }) => (
              <tr key={artist}>
                <th scope="row">
                  <WorkspaceLink to={`albums?${new URLSearchParams({ artist: artist ?? '' })}`}>{artist}</WorkspaceLink>
                </th>
                <td className="secondary">{rows.nodes.map(({ product }) => product.title).join(', ')}</td>
                <td className="number">{count}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </List>
    </>
  );
}
