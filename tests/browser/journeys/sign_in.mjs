// Signing in, and what must not be learnt from it.
import { Person, PASSWORD, assert, equal, mail } from '../harness.mjs';
import { openMenu } from '../steps.mjs';

export async function a_wrong_password_and_an_unknown_user_look_the_same() {
  const messages = [];
  for (const login of ['nina@globex.test', 'nobody@globex.test']) {
    const person = await Person.arrive('stranger');
    await person.signIn(login, 'not the password', '/');
    messages.push((await person.text()).replaceAll(login, 'LOGIN'));
    equal(await person.page.locator('#login').inputValue(), login, 'what was typed as login');
    equal(await person.page.locator('#password').inputValue(), '', 'the password after a refusal');
    await person.step('refused');
  }
  equal(messages[0], messages[1], 'the two pages');
}

export async function five_failures_lock_and_an_administrator_unlocks() {
  const nina = await Person.arrive('nina');
  for (let failure = 0; failure < 5; failure += 1) await nina.signIn('nina@globex.test', `wrong ${failure}`, '/');
  const refused = await nina.text();
  // The right password now looks like a wrong one: a lock is not told to whoever tries.
  await nina.signIn('nina@globex.test', PASSWORD, '/');
  assert(await nina.page.locator('#password').count(), 'a locked user is signed in');
  equal(await nina.text(), refused, 'the page for the right password of a locked user');
  await mail('nina@globex.test', /lock/i);

  const admin = await Person.arrive('admin');
  await admin.signIn('admin@demo.test', PASSWORD, '/console');
  await admin.follow(admin.page.locator('#menu a[href$="/locked-users"]'));
  await admin.sees('nina@globex.test');
  await admin.step('locked-users');
  await admin.page.locator('tr', { hasText: 'nina@globex.test' }).locator('[name=user_id]').check();
  await admin.fill({ note: 'Called and asked.' });
  await admin.follow(admin.page.locator('#unlock-form button[type=submit]'));
  await admin.step('unlocked');
  assert(!(await admin.page.locator('tr', { hasText: 'nina@globex.test' }).count()), 'she is still in the list');

  await nina.signIn('nina@globex.test', PASSWORD, '/');
  assert(await nina.page.locator('#menu').count(), 'she cannot sign in after the unlock');
  await nina.step('home');
}

export async function a_deep_link_is_reached_after_signing_in() {
  const emma = await Person.arrive('emma');
  await emma.signIn('emma@acme.test', PASSWORD, '/');
  await openMenu(emma, 'tickets');
  await emma.follow(emma.page.locator('table.records tbody th a').first());
  const ticket = emma.page.url();
  const again = await Person.arrive('emma-again');
  await again.signIn('emma@acme.test', PASSWORD, ticket);
  equal(again.page.url(), ticket, 'the page after signing in');
}

export async function the_sign_in_page_speaks_italian() {
  const marco = await Person.arrive('marco', { locale: 'it-IT' });
  await marco.go('/');
  equal(await marco.page.locator('html').getAttribute('lang'), 'it', "the page's language");
  await marco.step('accesso');
  await marco.signIn('marco@acme.test', PASSWORD, '/');
  equal(await marco.page.locator('html').getAttribute('lang'), 'it', "the home page's language");
  await marco.step('home');
  // A chosen language outlives the page.
  await marco.go('/?lang=en');
  await marco.go('/');
  equal(await marco.page.locator('html').getAttribute('lang'), 'en', 'the chosen language');
}
