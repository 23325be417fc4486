// The page about the API: a reference without scripts, something to try things on with them.
import { Person, PASSWORD, assert, equal } from '../harness.mjs';

export async function the_api_is_read_and_tried_with_a_token() {
  const agent = await Person.arrive('agent-api');
  await agent.signIn('agent@demo.test', PASSWORD, '/console');
  await agent.go('/console/account/api-tokens');
  await agent.fill({ name: 'Trying things out' });
  await agent.page.locator('main [name=scope][value=read]').check();
  await agent.fill({ valid_days: '1' });
  await agent.follow(agent.page.locator('main form:has([name=scope]) button[type=submit]'));
  const secret = (await agent.text()).match(/pat_\S+/)?.[0];
  assert(secret, `no token on the page: ${await agent.text()}`);

  await agent.go('/api/docs');
  await agent.step('closed');
  await agent.page.locator('#docs-q').fill('get modules comments');
  const left = agent.page.locator('.docs-op:not([hidden])');
  equal(await left.count(), 1, 'operations with these words');
  await agent.page.locator('#docs-q').fill('listModules');
  equal(await left.count(), 1, 'operations of this name');
  await agent.page.locator('#docs-token').fill(secret);
  const operation = agent.page.locator('#listModules');
  await operation.locator('summary').click();
  await operation.locator('.docs-try button[type=submit]').click();
  await operation.locator('.docs-try pre', { hasText: '"tickets"' }).waitFor();
  assert((await operation.locator('.docs-try pre').innerText()).startsWith('200'), 'the answer');
  await agent.step('tried');

  // A link to an operation opens it; what is typed shows in the call for a terminal, and the token doesn't.
  await agent.go('/api/docs#listRecords');
  const list = agent.page.locator('#listRecords');
  await list.locator('[id="listRecords-sort"]').fill('-modified_at,title');
  const curl = await list.locator('.docs-curl').innerText();
  assert(curl.includes('sort=-modified_at%2Ctitle') && curl.includes('$PORTICO_TOKEN'), curl);
  assert(!curl.includes(secret), 'the token is in the call for a terminal');
}

export async function the_api_can_be_read_without_scripts_and_in_italian() {
  const reader = await Person.arrive('reader', { js: false, locale: 'it-IT', width: 360 });
  await reader.go('/api/docs');
  equal(await reader.page.locator('html').getAttribute('lang'), 'it', "the page's language");
  await reader.fill({ q: 'comment' });
  await reader.follow(reader.page.locator('.docs-search button'));
  await reader.sees('/api/v1/modules/{module}/records/{id}/comments', 2);
  await reader.page.locator('#createComment summary').click();
  await reader.sees('Idempotency-Key');
  await reader.step('api-comments');
}
