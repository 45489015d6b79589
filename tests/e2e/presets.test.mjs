// Presets: a mode or a harness in front of the host, as a path prefix or as a query parameter.

import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { assertError, ok } from './support/http.mjs';
import { startHub } from './support/hub.mjs';

const hub = await startHub({ args: ['--origin', 'https://hub.example'] });
after(() => hub.stop());

const presets = {
  park: { retention: 'metadata', trust_mode: 'untrusted', require_identity: false, session_ttl_seconds: 86400 },
  live: { retention: 'none', trust_mode: 'untrusted', require_identity: false, session_ttl_seconds: 300 },
  go: { retention: 'none', trust_mode: 'trusted', require_identity: false, session_ttl_seconds: 3600 },
  team: { retention: 'full', trust_mode: 'trusted', require_identity: true, session_ttl_seconds: 86400 },
};
const ways = {
  'by the host': (name) => hub.request({ method: 'POST', path: '/api/channels', body: {}, headers: { Host: `${name}.hub.example` } }),
  'by the host, with a port': (name) => hub.request({ method: 'POST', path: '/api/channels', body: {}, headers: { Host: `${name}.hub.example:${hub.port}` } }),
  'in front of localhost': (name) => hub.request({ method: 'POST', path: '/api/channels', body: {}, headers: { Host: `${name}.localhost:${hub.port}` } }),
  'by the path': (name) => hub.post(`/m/${name}/api/channels`, {}),
  'by the query': (name) => hub.post(`/api/channels?preset=${name}`, {}),
};

function assertPreset(channel, expected) {
  for (const [field, value] of Object.entries(expected)) assert.equal(channel[field], value, field);
}

for (const [way, create] of Object.entries(ways)) {
  for (const [name, expected] of Object.entries(presets)) {
    test(`${name} ${way} fills what the body leaves out`, async () => {
      assertPreset(ok(await create(name)), expected);
    });
    test(`codex-${name} ${way} is the same mode for that harness`, async () => {
      assertPreset(ok(await create(`codex-${name}`)), expected);
    });
  }
  test(`a harness alone ${way} leaves the defaults`, async () => {
    assertPreset(ok(await create('claude')), { retention: 'none', trust_mode: 'untrusted', session_ttl_seconds: 1800 });
  });
}

test('fields of the body always win', async () => {
  const channel = ok(await hub.post('/m/park/api/channels', { retention: 'full', session_ttl_seconds: 60 }));
  assertPreset(channel, { retention: 'full', session_ttl_seconds: 60 });
  const go = ok(await hub.post('/m/go/api/channels', { owner_password: 'my own words' }));
  assert.equal(go.owner_password, 'my own words');
});

test('go mints an owner password that works', async () => {
  const created = ok(await hub.post('/m/go/api/channels', {}));
  assert.equal(created.has_owner_password, true);
  assert.ok(created.owner_password.length >= 6);
  const joined = ok(await hub.post(`/api/channels/${created.channel_id}/join`,
    { callsign: 'ann', owner_password: created.owner_password },
    { Authorization: `Bearer ${created.join_token}` }));
  assert.equal(joined.human_authorized, true);
  assert.equal(joined.trust_posture, 'trusted-authorized');
});

test('every route works below a path prefix', async () => {
  const created = ok(await hub.post('/m/live/api/channels', {}));
  const base = `/m/live/api/channels/${created.channel_id}`;
  const bearer = { Authorization: `Bearer ${created.join_token}` };
  const { session_id } = ok(await hub.post(`${base}/join`, { callsign: 'ann' }, bearer));
  ok(await hub.post(`${base}/send`, { message: 'hello' }, { ...bearer, 'X-Session-Id': session_id }));
  ok(await hub.get(`${base}/history`, bearer));
  for (const path of ['/llms.txt', '/api/v1/info', '/policy', '/openapi.json', '/']) {
    assert.equal((await hub.get(`/m/live${path}`)).status, 200, path);
  }
});

test('a mode or harness that is not known is the default edition, but no path', async () => {
  const plain = (await hub.get('/llms.txt')).status;
  assert.equal(plain, 200);
  for (const path of ['llms.txt', 'api/channels', 'mcp']) {
    assertError(await hub.post(`/m/nonsense/${path}`, {}), 404, 'not_found', /park, live, go, team, claude/);
  }
  assertPreset(ok(await hub.post('/api/channels?preset=nonsense', {})), { retention: 'none', session_ttl_seconds: 1800 });
});

test('a harness edition of llms.txt leads with its own wake mechanism', async () => {
  const plain = (await hub.get('/llms.txt')).text;
  const texts = new Set([plain]);
  for (const harness of ['claude', 'codex', 'cursor', 'cline', 'kimi', 'gemini', 'aider']) {
    const { text, status } = await hub.get(`/m/${harness}/llms.txt`);
    assert.equal(status, 200);
    assert.match(text.toLowerCase(), new RegExp(harness));
    texts.add(text);
  }
  assert.equal(texts.size, 8, 'every edition reads differently');
});

test('links carry the origin that the operator gave', async () => {
  const created = ok(await hub.post('/api/channels', {}));
  assert.equal(created.mcp_url, `https://hub.example/mcp/${created.channel_id}`);
  assert.ok(created.peer_invite.includes(`https://hub.example/c/${created.channel_id}#t=`));
});
