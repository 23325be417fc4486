// The main job of the portal, from an empty contact to a history that proves it, once with scripts and once without.
import { Person, PASSWORD, assert, day, linkIn, mail, mailCount, unique } from '../harness.mjs';
import { choose, comment, createRecord, openMenu, save, signOut } from '../steps.mjs';

export const the_main_job_works_with_scripts = () => mainJob({ js: true });
export const the_main_job_works_without_scripts = () => mainJob({ js: false });

async function mainJob({ js }) {
  const admin = await Person.arrive(`admin-${js ? 'js' : 'plain'}`, { js });
  await admin.signIn('admin@demo.test', PASSWORD, '/console');
  await admin.step('console');
  const company = await createCompany(admin);
  const customer = await createContact(admin, company);
  await giveAccess(admin, customer);

  const contact = await Person.arrive(`contact-${js ? 'js' : 'plain'}`, { js });
  await acceptInvitation(contact, customer);
  const ticket = await openTicket(contact);
  await ownerHearsOf(ticket);

  const agent = await Person.arrive(`agent-${js ? 'js' : 'plain'}`, { js });
  await answerAndNote(agent, ticket, customer);
  await contactSeesTheAnswerOnly(contact, ticket, customer);
  await editDescription(contact, ticket);
  await historyShowsBoth(contact, ticket, false);
  await historyShowsBoth(agent, ticket, true);
  await signOut(contact);
  await contact.step('signed-out');
}

async function createCompany(admin) {
  const name = unique('Initech');
  await createRecord(admin, 'companies', () => admin.fill({ name }), 'company');
  await admin.sees(name);
  return { name, url: admin.page.url() };
}

async function createContact(admin, company) {
  const last = unique('Waddams').replace(' ', '-');
  const customer = { name: `Milton ${last}`, last, email: `${last.toLowerCase()}@initech.test` };
  await createRecord(admin, 'contacts', async () => {
    await admin.fill({ first_name: 'Milton', last_name: last, email: customer.email });
    await choose(admin, 'company_id', company.name);
  }, 'contact');
  await admin.sees(company.name);
  return customer;
}

async function giveAccess(admin, customer) {
  const access = admin.page.locator('#access');
  // Only one date is refused, with the field named.
  await admin.page.locator('#support-start').fill(day(-1));
  await admin.follow(access.locator('form:has(#support-start) button[type=submit]'));
  await admin.step('access-refused');
  assert(await admin.page.locator('#support-end[aria-invalid=true]').count(), 'the missing support end is not marked');
  await admin.page.locator('#support-start').fill(day(-1));
  await admin.page.locator('#support-end').fill(day(365));
  await admin.follow(admin.page.locator('#access form:has(#support-start) button[type=submit]'));
  await admin.step('access-given');
  await admin.sees(customer.email);
}

async function acceptInvitation(contact, customer) {
  const link = linkIn(await mail(customer.email, /https?:\/\//));
  await contact.go(link);
  await contact.step('set-password');
  await contact.fill({ new_password: 'short', repeat_password: 'short' });
  await contact.follow(contact.page.locator('form:has([name=new_password]) button[type=submit]'));
  await contact.step('password-refused');
  const password = `${unique('correct horse battery')} staple`;
  await contact.fill({ new_password: password, repeat_password: password });
  await contact.follow(contact.page.locator('form:has([name=new_password]) button[type=submit]'));
  await contact.step('password-set');
  if (!(await contact.page.locator('#menu').count())) await contact.signIn(customer.email, password, '/');
  await contact.step('home');
  await contact.go(link);
  assert(!(await contact.page.locator('[name=new_password]').count()), 'the invitation can be used twice');
  await contact.step('link-used');
  await contact.go('/');
}

async function openTicket(contact) {
  const ticket = { title: unique('Stapler missing'), description: unique('It was red, and it was mine.'), url: '' };
  await openMenu(contact, 'tickets');
  await contact.step('tickets-empty');
  await contact.follow(contact.page.locator('.page-head .actions a.btn.primary'));
  // An empty form comes back with every mandatory field named, and keeps what was typed.
  await contact.fill({ description: ticket.description });
  await save(contact);
  await contact.step('ticket-refused');
  assert(await contact.page.locator('[name=title][aria-invalid=true]').count(), 'the missing title is not marked');
  assert((await contact.page.locator('[name=description]').inputValue()) === ticket.description, 'what was typed is lost');
  await contact.fill({ title: ticket.title });
  await save(contact);
  await contact.step('ticket');
  await contact.sees(ticket.title);
  await contact.sees(ticket.description);
  ticket.url = contact.page.url();
  await openMenu(contact, 'tickets');
  await contact.sees(ticket.title);
  await contact.step('tickets');
  return ticket;
}

async function ownerHearsOf(ticket) {
  const people = ['agent@demo.test', 'admin@demo.test'];
  const escaped = new RegExp(ticket.title.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  await Promise.any(people.map((address) => mail(address, escaped)));
}

async function findInList(person, module, title) {
  await openMenu(person, module);
  const search = person.page.locator('#q');
  await search.fill(title);
  const row = person.page.locator('table.records tbody th a', { hasText: title });
  if (person.js) await row.waitFor();
  else await person.follow(person.page.locator('#filters button[type=submit]'));
  await person.step('search');
  await person.follow(row);
}

async function answerAndNote(agent, ticket, customer) {
  await agent.signIn('agent@demo.test', PASSWORD, '/console');
  await findInList(agent, 'tickets', ticket.title);
  await agent.step('ticket');
  await agent.sees(ticket.description);
  ticket.consoleUrl = agent.page.url();
  ticket.answer = unique('We have found your stapler.');
  ticket.note = unique('Do not tell about the basement.');
  ticket.mailsBefore = await mailCount(customer.email);
  await comment(agent, ticket.answer, false, 'waiting');
  await comment(agent, ticket.note, true);
  await agent.sees(ticket.answer);
  await agent.sees(ticket.note);
  await agent.step('answered');
}

async function contactSeesTheAnswerOnly(contact, ticket, customer) {
  const told = await mail(customer.email, /https?:\/\//, { after: ticket.mailsBefore });
  assert(!told.text.includes(ticket.note) && !told.html.includes(ticket.note), 'the mail tells the internal note');
  await contact.go(linkIn(told));
  await contact.sees(ticket.title);
  await contact.sees(ticket.answer);
  await contact.doesNotSee(ticket.note);
  await contact.step('answer');
  // The home tells that it is the customer's turn, and what was said; after the reply it is nobody's here.
  await contact.go('/');
  const waiting = contact.page.locator('.waiting-rows li', { hasText: ticket.title });
  assert((await waiting.textContent()).includes(ticket.answer), 'the home does not tell what waits for an answer');
  await contact.step('waiting-for-you');
  await contact.follow(waiting.locator('a.btn'));
  await comment(contact, unique('Thank you!'), null);
  await contact.doesNotSee(ticket.note);
  await contact.go('/');
  assert(!(await waiting.count()), 'the home asks for an answer that was given');
  await contact.sees(ticket.title);
}

async function editDescription(contact, ticket) {
  ticket.newDescription = unique('It was red, it was mine, and it is a Swingline.');
  await contact.go(ticket.url);
  await contact.follow(contact.page.locator('.record-head a[href$="edit"]'));
  await contact.step('edit');
  await contact.fill({ description: ticket.newDescription });
  await save(contact);
  await contact.sees(ticket.newDescription);
  await contact.step('edited');
}

async function historyShowsBoth(person, ticket, seesNote) {
  await person.go(seesNote ? ticket.consoleUrl : ticket.url);
  const history = person.page.locator('#history');
  if (!(await history.getAttribute('open')) && (await history.evaluate((element) => !element.open))) await history.locator('summary').click();
  const change = history.locator('dl.changes > div', { hasText: ticket.newDescription });
  const [before, after] = [await change.locator('del').innerText(), await change.locator('ins').innerText()];
  assert(before.includes(ticket.description), `the old description is not in the history but ${before}`);
  assert(after.includes(ticket.newDescription), `the new description is not in the history but ${after}`);
  await person.sees('Last changed in the portal by');
  await person.sees('Milton', 2);
  if (seesNote) await person.sees(ticket.note);
  else await person.doesNotSee(ticket.note);
  await person.step('history');
}

