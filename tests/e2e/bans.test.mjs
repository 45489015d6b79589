// Bans of callsigns, identities, addresses and networks: at once, on every way in, over restarts.
// Clients from elsewhere come by X-Forwarded-For: loopback is a trusted proxy.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import test, { after } from 'node:test';
import { Legacy, Modern, kAccept, refused } from '../mcp/support/rpc.mjs';
import { Account } from './support/account.mjs';
import { band, createChannel } from './support/channel.mjs';
import { assertError, assertInvalid, ok } from './support/http.mjs';
import { startHub } from './support/hub.mjs';
import { Operator } from './support/operator.mjs';
import { Stream } from './support/sse.mjs';

const hub = await startHub({ args: ['--shards', '2'], adminToken: 'the-admin-token-of-ban-tests' });
const operator = new Operator(hub);
after(() => hub.stop());

let names = 0;
const fresh = (name) => `${name}-${++names}`;
// Each test has an address of its own, so that no ban meets another test.
const freshAddress = () => `203.0.113.${++names}`;
const from = (address) => ({ 'X-Forwarded-For': address });

test('a banned callsign is off at once and stays out, on every way in', async () => {
  const callsign = fresh('banned');
  const channels = [await createChannel(hub), await createChannel(hub, { durable: true }), await createChannel(hub)];
  const [streaming, polling] = [await channels[0].join(callsign), await channels[1].join(callsign)];
  const stream = await streaming.stream();
  const poll = polling.tryListen({ timeout: 30 });
  const mcp = await Legacy.open(hub);
  await mcp.join(channels[2], callsign);
  const call = await mcp.openTool('wait', { timeout_seconds: 60 });
  await hub.untilPolls(2);

  const { ban, sessions } = await operator.ban({ callsign: ` ${callsign.toUpperCase()} `, reason: 'selling watches' });
  assert.equal(sessions, 3);
  assert.equal(ban.callsign, callsign);
  assert.deepEqual((await stream.next('bye')).data, { reason: 'banned' });
  await stream.end();
  assertError(await poll, 403, 'unauthorized', /banned/);
  assert.match(JSON.stringify(await call.stream.answer(call.id)), /banned/);
  const says = /operator has banned callsign banned-\d+.*selling watches.*Stop trying/;
  for (const member of [streaming, polling]) {
    assertError(await member.trySend({ message: 'x' }), 403, 'unauthorized', says);
    assertError(await member.tryListen({ timeout: 0 }), 403, 'unauthorized', says);
    assertError(await member.channel.tryJoin({ callsign }), 403, 'unauthorized', says);
    assertError(await member.channel.tryJoin({}, { session: member.session }), 403, 'unauthorized', says);
  }
  refused(await mcp.tool('send', { message: 'x' }), says);
  refused(await mcp.tool('join', { channel_id: channels[2].id, token: channels[2].token, callsign }), says);
  const modern = new Modern(hub);
  refused(await modern.tool('join', { channel_id: channels[0].id, token: channels[0].token, callsign }), says);

  const { port } = hub;
  await hub.restart({ port });
  assert.equal((await operator.bans()).find((one) => one.callsign === callsign).reason, 'selling watches');
  for (const channel of channels) assertError(await channel.tryJoin({ callsign }), 403, 'unauthorized', says);
  assertError(await polling.tryListen({ timeout: 0 }), 403, 'unauthorized', says);

  await operator.unban({ callsign });
  assertError(await operator.post('unban', { callsign }), 404, 'not_found');
  assertError(await polling.tryListen({ timeout: 0 }), 410, 'session_expired');
  ok(await channels[0].tryJoin({ callsign }));
});

test('a ban may be for one channel only', async () => {
  const callsign = fresh('local');
  const [here, there] = [await createChannel(hub), await createChannel(hub)];
  const [off, on] = [await here.join(callsign), await there.join(callsign)];
  assert.equal((await operator.ban({ callsign, channel: here.id })).sessions, 1);
  assertError(await off.trySend({ message: 'x' }), 403, 'unauthorized', /from this channel/);
  assertError(await here.tryJoin({ callsign }), 403, 'unauthorized');
  ok(await on.trySend({ message: 'x' }));
  ok(await here.tryJoin({ callsign: fresh('other') }));
  assertError(await operator.post('ban', { callsign, channel: 'no-such-channel' }), 404, 'not_found');
});

test('a banned identity stays out with its key, also of direct messages', async () => {
  const account = await Account.create(hub);
  const [one, two] = [await account.identity(fresh('handle')), await account.identity(fresh('handle'))];
  const channel = await createChannel(hub);
  const joined = ok(await channel.tryJoin({ identity_key: one.identity_key }));
  const key = { 'X-Identity-Key': one.identity_key };
  const inbox = await Stream.open(hub.url, { path: '/api/dm/stream', headers: key });
  assert.equal(inbox.status, 200);
  await inbox.next('hello');
  assert.equal((await operator.ban({ identity: one.callsign })).sessions, 2);
  assert.deepEqual((await inbox.next('bye')).data, { reason: 'banned' });
  const says = /banned identity/;
  assertError(await hub.post(channel.path('send'), { message: 'x' }, channel.headers({ session: joined.session_id })), 403, 'unauthorized', says);
  assertError(await channel.tryJoin({ identity_key: one.identity_key }), 403, 'unauthorized', says);
  assertError(await hub.post('/api/dm', { to: two.callsign, text: 'x' }, key), 403, 'unauthorized', says);
  assertError(await hub.get('/api/dm/inbox', key), 403, 'unauthorized', says);
  ok(await channel.tryJoin({ identity_key: two.identity_key }));
  await operator.unban({ identity: one.callsign });
  ok(await channel.tryJoin({ identity_key: one.identity_key }));
  // By its account: all of its identities.
  assert.equal((await operator.ban({ identity: account.id })).sessions, 2);
  for (const { identity_key } of [one, two]) {
    assertError(await channel.tryJoin({ identity_key }), 403, 'unauthorized', says);
  }
  await operator.unban({ identity: account.id });
  assertError(await operator.post('ban', { identity: 'nobody-has-this' }), 404, 'not_found');
});

test('a banned network gets 403 for everything but /healthz, and what it had open is closed', async () => {
  const network = '198.51.100.0/24';
  const inside = from('198.51.100.7');
  const [memory, durable] = [await createChannel(hub), await createChannel(hub, { durable: true })];
  const streaming = await memory.join(fresh('in'), {}, { headers: inside });
  const polling = await durable.join(fresh('in'), {}, { headers: inside });
  const neighbour = await memory.join(fresh('out'), {}, { headers: from('198.51.101.7') });
  const stream = await streaming.stream({}, inside);
  const poll = polling.tryListen({ timeout: 30 }, { headers: inside });
  const mcp = await Legacy.open(hub, { headers: inside });
  await mcp.join(memory, fresh('in'));
  const call = await mcp.openTool('wait', { timeout_seconds: 60 });
  const listening = await mcp.get();
  await hub.untilPolls(2);

  const { ban, sessions } = await operator.ban({ address: '198.51.100.9/24', reason: 'a botnet' });
  assert.equal(ban.address, network);
  assert.equal(sessions, 3);
  assert.deepEqual((await stream.next('bye')).data, { reason: 'banned' });
  assertError(await poll, 403, 'unauthorized', /banned/);
  assert.match(JSON.stringify(await call.stream.answer(call.id)), /banned/);
  await listening.end();

  const says = /banned your address.*a botnet/;
  for (const path of ['/', '/llms.txt', '/api/bands', '/readyz', '/metrics', memory.path(), '/nothing-here', '/api/admin/bans']) {
    assertError(await hub.get(path, operator.headers(inside)), 403, 'unauthorized', says);
  }
  assertError(await hub.post('/mcp', {}, { ...inside, Accept: kAccept }), 403, 'unauthorized', says);
  assertError(await streaming.trySend({ message: 'x' }, { headers: inside }), 403, 'unauthorized', says);
  assertError(await memory.tryJoin({}, { headers: inside }), 403, 'unauthorized', says);
  assert.equal((await hub.get('/healthz', inside)).status, 200);
  ok(await neighbour.trySend({ message: 'not me' }, { headers: from('198.51.101.7') }));
  // Their sessions have ended, from wherever they call.
  assertError(await streaming.trySend({ message: 'x' }), 410, 'session_expired', /operator/);

  const { port } = hub;
  await hub.restart({ port });
  assertError(await hub.get('/llms.txt', inside), 403, 'unauthorized', says);
  await operator.unban({ address: network });
  assert.equal((await hub.get('/llms.txt', inside)).status, 200);
});

test('a network may be banned from one channel', async () => {
  const address = freshAddress();
  const [here, there] = [await createChannel(hub), await createChannel(hub)];
  const member = await here.join('ann', {}, { headers: from(address) });
  const other = await there.join('ann', {}, { headers: from(address) });
  const stream = await member.stream({}, from(address));
  assert.equal((await operator.ban({ address, channel: here.id })).sessions, 1);
  assert.equal((await stream.next('bye')).data.reason, 'banned');
  for (const answer of [await here.tryJoin({}, { headers: from(address) }),
    await hub.get(here.path(), from(address)),
    await hub.post(`/mcp/${here.id}`, {}, { ...from(address), ...here.headers(), Accept: kAccept })]) {
    assertError(answer, 403, 'unauthorized', /banned your address from this channel/);
  }
  const mcp = await Legacy.open(hub, { headers: from(address) });
  refused(await mcp.tool('join', { channel_id: here.id, token: here.token }), /banned your address/);
  ok(await other.trySend({ message: 'x' }, { headers: from(address) }));
});

test('who owns a channel ends it from an address that is banned there', async () => {
  const address = freshAddress();
  const account = await Account.create(hub);
  const made = ok(await hub.post('/api/channels', {}, account.headers));
  await operator.ban({ address, channel: made.channel_id });
  ok(await hub.request({ method: 'DELETE', path: `/api/account/channels/${made.channel_id}`,
    headers: { ...account.headers, ...from(address) } }));
});

test('of IPv6 the /64 counts, and IPv4 is none of it', async () => {
  const { ban } = await operator.ban({ address: '2001:db8:1:2:3:4:5:6' });
  assert.equal(ban.address, '2001:db8:1:2::/64');
  assert.equal((await hub.get('/llms.txt', from('2001:db8:1:2::99'))).status, 403);
  assert.equal((await hub.get('/llms.txt', from('2001:db8:1:3::99'))).status, 200);
  await operator.unban({ address: '2001:db8:1:2::1' });
  // ::1 lies in ::/64, and so does every IPv4 address in its mapped form.
  await operator.ban({ address: '::1' });
  assert.equal((await hub.get('/llms.txt', from(freshAddress()))).status, 200);
  await operator.unban({ address: '::1' });
  const mapped = await operator.ban({ address: '::ffff:192.0.2.0/120' });
  assert.equal(mapped.ban.address, '192.0.2.0/24');
  assert.equal((await hub.get('/llms.txt', from('192.0.2.200'))).status, 403);
});

test('what is wrong in an act is named', async () => {
  assertInvalid(await operator.post('ban', {}), 'callsign');
  // A typo must not turn an act on one channel into one on all.
  assertInvalid(await operator.post('ban', { callsign: 'nobody', chanel: 'x' }), 'channel');
  assertInvalid(await operator.post('stop', { callsign: 'nobody' }), 'channel');
  assertInvalid(await operator.post('kick', { callsign: 'a', address: '1.2.3.4' }), 'Name one of');
  assertInvalid(await operator.post('ban', { callsign: 'no good' }), 'callsign');
  assertInvalid(await operator.post('ban', { callsign: ['x'] }), 'callsign');
  for (const address of ['1.2.3', '1.2.3.4/33', 'example.org', '', '0.0.0.0/0', '10.0.0.0/7', '::/0', '2000::/3']) {
    assertInvalid(await operator.post('ban', { address }), 'address');
  }
  assertInvalid(await operator.post('ban', { callsign: 'a', reason: 'x'.repeat(201) }), 'reason');
  assertInvalid(await operator.post('ban', { callsign: 'a', reason: 'two\nlines' }), 'reason');
  for (const act of ['kick', 'ban', 'unban', 'stop']) {
    assertInvalid(await operator.post(act, { callsign: 'a', channel: ' ' }), 'channel');
  }
  const own = await operator.post('ban', { address: '203.0.113.0/24' }, from('203.0.113.9'));
  assertError(own, 409, 'conflict', /yourself/);
  assertError(await operator.post('ban', { address: '127.0.0.0/8' }), 409, 'conflict', /yourself/);
});

test('where a session came from is never on disk', async () => {
  const address = '192.0.2.77'.replace('192.0.2', '100.64.3');
  const channel = await createChannel(hub, { durable: true, retention: 'full' });
  const member = await channel.join('ann', {}, { headers: from(address) });
  await member.send('all', 'x');
  const found = execFileSync('sh', ['-c', `grep -rlaF -e "${address}" "${hub.dataDir}" || true`]).toString();
  assert.equal(found, '');
});

test('bands can be administered, too', async () => {
  const general = band(hub, 'general');
  const callsign = fresh('loud');
  const member = await general.join(callsign);
  await operator.ban({ callsign, channel: 'general' });
  assertError(await member.trySend({ message: 'x' }), 403, 'unauthorized', /banned/);
  ok(await operator.post('send', { channel: 'general', text: 'be nice' }));
});
