// Drives the built app in Chromium, in front of a running gateway in development mode with the sample data.
//
//   BASE_URL=http://127.0.0.1:8080/ SCREENSHOTS=shots node test/storefront.mjs
//
// The gateway may run with the manifest or without; in the first case the test makes sure that only ids are sent.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { accessibilityProblems, eventually, openBrowser } from './browser.mjs';
import { editingChecks } from './editing.mjs';
import { serve } from './serve.mjs';

const gateway = new URL(process.env.BASE_URL ?? 'http://127.0.0.1:8080/').origin;
const shots = process.env.SCREENSHOTS;
const manifest = JSON.parse(readFileSync(new URL('../src/gql/persisted-documents.json', import.meta.url), 'utf8'));

const checks = [];
/** A check fails if the console shows an error, except for a response with the given status. */
const check = (name, body, failure) => checks.push({ name, body, failure });

const app = await serve(gateway);
const browser = await openBrowser(process.env.CHROMIUM ?? '/usr/bin/chromium');
const { page } = browser;
const trustedOnly = await refusesTexts();
let loads = 0;
page.on('load', () => loads++);

const main = page.getByRole('main');
const heading = (name) => main.getByRole('heading', { level: 1, name });
const status = main.getByRole('status');
const rows = main.locator('tbody tr');
/** What the rows are named, without the snippets below. The text is the same for a row that is just being replaced. */
async function titles() {
  const texts = await main.locator('tbody th > :first-child').allTextContents();
  return texts.map((text) => text.replaceAll(/\s+/g, ' ').trim());
}
const textOf = (request) => request.postDataJSON()?.variables?.search?.text;
const searchesSince = (start) =>
  browser.operations
    .slice(start)
    .map(({ variables }) => variables?.search?.text)
    .filter(Boolean);
const cells = (number) => main.locator(`tbody td:nth-child(${number})`).allInnerTexts();
const factName = (name) => page.locator('dt').and(page.getByText(name, { exact: true }));
const fact = (name) =>
  main
    .locator('dl > div')
    .filter({ has: factName(name) })
    .locator('dd');
const searchField = page.getByRole('searchbox', { name: 'Search' });
const sortedBy = () => page.getByLabel('Sort by').locator('option:checked').innerText();
const pages = main.getByRole('navigation', { name: 'Pages' });
const open = (path) => page.goto(app.url + path);
/** All digits of a formatted number, with its sign; so amounts are in pence. */
const digits = (text) => BigInt(text.replace(/\D/g, '')) * (text.includes('-') ? -1n : 1n);

async function refusesTexts() {
  const { workspaces } = await (await fetch(`${gateway}/playground/config.json`)).json();
  const response = await fetch(`${gateway}/graphql`, {
    method: 'POST',
    headers: { authorization: `Bearer ${workspaces[0].token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ __typename }' }),
  });
  const { errors = [] } = await response.json();
  return errors.some(({ extensions }) => extensions.code === 'FORBIDDEN');
}

async function navigate(name) {
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name, exact: true }).click();
  await heading(name).waitFor();
}

/** Waits for a list with exactly these titles. */
const listed = (expected) => eventually(async () => assert.deepEqual(await titles(), expected));

/** Waits for a list in which all titles are such texts. */
async function everyTitle(pattern) {
  await eventually(async () => {
    const texts = await titles();
    assert.ok(texts.length > 0, 'no rows');
    for (const text of texts) assert.match(text, pattern);
  });
}

/** Waits for a list in which all cells of a column are such texts. */
async function everyCell(number, pattern) {
  await eventually(async () => {
    const texts = await cells(number);
    assert.ok(texts.length > 0, 'no rows');
    for (const text of texts) assert.match(text, pattern);
  });
}

/** Waits for a list in which the numbers in a column descend. */
async function descending(number) {
  await eventually(async () => {
    const numbers = (await cells(number)).map(digits);
    assert.ok(numbers.length > 1 && numbers[0] > numbers.at(-1), 'all are the same');
    assert.deepEqual(
      numbers,
      numbers.toSorted((a, b) => (a < b ? 1 : -1)),
    );
  });
}

async function photograph(name) {
  assert.deepEqual(await accessibilityProblems(page), [], `${name} is not accessible`);
  await photographAt(name, 1280);
  await photographAt(`${name}-narrow`, 390);
  await page.setViewportSize({ width: 1280, height: 800 });
}

async function photographAt(name, width) {
  await page.setViewportSize({ width, height: 800 });
  await eventually(async () => {
    const needed = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(needed <= width, `${name} needs a width of ${needed} px`);
  });
  if (!shots) return;
  mkdirSync(shots, { recursive: true });
  await page.screenshot({ path: join(shots, `${name}.png`), fullPage: true });
}

/** Answers the next request with an error, as the gateway would. */
async function failNext(httpStatus, error) {
  const body = JSON.stringify({ errors: [error] });
  const type = 'application/graphql-response+json';
  await page.route('**/graphql', (route) => route.fulfill({ status: httpStatus, contentType: type, body }), {
    times: 1,
  });
}

check('the first workspace opens with charts that add up', async () => {
  await open('/');
  await heading('Dashboard').waitFor();
  await page.waitForURL('**/gift-shop');
  const columns = main.getByRole('img', { name: 'Revenue by month' }).locator('rect');
  await columns.first().waitFor();
  await main.getByText('Show as a table').click();
  const chart = main.getByRole('figure');
  const values = (await chart.locator('tbody td').allInnerTexts()).map(digits);
  assert.equal(values.length, await columns.count());
  assert.equal(
    values.reduce((sum, value) => sum + value),
    digits(await fact('Revenue').innerText()),
  );
  await photograph('dashboard');
});

check('a month of the chart leads to its orders', async () => {
  await main.getByRole('figure').getByRole('link', { name: 'Nov 2011' }).click();
  await heading('Orders').waitFor();
  assert.equal(await page.getByLabel('From', { exact: true }).inputValue(), '2011-11-01');
  assert.equal(await page.getByLabel('To', { exact: true }).inputValue(), '2011-11-30');
  await everyCell(2, /Nov 2011$/);
});

let first;
check('products are searched while typing, best match first', async () => {
  await navigate('Products');
  const response = page.waitForResponse((one) => one.ok() && textOf(one.request()) === 'bag');
  await searchField.focus();
  await page.keyboard.type('bag');
  await page.waitForURL('**/products?text=bag');
  // Until then, the list may show the products that match the first letters.
  await response;
  await main.locator('[aria-busy=false]').waitFor();
  first = await titles();
  assert.equal(first.length, 20);
  for (const title of first) assert.match(title, /\bbags?\b/i);
  assert.ok(Number.parseInt(await status.innerText(), 10) > 20);
  assert.equal(await sortedBy(), 'Best match');
  const marked = await main.locator('tbody th a mark').allInnerTexts();
  assert.equal(marked.length, 20);
  for (const word of marked) assert.match(word, /^bags?$/i);
  assert.equal(await searchField.inputValue(), 'bag');
  assert.ok(await searchField.evaluate((field) => field === document.activeElement));
  await photograph('products');
});

check('pages go forwards and backwards, by keyboard', async () => {
  await pages.getByRole('link', { name: 'Next' }).focus();
  await page.keyboard.press('Enter');
  await page.waitForURL('**/products?text=bag&after=*');
  let second;
  await eventually(async () => {
    second = await titles();
    assert.equal(second.length, 20);
    assert.notDeepEqual(second, first);
  });
  await page.reload();
  await listed(second);
  assert.equal(await searchField.inputValue(), 'bag');
  await pages.getByRole('link', { name: 'Previous' }).click();
  await page.waitForURL('**/products?text=bag&before=*');
  await listed(first);
  assert.equal(await pages.getByRole('link', { name: 'Previous' }).count(), 0);
  await page.goBack();
  await listed(second);
});

check('going back and forward restores the search', async () => {
  await page.goBack();
  await listed(first);
  await page.goBack();
  await page.waitForURL('**/products');
  await eventually(async () => assert.equal(await searchField.inputValue(), ''));
  await eventually(async () => assert.notDeepEqual(await titles(), first));
  assert.equal(await sortedBy(), 'Title');
  await page.goForward();
  await listed(first);
  assert.equal(await searchField.inputValue(), 'bag');
  await page.goBack();
});

check('what is typed without a pause is one search, and the back button undoes all typing', async () => {
  await open('/gift-shop/products');
  await rows.first().waitFor();
  await searchField.focus();
  const start = browser.operations.length;
  await page.evaluate(() => {
    for (const letter of 'umbrella') document.execCommand('insertText', false, letter);
  });
  await everyTitle(/umbrella/i);
  assert.deepEqual(searchesSince(start), ['umbrella']);
  await searchField.fill('lantern');
  await everyTitle(/lantern/i);
  await page.goBack();
  await page.waitForURL('**/products');
  await eventually(async () => assert.equal(await searchField.inputValue(), ''));
});

check('a late answer does not replace a newer one', async () => {
  let release;
  const released = new Promise((resolve) => (release = resolve));
  const holdBack = async (route) => {
    if (textOf(route.request()) === 'umbrella') await released;
    // The app may have cancelled the request by then.
    await route.continue().catch(() => {});
  };
  await page.route('**/graphql', holdBack);
  await open('/gift-shop/products');
  await rows.first().waitFor();
  const late = page.waitForRequest((request) => textOf(request) === 'umbrella');
  await searchField.fill('umbrella');
  const request = await late;
  await searchField.fill('lantern');
  await everyTitle(/lantern/i);
  release();
  await request.response();
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
  await everyTitle(/lantern/i);
  assert.equal(await searchField.inputValue(), 'lantern');
});

check('a search finds words with typos, and unfinished ones', async () => {
  await searchField.fill('lanten');
  await page.waitForURL('**/products?text=lanten');
  await everyTitle(/lantern/i);
  await page.reload();
  await everyTitle(/lantern/i);
  await searchField.fill('red umb');
  await page.waitForURL('**/products?text=red+umb');
  await everyTitle(/red.*umbrella|umbrella.*red/i);
});

check('a search keeps the other filters and can have another order', async () => {
  await open('/gift-shop/products?text=bag&status=ACTIVE');
  await everyTitle(/\bbags?\b/i);
  await page.getByLabel('Sort by').selectOption('Title');
  await page.waitForURL('**/products?text=bag&status=ACTIVE&sort=title');
  await eventually(async () => {
    const sorted = await titles();
    assert.match(sorted[0], /\bbags?\b/i);
    assert.deepEqual(sorted, sorted.toSorted());
  });
  await everyCell(3, /^Active$/);
  await searchField.fill('');
  await page.waitForURL('**/products?status=ACTIVE&sort=title');
  await eventually(async () => assert.equal(await sortedBy(), 'Title'));
});

const HOSTILE = `<img src=x onerror=alert(1)> </p><mark> "'&|!`;
check('a search without a result says what to do, and shows its text as it is', async () => {
  await open('/gift-shop/products');
  await searchField.fill(HOSTILE);
  await main.getByText(`Nothing matches “${HOSTILE}”. Check the spelling`).waitFor();
  assert.equal(await status.innerText(), '0 products');
  assert.equal(new URL(page.url()).searchParams.get('text'), HOSTILE);
  await page.reload();
  await main.getByText(`Nothing matches “${HOSTILE}”`).waitFor();
  assert.equal(await searchField.inputValue(), HOSTILE);
  assert.equal(await page.locator('img, main mark').count(), 0);
  await photograph('search-empty');
  await searchField.fill(`'&|!`);
  await main.getByText(`Nothing matches “'&|!”`).waitFor();
  await main.getByRole('link', { name: 'Show all products' }).click();
  await rows.first().waitFor();
  assert.equal(await searchField.inputValue(), '');
});

check('nothing in a snippet becomes an element, except for its marks', async () => {
  const snippet = '&lt;b&gt; &amp;amp; <mark>bag &lt;i&gt;</mark> <img src=x onerror=alert(1)>';
  const withSnippet = async (route) => {
    // Without `origin`, as this request does not come from the page.
    const { origin: _, ...headers } = route.request().headers();
    const response = await route.fetch({ headers });
    const body = await response.json();
    for (const edge of body.data?.products?.edges ?? []) edge.highlights[0] = { ...edge.highlights[0], snippet };
    await route.fulfill({ status: response.status(), json: body });
  };
  await page.route('**/graphql', withSnippet);
  await open('/gift-shop/products?text=bag');
  const shown = rows.first().locator('.snippet');
  await shown.waitFor();
  assert.equal(await shown.innerText(), '<b> &amp; bag <i> <img src=x onerror=alert(1)>');
  assert.deepEqual(await shown.locator('*').allInnerTexts(), ['bag <i>']);
});

check('a list is filtered by status, and sorted by an aggregate of related rows', async () => {
  await open('/gift-shop/products');
  await rows.first().waitFor();
  await page.getByLabel('Status').selectOption('INACTIVE');
  await page.waitForURL('**/products?status=INACTIVE');
  await everyCell(3, /^Inactive$/);
  await page.getByLabel('Status').selectOption('');
  await page.getByLabel('Sort by').selectOption('Most revenue');
  await page.waitForURL('**/products?sort=revenue');
  await descending(5);
});

check('a product shows its variants, sales and orders', async () => {
  await rows.first().getByRole('link').click();
  await main.getByRole('heading', { name: /^Variants/ }).waitFor();
  await main.getByRole('img', { name: 'Pieces sold by month' }).waitFor();
  assert.match(await fact('Sold').innerText(), /in [\d,]+ orders/);
  await photograph('product');
});

check('orders are filtered by their customers and items', async () => {
  await navigate('Orders');
  await page.getByLabel('Customer’s country').fill('germany');
  await page.getByLabel('Product contains').fill('lunch box');
  await page.getByRole('button', { name: 'Apply' }).click();
  await page.waitForURL('**/orders?country=germany&product=lunch+box');
  await page.getByLabel('Status').selectOption('Delivered');
  await page.waitForURL('**/orders?status=DELIVERED&country=germany&product=lunch+box');
  await everyCell(3, /^Delivered$/);
  await page.getByLabel('Sort by').selectOption('Most pieces');
  await page.waitForURL('**&sort=pieces');
  await descending(5);
  await photograph('orders');
});

check('an order leads to its customer and to its products', async () => {
  const number = await rows.first().getByRole('rowheader').innerText();
  await rows.first().getByRole('rowheader').getByRole('link').click();
  await heading(`Order ${number}`).waitFor();
  assert.equal(await fact('Shipped to').innerText(), 'Germany');
  await photograph('order');
  const customer = await fact('Customer').innerText();
  await fact('Customer').getByRole('link').click();
  await heading(customer).waitFor();
  await photograph('customer');
  await page.goBack();
  await heading(`Order ${number}`).waitFor();
  const [product] = await titles();
  await rows.first().getByRole('link').click();
  await heading(product).waitFor();
});

check('a cancelled order shows its transactions', async () => {
  await open('/gift-shop/orders?status=CANCELLED');
  await rows.first().getByRole('rowheader').getByRole('link').click();
  await main.getByRole('heading', { name: 'Transactions' }).waitFor();
  await main.getByText(/^Cancellation C/).waitFor();
});

check('customers have the revenue of their orders', async () => {
  await navigate('Customers');
  await page.getByLabel('Country').fill('france');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/customers?country=france');
  await everyCell(2, /^France$/);
  await photograph('customers');
  const revenue = await rows.first().locator('td').last().innerText();
  await rows.first().getByRole('link').click();
  await main.getByText('First order').waitFor();
  assert.equal(await fact('Revenue').innerText(), revenue);
});

check('nothing matches: the list says so and offers a way out', async () => {
  await open('/gift-shop/products?category=no+such+category');
  await main.getByText('Nothing matches.').waitFor();
  assert.equal(await status.innerText(), '0 products');
  await photograph('empty');
  await main.getByRole('link', { name: 'Show all products' }).click();
  await rows.first().waitFor();
});

check('the other workspace shows its own data', async () => {
  await page.getByLabel('Workspace').focus();
  await page.getByLabel('Workspace').selectOption('Record Store (Chinook)');
  await page.waitForURL('**/record-store');
  await heading('Dashboard').waitFor();
  await fact('Revenue').waitFor();
  assert.match(await fact('Revenue').innerText(), /^US\$/);
  assert.match(await page.title(), /Record Store/);
  assert.ok(await page.getByLabel('Workspace').evaluate((select) => select === document.activeElement));
  await photograph('record-store');
  await navigate('Products');
  await rows.first().waitFor();
  assert.ok(!(await titles()).some((title) => first.includes(title)), 'rows of the first workspace');
});

check('a search shows where else its words occur', async () => {
  await searchField.fill('maiden');
  await page.waitForURL('**/products?text=maiden');
  const snippets = main.locator('.snippet');
  await snippets.first().waitFor();
  for (const snippet of await snippets.all()) assert.match(await snippet.locator('mark').first().innerText(), /^maiden/i);
  await photograph('search');
  await searchField.fill('rockers');
  const title = rows.first().getByRole('link');
  await title.getByText('(For Rockers, Ravers, Lovers & Sinners)').waitFor();
  assert.deepEqual(await title.locator('mark').allInnerTexts(), ['Rockers']);
});

check('customers are searched by name, and by what else is known about them', async () => {
  await navigate('Customers');
  await searchField.focus();
  await page.keyboard.type('frank');
  await page.waitForURL('**/customers?text=frank');
  await eventually(async () => assert.equal((await titles())[0]?.split(' ')[0], 'Frank'));
  assert.equal(await rows.first().getByRole('link').locator('mark').innerText(), 'Frank');
  assert.equal(await sortedBy(), 'Best match');
  assert.ok((await main.locator('tbody td mark').allInnerTexts()).includes('Frankfurt'));
  await photograph('customers-search');
  await searchField.fill('google');
  await rows.first().locator('.snippet').getByText('Google').first().waitFor();
});

check('albums are filtered by genre, and artists lead to their albums', async () => {
  await navigate('Albums');
  await page.getByLabel('Genre').selectOption({ label: 'Jazz (13)' });
  await page.waitForURL('**/albums?genre=Jazz');
  await everyCell(3, /^Jazz$/);
  assert.equal(await status.innerText(), '13 albums');
  await photograph('albums');
  await navigate('Artists');
  await rows.first().waitFor();
  await photograph('artists');
  const artists = await titles();
  await pages.getByRole('link', { name: 'Next' }).click();
  await eventually(async () => assert.ok(!(await titles()).includes(artists[0])));
  await pages.getByRole('link', { name: 'First' }).click();
  await listed(artists);
  const [artist] = artists;
  const [albums] = await cells(3);
  await rows.first().getByRole('link').click();
  await heading('Albums').waitFor();
  await eventually(async () => assert.equal(await status.innerText(), `${albums} albums`));
  assert.deepEqual([...new Set(await cells(2))], [artist]);
  await rows.first().getByRole('link').click();
  await main.getByText('Genre').waitFor();
  assert.equal(await fact('Artist').innerText(), artist);
  await photograph('album');
});

editingChecks({
  check,
  page,
  main,
  rows,
  fact,
  heading,
  open,
  photograph,
  gateway,
  manifest,
  trustedOnly,
  operations: browser.operations,
});

check('the back button leads back to the first workspace', async () => {
  await open('/gift-shop/customers');
  await rows.first().waitFor();
  await page.getByLabel('Workspace').selectOption('Record Store (Chinook)');
  await fact('Revenue').waitFor();
  await page.goBack();
  await heading('Customers').waitFor();
  await main.getByText('online-retail.invalid').first().waitFor();
  assert.equal(await page.getByLabel('Workspace').inputValue(), 'gift-shop');
});

check('the skip link and the focus after a navigation lead to the content', async () => {
  await open('/gift-shop/orders');
  await rows.first().waitFor();
  await page.keyboard.press('Tab');
  assert.equal(await page.locator(':focus').innerText(), 'Skip to the content');
  await page.keyboard.press('Enter');
  assert.equal(await page.locator(':focus').getAttribute('id'), 'main');
  await navigate('Customers');
  assert.equal(await page.locator(':focus').getAttribute('id'), 'main');
});

check('an unknown row, page or workspace is said to be unknown', async () => {
  await open('/gift-shop/orders/00000000-0000-4000-8000-000000000000');
  await heading('No such order').waitFor();
  await open('/gift-shop/nothing');
  await heading('No such page').waitFor();
  await open('/nowhere');
  await page.getByRole('heading', { name: 'No such workspace' }).waitFor();
});

check(
  'a damaged cursor is explained, and the list can be started again',
  async () => {
    await open('/gift-shop/products?text=bag&after=damaged');
    await main.getByRole('alert').getByText('The address of this page is not valid').waitFor();
    await photograph('invalid');
    await main.getByRole('link', { name: 'Show the first page without filters' }).click();
    await rows.first().waitFor();
  },
  '422',
);

check(
  'a rate limit says when to try again',
  async () => {
    await failNext(429, {
      message: 'Rate limit exceeded: a user may use 20 requests per minute. Try again in 2 s.',
      extensions: { code: 'RATE_LIMITED', retryAfter: 2 },
    });
    await navigate('Orders');
    await main.getByRole('alert').getByText('Too many requests', { exact: true }).waitFor();
    assert.ok(await main.getByRole('button', { name: /^Try again in \d s$/ }).isDisabled());
    await photograph('rate-limited');
    await main.getByRole('button', { name: 'Try again', exact: true }).click();
    await rows.first().waitFor();
  },
  '429',
);

check(
  'an expensive query is explained',
  async () => {
    await failNext(422, {
      message:
        'The request comes to 250501 rows of cost; `max_cost` allows 200000. Ask for smaller pages or fewer levels, ' +
        'for `countUpTo` instead of `totalCount`, and filter by a key.',
      extensions: { code: 'QUERY_TOO_EXPENSIVE', cost: 250501, limit: 200000 },
    });
    await page.getByLabel('Product contains').fill('expensive');
    await page.keyboard.press('Enter');
    await main.getByRole('alert').getByText('These filters ask for too much data').waitFor();
  },
  '422',
);

check(
  'an unreachable gateway is explained, and the same button tries again',
  async () => {
    await page.route('**/graphql', (route) => route.abort(), { times: 1 });
    await navigate('Customers');
    await main.getByRole('alert').getByText('The gateway cannot be reached').waitFor();
    await main.getByRole('button', { name: 'Try again' }).click();
    await rows.first().waitFor();
  },
  'ERR_FAILED',
);

check(
  'a token that is no longer accepted is replaced without anyone noticing',
  async () => {
    const withDamagedTokens = async (route) => {
      const config = await (await route.fetch()).json();
      for (const workspace of config.workspaces) workspace.token += 'x';
      await route.fulfill({ json: config });
    };
    await page.route('**/playground/config.json', withDamagedTokens, { times: 1 });
    await open('/gift-shop/products');
    await rows.first().waitFor();
    assert.equal(await main.getByRole('alert').count(), 0);
  },
  '401',
);

check('without tokens the app says what to do', async () => {
  const withoutWorkspaces = (route) => route.fulfill({ json: { development: false, workspaces: [] } });
  await page.route('**/playground/config.json', withoutWorkspaces, { times: 1 });
  await open('/');
  await heading('The storefront cannot start').waitFor();
  await main.getByRole('alert').getByText('Start it in development mode').waitFor();
});

check('the test used every document of the manifest, and nothing else', () => {
  const ids = browser.operations.map(({ documentId }) => documentId).filter(Boolean);
  const texts = browser.operations.map(({ query }) => query).filter(Boolean);
  if (trustedOnly) assert.deepEqual(texts, []);
  else assert.ok(ids.length > 0 && texts.length > 0);
  const idOf = Object.fromEntries(Object.entries(manifest).map(([id, text]) => [text, id]));
  const used = new Set([...ids, ...texts.map((text) => idOf[text] ?? text)]);
  assert.deepEqual([...used].sort(), Object.keys(manifest).sort());
});

/** A gateway without the manifest refuses the first id after each load of the page; the app then sends texts. */
function withoutRefusedIds(complaints) {
  const refused = complaints.filter((text) => !trustedOnly && text.includes('status of 422')).slice(0, loads);
  loads = 0;
  return complaints.filter((text) => !refused.includes(text));
}

console.log(`${gateway} ${trustedOnly ? 'only executes the documents of the manifest' : 'executes any document'}`);
let failures = 0;
for (const { name, body, failure } of checks) {
  const start = Date.now();
  try {
    await body();
    const complaints = withoutRefusedIds(browser.takeComplaints());
    assert.deepEqual(
      complaints.filter((text) => !failure || !text.includes(failure)),
      [],
      'the console shows errors',
    );
    console.log(`ok    ${name} (${Date.now() - start} ms)`);
  } catch (error) {
    failures += 1;
    console.log(`FAIL  ${name}\n${error.stack}`);
    browser.takeComplaints();
  }
  await page.unrouteAll({ behavior: 'ignoreErrors' });
}
await browser.close();
await app.close();
console.log(`${checks.length - failures} of ${checks.length} checks passed`);
process.exit(failures === 0 ? 0 : 1);
