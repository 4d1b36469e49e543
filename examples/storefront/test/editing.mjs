// The checks of editing a customer: what is sent, what is refused, and what somebody else changes in the meantime.
import assert from 'node:assert/strict';
import { eventually } from './browser.mjs';

export function editingChecks(context) {
  const { check, page, main, rows, fact, heading, open, photograph, gateway, manifest, trustedOnly, operations } = context;
  const field = (label) => main.getByRole('textbox', { name: label, exact: true });
  const save = () => main.getByRole('button', { name: 'Save' }).click();

  /** The text that assistive technology reads with a field. */
  async function described(label) {
    const id = await field(label).getAttribute('aria-describedby');
    return id === null ? undefined : page.locator(`[id="${id}"]`).innerText();
  }

  /** The variables of all updates that the page has sent. */
  const updates = () => operations.map(({ variables }) => variables).filter((variables) => variables?.key);

  /** Runs a text beside the page, with the token of a workspace. */
  async function ask(slug, documentId, variables) {
    const { workspaces } = await (await fetch(`${gateway}/playground/config.json`)).json();
    const { token } = workspaces.find((workspace) => workspace.slug === slug);
    const response = await fetch(`${gateway}/graphql`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(trustedOnly ? { documentId, variables } : { query: manifest[documentId], variables }),
    });
    return (await response.json()).data;
  }

  /** Changes the customer on the page, as somebody else does. */
  async function changeElsewhere(patch) {
    const id = Object.keys(manifest).find((key) => manifest[key].includes('mutation UpdateCustomer('));
    const [, slug, customer] = /\/([\w-]+)\/customers\/([\w-]+)/.exec(page.url());
    const variables = { input: { by: { id: customer }, patch }, key: crypto.randomUUID() };
    const data = await ask(slug, id, variables);
    assert.deepEqual(data.updateCustomer.errors, []);
  }

  async function edit() {
    await main.getByRole('link', { name: 'Edit', exact: true }).click();
    await heading('Edit customer').waitFor();
  }

  async function saved(name) {
    await save();
    await heading(name).waitFor();
  }

  check('a customer is edited, and only what was changed is sent', async () => {
    await open('/record-store/customers?text=wichterlova');
    await rows.first().getByRole('link').click();
    await edit();
    await photograph('edit');
    await field('First name').fill('Franta');
    await field('Company').fill('');
    await saved('Franta Wichterlová');
    assert.equal(await fact('Company').count(), 0);
    assert.deepEqual(updates().at(-1).input.patch, { firstName: 'Franta', company: null });
    await edit();
    await field('First name').fill('František');
    await field('Company').fill('JetBrains s.r.o.');
    await saved('František Wichterlová');
    assert.equal(await fact('Company').innerText(), 'JetBrains s.r.o.');
  });

  check('the form shows what the schema forbids without a request, and what the gateway refuses', async () => {
    await edit();
    await field('E-mail').fill('Kachase@hotmail.com');
    await field('Language').fill('Portuguese (Brazil)');
    const before = operations.length;
    await save();
    await main.getByText('At most 10 characters; these are 19.').waitFor();
    assert.equal(await described('E-mail'), 'E-mail address in lower case, unique in the workspace.');
    assert.equal(await described('Language'), 'At most 10 characters; these are 19.');
    assert.equal(operations.length, before);
    await photograph('edit-invalid');
    await field('Language').fill('');
    await save();
    await eventually(async () => assert.equal(await described('Language'), 'This field is required.'));
    await field('Language').fill('en');
    await field('E-mail').fill('kachase@hotmail.com');
    await save();
    await eventually(async () => assert.match((await described('E-mail')) ?? '', /must be unique/));
    assert.equal(await described('Language'), undefined);
    await main.getByRole('link', { name: 'Cancel' }).click();
    await heading('František Wichterlová').waitFor();
  });

  check('a conflict shows both changes, and mine are kept beside the others of theirs', async () => {
    const phone = await fact('Phone').innerText();
    await edit();
    await changeElsewhere({ company: 'Theirs', phone: '+420 000' });
    await field('Company').fill('Mine');
    await save();
    await main.getByRole('alert').getByText('Somebody else changed this customer').waitFor();
    await photograph('conflict');
    assert.deepEqual(await rows.allInnerTexts(), ['Phone\t+420 000\tnot changed', 'Company\tTheirs\tMine']);
    await main.getByRole('button', { name: 'Keep mine' }).click();
    await heading('František Wichterlová').waitFor();
    assert.equal(await fact('Company').innerText(), 'Mine');
    assert.equal(await fact('Phone').innerText(), '+420 000');
    await changeElsewhere({ company: 'JetBrains s.r.o.', phone });
  });

  check('after a conflict theirs can be taken, and the form goes on with their version', async () => {
    await page.reload();
    await edit();
    await changeElsewhere({ company: 'Theirs' });
    await field('Company').fill('Mine');
    await save();
    await main.getByRole('button', { name: 'Take theirs' }).click();
    assert.equal(await field('Company').inputValue(), 'Theirs');
    await field('Company').fill('JetBrains s.r.o.');
    await saved('František Wichterlová');
    assert.equal(await fact('Company').innerText(), 'JetBrains s.r.o.');
  });

  check(
    'an update whose response is lost is repeated with its key, and is no conflict',
    async () => {
      await edit();
      await field('Company').fill('JetBrains');
      const lost = async (route) => {
        await route.fetch();
        await route.abort();
      };
      await page.route('**/graphql', lost, { times: 1 });
      await save();
      await main.getByRole('alert').getByText('The gateway cannot be reached').waitFor();
      await main.getByRole('button', { name: 'Try again' }).click();
      await heading('František Wichterlová').waitFor();
      assert.equal(await fact('Company').innerText(), 'JetBrains');
      const [first, second] = updates().slice(-2);
      assert.equal(first.key, second.key);
      await changeElsewhere({ company: 'JetBrains s.r.o.' });
    },
    'ERR_FAILED',
  );
}
