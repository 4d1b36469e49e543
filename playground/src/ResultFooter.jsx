// Stands under the result and says whose rows they are and what they cost.
import { useGraphiQL } from '@graphiql/react';
import { useEffect, useRef } from 'react';
import { useIdentity } from './session.js';

export function ResultFooter({ session, report, onTabChange }) {
  const { name, token } = useIdentity(session);
  const tab = useGraphiQL((state) => state.tabs[state.activeTabIndex]?.id);
  const shown = useRef(tab);

  useEffect(() => {
    if (shown.current === tab) return;
    shown.current = tab;
    onTabChange();
  }, [tab, onTabChange]);

  return (
    <footer className="result-footer">
      <span>{token ? name : 'No token yet'}</span>
      {report && (
        <span>
          HTTP {report.status} · {Math.round(report.milliseconds)} ms · {size(report.bytes)}
        </span>
      )}
    </footer>
  );
}

function size(bytes) {
  return bytes < 1024 ? `${bytes} B` : `${(bytes / 1024).toFixed(1)} kB`;
}
