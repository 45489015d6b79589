// Host and Origin: what a web page elsewhere cannot do to a hub on this machine.

import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { startHub } from './support/hub.mjs';

const local = await startHub();
const named = await startHub({ args: ['--origin', 'https://hub.example', '--allowed-host', 'other.example', '--cors-origin', 'https://app.example'] });
const open = await startHub({ host: '0.0.0.0', args: ['--insecure-open'] });
after(async () => { for (const hub of [local, named, open]) await hub.stop(); });

const status = async (hub, Host) => (await hub.request({ path: '/healthz', headers: { Host } })).status;
const hosts = [
  ['on loopback', local, {
    '127.0.0.1': 200, 'localhost': 200, 'localhost:7424': 200, 'LOCALHOST': 200, '[::1]': 200, '[::1]:80': 200, 'park.localhost': 200,
    'codex-live.localhost:1': 200, 'evil.example': 403, '127.0.0.1.evil.example': 403, 'localhost.evil.example': 403, '192.0.2.1': 403,
    'evil.localhost': 403, 'hub.example': 403,
  }],
  ['with an origin', named, {
    'hub.example': 200, 'hub.example:443': 200, 'HUB.example': 200, 'team.hub.example': 200, 'claude.hub.example': 200,
    'claude-park.hub.example': 200, 'other.example': 200, 'localhost': 200, 'evil.hub.example': 403, 'evil.example': 403, 'xhub.example': 403,
  }],
  ['bound to everything', open, { '192.0.2.1': 200, '[2001:db8::1]': 200, '127.0.0.1': 200, 'evil.example': 403 }],
];
for (const [where, hub, table] of hosts) {
  for (const [host, expected] of Object.entries(table)) {
    test(`${where}: Host ${host} is ${expected}`, async () => assert.equal(await status(hub, host), expected));
  }
}

test('a refused Host is a JSON error for API clients', async () => {
  const answer = await local.request({ path: '/api/bands', headers: { Host: 'evil.example' } });
  assert.equal(answer.status, 403);
  assert.equal(typeof answer.json.error, 'string');
});

const create = (hub, Origin, more = {}) => hub.request({ method: 'POST', path: '/api/channels', body: {}, headers: { Origin, ...more } });
test('a state-changing request with a foreign Origin is 403', async () => {
  assert.equal((await create(local, 'https://evil.example')).status, 403);
  assert.equal((await create(local, 'null')).status, 403);
  assert.equal((await create(local, 'http://127.0.0.1:1')).status, 403, 'another port is another origin');
});
test('a request from the hub\'s own origin is fine', async () => {
  assert.equal((await create(local, local.url)).status, 200);
  assert.equal((await create(named, 'https://hub.example', { Host: 'hub.example' })).status, 200);
});
test('a request without Origin is fine: agents send none', async () => {
  assert.equal((await local.post('/api/channels', {})).status, 200);
});
test('a configured CORS origin is fine', async () => {
  const answer = await create(named, 'https://app.example');
  assert.equal(answer.status, 200);
  assert.equal(answer.headers['access-control-allow-origin'], 'https://app.example');
});

const preflight = (hub, Origin, path = '/api/channels') => hub.request({
  method: 'OPTIONS', path,
  headers: { Origin, 'Access-Control-Request-Method': 'POST', 'Access-Control-Request-Headers': 'authorization, x-session-id' },
});
test('preflight: allowed for configured origins, not for others', async () => {
  const yes = await preflight(named, 'https://app.example');
  assert.ok([200, 204].includes(yes.status));
  assert.equal(yes.headers['access-control-allow-origin'], 'https://app.example');
  assert.match(yes.headers['access-control-allow-methods'], /POST/);
  assert.match(yes.headers['access-control-allow-headers'], /authorization/i);
  assert.match(yes.headers['access-control-allow-headers'], /x-session-id/i);
  assert.match(yes.headers['access-control-allow-headers'], /x-identity-key/i);
  for (const [hub, origin] of [[named, 'https://evil.example'], [local, 'https://app.example']]) {
    assert.equal((await preflight(hub, origin)).headers['access-control-allow-origin'], undefined);
  }
});
