// A page in Chromium, with what it asks the gateway and what its console complains about.
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

const PATIENCE = 20_000;
const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

export async function openBrowser(executablePath) {
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--no-first-run'] });
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme: 'light' });
  context.setDefaultTimeout(PATIENCE);
  const page = await context.newPage();
  const operations = [];
  let complaints = [];
  page.on('request', (request) => {
    if (new URL(request.url()).pathname === '/graphql') operations.push(request.postDataJSON());
  });
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  return {
    page,
    operations,
    takeComplaints() {
      const taken = complaints;
      complaints = [];
      return taken;
    },
    close: () => browser.close(),
  };
}

/** The accessibility problems that axe finds in the page, as sentences. */
export async function accessibilityProblems(page) {
  await page.addScriptTag({ path: AXE });
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}

/** Repeats assertions until they hold, as the page may still be loading. */
export async function eventually(assertions) {
  const end = Date.now() + PATIENCE;
  for (;;) {
    try {
      return await assertions();
    } catch (error) {
      if (Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
