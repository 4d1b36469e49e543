import { type FragmentType, getFragmentData, graphql } from '../gql';
import { formatCount } from '../ui/format';
import { WorkspaceLink } from '../workspace/WorkspaceLink';

// An album is sold as a product, and its tracks are the variants of that product.
const AlbumRowFragment = graphql(`
  fragment AlbumRow on Album {
    artist
    genre {
      name
    }
    product {
      id
      title
      variants {
        totalCount
      }
    }
  }
`);

export function AlbumRow({ album }: { album: FragmentType<typeof AlbumRowFragment> }) {
  const { artist, genre, product } = getFragmentData(AlbumRowFragment, album);
  return (
    <tr>
      <th scope="row">
        <WorkspaceLink to={`products/${product.id}`}>{product.title}</WorkspaceLink>
      </th>
      <td>{artist}</td>
      <td className="secondary">{genre?.name}</td>
      <td className="number">{formatCount(product.variants.totalCount)}</td>
    </tr>
  );
}
