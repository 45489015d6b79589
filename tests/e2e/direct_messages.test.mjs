// Direct messages between identities: sending, the inbox, waiting, streams, blocking, limits, and
// what is there after a crash.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test, { after } from 'node:test';
import { Account } from './support/account.mjs';
import { createChannel } from './support/channel.mjs';
import { Handle } from './support/handle.mjs';
import { assertError, assertInvalid, ok } from './support/http.mjs';
import { startHub, until } from './support/hub.mjs';
import { RawConnection } from './support/raw.mjs';

const hub = await startHub({ args: ['--shards', '2', '--log-level', 'debug'] });
after(() => hub.stop());

const pair = () => Promise.all([Handle.create(hub), Handle.create(hub)]);

test('a direct message reaches the inbox of a handle, from whoever has a handle', async () => {
  const [ann, bob] = await pair();
  const sent = await ann.send(bob, 'hello');
  assert.deepEqual(Object.keys(sent), ['ok', 'id', 'at', 'queued', 'to']);
  assert.equal(sent.ok, true);
  assert.equal(sent.queued, true, 'bob has never looked in');
  assert.equal(sent.to, bob.callsign);
  assert.ok(Number.isSafeInteger(sent.id) && Math.abs(sent.at - Date.now()) < 60_000);
  assert.deepEqual(await bob.inbox(), {
    messages: [{ id: sent.id, from: ann.callsign, to: bob.callsign, text: 'hello', at: sent.at, verified: true }],
    unread: 1,
  });
  assert.equal((await ann.send(bob, 'again')).queued, true, 'bob is about, but has not got it');
  assert.deepEqual(await ann.unread(), [], 'the sender does not get its own');
});

test('a handle may be written as on a channel; one of digits is a handle, not a place', async () => {
  const [ann, bob] = await pair();
  const digits = await Handle.create(hub, String(process.pid));
  const one = await Handle.create(hub, '1');
  await bob.unread();
  await ann.send(`@${bob.callsign}`, 'at');
  await ann.send(` ${bob.callsign.toUpperCase()} `, 'capitals');
  await ann.send(Number(digits.callsign), 'a number');
  await ann.send('1', 'the first');
  assert.deepEqual(await bob.unread(), ['at', 'capitals']);
  assert.deepEqual(await digits.unread(), ['a number']);
  assert.deepEqual(await one.unread(), ['the first']);
});

test('without a key or with a wrong one nothing is sent and nothing is read', async () => {
  const [ann, bob] = await pair();
  const calls = [['POST', '', { to: bob.callsign, text: 'x' }], ['GET', '/inbox'], ['GET', '/wait?timeout=0'], ['GET', '/stream'],
    ['POST', '/ack', { id: 1 }], ['POST', '/block', { sender: ann.callsign }], ['POST', '/unblock', { sender: ann.callsign }], ['GET', '/blocked']];
  for (const [method, path, body] of calls) {
    for (const headers of [{}, { 'X-Identity-Key': 'rtid_wrong' }, { 'X-Identity-Key': ann.account.token }]) {
      assertError(await hub.request({ method, path: `/api/dm${path}`, body, headers }), 401, 'unauthorized');
    }
  }
  assert.deepEqual(await bob.unread(), []);
});

test('bad input is named', async () => {
  const [ann, bob] = await pair();
  assertError(await ann.trySend('nobody-of-that-name', 'x'), 404, 'not_found', /nobody-of-that-name/);
  const channel = await createChannel(hub);
  const { callsign } = await channel.join('only-on-a-channel');
  assertError(await ann.trySend(callsign, 'x'), 404, 'not_found');
  assertInvalid(await ann.trySend(ann, 'x'), 'to');
  for (const to of ['', 'a b', 'all@', '#1', 'x'.repeat(33)]) assertInvalid(await ann.trySend(to, 'x'), 'to');
  assertInvalid(await ann.call('POST', '', { text: 'x' }), 'to');
  assertInvalid(await ann.call('POST', '', { to: true, text: 'x' }), 'to');
  assertInvalid(await ann.trySend(bob, ''));
  assertInvalid(await ann.trySend(bob, 'x'.repeat(8193)), '8192');
  assertInvalid(await ann.trySend(bob, 'bell \u0007'));
  assertInvalid(await ann.trySend(bob, 'x', { client_id: 'c'.repeat(65) }), 'client_id');
  assertInvalid(await ann.trySend(bob, 'x', { kind: 'status' }), 'kind');
  assertInvalid(await ann.trySend(bob, 'x', { attachments: [{ mime: 'image/png', data_base64: 'aGk=' }] }), 'attachments');
  assertInvalid(await ann.trySend(bob, 'x', { await: { for: 'reply' } }), 'await');
  assertInvalid(await ann.call('POST', '', '{"to":"x",'));
  assertInvalid(await ann.call('POST', '/ack', {}), 'id');
  assertInvalid(await ann.call('POST', '/ack', { id: 'x' }), 'id');
  assertInvalid(await ann.call('POST', '/block', {}), 'sender');
  assertInvalid(await ann.call('POST', '/block', { sender: 'a b' }), 'sender');
  assertError(await ann.call('POST', '/block', { sender: 'nobody-has-this' }), 404, 'not_found');
  assertInvalid(await ann.call('POST', '', { to: bob.callsign, text: '' }), 'text is empty');
  for (const query of ['since=x', 'timeout=x', 'timeout=-1']) {
    assertInvalid(await ann.call('GET', `/wait?${query}`), query.split('=')[0]);
  }
  assertInvalid(await ann.call('GET', '/inbox', undefined, { headers: { 'Last-Event-ID': 'x' } }), 'Last-Event-ID');
  assert.deepEqual(await bob.unread(), []);
});

test('looking moves nothing; waiting hands over; since and limit choose', async () => {
  const [ann, bob] = await pair();
  const ids = [];
  for (const text of ['one', 'two', 'three']) ids.push((await ann.send(bob, text)).id);
  assert.deepEqual(await bob.unread(), ['one', 'two', 'three']);
  assert.deepEqual(await bob.unread(), ['one', 'two', 'three']);
  const first = await bob.inbox({ limit: 1 });
  assert.deepEqual([first.messages.length, first.more, first.unread], [1, true, 3]);
  assert.deepEqual((await bob.inbox({ since: ids[0] })).messages.map(({ id }) => id), ids.slice(1));
  assert.equal((await bob.inbox()).unread, 3, 'not even since moves it here');

  const got = await bob.wait();
  assert.deepEqual(got.messages.map(({ id }) => id), ids);
  assert.equal(got.timed_out, false);
  const empty = await bob.wait();
  assert.deepEqual([empty.messages, empty.timed_out, empty.unread], [[], true, 0]);
  assert.deepEqual(await bob.unread(), []);
  assert.deepEqual((await bob.inbox({ since: 0 })).messages.map(({ id }) => id), ids, 'read ones are kept');
});

test('a wait is answered by the message it waits for, and a newer wait ends it', async () => {
  const [ann, bob] = await pair();
  const older = bob.tryWait({ timeout: 300 });
  await hub.untilPolls(1);
  const newer = bob.tryWait({ timeout: 1000 });
  assert.equal(ok(await older).timed_out, true);
  await hub.untilPolls(1);
  const { id } = await ann.send(bob, 'now');
  const got = ok(await newer);
  assert.deepEqual(got.messages.map((message) => message.id), [id]);
  assert.equal((await bob.wait({ timeout: 0.05 })).timed_out, true);
});

test('acknowledging reads what was looked at, and no more than there is', async () => {
  const [ann, bob] = await pair();
  const ids = [];
  for (const text of ['one', 'two', 'three']) ids.push((await ann.send(bob, text)).id);
  assert.deepEqual(await bob.ack(ids[1]), { ok: true, unread: 1 });
  assert.deepEqual(await bob.unread(), ['three']);
  assert.deepEqual(await bob.ack(ids[0]), { ok: true, unread: 1 }, 'never backwards');
  assert.deepEqual(await bob.ack(Number.MAX_SAFE_INTEGER), { ok: true, unread: 0 });
  await ann.send(bob, 'four');
  assert.deepEqual(await bob.unread(), ['four'], 'what comes later is not read in advance');
});

test('a stream brings the backlog, then messages as they come, in the form of channels', async () => {
  const [ann, bob] = await pair();
  const early = await ann.send(bob, 'early');
  const stream = await bob.stream();
  assert.deepEqual(stream.hello, { callsign: bob.callsign, backlog_count: 1 });
  const late = await ann.send(bob, 'late');
  const events = [await stream.next('message'), await stream.next('message')];
  assert.deepEqual(events.map(({ id, data }) => [id, data.text, data.from]),
    [[early.id, 'early', ann.callsign], [late.id, 'late', ann.callsign]]);
  stream.close();
  await until(async () => (await bob.inbox()).unread === 0, 'the hand-over');
  const again = await bob.stream({}, { 'Last-Event-ID': String(early.id) });
  assert.equal((await again.next('message')).id, late.id);
  again.close();
});

test('what is told to several readers of one handle', async () => {
  const [ann, bob] = await pair();
  const streams = [await bob.stream(), await bob.stream()];
  const { id } = await ann.send(bob, 'for all of you');
  for (const stream of streams) {
    assert.equal((await stream.next('message')).id, id);
    stream.close();
  }
});

test('client_id: sent again is delivered once, another text is a conflict', async () => {
  const [ann, bob] = await pair();
  const first = await ann.send(bob, 'once', { client_id: 'c1' });
  const again = await ann.send(bob, 'once', { client_id: 'c1' });
  assert.deepEqual([again.id, again.at, again.duplicate], [first.id, first.at, true]);
  assertError(await ann.trySend(bob, 'other', { client_id: 'c1' }), 409, 'conflict');
  const cid = await Handle.create(hub);
  assert.equal((await cid.send(bob, 'once', { client_id: 'c1' })).duplicate, undefined, 'per sender');
  assert.deepEqual(await bob.unread(), ['once', 'once']);
});

test('a blocked sender cannot tell, and is let in again', async () => {
  const [ann, bob, cid] = await Promise.all([1, 2, 3].map(() => Handle.create(hub)));
  await bob.unread();
  assert.deepEqual(await bob.block(ann), { ok: true });
  assert.deepEqual(await bob.block(` @${ann.callsign.toUpperCase()}`), { ok: true }, 'twice is once');
  assert.deepEqual(await bob.blocked(), [ann.callsign]);

  const before = ok(await hub.get('/api/stats')).messages_total;
  const stream = await bob.stream();
  const dropped = await ann.trySend(bob, 'let me in', { client_id: 'c1' });
  const heard = await cid.trySend(bob, 'hello', { client_id: 'c1' });
  assert.equal((await stream.next('message')).data.text, 'hello');
  stream.close();
  assert.equal(dropped.status, 200);
  assert.deepEqual(Object.keys(dropped.json), Object.keys(heard.json));
  assert.deepEqual(Object.keys(dropped.headers).sort(), Object.keys(heard.headers).sort());
  assert.equal(dropped.json.queued, heard.json.queued);
  assert.ok(dropped.json.id < heard.json.id, 'ids rise through both');
  assert.equal(ok(await hub.get('/api/stats')).messages_total - before, 2);

  const again = await ann.send(bob, 'let me in', { client_id: 'c1' });
  assert.deepEqual([again.id, again.duplicate], [dropped.json.id, true]);
  assertError(await ann.trySend(bob, 'other', { client_id: 'c1' }), 409, 'conflict');
  assertInvalid(await ann.trySend(bob, 'x'.repeat(8193)), '8192');
  assert.deepEqual((await bob.inbox({ since: 0 })).messages.map(({ text }) => text), ['hello']);
  assert.ok(!filesWith('let me in').length, 'it is not even stored');

  assert.deepEqual(await bob.unblock(ann), { ok: true });
  assert.deepEqual(await bob.blocked(), []);
  await ann.send(bob, 'thank you');
  assert.ok((await bob.unread()).includes('thank you'));
});

// The same steps for a sender who is let in and for one who is blocked, each at an owner of its own.
async function bothWays(context, story) {
  const own = await startHub({ args: ['--shards', '2'] });
  context.after(() => own.stop());
  const told = [];
  for (const blocks of [false, true]) {
    const [ann, bob] = [await Handle.create(own), await Handle.create(own)];
    if (blocks) await bob.block(ann);
    const seen = [];
    const send = async (text, more) => {
      const { status, headers, json } = await ann.trySend(bob, text, more);
      const { id, at, to, error, ...rest } = json;
      seen.push({ status, ...rest, error: error?.replaceAll(bob.callsign, 'bob'), headers: Object.keys(headers).sort() });
      return json;
    };
    await story(own, bob, send);
    told.push(seen);
  }
  assert.deepEqual(told[1], told[0]);
  return told[0];
}

test('a blocked sender sees polls used up as by a message', async (context) => {
  const seen = await bothWays(context, async (own, bob, send) => {
    await send('nobody listens', { client_id: 'c1' });
    await send('nobody listens', { client_id: 'c1' });
    await bob.wait();
    await bob.wait();  // now it is known that the first one has arrived
    await send('nobody listens', { client_id: 'c1' });
    const poll = bob.tryWait({ timeout: 30 });
    await own.untilPolls(1);
    await send('taken', { client_id: 'c2' });
    await send('not taken', { client_id: 'c3' });
    await send('not taken', { client_id: 'c3' });
    await bob.wait();
    await poll;
    await bob.wait();
    const stream = await bob.stream();
    await send('streamed');
    await send('streamed again');
    stream.close();
  });
  assert.deepEqual(seen.map(({ queued }) => queued), [true, true, false, false, true, true, false, false]);
});

test('a blocked sender fills the inbox as anybody does', async (context) => {
  const seen = await bothWays(context, async (own, bob, send) => {
    for (let i = 0; i < 1000; ++i) await send(`m${i}`);
    await send('one too many');
    await send('one too many');
    await bob.wait();
    await bob.wait();
    await send('read meanwhile');
  });
  assert.deepEqual(seen.slice(-4).map(({ status }) => status), [200, 429, 429, 200]);
  assert.match(seen.at(-2).error, /full/);
});

test('blocks and what they hide survive a restart', async () => {
  const own = await startHub({ args: ['--shards', '2'] });
  try {
    const [ann, bob] = [await Handle.create(own), await Handle.create(own)];
    await bob.block(ann);
    const dropped = await ann.send(bob, 'one', { client_id: 'c1' });
    for (let i = 0; i < 100; ++i) await ann.send(bob, `more ${i}`);
    await own.restart();
    assert.deepEqual(await bob.blocked(), [ann.callsign]);
    assert.deepEqual(await bob.unread(), []);
    const again = await ann.send(bob, 'one', { client_id: 'c1' });
    assert.deepEqual([again.id, again.duplicate], [dropped.id, true]);
  } finally {
    await own.stop();
  }
});

test('an inbox holds 1000 messages: read ones make room, unread ones never', async () => {
  const [ann, bob] = await pair();
  for (let i = 0; i < 1000; i += 50) {
    await Promise.all(Array.from({ length: 50 }, (_, n) => ann.send(bob, `m${i + n}`)));
  }
  const full = await ann.trySend(bob, 'one too many');
  assertError(full, 429, 'rate_limited', /full/);
  assert.ok(full.headers['x-ratelimit-limit']);
  const { messages, unread } = await bob.inbox({ limit: 1000 });
  assert.deepEqual([messages.length, unread], [1000, 1000]);
  await bob.ack(messages[1].id);
  await ann.send(bob, 'fits');
  await ann.send(bob, 'fits, too');
  assertError(await ann.trySend(bob, 'one too many'), 429, 'rate_limited');
  const kept = await bob.inbox({ since: 0, limit: 1000 });
  assert.equal(kept.messages[0].id, messages[2].id, 'the oldest read ones have gone');
  assert.equal(kept.messages.at(-1).text, 'fits, too');
  assert.equal(kept.unread, 1000);
});

test('sends are limited like sends on channels, and every answer says so', async () => {
  const [ann, bob] = await pair();
  const headers = { 'X-Forwarded-For': '198.51.100.77' };
  for (let i = 1; i <= 60; ++i) {
    const answer = await ann.trySend(bob, `m${i}`, {}, { headers });
    ok(answer);
    assert.equal(answer.headers['x-ratelimit-limit'], '60');
    assert.equal(answer.headers['x-ratelimit-remaining'], String(60 - i), 'counted once, on whichever shard');
  }
  const over = await ann.trySend(bob, 'm61', {}, { headers });
  assertError(over, 429, 'rate_limited');
  assert.ok(over.headers['retry-after']);
  assert.equal((await bob.inbox()).unread, 60);
  ok(await ann.trySend(bob, 'from elsewhere', {}, { headers: { 'X-Forwarded-For': '198.51.100.78' } }));
});

test('an inbox is no channel: no route of channels and no tool reaches it', async () => {
  const [ann, bob] = await pair();
  await ann.send(bob, 'xyzzy-inbox');
  const reply = async (path, options = {}) => {
    const answer = await hub.request({ path, ...options });
    assert.equal(answer.status, 404, `${path}: ${answer.status} ${answer.text}`);
    assert.ok(!answer.text.includes('xyzzy-inbox'));
  };
  const unknown = (await hub.get('/mcp/no-such-channel')).status;
  for (const id of [`dm:${bob.callsign}`, `dm%3A${bob.callsign}`]) {
    for (const headers of [{}, { Authorization: 'Bearer x' }, { Authorization: `Bearer ${bob.key}` }, { 'X-Identity-Key': bob.key }]) {
      for (const call of ['', '/roster', '/history', '/stats', '/transcript', '/listen', '/messages/1']) {
        await reply(`/api/channels/${id}${call}`, { headers });
      }
      for (const call of ['/join', '/send', '/leave', '/keepalive']) {
        await reply(`/api/channels/${id}${call}`, { method: 'POST', headers, body: { identity_key: bob.key } });
      }
      assert.equal((await hub.get(`/mcp/${id}`, headers)).status, unknown);
    }
  }
  const call = (id, method, params) => hub.post('/mcp', { jsonrpc: '2.0', id, method, params }, {
    Accept: 'application/json, text/event-stream', 'MCP-Protocol-Version': '2025-06-18' });
  const tool = async (name, args) => (await call(1, 'tools/call', { name, arguments: args })).text;
  for (const [name, args] of [['join', { channel_id: `dm:${bob.callsign}`, token: 'x', identity_key: bob.key }],
    ['history', { channel_id: `dm:${bob.callsign}` }], ['roster', { channel_id: `dm:${bob.callsign}` }]]) {
    const text = await tool(name, args);
    assert.ok(!text.includes('xyzzy-inbox') && !text.includes('session_id":"'), text);
  }
  assert.deepEqual(ok(await bob.account.get('/channels')).channels, []);
  assert.deepEqual(await bob.unread(), ['xyzzy-inbox']);
});

test('nobody but the handle sees its messages, and the log none', async () => {
  const [ann, bob] = await pair();
  const cid = await Handle.create(hub, undefined, bob.account);
  await ann.send(bob, 'plugh-secret');
  assert.deepEqual(await cid.unread(), [], 'not even another handle of the same account');
  assert.deepEqual(await ann.unread(), []);
  const log = hub.output + hub.errors;
  for (const secret of ['plugh-secret', ann.key, bob.key]) assert.ok(!log.includes(secret));
});

function filesWith(text, dataDir = hub.dataDir) {
  const needle = Buffer.from(text);
  return fs.readdirSync(dataDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath ?? entry.path, entry.name))
    .filter((file) => fs.readFileSync(file).includes(needle));
}

test('with a handle its inbox goes, also from the disk', async () => {
  const [ann, bob] = await pair();
  await ann.send(bob, 'needle-of-a-deleted-handle');
  const stream = await bob.stream();
  await stream.next('message');
  assert.ok(filesWith('needle-of-a-deleted-handle').length > 0);
  ok(await bob.account.delete(`/identities/${bob.callsign}`));
  assert.equal((await stream.next('bye')).data.reason, 'session_ended');
  stream.close();
  assertError(await ann.trySend(bob, 'still there?'), 404, 'not_found');
  assertError(await bob.call('GET', '/inbox'), 401, 'unauthorized');
  await until(async () => {
    await ann.trySend(await Handle.create(hub), 'work for the disk');
    return filesWith('needle-of-a-deleted-handle').length === 0;
  }, 'the text to be overwritten', 30_000);
});

test('with an account all its inboxes go, and waits on them end', async () => {
  const account = await Account.create(hub);
  const [one, two] = [await Handle.create(hub, undefined, account), await Handle.create(hub, undefined, account)];
  const ann = await Handle.create(hub);
  await ann.send(one, 'needle-of-a-deleted-account');
  const wait = two.tryWait({ timeout: 60 });
  await hub.untilPolls(1);
  ok(await account.delete());
  assert.equal(ok(await wait).timed_out, true);
  for (const handle of [one, two]) assertError(await ann.trySend(handle, 'x'), 404, 'not_found');
  await until(async () => {
    await ann.trySend(await Handle.create(hub), 'work for the disk');
    return filesWith('needle-of-a-deleted-account').length === 0;
  }, 'the text to be overwritten', 30_000);
});

test('a rotated key reads the same inbox, the old one none, and what it had open ends', async () => {
  const [ann, bob] = await pair();
  await ann.send(bob, 'before');
  const stream = await bob.stream();
  const { identity_key } = ok(await bob.account.post(`/identities/${bob.callsign}/rotate`));
  assert.equal((await stream.next('bye')).data.reason, 'session_ended');
  stream.close();
  assertError(await bob.call('GET', '/inbox'), 401, 'unauthorized');
  assertError(await bob.trySend(ann, 'me again'), 401, 'unauthorized');
  bob.key = identity_key;
  assert.deepEqual((await bob.inbox({ since: 0 })).messages.map(({ text }) => text), ['before']);
  await bob.send(ann, 'me again');
});

test('what was acknowledged is there after kill -9, with the cursor and the ids going on', async () => {
  const fragile = await startHub({ args: ['--shards', '2'] });
  try {
    const [ann, bob] = [await Handle.create(fragile), await Handle.create(fragile)];
    const ids = [];
    for (let round = 0; round < 3; ++round) {
      ids.push((await ann.send(bob, `m${round}`, { client_id: `c${round}` })).id);
      await fragile.crash();
      await fragile.start();
      assert.deepEqual((await bob.inbox()).messages.map(({ id }) => id), ids);
      const again = await ann.send(bob, `m${round}`, { client_id: `c${round}` });
      assert.deepEqual([again.id, again.duplicate], [ids.at(-1), true]);
    }
    assert.deepEqual([...ids].sort((a, b) => a - b), ids);
    await bob.ack(ids[1]);
    await ann.send(bob, 'while bob reads');
    fragile.signal('SIGTERM');
    await fragile.exited;
    await fragile.start();
    assert.deepEqual(await bob.unread(), ['m2', 'while bob reads']);
    assert.deepEqual((await bob.inbox({ since: 0 })).messages.length, 4, 'read ones are kept as well');
  } finally {
    await fragile.stop();
  }
});

test('a handle that was deleted just before a crash has no inbox after it', async () => {
  const fragile = await startHub();
  try {
    const [ann, bob] = [await Handle.create(fragile), await Handle.create(fragile)];
    await ann.send(bob, 'needle-before-the-crash');
    ok(await bob.account.delete(`/identities/${bob.callsign}`));
    await fragile.restart();
    assertError(await ann.trySend(bob, 'x'), 404, 'not_found');
    assertError(await bob.call('GET', '/inbox'), 401, 'unauthorized');
  } finally {
    await fragile.stop();
  }
});

test('a wait that was answered into a dead connection is pending again', async () => {
  const [ann, bob] = await pair();
  const connection = await RawConnection.to(hub);
  connection.send('GET', '/api/dm/wait?timeout=30', { headers: bob.headers() });
  await hub.untilPolls(1);
  connection.reset();
  const { id } = await ann.send(bob, 'still here');
  assert.deepEqual((await bob.wait()).messages.map((message) => message.id), [id]);
});

test('an answer cut before its last byte arrived is pending again, under the same ids', async () => {
  const [ann, bob] = await pair();
  const text = '\u{1F600}'.repeat(8192);
  const ids = [];
  for (let i = 0; i < 96; ++i) ids.push((await ann.send(bob, text)).id);
  const connection = await RawConnection.to(hub);
  connection.stopReading();
  const before = await hub.metric('connections_closed_total');
  const delivered = await hub.metric('deliveries_total');
  connection.send('GET', '/api/dm/wait?timeout=0', { headers: bob.headers() });
  await until(async () => (await hub.metric('deliveries_total')) > delivered, 'the answer to be written');
  connection.reset();
  await until(async () => (await hub.metric('connections_closed_total')) > before, 'the hub to notice');
  const got = [];
  for (let more = true; more;) {
    const answer = await bob.wait();
    got.push(...answer.messages.map(({ id }) => id));
    more = answer.more === true;
  }
  assert.deepEqual(got, ids);
});
