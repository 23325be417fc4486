// What people do with their own accounts: a second factor, passkeys, a forgotten password, sessions that end.
import { createHmac } from 'node:crypto';
import { Person, assert, equal, linkIn, mail, named } from '../harness.mjs';
import { portalUser } from '../people.mjs';
import { signOut } from '../steps.mjs';

// What an authenticator app shows, so many steps of 30 seconds from now.
function code(secret, steps = 0) {
  const bits = [...secret.replace(/\s/g, '')]
    .map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'))
    .join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const mac = createHmac('sha1', key).update(counter).digest();
  const at = mac[19] & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

// Until enough of the step under way is left for what follows.
async function room(seconds) {
  while (30 - ((Date.now() / 1000) % 30) < seconds) await new Promise((resolve) => setTimeout(resolve, 100));
}

const security = (person) => person.go('/account/security');

async function saveCodes(person, step) {
  const codes = await person.page.locator('.codes li').allInnerTexts();
  equal(codes.length, 10, 'recovery codes');
  await person.follow(person.page.locator('form:has([name=saved]) button'));
  await person.step(`${step}-unticked`);
  assert(await person.page.evaluate(() => document.activeElement.id === 'error-summary'), 'the focus is not on the summary');
  await person.page.locator('#saved').check();
  await person.follow(person.page.locator('form:has([name=saved]) button'));
  return codes;
}

// proves: A09, A16
export async function an_authenticator_app_is_set_up_and_asked_for() {
  const user = await portalUser('Olga');
  const olga = await Person.arrive('olga');
  await olga.signIn(user.login, user.password, '/');
  await olga.page.locator('.account-button').click();
  await olga.follow(olga.page.locator('#account a[href="/account/security"]'));
  await olga.step('security-plain');
  await olga.follow(olga.page.locator('a[href="/set-up-mfa"]'));
  await olga.step('setup-why');
  await olga.follow(olga.page.locator('form:has([value=begin]) button'));
  await olga.step('setup-scan');
  const secret = await olga.page.locator('#secret').innerText();
  await olga.fill({ code: '000000' });
  await olga.follow(null, () => olga.page.keyboard.press('Enter'));
  await olga.step('setup-wrong-code');
  equal(await olga.page.locator('#secret').innerText(), secret, 'the secret after a wrong code');
  await room(15);
  await olga.fill({ code: code(secret, -1) });
  await olga.follow(null, () => olga.page.keyboard.press('Enter'));
  await olga.step('recovery-codes');
  const codes = await saveCodes(olga, 'recovery-codes');
  await olga.step('security-with-app');

  await signOut(olga);
  await olga.signIn(user.login, user.password, '/modules/tickets');
  await olga.step('second-factor');
  assert(!(await olga.page.locator('#menu').count()), 'the portal is seen before the code');
  await olga.go('/modules/tickets');
  assert(olga.page.url().includes('/second-factor'), `at ${olga.page.url()} without the code`);
  // By keyboard alone: the code's field, Enter.
  await olga.page.locator('#code').focus();
  await olga.page.keyboard.type('000000');
  await olga.follow(null, () => olga.page.keyboard.press('Enter'));
  await olga.step('second-factor-wrong');
  await olga.fill({ code: code(secret) });
  await olga.follow(null, () => olga.page.keyboard.press('Enter'));
  assert(olga.page.url().endsWith('/modules/tickets'), `after the code at ${olga.page.url()}`);

  // A lost phone, and no script either.
  const plain = await Person.arrive('olga-plain', { js: false });
  await plain.signIn(user.login, user.password, '/');
  await plain.page.locator('summary').click();
  await plain.fill({ recovery_code: codes[3].toLowerCase() });
  await plain.follow(plain.page.locator('form:has([name=recovery_code]) button'));
  await plain.step('home');
  await security(plain);
  await plain.sees('9 recovery codes are left');
  await plain.step('security-no-script');
}

// proves: A11
export async function a_passkey_signs_in_without_a_password() {
  const user = await portalUser('Piero');
  const piero = await Person.arrive('piero');
  const device = await piero.context.newCDPSession(piero.page);
  await device.send('WebAuthn.enable');
  const options = {
    protocol: 'ctap2',
    transport: 'internal',
    hasResidentKey: true,
    hasUserVerification: true,
    isUserVerified: true,
    automaticPresenceSimulation: true,
  };
  const { authenticatorId } = await device.send('WebAuthn.addVirtualAuthenticator', { options });
  await piero.signIn(user.login, user.password, `${named}/account/security`);
  await piero.page.locator('#passkey-form').waitFor({ state: 'visible' });
  await piero.fill({ name: 'Virtual device' });
  await piero.follow(piero.page.locator('#passkey-form button'));
  await piero.step('passkey-recovery-codes');
  await saveCodes(piero, 'passkey-recovery-codes');
  await piero.sees('Virtual device');
  await piero.step('security-with-passkey');

  await signOut(piero);
  await piero.page.locator('#passkey-form').waitFor({ state: 'visible' });
  await piero.step('sign-in-with-passkey');
  await piero.follow(piero.page.locator('#passkey-form button'));
  assert(await piero.page.locator('#menu').count(), `not signed in by the passkey, but at ${piero.page.url()}: ${await piero.text()}`);

  // As the second factor after the password.
  await signOut(piero);
  await piero.signIn(user.login, user.password, `${named}/modules/tickets`);
  await piero.page.locator('#passkey-form').waitFor({ state: 'visible' });
  await piero.step('second-factor-passkey');
  await piero.follow(piero.page.locator('#passkey-form button'));
  assert(piero.page.url().endsWith('/modules/tickets'), `after the passkey at ${piero.page.url()}`);

  // A device that knows nobody leaves the person where they are, with words.
  await signOut(piero);
  await device.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId });
  await device.send('WebAuthn.addVirtualAuthenticator', { options });
  await piero.page.locator('#passkey-form button').click();
  await piero.page.locator('[data-passkey-error]').waitFor({ state: 'visible' });
  await piero.step('passkey-refused');
}

// proves: A12
export async function a_forgotten_password_comes_back_by_mail() {
  const user = await portalUser('Rita');
  const rita = await Person.arrive('rita');
  await rita.go('/sign-in');
  await rita.follow(rita.page.locator('a[href="/forgot-password"]'));
  await rita.step('forgot');
  await rita.follow(rita.page.locator('main form button'));
  await rita.step('forgot-missing');
  await rita.fill({ login: user.login });
  await rita.follow(rita.page.locator('main form button'));
  await rita.step('forgot-sent');
  const message = await mail(user.login, /\/reset\?token=/);
  const link = message.text.match(/https?:\/\/\S+\/reset\?token=\S+/)?.[0] ?? linkIn(message);
  await rita.go(link);
  await rita.step('reset');
  await rita.fill({ new_password: 'short', repeat_password: 'short' });
  await rita.follow(rita.page.locator('main form button[type=submit]'));
  await rita.step('reset-short');
  const better = 'eleven paper boats at dawn';
  await rita.fill({ new_password: better, repeat_password: better });
  await rita.follow(rita.page.locator('main form button[type=submit]'));
  await rita.step('sign-in-after-reset');
  await rita.signIn(user.login, better, '/');
  assert(await rita.page.locator('#menu').count(), 'the new password does not sign in');
  await rita.go(link);
  await rita.step('reset-used');
  await rita.go('/change-password');
  await rita.step('change-password');
}

// proves: A15
export async function a_session_warns_before_it_ends_and_keeps_what_was_typed() {
  const user = await portalUser('Sara');
  const sara = await Person.arrive('sara');
  // The page is told to warn a minute from now instead of two minutes before the end; all else is as it is. A minute,
  // because identity writes down no more often that somebody is there.
  await sara.context.addInitScript(() => {
    addEventListener('DOMContentLoaded', () => {
      const { dataset } = document.body;
      if (dataset.sessionSeconds && sessionStorage.getItem('warn')) dataset.sessionWarn = String(Number(dataset.sessionSeconds) - 62);
    });
  });
  await sara.signIn(user.login, user.password, '/modules/tickets/new');
  await sara.page.evaluate(() => sessionStorage.setItem('warn', '1'));
  await sara.go('/modules/tickets/new');
  const dialog = sara.page.locator('#session-dialog');
  await dialog.waitFor({ state: 'visible', timeout: 90_000 });
  await sara.step('session-warning');
  assert(await sara.page.evaluate(() => document.querySelector('#session-dialog').contains(document.activeElement)), 'the focus is outside');
  const [kept] = await Promise.all([
    sara.page.waitForResponse((answer) => answer.url().endsWith('/session/extend')),
    sara.page.keyboard.press('Enter'),
  ]);
  equal(kept.status(), 200, 'staying');
  await dialog.waitFor({ state: 'hidden' });

  const title = 'Typed before the session ended';
  await sara.fill({ title });
  // Another browser of hers ends all other sessions.
  const other = await Person.arrive('sara-elsewhere');
  await other.signIn(user.login, user.password, '/account/security');
  await other.follow(other.page.locator('form[action$="/end-others"] button'));
  await other.step('others-ended');
  await sara.page.waitForURL(/\/sign-in\?next=/, { timeout: 90_000 });
  await sara.sees('You ended this session yourself');
  await sara.doesNotSee('nothing happened for a while');
  await sara.step('sign-in-after-end');
  await sara.fill({ login: user.login, password: user.password });
  await sara.follow(sara.page.locator('form:has([name=password]) button[type=submit]'));
  assert(sara.page.url().endsWith('/modules/tickets/new'), `after signing in at ${sara.page.url()}`);
  await sara.page.waitForFunction((text) => document.querySelector('[name=title]').value === text, title);
}

// proves: A18
export async function a_visitor_by_a_companys_link_sees_the_portal_and_no_account() {
  const admin = (await portalUser('Toni')).admin;
  const company = await admin.call('POST', '/modules/companies/records', { fields: { name: 'Linked srl', country: 'IT' } });
  const { url } = await admin.call('POST', `/admin/companies/${company.id}/link`, { valid_days: 30 });
  const visitor = await Person.arrive('visitor');
  await visitor.go(url);
  await visitor.step('company-link');
  await visitor.sees('Linked srl');
  await visitor.follow(visitor.page.locator('main form button'));
  await visitor.step('home-by-link');
  assert(await visitor.page.locator('.standing').innerText().then((text) => text.includes('Linked srl')), 'the banner names nobody');
  equal((await visitor.go('/account/security')).status(), 404, 'the account page of a visitor');
  await visitor.go('/link/plnk_unknown');
  await visitor.step('company-link-unusable');
}
