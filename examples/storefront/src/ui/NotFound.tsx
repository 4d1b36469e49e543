import { WorkspaceLink } from '../workspace/WorkspaceLink';
import { PageTitle } from './PageTitle';

export function NotFound({ what }: { what: string }) {
  return (
    <>
      <PageTitle>{`No such ${what}`}</PageTitle>
      <p>
        This workspace has no such {what}. <WorkspaceLink to="">Go to the dashboard</WorkspaceLink>
      </p>
    </>
  );
}
