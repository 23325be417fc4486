// What every journey needs: a browser, pages that report every problem, mails, and steps that look at accessibility and
// take screenshots.
import { mkdir, rm } from 'node:fs/promises';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { chromium } from 'playwright-core';

export const PASSWORD = 'portico-demo-2026';

const WIDTHS = [360, 768, 1280];
const SCHEMES = ['light', 'dark'];
// Answers that a journey may provoke on purpose; the browser writes each into its console as an error.
const EXPECTED = /status of (401|403|404|409|410|412|422|428|429)\b/;

function required(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set; scripts/with-portal sets it`);
  return value.replace(/\/$/, '');
}

export const base = required('PORTICO_TEST_URL');
// The same portal by name: browsers know passkeys by names, not by numbers.
export const named = base.replace('127.0.0.1', 'localhost');
const mailUrl = required('PORTICO_TEST_MAIL_URL');
const artefacts = process.env.PORTICO_TEST_ARTEFACTS || join(import.meta.dirname, '../../target/browser');

export function assert(condition, sentence) {
  if (!condition) throw new Error(sentence);
}

export function equal(actual, expected, what) {
  assert(actual === expected, `${what}: ${JSON.stringify(actual)} instead of ${JSON.stringify(expected)}`);
}

// While a journey is being written: without accessibility and screenshots a run takes a fifth of the time.
const quick = Boolean(process.env.PORTICO_TEST_QUICK);

let browser;

export async function open() {
  const executablePath =
    process.env.PORTICO_CHROMIUM ||
    spawnSync(join(import.meta.dirname, '../../scripts/fetch-tools'), ['--extra', 'chromium'], { encoding: 'utf8' }).stdout.trim();
  assert(executablePath, 'no Chromium; set PORTICO_CHROMIUM');
  await rm(artefacts, { recursive: true, force: true });
  await mkdir(artefacts, { recursive: true });
  browser = await chromium.launch({
    executablePath,
    timeout: 60_000,
    args: [
      '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync',
    ],
  });
  return browser.version();
}

export const close = () => browser?.close();

// A signed-out person at a browser of their own. `problems` collects what no page may ever do.
export class Person {
  static all = [];
  static photographed = new Set();

  static async arrive(name, { js = true, locale = 'en-GB', width = 1280 } = {}) {
    const context = await browser.newContext({
      javaScriptEnabled: js,
      locale,
      timezoneId: 'Europe/Rome',
      viewport: { width, height: 900 },
      reducedMotion: 'reduce',
    });
    context.setDefaultTimeout(15_000);
    const person = new Person();
    Object.assign(person, { name, js, context, problems: [], steps: 0 });
    if (js) {
      await context.addInitScript(() => {
        addEventListener('securitypolicyviolation', (event) =>
          console.error(`CSP violation: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile ?? ''}`));
      });
    }
    person.page = await context.newPage();
    person.watch(person.page);
    Person.all.push(person);
    return person;
  }

  watch(page) {
    page.on('console', (message) => {
      if (message.type() === 'error' && !EXPECTED.test(message.text())) this.problems.push(`console: ${message.text()}`);
    });
    page.on('pageerror', (error) => this.problems.push(`script: ${error.message}`));
    page.on('response', (response) => {
      const elsewhere = ![base, named, mailUrl].some((own) => response.url().startsWith(own));
      if (response.status() >= 500) this.problems.push(`${response.status()} for ${response.url()}`);
      if (elsewhere && response.url().startsWith('http')) this.problems.push(`a request left the portal: ${response.url()}`);
    });
    page.on('requestfailed', (request) => {
      const reason = request.failure()?.errorText ?? '';
      if (!reason.includes('ERR_ABORTED')) this.problems.push(`${request.url()}: ${reason}`);
    });
  }

  go(path) {
    return this.page.goto(path.startsWith('http') ? path : base + path, { waitUntil: 'load' });
  }

  // Follows a link or submits a form and waits for the next page.
  async follow(locator, how = (target) => target.click()) {
    const [answer] = await Promise.all([this.page.waitForNavigation({ waitUntil: 'load' }), how(locator)]);
    return answer;
  }

  async fill(fields) {
    for (const [name, value] of Object.entries(fields)) await this.page.locator(`main [name="${name}"]:not([type=hidden])`).fill(value);
  }

  text() {
    return this.page.locator('main').innerText();
  }

  async sees(text, times = 1) {
    const body = await this.text();
    const found = body.split(text).length - 1;
    assert(found >= times, `${this.name} does not see ${JSON.stringify(text)} on ${this.page.url()}, but:\n${body.slice(0, 1500)}`);
  }

  async doesNotSee(text) {
    // The whole source: what is only hidden has leaked too.
    const html = await this.page.content();
    assert(!html.includes(text), `${this.name} can find ${JSON.stringify(text)} in ${this.page.url()}`);
  }

  async signIn(login, password, path) {
    await this.go(path);
    await this.fill({ login, password });
    await this.follow(this.page.locator('form:has([name=password]) button[type=submit]'));
  }

  // What lies under the pointer: the centre of every visible link, button and field hits itself. Whatever covers another
  // thing is seen by nobody and pressed by everybody.
  async hits(label) {
    if (!this.js) return;
    const covered = await this.page.evaluate(() => {
      const modal = [...document.querySelectorAll('dialog[open]')].find((dialog) => dialog.matches(':modal'));
      const popover = [...document.querySelectorAll('[popover]')].find((one) => one.matches(':popover-open'));
      const from = modal ?? popover ?? document;
      const all = [...from.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')];
      const shown = (element) => {
        // What a closed <details> holds has a box, and nothing of it is there.
        if (!element.checkVisibility()) return false;
        const box = element.getBoundingClientRect();
        const style = getComputedStyle(element);
        return box.width > 3 && box.height > 3 && style.visibility === 'visible' && style.pointerEvents !== 'none' && !element.disabled;
      };
      const name = (element) => {
        const words = (element.innerText || element.value || element.name || '').trim().replace(/\s+/g, ' ').slice(0, 40);
        return `<${element.localName}${element.id ? ` id=${element.id}` : ''} class="${element.className?.baseVal ?? element.className}"> ${JSON.stringify(words)}`;
      };
      const [left, top] = [scrollX, scrollY];
      const found = [];
      // A long list says no more than its first rows and its last.
      const looked = all.length > 120 ? [...all.slice(0, 80), ...all.slice(-40)] : all;
      // The link past the navigation is outside of the page until the keyboard reaches it.
      const reachable = (element) => !element.matches('.skip') || element === document.activeElement;
      for (const element of looked.filter(shown).filter(reachable)) {
        element.scrollIntoView({ block: 'center', inline: 'center', behavior: 'instant' });
        const box = element.getClientRects()[0];
        const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
        if (x < 0 || y < 0 || x >= innerWidth || y >= innerHeight) {
          found.push(`${name(element)} can't be scrolled into view`);
          continue;
        }
        const hit = document.elementFromPoint(x, y);
        const labels = [...(element.labels ?? [])];
        const own = hit && (element === hit || element.contains(hit) || labels.some((one) => one === hit || one.contains(hit)));
        if (!own) found.push(`${name(element)} is covered by ${hit ? name(hit) : 'nothing'} at ${Math.round(x)},${Math.round(y)}`);
      }
      scrollTo({ left, top, behavior: 'instant' });
      return found;
    });
    assert(!covered.length, `${label}: not what lies under the pointer:\n  ${covered.join('\n  ')}`);
  }

  // A named state of a page: accessible in both schemes, no wider than the screen, one main heading, photographed. A state
  // that was seen before in another journey is only asked for its accessibility.
  async step(name) {
    this.steps += 1;
    const label = `${this.name}-${String(this.steps).padStart(2, '0')}-${name}`.replace(/[^\w-]+/g, '-');
    const { page } = this;
    equal(await page.locator('h1').count(), 1, `${label}: main headings`);
    assert(await page.locator('html[lang]').count(), `${label}: the page has no language`);
    await this.hits(label);
    if (quick) {
      // Only what the page itself complained about.
    } else if (this.js) {
      const size = page.viewportSize();
      const state = `${page.url().startsWith(`${base}/console`) ? 'console ' : ''}${name}`;
      const known = Person.photographed.has(state);
      Person.photographed.add(state);
      for (const colorScheme of known ? SCHEMES.slice(0, 1) : SCHEMES) {
        await page.emulateMedia({ colorScheme });
        for (const width of known ? [] : WIDTHS) {
          await page.setViewportSize({ width, height: width < 600 ? 740 : 900 });
          const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
          assert(wide <= 0, `${label}: ${wide} pixels wider than a screen of ${width}`);
          if (colorScheme === SCHEMES[0]) await this.hits(`${label} at ${width}`);
          await page.screenshot({ path: join(artefacts, `${label}-${width}-${colorScheme}.png`), fullPage: true });
        }
        await this.axe(label, colorScheme);
      }
      await page.emulateMedia({ colorScheme: null });
      await page.setViewportSize(size);
    } else {
      await page.screenshot({ path: join(artefacts, `${label}-no-js.png`), fullPage: true });
    }
    this.complain(label);
  }

  async axe(label, scheme) {
    const { violations } = await new AxeBuilder({ page: this.page })
      .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
      .analyze();
    const lines = violations.flatMap((violation) =>
      violation.nodes.map((node) => `${violation.id}: ${violation.help}: ${node.html.slice(0, 200)} ${node.failureSummary?.split('\n')[1] ?? ''}`));
    assert(!lines.length, `${label} (${scheme}) is not accessible:\n  ${lines.join('\n  ')}`);
  }

  complain(where) {
    const found = this.problems.splice(0);
    assert(!found.length, `${where}:\n  ${found.join('\n  ')}`);
  }
}

// Ends the journey's browsers; a problem that no step noticed fails it too.
export async function everybodyLeaves(failed) {
  const people = Person.all.splice(0);
  try {
    if (failed) {
      for (const person of people) {
        const path = join(artefacts, `FAILED-${person.name}.png`);
        await person.page.screenshot({ path, fullPage: true }).catch(() => {});
        console.log(`  ${person.name} was at ${person.page.url()} (${path})`);
      }
    } else {
      for (const person of people) person.complain(`${person.name}, after the last step`);
    }
  } finally {
    for (const person of people) await person.context.close();
  }
}

// The first mail to an address whose text matches; mails leave within seconds of what caused them.
export async function mail(to, pattern, { after = 0, seconds = 20 } = {}) {
  const deadline = Date.now() + seconds * 1000;
  let seen = [];
  while (Date.now() < deadline) {
    seen = (await (await fetch(`${mailUrl}/messages`)).json()).filter((message) => message.to.includes(to));
    const found = seen.slice(after).find((message) => pattern.test(message.subject) || pattern.test(message.text));
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const subjects = seen.map((message) => message.subject).join('; ') || 'none at all';
  throw new Error(`no mail to ${to} that matches ${pattern} within ${seconds} s, only: ${subjects}`);
}

export async function mailCount(to) {
  const all = await (await fetch(`${mailUrl}/messages`)).json();
  return all.filter((message) => message.to.includes(to)).length;
}

export function linkIn(message) {
  const link = message.text.match(/https?:\/\/\S+/)?.[0];
  assert(link, `the mail ${JSON.stringify(message.subject)} has no link: ${message.text}`);
  return link;
}

// A word that no other journey and no demo data has.
let counter = 0;
export const unique = (word) => `${word} ${Date.now().toString(36)}${(counter += 1)}`;

export const day = (offset) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);
