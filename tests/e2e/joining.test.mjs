// Joining: callsigns, sessions, collisions, passwords, coming back.

import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { Account } from './support/account.mjs';
import { band, createChannel } from './support/channel.mjs';
import { assertError, assertInvalid, ok } from './support/http.mjs';
import { startHub, until } from './support/hub.mjs';

const hub = await startHub();
after(() => hub.stop());

test('a join answers everything that the newcomer needs', async () => {
  const channel = await createChannel(hub);
  const { joined } = await channel.join('ann');
  assert.ok(joined.session_id.length >= 21, 'at least 122 random bits');
  assert.equal(joined.callsign, 'ann');
  assert.equal(joined.identity_account, null);
  assert.equal(joined.human_authorized, false);
  assert.equal(joined.trust_mode, 'untrusted');
  assert.equal(joined.trust_posture, 'untrusted');
  assert.equal(typeof joined.instructions, 'string');
  assert.equal(joined.idempotent, false);
  assert.equal(joined.collision_warning, undefined);
  assert.deepEqual(joined.roster, ['ann']);
  assert.equal(joined.roster_count, 1);
  assert.equal(joined.roster_with_index[0].idx, 1);
  assert.equal(joined.roster_with_index[0].callsign, 'ann');
  assert.deepEqual(joined.history, []);
  assert.equal(joined.retention, 'none');
  assert.equal(joined.session_ttl_seconds, 1800);
  assert.equal(joined.unread, 0);
  assert.equal(typeof joined.hint, 'string');
});

test('history and unread of a join show what can be seen', async () => {
  const channel = await createChannel(hub);
  const [ann, bob] = await channel.joinAll('ann', 'bob');
  for (let i = 0; i < 25; ++i) await ann.send('all', `broadcast ${i}`);
  await ann.send('bob', 'for bob alone');
  const cid = (await channel.join('cid')).joined;
  assert.equal(cid.history.length, 20);
  assert.equal(cid.history.at(-1).text, 'broadcast 24');
  assert.equal(cid.unread, 25);
  const again = (await bob.rejoin()).joined;
  assert.equal(again.history.at(-1).text, 'for bob alone');
  assert.equal(again.unread, 26);
});

for (const [sent, becomes] of [['Ann', 'ann'], ['  bob  ', 'bob'], ['a', 'a'], ['9lives', '9lives'],
  ['a_b-c', 'a_b-c'], ['x'.repeat(32), 'x'.repeat(32)], [42, '42']]) {
  test(`callsign ${JSON.stringify(sent)} is joined as ${becomes}`, async () => {
    const channel = await createChannel(hub);
    assert.equal((await channel.join(sent)).callsign, becomes);
  });
}

for (const callsign of ['-a', '_a', 'a b', 'a.b', 'é', 'x'.repeat(33), 'a/b', 'a\nb', true, {}, [], 1.5]) {
  test(`callsign ${JSON.stringify(callsign)} is refused`, async () => {
    const channel = await createChannel(hub);
    assertInvalid(await channel.tryJoin({ callsign }), 'callsign');
  });
}

for (const callsign of ['all', 'operator', 'system', 'hub', 'server', 'rogerthat', 'you', 'min', 'low',
  'default', 'high', 'urgent', 'human-authorized', 'human-authorized-2', 'ALL', ' Operator ']) {
  test(`callsign ${JSON.stringify(callsign)} is reserved`, async () => {
    const channel = await createChannel(hub);
    assertInvalid(await channel.tryJoin({ callsign }), 'callsign');
  });
}

test('without a callsign the server picks a free readable one', async () => {
  const channel = await createChannel(hub);
  const picked = new Set();
  for (let i = 0; i < 5; ++i) {
    const { callsign } = await channel.join(undefined);
    assert.match(callsign, /^[a-z][a-z0-9_-]{2,31}$/);
    picked.add(callsign);
  }
  assert.equal(picked.size, 5);
  assert.match((await channel.join(undefined, { callsign: null })).callsign, /^[a-z]/);
});

for (const [field, value] of [['owner_password', 5], ['ack', 5], ['ack', 'sometimes'], ['intro', 5],
  ['intro', 'x'.repeat(141)], ['intro', 'two\nlines'], ['intro', 'a\u2028b'], ['intro', 'a\u0085b'],
  ['identity_key', 5]]) {
  test(`a join with ${field} = ${JSON.stringify(value).slice(0, 30)} is refused`, async () => {
    const channel = await createChannel(hub);
    assertInvalid(await channel.tryJoin({ callsign: 'ann', [field]: value }), field);
  });
}

test('an intro of 140 characters is shown in the indexed roster', async () => {
  const channel = await createChannel(hub);
  const intro = 'ü'.repeat(140);
  const ann = await channel.join('ann', { intro });
  assert.equal(ann.joined.roster_with_index[0].intro, intro);
  assert.equal((await ann.roster()).roster_with_index[0].intro, intro);
});

test('an unknown identity key is 401', async () => {
  const channel = await createChannel(hub);
  assertError(await channel.tryJoin({ identity_key: 'rk_unknown' }), 401, 'unauthorized');
});

test('a channel that requires identities refuses a join without a key', async () => {
  const channel = await createChannel(hub, { require_identity: true });
  assertError(await channel.tryJoin({ callsign: 'ann' }), 403, 'unauthorized');
});

test('joining a live callsign without X-Session-Id gives the same session and a warning', async () => {
  const channel = await createChannel(hub);
  const ann = await channel.join('ann');
  const { joined } = await channel.join('ann');
  assert.equal(joined.session_id, ann.session);
  assert.equal(joined.idempotent, true);
  assert.match(joined.collision_warning, /ann/);
  assert.deepEqual(joined.roster, ['ann']);
});

test('re-joining with the own session is no collision', async () => {
  const channel = await createChannel(hub);
  const ann = await channel.join('ann');
  const { joined } = await channel.join('ann', {}, { session: ann.session });
  assert.equal(joined.session_id, ann.session);
  assert.equal(joined.idempotent, true);
  assert.equal(joined.collision_warning, undefined);
});

test('another session on a live callsign is 409 callsign_taken', async () => {
  const channel = await createChannel(hub);
  const [, bob] = await channel.joinAll('ann', 'bob');
  assertError(await channel.tryJoin({ callsign: 'ann' }, { session: bob.session }), 409, 'callsign_taken');
  assertError(await channel.tryJoin({ callsign: 'ann' }, { session: 'some-unknown-session' }), 409, 'callsign_taken');
});

test('a session changes its own callsign by joining under a new one', async () => {
  const channel = await createChannel(hub);
  const [ann, bob] = await channel.joinAll('ann', 'bob');
  const { joined } = await channel.join('anna', {}, { session: ann.session });
  assert.equal(joined.session_id, ann.session);
  assert.equal(joined.callsign, 'anna');
  assert.deepEqual(joined.roster, ['anna', 'bob']);
  await bob.send('anna', 'hello');
  assert.deepEqual(await ann.pending(), ['hello']);
  assert.equal((await bob.send('ann', 'to the old name')).queued, true);
});

test('on_collision reject: a live callsign is 409', async () => {
  const channel = await createChannel(hub, { on_collision: 'reject' });
  const ann = await channel.join('ann');
  assertError(await channel.tryJoin({ callsign: 'ann' }), 409, 'callsign_taken');
  ok(await channel.tryJoin({ callsign: 'ann' }, { session: ann.session }));
});

test('on_collision rename: the newcomer gets a suffixed callsign and a session of its own', async () => {
  const channel = await createChannel(hub, { on_collision: 'rename' });
  const ann = await channel.join('ann');
  const other = await channel.join('ann');
  assert.notEqual(other.session, ann.session);
  assert.match(other.callsign, /^ann.+/);
  assert.equal((await ann.roster()).roster.length, 2);
});

for (const [length, adopted] of [[7, false], [8, true], [64, true], [128, true], [129, false]]) {
  test(`an unknown X-Session-Id of ${length} characters is ${adopted ? 'adopted' : 'ignored'}`, async () => {
    const channel = await createChannel(hub);
    const session = 's'.repeat(length);
    const ann = await channel.join('ann', {}, { session });
    assert.equal(ann.session === session, adopted);
    await ann.keepalive();
  });
}

test('an unknown X-Session-Id that is not printable ASCII is ignored', async () => {
  const channel = await createChannel(hub);
  const ann = await channel.join('ann', {}, { session: 'sessi\u00f6n-with-umlaut' });
  assert.doesNotMatch(ann.session, /umlaut/);
});

test('on bands a fresh session id is minted whatever was sent', async () => {
  const general = band(hub, 'general');
  const ann = await general.join('adopted', {}, { session: 'my-own-session-id' });
  assert.notEqual(ann.session, 'my-own-session-id');
});

test('on bands a live callsign is never handed out: 409 with a free suggestion', async () => {
  const general = band(hub, 'general');
  const ann = await general.join('dora');
  const error = assertError(await general.tryJoin({ callsign: 'dora' }), 409, 'callsign_taken');
  const suggestion = /dora[a-z0-9_-]+/.exec(`${error.error} ${error.hint}`)?.[0];
  assert.ok(suggestion, 'the suggestion is in the sentence');
  ok(await general.tryJoin({ callsign: suggestion }));
  const again = await general.join('dora', {}, { session: ann.session });
  assert.equal(again.session, ann.session);
});

test('a wrong owner password is 401 where there is one, and ignored where there is none', async () => {
  const guarded = await createChannel(hub, { owner_password: 'open sesame' });
  assertError(await guarded.tryJoin({ callsign: 'ann', owner_password: 'open barley' }), 401, 'unauthorized');
  assert.equal((await guarded.join('ann')).joined.human_authorized, false);
  const plain = await createChannel(hub);
  assert.equal((await plain.join('ann', { owner_password: 'whatever' })).joined.human_authorized, false);
});

test('human_authorized belongs to the session that proved it', async () => {
  const channel = await createChannel(hub, { owner_password: 'open sesame' });
  const ann = await channel.join('ann', { owner_password: 'open sesame' });
  assert.equal(ann.joined.human_authorized, true);
  const own = await channel.join('ann', {}, { session: ann.session });
  assert.equal(own.joined.human_authorized, true, 'kept per session');
  assert.equal((await channel.join('bob')).joined.human_authorized, false);
});

test('a proof is inherited by nobody who is given its session', async () => {
  const password = { owner_password: 'open sesame' };
  const channel = await createChannel(hub, { trust_mode: 'trusted', ...password });
  const proof = ({ joined }) => [joined.human_authorized, joined.trust_posture];
  const ann = await channel.join('ann', password);
  assert.deepEqual(proof(ann), [true, 'trusted-authorized']);
  const stranger = await channel.join('ann');
  assert.equal(stranger.session, ann.session);
  assert.deepEqual(proof(stranger), [false, 'trusted-no-password']);
  const again = await channel.join('ann', {}, { session: stranger.session });
  assert.deepEqual(proof(again), [false, 'trusted-no-password'], 'the id alone proves nothing any more');
  // Who proves it anew has a session that nobody else has.
  const own = await channel.join('ann', password, { session: ann.session });
  assert.deepEqual(proof(own), [true, 'trusted-authorized']);
  assert.notEqual(own.session, ann.session);
  assert.deepEqual(proof(await channel.join('ann', {}, { session: own.session })), [true, 'trusted-authorized']);
  assertError(await stranger.tryListen({ timeout: 0 }), 410, 'session_expired');
  assertError(await channel.tryJoin({ callsign: 'ann' }, { session: stranger.session }), 409, 'callsign_taken');
});

test('a proof that comes by a merge counts for who gave it, not for the session', async () => {
  const channel = await createChannel(hub, { trust_mode: 'trusted', owner_password: 'open sesame' });
  const first = await channel.join('ann');
  const human = await channel.join('ann', { owner_password: 'open sesame' });
  assert.equal(human.session, first.session);
  assert.deepEqual([human.joined.human_authorized, human.joined.trust_posture], [true, 'trusted-authorized']);
  const again = await channel.join('ann', {}, { session: first.session });
  assert.deepEqual([again.joined.human_authorized, again.joined.trust_posture], [false, 'trusted-no-password']);
});

test('trust postures and their instructions', async () => {
  const texts = new Set();
  const plain = await createChannel(hub);
  const trusted = await createChannel(hub, { trust_mode: 'trusted', owner_password: 'open sesame' });
  for (const [channel, body, posture] of [
    [plain, {}, 'untrusted'],
    [trusted, {}, 'trusted-no-password'],
    [trusted, { owner_password: 'open sesame' }, 'trusted-authorized'],
  ]) {
    const { joined } = await channel.join(undefined, body);
    assert.equal(joined.trust_posture, posture);
    texts.add(joined.instructions);
  }
  assert.equal(texts.size, 3);
});

test('leaving is final, can be repeated, and answers later calls with not_joined or session_expired', async () => {
  const channel = await createChannel(hub);
  const [ann, bob] = await channel.joinAll('ann', 'bob');
  assert.deepEqual(await ann.leave(), { ok: true });
  assert.deepEqual(await ann.leave(), { ok: true });
  assert.deepEqual((await bob.roster()).roster, ['bob']);
  const answer = await ann.call('POST', 'keepalive');
  const body = answer.json;
  assert.deepEqual([answer.status, body.code], [410, 'session_expired'], 'as an expired one answers');
  assert.match(body.hint, /join/i);
});

test('an unknown session is 400 not_joined with a hint', async () => {
  const channel = await createChannel(hub);
  for (const [method, call] of [['POST', 'send'], ['GET', 'listen'], ['POST', 'keepalive'], ['GET', 'stream']]) {
    const body = method === 'POST' ? { message: 'x' } : undefined;
    const error = assertError(await channel.call(method, call, { session: 'never-seen-before', body }), 400, 'not_joined');
    assert.match(error.hint, /join/i);
  }
});

test('leave of an unknown session is fine', async () => {
  const channel = await createChannel(hub);
  assert.deepEqual(ok(await channel.call('POST', 'leave', { session: 'never-seen-before' })), { ok: true });
});

// A channel whose sessions live a second, and one member that has expired on it.
async function withExpired(callsign) {
  const channel = await createChannel(hub, { session_ttl_seconds: 1 });
  const watcher = await channel.join('watcher');
  const stream = await watcher.stream();
  const gone = await channel.join(callsign);
  await until(async () => !(await watcher.roster()).roster.includes(callsign), `${callsign} to expire`);
  return { channel, watcher, gone, close: () => stream.close() };
}

test('an idle session expires; its id answers 410 with a hint to rejoin', async () => {
  const { gone, close } = await withExpired('ann');
  const error = assertError(await gone.tryListen({ timeout: 0 }), 410, 'session_expired');
  assert.match(error.hint, /join/i);
  assertError(await gone.trySend({ message: 'x' }), 410, 'session_expired');
  close();
});

test('an attached stream keeps its session alive beyond the idle time', async () => {
  const { watcher, close } = await withExpired('ann');
  await watcher.keepalive();
  close();
});

test('a parked poll keeps its session alive beyond the idle time', async () => {
  const { channel, close } = await withExpired('ann');
  const bob = await channel.join('bob');
  const { timed_out } = await bob.listen({ timeout: 3 });
  assert.equal(timed_out, true);
  await bob.keepalive();
  close();
});

test('a rejoin without X-Session-Id revives the expired session, cursor and all', async () => {
  const { channel, watcher, gone, close } = await withExpired('ann');
  await watcher.send('ann', 'while you were away');
  const back = await channel.join('ann');
  assert.equal(back.session, gone.session);
  assert.deepEqual(await back.pending(), ['while you were away']);
  close();
});

test('a rejoin with the expired session id lifts it too', async () => {
  const { channel, gone, close } = await withExpired('ann');
  const back = await channel.join('ann', {}, { session: gone.session });
  assert.equal(back.session, gone.session);
  await back.keepalive();
  close();
});

test('keepalive answers ok', async () => {
  const channel = await createChannel(hub);
  assert.deepEqual(await (await channel.join('ann')).keepalive(), { ok: true });
});

// ---------------------------------------------------------------------------- names that are none

for (const callsign of ['callsign', 'CALLSIGN', '<callsign>', 'your_callsign', 'your-name', '{your-callsign}', '$CALLSIGN']) {
  test(`the placeholder ${callsign} is refused, with a callsign that is free`, async () => {
    const channel = await createChannel(hub);
    const { hint } = assertInvalid(await channel.tryJoin({ callsign }), 'callsign');
    const [, free] = /Join as '([a-z-]+)'/.exec(hint);
    assert.equal((await channel.join(free)).callsign, free);
  });
}

for (const callsign of ['claude', 'gpt-5', 'Codex', 'gemini_2', 'cursor', 'claude-code-2']) {
  test(`the name of a model, ${callsign}, is taken, with a warning that offers a free one`, async () => {
    const channel = await createChannel(hub);
    const { joined } = await channel.join(callsign);
    assert.equal(joined.callsign, callsign.toLowerCase());
    const [, free] = /Join as ([a-z]+-[a-z]+) instead/.exec(joined.callsign_warning);
    assert.equal((await channel.join(free)).joined.callsign_warning, undefined);
  });
}

test('what only begins like a placeholder or a model is a name as any other', async () => {
  const channel = await createChannel(hub);
  for (const callsign of ['names', 'claudette', 'callsign-1', 'able-llama', 'geminid']) {
    assert.equal((await channel.join(callsign)).joined.callsign_warning, undefined, callsign);
  }
});

test('on a band the key of an identity may be the bearer of a join', async () => {
  const account = await Account.create(hub);
  const { callsign, identity_key } = await account.identity();
  const general = band(hub, 'general');
  const { joined } = await general.join(undefined, {}, { token: identity_key });
  assert.equal(joined.callsign, callsign);
  assert.equal(joined.identity_account, account.id);
  assertError(await general.tryJoin({}, { token: 'rtid_unknown' }), 401, 'unauthorized');
});
