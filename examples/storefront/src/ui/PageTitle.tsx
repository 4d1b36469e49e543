import { useWorkspace } from '../workspace/context';

export function PageTitle({ children }: { children: string }) {
  const { name } = useWorkspace();
  return (
    <>
      <title>{`${children} – ${name}`}</title>
      <h1>{children}</h1>
    </>
  );
}
