// "Nothing is lost to a dead connection": when does a message count as handed over?

import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { createChannel } from './support/channel.mjs';
import { startHub, until } from './support/hub.mjs';
import { RawConnection } from './support/raw.mjs';
import { canMakeNamespaces, Network } from './support/system.mjs';

const hub = await startHub();
after(() => hub.stop());

async function pair(body = {}) {
  const channel = await createChannel(hub, { loop_guard: 'off', ...body });
  return channel.joinAll('ann', 'bob');
}
function get(connection, member, call) {
  connection.send('GET', member.channel.path(call), { headers: member.channel.headers({ session: member.session }) });
}
const untilClosed = (before) => until(async () => (await hub.metric('connections_closed_total')) > before, 'the hub to notice');

test('an answer that was read counts as handed over', async () => {
  const [ann, bob] = await pair();
  await ann.send('bob', 'one');
  const connection = await RawConnection.to(hub);
  get(connection, bob, 'listen?timeout=0');
  assert.equal((await connection.answer()).json.messages.length, 1);
  connection.close();
  assert.deepEqual(await bob.pending(), []);
});

test('a poll whose connection was reset before a message came consumes nothing', async () => {
  const [ann, bob] = await pair();
  const connection = await RawConnection.to(hub);
  get(connection, bob, 'listen?timeout=30');
  await hub.untilPolls(1);
  connection.reset();
  const { id } = await ann.send('bob', 'still here');
  const { messages } = await bob.listen();
  assert.deepEqual(messages.map((message) => message.id), [id]);
});

test('a poll whose client closed before a message came consumes nothing', async () => {
  const [ann, bob] = await pair();
  const connection = await RawConnection.to(hub);
  get(connection, bob, 'listen?timeout=30');
  await hub.untilPolls(1);
  connection.close();
  const { id } = await ann.send('bob', 'still here');
  const { messages } = await bob.listen();
  assert.deepEqual(messages.map((message) => message.id), [id]);
});

// More than a receiver that does not read lets in, so that the last byte cannot have arrived.
async function sendMuch(ann) {
  const text = '\u{1F600}'.repeat(8192);
  const ids = [];
  for (let i = 0; i < 96; ++i) ids.push((await ann.send('bob', text)).id);
  return ids;
}

async function allPending(bob) {
  const ids = [];
  for (let more = true; more;) {
    const answer = await bob.listen();
    ids.push(...answer.messages.map(({ id }) => id));
    more = answer.more === true;
  }
  return ids;
}

test('an answer cut before its last byte arrived is pending again, under the same ids', async () => {
  const [ann, bob] = await pair({ ring_size: 1000 });
  const ids = await sendMuch(ann);
  const connection = await RawConnection.to(hub);
  connection.stopReading();
  const before = await hub.metric('connections_closed_total');
  const delivered = await hub.metric('deliveries_total');
  get(connection, bob, 'listen?timeout=0');
  await until(async () => (await hub.metric('deliveries_total')) > delivered, 'the answer to be written');
  connection.reset();
  await untilClosed(before);
  assert.deepEqual(await allPending(bob), ids);
});

test('an answer that nobody reads is judged when the callsign next receives', async () => {
  const [ann, bob] = await pair({ ring_size: 1000 });
  const ids = await sendMuch(ann);
  const connection = await RawConnection.to(hub);
  connection.stopReading();
  const delivered = await hub.metric('deliveries_total');
  get(connection, bob, 'listen?timeout=0');
  await until(async () => (await hub.metric('deliveries_total')) > delivered, 'the answer to be written');
  assert.deepEqual(await allPending(bob), ids, 'the connection is still open');
  connection.close();
});

test('a stream cut by a reset: what did not arrive is pending again', async () => {
  const [ann, bob] = await pair({ ring_size: 1000 });
  const connection = await RawConnection.to(hub);
  get(connection, bob, 'stream');
  await connection.untilReceived('event: hello');
  connection.stopReading();
  const ids = await sendMuch(ann);
  const before = await hub.metric('connections_closed_total');
  connection.reset();
  await untilClosed(before);
  const pending = await allPending(bob);
  assert.ok(pending.length > 0, 'the end of the stream cannot have arrived');
  assert.deepEqual(pending, ids.slice(-pending.length), 'the rest, without holes');
});

test('the next request on the same connection confirms the answer before it', async () => {
  const [ann, bob] = await pair();
  const { id } = await ann.send('bob', 'one');
  const connection = await RawConnection.to(hub);
  get(connection, bob, 'listen?timeout=0');
  await connection.answer();
  get(connection, bob, 'roster');
  await connection.answer();
  assert.equal(await ann.receipt(id, 'bob'), 'confirmed');
  connection.close();
});

test('without a later request an answer that arrived is delivered, not confirmed', async () => {
  const [ann, bob] = await pair();
  const { id } = await ann.send('bob', 'one');
  assert.equal(await ann.receipt(id, 'bob'), 'queued');
  const connection = await RawConnection.to(hub);
  get(connection, bob, 'listen?timeout=0');
  await connection.answer();
  connection.close();
  await until(async () => (await ann.receipt(id, 'bob')) === 'delivered', 'the receipt');
});

test('a client that half-closes after its request still gets what is pending', async () => {
  const [ann, bob] = await pair();
  await ann.send('bob', 'one');
  const connection = await RawConnection.to(hub);
  get(connection, bob, 'listen?timeout=5');
  connection.halfClose();
  const answer = await connection.answer();
  assert.equal(answer.json.messages.length, 1);
  await connection.untilClosed();
});

test('a half-closed poll that waits loses nothing', async () => {
  const [ann, bob] = await pair();
  const connection = await RawConnection.to(hub);
  get(connection, bob, 'listen?timeout=20');
  await hub.untilPolls(1);
  connection.halfClose();
  const { id } = await ann.send('bob', 'one');
  const first = /"id":(\d+)/.exec(await connection.untilClosed().catch(() => ''));
  const { messages } = await bob.listen();
  const received = [...(first ? [Number(first[1])] : []), ...messages.map((message) => message.id)];
  assert.deepEqual(received, [id], 'exactly once');
});

test('a poll that is superseded hands its turn over without losing a message', async () => {
  const [ann, bob] = await pair();
  const seen = [];
  let last = 0;
  // Senders and superseding polls race; every message must come once, in order.
  const sending = (async () => {
    for (let i = 0; i < 100; ++i) last = (await ann.send('bob', `m${i}`)).id;
  })();
  const collect = (answer) => seen.push(...answer.messages);
  while (seen.length < 100) {
    const [a, b] = await Promise.all([bob.listen({ timeout: 2 }), bob.listen({ timeout: 2 })]);
    collect(a);
    collect(b);
  }
  await sending;
  assert.equal(last, Math.max(...seen.map(({ id }) => id)));
  assert.equal(new Set(seen.map(({ id }) => id)).size, 100, 'each once');
  assert.equal(seen.length, 100);
});

const root = canMakeNamespaces();
test('a network that swallows packets loses no message', { skip: root ? false : 'needs root and ip netns' }, async (t) => {
  const network = new Network();
  t.after(() => network.remove());
  const inside = await startHub({ host: '0.0.0.0', args: ['--insecure-open'], wrap: network.wrap,
    address: network.second.hub, adminToken: 'admin-token-of-the-test' });
  t.after(() => inside.stop());
  const channel = await createChannel(inside, { loop_guard: 'off' });
  const [ann, bob, cid] = await channel.joinAll('ann', 'bob', 'cid');

  await t.test('a parked poll is answered into the void: the next reader gets the message', async () => {
    const lost = await RawConnection.to(inside, { address: network.first.hub });
    get(lost, bob, 'listen?timeout=60');
    const stream = await RawConnection.to(inside, { address: network.first.hub });
    get(stream, cid, 'stream');
    await stream.untilReceived('event: hello');
    await inside.untilPolls(1);
    await inside.untilStreams(1);
    network.cut(network.first);
    const direct = await ann.send('bob', 'into the void');
    const broadcast = await ann.send('all', 'for everybody');
    assert.equal(lost.received.length, 0);
    assert.equal(await ann.receipt(direct.id, 'bob'), 'queued');
    const { messages } = await bob.listen();
    assert.deepEqual(messages.map(({ id }) => id), [direct.id, broadcast.id]);
    assert.deepEqual((await cid.listen()).messages.map(({ id }) => id), [broadcast.id]);
    assert.deepEqual(await bob.pending(), [], 'handed over now');
    assert.deepEqual(await cid.pending(), []);
    lost.close();
    stream.close();
  });
});
