// What several journeys do on the pages, as a person does it: by links, fields and buttons.
import { assert } from './harness.mjs';

// By address, since the labels follow the person's language.
export async function openMenu(person, module) {
  await person.follow(person.page.locator(`#menu a[href$="/modules/${module}"]`));
}

export async function createRecord(person, module, fields, step) {
  await openMenu(person, module);
  await person.step(`${step}-list`);
  await person.follow(person.page.locator('.page-head .actions a.btn.primary'));
  await person.step(`${step}-form`);
  await fields();
  await save(person);
  assert(!(await person.page.locator('#error-summary').count()), `${step} was refused: ${(await person.text()).slice(0, 600)}`);
  await person.step(`${step}-record`);
}

export async function save(person) {
  await person.follow(person.page.locator('#record-form .form-foot button[type=submit]'));
}

// Picks a related record: with scripts the results appear while typing, without them the button asks for them.
export async function choose(person, field, text) {
  const group = person.page.locator(`#f-${field}`);
  await group.locator(`[name="${field}.q"]`).fill(text);
  if (!person.js) await person.follow(group.locator('button[name=lookup]'));
  const option = person.page.locator(`#f-${field}-results label`, { hasText: text });
  await option.locator('input[type=radio]').check();
}

// `status` is what the reply sets with the button of its own, as an agent may.
export async function comment(person, body, internal, status = null) {
  const composer = person.page.locator('#composer');
  if (internal !== null && (await composer.locator('[name=internal]').count())) {
    await composer.locator(`label[for=kind-${internal ? 'internal' : 'reply'}]`).click();
  }
  await composer.locator('[name=body]').fill(body);
  await person.follow(composer.locator(status ? `button[name=set_status][value=${status}]` : 'button.primary'));
}

export async function signOut(person) {
  await person.page.locator('.account-button').click();
  await person.follow(person.page.locator('#account form[action$="sign-out"] button'));
}
