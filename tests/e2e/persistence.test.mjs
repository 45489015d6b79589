// What survives kill -9, what must not, and what never touches the disk.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test, { after } from 'node:test';
import { band, Channel, createChannel, Member } from './support/channel.mjs';
import { assertError, ok } from './support/http.mjs';
import { startHub, until } from './support/hub.mjs';

const hub = await startHub();
after(() => hub.stop());

const second = () => new Promise((resolve) => setTimeout(resolve, 1_300));

test('a durable channel comes back whole after kill -9', async () => {
  const channel = await createChannel(hub, { retention: 'full', owner_password: 'open sesame', ring_size: 20, loop_guard: 'off' });
  const [ann, bob] = await channel.joinAll('ann', 'bob');
  const read = await ann.send('bob', 'read before the crash');
  assert.deepEqual(await bob.pending(), ['read before the crash']);
  await bob.listen({ timeout: 0, ack: read.id });
  const unread = await ann.send('bob', 'unread', { priority: 'high', suggested_replies: ['ok'], client_id: 'k1',
    attachments: [{ mime: 'image/png', data_base64: 'aGVsbG8=', filename: 'a.png' }] });
  const answer = await bob.send('ann', 'an answer', { reply_to: read.id });
  const broadcast = await ann.send('all', 'for everybody');
  const before = { transcript: await channel.transcript(), history: await bob.history() };
  await second();  // cursors reach the disk within a second

  await hub.restart();

  assert.deepEqual(await bob.keepalive(), { ok: true }, 'the session is the same');
  assert.deepEqual((await ann.roster()).roster, ['ann', 'bob']);
  const { messages } = await bob.listen();
  assert.deepEqual(messages.map(({ id }) => id), [unread.id, broadcast.id], 'each once, under the same id');
  assert.equal(messages[0].attachments[0].data_base64, 'aGVsbG8=');
  assert.equal(messages[0].priority, 'high');
  assert.equal(await ann.receipt(read.id, 'bob'), 'answered');
  assert.equal((await ann.pending()).length, 1);
  assert.deepEqual(await bob.history(), before.history);
  assert.deepEqual(await channel.transcript(), before.transcript);
  assert.equal((await ann.send('bob', 'unread', { priority: 'high', suggested_replies: ['ok'], client_id: 'k1',
    attachments: [{ mime: 'image/png', data_base64: 'aGVsbG8=', filename: 'a.png' }] })).duplicate, true);
  const later = await ann.send('bob', 'after');
  assert.ok(later.id > broadcast.id && later.id > answer.id);
  assert.equal((await channel.join('cid', { owner_password: 'open sesame' })).joined.human_authorized, true);
});

test('what was handed out and is unconfirmed may come again after a crash, but only under the same id', async () => {
  const channel = await createChannel(hub, { durable: true });
  const [ann, bob] = await channel.joinAll('ann', 'bob');
  const { id } = await ann.send('bob', 'one');
  await bob.listen();
  await hub.restart();
  const { messages } = await bob.listen();
  assert.ok(messages.length <= 1);
  for (const message of messages) assert.equal(message.id, id);
});

test('an acknowledged session, rename and leave survive', async () => {
  const channel = await createChannel(hub, { durable: true });
  const [ann, bob, cid] = await channel.joinAll('ann', 'bob', 'cid');
  await channel.join('anna', {}, { session: ann.session });
  await cid.leave();
  await hub.restart();
  assert.deepEqual((await bob.roster()).roster, ['anna', 'bob']);
  assert.equal((await bob.roster()).roster_with_index[0].callsign, 'anna');
  assertError(await cid.call('POST', 'keepalive'), 410, 'session_expired');
  await ann.keepalive();
});

test('a gap is still told after a restart', async () => {
  const channel = await createChannel(hub, { durable: true, ring_size: 10 });
  const [ann, bob] = await channel.joinAll('ann', 'bob');
  const first = await ann.send('all', 'first');
  for (let i = 0; i < 20; ++i) await ann.send('all', `m${i}`);
  await hub.restart();
  const answer = await bob.listen({ timeout: 0, since: first.id });
  assert.equal(answer.messages.length, 10);
  assert.ok([10, null].includes(answer.gap.dropped), 'how many, where it is still known');
  assert.equal(answer.gap.oldest_id, answer.messages[0].id);
});

test('a channel that is not durable keeps its name, token and options, and tells what was in memory', async () => {
  const channel = await createChannel(hub, { retention: 'metadata', session_ttl_seconds: 99, owner_password: 'open sesame', on_collision: 'reject' });
  const [ann, bob] = await channel.joinAll('ann', 'bob');
  const sent = await ann.send('bob', 'in memory');
  await hub.restart();
  const info = await channel.info();
  assert.equal(info.retention, 'metadata');
  assert.equal(info.session_ttl_seconds, 99);
  assert.equal(info.has_owner_password, true);
  assertError(await bob.tryListen({ timeout: 0 }), 400, 'not_joined');
  const [again] = [await channel.join('bob')];
  assertError(await channel.tryJoin({ callsign: 'bob' }), 409, 'callsign_taken');
  const other = await channel.join('ann');
  const later = await other.send('all', 'later');
  assert.ok(later.id > sent.id, 'ids rise across restarts');
  const answer = await again.listen({ timeout: 0, since: sent.id - 1 });
  assert.deepEqual(answer.messages.map(({ id }) => id), [later.id]);
  assert.deepEqual(answer.gap, { dropped: null, oldest_id: later.id });
});

test('whoever joins a channel in memory after a restart is told once that messages may be gone', async () => {
  const used = await createChannel(hub);
  const unused = await createChannel(hub);
  const [ann] = await used.joinAll('ann', 'bob');
  await ann.send('bob', 'needle-in-memory');
  const talk = band(hub, 'help');
  await talk.join('bob-on-the-band');
  const quiet = band(hub, 'random');
  await hub.restart();
  assert.equal(filesWith('needle-in-memory').length, 0);
  assert.equal(filesWith('bob-on-the-band').length, 0);
  for (const channel of [used, talk]) {
    for (const more of [{}, { ack: 'explicit' }]) {
      const bob = await channel.join(`bob-${more.ack ?? 'plain'}`, more);
      const told = await bob.listen({ timeout: 0 });
      assert.deepEqual([told.messages, told.gap], [[], { dropped: null, oldest_id: null }]);
      assert.equal((await bob.listen({ timeout: 0 })).gap, undefined, 'once');
    }
    const cid = await channel.join('cid');
    const later = await (await channel.join('dan')).send('cid', 'later');
    const answer = await cid.listen({ timeout: 0 });
    assert.deepEqual(answer.messages.map(({ id }) => id), [later.id]);
    assert.deepEqual(answer.gap, { dropped: null, oldest_id: later.id });
    const stream = await (await channel.join('eve')).stream();
    assert.equal((await stream.next('gap')).data.dropped, null);
    stream.close();
  }
  for (const channel of [unused, quiet]) {
    const eve = await channel.join('eve');
    assert.deepEqual(await eve.listen({ timeout: 0 }), { messages: [], timed_out: true });
  }
});

test('prompts keeps the first message of an agent only, also across a restart', async () => {
  const channel = await createChannel(hub, { retention: 'prompts' });
  await (await channel.join('ann')).send('all', 'the first');
  hub.signal('SIGTERM');
  await hub.exited;
  await hub.start();
  const ann = await channel.join('ann');
  await ann.send('all', 'the second');
  await (await channel.join('bob')).send('all', 'first of bob');
  const { events } = await channel.transcript();
  const texts = events.filter(({ type }) => type === 'message').map(({ text }) => text);
  assert.deepEqual(texts, ['the first', 'first of bob']);
});

test('a status leaves nothing on the disk of a durable channel', async () => {
  const channel = await createChannel(hub, { retention: 'full' });
  const [ann, bob] = await channel.joinAll('ann', 'bob');
  const stream = await bob.stream();
  await ann.send('all', 'status-zzyzx-needle', { kind: 'status' });
  await stream.next('message');
  await ann.send('all', 'marker');
  stream.close();
  assert.equal(filesWith('status-zzyzx-needle').length, 0);
});

function filesWith(text) {
  const needle = Buffer.from(text);
  const found = [];
  for (const entry of fs.readdirSync(hub.dataDir, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath ?? entry.path, entry.name);
    if (fs.readFileSync(file).includes(needle)) found.push(file);
  }
  return found;
}

test('a channel with retention none leaves no message, callsign, session or token on disk', async () => {
  const channel = await createChannel(hub, { owner_password: 'needle-password' });
  const ann = await channel.join('needle-ann', { intro: 'needle-intro', owner_password: 'needle-password' });
  const bob = await channel.join('needle-bob', {}, { session: 'needle-session-id' });
  const stream = await bob.stream();
  await ann.send('needle-bob', 'needle-text-direct', { client_id: 'needle-client', suggested_replies: ['needle-reply'] });
  const { id } = await ann.send('all', 'needle-text-broadcast');
  await stream.messagesThrough(id);
  stream.close();
  await bob.listen({ timeout: 0, ack: id });
  await bob.leave();
  await second();
  const look = () => {
    for (const needle of ['needle-', channel.token, ann.session]) assert.deepEqual(filesWith(needle), [], needle);
    assert.ok(filesWith(channel.id).length > 0, 'the channel itself is there');
  };
  look();
  await hub.restart();
  look();
});

test('metadata keeps names and sizes, never text', async () => {
  const channel = await createChannel(hub, { retention: 'metadata' });
  const [ann] = await channel.joinAll('needle2-ann', 'needle2-bob');
  await ann.send('needle2-bob', 'needle2-text', { suggested_replies: ['needle2-reply'] });
  assert.ok(filesWith('needle2-ann').length > 0);
  assert.deepEqual(filesWith('needle2-text'), []);
  assert.deepEqual(filesWith('needle2-reply'), []);
});

test('text of a durable channel without full retention is gone from the files after it left the ring', async () => {
  const channel = await createChannel(hub, { retention: 'none', durable: true, ring_size: 10 });
  const ann = await channel.join('ann');
  await ann.send('all', 'needle3-text-that-leaves');
  assert.ok(filesWith('needle3-text-that-leaves').length > 0, 'it lies on disk while it is in the ring');
  for (let i = 0; i < 20; ++i) await ann.send('all', `m${i}`);
  await until(async () => {
    await ann.send('all', 'more');
    return filesWith('needle3-text-that-leaves').length === 0;
  }, 'the text to be overwritten', 30_000);
});

test('the data directory and its files are for their owner only', async () => {
  await createChannel(hub);
  assert.equal(fs.statSync(hub.dataDir).mode & 0o077, 0);
  for (const entry of fs.readdirSync(hub.dataDir, { recursive: true })) {
    const mode = fs.statSync(path.join(hub.dataDir, entry)).mode;
    assert.equal(mode & 0o077, 0, `${entry} has mode ${(mode & 0o777).toString(8)}`);
  }
});

test('many messages on many durable channels are all there, once and in order', async () => {
  const rooms = [];
  for (let i = 0; i < 8; ++i) {
    const channel = await createChannel(hub, { durable: true, ring_size: 200, loop_guard: 'off' });
    const [ann, bob] = await channel.joinAll('ann', 'bob');
    rooms.push({ ann, bob, sent: [] });
  }
  await Promise.all(rooms.map(async ({ ann, sent }) => {
    for (let i = 0; i < 50; ++i) sent.push((await ann.send('bob', `m${i}`)).id);
  }));
  await hub.restart();
  for (const { bob, sent } of rooms) {
    const { messages } = await bob.listen();
    assert.deepEqual(messages.map(({ id }) => id), sent);
    assert.deepEqual(messages.map(({ text }) => text), sent.map((_, i) => `m${i}`));
  }
});

test('a channel is found again by a new client that only has id and token', async () => {
  const created = ok(await hub.post('/api/channels', { retention: 'full' }));
  await hub.restart();
  const channel = new Channel(hub, created);
  const member = await channel.join('ann');
  assert.ok(member instanceof Member);
});
