// The colours of the editors: GraphiQL's, which it does not export, with comments and line numbers that stand out more.

export const EDITOR_THEMES = { light: 'tessera-light', dark: 'tessera-dark' };

export function defineEditorThemes(monaco) {
  monaco.editor.defineTheme(EDITOR_THEMES.light, {
    base: 'vs',
    inherit: true,
    rules: [{ token: 'argument.identifier.gql', foreground: '#6c69ce' }],
    colors: colours({ ground: '#ffffff', primary: '#d60590', field: '#3b4b6811', chosen: '#444444' }),
  });
  monaco.editor.defineTheme(EDITOR_THEMES.dark, {
    base: 'vs-dark',
    inherit: true,
    rules: [
      { token: 'argument.identifier.gql', foreground: '#908aff' },
      { token: 'comment', foreground: '#83b26f' },
    ],
    colors: {
      ...colours({ ground: '#212a3b', primary: '#ff5794', field: '#b7c2d711', chosen: '#ffffff' }),
      'editorLineNumber.foreground': '#9aa5b8',
    },
  });
}

function colours({ ground, primary, field, chosen }) {
  const nothing = '#ffffff00';
  const tint = `${primary}19`;
  const by = (colour, names) => names.map((name) => [name, colour]);
  return Object.fromEntries([
    ...by(nothing, ['editor.background', 'scrollbar.shadow']),
    ...by(ground, [
      'editorHoverWidget.background',
      'editorSuggestWidget.background',
      'editorWidget.background',
      'menu.background',
      'quickInput.background',
    ]),
    ...by(field, ['input.background']),
    ...by(chosen, ['quickInputList.focusForeground']),
    ...by(primary, [
      'editorLink.activeForeground',
      'editorSuggestWidget.selectedForeground',
      'editorWidget.resizeBorder',
      'focusBorder',
      'list.focusHighlightForeground',
      'list.highlightForeground',
      'menu.selectionForeground',
      'pickerGroup.foreground',
      'textLink.activeForeground',
      'textLink.foreground',
    ]),
    ...by(tint, [
      'editorSuggestWidget.selectedBackground',
      'inputOption.hoverBackground',
      'list.hoverBackground',
      'menu.selectionBackground',
      'quickInputList.focusBackground',
      'toolbar.hoverBackground',
    ]),
  ]);
}
