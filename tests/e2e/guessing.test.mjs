// Guessing: how often a secret may be wrong, from one address and on one channel, and what the answers
// to wrong ones give away. A forwarding header stands for a caller from elsewhere: direct loopback
// callers are not limited.

import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { Account } from './support/account.mjs';
import { createChannel } from './support/channel.mjs';
import { Handle } from './support/handle.mjs';
import { assertError, ok } from './support/http.mjs';
import { startHub } from './support/hub.mjs';

const kWrongAMinute = 10;
const kFreePasswords = 5;  // wrong ones from one address before it has to wait
const kStrangersAtOnce = 20;
const hubToken = 'a-token-of-the-hub';
const adminToken = 'a-token-of-the-operator';

const hub = await startHub({ args: ['--shards', '2'] });
const closed = await startHub({ args: ['--token', hubToken], adminToken });
after(async () => { await hub.stop(); await closed.stop(); });

let addresses = 0;
const elsewhere = () => ({ 'X-Forwarded-For': `198.51.100.${++addresses}` });
const bearer = (token) => ({ Authorization: `Bearer ${token}` });

const account = await Account.create(hub);
const handle = await Handle.create(hub, undefined, account);
const channel = await createChannel(hub);
const guarded = await createChannel(hub, { owner_password: 'open sesame' });

// How each secret is tried: with(secret, headers) -> answer; and the right one.
const kinds = {
  'a recovery token': {
    right: account.recovery, wrong: 'rtacc_wrong',
    with: (recovery_token, headers) => hub.post('/api/account/recover', { recovery_token }, headers),
  },
  'a session token': {
    right: account.token, wrong: 'rtses_wrong',
    with: (token, headers) => hub.get('/api/account', { ...bearer(token), ...headers }),
  },
  'a session token at the creation of a channel': {
    right: account.token, wrong: 'rtses_wrong',
    with: (token, headers) => hub.post('/api/channels', {}, { ...bearer(token), ...headers }),
  },
  'an identity key on a channel': {
    right: handle.key, wrong: 'rtid_wrong',
    with: (identity_key, headers) => channel.tryJoin({ identity_key }, { headers }),
  },
  'an identity key at an inbox': {
    right: handle.key, wrong: 'rtid_wrong',
    with: (key, headers) => hub.get('/api/dm/inbox', { 'X-Identity-Key': key, ...headers }),
  },
  'an owner password': {
    right: 'open sesame', wrong: 'open barley', free: kFreePasswords,
    with: (owner_password, headers) => guarded.tryJoin({ callsign: 'ann', owner_password }, { headers }),
  },
  'an owner password for a transcript': {
    right: 'open sesame', wrong: 'open barley', free: kFreePasswords,
    with: async (owner_password, headers) => {
      strict ??= await createChannel(hub, {
        owner_password: 'open sesame', retention: 'full', require_identity: true });
      return strict.call('GET', 'transcript', { headers: { ...headers, 'X-Owner-Password': owner_password } });
    },
  },
  'the hub token': {
    right: hubToken, wrong: 'not-the-token',
    with: (token, headers) => closed.post('/api/channels', {}, { 'X-Hub-Token': token, ...headers }),
  },
  'the hub token over MCP': {
    right: hubToken, wrong: 'not-the-token',
    with: (token, headers) => closed.post('/mcp', { jsonrpc: '2.0', id: 1, method: 'initialize', params: {
      protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'test', version: '1' } } },
      { ...bearer(token), Accept: 'application/json, text/event-stream', ...headers }),
  },
  'the admin token': {
    right: adminToken, wrong: 'not-the-token',
    with: (token, headers) => closed.get('/metrics', { ...bearer(token), ...headers }),
  },
};
let strict;

function assertLimited(answer) {
  assert.equal(answer.status, 429, `${answer.status}: ${answer.text}`);
  const seconds = Number(answer.headers['retry-after']);
  assert.ok(seconds >= 1 && seconds <= 60, `${seconds}`);
}

for (const [what, kind] of Object.entries(kinds)) {
  const free = kind.free ?? kWrongAMinute;
  test(`${what}: after ${free} wrong ones in a minute not even the right one is taken`, async () => {
    const headers = elsewhere();
    assert.equal((await kind.with(kind.right, headers)).status, 200);
    for (let i = 0; i < free; ++i) {
      const answer = await kind.with(`${kind.wrong}-${i}`, headers);
      assert.equal(answer.status, 401, `${i}: ${answer.text}`);
      assert.ok(!answer.text.includes(kind.wrong), 'what was tried is not repeated');
    }
    assertLimited(await kind.with(`${kind.wrong}-more`, headers));
    assertLimited(await kind.with(kind.right, headers));
    assert.equal((await kind.with(kind.right, elsewhere())).status, 200, 'others are not held up');
  });
}

test('a code of a mail: the same, also where nobody has that address', async () => {
  const headers = elsewhere();
  const body = { email: 'nobody@example.test', code: '123456' };
  for (let i = 0; i < kWrongAMinute; ++i) {
    assertError(await hub.post('/api/account/recover/email/confirm', body, headers), 401, 'unauthorized');
  }
  assertLimited(await hub.post('/api/account/recover/email/confirm', body, headers));
});

test('wrong ones of all kinds count together', async () => {
  const headers = elsewhere();
  const all = Object.values(kinds).slice(0, 5);
  for (let i = 0; i < kWrongAMinute; ++i) {
    assert.equal((await all[i % all.length].with('wrong', headers)).status, 401);
  }
  for (const kind of all) assertLimited(await kind.with(kind.right, headers));
});

test('wrong join tokens do not lock the operator out', async () => {
  const headers = elsewhere();
  const { channel_id } = ok(await closed.post('/api/channels', {}, { 'X-Hub-Token': hubToken }));
  const withToken = (token) => closed.get(`/api/channels/${channel_id}/roster`, { ...bearer(token), ...headers });
  for (let i = 0; i < kWrongAMinute; ++i) assert.equal((await withToken(`wrong-${i}`)).status, 401);
  assertLimited(await withToken('wrong-more'));
  assert.equal((await closed.get('/metrics', { ...bearer(adminToken), ...headers })).status, 200);
  ok(await closed.get('/api/admin/overview', { ...bearer(adminToken), ...headers }));
});

// An address of a network that nobody else of this file comes from.
let networks = 0;
const sixth = () => ({ 'X-Forwarded-For': `2001:db8:${(++networks).toString(16)}::1` });
const passwordOf = async (more = {}) => {
  const target = await createChannel(hub, { owner_password: 'open sesame', ...more });
  const join = (owner_password, headers, as = { callsign: 'ann' }) =>
    target.tryJoin({ ...as, owner_password }, { headers });
  return { target, join };
};
const wrongOnes = async (join, count, headersOf) => {
  for (let i = 0; i < count; ++i) assertError(await join(`wrong ${i}`, headersOf(i)), 401, 'unauthorized');
};

test('owner passwords: what one address tries wrong holds up nobody else', async () => {
  const { target, join } = await passwordOf();
  const guesser = elsewhere();
  await wrongOnes(join, kFreePasswords, () => guesser);
  for (const tried of ['wrong again', 'open sesame']) {
    const refused = await join(tried, guesser);
    assertError(refused, 429, 'rate_limited', /from here to this channel/);
    assert.ok(refused.json.retry_after_seconds > 50 && refused.json.retry_after_seconds <= 60);
  }
  assert.equal(ok(await join('open sesame', elsewhere())).human_authorized, true);
  ok(await target.tryJoin({ callsign: 'bob' }, { headers: guesser }));
  ok(await guarded.tryJoin({ callsign: 'cid', owner_password: 'open sesame' }, { headers: guesser }));
  ok(await join('open sesame'), 'and the operator on the machine itself is let in');
});

test('owner passwords: right ones do not count', async () => {
  const { join } = await passwordOf();
  const headers = elsewhere();
  for (let i = 0; i < 40; ++i) ok(await join('open sesame', i % 2 === 0 ? headers : elsewhere()));
  await wrongOnes(join, kFreePasswords, () => headers);
});

test('owner passwords: all addresses of one network count as one', async () => {
  const { join } = await passwordOf();
  const network = ++networks;
  const host = (i) => ({ 'X-Forwarded-For': `2001:db8:${network.toString(16)}:${i + 1}::1` });
  await wrongOnes(join, kFreePasswords, host);
  assertError(await join('open sesame', host(77)), 429, 'rate_limited');
});

test('owner passwords: strangers share what a channel takes; who was right before does not wait', async () => {
  const { join } = await passwordOf({ require_identity: true });
  const owner = await Handle.create(hub);
  const phone = await Handle.create(hub);
  const stranger = await Handle.create(hub);
  const as = ({ key }) => ({ identity_key: key });
  const home = elsewhere();
  ok(await join('open sesame', home, as(owner)));
  let left = kStrangersAtOnce;
  while (left > 0) {
    const headers = left % 4 === 0 ? elsewhere() : sixth();
    await wrongOnes((password) => join(password, headers, as(stranger)), 2, () => headers);
    left -= 2;
  }
  for (const tried of ['wrong again', 'open sesame']) {
    const refused = await join(tried, elsewhere(), as(stranger));
    assertError(refused, 429, 'rate_limited', /one every 6 minutes/);
    assert.ok(refused.json.retry_after_seconds > 0 && refused.json.retry_after_seconds <= 360);
  }
  assert.equal(ok(await join('open sesame', home, as(phone))).human_authorized, true, 'an address that was right');
  assert.equal(ok(await join('open sesame', elsewhere(), as(owner))).human_authorized, true, 'an identity that was right');
  assert.equal(ok(await join('open sesame', elsewhere(), as(phone))).human_authorized, true, '... and this one by now');
  assertError(await join('open sesame', elsewhere(), as(stranger)), 429, 'rate_limited');
  ok(await guarded.tryJoin({ callsign: 'dan', owner_password: 'open sesame' }, { headers: elsewhere() }));
});

test('an identity that was right is known by X-Owner-Password, too', async () => {
  const { target, join } = await passwordOf({ require_identity: true, retention: 'full' });
  const owner = await Handle.create(hub);
  const { session_id: session } = ok(await join('open sesame', elsewhere(), { identity_key: owner.key }));
  for (let from = 0; from < kStrangersAtOnce; from += 2) {
    const headers = elsewhere();
    for (let i = 0; i < 2; ++i) {
      assertError(await target.call('GET', 'transcript', { headers: { ...headers, 'X-Owner-Password': `wrong ${i}` } }), 401, 'unauthorized');
    }
  }
  const transcript = (more) => target.call('GET', 'transcript', {
    headers: { ...elsewhere(), 'X-Owner-Password': 'open sesame' }, ...more });
  assertError(await transcript(), 429, 'rate_limited');
  ok(await transcript({ session }));
});

test('many wrong passwords at once are no more than a channel takes', async () => {
  const { join } = await passwordOf();
  const answers = await Promise.all(Array.from({ length: 60 }, (_, i) => join(`wrong ${i}`, elsewhere())));
  const told = answers.filter(({ status }) => status === 401).length;
  assert.equal(told, kStrangersAtOnce);
  assert.equal(answers.filter(({ status }) => status === 429).length, 60 - told);
});

test('an answer to a wrong secret is the same whatever there is', async () => {
  const seen = ({ status, text }) => ({ status, text });
  const deleted = await Account.create(hub);
  const gone = await Handle.create(hub, undefined, deleted);
  ok(await deleted.delete());
  const garbage = ['x', 'rtacc_', `rtacc_${'A'.repeat(43)}`];
  const recovery = await Promise.all([deleted.recovery, ...garbage].map(async (recovery_token) =>
    seen(await hub.post('/api/account/recover', { recovery_token }))));
  const session = await Promise.all([deleted.token, account.recovery, handle.key, ...garbage].map(async (token) =>
    seen(await hub.get('/api/account', bearer(token)))));
  const key = await Promise.all([gone.key, account.token, ...garbage].map(async (token) =>
    seen(await hub.get('/api/dm/inbox', { 'X-Identity-Key': token }))));
  for (const answers of [recovery, session, key]) {
    for (const answer of answers) assert.deepEqual(answer, answers[0]);
    assert.equal(answers[0].status, 401);
  }
});

test('direct callers on this machine are limited where the operator wants it', async () => {
  const own = await startHub({ args: ['--rate-limit-loopback', '--rate-wrong-secret', '2'] });
  try {
    const tried = () => own.post('/api/account/recover', { recovery_token: 'rtacc_wrong' });
    assertError(await tried(), 401, 'unauthorized');
    assertError(await tried(), 401, 'unauthorized');
    assertLimited(await tried());
  } finally {
    await own.stop();
  }
});
