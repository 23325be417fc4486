// What administrators do in the console: access for a whole company at once, and agents with roles of their own.
import { Person, PASSWORD, assert, day, unique } from '../harness.mjs';
import { choose, createRecord } from '../steps.mjs';

// proves: A05
export const many_get_access_with_scripts = () => bulk({ js: true });
export const many_get_access_without_scripts = () => bulk({ js: false });
// proves: A20
export const a_role_is_made_and_given_with_scripts = () => roles({ js: true });
export const a_role_is_made_and_given_without_scripts = () => roles({ js: false });

const button = (person, text) => person.page.locator('main button[type=submit]', { hasText: text });
const menu = (person, path) => person.follow(person.page.locator(`#menu a[href$="${path}"]`));

async function bulk({ js }) {
  const admin = await Person.arrive(`bulk-${js ? 'js' : 'plain'}`, { js });
  await admin.signIn('admin@demo.test', PASSWORD, '/console');
  const company = unique('Bulk');
  await createRecord(admin, 'companies', () => admin.fill({ name: company }), 'bulk-company');
  const email = `${company.toLowerCase().replace(' ', '-')}@bulk.test`;
  await createRecord(
    admin,
    'contacts',
    async () => {
      await admin.fill({ first_name: 'Rita', last_name: company, email });
      await choose(admin, 'company_id', company);
    },
    'bulk-contact',
  );
  await menu(admin, '/bulk');
  await admin.step('bulk-jobs');
  await admin.follow(admin.page.locator('.page-head .actions a.btn.primary'));
  await admin.step('bulk-form');
  await admin.follow(button(admin, 'Check'));
  await admin.step('bulk-refused');
  assert(await admin.page.locator('#error-summary').count(), 'an empty form is not refused');
  await admin.fill({ company_q: company });
  await admin.follow(button(admin, 'Find companies'));
  await admin.page.locator('#f-company label', { hasText: company }).locator('input').check();
  await admin.fill({ support_start: day(-1), support_end: day(365) });
  await admin.follow(button(admin, 'Check'));
  await admin.step('bulk-report');
  await admin.sees(email);
  await admin.sees('Nothing has changed yet.');
  await admin.follow(button(admin, 'Enable 1 contact'));
  await admin.step('bulk-job');
  for (let tries = 0; tries < 30 && (await admin.page.locator('#reload').count()); tries += 1) {
    if (js) await admin.page.locator('#reload').waitFor({ state: 'detached', timeout: 20_000 });
    else await admin.follow(admin.page.locator('#reload'));
  }
  await admin.sees('Finished');
  await admin.sees('Access is on');
  await admin.step('bulk-finished');
}

async function roles({ js }) {
  const admin = await Person.arrive(`roles-${js ? 'js' : 'plain'}`, { js });
  await admin.signIn('admin@demo.test', PASSWORD, '/console');
  await menu(admin, '/agents');
  await admin.step('agents');
  await admin.follow(admin.page.locator('.tabs a[href$="/roles"]'));
  await admin.step('roles');
  await admin.follow(admin.page.locator('.page-head .actions a.btn.primary'));
  await admin.step('role-form');
  await admin.follow(button(admin, 'Create role'));
  await admin.step('role-refused');
  const role = unique('Line');
  await admin.fill({ name: role });
  await admin.page.locator('#f-rights input[value=unlock]').check();
  await admin.follow(button(admin, 'Create role'));
  await admin.sees(role);
  await admin.follow(admin.page.locator('.tabs a[href$="/agents"]'));
  await admin.follow(admin.page.locator('.page-head .actions a.btn.primary'));
  const login = `${role.toLowerCase().replace(' ', '-')}@demo.test`;
  await admin.fill({ name: role, login, email: login, password: 'a lamp in the harbour' });
  await admin.page.locator('#f-role').selectOption({ label: role });
  await admin.step('agent-form');
  await admin.follow(button(admin, 'Create agent'));
  await admin.step('agent');
  await admin.sees(login);

  const agent = await Person.arrive(`role-${js ? 'js' : 'plain'}`, { js });
  await agent.signIn(login, 'a lamp in the harbour', '/console');
  // What an administrator chose is for one use: the agent's first act is a password that nobody else knows.
  await agent.step('first-password');
  const own = 'nine rowing boats in the fog';
  await agent.fill({ new_password: own, repeat_password: own });
  await agent.follow(button(agent, 'Change password'));
  await agent.page.locator('#menu a[href$="/locked-users"]').first().waitFor();
  assert(!(await agent.page.locator('#menu a[href$="/agents"]').count()), 'the menu offers what the role may not');
}
