// Behaviour on top of pages that work without it. Nothing here is needed to read or to send a form.

const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

export const traceparent = () => $('meta[name="traceparent"]')?.content ?? '';

/** Says a short sentence to screen readers. */
export function announce(text) {
  const live = $('#live');
  if (live) live.textContent = text;
}

// --- theme: the same links work without script, by a round trip -------------------------------------------------

function chooseTheme(event) {
  const link = event.target.closest('[data-theme-choice]');
  if (!link) return;
  event.preventDefault();
  const theme = link.dataset.themeChoice;
  document.documentElement.dataset.theme = theme;
  const secure = location.protocol === 'https:' ? '; Secure' : '';
  document.cookie = `portico_theme=${theme}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
  for (const other of $$('[data-theme-choice]')) {
    if (other === link) other.setAttribute('aria-current', 'true');
    else other.removeAttribute('aria-current');
  }
}

// --- errors ------------------------------------------------------------------------------------------------------

/** From the summary to the field: the label comes into view, the first input gets the focus. */
function goToField(event) {
  const link = event.target.closest('.summary a[href^="#"]');
  const target = link && document.getElementById(link.hash.slice(1));
  if (!target) return;
  event.preventDefault();
  const input = target.matches('fieldset') ? ($('input:checked, input', target) ?? target) : target;
  const label = target.closest('.field')?.querySelector('label, legend') ?? target;
  label.scrollIntoView({ block: 'start' });
  input.focus({ preventScroll: true });
}

// --- password ----------------------------------------------------------------------------------------------------

function reveal(event) {
  const button = event.target.closest('[data-reveal]');
  const input = button && document.getElementById(button.dataset.reveal);
  if (!input) return;
  const shown = input.type === 'password';
  input.type = shown ? 'text' : 'password';
  button.setAttribute('aria-pressed', String(shown));
}

// --- copying and printing ----------------------------------------------------------------------------------------

async function copyOrPrint(event) {
  if (event.target.closest('[data-print]')) print();
  const button = event.target.closest('[data-copy]');
  const source = button && document.getElementById(button.dataset.copy);
  if (!source) return;
  try {
    await navigator.clipboard.writeText(source.textContent.trim());
    button.textContent = button.dataset.copied;
    announce(button.dataset.copied);
  } catch {
    // Without permission to write to the clipboard the text is selected, so that a key does it.
    getSelection().selectAllChildren(source);
  }
}

// --- dialogs: popovers without script, modal with it -------------------------------------------------------------

function openDialog(event) {
  const opener = event.target.closest('[data-dialog]');
  const dialog = opener && document.getElementById(opener.dataset.dialog);
  if (dialog?.showModal) {
    event.preventDefault();
    dialog.removeAttribute('popover');
    dialog.showModal();
    return;
  }
  const closer = event.target.closest('[data-dialog-close]');
  const open = closer?.closest('dialog[open]');
  if (open) {
    event.preventDefault();
    open.close();
  }
}

// --- forms -------------------------------------------------------------------------------------------------------

const sent = new WeakSet();
let dirty = false;

/** One press is one command: further presses while the answer is under way do nothing. */
function onSubmit(event) {
  const form = event.target;
  if (form.method !== 'post') return;
  if (sent.has(form)) {
    event.preventDefault();
    return;
  }
  sent.add(form);
  // A preview sends nothing.
  if (form.hasAttribute('data-draft') && event.submitter?.name !== 'preview') drafts.drop(form);
  form.setAttribute('aria-busy', 'true');
  dirty = false;
}

/** A page that comes back from the browser's memory may send again; its key makes that harmless. */
function onPageShow(event) {
  if (!event.persisted) return;
  for (const form of $$('form[aria-busy]')) {
    sent.delete(form);
    form.removeAttribute('aria-busy');
  }
}

function onInput(event) {
  const { form } = event.target;
  if (form?.hasAttribute('data-unsaved')) dirty = true;
  if (form?.hasAttribute('data-draft')) drafts.keep(form);
}

function onKey(event) {
  if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
  const form = event.target.closest('form[data-ctrl-enter]');
  if (!form) return;
  event.preventDefault();
  form.requestSubmit();
}

// --- what was typed into an answer stays until it is sent --------------------------------------------------------

const drafts = {
  key: (form) => `portico:draft:${form.action}`,
  keep(form) {
    const text = $('textarea', form).value;
    try {
      if (text.trim()) sessionStorage.setItem(drafts.key(form), text);
      else sessionStorage.removeItem(drafts.key(form));
    } catch {
      // Without storage a draft lives as long as its page.
    }
  },
  bring(form) {
    const input = $('textarea', form);
    try {
      const text = sessionStorage.getItem(drafts.key(form));
      if (text && !input.value) input.value = text;
      else if (!text && input.value) drafts.keep(form);
    } catch {
      // As above.
    }
  },
  drop(form) {
    try {
      sessionStorage.removeItem(drafts.key(form));
    } catch {
      // As above.
    }
  },
};

function onLeave(event) {
  if (dirty) event.preventDefault();
}

// --- pages that look again by themselves, once -------------------------------------------------------------------

function once(key, seconds) {
  const mark = `portico:${key}:${location.pathname}`;
  try {
    if (sessionStorage.getItem(mark)) {
      sessionStorage.removeItem(mark);
      return;
    }
    sessionStorage.setItem(mark, '1');
  } catch {
    return;
  }
  setTimeout(() => location.reload(), Math.min(Math.max(seconds, 1), 60) * 1000);
}

// --- swaps inside a page -----------------------------------------------------------------------------------------

function watchSwaps() {
  document.addEventListener('htmx:config:request', ({ detail }) => {
    const { body, headers, method } = detail.ctx.request;
    if (traceparent()) headers.traceparent = traceparent();
    // What the page asks by itself doesn't keep the session alive.
    if (detail.ctx.sourceElement?.hasAttribute('data-background')) headers['X-Portal-Background'] = '1';
    // Filters that aren't set don't belong into the address.
    if (method === 'GET') for (const [name, value] of [...body]) if (value === '') body.delete(name);
  });
  // An error page is a page: it is opened as one instead of being put into a region that it doesn't fit.
  document.addEventListener('htmx:before:response', (event) => {
    const { ctx } = event.detail;
    const { raw } = ctx.response;
    if (raw.status >= 400 || raw.redirected) {
      event.preventDefault();
      location.assign(raw.redirected ? raw.url : ctx.request.action);
    }
  });
  document.addEventListener('htmx:after:swap', () => {
    const text = $('#list caption')?.textContent ?? $('#list .empty h2')?.textContent;
    if (text) announce(text);
    for (const element of $$('#list .js-only[hidden]')) element.hidden = false;
    // Rows that came anew are not chosen, whatever the box above them said.
    chooseAll({ target: null });
  });
}

// --- lists: all rows of a page -----------------------------------------------------------------------------------

function chooseAll({ target }) {
  for (const all of $$('[data-all]')) {
    const rows = $$(`input[name="${all.dataset.all}"]`, all.form);
    if (target === all) for (const row of rows) row.checked = all.checked;
    const chosen = rows.filter((row) => row.checked).length;
    all.checked = chosen > 0 && chosen === rows.length;
    all.indeterminate = chosen > 0 && chosen < rows.length;
  }
}

// --- start -------------------------------------------------------------------------------------------------------

for (const element of $$('.js-only[hidden]')) element.hidden = false;
document.addEventListener('click', (event) => {
  chooseTheme(event);
  goToField(event);
  reveal(event);
  openDialog(event);
  copyOrPrint(event);
});
document.addEventListener('submit', onSubmit);
document.addEventListener('change', chooseAll);
document.addEventListener('input', onInput);
document.addEventListener('keydown', onKey);
addEventListener('pageshow', onPageShow);
addEventListener('beforeunload', onLeave);
for (const form of $$('form[data-draft]')) drafts.bring(form);
$('[data-focus]')?.focus();

const retry = $('[data-retry-after]');
if (retry) once('retry', Number(retry.dataset.retryAfter) || 5);
if ($('[data-refresh-once]')) once('pending', 1);

if ($('[hx-get]')) {
  watchSwaps();
  import('htmx.org');
}
const comments = $('[data-refresh-url]');
if (comments) import('./islands/live-comments.js').then(({ watch }) => watch(comments, { announce, traceparent }));
const passkeys = $$('form[data-passkey]');
if (passkeys.length > 0) import('./islands/passkeys.js').then(({ offer }) => offer(passkeys));
if (document.body.dataset.sessionSeconds) {
  import('./islands/session-timeout.js').then(({ watch }) => watch({ announce, leave: () => (dirty = false) }));
}
const docs = $('[data-api-docs]');
if (docs) import('./islands/api-docs.js').then(({ work }) => work(docs, { announce }));
