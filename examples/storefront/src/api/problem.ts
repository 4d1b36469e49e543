import type { CombinedError } from 'urql';

export interface Problem {
  title: string;
  detail: string;
  /** Seconds to wait before the next attempt. */
  retryAfter: number;
}

/** What a user reads about an error. The gateway's `extensions.code` decides; its message has the details. */
export function explain(error: CombinedError): Problem {
  const [first] = error.graphQLErrors;
  if (!first) {
    return {
      title: 'The gateway cannot be reached',
      detail: 'Check your connection, then try again.',
      retryAfter: 0,
    };
  }
  const { code, retryAfter } = first.extensions;
  return {
    title: TITLES[String(code)] ?? 'Something went wrong',
    detail: first.message,
    retryAfter: typeof retryAfter === 'number' ? retryAfter : 0,
  };
}

const TITLES: Record<string, string> = {
  UNAUTHENTICATED: 'Your session has expired',
  FORBIDDEN: 'Your role does not permit this',
  BAD_USER_INPUT: 'The address of this page is not valid',
  QUERY_TOO_EXPENSIVE: 'These filters ask for too much data',
  RATE_LIMITED: 'Too many requests',
  TIMEOUT: 'This took too long',
  UNAVAILABLE: 'The service is busy',
};
