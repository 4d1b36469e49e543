import { useEffect, useState } from 'react';
import { Link, useLocation } from 'react-router';
import type { CombinedError } from 'urql';
import { explain } from '../api/problem';

interface Props {
  error: CombinedError;
  retry: (options: { requestPolicy: 'network-only' }) => void;
  fetching: boolean;
}

export function ProblemNotice({ error, retry, fetching }: Props) {
  const { title, detail, retryAfter } = explain(error);
  const wait = useCountdown(retryAfter, error);
  const { search } = useLocation();
  return (
    <section className="problem">
      <div role="alert">
        <h2>{title}</h2>
        <p>{detail}</p>
      </div>
      <button type="button" disabled={fetching || wait > 0} onClick={() => retry({ requestPolicy: 'network-only' })}>
        {wait > 0 ? `Try again in ${wait} s` : 'Try again'}
      </button>
      {search && <Link to="?">Show the first page without filters</Link>}
    </section>
  );
}

/** Counts down to zero, again for each new error. */
function useCountdown(seconds: number, error: CombinedError): number {
  const [left, setLeft] = useState(seconds);
  useEffect(() => {
    setLeft(seconds);
    const timer = setInterval(() => setLeft((now) => Math.max(0, now - 1)), 1000);
    return () => clearInterval(timer);
  }, [seconds, error]);
  return left;
}
