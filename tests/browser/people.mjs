// Portal users of a journey's own, made as an agent makes them, so that no journey changes what another one needs.
import { PASSWORD, assert, base, day, linkIn, mail, unique } from './harness.mjs';

// An agent at the API.
class Agent {
  cookies = new Map();
  csrf = '';

  async call(method, path, body) {
    const headers = { 'X-Portico-Surface': 'console', 'Content-Type': 'application/json', 'Idempotency-Key': unique('key') };
    if (this.cookies.size) headers.Cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    if (this.csrf) headers['X-CSRF-Token'] = this.csrf;
    const answer = await fetch(`${base}/api/v1${path}`, { method, headers, body: body && JSON.stringify(body) });
    for (const cookie of answer.headers.getSetCookie()) {
      const [name, value] = cookie.split(';')[0].split('=');
      this.cookies.set(name, value);
    }
    const text = await answer.text();
    assert(answer.ok, `${method} ${path}: ${answer.status} ${text}`);
    return text ? JSON.parse(text) : {};
  }

  async signIn(login) {
    await this.call('POST', '/auth/login', { login, password: PASSWORD });
    this.csrf = (await this.call('GET', '/auth/session')).csrf_token;
    return this;
  }
}

export const agent = (login = 'admin@demo.test') => new Agent().signIn(login);

// A contact of a new company, who has chosen a password; answers login, password and the contact's id.
export async function portalUser(name) {
  const admin = await agent();
  const word = unique(name).replaceAll(' ', '-').toLowerCase();
  const email = `${word}@journeys.test`;
  const record = async (module, fields) => (await admin.call('POST', `/modules/${module}/records`, { fields })).id;
  const company = await record('companies', { name: `Company of ${word}`, country: 'IT' });
  const contact = await record('contacts', { first_name: name, last_name: 'Rossi', email, company_id: company });
  await admin.call('POST', `/admin/contacts/${contact}/portal-access`, { support_start: day(-10), support_end: day(100) });
  const token = new URL(linkIn(await mail(email, /./))).searchParams.get('token');
  const password = 'lanterns over the quiet river';
  const accepted = await fetch(`${base}/api/v1/auth/invitations/accept`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ token, new_password: password }),
  });
  assert(accepted.ok, `the invitation of ${email}: ${accepted.status} ${await accepted.text()}`);
  return { login: email, password, contact, company, admin };
}
