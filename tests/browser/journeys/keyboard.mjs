// Everything a customer needs, without a mouse.
import { Person, PASSWORD, assert, unique } from '../harness.mjs';

// Presses Tab until the focus is where it should be, and fails when the focus is ever invisible or lost.
async function tabTo(person, selector, limit = 80) {
  for (let presses = 0; presses < limit; presses += 1) {
    const state = await person.page.evaluate((wanted) => {
      const element = document.activeElement;
      if (!element || element === document.body) return 'nowhere';
      if (element.matches(wanted)) return 'there';
      // A region that a script moved the focus to, such as the summary of errors, is read from its start.
      if (element.tabIndex < 0) return 'elsewhere';
      const box = element.getBoundingClientRect();
      const style = getComputedStyle(element);
      const marked = style.outlineStyle !== 'none' || style.boxShadow !== 'none' ||
        getComputedStyle(element.closest('label, .cover, li, .search, .picker-search') ?? element).outlineStyle !== 'none';
      return box.width > 0 && box.height > 0 && !marked ? `unmarked ${element.outerHTML.slice(0, 160)}` : 'elsewhere';
    }, selector);
    if (state === 'there') return;
    assert(!state.startsWith('unmarked'), `the focus cannot be seen: ${state}`);
    await person.page.keyboard.press('Tab');
  }
  throw new Error(`${selector} is not reached by ${limit} presses of Tab on ${person.page.url()}`);
}

async function type(person, selector, text) {
  await tabTo(person, selector);
  await person.page.keyboard.type(text);
}

export async function a_customer_needs_no_mouse() {
  const emma = await Person.arrive('emma-keyboard');
  await emma.go('/');
  await type(emma, '#login', 'emma@acme.test');
  await type(emma, '#password', PASSWORD);
  await emma.follow(null, () => emma.page.keyboard.press('Enter'));
  await emma.step('home');

  // The first stop of every page leads past the menu.
  await emma.page.keyboard.press('Tab');
  assert(await emma.page.evaluate(() => document.activeElement.matches('a.skip')), 'the first stop is not the skip link');
  await emma.page.keyboard.press('Enter');
  assert(await emma.page.evaluate(() => document.activeElement.id === 'main'), 'the skip link does not move the focus');

  await emma.go('/');
  await tabTo(emma, '#menu a[href$="/modules/tickets"]');
  await emma.follow(null, () => emma.page.keyboard.press('Enter'));
  await tabTo(emma, '.page-head .actions a.btn.primary');
  await emma.follow(null, () => emma.page.keyboard.press('Enter'));
  const title = unique('Opened without a mouse');
  await type(emma, '[name=title]', title);
  // Enter in a field sends the form, and a refused form puts the focus on its summary.
  await emma.page.keyboard.press('Control+A');
  await emma.page.keyboard.press('Delete');
  await emma.follow(null, () => emma.page.keyboard.press('Enter'));
  assert(await emma.page.evaluate(() => document.activeElement.id === 'error-summary'), 'the focus is not on the summary');
  await tabTo(emma, '#error-summary a');
  await emma.page.keyboard.press('Enter');
  assert(await emma.page.evaluate(() => document.activeElement.name === 'title'), 'the summary does not lead to the field');
  await emma.page.keyboard.type(title);
  await emma.follow(null, () => emma.page.keyboard.press('Enter'));
  await emma.sees(title);

  const body = unique('Written without a mouse');
  await type(emma, '#comment-body', body);
  await tabTo(emma, '#composer button.primary');
  await emma.follow(null, () => emma.page.keyboard.press('Enter'));
  await emma.sees(body);

  // The account menu opens, closes with Escape and gives the focus back.
  await tabTo(emma, '.account-button');
  await emma.page.keyboard.press('Enter');
  await emma.page.locator('#account').waitFor({ state: 'visible' });
  await emma.page.keyboard.press('Escape');
  await emma.page.locator('#account').waitFor({ state: 'hidden' });
  assert(await emma.page.evaluate(() => document.activeElement.matches('.account-button')), 'Escape loses the focus');
  await emma.page.keyboard.press('Enter');
  await tabTo(emma, 'form[action$="sign-out"] button');
  await emma.follow(null, () => emma.page.keyboard.press('Enter'));
  await emma.step('signed-out');
}
