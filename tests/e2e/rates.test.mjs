// Rate limits. A forwarding header stands for a caller from elsewhere: loopback is a trusted proxy
// by default, and direct loopback callers are not limited.

import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { Account } from './support/account.mjs';
import { band, createChannel } from './support/channel.mjs';
import { assertError, ok } from './support/http.mjs';
import { startHub } from './support/hub.mjs';

const hub = await startHub();
const strict = await startHub({ args: ['--rate-limit-loopback', '--rate-send', '3', '--rate-create', '2', '--rate-join', '4'] });
after(async () => { await hub.stop(); await strict.stop(); });
const from = (address) => ({ 'X-Forwarded-For': address });

function assertLimited(answer) {
  const error = assertError(answer, 429, 'rate_limited');
  assert.ok(Number.isInteger(error.retry_after_seconds));
  assert.ok(error.retry_after_seconds >= 1 && error.retry_after_seconds <= 60);
  assert.equal(answer.headers['retry-after'], String(error.retry_after_seconds));
}

test('60 sends a minute from one address; every answer says what is left', async () => {
  const channel = await createChannel(hub, { loop_guard: 'off' });
  const ann = await channel.join('ann');
  for (let i = 1; i <= 60; ++i) {
    const answer = await ann.trySend({ message: `m${i}` }, { headers: from('198.51.100.1') });
    ok(answer);
    assert.equal(answer.headers['x-ratelimit-limit'], '60');
    assert.equal(answer.headers['x-ratelimit-remaining'], String(60 - i));
    const reset = Number(answer.headers['x-ratelimit-reset']);
    assert.ok(reset >= Date.now() / 1000 - 1 && reset <= Date.now() / 1000 + 61, 'unix seconds');
  }
  const over = await ann.trySend({ message: 'one more' }, { headers: from('198.51.100.1') });
  assertLimited(over);
  assert.equal(over.headers['x-ratelimit-remaining'], '0');
  ok(await ann.trySend({ message: 'from elsewhere' }, { headers: from('198.51.100.2') }));
  ok(await ann.trySend({ message: 'from this machine' }));
});

test('10 sends a minute on bands', async () => {
  const general = band(hub, 'general');
  const ann = await general.join('ann');
  for (let i = 1; i <= 10; ++i) {
    const answer = await ann.trySend({ message: 'x' }, { headers: from('198.51.100.3') });
    ok(answer);
    assert.equal(answer.headers['x-ratelimit-limit'], '10');
  }
  assertLimited(await ann.trySend({ message: 'x' }, { headers: from('198.51.100.3') }));
});

test('a refused send carries the headers too', async () => {
  const channel = await createChannel(hub);
  const ann = await channel.join('ann');
  const answer = await ann.trySend({ message: '' }, { headers: from('198.51.100.4') });
  assert.equal(answer.status, 400);
  for (const name of ['limit', 'remaining', 'reset']) assert.ok(answer.headers[`x-ratelimit-${name}`], name);
});

test('a direct answer carries the headers too', async () => {
  const channel = await createChannel(hub);
  const answer = await (await channel.join('ann')).trySend({ message: 'x' });
  for (const name of ['limit', 'remaining', 'reset']) assert.ok(answer.headers[`x-ratelimit-${name}`], name);
});

test('IPv6 is counted by /64', async () => {
  const channel = await createChannel(hub, { loop_guard: 'off' });
  const ann = await channel.join('ann');
  for (let i = 1; i <= 60; ++i) {
    ok(await ann.trySend({ message: 'x' }, { headers: from(`2001:db8:1:2::${i}`) }));
  }
  assertLimited(await ann.trySend({ message: 'x' }, { headers: from('2001:db8:1:2:ffff::1') }));
  ok(await ann.trySend({ message: 'x' }, { headers: from('2001:db8:1:3::1') }));
});

test('of several forwarded addresses the rightmost that is no proxy counts', async () => {
  const channel = await createChannel(hub, { loop_guard: 'off' });
  const ann = await channel.join('ann');
  for (let i = 1; i <= 60; ++i) {
    ok(await ann.trySend({ message: 'x' }, { headers: from(`203.0.113.${i}, 198.51.100.9, 127.0.0.1`) }));
  }
  assertLimited(await ann.trySend({ message: 'x' }, { headers: from('198.51.100.9') }));
});

test('CF-Connecting-IP does not count unless configured', async () => {
  const channel = await createChannel(hub);
  const ann = await channel.join('ann');
  const answer = await ann.trySend({ message: 'x' }, { headers: { ...from('198.51.100.20'), 'CF-Connecting-IP': '203.0.113.99' } });
  assert.equal(answer.headers['x-ratelimit-remaining'], '59');
  const again = await ann.trySend({ message: 'x' }, { headers: { ...from('198.51.100.20'), 'CF-Connecting-IP': '203.0.113.98' } });
  assert.equal(again.headers['x-ratelimit-remaining'], '58');
});

test('20 channels a minute from one address', async () => {
  for (let i = 0; i < 20; ++i) ok(await hub.post('/api/channels', {}, from('198.51.100.5')));
  assertLimited(await hub.post('/api/channels', {}, from('198.51.100.5')));
  ok(await hub.post('/api/channels', {}));
});

test('60 joins a minute from one address, 10 on bands', async () => {
  const channel = await createChannel(hub);
  for (let i = 0; i < 60; ++i) await channel.join(`a${i}`, {}, { headers: from('198.51.100.6') });
  assertLimited(await channel.tryJoin({}, { headers: from('198.51.100.6') }));
  const random = band(hub, 'random');
  for (let i = 0; i < 10; ++i) await random.join(`b${i}`, {}, { headers: from('198.51.100.7') });
  assertLimited(await random.tryJoin({}, { headers: from('198.51.100.7') }));
});

test('10 new identities and rotations a minute, together', async () => {
  const account = await Account.create(hub);
  const { callsign } = await account.identity();
  const headers = { ...account.headers, ...from('198.51.100.9') };
  const rotate = () => hub.post(`/api/account/identities/${callsign}/rotate`, {}, headers);
  ok(await hub.post('/api/account/identities', {}, headers));
  for (let i = 0; i < 9; ++i) ok(await rotate());
  assertLimited(await rotate());
});

test('10 wrong secrets a minute, of any kind together', async () => {
  const channel = await createChannel(hub, { owner_password: 'open sesame' });
  const headers = from('198.51.100.8');
  for (let i = 0; i < 5; ++i) {
    assertError(await channel.call('GET', 'stats', { token: `wrong${i}`, headers }), 401, 'unauthorized');
  }
  for (let i = 0; i < 5; ++i) {
    assertError(await channel.tryJoin({ callsign: 'ann', owner_password: `wrong${i}` }, { headers }), 401, 'unauthorized');
  }
  assertLimited(await channel.call('GET', 'stats', { token: 'wrong', headers }));
  assertLimited(await channel.tryJoin({ callsign: 'ann', owner_password: 'wrong again' }, { headers }));
  assertError(await channel.call('GET', 'stats', { token: 'wrong', headers: from('198.51.100.88') }), 401, 'unauthorized');
});

test('the limits are configured by flags, also for this machine', async () => {
  const channel = await createChannel(strict);
  ok(await strict.post('/api/channels', {}));
  assertLimited(await strict.post('/api/channels', {}));
  const ann = await channel.join('ann');
  for (const callsign of ['b', 'c', 'd']) await channel.join(callsign);
  assertLimited(await channel.tryJoin({ callsign: 'e' }));
  for (let i = 0; i < 3; ++i) {
    assert.equal((await ann.trySend({ message: 'x' })).headers['x-ratelimit-limit'], '3');
  }
  assertLimited(await ann.trySend({ message: 'x' }));
});
