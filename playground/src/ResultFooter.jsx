// Stands under the result and says whose rows they are and what they cost. Screen readers hear it with each result.
import { pick, useGraphiQL } from '@graphiql/react';
import { useEffect, useRef } from 'react';
import { useIdentity } from './session.js';

export function ResultFooter({ session, report, onReport, onTabChange }) {
  const { name, token } = useIdentity(session);
  const tab = useGraphiQL((state) => state.tabs[state.activeTabIndex]?.id);
  const shown = useRef(tab);

  useEffect(() => {
    if (shown.current === tab) return;
    shown.current = tab;
    onTabChange();
  }, [tab, onTabChange]);

  // GraphiQL sends nothing when the variables or headers are no JSON, and says so in the place of the result.
  const { queryId, isFetching } = useGraphiQL(pick('queryId', 'isFetching'));
  const counted = useRef(queryId);
  useEffect(() => {
    if (counted.current === queryId) return;
    counted.current = queryId;
    onReport(isFetching ? null : { failure: 'Not sent' });
  }, [queryId, isFetching, onReport]);

  return (
    <footer className="result-footer">
      <span>{report?.identityIsTyped ? 'The identity in your headers' : token ? name : 'No token yet'}</span>
      <output id="result-status" title={report?.cost && limitOf(report.cost)}>
        {report && figures(report)}
      </output>
    </footer>
  );
}

function figures({ failure, status, milliseconds, bytes, cost }) {
  if (failure) return failure;
  const parts = [`HTTP ${status}`, `${Math.round(milliseconds)} ms`, size(bytes)];
  if (cost) parts.push(`cost ${cost.actual}, requested ${cost.requested}`);
  return parts.join(' · ');
}

function limitOf({ limit }) {
  return `The requested cost is compared with the limit, ${limit}, before anything is read.`;
}

function size(bytes) {
  return bytes < 1024 ? `${bytes} B` : `${(bytes / 1024).toFixed(1)} kB`;
}
