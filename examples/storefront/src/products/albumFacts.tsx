import { type FragmentType, getFragmentData, graphql } from '../gql';
import { WorkspaceLink } from '../workspace/WorkspaceLink';

const AlbumFactsFragment = graphql(`
  fragment AlbumFacts on Album {
    artist
    releaseYear
    genre {
      name
    }
  }
`);

/** Facts about the record, if the product is one. */
export function albumFacts(record: FragmentType<typeof AlbumFactsFragment> | null) {
  const album = getFragmentData(AlbumFactsFragment, record);
  if (!album) return {};
  return {
    Artist: (
      <WorkspaceLink to={`albums?${new URLSearchParams({ artist: album.artist })}`}>{album.artist}</WorkspaceLink>
    ),
    Genre: album.genre?.name,
    Released: album.releaseYear,
  };
}
