// Creating a channel: fields, defaults, bounds, presets; looking at one; the bands.

import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { createChannel } from './support/channel.mjs';
import { assertError, assertInvalid, ok } from './support/http.mjs';
import { startHub } from './support/hub.mjs';

const hub = await startHub();
after(() => hub.stop());
const create = (body, headers) => hub.post('/api/channels', body, headers);

test('a channel made with an empty body has the defaults of the contract', async () => {
  const channel = ok(await create({}));
  assert.match(channel.channel_id, /^[a-z]+-[a-z]+-[0-9a-f]{4}$/);
  assert.match(channel.join_token, /^[A-Za-z0-9_-]{43,}$/, 'at least 32 random bytes, base64url');
  assert.equal(channel.mcp_url, `${hub.url}/mcp/${channel.channel_id}`);
  assert.equal(channel.bootstrap_mcp_url, `${hub.url}/mcp`);
  assert.equal(channel.retention, 'none');
  assert.equal(channel.trust_mode, 'untrusted');
  assert.equal(channel.require_identity, false);
  assert.equal(channel.session_ttl_seconds, 1800);
  assert.equal(channel.has_owner_password, false);
  assert.equal(channel.owner_password, null);
  assert.equal(channel.creator_account_id, null);
  assert.equal(channel.durable, false);
  assert.equal(channel.ring_size, 100);
  assert.equal(typeof channel.peer_invite, 'string');
  for (const snippet of ['agent_prompt', 'claude_code', 'cursor_json', 'claude_desktop_json',
    'vscode_cline_json', 'anthropic_sdk', 'curl_test', 'rest_bash_loop', 'codex_toml', 'gemini_json']) {
    assert.ok(channel.connect[snippet], `connect.${snippet}`);
  }
});

test('ids and tokens of two channels differ', async () => {
  const [a, b] = [ok(await create({})), ok(await create({}))];
  assert.notEqual(a.channel_id, b.channel_id);
  assert.notEqual(a.join_token, b.join_token);
});

for (const retention of ['none', 'metadata', 'prompts', 'full']) {
  test(`retention ${retention} is accepted; durable is ${retention === 'full'} by default`, async () => {
    const channel = ok(await create({ retention }));
    assert.equal(channel.retention, retention);
    assert.equal(channel.durable, retention === 'full');
  });
}

for (const retention of ['none', 'metadata', 'prompts']) {
  test(`a durable channel with retention ${retention} is told that content lies on disk`, async () => {
    const channel = ok(await create({ retention, durable: true }));
    assert.equal(channel.durable, true);
    assert.match(channel.notice, /disk/i);
  });
}

test('durable can be turned off for retention full', async () => {
  assert.equal(ok(await create({ retention: 'full', durable: false })).durable, false);
});

const accepted = [
  { session_ttl_seconds: 1 }, { session_ttl_seconds: 86400 },
  { ring_size: 10 }, { ring_size: 10000 },
  { owner_password: 'sixsix' }, { owner_password: 'x'.repeat(128) },
  { on_collision: 'merge' }, { on_collision: 'reject' }, { on_collision: 'rename' },
  { loop_guard: 'warn' }, { loop_guard: 'block' }, { loop_guard: 'off' },
  { trust_mode: 'trusted', owner_password: 'a password' },
  { trust_mode: 'trusted', require_identity: true },
];
for (const body of accepted) {
  test(`accepted: ${JSON.stringify(body).slice(0, 70)}`, async () => {
    const channel = ok(await create(body));
    const info = ok(await hub.get(`/api/channels/${channel.channel_id}`));
    for (const [field, value] of Object.entries(body)) {
      if (field === 'owner_password') {
        assert.equal(channel.owner_password, value);
        assert.equal(info.has_owner_password, true);
      } else if (field in channel) {
        assert.equal(channel[field], value);
      }
    }
  });
}

const refused = [
  ['retention', 'forever'], ['retention', 1], ['retention', true],
  ['trust_mode', 'very'], ['trust_mode', false],
  ['require_identity', 'yes'], ['require_identity', 1],
  ['owner_password', 'short'], ['owner_password', 'x'.repeat(129)], ['owner_password', 123456],
  ['owner_password', '  five5  '],
  ['session_ttl_seconds', 0], ['session_ttl_seconds', -1], ['session_ttl_seconds', 86401],
  ['session_ttl_seconds', '1800'], ['session_ttl_seconds', {}],
  ['durable', 'true'], ['durable', 0],
  ['ring_size', 9], ['ring_size', 10001], ['ring_size', '100'], ['ring_size', -1],
  ['on_collision', 'fight'], ['on_collision', 5],
  ['loop_guard', 'maybe'], ['loop_guard', []],
];
for (const [field, value] of refused) {
  test(`refused, naming the field: ${field} = ${JSON.stringify(value).slice(0, 40)}`, async () => {
    assertInvalid(await create({ [field]: value }), field);
  });
}

test('null counts as absent, for every field', async () => {
  const channel = ok(await create({
    retention: null, trust_mode: null, require_identity: null, owner_password: null,
    session_ttl_seconds: null, durable: null, ring_size: null, on_collision: null, loop_guard: null,
  }));
  assert.equal(channel.retention, 'none');
  assert.equal(channel.session_ttl_seconds, 1800);
});

test('an empty owner password is no password', async () => {
  assert.equal(ok(await create({ owner_password: '' })).has_owner_password, false);
});

test('the owner password is trimmed before its length counts', async () => {
  const channel = await createChannel(hub, { owner_password: '  secret  ' });
  const member = await channel.join('ann', { owner_password: 'secret' });
  assert.equal(member.joined.human_authorized, true);
});

test('trusted needs require_identity or an owner password, and the refusal says so', async () => {
  const error = assertInvalid(await create({ trust_mode: 'trusted' }));
  assert.match(`${error.error} ${error.hint ?? ''}`, /require_identity/);
  assert.match(`${error.error} ${error.hint ?? ''}`, /owner_password/);
});

test('a body is JSON whatever its content type says', async () => {
  for (const type of ['application/x-www-form-urlencoded', 'text/plain', 'multipart/form-data']) {
    const answer = await create('{"retention":"metadata"}', { 'Content-Type': type });
    assert.equal(ok(answer).retention, 'metadata');
  }
});

test('an empty body is an empty object', async () => {
  ok(await hub.request({ method: 'POST', path: '/api/channels' }));
  ok(await hub.post('/api/channels', ''));
});

for (const body of ['[]', '"text"', '17', 'null', 'true', 'not json', '{"retention":', '{"a":1}}', '{a:1}']) {
  test(`a body that is no JSON object is refused and says at which byte: ${body}`, async () => {
    assertError(await create(body), 400, 'invalid', /byte/i);
  });
}

test('an account session that does not exist is not silently ignored', async () => {
  assertError(await create({}, { Authorization: 'Bearer no-such-session' }), 401, 'unauthorized');
});

test('the page of a channel needs no credential and lists its calls', async () => {
  const channel = await createChannel(hub, { retention: 'metadata' });
  await channel.join('ann');
  const info = await channel.info();
  assert.equal(info.channel_id, channel.id);
  assert.equal(info.exists, true);
  assert.equal(info.retention, 'metadata');
  assert.equal(info.trust_mode, 'untrusted');
  assert.equal(info.require_identity, false);
  assert.equal(info.has_owner_password, false);
  assert.equal(info.session_ttl_seconds, 1800);
  assert.equal(info.is_band, false);
  assert.equal(info.agent_count, 1);
  assert.ok(info.auth && info.docs);
  for (const call of ['join', 'send', 'listen', 'roster', 'history', 'leave', 'keepalive', 'stats', 'transcript']) {
    assert.match(info.endpoints[call], new RegExp(`^(GET|POST) ${hub.url}/api/channels/${channel.id}/${call}`));
  }
  assert.ok(!JSON.stringify(info).includes(channel.token), 'the token is nobody else\'s business');
});

test('a channel that does not exist is 404 with a hint how to make one', async () => {
  const error = assertError(await hub.get('/api/channels/no-such-0000'), 404, 'not_found');
  assert.match(error.hint, /\/api\/channels/);
});

test('the bands general, help and random always exist', async () => {
  const { bands } = ok(await hub.get('/api/bands'));
  assert.deepEqual(bands.map(({ name }) => name).sort(), ['general', 'help', 'random']);
  for (const each of bands) {
    assert.equal(typeof each.description, 'string');
    assert.equal(each.agent_count, 0);
    assert.ok(each.join_url.startsWith(hub.url) && each.join_url.includes(each.name));
    assert.deepEqual(each.mcp_args, { channel_id: each.name, token: 'public' });
  }
});

test('a band is a channel that needs no token', async () => {
  const info = ok(await hub.get('/api/channels/general'));
  assert.equal(info.is_band, true);
  ok(await hub.get('/api/channels/general/stats'));
  ok(await hub.get('/api/channels/general/stats', { Authorization: 'Bearer anything' }));
});

const calls = [
  ['POST', 'join'], ['POST', 'keepalive'], ['POST', 'leave'], ['POST', 'send'], ['GET', 'listen'],
  ['GET', 'wait'], ['GET', 'stream'], ['GET', 'roster'], ['GET', 'history'], ['GET', 'stats'],
  ['GET', 'transcript'], ['GET', 'messages/1'],
];
for (const [method, call] of calls) {
  test(`${method} ${call} refuses a missing and a wrong token, and an unknown channel`, async () => {
    const channel = await createChannel(hub, { retention: 'full' });
    const { session } = await channel.join('ann');
    assertError(await channel.call(method, call, { session, token: null }), 401, 'unauthorized');
    assertError(await channel.call(method, call, { session, token: 'wrong' }), 401, 'unauthorized');
    const other = await createChannel(hub);
    assertError(await channel.call(method, call, { session, token: other.token }), 401, 'unauthorized');
    const unknown = await hub.request({ method, path: `/api/channels/no-such-0000/${call}`,
      headers: channel.headers({ session }) });
    assertError(unknown, 404, 'not_found');
  });
}

for (const [method, call] of calls.filter(([, name]) => !['join', 'roster', 'history', 'stats', 'transcript'].includes(name))) {
  test(`${method} ${call} without X-Session-Id is 400 invalid`, async () => {
    const channel = await createChannel(hub);
    const body = call === 'send' ? { message: 'hello' } : undefined;
    assertError(await channel.call(method, call, { body }), 400, 'invalid', /X-Session-Id/i);
  });
}

test('the scheme of the Authorization header may be in any case', async () => {
  const channel = await createChannel(hub);
  for (const scheme of ['bearer', 'BEARER', 'Bearer']) {
    ok(await hub.get(channel.path('stats'), { Authorization: `${scheme} ${channel.token}` }));
  }
});

test('stats tell of a channel to whoever holds its token', async () => {
  const channel = await createChannel(hub, { retention: 'metadata', session_ttl_seconds: 77 });
  const before = await channel.stats();
  assert.equal(before.first_joined_at, null);
  assert.equal(before.message_count_in_buffer, 0);
  const [ann, bob] = await channel.joinAll('ann', 'bob');
  await ann.send('all', 'one');
  await bob.leave();
  const stats = await channel.stats();
  assert.equal(stats.channel_id, channel.id);
  assert.equal(stats.retention, 'metadata');
  assert.equal(stats.trust_mode, 'untrusted');
  assert.equal(stats.has_owner_password, false);
  assert.equal(stats.session_ttl_seconds, 77);
  assert.equal(stats.is_band, false);
  assert.equal(stats.agent_count, 1);
  assert.equal(stats.historic_callsigns_count, 2);
  assert.equal(stats.message_count_in_buffer, 1);
  assert.ok(Math.abs(stats.first_joined_at - Date.now()) < 60_000);
  assert.ok(stats.last_activity_at >= stats.first_joined_at);
});
