// The list of shortcuts, in the place of GraphiQL's own: that one lacks the keys by which a keyboard leaves an editor.
import { formatShortcutForOS, isMacOs, KEY_MAP } from '@graphiql/react';
import { Fragment } from 'react';

const SHORTCUTS = [
  ['Run the query', formatShortcutForOS(KEY_MAP.runQuery.key)],
  ['Complete the word before the cursor', 'Ctrl-Space'],
  ['Let Tab move the focus out of an editor, or indent again', isMacOs ? 'Ctrl-Alt-M' : 'Ctrl-M'],
  ['Open the command palette of an editor', 'F1'],
  ['Search in an editor', formatShortcutForOS(KEY_MAP.searchInEditor.key)],
  ['Search in the documentation', formatShortcutForOS(KEY_MAP.searchInDocs.key)],
  ['Format query, variables and headers', KEY_MAP.prettify.key],
  ['Merge fragments into the operation', KEY_MAP.mergeFragments.key],
  ['Copy the query', KEY_MAP.copyQuery.key],
  ['Read the schema again', KEY_MAP.refetchSchema.key],
  ['Open the settings', formatShortcutForOS('Ctrl-,')],
];

export function ShortKeys() {
  return (
    <table className="graphiql-table">
      <thead>
        <tr>
          <th scope="col">Keys</th>
          <th scope="col">Function</th>
        </tr>
      </thead>
      <tbody>
        {SHORTCUTS.map(([title, keys]) => (
          <tr key={title}>
            <td>
              <Keys names={keys.split('-')} />
            </td>
            <td>{title}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Keys({ names }) {
  return names.map((name, index) => (
    <Fragment key={name}>
      {index > 0 && ' + '}
      <code className="graphiql-key">{name}</code>
    </Fragment>
  ));
}
