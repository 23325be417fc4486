// Warns before a session ends for lack of activity, lets the person stay, and at the end leads to the sign-in page and back.
// What was typed is kept in this tab for the same person. Other tabs count: each writes down when the session would end.

const DRAFTS = 'portico:draft:';
const KEPT = 'input:not([type=hidden], [type=password], [type=file]), textarea, select';

const forms = () =>
  [...document.querySelectorAll('main form[method=post]')].filter((form) => !form.querySelector('[type=password]'));

const fields = (form) => [...form.querySelectorAll(KEPT)].filter((field) => field.name && !field.readOnly);

const touched = (field) =>
  ['checkbox', 'radio'].includes(field.type)
    ? field.checked !== field.defaultChecked
    : field.tagName === 'SELECT'
      ? [...field.options].some((option) => option.selected !== option.defaultSelected)
      : field.value !== field.defaultValue;

/** Keeps what was typed and not sent, for the person who comes back to this page. */
function keepDrafts(owner) {
  const typed = {};
  for (const form of forms()) {
    const changed = fields(form).filter(touched);
    if (changed.length === 0) continue;
    typed[form.getAttribute('action')] = fields(form).map(({ id, type, value, checked }) =>
      ['checkbox', 'radio'].includes(type) ? { id, checked } : { id, value });
  }
  if (Object.keys(typed).length > 0) {
    sessionStorage.setItem(DRAFTS + location.pathname, JSON.stringify({ owner, typed }));
  }
}

function bringDraftsBack(owner) {
  const key = DRAFTS + location.pathname;
  const kept = JSON.parse(sessionStorage.getItem(key) ?? 'null');
  if (!kept) return;
  sessionStorage.removeItem(key);
  if (kept.owner !== owner) return;
  for (const form of forms()) {
    for (const { id, value, checked } of kept.typed[form.getAttribute('action')] ?? []) {
      const field = document.getElementById(id);
      if (!field || field.form !== form) continue;
      if (checked === undefined) field.value = value;
      else field.checked = checked;
      field.dispatchEvent(new Event('input', { bubbles: true }));
    }
  }
}

/** @param {{announce: (text: string) => void, leave: () => void}} page `leave` lets the page go without asking */
export function watch({ announce, leave }) {
  const { sessionSeconds, sessionWarn, sessionOwner, sessionState, sessionSignIn } = document.body.dataset;
  const warn = Number(sessionWarn);
  const dialog = document.getElementById('session-dialog');
  const form = dialog.querySelector('form');
  const mark = `portico:ends:${sessionSignIn}`;
  let timer = 0;

  const now = () => Date.now() / 1000;
  const ends = () => Number(localStorage.getItem(mark));
  const put = (seconds) => localStorage.setItem(mark, String(now() + seconds));

  function plan() {
    clearTimeout(timer);
    const left = ends() - now();
    timer = setTimeout(look, Math.max(dialog.open ? left : left - warn, 0.2) * 1000);
  }

  /** Another tab, or the server, may know of a later end. */
  async function look() {
    try {
      const headers = { 'X-Portal-Background': '1', Accept: 'application/json' };
      const answer = await fetch(sessionState, { headers, cache: 'no-store' });
      if (answer.status === 401) return end();
      if (answer.ok) put((await answer.json()).seconds);
    } catch {
      // Away for a moment: what is known already decides.
    }
    const left = ends() - now();
    if (left <= 0) return end();
    if (left <= warn + 1) show();
    else if (dialog.open) dialog.close();
    plan();
  }

  function show() {
    if (dialog.open) return;
    dialog.showModal();
    announce(document.getElementById('session-dialog-title').textContent);
  }

  function end() {
    keepDrafts(sessionOwner);
    leave();
    const next = encodeURIComponent(location.pathname + location.search);
    // Why it ended is the server's to say.
    location.assign(`${sessionSignIn}?next=${next}`);
  }

  async function stay(event) {
    event.preventDefault();
    event.stopPropagation();
    const body = new URLSearchParams(new FormData(form));
    body.set('form_id', crypto.randomUUID?.() ?? String(Math.random()));
    try {
      const answer = await fetch(form.action, { method: 'POST', headers: { Accept: 'application/json' }, body });
      if (answer.redirected || answer.status === 401 || answer.status === 403) return end();
      const { seconds } = await answer.json();
      put(seconds);
      // The longest time is reached: staying doesn't help any more, saving does.
      if (seconds <= warn) document.getElementById('session-dialog-last').hidden = false;
      else dialog.close();
    } catch {
      // The dialog stays; the next press may get through.
    }
    plan();
  }

  put(Number(sessionSeconds));
  bringDraftsBack(sessionOwner);
  form.addEventListener('submit', stay);
  // Closing the dialog by Escape is a sign of life too.
  dialog.addEventListener('cancel', stay);
  document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && plan());
  plan();
}
