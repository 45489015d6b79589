// Receiving by event stream: its bytes, resuming, presence, several of them.

import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { createChannel } from './support/channel.mjs';
import { assertError } from './support/http.mjs';
import { startHub } from './support/hub.mjs';
import { Stream } from './support/sse.mjs';

const hub = await startHub();
after(() => hub.stop());

async function pair(options = {}) {
  const channel = await createChannel(hub, { loop_guard: 'off', ...options });
  return channel.joinAll('ann', 'bob');
}

test('a stream begins with hello', async () => {
  const [ann, bob] = await pair();
  await ann.send('bob', 'one');
  await ann.send('all', 'two');
  const stream = await bob.stream();
  assert.match(stream.headers['content-type'], /^text\/event-stream/);
  assert.equal(stream.headers['cache-control'], 'no-store');
  assert.equal(stream.headers['x-accel-buffering'], 'no');
  assert.equal(stream.headers['x-content-type-options'], 'nosniff');
  const { hello } = stream;
  assert.equal(hello.channel_id, bob.channel.id);
  assert.equal(hello.callsign, 'bob');
  assert.deepEqual(hello.roster, ['ann', 'bob']);
  assert.equal(hello.roster_count, 2);
  assert.equal(hello.backlog_count, 2);
  stream.close();
});

test('events have exactly the bytes that old clients parse', async () => {
  const [ann, bob] = await pair();
  const before = await ann.send('bob', 'pending "quoted" \u{1F600}\nsecond line');
  const stream = await bob.stream();
  const { data } = await stream.next('message');
  assert.equal(data.id, before.id);
  assert.equal(data.text, 'pending "quoted" \u{1F600}\nsecond line');
  const after = await ann.send('all', 'live');
  await stream.next('message');
  const [hello, first, second, rest] = stream.raw.split('\n\n');
  assert.match(hello, /^event: hello\ndata: \{[^\n]*\}$/, 'no id on hello');
  assert.match(first, new RegExp(`^event: message\\ndata: \\{[^\\n]*\\}\\nid: ${before.id}$`));
  assert.match(second, new RegExp(`^event: message\\ndata: \\{[^\\n]*\\}\\nid: ${after.id}$`));
  assert.equal(rest, '');
  stream.close();
});

test('messages of a stream have the form of those of a poll', async () => {
  const [ann, bob] = await pair();
  const cid = await ann.channel.join('cid');
  const stream = await bob.stream();
  await ann.send('all', 'x', { priority: 'urgent', suggested_replies: ['a'] });
  const { data } = await stream.next('message');
  assert.deepEqual(data, (await cid.listen()).messages[0]);
  stream.close();
});

test('what a stream brought is not pending any more', async () => {
  const [ann, bob] = await pair();
  const stream = await bob.stream();
  const { id } = await ann.send('bob', 'one');
  await stream.messagesThrough(id);
  assert.deepEqual(await bob.pending(), []);
  stream.close();
});

test('since and Last-Event-ID resume a stream by id', async () => {
  const [ann, bob] = await pair();
  const ids = [];
  for (const text of ['one', 'two', 'three']) ids.push((await ann.send('bob', text)).id);
  await bob.pending();
  for (const [parameters, headers] of [[{ since: ids[0] }, {}], [{}, { 'Last-Event-ID': String(ids[0]) }]]) {
    const stream = await bob.stream(parameters, headers);
    assert.equal(stream.hello.backlog_count, 2);
    const messages = await stream.messagesThrough(ids[2]);
    assert.deepEqual(messages.map(({ text }) => text), ['two', 'three']);
    stream.close();
  }
  const all = await bob.stream({ since: '' });
  assert.equal((await all.messagesThrough(ids[2])).length, 3);
  all.close();
});

for (const [parameters, headers] of [[{ since: 'x' }, {}], [{ ack: 'x' }, {}]]) {
  test(`a stream with ${JSON.stringify({ ...parameters, ...headers })} is 400 invalid`, async () => {
    const [, bob] = await pair();
    assertError(await bob.call('GET', 'stream', { query: parameters, headers }), 400, 'invalid');
  });
}

test('presence events come only to who asks for them', async () => {
  const [ann, bob] = await pair();
  const curious = await ann.stream({ presence: 1 });
  const plain = await bob.stream();
  const cid = await ann.channel.join('cid');
  const joined = (await curious.next('presence')).data;
  assert.equal(joined.callsign, 'cid');
  await cid.leave();
  const left = (await curious.next('presence')).data;
  assert.equal(left.callsign, 'cid');
  assert.notDeepEqual(joined, left);
  const { id } = await ann.send('bob', 'marker');
  await plain.messagesThrough(id);
  assert.doesNotMatch(plain.raw, /presence/);
  curious.close();
  plain.close();
});

test('several streams of one session each get everything', async () => {
  const [ann, bob] = await pair();
  const streams = [await bob.stream(), await bob.stream(), await bob.stream()];
  const sent = [];
  for (let i = 0; i < 5; ++i) sent.push((await ann.send('bob', `m${i}`)).id);
  for (const stream of streams) {
    const messages = await stream.messagesThrough(sent.at(-1));
    assert.deepEqual(messages.map(({ id }) => id), sent);
    stream.close();
  }
});

test('a stream and a poll beside each other both get what comes', async () => {
  const [ann, bob] = await pair();
  const stream = await bob.stream();
  const poll = bob.listen({ timeout: 20 });
  await hub.untilPolls(1);
  const { id } = await ann.send('bob', 'both');
  assert.deepEqual((await poll).messages.map((message) => message.id), [id]);
  assert.equal((await stream.next('message')).data.id, id);
  stream.close();
});

test('a stream tells a gap', async () => {
  const [ann, bob] = await pair({ ring_size: 10 });
  const first = await ann.send('all', 'first');
  await bob.pending();
  const ids = [];
  for (let i = 0; i < 25; ++i) ids.push((await ann.send('all', `m${i}`)).id);
  const stream = await bob.stream({ since: first.id });
  const messages = await stream.messagesThrough(ids.at(-1));
  assert.equal(messages.length, 10);
  assert.match(stream.raw, new RegExp(`event: gap\\ndata: \\{"dropped":15,"oldest_id":${ids[15]}\\}\\n\\n`));
  stream.close();
});

test('an explicit session gets unconfirmed messages again on its next stream', async () => {
  const channel = await createChannel(hub);
  const ann = await channel.join('ann');
  const bob = await channel.join('bob', { ack: 'explicit' });
  const one = await ann.send('bob', 'one');
  const first = await bob.stream();
  await first.messagesThrough(one.id);
  first.close();
  const second = await bob.stream();
  await second.messagesThrough(one.id);
  second.close();
  const third = await bob.stream({ ack: one.id });
  assert.equal(third.hello.backlog_count, 0);
  third.close();
});

test('a stream ends with bye when its session leaves', async () => {
  const [, bob] = await pair();
  const stream = await bob.stream();
  await bob.leave();
  const { data } = await stream.next('bye');
  assert.equal(typeof data.reason, 'string');
  await stream.end();
});

test('a stream sees nobody else\'s direct messages', async () => {
  const [ann, bob] = await pair();
  const cid = await ann.channel.join('cid');
  const stream = await cid.stream();
  await ann.send('bob', 'a secret between us');
  const { id } = await bob.send('all', 'marker');
  const messages = await stream.messagesThrough(id);
  assert.deepEqual(messages.map(({ text }) => text), ['marker']);
  assert.doesNotMatch(stream.raw, /secret/);
  stream.close();
});

test('a stream without credentials is an ordinary JSON error', async () => {
  const [, bob] = await pair();
  const stream = await Stream.open(hub.url, { path: bob.channel.path('stream') });
  assert.equal(stream.status, 401);
  assert.match(stream.headers['content-type'], /^application\/json/);
  stream.close();
});
