// The page about the API: narrows the operations while one types, and sends requests with a token. The token is kept
// nowhere but in its input.

const NOTHING_TO_SEND = ['GET', 'DELETE'];

/** @param {string} name @param {Record<string, string>} attributes @param {string} [text] */
function element(name, attributes = {}, text = '') {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text) made.textContent = text;
  return made;
}

const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

/**
 * @param {HTMLElement} page holds the operations; its data attributes carry the texts
 * @param {{announce: (text: string) => void}} around
 */
export function work(page, { announce }) {
  const words = page.dataset;
  const token = page.querySelector('#docs-token');
  const search = page.querySelector('#docs-q');
  const operations = [...page.querySelectorAll('.docs-op')];
  for (const operation of operations) {
    operation.addEventListener('toggle', () => operation.open && offer(operation), { once: true });
    if (operation.open) offer(operation);
  }
  page.querySelector('.docs-token').addEventListener('submit', (event) => event.preventDefault());

  let told = 0;
  search.addEventListener('input', () => {
    const wanted = search.value.trim().toLowerCase().split(/\s+/);
    let found = 0;
    for (const operation of operations) {
      const text = `${operation.id} ${operation.querySelector('summary').textContent}`.toLowerCase();
      operation.hidden = !wanted.every((word) => text.includes(word));
      if (!operation.hidden) found += 1;
    }
    for (const tag of page.querySelectorAll('.docs-tag')) tag.hidden = !tag.querySelector('.docs-op:not([hidden])');
    clearTimeout(told);
    told = setTimeout(() => announce(`${words.found} ${found}`), 500);
  });

  // A link to a place inside of a closed part opens it.
  const arrive = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target?.matches('details')) {
      target.open = true;
      target.scrollIntoView();
    }
  };
  addEventListener('hashchange', arrive);
  arrive();

  function field(form, id, label, input, value) {
    const row = element('div', { class: 'field' });
    const made = element(input, { class: 'input', id, name: id, autocomplete: 'off', spellcheck: 'false' });
    made.value = value;
    row.append(element('label', { for: id }, label), made);
    form.append(row);
    return made;
  }

  function offer(operation) {
    const form = element('form', { class: 'docs-try', 'aria-label': `${words.try}: ${operation.id}` });
    form.append(element('h3', {}, words.try));
    const places = [...operation.querySelectorAll('[data-parameter]')].map((parameter) => {
      const { parameter: name, place, example, required } = parameter.dataset;
      const value = required === undefined ? '' : example;
      return { name, place, input: field(form, `${operation.id}-${name}`, name, 'input', value) };
    });
    const sample = operation.querySelector('[data-body]');
    const body = sample && field(form, `${operation.id}-body`, words.body, 'textarea', sample.textContent);
    if (body) body.rows = Math.min(sample.textContent.split('\n').length + 1, 16);
    const send = element('button', { class: 'btn primary', type: 'submit' }, words.send);
    const actions = element('div', { class: 'actions' });
    actions.append(send);
    const answer = element('pre', { class: 'docs-json', tabindex: '0', 'aria-label': words.answer });
    answer.hidden = true;
    form.append(actions, answer);
    operation.querySelector('.docs-detail').append(form);

    function request() {
      const { method } = operation.dataset;
      let path = operation.dataset.path;
      const query = new URLSearchParams();
      const headers = {};
      for (const { name, place, input } of places) {
        if (place === 'path') path = path.replace(`{${name}}`, encodeURIComponent(input.value));
        else if (input.value !== '' && place === 'query') query.set(name, input.value);
        else if (input.value !== '') headers[name] = input.value;
      }
      if (token.value) headers.Authorization = `Bearer ${token.value.trim()}`;
      const sent = body?.value ?? (NOTHING_TO_SEND.includes(method) ? undefined : '');
      if (body) headers['Content-Type'] = 'application/json';
      return { method, url: `${path}${query.size ? `?${query}` : ''}`, headers, body: sent };
    }

    // What is copied is what would be sent, but for the token: that is nobody's clipboard's business.
    const curl = operation.querySelector('.docs-curl');
    form.addEventListener('input', () => {
      const { method, url, headers, body: sent } = request();
      const lines = Object.entries({ ...headers, Authorization: 'Bearer $PORTICO_TOKEN' }).map(([name, value]) =>
        name === 'Authorization' ? `-H "${name}: ${value}"` : `-H ${quoted(`${name}: ${value}`)}`,
      );
      if (sent) lines.push(`--data ${quoted(sent)}`);
      curl.textContent = [`curl -X ${method} ${quoted(location.origin + url)}`, ...lines].join(' \\\n  ');
    });

    form.addEventListener('submit', async (event) => {
      event.preventDefault();
      const { url, ...asked } = request();
      answer.hidden = false;
      answer.textContent = words.sending;
      send.disabled = true;
      try {
        // Without the browser's own cookies: what is tried is what a program would get.
        const got = await fetch(url, { ...asked, credentials: 'omit', cache: 'no-store', signal: AbortSignal.timeout(30_000) });
        const text = await got.text();
        let shown = text;
        try {
          shown = JSON.stringify(JSON.parse(text), null, 2);
        } catch {
          // No JSON: as it came.
        }
        const told = ['etag', 'location', 'retry-after'].filter((name) => got.headers.has(name));
        const heads = told.map((name) => `${name}: ${got.headers.get(name)}`);
        const hint = got.status === 401 && !token.value ? [words.noToken] : [];
        answer.textContent = [`${got.status} ${got.statusText}`, ...heads, ...hint, '', shown].join('\n').trim();
      } catch {
        answer.textContent = words.failed;
      }
      send.disabled = false;
      announce(answer.textContent.split('\n')[0]);
    });
  }
}
