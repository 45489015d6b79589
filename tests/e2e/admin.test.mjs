// Administration: the token, the lists, kicking, closing, speaking and stopping, and what is written
// down of it. Bans are in bans.test.mjs.

import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { Legacy, refused } from '../mcp/support/rpc.mjs';
import { Account } from './support/account.mjs';
import { createChannel } from './support/channel.mjs';
import { assertError, assertInvalid, ok } from './support/http.mjs';
import { startHub, until } from './support/hub.mjs';
import { Operator } from './support/operator.mjs';

const hub = await startHub({ args: ['--shards', '2'], adminToken: 'the-admin-token-of-admin-tests' });
const operator = new Operator(hub);
after(() => hub.stop());

let names = 0;
const fresh = (name) => `${name}-${++names}`;
// Each test has an address of its own, so that no ban meets another test.
const freshAddress = () => `203.0.113.${++names}`;
const from = (address) => ({ 'X-Forwarded-For': address });

// ------------------------------------------------------------------------------------------- token

test('without a token of the operator there is no administration', async () => {
  const plain = await startHub();
  try {
    for (const [method, path] of [['GET', 'channels'], ['GET', 'overview'], ['POST', 'kick'], ['DELETE', 'channels/x']]) {
      const answer = await plain.request({ method, path: `/api/admin/${path}`, headers: { Authorization: 'Bearer x' } });
      assert.equal(assertError(answer, 403, 'unauthorized').error, 'admin disabled');
    }
  } finally {
    await plain.stop();
  }
});

test('the token is asked for, and ROGERRAT_ADMIN_TOKEN is another name for it', async () => {
  assertError(await hub.get('/api/admin/overview'), 401, 'unauthorized', /admin token/);
  assertError(await hub.get('/api/admin/overview', { Authorization: 'Bearer wrong' }), 401, 'unauthorized');
  const old = await startHub({ env: { ROGERRAT_ADMIN_TOKEN: 'a-token-by-its-old-name' } });
  try {
    ok(await old.get('/api/admin/overview', { Authorization: 'Bearer a-token-by-its-old-name' }));
  } finally {
    await old.stop();
  }
});

test('wrong tokens are guesses, and guesses are limited', async () => {
  const guess = () => hub.get('/api/admin/bans', { ...from(address), Authorization: 'Bearer wrong' });
  const address = freshAddress();
  const statuses = [];
  for (let i = 0; i < 12; ++i) statuses.push((await guess()).status);
  assert.ok(statuses.includes(401) && statuses.at(-1) === 429, statuses.join());
  const right = await hub.get('/api/admin/bans', operator.headers(from(address)));
  assertError(right, 429, 'rate_limited');
});

// ------------------------------------------------------------------------------------------- looking

test('channels are listed by activity, in pages, and never with content', async () => {
  const made = [];
  for (const name of ['quiet', 'middle', 'busy']) made.push(await createChannel(hub, { retention: name === 'busy' ? 'metadata' : 'none' }));
  const callsign = fresh('lister');
  for (const channel of made) {
    await until(() => Date.now() > (made.last ?? 0), 'another millisecond');
    const member = await channel.join(callsign);
    await member.send('all', 'words that nobody else may read');
    made.last = Date.now();
  }
  const answer = await operator.get('channels');
  const { channels, total } = ok(answer);
  assert.ok(!answer.text.includes('words that nobody else'));
  const ids = channels.map(({ id }) => id).filter((id) => made.some((channel) => channel.id === id));
  assert.deepEqual(ids, [made[2].id, made[1].id, made[0].id]);
  const busy = channels.find(({ id }) => id === made[2].id);
  assert.deepEqual([busy.retention, busy.trust_mode, busy.roster, busy.agent_count, busy.message_count],
    ['metadata', 'untrusted', [callsign], 1, 1]);
  assert.ok(busy.first_joined_at <= busy.last_activity_at);

  const paged = [];
  let cursor = '';
  do {
    const page = ok(await operator.get(`channels?limit=2&cursor=${cursor}`));
    assert.ok(page.channels.length <= 2);
    paged.push(...page.channels.map(({ id }) => id));
    cursor = page.next;
  } while (cursor);
  assert.equal(paged.length, total);
  assert.equal(new Set(paged).size, total);
  for (const name of ['general', 'help', 'random']) assert.ok(paged.includes(name), name);
  assertInvalid(await operator.get('channels?cursor=nonsense'), 'cursor');
});

test('inboxes of direct messages are not listed', async () => {
  const account = await Account.create(hub);
  const [a, b] = [await account.identity(fresh('mail')), await account.identity(fresh('mail'))];
  ok(await hub.post('/api/dm', { to: b.callsign, text: 'hi' }, { 'X-Identity-Key': a.identity_key }));
  const { channels } = ok(await operator.get('channels?limit=1000'));
  assert.ok(channels.every(({ id }) => !id.startsWith('dm:')));
});

test('the overview counts what is there', async () => {
  const channel = await createChannel(hub);
  const [ann, bob] = await channel.joinAll('ann', 'bob');
  const stream = await ann.stream();
  const polling = bob.listen({ timeout: 30 });
  await hub.untilPolls(1);
  const seen = ok(await operator.get('overview'));
  assert.ok(seen.connections.open >= 2);
  assert.ok(seen.parked_polls >= 1 && seen.streams >= 1 && seen.sessions >= 2);
  assert.ok(seen.memory.resident_bytes > 1e6);
  assert.equal(seen.store_healthy, true);
  for (const name of ['seconds', 'requests', 'messages', 'deliveries', 'joins', 'bytes_in', 'bytes_out']) {
    assert.equal(typeof seen.per_second[name], 'number', name);
  }
  for (const name of ['waiting_for_commit', 'store_batches', 'store_bytes', 'worker_jobs', 'webhook_deliveries']) {
    assert.equal(typeof seen.queues[name], 'number', name);
  }
  stream.close();
  await ann.send('bob', 'done');
  await polling;
});

// ------------------------------------------------------------------------------------------- kicking

test('a kick ends sessions with their streams, polls and MCP calls; they may join again', async () => {
  const callsign = fresh('kicked');
  const channels = [await createChannel(hub), await createChannel(hub, { durable: true }), await createChannel(hub)];
  const [streaming, polling] = [await channels[0].join(callsign), await channels[1].join(callsign)];
  const other = await channels[0].join('bystander');
  const stream = await streaming.stream();
  const poll = polling.tryListen({ timeout: 30 });
  const mcp = await Legacy.open(hub);
  await mcp.join(channels[2], callsign);
  const call = await mcp.openTool('wait', { timeout_seconds: 60 });
  await hub.untilPolls(2);

  assert.deepEqual(await operator.kick({ callsign, reason: 'flooding' }), { ok: true, sessions: 3 });
  assert.deepEqual((await stream.next('bye')).data, { reason: 'kicked' });
  await stream.end();
  assertError(await poll, 410, 'session_expired', /operator/);
  const answer = await call.stream.answer(call.id);
  assert.match(JSON.stringify(answer), /operator has ended/);
  for (const member of [streaming, polling]) {
    assertError(await member.trySend({ message: 'still here?' }), 410, 'session_expired', /operator.*flooding.*person/);
  }
  refused(await mcp.tool('send', { message: 'still here?' }), /operator has ended.*flooding/);
  ok(await other.trySend({ message: 'nobody meant me' }));
  ok(await streaming.channel.tryJoin({ callsign }));
  assert.deepEqual(await operator.kick({ callsign, channel: channels[1].id }), { ok: true, sessions: 0 });
});

test('a kick may mean one channel, an identity, or an address', async () => {
  const account = await Account.create(hub);
  const { callsign, identity_key } = await account.identity(fresh('known'));
  const [here, there] = [await createChannel(hub), await createChannel(hub)];
  for (const channel of [here, there]) ok(await channel.tryJoin({ identity_key }));
  assert.equal((await operator.kick({ identity: callsign, channel: here.id })).sessions, 1);
  assert.equal((await operator.kick({ identity: account.id })).sessions, 1);
  const address = freshAddress();
  const plain = fresh('somebody');
  await here.join(plain, {}, { headers: from(address) });
  assert.equal((await operator.kick({ address: freshAddress() })).sessions, 0);
  assert.equal((await operator.kick({ address, channel: there.id })).sessions, 0);
  assert.equal((await operator.kick({ address })).sessions, 1);
  ok(await here.tryJoin({ callsign: plain }, { headers: from(address) }));
  assertError(await operator.post('kick', { callsign: plain, channel: 'no-such-channel' }), 404, 'not_found');
});

test('a sender that awaits is released, and a kicked one on a durable channel stays kicked', async () => {
  const channel = await createChannel(hub, { durable: true });
  const [ann, bob] = await channel.joinAll(fresh('ann'), fresh('bob'));
  const asking = ann.trySend({ to: bob.callsign, message: 'well?', await: { for: 'reply', seconds: 60 } });
  await until(async () => (await hub.metric('waiting_awaits')) === 1, 'the await');
  await operator.kick({ callsign: ann.callsign });
  assert.equal(ok(await asking).await_timed_out, true);
  const { port } = hub;
  await hub.restart({ port });
  assertError(await ann.trySend({ message: 'x' }), 410, 'session_expired');
  assert.deepEqual((await bob.roster()).roster, [bob.callsign]);
});

// ------------------------------------------------------------------------------------------- closing

test('a channel that is closed is gone, with its token and its sessions', async () => {
  const channel = await createChannel(hub, { durable: true });
  const [streaming, polling] = await channel.joinAll('ann', 'bob');
  const stream = await streaming.stream();
  const poll = polling.tryListen({ timeout: 30 });
  await hub.untilPolls(1);
  assert.deepEqual(ok(await operator.delete(`channels/${channel.id}`)), { ok: true, sessions: 2 });
  assert.equal((await stream.next('bye')).data.reason, 'channel_closed');
  assertError(await poll, 404, 'not_found', /closed/);
  assertError(await channel.tryJoin({ callsign: 'ann' }), 404, 'not_found');
  const { port } = hub;
  await hub.restart({ port });
  assertError(await hub.get(channel.path()), 404, 'not_found');
  assertError(await operator.delete(`channels/${channel.id}`), 404, 'not_found');
  assertError(await operator.delete('channels/general'), 409, 'conflict', /always/);
});

// ------------------------------------------------------------------------------------------- speaking

test('the operator speaks to all and to one, and nobody else can be operator', async () => {
  for (const options of [{}, { durable: true, retention: 'full' }, { loop_guard: 'block' }]) {
    const channel = await createChannel(hub, options);
    const [ann, bob] = await channel.joinAll('ann', 'bob');
    const stream = await ann.stream();
    const sent = ok(await operator.post('send', { channel: channel.id, to: 'all', text: 'back at noon', priority: 'high' }));
    assert.equal(sent.to, 'all');
    assert.equal(sent.reached, 1);
    const heard = (await stream.next('message')).data;
    assert.deepEqual([heard.id, heard.from, heard.to, heard.text, heard.priority, heard.verified],
      [sent.id, 'operator', 'all', 'back at noon', 'high', true]);
    const direct = ok(await operator.post('send', { channel: channel.id, to: 'bob', message: 'a word with you' }));
    assert.deepEqual([direct.to, direct.queued], ['bob', true]);
    assert.deepEqual(await bob.pending(), ['back at noon', 'a word with you']);
    assert.deepEqual((await ann.roster()).roster, ['ann', 'bob'], 'it speaks without being there');
    assertInvalid(await channel.tryJoin({ callsign: 'operator' }), 'operator');
    assertInvalid(await ann.trySend({ to: 'operator', message: 'yes?' }), 'hears nothing');
    if (options.retention === 'full') {
      const { events } = await channel.transcript();
      assert.ok(events.some(({ type, from: who, text }) => type === 'message' && who === 'operator' && text === 'back at noon'));
    }
    stream.close();
  }
});

test('a send of the operator says what is wrong with it', async () => {
  const channel = await createChannel(hub);
  await channel.join('ann');
  assertInvalid(await operator.post('send', { text: 'x' }), 'channel');
  assertError(await operator.post('send', { channel: 'no-such', text: 'x' }), 404, 'not_found');
  assertInvalid(await operator.post('send', { channel: channel.id, text: '' }), '1');
  assertInvalid(await operator.post('send', { channel: channel.id, to: 'nobody', text: 'x' }), 'nobody');
  assertInvalid(await operator.post('send', { channel: channel.id, text: 'x', await: { for: 'reply' } }), 'await');
  const once = { channel: channel.id, text: 'once', client_id: 'c1' };
  const first = ok(await operator.post('send', once));
  const again = ok(await operator.post('send', once));
  assert.deepEqual([again.id, again.duplicate], [first.id, true]);
});

test('the first message of a channel in memory after a start may be the operator\'s', async () => {
  const own = await startHub({ adminToken: 'another-admin-token-of-tests' });
  try {
    const channel = await createChannel(own);
    const sent = ok(await new Operator(own).post('send', { channel: channel.id, text: 'good morning' }));
    const ann = await channel.join('ann');
    assert.deepEqual((await ann.listen()).messages.map(({ id }) => id), [sent.id]);
  } finally {
    await own.stop();
  }
});

// ------------------------------------------------------------------------------------------- stopping

test('stop says standdown and ends the sessions, on one channel or on all', async () => {
  const own = await startHub({ args: ['--shards', '2'], adminToken: 'yet-another-admin-token' });
  try {
    const chief = new Operator(own);
    const channels = [];
    for (let i = 0; i < 6; ++i) channels.push(await createChannel(own, { durable: i % 2 === 1 }));
    const members = [];
    for (const channel of channels) members.push(await channel.join('ann'), await channel.join('bob'));
    const stream = await members[0].stream();
    const poll = members[3].tryListen({ timeout: 30 });
    await own.untilPolls(1);

    assert.deepEqual(ok(await chief.post('stop', { channel: channels[0].id, reason: 'enough' })),
      { ok: true, channels: 1, sessions: 2 });
    const heard = (await stream.next('message')).data;
    assert.deepEqual([heard.from, heard.priority], ['operator', 'urgent']);
    assert.match(heard.text, /^standdown/);
    assert.match(heard.text, /enough/);
    assert.equal((await stream.next('bye')).data.reason, 'stopped');
    ok(await members[2].trySend({ message: 'not us' }));

    const all = ok(await chief.post('stop', {}));
    assert.deepEqual([all.channels, all.sessions], [5, 10]);
    const texts = ok(await poll).messages.map(({ text }) => text);
    assert.ok(texts.length === 1 && texts[0] === 'not us' || /^standdown/.test(texts[0]), texts.join());
    for (const member of members) {
      assertError(await member.trySend({ message: 'x' }), 410, 'session_expired', /operator/);
    }
    // Who comes back all the same reads it first.
    const back = await channels[1].join('bob');
    assert.match((await back.pending()).at(-1), /^standdown/);
    assertError(await chief.post('stop', { channel: 'no-such' }), 404, 'not_found');
  } finally {
    await own.stop();
  }
});

// ------------------------------------------------------------------------------------------- audit

test('every act is written down without content, and survives a restart', async () => {
  const [quiet, open] = [await createChannel(hub), await createChannel(hub, { retention: 'metadata' })];
  const callsign = fresh('audited');
  for (const channel of [quiet, open]) await channel.join(callsign);
  const before = (await operator.audit('?limit=1'))[0]?.id ?? 0;
  for (const channel of [quiet, open]) {
    const body = { callsign, channel: channel.id, reason: 'because of this' };
    await operator.kick(body);
    await operator.ban(body);
    await operator.unban(body);
    await channel.join(callsign);
    ok(await operator.post('send', { channel: channel.id, to: callsign, text: 'content of a message' }));
    ok(await operator.post('stop', { channel: channel.id }));
    ok(await operator.delete(`channels/${channel.id}`));
  }
  await until(() => hub.errors.split('administrative act').length > 12, 'a line of the log for each');
  const { port } = hub;
  await hub.restart({ port });
  const answer = await operator.get('audit?limit=12');
  assert.ok(!answer.text.includes('content of a message'));
  const audit = ok(answer).audit.reverse();
  assert.deepEqual(audit.map(({ id }) => id), audit.map((_, i) => before + 1 + i));
  const acts = ['kick', 'ban', 'unban', 'send', 'stop', 'close'];
  assert.deepEqual(audit.map(({ act }) => act), [...acts, ...acts]);
  for (const entry of audit.slice(0, 6)) {
    assert.equal(entry.channel, quiet.id);
    assert.equal(entry.by, 'admin token');
    assert.ok(Math.abs(entry.at - Date.now()) < 60_000);
    assert.ok(!JSON.stringify(entry).includes(callsign) && !('reason' in entry), 'it keeps no record of who talks');
  }
  for (const entry of audit.slice(6, 10)) assert.equal(entry.callsign, callsign, entry.act);
  assert.equal(audit[6].reason, 'because of this');
  assert.equal(audit[6].sessions, 1);
  const earlier = await operator.audit(`?before=${audit[3].id}&limit=2`);
  assert.deepEqual(earlier.map(({ id }) => id), [audit[2].id, audit[1].id]);
});

test('refused acts are not written down', async () => {
  const before = (await operator.audit('?limit=1'))[0].id;
  await operator.post('kick', { callsign: 'a', channel: 'no-such' });
  await operator.post('unban', { callsign: 'nobody-is-banned-so' });
  await hub.post('/api/admin/kick', { callsign: 'a' }, { Authorization: 'Bearer wrong' });
  assert.equal((await operator.audit('?limit=1'))[0].id, before);
});
