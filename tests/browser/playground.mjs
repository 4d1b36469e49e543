// Drives the playground of a running gateway in Chromium, as a newcomer would, with an eye on what must never happen.
//
//   BASE_URL=http://127.0.0.1:8080/ SCREENSHOTS=shots node playground.mjs
//
// The gateway has to run in development with at least two workspaces that hold the sample data.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findings } from './accessibility.mjs';
import { Playground, openBrowser, until } from './page.mjs';

const base = new URL(process.env.BASE_URL ?? 'http://127.0.0.1:8080/');
const shots = process.env.SCREENSHOTS;
const chromium = process.env.CHROMIUM ?? '/usr/bin/chromium';
const settingsUrl = new URL('playground/config.json', base);

const checks = [];
const check = (name, body) => checks.push({ name, body });

const settings = await (await fetch(settingsUrl)).json();
const [first, second] = settings.workspaces;
if (!first || !second) throw new Error(`${settingsUrl} names fewer than two workspaces: start the gateway in development`);
const anywhere = settings.examples.filter(({ workspace }) => workspace === null);
const endpoint = new URL(settings.endpoint, base).href;

const browser = await openBrowser(chromium);
const page = browser.context.pages()[0] ?? (await browser.context.newPage());
const playground = new Playground(page, base);

async function photograph(name) {
  if (!shots) return;
  mkdirSync(shots, { recursive: true });
  await page.screenshot({ path: join(shots, `${name}.png`) });
}

// Every node of every connection in an answer, whatever was asked for.
function rows(value) {
  if (Array.isArray(value)) return value.flatMap(rows);
  if (value === null || typeof value !== 'object') return [];
  const own = [...(value.nodes ?? []), ...(value.edges ?? []).map(({ node }) => node)];
  return [...own, ...Object.values(value).flatMap(rows)];
}

function answered(answer) {
  assert.deepEqual(answer.errors ?? [], [], 'the gateway reports errors');
  const [field] = Object.values(answer.data);
  assert.ok(field, 'the first field is empty');
  return rows(answer.data);
}

// An example that has rows, whole, in either workspace: its rows tell the two apart.
const shared = anywhere.find(({ query }) => /\bnode[s]? \{[^}]*\bid\b/.test(query));
if (!shared) throw new Error('no example for any workspace selects the id of its rows');

check('the page opens and reads the schema', async () => {
  await playground.open();
  await playground.schemaIsRead();
  assert.equal(await page.title(), 'Tessera');
  assert.match(await page.locator('#schema-status').innerText(), /[1-9]\d* types/);
  assert.equal(await playground.workspace(), first.slug);
  assert.equal(await page.getByLabel('Workspace').getAttribute('id'), 'workspace');
  assert.ok(await page.locator('link[rel=icon]').getAttribute('href'));
  await photograph('1-open');
});

check('the endpoint leads a browser to the page', async () => {
  await page.goto(endpoint);
  const { href } = new URL(page.url());
  await playground.open();
  await playground.schemaIsRead();
  assert.equal(href, base.href);
});

let ofFirst;
check('an example runs and shows rows', async () => {
  await playground.pickExample(shared.title);
  assert.equal(await playground.query(), shared.query);
  ofFirst = answered(await playground.run());
  assert.ok(ofFirst.length > 0, 'no rows');
  assert.match(await playground.visibleResult(), /data/);
  await photograph('2-first-workspace');
});

check('a switch of workspace keeps the query, clears the rows and runs nothing', async () => {
  const before = browser.requests.length;
  await playground.switchTo(second.slug);
  assert.equal(await playground.result(), '');
  assert.equal((await playground.visibleResult()).trim(), '');
  assert.equal(await playground.query(), shared.query);
  await page.waitForTimeout(500);
  assert.deepEqual(browser.requests.slice(before).filter((url) => url === endpoint), []);
  assert.equal(await page.locator('#workspace option:checked').innerText(), second.name);
  assert.ok((await page.locator('.result-footer').innerText()).includes(second.name), 'the footer names another workspace');
  await photograph('3-switched');
});

check('the other workspace shows its own rows and none of the first', async () => {
  const ofSecond = answered(await playground.run());
  assert.ok(ofSecond.length > 0, 'no rows');
  const ids = new Set(ofFirst.map(({ id }) => id));
  assert.deepEqual(ofSecond.filter(({ id }) => ids.has(id)), []);
  const text = await playground.result();
  for (const { id } of ofFirst) assert.ok(!text.includes(id), `row ${id} of ${first.slug} is shown in ${second.slug}`);
  await photograph('4-second-workspace');
});

check('rows in other tabs go too', async () => {
  await page.locator('.graphiql-tab-add').click();
  await playground.switchTo(first.slug);
  await page.locator('[role=tab]').filter({ hasText: operation(shared) }).first().click();
  await until('the tab shows its query', async () => (await playground.query()) === shared.query);
  assert.equal(await playground.result(), '');
});

check('an answer that comes after the switch is not shown', async () => {
  let release;
  const held = new Promise((resolve) => (release = resolve));
  await page.route(endpoint, async (route) => {
    await held;
    await route.continue().catch(() => {});
  });
  await Promise.all([page.waitForRequest(endpoint), playground.execute()]);
  await playground.switchTo(second.slug);
  release();
  await page.waitForTimeout(1500);
  await page.unroute(endpoint);
  assert.equal(await playground.result(), '');
  assert.equal(await page.locator('.graphiql-response .graphiql-spinner').count(), 0);
  assert.ok(answered(await playground.run()).length > 0, 'the next run shows nothing');
});

for (const example of settings.examples) {
  check(`example "${example.title}" answers`, async () => {
    await playground.pickExample(example.title);
    await until('the query is loaded', async () => (await playground.query()) === example.query);
    if (example.workspace) assert.equal(await playground.workspace(), example.workspace);
    const found = answered(await playground.run());
    if (/\bnodes \{|\bedges \{/.test(example.query)) assert.ok(found.length > 0, 'no rows');
    await photograph(`example-${operation(example)}`);
  });
}

check('the editor completes a mutation, and its dry run writes nothing', async () => {
  await playground.switchTo(first.slug);
  await page.locator('.graphiql-tab-add').click();
  await page.locator('.graphiql-query-editor .view-lines').click();
  await page.keyboard.type('mutation Try @dryRun { createCust');
  await suggested('createCustomer').click();
  await until('the name is completed', async () => (await playground.query()).includes('createCustomer'));
  const address = `try-${Date.now()}@example.com`;
  await playground.write(
    'Query',
    `mutation Try @dryRun { createCustomer(input: { customer: { email: "${address}" } }) { created errors { message } } }`,
  );
  await playground.execute();
  await shown({ data: { createCustomer: { created: true, errors: [] } } });
  await playground.write('Query', `query Find { customerByEmail(email: "${address}") { id } }`);
  await playground.execute();
  await shown({ data: { customerByEmail: null } });
});

check('the panel Explain tells what each field reads, and which index is missing', async () => {
  await playground.switchTo(first.slug);
  await playground.pickExample(shared.title);
  const panel = page.getByRole('region', { name: 'Explain' });
  await page.getByRole('button', { name: 'Show Explain' }).click();
  await panel.getByText('Run a query').waitFor();
  await panel.getByLabel('with PostgreSQL’s plans').check();
  const answer = await playground.run();
  assert.equal(answer.extensions, undefined, 'the explanation stands in the result');
  const paths = panel.locator('.paths');
  await paths.first().waitFor();
  assert.ok((await paths.allInnerTexts()).length > 1, 'one statement at most');
  assert.match(await panel.innerText(), /\d statements in \d round trip/);
  await panel.getByText('Statement', { exact: true }).first().click();
  assert.match(await panel.locator('pre').first().innerText(), /^select /);
  assert.match(await panel.locator('details').nth(1).textContent(), /cost=/);
  assert.deepEqual(await findings(page), []);
  await photograph('8-explain');
  await playground.switchTo(second.slug);
  assert.equal(await paths.count(), 0, 'statements of the other workspace are still shown');
  await page.getByRole('button', { name: 'Hide Explain' }).click();
  assert.equal(await panel.count(), 0);
});

check('the footer tells status, time, size and cost, also to screen readers', async () => {
  await playground.switchTo(first.slug);
  await playground.pickExample(shared.title);
  const answer = await playground.run();
  assert.equal(answer.extensions, undefined, 'the cost stands in the result');
  const status = page.getByRole('status').filter({ hasText: 'HTTP' });
  assert.match(await status.innerText(), /^HTTP 200 · \d+ ms · [\d.]+ k?B · cost \d+, requested \d+$/);
  assert.equal(await page.locator('.result-window[aria-live]').count(), 0, 'the whole result is read aloud');
});

check('typed headers are sent and win, and are stored nowhere', async () => {
  await page.locator('.graphiql-editor-tools button[data-name="headers"]').click();
  await playground.write('Headers', JSON.stringify({ Authorization: `Bearer ${second.token}`, 'X-GraphQL-Cost': '1' }));
  const sent = page.waitForRequest(endpoint);
  const answer = await playground.run();
  assert.equal((await (await sent).allHeaders()).authorization, `Bearer ${second.token}`);
  assert.ok(answer.extensions.cost.limit > 0, 'a cost that was asked for is not in the result');
  assert.match(await page.locator('.result-footer').innerText(), /your headers/);
  await page.waitForTimeout(800);
  const stored = JSON.stringify(await playground.stored());
  assert.ok(stored.includes('graphiql:queries'), 'there is no history');
  assert.doesNotMatch(stored, /eyJ[\w-]+\.|X-GraphQL-Cost/);

  await playground.write('Headers', '{ "Authorization": null }');
  await playground.execute();
  await until('the request without a token is refused', async () => (await playground.result()).includes('UNAUTHENTICATED'));
  // The console tells of the refusal, which is no fault here.
  const told = () => browser.complaints.findIndex((complaint) => complaint.includes('401'));
  await until('the console tells of it', () => told() >= 0);
  browser.complaints.splice(told(), 1);
  await playground.write('Headers', '{ "X-Request-Id": ["1"] }');
  await playground.execute();
  await until('the page refuses the headers', async () => (await playground.result()).includes('must be a JSON object'));
  assert.equal(await page.locator('#result-status').innerText(), 'Not sent');
  await playground.write('Headers', '');
  assert.ok(answered(await playground.run()).length > 0, 'no rows');
  await page.locator('.graphiql-editor-tools button[data-name="variables"]').click();
});

check('the footer says when variables were not sent', async () => {
  await playground.pickExample(shared.title);
  await playground.run();
  const status = page.locator('#result-status');
  assert.match(await status.innerText(), /^HTTP 200/);
  const before = await playground.variables();
  await playground.write('Variables', '{ "first": ');
  await playground.execute();
  await until('nothing is sent', async () => (await status.innerText()) === 'Not sent');
  await playground.write('Variables', before);
  await playground.run();
  assert.match(await status.innerText(), /^HTTP 200/);
});

check('folded editors take no focus', async () => {
  const around = playground.editor('Variables').locator('xpath=ancestor::*[@role="group"][1]');
  assert.equal(await around.evaluate((element) => element.inert), false);
  await page.getByRole('button', { name: 'Hide editor tools' }).click();
  await until('they are inert', () => around.evaluate((element) => element.inert));
  await page.getByRole('button', { name: 'Show editor tools' }).click();
  await until('they are not', () => around.evaluate((element) => !element.inert));
});

check('variables of every shape that a scalar has are not underlined', async () => {
  const titled = settings.examples.find(({ query, variables }) => query.includes('JSON!') && variables.includes('{ '));
  await playground.pickExample(titled.title);
  await playground.write('Variables', '{ "shippedTo": { "country": "Netherlands" }, "atLeast": [] }');
  await until('the list is underlined', async () => (await playground.complaintsOfVariables()).length > 0);
  assert.equal((await playground.complaintsOfVariables()).length, 1);
  await playground.write('Variables', '{ "shippedTo": { "country": "Netherlands" }, "atLeast": 1000.5 }');
  await until('nothing is underlined', async () => (await playground.complaintsOfVariables()).length === 0);
});

check('the editors have names, and Ctrl+M lets Tab leave them', async () => {
  for (const name of ['Query', 'Variables', 'Response']) await playground.editor(name).waitFor({ state: 'attached' });
  await page.getByRole('button', { name: 'Open short keys dialog' }).click();
  await page.getByRole('row', { name: 'Ctrl + M Let Tab move the focus out' }).waitFor();
  await photograph('9-shortcuts');
  await page.keyboard.press('Escape');
  const variables = await playground.variables();
  await playground.editor('Variables').focus();
  await page.keyboard.press('Control+m');
  await page.keyboard.press('Tab');
  assert.equal(await playground.editor('Variables').evaluate((element) => element === document.activeElement), false);
  assert.equal(await playground.variables(), variables);
  await playground.editor('Variables').focus();
  await page.keyboard.press('Control+m');
});

for (const colorScheme of ['light', 'dark']) {
  for (const width of [1280, 600]) {
    check(`axe finds nothing at ${width} pixels, ${colorScheme}`, async () => {
      const { height } = page.viewportSize();
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.setViewportSize({ width, height });
      const found = await findings(page);
      for (const name of ['Documentation Explorer', 'Explain', 'History']) {
        await page.getByRole('button', { name: `Show ${name}` }).click();
        found.push(...(await findings(page)));
        if (name === 'Documentation Explorer') await photograph(`axe-${width}-${colorScheme}`);
        await page.getByRole('button', { name: `Hide ${name}` }).click();
      }
      await page.getByRole('button', { name: 'Open settings dialog' }).click();
      found.push(...(await findings(page)));
      await page.keyboard.press('Escape');
      await page.locator('#examples').click();
      found.push(...(await findings(page)));
      await page.keyboard.press('Escape');
      await page.setViewportSize({ width: 1280, height });
      await page.emulateMedia({ colorScheme: 'light', reducedMotion: null });
      assert.deepEqual([...new Set(found)], []);
    });
  }
}

check('on a narrow screen the panes stand one below the other', async () => {
  const { height } = page.viewportSize();
  await page.setViewportSize({ width: 600, height });
  const [editors, response] = await Promise.all(
    ['.graphiql-editors', '.graphiql-response'].map((pane) => page.locator(pane).boundingBox()),
  );
  assert.ok(response.y >= editors.y + editors.height, 'the response stands beside the query');
  assert.ok(editors.width > 500 && response.width > 500, 'a pane is narrow');
  const [across, down] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.scrollHeight]);
  assert.equal(across, 600);
  assert.ok(down < response.y + response.height + 50, `the page goes on below the response, to ${down}`);
  await page.setViewportSize({ width: 1280, height });
});

check('a reload keeps tabs and workspace, and no token is stored', async () => {
  await playground.switchTo(second.slug);
  await page.waitForTimeout(800);
  await playground.open();
  await playground.schemaIsRead();
  assert.equal(await playground.workspace(), second.slug);
  assert.ok((await page.locator('[role=tab]').count()) > 1, 'the tabs are lost');
  const stored = JSON.stringify(await playground.stored());
  for (const { slug, token } of settings.workspaces) assert.ok(!stored.includes(token), `the token of ${slug} is stored`);
  assert.doesNotMatch(stored, /eyJ[\w-]+\./);
});

check('the page is dark where the system is', async () => {
  await page.emulateMedia({ colorScheme: 'dark' });
  const shade = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor.match(/[\d.]+/g).map(Number));
  const dark = await shade();
  await page.locator('.graphiql-query-editor .monaco-editor.vs-dark').waitFor();
  await photograph('5-dark');
  await page.emulateMedia({ colorScheme: 'light' });
  const light = await shade();
  assert.ok(Math.max(...dark.slice(0, 3)) < 100 && Math.min(...light.slice(0, 3)) > 200, `${dark} and ${light}`);
});

check('without demonstration workspaces a pasted token opens the gateway, for this browser tab only', async () => {
  const production = { ...settings, development: false, workspaces: [] };
  await page.route(settingsUrl.href, (route) => route.fulfill({ json: production }));
  await playground.open();
  assert.equal(await page.locator('#schema-status').getAttribute('data-state'), 'waiting');
  await photograph('6-no-token');
  await page.getByLabel('Bearer token').fill(` Bearer ${first.token}\n`);
  await page.getByRole('button', { name: 'Use', exact: true }).click();
  await playground.schemaIsRead();
  await playground.pickExample(shared.title);
  assert.ok(answered(await playground.run()).length > 0, 'no rows');
  await photograph('7-pasted-token');

  await page.waitForTimeout(800);
  const { local, session } = await playground.stored();
  assert.doesNotMatch(JSON.stringify(local), /eyJ[\w-]+\./);
  assert.ok(JSON.stringify(session).includes(first.token), 'a reload would forget the token');

  await page.getByRole('button', { name: 'Forget' }).click();
  assert.equal(await playground.result(), '');
  assert.doesNotMatch(JSON.stringify(await playground.stored()), /eyJ[\w-]+\./);
  await page.unroute(settingsUrl.href);
});

check('without introspection the page says so, and queries run', async () => {
  const production = { ...settings, introspection: false };
  await page.route(settingsUrl.href, (route) => route.fulfill({ json: production }));
  const asked = [];
  const listen = (request) => request.url() === endpoint && asked.push(request.postDataJSON().operationName);
  page.on('request', listen);
  await playground.open();
  assert.equal(await page.locator('#schema-status').getAttribute('data-state'), 'off');
  assert.match(await page.locator('#schema-status').innerText(), /Introspection is off/);
  assert.equal(await playground.result(), '');
  assert.equal(await page.getByRole('button', { name: 'Show Documentation Explorer' }).count(), 0);
  assert.deepEqual(await findings(page), []);
  await playground.pickExample(shared.title);
  assert.ok(answered(await playground.run()).length > 0, 'no rows');
  await photograph('10-no-introspection');
  page.off('request', listen);
  assert.ok(!asked.includes('IntrospectionQuery'), 'the page asks for the schema');
  await page.unroute(settingsUrl.href);
});

check('where the browser forbids storage, queries run', async () => {
  const forbidden = await browser.context.newPage();
  await forbidden.addInitScript(() => {
    const refuse = { get: () => { throw new DOMException('Access is denied for this document.', 'SecurityError'); } };
    Object.defineProperty(window, 'localStorage', refuse);
    Object.defineProperty(window, 'sessionStorage', refuse);
  });
  const other = new Playground(forbidden, base);
  await other.open();
  await other.schemaIsRead();
  await other.pickExample(shared.title);
  assert.ok(answered(await other.run()).length > 0, 'no rows');
  await forbidden.close();
});

check('the first page of the README shows rows', async () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const [, html] = /```html\n(.*?)```/s.exec(readme);
  const body = html.replace('TOKEN', first.token).replace('http://127.0.0.1:8080/', base.href);
  const [address, icon] = ['first-page', 'favicon.ico'].map((path) => new URL(path, base).href);
  await page.route(address, (route) => route.fulfill({ contentType: 'text/html', body }));
  await page.route(icon, (route) => route.fulfill({ status: 204 }));
  await page.goto(address);
  const lines = page.locator('li');
  await lines.first().waitFor();
  assert.equal(await lines.count(), 5);
  assert.match(await lines.first().innerText(), /@.*: \d+\.\d\d$/);
});

check('no request left the origin', () => {
  const foreign = browser.requests.filter((url) => !/^(data|blob|about):/.test(url) && new URL(url).origin !== base.origin);
  assert.deepEqual(foreign, []);
  assert.ok(browser.requests.length > 10, 'hardly a request was seen');
});

check('the console shows no error', () => {
  assert.deepEqual(browser.complaints, []);
});

// What the editor offers to complete the word before the cursor.
function suggested(name) {
  return page.locator('.suggest-widget.visible .label-name').filter({ hasText: new RegExp(`^${name}$`) });
}

// Waits for exactly this result.
function shown(result) {
  const text = JSON.stringify(result);
  return until(`${text} is shown`, async () => JSON.stringify(JSON.parse((await playground.result()) || 'null')) === text);
}

// The name of the operation, which GraphiQL makes the name of the tab.
function operation({ query }) {
  return /^(?:query|mutation)\s+(\w+)/m.exec(query)[1];
}

let failed = 0;
for (const [position, { name, body }] of checks.entries()) {
  try {
    await body();
    console.log(`ok    ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAIL  ${name}\n      ${String(error.message).replaceAll('\n', '\n      ')}`);
    await photograph(`failed-${position + 1}`).catch(() => {});
  }
}
await browser.close();
console.log(`${checks.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
