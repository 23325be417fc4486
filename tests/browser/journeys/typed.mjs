// Nothing typed is lost: forms in tabs whose session has ended, or that belong to the session before.
import { Person, assert, equal, unique } from '../harness.mjs';
import { portalUser } from '../people.mjs';
import { createRecord } from '../steps.mjs';

const signInForm = (person) => person.page.locator('form:has([name=password]) button[type=submit]');

async function endOtherSessions(user) {
  const elsewhere = await Person.arrive('vera-elsewhere');
  await elsewhere.signIn(user.login, user.password, '/account/security');
  await elsewhere.follow(elsewhere.page.locator('form[action$="/end-others"] button'));
}

async function loses_nothing(js) {
  const user = await portalUser('Vera');
  const vera = await Person.arrive(js ? 'vera' : 'vera-plain', { js });
  await vera.signIn(user.login, user.password, '/');
  await createRecord(vera, 'tickets', () => vera.fill({ title: unique('First') }), 'ticket');
  const record = vera.page.url();
  const text = unique('A long answer "in quotes" & <more>');
  await vera.page.locator('#comment-body').fill(text);
  await endOtherSessions(user);
  await vera.follow(vera.page.locator('#composer button.primary'));
  await vera.sees('You ended this session yourself');
  await vera.step('sign-in-with-text-kept');
  await vera.fill({ login: user.login, password: user.password });
  await vera.follow(signInForm(vera));
  equal(vera.page.url(), record, 'the page after signing in');
  equal(await vera.page.locator('#comment-body').inputValue(), text, 'the text after signing in');
  await vera.step('text-kept');
  await vera.follow(vera.page.locator('#composer button.primary'));
  await vera.sees(text);
  equal(await vera.page.locator('#comment-body').inputValue(), '', 'the box after sending');
  assert(!(await vera.page.locator('.kept').count()), 'it is shown as unsent after it was sent');
}

export const a_comment_survives_the_end_of_the_session = () => loses_nothing(true);

export const a_comment_survives_the_end_of_the_session_without_scripts = () => loses_nothing(false);

export async function a_new_ticket_survives_a_sign_in_in_another_tab() {
  const user = await portalUser('Wanda');
  const wanda = await Person.arrive('wanda');
  await wanda.signIn(user.login, user.password, '/modules/tickets/new');
  const first = wanda.page;
  const title = unique('Typed in the first tab');
  await wanda.fill({ title, description: 'Two lines\nof text.' });
  // In a second tab she signs out and in again: the form in the first belongs to the session before.
  wanda.page = await wanda.context.newPage();
  wanda.watch(wanda.page);
  await wanda.go('/');
  await wanda.page.locator('.account-button').click();
  await wanda.follow(wanda.page.locator('#account form[action$="sign-out"] button'));
  await wanda.signIn(user.login, user.password, '/sign-in');
  wanda.page = first;
  await wanda.follow(wanda.page.locator('#record-form .form-foot button[type=submit]'));
  await wanda.sees('Nothing has been sent yet');
  equal(await wanda.page.locator('[name=title]').inputValue(), title, 'the title');
  equal(await wanda.page.locator('[name=description]').inputValue(), 'Two lines\nof text.', 'the description');
  await wanda.step('form-kept');
  await wanda.follow(wanda.page.locator('#record-form .form-foot button[type=submit]'));
  await wanda.sees(title);
}

export async function the_second_of_two_sign_in_tabs_goes_home() {
  const user = await portalUser('Xenia');
  const xenia = await Person.arrive('xenia');
  await xenia.go('/sign-in');
  const first = xenia.page;
  xenia.page = await xenia.context.newPage();
  xenia.watch(xenia.page);
  await xenia.signIn(user.login, user.password, '/sign-in');
  xenia.page = first;
  await xenia.fill({ login: user.login, password: user.password });
  await xenia.follow(signInForm(xenia));
  await xenia.sees('You were already signed in.');
  assert(await xenia.page.locator('#menu').count(), `not at home but at ${xenia.page.url()}`);
}
