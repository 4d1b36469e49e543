// What axe finds in the page, but for what only GraphiQL can mend in its own elements.
import axe from 'axe-core';

// The rules and the parts of the page in which they are left out.
const OF_GRAPHIQL = {
  'nested-interactive': '.graphiql-tab', // A tab that holds two buttons.
  'label-content-name-mismatch': '.graphiql-history-item', // Every entry is called "Set active".
  region: '[data-radix-popper-content-wrapper]', // Menus stand outside of the landmarks.
};

/** The findings as texts: rule, element, and what is wrong. */
export async function findings(page) {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
  const found = violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => ({ id, target, failureSummary })));
  const own = [];
  for (const { id, target, failureSummary } of found) {
    const part = OF_GRAPHIQL[id];
    const excepted = part && (await page.locator(target.join(' ')).first().evaluate((element, of) => !!element.closest(of), part));
    if (!excepted) own.push(`${id} at ${target.join(' ')}: ${failureSummary.replaceAll(/\s+/g, ' ')}`);
  }
  return own;
}
