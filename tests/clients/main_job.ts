// The main job with the generated TypeScript client: sign in, make a token, then list, create, change, comment and read.
import { strict as assert } from 'node:assert';
import createClient from 'openapi-fetch';
import type { components, paths } from './portico.js';

const baseUrl = process.env.PORTICO_TEST_URL;
assert.ok(baseUrl, 'PORTICO_TEST_URL');

/** The answer of a call that has to work. */
function got<T>({ data, error }: { data?: T; error?: components['schemas']['Problem'] }): T {
  assert.ok(data !== undefined, JSON.stringify(error));
  return data;
}

/** An agent signs in as a browser would, and makes a token for this program. */
async function token(): Promise<string> {
  const client = createClient<paths>({ baseUrl });
  const surface = { 'X-Portico-Surface': 'console' } as const;
  const body = { login: 'agent@demo.test', password: 'portico-demo-2026' };
  const login = await client.POST('/api/v1/auth/login', { body, params: { header: surface } });
  assert.equal(got(login).status, 'authenticated');
  const cookie = login.response.headers.getSetCookie().map((one) => one.split(';')[0]).join('; ');
  const session = got(await client.GET('/api/v1/auth/session', { headers: { cookie } }));
  assert.equal(session.subject.kind, 'agent');
  const made = await client.POST('/api/v1/auth/api-tokens', {
    body: { name: 'Generated client', scopes: ['read', 'write'], valid_days: 1 },
    headers: { cookie, 'X-CSRF-Token': session.csrf_token },
  });
  return got(made).secret;
}

const client = createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${await token()}` } });
const records = '/api/v1/modules/{module}/records';
const record = '/api/v1/modules/{module}/records/{id}';
const module = 'tickets';

const modules = got(await client.GET('/api/v1/modules'));
assert.ok(modules.some(({ name }) => name === module));

const title = `From TypeScript ${crypto.randomUUID()}`;
const made = got(await client.POST(records, { params: { path: { module } }, body: { fields: { title } } }));
const query = { limit: 2, sort: '-modified_at', count: 'capped' };
const page = got(await client.GET(records, { params: { path: { module }, query } }));
assert.equal(page.items.length, 2);
assert.equal(page.items[0]?.fields.title, title);
assert.ok(page.next_cursor);

const path = { module, id: made.id };
const seen = await client.GET(record, { params: { path } });
const etag = seen.response.headers.get('etag') ?? '';
const change = { params: { path, header: { 'If-Match': etag } }, body: { fields: { priority: 'high' } } };
assert.equal(got(await client.PATCH(record, change)).fields.priority, 'high');
const stale = await client.PATCH(record, change);
assert.equal(stale.error?.code, 'stale_version');
const wrong = await client.POST(records, { params: { path: { module } }, body: { fields: { title: 7 } } });
assert.equal(wrong.error?.errors?.[0]?.field, 'title');

const said = got(await client.POST(`${record}/comments`, { params: { path }, body: { body: 'Said by a *program*.' } }));
const comments = got(await client.GET(`${record}/comments`, { params: { path } }));
assert.deepEqual(comments.items.map(({ id }) => id), [said.id]);
