// Opens an example query, in the active tab if that is empty and in a new one otherwise.
import { DropdownMenu, pick, useGraphiQL, useGraphiQLActions } from '@graphiql/react';
import { Kind, parse } from 'graphql';
import { useIdentity } from './session.js';

export function ExamplesMenu({ examples, workspaces, session, onSwitch }) {
  const { slug } = useIdentity(session);
  const { addTab, changeTab, setOperationFacts, stop, updateActiveTabValues } = useGraphiQLActions();
  const { tabs, queryEditor, variableEditor } = useGraphiQL(pick('tabs', 'queryEditor', 'variableEditor'));

  function open({ query, variables, workspace }) {
    if (!queryEditor) return;
    if (workspace && workspace !== slug && workspaces.some((known) => known.slug === workspace)) onSwitch(workspace);
    const opened = tabs.findIndex((tab) => tab.query === query);
    if (opened >= 0) {
      changeTab(opened);
    } else {
      if (queryEditor.getValue().trim() !== '') {
        stop();
        addTab();
      }
      queryEditor.setValue(query);
      variableEditor?.setValue(variables);
    }
    if (variables) showVariables();
    queryEditor.focus();

    // GraphiQL reads the text a moment later. Whoever runs it before would send the name of the operation before.
    const facts = factsOf(query);
    setOperationFacts(facts);
    updateActiveTabValues({ operationName: facts.operationName ?? null, ...(opened < 0 && { query, variables }) });
  }

  return (
    <DropdownMenu modal={false}>
      <DropdownMenu.Button id="examples" type="button" className="menu-button">
        Examples
        <svg viewBox="0 0 10 6" aria-hidden="true">
          <path d="m1 1 4 4 4-4" fill="none" stroke="currentColor" strokeWidth="1.5" />
        </svg>
      </DropdownMenu.Button>
      <DropdownMenu.Content className="menu">
        {groups(examples, workspaces).map(({ name, members }) => (
          <div key={name} role="group" aria-label={name}>
            <div className="menu-heading" aria-hidden="true">
              {name}
            </div>
            {members.map((example) => (
              <DropdownMenu.Item key={example.title} onSelect={() => open(example)}>
                {example.title}
              </DropdownMenu.Item>
            ))}
          </div>
        ))}
      </DropdownMenu.Content>
    </DropdownMenu>
  );
}

function factsOf(query) {
  try {
    const documentAST = parse(query);
    const operations = documentAST.definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION);
    return { documentAST, operations, operationName: operations[0]?.name?.value };
  } catch {
    return {}; // The editor shows where the text is wrong.
  }
}

// GraphiQL has no action that unfolds its variables, but the tab above them does it, and never folds them.
function showVariables() {
  document.querySelector('.graphiql-editor-tools button[data-name="variables"]')?.click();
}

// By workspace, in the order of the configuration; those that fit everywhere come first.
function groups(examples, workspaces) {
  const named = new Map([[null, 'Any workspace']]);
  for (const { slug, name } of workspaces) named.set(slug, name);
  for (const { workspace } of examples) if (!named.has(workspace)) named.set(workspace, workspace);
  return [...named]
    .map(([workspace, name]) => ({ name, members: examples.filter((example) => example.workspace === workspace) }))
    .filter(({ members }) => members.length > 0);
}
