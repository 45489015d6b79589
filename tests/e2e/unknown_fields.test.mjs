// Fields and parameters that a route does not have: what is like one that it has is refused, so that
// nothing private goes to all and no default stands where something was asked for; what is like
// nothing is accepted, and named in the answer.

import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { Account } from './support/account.mjs';
import { createChannel } from './support/channel.mjs';
import { assertError, ok } from './support/http.mjs';
import { startHub } from './support/hub.mjs';

const adminToken = 'the-admin-token-of-unknown-fields';
const hub = await startHub({ adminToken, args: ['--smtp', '127.0.0.1:9', '--smtp-from', 'hub@example.test'] });
after(() => hub.stop());
const channel = await createChannel(hub);
const [ann, bob] = await channel.joinAll('ann', 'bob');
const account = await Account.create(hub);
const { callsign, identity_key } = await account.identity();
const routes = ok(await hub.get('/openapi.json')).paths;

// ------------------------------------------------------------------------------- what is like one

const meant = [
  ['send', { recipient: 'bob', message: 'x' }, 'to'],
  ['send', { target: 'bob', message: 'x' }, 'to'],
  ['send', { To: 'bob', message: 'x' }, 'to'],
  ['send', { to: 'bob', content: 'x' }, 'message'],
  ['send', { to: 'bob', body: 'x' }, 'message'],
  ['send', { to: 'bob', msg: 'x' }, 'message'],
  ['send', { to: 'bob', mesage: 'x' }, 'message'],
  ['send', { to: 'bob', message: 'x', replyTo: 1 }, 'reply_to'],
  ['send', { to: 'bob', message: 'x', await: { for: 'reply', second: 5 } }, 'seconds'],
  ['send', { message: 'x', attachments: [{ mime: 'image/png', data_base64: 'aGk=', name: 'a.png' }] }, 'filename'],
  ['join', { name: 'carol' }, 'callsign'],
  ['join', { callsing: 'carol' }, 'callsign'],
  ['join', { password: 'secret' }, 'owner_password'],
];
for (const [call, body, field] of meant) {
  test(`${call} ${JSON.stringify(body)} is asked whether ${field} was meant`, async () => {
    const answer = await ann.call('POST', call, { body });
    assertError(answer, 400, 'invalid', new RegExp(`did you mean "${field}"`));
  });
}

test('nothing of them was sent', async () => {
  assert.deepEqual(await bob.pending(), []);
});

test('a channel is not left open by a slip', async () => {
  for (const body of [{ require_identiy: true }, { requireIdentity: true }, { ttl: 5 }]) {
    assertError(await hub.post('/api/channels', body), 400, 'invalid', /did you mean/);
  }
});

test('a wait is not longer than was asked for', async () => {
  for (const name of ['timeout_seconds', 'seconds', 'timout', 'Timeout']) {
    const answer = await ann.call('GET', 'wait', { query: { [name]: 2 } });
    assertError(answer, 400, 'invalid', /did you mean "timeout"/);
  }
  assertError(await ann.call('GET', 'history', { query: { limit: 5 } }), 400, 'invalid', /"n"/);
});

test('what belongs into the body is no parameter, and the other way round', async () => {
  assertError(await ann.call('POST', 'send', { query: { to: 'bob' }, body: { message: 'x' } }), 400, 'invalid', /body/);
  assertError(await hub.post('/api/channels', { preset: 'go' }), 400, 'invalid', /\?preset=/);
  assertError(await ann.call('GET', 'listen', { body: { timeout: 0 } }), 400, 'invalid', /query/);
});

test('the answer of a send tells its limit even then', async () => {
  const answer = await ann.call('POST', 'send', { query: { to: 'bob' }, body: { message: 'x' } });
  assert.ok(answer.headers['x-ratelimit-limit']);
});

test('acts of the operator refuse every field that they do not have', async () => {
  const headers = { Authorization: `Bearer ${adminToken}` };
  for (const [act, body] of [['stop', { where: channel.id }], ['stop', { chanel: channel.id }], ['kick', { callsign: 'ann', x: 1 }]]) {
    assertError(await hub.post(`/api/admin/${act}`, body, headers), 400, 'invalid', /has no field/);
  }
  ok(await ann.call('POST', 'keepalive'));
});

// ---------------------------------------------------------------------------- what is like nothing

test('what a client sends along for itself is accepted and named', async () => {
  const sent = ok(await ann.trySend({ to: 'bob', message: 'x', mood: 'good', id: 7, at: 5, ts: 1, type: 'note', from: 'ann' }));
  assert.deepEqual(sent.ignored, ['mood', 'id', 'at', 'ts', 'type', 'from']);
  assert.equal(sent.ignored_count, undefined);
  assert.deepEqual(await bob.pending(), ['x']);
});

test('an answer without anything ignored does not speak of it', async () => {
  assert.equal('ignored' in await ann.send('bob', 'x'), false);
  assert.equal('ignored' in await bob.listen(), false);
});

test('a poll that shares its answer with others tells its own', async () => {
  const readers = await channel.joinAll('reader-one', 'reader-two');
  await Promise.all(readers.map((reader) => reader.listen()));
  const polls = [readers[0].listen({ timeout: 20, colour: 'green' }), readers[1].listen({ timeout: 20 })];
  await ann.send('all', 'to both');
  const [own, other] = await Promise.all(polls);
  assert.deepEqual(own.ignored, ['colour']);
  assert.equal('ignored' in other, false);
  assert.deepEqual([own, other].map(({ messages }) => messages.at(-1).text), ['to both', 'to both']);
});

test('an empty answer and a wait tell it, too', async () => {
  await bob.listen();
  assert.deepEqual((await bob.listen({ timeout: 0, colour: 'green' })).ignored, ['colour']);
  assert.deepEqual((await bob.wait({ timeout: 0, colour: 'green' })).ignored, ['colour']);
});

test('a stream tells it in hello', async () => {
  const stream = await bob.stream({ colour: 'green' });
  assert.deepEqual(stream.hello.ignored, ['colour']);
  stream.close();
});

test('what is no JSON object tells it in a header', async () => {
  const kept = await createChannel(hub, { retention: 'metadata' });
  const answer = await kept.call('GET', 'transcript', { query: { format: 'jsonl', 'a b': '1' } });
  assert.equal(answer.status, 200);
  assert.equal(answer.headers['x-ignored'], 'a%20b');
});

test('names are shown, values are not; long ones are cut and many are counted', async () => {
  const many = Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`field${i}x`, 'secret']));
  const answer = await ann.trySend({ to: 'bob', message: 'many', ...many });
  const sent = ok(answer);
  assert.equal(sent.ignored.length, 20);
  assert.equal(sent.ignored_count, 10_000);
  assert.equal(answer.text.includes('secret'), false);
  const long = ok(await ann.trySend({ to: 'bob', message: 'x', ['y'.repeat(100_000)]: 1 }));
  assert.deepEqual(long.ignored, ['y'.repeat(64)]);
});

test('a body that nobody reads is read for that', async () => {
  assert.deepEqual(ok(await ann.call('POST', 'keepalive', { body: { note: 'still here' } })).ignored, ['note']);
  assertError(await ann.call('POST', 'keepalive', { body: 'no json' }), 400, 'invalid', /JSON/);
});

test('pages and documents take every parameter', async () => {
  for (const path of ['/?utm_source=x', '/llms.txt?utm_source=x', '/policy?x=1']) {
    assert.equal((await hub.get(path)).status, 200);
  }
});

// -------------------------------------------------------------------------------------- every route

// Whoever may call it, so that the answer is about its fields.
const headers = {
  Authorization: `Bearer ${channel.token}`, 'X-Session-Id': ann.session, 'X-Identity-Key': identity_key,
};
function credentials(path) {
  if (path.startsWith('/api/admin/')) return { Authorization: `Bearer ${adminToken}` };
  if (path.startsWith('/api/account')) return account.headers;
  if (path === '/api/channels' || path === '/api/remote-control') return {};
  return headers;
}
const concrete = (path) => path.replace('{channel}', channel.id).replace('{callsign}', callsign)
  .replace(/\{(hook|id)\}/, '1');
const swapped = (name) => name.slice(0, -2) + name.at(-1) + name.at(-2);

for (const [path, operations] of Object.entries(routes)) {
  if (!path.startsWith('/api/')) continue;
  for (const [method, operation] of Object.entries(operations)) {
    const body = operation.requestBody?.content['application/json'].schema.properties ?? {};
    const long = (names) => names.filter((name) => name.length > 3 && swapped(name) !== name);
    for (const name of long(Object.keys(body))) {
      test(`${method} ${path} knows ${name} and asks for it where it is misspelt`, async () => {
        const send = (fields) => hub.request({
          method: method.toUpperCase(), path: concrete(path), headers: credentials(path), body: fields });
        assertError(await send({ [swapped(name)]: 1 }), 400, 'invalid', new RegExp(`did you mean "${name}"`));
        const known = await send({ [name]: { not: ['a', 'value'] }, x_unknown: 1 });
        assert.doesNotMatch(known.text, new RegExp(`field "${name}"`));
      });
    }
    for (const { name, in: where } of operation.parameters ?? []) {
      if (where !== 'query' || long([name]).length === 0) continue;
      test(`${method} ${path} knows ?${name}= and asks for it where it is misspelt`, async () => {
        const answer = await hub.request({
          method: method.toUpperCase(), path: `${concrete(path)}?${swapped(name)}=1`, headers: credentials(path) });
        assertError(answer, 400, 'invalid', new RegExp(`did you mean "${name}"`));
      });
    }
  }
}
