import { type ReactNode, type SubmitEvent, useEffect, useRef } from 'react';
import { Link, useLocation, useNavigationType, useSearchParams } from 'react-router';

interface Props {
  label: string;
  /** Fields with the names of search parameters. */
  children: ReactNode;
}

/** A search is applied after this pause in typing, in milliseconds. */
const PAUSE = 200;

/** The state of the entries that the form adds to the history. */
interface FormEntry {
  typed: boolean;
}

/** Keeps its fields and the search parameters of the address the same. Changed filters lead to the first page. */
export function FilterForm({ label, children }: Props) {
  const [params, setParams] = useSearchParams();
  const { key, state } = useLocation();
  const entry = state as FormEntry | null;
  const isOwnNavigation = useNavigationType() !== 'POP' && entry !== null;
  const form = useRef<HTMLFormElement>(null);
  const pause = useRef<ReturnType<typeof setTimeout>>(undefined);

  // After a navigation of its own, the fields already have the values, and somebody may have typed on.
  useEffect(() => {
    if (isOwnNavigation) return;
    endPause();
    for (const field of fieldsOf(form.current)) fill(field, params.get(field.name) ?? '');
  }, [key, params, isOwnNavigation]);

  useEffect(() => endPause, []);

  function endPause() {
    clearTimeout(pause.current);
    pause.current = undefined;
  }

  function startPause() {
    endPause();
    pause.current = setTimeout(() => form.current?.requestSubmit(), PAUSE);
  }

  function apply(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    const typed = pause.current !== undefined;
    endPause();
    const fields = fieldsOf(event.currentTarget).map(({ name, value }) => [name, value.trim()]);
    const filled = new URLSearchParams(fields.filter(([, value]) => value !== ''));
    if (filled.toString() === params.toString()) return;
    // What was typed on replaces what was typed before, so that the back button undoes a search at once.
    setParams(filled, { state: { typed } satisfies FormEntry, replace: typed && entry?.typed });
  }

  return (
    <form
      role="search"
      aria-label={label}
      className="filters"
      ref={form}
      onSubmit={apply}
      onChange={({ target, currentTarget }) => {
        if (target instanceof HTMLSelectElement) currentTarget.requestSubmit();
        if (target instanceof HTMLInputElement && target.type === 'search') startPause();
      }}
    >
      {children}
      <button type="submit">Apply</button>
      {params.size > 0 && <Link to="?">Remove filters</Link>}
    </form>
  );
}

function fieldsOf(form: HTMLFormElement | null) {
  const named = form?.querySelectorAll<HTMLInputElement | HTMLSelectElement>('[name]');
  return [...(named ?? [])];
}

function fill(field: HTMLInputElement | HTMLSelectElement, value: string) {
  field.value = value;
  // The address may have a value that the field does not offer.
  if (field instanceof HTMLSelectElement && field.selectedIndex < 0) field.value = '';
}
