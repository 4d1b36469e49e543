import { NavLink } from 'react-router';

interface Props {
  slug: string;
  hasAlbums: boolean;
}

export function Navigation({ slug, hasAlbums }: Props) {
  return (
    <nav aria-label="Main" className="main-nav">
      <NavLink to={`/${slug}`} end>
        Dashboard
      </NavLink>
      <NavLink to={`/${slug}/products`}>Products</NavLink>
      {hasAlbums && <NavLink to={`/${slug}/albums`}>Albums</NavLink>}
      {hasAlbums && <NavLink to={`/${slug}/artists`}>Artists</NavLink>}
      <NavLink to={`/${slug}/orders`}>Orders</NavLink>
      <NavLink to={`/${slug}/customers`}>Customers</NavLink>
    </nav>
  );
}
