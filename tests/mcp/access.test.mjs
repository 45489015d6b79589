// Who may use the endpoints, from where, and how often: Host and Origin, bearers, guesses, bounds on
// sessions; and what a browser or curl is shown that comes without speaking the protocol.

import assert from 'node:assert/strict';
import http from 'node:http';
import test, { after } from 'node:test';
import { band, createChannel } from '../e2e/support/channel.mjs';
import { startHub } from '../e2e/support/hub.mjs';
import { kAccept, Legacy, Modern, resourceUri } from './support/rpc.mjs';

const kHubToken = 'hub-token-for-tests-0123456789';
const hub = await startHub();
const named = await startHub({ args: ['--origin', 'https://hub.example'] });
const guarded = await startHub({ args: ['--token', kHubToken] });
after(async () => { for (const one of [hub, named, guarded]) await one.stop(); });

const bearer = (token) => ({ Authorization: `Bearer ${token}` });
const listTools = { jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} };

// Asks for the list of tools as a newer client does: no session, so every answer is about access.
function ask(where, path, headers = {}) {
  const modern = new Modern(where, { path });
  const message = modern.message('tools/list', {}, 1);
  return modern.exchange('POST', message, { ...modern.headersFor(message), ...headers });
}

for (const path of ['/mcp', 'channel']) {
  test(`a foreign Host or Origin is 403 for every method, at ${path}`, async () => {
    const where = path === '/mcp' ? path : `/mcp/${(await createChannel(hub)).id}`;
    const session = await Legacy.open(hub, { path: where });
    for (const [method, body, accept] of [['POST', listTools, kAccept], ['GET', undefined, 'text/event-stream'],
      ['GET', undefined, 'text/html'], ['DELETE', undefined, kAccept]]) {
      for (const foreign of [{ Origin: 'https://evil.example' }, { Origin: 'null' }, { Host: 'evil.example' },
        { Host: `evil.example:${hub.port}`, Origin: 'http://evil.example' }, { Origin: 'http://127.0.0.1:1' }]) {
        const answer = await session.exchange(method, body, { ...session.headersFor(), Accept: accept, ...foreign });
        assert.equal(answer.status, 403, `${method} ${JSON.stringify(foreign)}: ${answer.status} ${answer.text}`);
      }
    }
    // None of them has ended the session.
    assert.deepEqual(await session.result('ping'), {});
  });
}

test('a client on this machine, and the hub\'s own pages, are let in', async () => {
  for (const headers of [{}, { Origin: hub.url }, { Host: `localhost:${hub.port}` },
    { Host: 'localhost', Origin: 'http://localhost' }]) {
    assert.equal((await ask(hub, '/mcp', headers)).status, 200, JSON.stringify(headers));
  }
});

test('a channel\'s endpoint needs no bearer on loopback, and no wrong one', async () => {
  const channel = await createChannel(hub);
  const path = `/mcp/${channel.id}`;
  assert.equal((await ask(hub, path)).status, 200);
  assert.equal((await ask(hub, path, bearer(channel.token))).status, 200);
  assert.equal((await ask(hub, path, bearer('wrong'))).status, 401);
  const other = await createChannel(hub);
  assert.equal((await ask(hub, path, bearer(other.token))).status, 401);
});

test('behind a proxy, or with a public origin, it needs the bearer', async () => {
  const channel = await createChannel(hub);
  for (const forwarded of [{ 'X-Forwarded-For': '198.51.100.7' }, { 'X-Forwarded-Proto': 'https' },
    { 'X-Forwarded-Host': 'localhost' }, { Forwarded: 'for=198.51.100.7' }]) {
    const answer = await ask(hub, `/mcp/${channel.id}`, forwarded);
    assert.equal(answer.status, 401, JSON.stringify(forwarded));
    assert.match(answer.headers['www-authenticate'] ?? '', /Bearer/);
    assert.equal((await ask(hub, `/mcp/${channel.id}`, { ...forwarded, ...bearer(channel.token) })).status, 200);
  }
  const there = await createChannel(named);
  const Host = 'hub.example';
  for (const headers of [{ Host }, {}]) {
    assert.equal((await ask(named, `/mcp/${there.id}`, headers)).status, 401, JSON.stringify(headers));
    assert.equal((await ask(named, `/mcp/${there.id}`, { ...headers, ...bearer(there.token) })).status, 200);
  }
});

test('a join at the endpoint needs no token, and gets nobody into another channel', async () => {
  const channel = await createChannel(hub);
  const other = await createChannel(hub);
  const agent = new Modern(hub, { path: `/mcp/${channel.id}` });
  await agent.join(channel, 'ann');
  const away = await agent.tool('send', { channel_id: other.id, message: 'x' });
  assert.ok(away.isError, away.text);
  assert.deepEqual((await (await other.join('bob')).history()).length, 0);
});

test('a hub with a token asks for it at /mcp, and a channel takes either', async () => {
  const channel = await createChannel({ ...clientWith(guarded, bearer(kHubToken)) });
  assert.equal((await ask(guarded, '/mcp')).status, 401);
  assert.equal((await ask(guarded, '/mcp', bearer('wrong'))).status, 401);
  assert.equal((await ask(guarded, '/mcp', bearer(channel.token))).status, 401);
  assert.equal((await ask(guarded, '/mcp', bearer(kHubToken))).status, 200);
  assert.equal((await ask(guarded, '/mcp', { 'X-Hub-Token': kHubToken })).status, 200);
  for (const token of [kHubToken, channel.token]) {
    assert.equal((await ask(guarded, `/mcp/${channel.id}`, bearer(token))).status, 200);
  }
  assert.equal((await ask(guarded, `/mcp/${channel.id}`, bearer('wrong'))).status, 401);
});

function clientWith(where, headers) {
  return { url: where.url, post: (path, body) => where.post(path, body, headers) };
}

test('guesses are limited by address', async () => {
  const channel = await createChannel(hub);
  const from = (address) => ({ 'X-Forwarded-For': address });
  for (let i = 0; i < 10; i++) {
    assert.equal((await ask(hub, `/mcp/${channel.id}`, { ...from('198.51.100.20'), ...bearer(`wrong${i}`) })).status, 401);
  }
  const limited = await ask(hub, `/mcp/${channel.id}`, { ...from('198.51.100.20'), ...bearer('wrong') });
  assert.equal(limited.status, 429);
  assert.ok(Number(limited.headers['retry-after']) >= 1);
  assert.equal((await ask(hub, `/mcp/${channel.id}`, { ...from('198.51.100.21'), ...bearer('wrong') })).status, 401);
});

test('guesses of tokens and handles through tools are limited, too', async () => {
  const channel = await createChannel(hub);
  const headers = { 'X-Forwarded-For': '198.51.100.30' };
  const agent = new Modern(hub, { headers });
  let limited = 0;
  for (let i = 0; i < 12; i++) {
    const answer = await agent.tool('join', { channel_id: channel.id, token: `wrong${i}`, callsign: 'ann' });
    assert.ok(answer.isError);
    if (/limit|too many|wait|second/i.test(answer.text)) limited += 1;
  }
  assert.ok(limited >= 1 && limited <= 3, `${limited} of 12 were told to wait`);
});

test('an id that a REST client has made up is no handle without the token', async () => {
  const channel = await createChannel(hub);
  await channel.join('ann', {}, { session: 'password1' });
  const agent = new Modern(hub);
  const answer = await agent.tool('history', { channel_id: channel.id, session: 'password1' });
  assert.ok(answer.isError, answer.text);
  const trusted = new Modern(hub, { headers: bearer(channel.token) });
  await trusted.use('history', { channel_id: channel.id, session: 'password1' });
});

test('nobody reads or watches an inbox by an id that can be guessed', async () => {
  const channel = await createChannel(hub);
  const ann = await channel.join('ann', {}, { session: 'password2' });
  const bob = await channel.join('bob');
  await bob.send('ann', 'for ann alone');
  const uri = resourceUri(channel, 'inbox', ann.session);
  const agent = new Modern(hub);
  assert.equal((await agent.error('resources/read', { uri })).code, -32602);
  const { stream } = await agent.open('subscriptions/listen', { notifications: { resourceSubscriptions: [uri] } });
  const first = await stream.until(() => stream.messages[0], 'the first message');
  assert.deepEqual(first.params?.notifications?.resourceSubscriptions ?? [], []);
  stream.close();
  const legacy = await Legacy.open(hub);
  await legacy.error('resources/subscribe', { uri });
});

test('a handle is of its channel', async () => {
  const [one, other] = [await createChannel(hub), await createChannel(hub)];
  const agent = new Modern(hub);
  const { data } = await agent.join(one, 'ann');
  const answer = await new Modern(hub).tool('history', { channel_id: other.id, session: data.session_id });
  assert.ok(answer.isError, answer.text);
});

test('a band needs no token', async () => {
  const agent = new Modern(hub);
  const { data } = await agent.use('join', { channel_id: 'general', callsign: 'ann' });
  const handles = { channel_id: 'general', session: data.session_id };
  const bob = await band(hub, 'general').join('bob');
  await agent.use('send', { ...handles, to: 'bob', message: 'hello' });
  assert.deepEqual(await bob.pending(), ['hello']);
});

test('an address has 1,000 sessions, and its oldest idle one goes first', async () => {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 8 });
  const headers = { 'X-Forwarded-For': '198.51.100.40' };
  const first = await Legacy.open(hub, { agent, headers });
  const second = await Legacy.open(hub, { agent, headers });
  const elsewhere = await Legacy.open(hub, { agent, headers: { 'X-Forwarded-For': '198.51.100.41' } });
  const openSome = async (count) => {
    for (let i = 0; i < count; i++) await Legacy.open(hub, { agent, headers });
  };
  await Promise.all([200, 200, 200, 200, 198].map(openSome));
  // 1,000 are open, all of them alive. The first is used again, so the second is now the oldest.
  assert.deepEqual(await first.result('ping'), {});
  await openSome(1);
  assert.deepEqual(await first.result('ping'), {});
  const gone = await second.exchange('POST', { jsonrpc: '2.0', id: 1, method: 'ping' }, second.headersFor());
  assert.equal(gone.status, 404);
  assert.deepEqual(await elsewhere.result('ping'), {}, 'another address has its own');
  agent.destroy();
});

const kBrowser = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';

test('GET /mcp explains itself to a browser and to curl', async () => {
  for (const Accept of [kBrowser, '*/*']) {
    const answer = await hub.get('/mcp', { Accept });
    assert.equal(answer.status, 200, Accept);
    assert.match(answer.headers['content-type'], /^text\/(html|plain|markdown)/);
    assert.match(answer.text, /mcp/i);
    assert.match(answer.text, new RegExp(hub.url));
  }
});

test('GET /mcp/<id> gives a recipe, and the whole briefing to who has the bearer', async () => {
  const channel = await createChannel(hub);
  const path = `/mcp/${channel.id}`;
  for (const Accept of [kBrowser, '*/*']) {
    const recipe = await hub.get(path, { Accept });
    assert.equal(recipe.status, 200);
    assert.match(recipe.headers['content-type'], /^text\//);
    assert.match(recipe.text, new RegExp(channel.id));
    assert.ok(!recipe.text.includes(channel.token), 'a page for everybody holds no secret');
    const briefing = await hub.get(path, { Accept, ...bearer(channel.token) });
    assert.equal(briefing.status, 200);
    // As in the answer of the creation, but for the callsign that is proposed.
    const anonymous = (text) => text.replaceAll(/You are ([a-z-]+) on/.exec(text)[1], 'CALLSIGN').trim();
    assert.equal(anonymous(briefing.text), anonymous(channel.created.connect.agent_prompt));
  }
});

test('GET /mcp/<id> of no channel is 404, of JSON-only clients 405', async () => {
  const unknown = await hub.get('/mcp/no-such-0000', { Accept: '*/*' });
  assert.equal(unknown.status, 404);
  assert.match(unknown.headers['content-type'], /^text\//);
  const channel = await createChannel(hub);
  for (const path of ['/mcp', `/mcp/${channel.id}`]) {
    const answer = await hub.get(path, { Accept: 'application/json' });
    assert.equal(answer.status, 405, path);
    assert.match(answer.headers.allow, /POST/);
  }
  assert.equal((await ask(hub, '/mcp/no-such-0000')).status, 404);
});

test('neither tokens nor sessions are in the log', async () => {
  const talkative = await startHub({ args: ['--log-level', 'debug'] });
  try {
    const channel = await createChannel(talkative);
    const session = await Legacy.open(talkative, { path: `/mcp/${channel.id}`, headers: bearer(channel.token) });
    const { data } = await session.join(channel, 'ann');
    await session.use('send', { message: 'a-secret-message' });
    await new Modern(talkative).tool('history', { channel_id: channel.id, session: data.session_id });
    await session.end();
    const log = talkative.errors + talkative.output;
    for (const secret of [channel.token, session.session, data.session_id, 'a-secret-message']) {
      assert.ok(!log.includes(secret), `${secret} is in the log`);
    }
  } finally {
    await talkative.stop();
  }
});
