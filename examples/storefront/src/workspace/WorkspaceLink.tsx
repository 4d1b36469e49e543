import { Link, type LinkProps } from 'react-router';
import { useWorkspace } from './context';

/** A link to a page of the current workspace, such as `orders?status=SHIPPED`. */
export function WorkspaceLink({ to, ...props }: LinkProps & { to: string }) {
  const { slug } = useWorkspace();
  return <Link to={`/${slug}/${to}`} {...props} />;
}
