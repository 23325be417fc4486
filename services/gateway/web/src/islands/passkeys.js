// Asks the browser for a passkey and puts its answer into the form, which the server handles like any other. The forms
// stay hidden where the browser knows no passkeys; there is another way on every page that has one.

const decode = (text) => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));

const encode = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');

/** JSON of the server → what `navigator.credentials` takes. */
function options(kind, json) {
  const key = json.publicKey ?? json;
  const native = kind === 'create' ? 'parseCreationOptionsFromJSON' : 'parseRequestOptionsFromJSON';
  if (PublicKeyCredential[native]) return { publicKey: PublicKeyCredential[native](key) };
  const id = (credential) => ({ ...credential, id: decode(credential.id) });
  const publicKey = { ...key, challenge: decode(key.challenge) };
  if (key.user) publicKey.user = { ...key.user, id: decode(key.user.id) };
  if (key.excludeCredentials) publicKey.excludeCredentials = key.excludeCredentials.map(id);
  if (key.allowCredentials) publicKey.allowCredentials = key.allowCredentials.map(id);
  return { publicKey };
}

/** The browser's answer as JSON. */
function answer(credential) {
  if (credential.toJSON) return credential.toJSON();
  const { id, rawId, type, response, authenticatorAttachment } = credential;
  const parts = {};
  for (const name of ['clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle']) {
    if (response[name]) parts[name] = encode(response[name]);
  }
  const clientExtensionResults = credential.getClientExtensionResults();
  return { id, rawId: encode(rawId), type, authenticatorAttachment, clientExtensionResults, response: parts };
}

async function ask(form) {
  const { passkey: kind, base } = form.dataset;
  const begin = `/api/v1/auth/passkeys/${kind === 'create' ? 'register' : 'login'}/begin`;
  const headers = {
    'Content-Type': 'application/json',
    'X-CSRF-Token': form.elements.csrf_token.value,
    'X-Portico-Surface': base ? 'console' : 'portal',
  };
  const begun = await fetch(begin, { method: 'POST', headers, body: '{}' });
  const body = await begun.json();
  if (body.code === 'step_up_required') {
    location.assign(`${base}/step-up?next=${encodeURIComponent(location.pathname)}`);
    return;
  }
  if (!begun.ok) throw new Error(body.detail);
  form.elements.ceremony_id.value = body.ceremony_id;
  const credential = await navigator.credentials[kind](options(kind, body.options));
  form.elements.credential.value = JSON.stringify(answer(credential));
  form.submit();
}

/** @param {HTMLFormElement[]} forms */
export function offer(forms) {
  if (!globalThis.PublicKeyCredential || !navigator.credentials) return;
  for (const missing of document.querySelectorAll('[data-passkey-missing]')) missing.hidden = true;
  for (const form of forms) {
    form.hidden = false;
    const error = form.querySelector('[data-passkey-error]');
    // Before the listener that lets a form be sent once: this one is sent by the script, when it has its answer.
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      event.stopPropagation();
      error.hidden = true;
      form.setAttribute('aria-busy', 'true');
      ask(form).catch(() => {
        form.removeAttribute('aria-busy');
        error.textContent = form.dataset.failed;
        error.hidden = false;
      });
    });
  }
}
