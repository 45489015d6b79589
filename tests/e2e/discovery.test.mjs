// The documents by which agents and people find out what this is, and how routes answer at large.

import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { createChannel } from './support/channel.mjs';
import { assertError, ok } from './support/http.mjs';
import { startHub } from './support/hub.mjs';

const hub = await startHub();
after(() => hub.stop());
const browser = { Accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' };

const documents = {
  '/': /^text\/html/, '/llms.txt': /^text\/(markdown|plain)/, '/llms-full.txt': /^text\/markdown/, '/api/v1/info': /^application\/json/, '/.well-known/mcp.json': /^application\/json/,
  '/.well-known/agent.json': /^application\/json/, '/policy': /^text\/html/, '/policy.txt': /^text\/plain/, '/robots.txt': /^text\/plain/,
  '/api/stats': /^application\/json/, '/healthz': /^text\/plain/, '/readyz': /^text\/plain/, '/metrics': /^text\/plain/,
  '/openapi.json': /^application\/json/, '/api/bands': /^application\/json/,
};
for (const [path, type] of Object.entries(documents)) {
  test(`${path} answers GET and HEAD alike`, async () => {
    const get = await hub.get(path, path === '/' ? browser : {});
    assert.equal(get.status, 200);
    assert.match(get.headers['content-type'], type);
    assert.equal(get.headers['x-content-type-options'], 'nosniff');
    assert.ok(get.headers['referrer-policy']);
    assert.ok(get.text.length > 1);
    const head = await hub.request({ method: 'HEAD', path, headers: path === '/' ? browser : {} });
    assert.equal(head.status, 200);
    assert.equal(head.headers['content-type'], get.headers['content-type']);
    assert.equal(head.text, '');
  });
}

for (const path of ['/', '/policy']) {
  test(`the page ${path} is locked down`, async () => {
    const { headers } = await hub.get(path, browser);
    const csp = headers['content-security-policy'];
    assert.ok(csp);
    assert.ok(!csp.includes('unsafe-inline') && !csp.includes('unsafe-eval') && !csp.includes(' *'));
    assert.equal(headers['x-frame-options'], 'DENY');
  });
}

test('/ is a page for browsers, JSON where JSON is preferred, and names llms.txt', async () => {
  const page = await hub.get('/', browser);
  assert.match(page.headers.link, /<\/llms\.txt>; rel="alternate"; type="text\/markdown"/);
  const json = await hub.get('/', { Accept: 'application/json' });
  assert.deepEqual(json.json, ok(await hub.get('/api/v1/info')));
  assert.match(json.headers.link, /llms\.txt/);
});

test('/docs/* leads to /llms.txt', async () => {
  for (const path of ['/docs/', '/docs/anything/at/all']) {
    const answer = await hub.get(path);
    assert.equal(answer.status, 302);
    assert.match(answer.headers.location, /\/llms\.txt$/);
  }
});

test('robots.txt keeps crawlers from the API and names llms.txt', async () => {
  const { text } = await hub.get('/robots.txt');
  assert.match(text, /^Disallow: \/admin/m);
  assert.match(text, /^Disallow: \/api\//m);
  assert.match(text, /llms\.txt/);
});

test('/api/v1/info has the shape that clients read', async () => {
  const info = ok(await hub.get('/api/v1/info'));
  for (const key of ['service', 'version', 'tagline', 'homepage', 'repository', 'license', 'discovery', 'mcp', 'rest', 'retention_modes', 'limits', 'quickstart_for_agents']) {
    assert.ok(key in info, key);
  }
  assert.ok(info.discovery.llms_txt.endsWith('/llms.txt'));
  assert.ok('mcp_descriptor' in info.discovery);
  assert.match(info.rest.endpoints.remote_control, /remote-control/);
  assert.deepEqual(info.retention_modes.map((mode) => mode.name ?? mode.mode ?? mode), ['none', 'metadata', 'prompts', 'full']);
  assert.deepEqual(info.limits, {
    ...info.limits,
    send_per_ip_per_minute_default: 60, send_per_ip_per_minute_bands: 10, session_idle_ttl_seconds_default: 1800,
    session_idle_ttl_seconds_max: 86400, max_message_length_chars: 8192, callsign_pattern: '^[a-z0-9][a-z0-9_-]{0,31}$',
    ring_buffer_messages_per_channel: 100,
  });
});

test('llms.txt names the same numbers as info', async () => {
  const { limits } = ok(await hub.get('/api/v1/info'));
  const { text } = await hub.get('/llms.txt');
  for (const [name, value] of Object.entries(limits)) {
    const shown = typeof value === 'number' ? new RegExp(`\\b(${value}|${value.toLocaleString('en-US')})\\b`) : null;
    assert.ok(shown ? shown.test(text) : text.includes(value), `${name} = ${value}`);
  }
});

test('a limit that the operator changes is what the documents say', async () => {
  const other = await startHub({ args: ['--rate-send', '77'] });
  try {
    assert.equal(ok(await other.get('/api/v1/info')).limits.send_per_ip_per_minute_default, 77);
    assert.match((await other.get('/llms.txt')).text, /\b77\b/);
  } finally {
    await other.stop();
  }
});

test('no address is named that the operator has not given', async () => {
  const { homepage, repository } = ok(await hub.get('/api/v1/info'));
  assert.deepEqual([homepage, repository], [null, null]);
  for (const path of ['/', '/llms.txt', '/llms-full.txt', '/api/v1/info', '/.well-known/mcp.json', '/.well-known/agent.json']) {
    const foreign = (await hub.get(path, path === '/' ? browser : {})).text.replaceAll(hub.url, '').match(/https?:\/\/\S+/g);
    assert.equal(foreign, null, path);
  }
  const other = await startHub({ args: ['--homepage', 'https://about.example/hub'] });
  try {
    assert.equal(ok(await other.get('/api/v1/info')).homepage, 'https://about.example/hub');
    assert.match((await other.get('/', browser)).text, /href="https:\/\/about\.example\/hub"/);
  } finally {
    await other.stop();
  }
});

test('the guide for agents is short, and the rest is one link away', async () => {
  const { text } = await hub.get('/llms.txt');
  assert.ok(text.indexOf('\n## Create') < 2048 && Buffer.byteLength(text) < 16384, `${Buffer.byteLength(text)} bytes`);
  assert.ok(text.includes(`${hub.url}/llms-full.txt`));
  assert.match((await hub.get('/llms-full.txt')).text, /POST \/api\/channels\/\{channel\}\/webhooks/);
});

test('mcp.json and agent.json have the shape that clients read', async () => {
  const mcp = ok(await hub.get('/.well-known/mcp.json'));
  for (const key of ['schema_version', 'name', 'version', 'description', 'homepage', 'repository', 'license', 'protocol', 'transports', 'rest_api', 'safety']) {
    assert.ok(key in mcp, key);
  }
  assert.equal(mcp.safety.messages_are_untrusted, true);
  for (const { method, path } of Object.values(mcp.rest_api)) assert.ok(/^[A-Z]+$/.test(method) && path.startsWith('/'));
  const card = ok(await hub.get('/.well-known/agent.json'));
  for (const key of ['name', 'description', 'url', 'provider', 'version', 'documentationUrl', 'capabilities', 'securitySchemes', 'defaultInputModes', 'defaultOutputModes', 'skills', 'extensions']) {
    assert.ok(key in card, key);
  }
  assert.ok(card.securitySchemes.channel_token);
  assert.equal(card.capabilities.pushNotifications, true);
  assert.deepEqual(card.skills.map(({ id }) => id), ['create_channel', 'join_channel', 'send_message', 'listen_messages', 'channel_roster']);
});

test('openapi.json describes routes that exist, with the methods that they take', async () => {
  const api = JSON.parse((await hub.get('/openapi.json')).text);
  assert.match(api.openapi, /^3\./);
  const channel = await createChannel(hub, { retention: 'full' });
  const paths = Object.keys(api.paths);
  for (const path of ['/api/channels', '/api/channels/{channel}/join', '/api/channels/{channel}/send', '/api/channels/{channel}/listen',
    '/api/channels/{channel}/wait', '/api/channels/{channel}/stream', '/api/channels/{channel}/roster', '/api/channels/{channel}/history',
    '/api/channels/{channel}/stats', '/api/channels/{channel}/transcript', '/api/channels/{channel}/leave', '/api/channels/{channel}/keepalive']) {
    assert.ok(paths.some((known) => known.replace(/\{[^}]*\}/g, '{}') === path.replace(/\{[^}]*\}/g, '{}')), path);
  }
  for (const [path, operations] of Object.entries(api.paths)) {
    for (const method of Object.keys(operations).filter((name) => ['get', 'post', 'put', 'patch', 'delete'].includes(name))) {
      const concrete = path.replace(/\{channel[^}]*\}/, channel.id).replace(/\{[^}]*\}/g, '1');
      const answer = await hub.request({ method: method.toUpperCase(), path: concrete.replace('*', 'x') });
      assert.notEqual(answer.status, 405, `${method} ${path}`);
      if (answer.status === 404) assert.match(path, /messages/, `${method} ${path}`);
    }
  }
});

test('every documented reference inside the JSON of openapi resolves', async () => {
  const api = JSON.parse((await hub.get('/openapi.json')).text);
  for (const [, pointer] of JSON.stringify(api).matchAll(/"\$ref":"#\/([^"]+)"/g)) {
    assert.ok(pointer.split('/').reduce((node, key) => node?.[key], api), pointer);
  }
});

test('an unknown path is JSON for API clients and a small page for browsers', async () => {
  for (const path of ['/nothing', '/api/nothing', '/.git/config', '/admin.php']) {
    assertError(await hub.get(path), 404, 'not_found');
    assertError(await hub.get(path, { Accept: '*/*' }), 404, 'not_found');
  }
  const page = await hub.get('/nothing', browser);
  assert.equal(page.status, 404);
  assert.match(page.headers['content-type'], /^text\/html/);
});

for (const [method, path, allow] of [['GET', '/api/channels', 'POST'], ['DELETE', '/api/bands', 'GET'], ['POST', '/llms.txt', 'GET'], ['PUT', '/', 'GET']]) {
  test(`${method} ${path} is 405 and says what is allowed`, async () => {
    const answer = await hub.request({ method, path });
    assertError(answer, 405, 'method_not_allowed');
    assert.match(answer.headers.allow, new RegExp(`\\b${allow}\\b`));
  });
}

test('HEAD works wherever GET answers at once, and is 405 where it waits', async () => {
  const channel = await createChannel(hub, { retention: 'full' });
  const ann = await channel.join('ann');
  for (const name of ['', 'stats', 'history', 'roster', 'transcript']) {
    assert.equal((await ann.call('HEAD', name)).status, 200, name);
  }
  for (const name of ['listen', 'wait', 'stream']) {
    const answer = await ann.call('HEAD', name);
    assert.equal(answer.status, 405, name);
    assert.ok(answer.headers.allow);
  }
  for (const name of ['join', 'send']) assert.equal((await ann.call('GET', name)).status, 405, name);
});

test('answers that hold secrets are not cached', async () => {
  const channel = await createChannel(hub);
  const joined = await channel.tryJoin({ callsign: 'ann' });
  const created = await hub.post('/api/channels', {});
  for (const answer of [joined, created]) {
    const control = answer.headers['cache-control'];
    assert.ok(control === undefined || control.includes('no-store'), control);
  }
});
