// The playground as the test uses it: a page in Chromium, and what stands in its editors.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const PATIENCE = 20_000;

// Opens a browser with an empty profile. What it asks for and complains about is collected in the returned lists.
export async function openBrowser(executablePath) {
  const profile = mkdtempSync(join(tmpdir(), 'tessera-browser-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    headless: true,
    args: FLAGS,
    viewport: { width: 1280, height: 800 },
    colorScheme: 'light',
  });
  context.setDefaultTimeout(PATIENCE);
  const requests = [];
  const complaints = [];
  context.on('request', (request) => requests.push(request.url()));
  context.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  context.on('weberror', (error) => complaints.push(error.error().message));
  return {
    context,
    requests,
    complaints,
    async close() {
      await context.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}

// Asks again and again until the answer is a true one.
export async function until(what, ask) {
  const end = Date.now() + PATIENCE;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > end) throw new Error(`waited ${PATIENCE / 1000} s in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export class Playground {
  constructor(page, base) {
    this.page = page;
    this.base = base;
  }

  async open() {
    await this.page.goto(this.base.href);
    await this.page.locator('.graphiql-query-editor .view-lines').waitFor();
  }

  async schemaIsRead() {
    await this.page.locator('#schema-status[data-state="ready"]').waitFor();
  }

  // The editor keeps in the document only the lines in sight, so whole texts are read from its models.
  #model(name) {
    return this.page.evaluate((wanted) => {
      const models = globalThis.__MONACO?.editor.getModels() ?? [];
      return models.find((model) => model.uri.path.endsWith(wanted))?.getValue() ?? '';
    }, name);
  }

  // What the editor underlines in the variables.
  complaintsOfVariables() {
    return this.page.evaluate(() => {
      const markers = globalThis.__MONACO?.editor.getModelMarkers({}) ?? [];
      return markers.filter(({ resource }) => resource.path.endsWith('variables.json')).map(({ message }) => message);
    });
  }

  // The text area of an editor, by the name that screen readers say.
  editor(name) {
    return this.page.getByRole('textbox', { name, exact: true });
  }

  // Replaces the text of an editor.
  async write(name, text) {
    await this.editor(name).focus();
    await this.page.keyboard.press('ControlOrMeta+A');
    await this.page.keyboard.insertText(text);
    // A bracket that the editor has closed by itself.
    await this.page.keyboard.press('ControlOrMeta+Shift+End');
    await this.page.keyboard.press('Delete');
  }

  query() {
    return this.#model('operation.graphql');
  }

  variables() {
    return this.#model('variables.json');
  }

  result() {
    return this.#model('response.json');
  }

  // What a person sees of the result.
  visibleResult() {
    return this.page.locator('.result-window .view-lines').innerText();
  }

  execute() {
    return this.page.locator('.graphiql-execute-button').click();
  }

  // Runs the query and returns the answer that is shown for it.
  async run() {
    const [response] = await Promise.all([
      this.page.waitForResponse((candidate) => candidate.request().method() === 'POST'),
      this.execute(),
    ]);
    await response.finished();
    const text = await until('a result is shown', async () => {
      if ((await this.page.locator('.graphiql-response .graphiql-spinner').count()) > 0) return '';
      return this.result();
    });
    return JSON.parse(text);
  }

  async pickExample(title) {
    await this.page.locator('#examples').click();
    await this.page.getByRole('menuitem', { name: title, exact: true }).click();
    await this.page.locator('.graphiql-dropdown-content').waitFor({ state: 'detached' });
  }

  workspace() {
    return this.page.locator('#workspace').inputValue();
  }

  async switchTo(slug) {
    await this.page.locator('#workspace').selectOption(slug);
  }

  stored() {
    return this.page.evaluate(() => ({ local: { ...localStorage }, session: { ...sessionStorage } }));
  }
}
