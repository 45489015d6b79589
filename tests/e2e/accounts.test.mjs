// Accounts and identities: creation, recovery, joins with a key, rotation, revocation, restarts.

import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { Account } from './support/account.mjs';
import { createChannel, Channel } from './support/channel.mjs';
import { assertError, assertInvalid, ok } from './support/http.mjs';
import { startHub, until } from './support/hub.mjs';
import { Stream } from './support/sse.mjs';

const hub = await startHub({ args: ['--shards', '2'] });
after(() => hub.stop());

let names = 0;
const fresh = () => `handle-${process.pid}-${++names}`;

test('an account is made without a form, and its secrets say what they are', async () => {
  const account = await Account.create(hub);
  assert.match(account.id, /^acc_/);
  assert.match(account.recovery, /^rtacc_[A-Za-z0-9_-]{43}$/);
  assert.match(account.token, /^rtses_[A-Za-z0-9_-]{43}$/);
  const seen = ok(await account.get());
  assert.equal(seen.account_id, account.id);
  assert.deepEqual(seen.identities, []);
  assert.equal('email' in seen, false);
});

test('what asks for a session token refuses none and a wrong one', async () => {
  for (const path of ['', '/channels', '/identities']) {
    assertError(await hub.get(`/api/account${path}`), 401, 'unauthorized');
    assertError(await hub.get(`/api/account${path}`, { Authorization: 'Bearer rtses_x' }),
      401, 'unauthorized');
  }
});

test('recovery opens a further session; revoke ends the others', async () => {
  const account = await Account.create(hub);
  const second = ok(await hub.post('/api/account/recover', { recovery_token: account.recovery }));
  assert.equal(second.account_id, account.id);
  assert.equal((await account.get()).status, 200);
  const third = ok(await hub.post('/api/account/recover', { recovery_token: account.recovery, revoke: true }));
  assertError(await account.get(), 401, 'unauthorized');
  account.token = third.session_token;
  assert.equal((await account.get()).status, 200);
  assertError(await hub.post('/api/account/recover', { recovery_token: 'rtacc_wrong' }), 401, 'unauthorized');
  assertInvalid(await hub.post('/api/account/recover', {}), 'recovery_token');
});

test('an identity is unique on the server and never reissued', async () => {
  const [one, two] = [await Account.create(hub), await Account.create(hub)];
  const handle = fresh();
  const made = await one.identity(handle.toUpperCase());
  assert.equal(made.callsign, handle);
  assert.match(made.identity_key, /^rtid_/);
  assertError(await two.post('/identities', { callsign: handle }), 409, 'callsign_taken');
  assertError(await two.delete(`/identities/${handle}`), 404, 'not_found');
  assert.deepEqual(ok(await one.delete(`/identities/${handle}`)), { ok: true });
  assertError(await one.post('/identities', { callsign: handle }), 409, 'callsign_taken');
});

test('a callsign that nobody may have is refused, and one is allotted where none is named', async () => {
  const account = await Account.create(hub);
  for (const callsign of ['all', 'operator', 'human-authorized', 'a b', '', '-x']) {
    assertInvalid(await account.post('/identities', { callsign }), 'callsign');
  }
  const allotted = await account.identity();
  assert.match(allotted.callsign, /^[a-z]+-[a-z]+/);
  assert.deepEqual(ok(await account.get('/identities')).identities.map(({ callsign }) => callsign),
    [allotted.callsign]);
});

test('a key fixes the callsign, marks it verified, and keeps it from others where it has joined', async () => {
  const account = await Account.create(hub);
  const { callsign, identity_key } = await account.identity(fresh());
  const channel = await createChannel(hub);
  const joined = ok(await channel.tryJoin({ callsign: 'something-else', identity_key }));
  assert.equal(joined.callsign, callsign);
  assert.equal(joined.identity_account, account.id);
  assert.equal(joined.roster_with_index[0].verified, true);
  const refused = await channel.tryJoin({ callsign });
  assertError(refused, 409, 'callsign_taken');
  assert.match(refused.json.error, /identity/);
  assertError(await hub.post('/api/channels/general/join', { callsign }), 409, 'callsign_taken');
  const elsewhere = await (await createChannel(hub)).join(callsign);
  assert.equal(elsewhere.joined.callsign, callsign, 'a plain name is free where the identity has never been');
  assertError(await channel.tryJoin({ identity_key: 'rtid_unknown' }), 401, 'unauthorized');
});

test('an identity waits for who holds its callsign without the key; from then on it is protected', async () => {
  const account = await Account.create(hub);
  const handle = fresh();
  const channel = await createChannel(hub);
  const [plain] = await channel.joinAll(handle);
  const { identity_key } = await account.identity(handle);
  const refused = await channel.tryJoin({ identity_key });
  assertError(refused, 409, 'callsign_taken');
  assert.match(refused.json.hint, /X-Session-Id along with the key/);
  await plain.send('all', 'still here');
  const owner = ok(await channel.tryJoin({ identity_key }, { session: plain.session }));
  assert.notEqual(owner.session_id, plain.session, 'who proves both gets a session of its own');
  assert.equal(owner.roster.length, 1);
  assert.ok([400, 410].includes((await plain.trySend({ to: 'all', message: 'me?' })).status));
  assertError(await channel.tryJoin({ callsign: handle }), 409, 'callsign_taken');
});

test('a protected callsign stays so over a restart where the channel keeps what happens on it', async () => {
  const inside = await startHub();
  try {
    const account = await Account.create(inside);
    const { callsign, identity_key } = await account.identity(fresh());
    const kept = await createChannel(inside, { durable: true });
    const memory = await createChannel(inside);
    for (const channel of [kept, memory]) await channel.join(undefined, { identity_key });
    await inside.restart();
    assertError(await kept.tryJoin({ callsign }), 409, 'callsign_taken');
    ok(await kept.tryJoin({ identity_key }));
    // Whom a channel in memory knows goes with its sessions; the identity's next join protects it.
    ok(await memory.tryJoin({ identity_key }));
    assertError(await memory.tryJoin({ callsign }), 409, 'callsign_taken');
  } finally {
    await inside.stop();
  }
});

test('rotation and revocation end what the key has opened, at once and everywhere', async () => {
  const account = await Account.create(hub);
  const { callsign, identity_key } = await account.identity(fresh());
  const channels = [await createChannel(hub), await createChannel(hub, { durable: true }), await createChannel(hub)];
  const streams = [];
  for (const channel of channels) {
    const { session_id } = ok(await channel.tryJoin({ identity_key }));
    streams.push({ channel, session_id, stream: await Stream.open(hub.url, {
      path: channel.path('stream'), headers: channel.headers({ session: session_id }) }) });
  }
  const rotated = ok(await account.post(`/identities/${callsign}/rotate`));
  assert.notEqual(rotated.identity_key, identity_key);
  for (const { channel, session_id, stream } of streams) {
    assert.equal((await stream.next('bye')).data.reason, 'session_ended');
    stream.close();
    const sent = await hub.post(channel.path('send'), { message: 'still here?' },
      channel.headers({ session: session_id }));
    assert.ok([400, 410].includes(sent.status), `${sent.status}`);
    assertError(await channel.tryJoin({ identity_key }), 401, 'unauthorized');
    ok(await channel.tryJoin({ identity_key: rotated.identity_key }));
  }
  ok(await account.delete(`/identities/${callsign}`));
  for (const { channel } of streams) {
    assert.equal(ok(await hub.get(channel.path())).agent_count, 0);
    assertError(await channel.tryJoin({ identity_key: rotated.identity_key }), 401, 'unauthorized');
    assertError(await channel.tryJoin({ callsign }), 409, 'callsign_taken');
  }
});

test('who had the callsign or its key before shares no session with who has the key now', async () => {
  const account = await Account.create(hub);
  for (const squatted of [true, false]) {
    const handle = fresh();
    const channel = await createChannel(hub, { session_ttl_seconds: 1 });
    const before = squatted ? { callsign: handle }
      : { identity_key: (await account.identity(handle)).identity_key };
    const { session_id } = ok(await channel.tryJoin(before));
    const peek = (session) => channel.call('GET', 'listen', { session, query: { timeout: 0 } });
    await until(async () => ok(await hub.get(channel.path())).agent_count === 0, 'it has expired');
    const { identity_key } = squatted ? await account.identity(handle)
      : ok(await account.post(`/identities/${handle}/rotate`));
    const owner = ok(await channel.tryJoin({ identity_key }));
    assert.notEqual(owner.session_id, session_id);
    assertError(await peek(session_id), 410, 'session_expired');
  }
});

test('an await ends with the key that its message was sent by', async () => {
  const account = await Account.create(hub);
  const { callsign, identity_key } = await account.identity(fresh());
  const channel = await createChannel(hub);
  const sender = await channel.join(undefined, { identity_key });
  const peer = await channel.join('peer');
  const sending = sender.send('peer', 'well?', { await: { for: 'reply', seconds: 20 } });
  const { messages: [question] } = await peer.listen({ timeout: 10 });
  ok(await account.delete(`/identities/${callsign}`));
  await peer.send(callsign, 'for the owner only', { reply_to: question.id });
  const sent = await sending;
  assert.equal(sent.reply, undefined);
  assert.equal(sent.await_timed_out, true);
});

test('channels belong to the account that made them, which may delete them', async () => {
  const account = await Account.create(hub);
  const made = ok(await hub.post('/api/channels', { retention: 'metadata' }, account.headers));
  assert.equal(made.creator_account_id, account.id);
  const channel = new Channel(hub, made);
  const [alpha] = await channel.joinAll('alpha');
  const [listed] = ok(await account.get('/channels')).channels;
  assert.deepEqual([listed.id, listed.retention, listed.trust_mode, listed.require_identity, listed.agent_count],
    [made.channel_id, 'metadata', 'untrusted', false, 1]);
  const other = await Account.create(hub);
  assertError(await other.delete(`/channels/${made.channel_id}`), 404, 'not_found');
  assert.deepEqual(ok(await account.delete(`/channels/${made.channel_id}`)), { ok: true });
  assertError(await alpha.trySend({ message: 'hello' }), 404, 'not_found');
  assert.deepEqual(ok(await account.get('/channels')).channels, []);
  assertError(await hub.post('/api/channels', {}, { Authorization: 'Bearer rtses_nobody' }),
    401, 'unauthorized');
});

test('a channel that requires identities admits keys only, and trust follows from them', async () => {
  const account = await Account.create(hub);
  const [one, two] = [await account.identity(fresh()), await account.identity(fresh())];
  const open = await createChannel(hub, { require_identity: true });
  assertError(await open.tryJoin({ callsign: 'anybody' }), 403, 'unauthorized', /identity_key/);
  assertError(await open.tryJoin({ callsign: one.callsign }), 403, 'unauthorized');
  const joined = ok(await open.tryJoin({ identity_key: one.identity_key }));
  assert.deepEqual([joined.trust_posture, joined.human_authorized], ['untrusted', false]);
  // Its session is worth nothing without the key, also to a caller who has its id.
  assertError(await open.tryJoin({}, { session: joined.session_id }), 403, 'unauthorized');
  assertError(await open.tryJoin({ callsign: 'another' }, { session: 'an-id-of-my-own' }), 403, 'unauthorized');

  const trusted = await createChannel(hub, { require_identity: true, trust_mode: 'trusted' });
  assert.equal(ok(await trusted.tryJoin({ identity_key: one.identity_key })).trust_posture, 'trusted-identity');
  const guarded = await createChannel(hub, { require_identity: true, trust_mode: 'trusted', owner_password: 'open sesame' });
  const without = ok(await guarded.tryJoin({ identity_key: one.identity_key }));
  assert.deepEqual([without.trust_posture, without.human_authorized], ['trusted-no-password', false]);
  const proven = ok(await guarded.tryJoin({ identity_key: two.identity_key, owner_password: 'open sesame' }));
  assert.deepEqual([proven.trust_posture, proven.human_authorized], ['trusted-authorized', true]);
});

test('the deletion of a channel is told to who is on it, by stream and by poll', async () => {
  const account = await Account.create(hub);
  const channel = new Channel(hub, ok(await hub.post('/api/channels', { durable: true }, account.headers)));
  const [alpha, bravo] = await channel.joinAll('alpha', 'bravo');
  const stream = await alpha.stream();
  const parked = bravo.tryListen({ timeout: 30 });
  await hub.untilPolls(1);
  ok(await account.delete(`/channels/${channel.id}`));
  assert.equal((await stream.next('bye')).data.reason, 'channel_closed');
  await stream.end();
  assertError(await parked, 404, 'not_found', /closed/);
  assertError(await channel.tryJoin({ callsign: 'carl' }), 404, 'not_found');
  await hub.restart();
  assertError(await channel.tryJoin({ callsign: 'carl' }), 404, 'not_found');
});

test('a deleted account opens nothing any more', async () => {
  const account = await Account.create(hub);
  const { identity_key } = await account.identity(fresh());
  const channel = await createChannel(hub);
  ok(await channel.tryJoin({ identity_key }));
  assert.deepEqual(ok(await account.delete()), { ok: true });
  assertError(await account.get(), 401, 'unauthorized');
  assertError(await hub.post('/api/account/recover', { recovery_token: account.recovery }), 401, 'unauthorized');
  assertError(await channel.tryJoin({ identity_key }), 401, 'unauthorized');
  assert.equal(ok(await hub.get(channel.path())).agent_count, 0);
});

test('--handles random allots, whatever was asked for', async () => {
  const strict = await startHub({ args: ['--handles', 'random'] });
  try {
    const account = await Account.create(strict);
    const made = await account.identity('vanity');
    assert.notEqual(made.callsign, 'vanity');
    assert.match(made.notice, /allot/);
  } finally {
    await strict.stop();
  }
});

test('kill -9: what was acknowledged is there, and nothing is there by half', async () => {
  const fragile = await startHub({ args: ['--shards', '2'] });
  try {
    for (let round = 0; round < 3; ++round) {
      const account = await Account.create(fragile);
      const acknowledged = [];
      let going = true;
      const making = (async () => {
        for (let i = 0; going; ++i) {
          try {
            acknowledged.push(await account.identity(`round${round}-${i}`));
          } catch { going = false; }
        }
      })();
      while (acknowledged.length < 10) await new Promise(setImmediate);
      const { port } = fragile;
      await fragile.crash();
      await making;
      await fragile.start({ port });
      const there = new Set(ok(await account.get('/identities')).identities.map(({ callsign }) => callsign));
      const channel = await createChannel(fragile);
      for (const { callsign, identity_key } of acknowledged) {
        assert.ok(there.has(callsign), callsign);
        assert.equal(ok(await channel.tryJoin({ identity_key })).callsign, callsign);
      }
      assert.ok(there.size - acknowledged.length <= 1, 'at most the one whose answer was cut off');
      ok(await fragile.post('/api/account/recover', { recovery_token: account.recovery }));
    }
  } finally {
    await fragile.stop();
  }
});

test('no secret is kept as it is', async () => {
  const account = await Account.create(hub);
  const { identity_key } = await account.identity(fresh());
  const { execFileSync } = await import('node:child_process');
  const found = execFileSync('sh', ['-c', `grep -rlaF -e "${identity_key.slice(5)}" -e "${account.recovery.slice(6)}" -e "${account.token.slice(6)}" "${hub.dataDir}" || true`]).toString();
  assert.equal(found, '');
});
