import type { Sorts } from '../ui/sorts';

/** The search parameter of the address with the text of a search. */
export const SEARCH = 'text';

/** What is searched for; undefined if that is blank. */
export function searchText(params: URLSearchParams): string | undefined {
  return params.get(SEARCH)?.trim() || undefined;
}

/** Orders for a list that can be searched. During a search the best match is the default, and the usual one has a key. */
export function searchSorts<OrderBy>(sorts: Sorts<OrderBy>, key: string, params: URLSearchParams): Sorts<OrderBy> {
  if (!searchText(params)) return sorts;
  const { '': usual, ...others } = sorts;
  return { '': { label: 'Best match', orderBy: undefined }, [key]: usual, ...others };
}
