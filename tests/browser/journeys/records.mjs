// Who sees which record, and what happens when two people change the same one.
import { Person, PASSWORD, assert, base, equal, unique } from '../harness.mjs';
import { comment, createRecord, openMenu, save } from '../steps.mjs';

async function emmasTicket() {
  const emma = await Person.arrive('emma');
  await emma.signIn('emma@acme.test', PASSWORD, '/');
  const title = unique('Scope of a ticket');
  await createRecord(emma, 'tickets', () => emma.fill({ title, description: 'As written first.' }), 'ticket');
  return { emma, title, url: emma.page.url() };
}

export async function another_companys_ticket_looks_like_a_random_address() {
  const { url } = await emmasTicket();
  const nina = await Person.arrive('nina');
  await nina.signIn('nina@globex.test', PASSWORD, '/');
  const theirs = await nina.go(url);
  const theirPage = await nina.text();
  await nina.step('not-found');
  const random = await nina.go(url.replace(/[0-9a-f]{12}$/, '0123456789ab'));
  equal(theirs.status(), 404, "the status of another company's ticket");
  equal(random.status(), 404, 'the status of a random id');
  const withoutReference = (text) => text.replace(/\b[0-9a-f]{32}\b/g, 'REFERENCE');
  equal(withoutReference(await nina.text()), withoutReference(theirPage), 'the two pages');
}

export async function a_colleague_follows_the_ticket_of_his_company() {
  const { title, url } = await emmasTicket();
  const marco = await Person.arrive('marco');
  await marco.signIn('marco@acme.test', PASSWORD, '/');
  await openMenu(marco, 'tickets');
  await marco.sees(title);
  await marco.follow(marco.page.locator('nav.segments a').first());
  assert(!(await marco.text()).includes(title), "a colleague's ticket is among his own");
  await marco.go(url);
  await marco.sees(title);
  await marco.step('colleague');
  assert(!(await marco.page.locator('.record-head a[href$="edit"]').count()), 'he may edit what is not his');
  equal((await marco.go(`${url}/edit`)).status(), 403, 'the status of the edit form by its address');
}

export async function two_people_who_edit_one_ticket_lose_nothing() {
  const { emma, title } = await emmasTicket();
  const edit = '.record-head a[href$="edit"]';
  const agent = await Person.arrive('agent');
  await agent.signIn('agent@demo.test', PASSWORD, '/console');
  await openMenu(agent, 'tickets');
  await agent.page.locator('#q').fill(title);
  await agent.follow(agent.page.locator('table.records tbody th a', { hasText: title }));
  await agent.follow(agent.page.locator(edit));
  await emma.follow(emma.page.locator(edit));
  await emma.fill({ description: "Emma's words." });
  await save(emma);
  await agent.fill({ description: "The agent's words." });
  const answer = await agent.follow(agent.page.locator('#record-form .form-foot button[type=submit]'));
  equal(answer.status(), 409, 'the status of the second save');
  await agent.sees("Emma's words.");
  await agent.sees("The agent's words.");
  await agent.step('conflict');
  await agent.page.locator('#theirs-description').check();
  await agent.follow(agent.page.locator('button[name=resolve][value=chosen]'));
  await agent.sees("Emma's words.");
  await agent.step('resolved');
}

export async function a_double_click_opens_one_ticket() {
  const emma = await Person.arrive('emma');
  await emma.signIn('emma@acme.test', PASSWORD, '/');
  await openMenu(emma, 'tickets');
  await emma.follow(emma.page.locator('.page-head .actions a.btn.primary'));
  const title = unique('Clicked twice');
  await emma.fill({ title });
  // The same form sent twice, as an impatient browser does.
  const form = await emma.page.locator('#record-form').evaluate((element) => ({
    action: element.action,
    body: new URLSearchParams(new FormData(element)).toString(),
  }));
  const send = () => emma.context.request.post(form.action, {
    data: form.body,
    headers: { 'Content-Type': 'application/x-www-form-urlencoded', Origin: base, 'Sec-Fetch-Site': 'same-origin' },
    maxRedirects: 0,
  });
  const [first, second] = await Promise.all([send(), send()]);
  equal(first.headers().location, second.headers().location, 'where the two answers lead');
  await openMenu(emma, 'tickets');
  await emma.page.locator('#q').fill(title);
  await emma.page.locator('table.records tbody th a', { hasText: title }).first().waitFor();
  await emma.page.waitForFunction((text) =>
    [...document.querySelectorAll('table.records tbody th a')].every((link) => link.textContent.includes(text)), title);
  equal(await emma.page.locator('table.records tbody th a').count(), 1, 'tickets of that title');
}

export async function a_script_in_a_comment_stays_text() {
  const { emma } = await emmasTicket();
  await comment(emma, '<img src=x onerror="window.hit=1"> <script>window.hit=1</script> [link](javascript:window.hit=1) **bold**', null);
  equal(await emma.page.evaluate(() => window.hit), undefined, 'what the script did');
  equal(await emma.page.locator('.comment a[href^="javascript"]').count(), 0, 'links that run scripts');
  assert(await emma.page.locator('.comment strong', { hasText: 'bold' }).count(), 'the emphasis is lost');
  await emma.step('comment');
}

export async function an_agent_changes_several_tickets_and_takes_that_back() {
  const { emma, title } = await emmasTicket();
  await createRecord(emma, 'tickets', () => emma.fill({ title: `${title}, again` }), 'second');
  const agent = await Person.arrive('agent');
  await agent.signIn('agent@demo.test', PASSWORD, '/console');
  await openMenu(agent, 'tickets');
  await agent.page.locator('#q').fill(title);
  const rows = agent.page.locator('table.records tbody tr', { hasText: title });
  await agent.page.waitForFunction((text) => {
    const links = [...document.querySelectorAll('table.records tbody th a')];
    return links.length === 2 && links.every((link) => link.textContent.includes(text));
  }, title);
  const bar = agent.page.locator('.chosen-bar');
  assert(!(await bar.isVisible()), 'there is something to do with nothing');
  await rows.first().locator('.pick input').check();
  assert(await bar.isVisible(), 'nothing can be done with what is chosen');
  assert(await agent.page.locator('#choose-all').evaluate((all) => all.indeterminate), 'all looks chosen, or none');
  await agent.page.locator('#choose-all').check();
  await agent.step('chosen');
  await agent.page.locator('#chosen-value').selectOption('status=waiting');
  await agent.follow(bar.locator('button[value=set]'));
  await agent.sees('2 records changed');
  await agent.step('changed');
  await agent.follow(agent.page.locator('#main form[action*="/change/undo"] button'));
  await agent.sees('The change is taken back.');
  equal(await agent.page.locator('#q').inputValue(), title, 'the search of the list that one came from');
  await agent.step('taken-back');
}
