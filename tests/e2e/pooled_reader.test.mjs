// "Not known yet is not lost": an ordinary client pools connections, and its kernel acknowledges an
// answer when it pleases. Who reads one answer after another, on any number of healthy connections,
// gets every message once.

import assert from 'node:assert/strict';
import http from 'node:http';
import test, { after } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Modern } from '../mcp/support/rpc.mjs';
import { createChannel } from './support/channel.mjs';
import { Handle } from './support/handle.mjs';
import { startHub } from './support/hub.mjs';
import { RawConnection } from './support/raw.mjs';
import { canMakeNamespaces, Network } from './support/system.mjs';

const hub = await startHub();
after(() => hub.stop());

const kSenders = ['ann', 'ben', 'cid', 'dan'];
const kEach = 40;

// Node's own client, with the pool that it has by default.
async function fetchJson(url, { method = 'GET', headers, body } = {}) {
  const answer = await fetch(url, { method, headers, body: body && JSON.stringify(body) });
  assert.equal(answer.status, 200);
  return answer.json();
}
function fetchCall(member, call, body) {
  return fetchJson(member.channel.hub.url + member.channel.path(call), {
    method: body ? 'POST' : 'GET', headers: member.channel.headers({ session: member.session }), body });
}

// Four send, each at its own pace, beside one who reads: receive() and send(sender) give ids.
async function handedOnce(senders, send, receive, sent = []) {
  const handed = [];
  let sending = true;
  const reading = (async () => {
    for (let ids = []; sending || ids.length > 0; handed.push(...ids)) ids = await receive();
  })();
  await Promise.all(senders.map(async (sender) => {
    for (let i = 0; i < kEach; ++i) {
      sent.push(await send(sender));
      await pause(12 * Math.random());
    }
  }));
  sending = false;
  await reading;
  assert.ok(sent.length >= senders.length * kEach);
  assert.deepEqual(handed, sent.sort((a, b) => a - b), 'handed out is what was sent, in order');
}
const idsOf = ({ messages }) => messages.map(({ id }) => id);

for (const durable of [false, true]) {
  test(`fetch beside four senders: every message once, ${durable ? 'durable' : 'in memory'}`, async () => {
    const channel = await createChannel(hub, { durable, loop_guard: 'off', ring_size: 1000 });
    const bob = await channel.join('bob');
    await handedOnce(await channel.joinAll(...kSenders),
      async (sender) => (await fetchCall(sender, 'send', { to: 'bob', message: 'x' })).id,
      async () => idsOf(await fetchCall(bob, 'listen?timeout=1')));
  });
}

test('direct messages beside four senders: every one once', async () => {
  const [bob, ...senders] = await Promise.all(['bob', ...kSenders].map(() => Handle.create(hub)));
  const call = (handle, path, body) => fetchJson(`${hub.url}/api/dm${path}`, {
    method: body ? 'POST' : 'GET', headers: handle.headers(), body });
  await handedOnce(senders,
    async (sender) => (await call(sender, '', { to: bob.callsign, text: 'x' })).id,
    async () => idsOf(await call(bob, '/wait?timeout=1')));
});

test('calls of MCP on two pooled connections: every message once', async (t) => {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 2 });
  t.after(() => agent.destroy());
  const channel = await createChannel(hub, { loop_guard: 'off', ring_size: 1000 });
  const clients = [];
  for (const callsign of ['bob', ...kSenders]) {
    const client = new Modern(hub, { agent });
    await client.join(channel, callsign);
    clients.push(client);
  }
  const [bob, ...senders] = clients;
  await handedOnce(senders,
    async (sender) => (await sender.use('send', { to: 'bob', message: 'x' })).data.id,
    async () => idsOf((await bob.use('listen', { timeout_seconds: 1 })).data));
});

// After some requests the client's kernel expects a next one and lets an acknowledgement wait for it.
async function connectionThatAcknowledgesLate(member) {
  const connection = await RawConnection.to(hub);
  for (let i = 0; i < 20; ++i) await ask(connection, member, 'roster');
  return connection;
}
async function ask(connection, member, call) {
  connection.send('GET', member.channel.path(call), {
    headers: member.channel.headers({ session: member.session }) });
  return (await connection.answer()).json;
}

test('a stream that opens while an answer lies unacknowledged begins behind it', async () => {
  const channel = await createChannel(hub);
  const [ann, bob] = await channel.joinAll('ann', 'bob');
  const connection = await connectionThatAcknowledgesLate(bob);
  for (let i = 0; i < 5; ++i) {
    const first = await ann.send('bob', 'first');
    assert.deepEqual(idsOf(await ask(connection, bob, 'listen?timeout=0')), [first.id]);
    const stream = await bob.stream();
    assert.equal(stream.hello.backlog_count, 0);
    const second = await ann.send('bob', 'second');
    assert.equal((await stream.next('message')).data.id, second.id);
    stream.close();
  }
  connection.close();
});

const root = canMakeNamespaces();
test('a link that swallows packets', { skip: root ? false : 'needs root and ip netns' }, async (t) => {
  const network = new Network();
  t.after(() => network.remove());
  const inside = await startHub({ host: '0.0.0.0', args: ['--insecure-open', '--rate-send', '0'],
    wrap: network.wrap, address: network.second.hub, adminToken: 'admin-token-of-the-test' });
  t.after(() => inside.stop());
  const channel = await createChannel(inside, { loop_guard: 'off', ring_size: 1000 });
  const bob = await channel.join('bob');
  const senders = await channel.joinAll(...kSenders);

  const poll = (connection) => connection.send('GET', bob.channel.path('listen?timeout=60'), {
    headers: bob.channel.headers({ session: bob.session }) });

  await t.test('what it brought and nobody could acknowledge comes again, after a wait, and once', async () => {
    const connection = await RawConnection.to(inside, { address: network.first.hub });
    poll(connection);
    await inside.untilPolls(1);
    network.deafen(network.first);
    const { id } = await senders[0].send('bob', 'acknowledged to nobody');
    assert.deepEqual(idsOf((await connection.answer()).json), [id], 'the client has it');
    const begin = performance.now();
    assert.deepEqual(idsOf(await bob.listen()), [id]);
    assert.ok(performance.now() - begin > 250, 'the acknowledgement was waited for');
    assert.deepEqual(await bob.pending(), []);
    network.hear(network.first);
    connection.close();
  });

  await t.test('what it swallowed is not lost, and nothing else comes twice', async () => {
    const connection = await RawConnection.to(inside, { address: network.first.hub });
    poll(connection);
    await inside.untilPolls(1);
    network.cut(network.first);
    const { id } = await senders[0].send('bob', 'into the void');
    await handedOnce(senders,
      async (sender) => (await fetchCall(sender, 'send', { to: 'bob', message: 'x' })).id,
      async () => idsOf(await fetchCall(bob, 'listen?timeout=1')), [id]);
    connection.close();
  });
});
