import { useSearchParams } from 'react-router';

const PAGE_SIZE = 20;

/** The page in the address, as the arguments of a list. */
export function usePage() {
  const [params] = useSearchParams();
  const before = params.get('before');
  if (before) return { last: PAGE_SIZE, before };
  return { first: PAGE_SIZE, after: params.get('after') ?? undefined };
}
