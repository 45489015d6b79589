// Sending: what a message may be, whom it reaches, duplicates, statuses.

import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { createChannel } from './support/channel.mjs';
import { assertError, assertInvalid, ok } from './support/http.mjs';
import { startHub } from './support/hub.mjs';

const hub = await startHub();
after(() => hub.stop());
const channel = await createChannel(hub, { loop_guard: 'off' });
const [ann, bob] = await channel.joinAll('ann', 'bob');

test('a send answers id, time, addressee and whether it waits', async () => {
  const sent = await ann.send('bob', 'hello');
  assert.equal(sent.ok, true);
  assert.ok(Number.isSafeInteger(sent.id) && sent.id >= sent.at);
  assert.ok(Math.abs(sent.at - Date.now()) < 60_000);
  assert.equal(sent.to, 'bob');
  assert.equal(sent.queued, true, 'until it is handed over');
  assert.equal(sent.reached, 0);
  assert.match(sent.hint, /bob is here, but not listening/);
  assert.equal(sent.duplicate, undefined);
});

test('a message arrives with exactly the fields that were set', async () => {
  await bob.listen();
  const sent = await ann.send('bob', 'plain');
  const { messages } = await bob.listen();
  assert.deepEqual(messages, [{ id: sent.id, from: 'ann', to: 'bob', text: 'plain', at: sent.at }]);
  const full = await ann.send('all', 'rich', {
    priority: 'high', suggested_replies: [' yes ', 'no'], reply_to: sent.id,
    attachments: [{ mime: 'image/png', data_base64: 'aGVs\nbG8=', filename: ' a.png ' }],
  });
  assert.deepEqual((await bob.listen()).messages, [{
    id: full.id, from: 'ann', to: 'all', text: 'rich', at: full.at, priority: 'high',
    suggested_replies: ['yes', 'no'], reply_to: sent.id,
    attachments: [{ mime: 'image/png', data_base64: 'aGVsbG8=', filename: 'a.png' }],
  }]);
});

const accepted = {
  'text instead of message': { text: 'x' },
  'an integer as message': { message: 42 },
  'an integer as text': { text: 42 },
  '8192 characters': { message: 'x'.repeat(8192) },
  '8192 characters of four bytes each': { message: '\u{1F600}'.repeat(8192) },
  'tabs and line breaks': { message: 'a\tb\nc\r\nd' },
  'a line separator': { message: 'a\u2028b' },
  'an empty text beside an attachment': { message: '', attachments: [{ mime: 'application/pdf', data_base64: 'aGk=' }] },
  'only an attachment': { attachments: [{ mime: 'image/gif', data_base64: 'aGk=' }] },
  'every kind of image': { message: 'x', attachments: ['image/jpeg', 'image/png', 'image/webp', 'image/gif'].map((mime) => ({ mime, data_base64: 'aGk=' })) },
  'a reply of 64 characters': { message: 'x', suggested_replies: ['r'.repeat(64)] },
  'four replies': { message: 'x', suggested_replies: ['a', 'b', 'c', 'd'] },
  'no replies': { message: 'x', suggested_replies: [] },
  'priority default': { message: 'x', priority: 'default' },
  'kind message': { message: 'x', kind: 'message' },
  'null for every field that may be left out': { message: 'x', to: null, kind: null, priority: null, suggested_replies: null, attachments: null, reply_to: null, client_id: null, await: null },
  'unknown fields': { message: 'x', mood: 'good' },
  'a client_id of 64 characters': { message: 'x', client_id: 'c'.repeat(64) },
};
for (const [what, body] of Object.entries(accepted)) {
  test(`accepted: ${what}`, async () => {
    ok(await ann.trySend({ to: 'bob', ...body }));
  });
}

test('an integer as message arrives as its digits', async () => {
  await bob.listen();
  ok(await ann.trySend({ to: 'bob', message: 42 }));
  assert.deepEqual(await bob.pending(), ['42']);
});

const refused = [
  ['message', undefined], ['message', ''], ['message', 'x'.repeat(8193)], ['message', '\u{1F600}'.repeat(8193)],
  ['message', 'a\u0000b'], ['message', 'a\u0007b'], ['message', 'a\u001bb'], ['message', 'a\u0080b'], ['message', 'a\u009fb'],
  ['message', true], ['message', {}], ['message', ['x']], ['message', 1.5],
  ['text', false],
  ['to', true], ['to', {}], ['to', ['bob']], ['to', 1.5],
  ['kind', 'text'], ['kind', 'chat'], ['kind', 5],
  ['priority', 'extreme'], ['priority', 5], ['priority', 'HIGH!'],
  ['suggested_replies', 'yes'], ['suggested_replies', [5]], ['suggested_replies', ['a', 'b', 'c', 'd', 'e']],
  ['suggested_replies', ['r'.repeat(65)]], ['suggested_replies', ['a\nb']], ['suggested_replies', ['a\u0085b']], ['suggested_replies', ['a\u2029b']],
  ['attachments', {}], ['attachments', ['x']], ['attachments', 'x'],
  ['attachments', Array(5).fill({ mime: 'image/png', data_base64: 'aGk=' })],
  ['mime', undefined, { attachments: [{ data_base64: 'aGk=' }] }],
  ['mime', undefined, { attachments: [{ mime: 'text/html', data_base64: 'aGk=' }] }],
  ['mime', undefined, { attachments: [{ mime: 5, data_base64: 'aGk=' }] }],
  ['data_base64', undefined, { attachments: [{ mime: 'image/png' }] }],
  ['data_base64', undefined, { attachments: [{ mime: 'image/png', data_base64: '!!!' }] }],
  ['data_base64', undefined, { attachments: [{ mime: 'image/png', data_base64: 'aGk' + '=='.repeat(3) }] }],
  ['filename', undefined, { attachments: [{ mime: 'image/png', data_base64: 'aGk=', filename: 'a\nb' }] }],
  ['filename', undefined, { attachments: [{ mime: 'image/png', data_base64: 'aGk=', filename: 5 }] }],
  ['reply_to', 'first'], ['reply_to', true], ['reply_to', 1.5], ['reply_to', 1],
  ['client_id', 5], ['client_id', 'c'.repeat(65)], ['client_id', 'a\nb'], ['client_id', 'a\u2028b'], ['client_id', 'a\u0001b'],
  ['await', 'reply'], ['await', { for: 'applause', seconds: 1 }], ['await', { for: 5, seconds: 1 }],
  ['await', { for: 'reply', seconds: 'ten' }], ['await', { for: 'reply', seconds: -1 }],
];
for (const [field, value, body] of refused) {
  const shown = JSON.stringify(body ?? value)?.slice(0, 60);
  test(`refused, naming the field: ${field} = ${shown}`, async () => {
    const sent = body ? { message: 'x', ...body } : { message: 'x', [field]: value };
    const answer = await ann.trySend({ to: 'bob', ...sent });
    assertInvalid(answer, field);
  });
}

test('kind text, a common mistake, is explained', async () => {
  const error = assertInvalid(await ann.trySend({ message: 'x', kind: 'text' }), 'kind');
  assert.match(`${error.error} ${error.hint ?? ''}`, /message/);
});

test('text that is not valid UTF-8 is refused', async () => {
  const raw = Buffer.concat([Buffer.from('{"message":"a'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]);
  assertError(await ann.trySend(raw), 400, 'invalid');
  assertError(await ann.trySend('{"message":"lone \\ud800 surrogate"}'), 400, 'invalid');
});

test('more than 512 KiB of base64 is 413', async () => {
  const half = { mime: 'image/png', data_base64: 'A'.repeat(256 << 10) };
  ok(await ann.trySend({ to: 'bob', message: 'x', attachments: [half, half] }));
  const over = { mime: 'image/png', data_base64: 'A'.repeat((256 << 10) + 4) };
  assertError(await ann.trySend({ to: 'bob', message: 'x', attachments: [half, over] }), 413, 'invalid');
});

test('a file name is cut to 128 characters', async () => {
  await bob.listen();
  ok(await ann.trySend({ to: 'bob', attachments: [{ mime: 'image/png', data_base64: 'aGk=', filename: 'f'.repeat(200) }] }));
  assert.equal((await bob.listen()).messages[0].attachments[0].filename.length, 128);
});

test('a callsign that has never joined is 400 with the roster in the sentence', async () => {
  const error = assertError(await ann.trySend({ to: 'nobody', message: 'x' }), 400, 'invalid');
  assert.match(error.error, /nobody/);
  assert.match(error.error, /ann/);
  assert.match(error.error, /bob/);
});

test('the forms of an addressee', async (t) => {
  const room = await createChannel(hub, { loop_guard: 'off' });
  const [one, two, digits] = await room.joinAll('one', 'two', '42');
  for (const [to, reaches] of [
    ['two', 'two'], ['@two', 'two'], ['TWO', 'two'], ['#2', 'two'], ['2', 'two'], [2, 'two'],
    ['#3', '42'], [3, '42'], ['@42', '42'], ['42', '42'], [42, '42'],
    ['all', 'all'], ['', 'all'], [undefined, 'all'], [null, 'all'],
  ]) {
    await t.test(`to ${JSON.stringify(to)} reaches ${reaches}`, async () => {
      const sent = ok(await one.trySend({ to, message: `to ${to}` }));
      assert.equal(sent.to, reaches);
      assert.deepEqual(await two.pending(), ['two', 'all'].includes(reaches) ? [`to ${to}`] : []);
      assert.deepEqual(await digits.pending(), ['42', 'all'].includes(reaches) ? [`to ${to}`] : []);
    });
  }
  for (const to of ['#4', '#0', 4, 0, '#', '@', '#two', '@nobody']) {
    await t.test(`to ${JSON.stringify(to)} is nobody`, async () => {
      assertError(await one.trySend({ to, message: 'x' }), 400, 'invalid');
    });
  }
  await t.test('a bare number in range is an index, though a callsign has these digits', async () => {
    const first = await room.join('1');
    await first.pending();
    assert.equal((await two.send('1', 'to the first')).to, 'one');
    assert.equal((await two.send('@1', 'to the callsign')).to, '1');
    assert.deepEqual(await first.pending(), ['to the callsign']);
  });
});

test('indices count the live roster in join order', async () => {
  const room = await createChannel(hub);
  const [a, b, c] = await room.joinAll('zeta', 'beta', 'alfa');
  const { roster, roster_with_index } = await a.roster();
  assert.deepEqual(roster, ['alfa', 'beta', 'zeta']);
  assert.deepEqual(roster_with_index.map(({ idx, callsign }) => [idx, callsign]), [[1, 'zeta'], [2, 'beta'], [3, 'alfa']]);
  await b.leave();
  assert.equal((await a.send('#2', 'x')).to, 'alfa');
  assert.deepEqual(await c.pending(), ['x']);
});

test('a message to somebody offline is queued and waits for the callsign', async () => {
  const room = await createChannel(hub);
  const [a, b] = await room.joinAll('ann', 'bob');
  await b.leave();
  const sent = await a.send('bob', 'for later');
  assert.equal(sent.queued, true);
  assert.match(sent.hint, /bob is away/);
  assert.deepEqual(await (await room.join('bob')).pending(), ['for later']);
});

test('nobody receives their own messages', async () => {
  const room = await createChannel(hub);
  const [a] = await room.joinAll('ann', 'bob');
  await a.send('all', 'to everybody');
  const sent = await a.send('ann', 'to myself');
  assert.deepEqual([sent.queued, sent.reached], [false, 0]);
  assert.match(sent.hint, /your own callsign/);
  assert.deepEqual(await a.pending(), []);
});

test('what nobody takes at once says so, what somebody takes is not queued', async () => {
  const room = await createChannel(hub);
  const [a, b] = await room.joinAll('ann', 'bob');
  const alone = await a.send('all', 'anybody?');
  assert.deepEqual([alone.queued, alone.reached], [false, 0]);
  assert.match(alone.hint, /Nobody is listening/);
  const status = await a.send('bob', 'thinking', { kind: 'status' });
  assert.deepEqual([status.queued, status.reached], [false, 0]);
  assert.match(status.hint, /not kept/);
  const first = await a.send('bob', 'one', { client_id: 'c' });
  assert.equal((await a.send('bob', 'one', { client_id: 'c' })).queued, true);
  await b.listen({ timeout: 0 });
  const again = await a.send('bob', 'one', { client_id: 'c' });
  assert.deepEqual([again.id, again.duplicate, again.hint], [first.id, true, undefined]);
  const poll = b.listen({ timeout: 20 });
  await hub.untilPolls(1);
  const taken = await a.send('bob', 'two');
  assert.deepEqual([taken.queued, taken.reached, taken.hint], [false, 1, undefined]);
  await poll;
});

test('reached counts callsigns: who listens twice is reached once', async () => {
  const room = await createChannel(hub);
  const [a, b] = await room.joinAll('a', 'b');
  const streams = [await b.stream(), await b.stream()];
  for (const to of ['all', 'b']) {
    for (const kind of ['message', 'status']) {
      assert.equal((await a.send(to, kind, { kind })).reached, 1);
      for (const stream of streams) assert.equal((await stream.next('message')).data.text, kind);
    }
  }
  for (const stream of streams) stream.close();
});

test('reached counts the listeners that a message went to at once', async () => {
  const room = await createChannel(hub);
  const [a, b, c, d] = await room.joinAll('a', 'b', 'c', 'd');
  const streams = [await b.stream(), await c.stream()];
  const poll = d.listen({ timeout: 20 });
  await hub.untilPolls(1);
  assert.equal((await a.send('all', 'x')).reached, 3);
  await poll;
  assert.equal((await a.send('b', 'y')).reached, 1);
  assert.equal((await a.send('d', 'z')).reached, 0);
  for (const stream of streams) stream.close();
});

test('ids rise strictly, also within a millisecond, and stay exact in JSON', async () => {
  const room = await createChannel(hub);
  const a = await room.join('ann');
  const sent = await Promise.all(Array.from({ length: 50 }, (_, i) => a.send('all', `m${i}`)));
  const ids = sent.map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length);
  assert.ok(ids.every((id) => Number.isSafeInteger(id)));
  const held = (await a.history({ n: 100 })).map(({ id }) => id);
  assert.deepEqual(held, [...held].sort((x, y) => x - y));
  for (const { id, at } of sent) assert.ok(id >= at);
});

test('a status reaches who listens and leaves no trace', async () => {
  const room = await createChannel(hub, { retention: 'full' });
  const [a, b, c] = await room.joinAll('a', 'b', 'c');
  const stream = await b.stream();
  const counted = ok(await hub.get('/api/stats')).messages_total;
  const sent = await a.send('all', 'working', { kind: 'status', suggested_replies: ['stop'] });
  assert.equal(sent.kind, 'status');
  assert.equal(sent.reached, 1);
  assert.equal(sent.suggested_replies, undefined, 'dropped on a status');
  const { data } = await stream.next('message');
  assert.equal(data.kind, 'status');
  assert.equal(data.text, 'working');
  assert.equal(data.suggested_replies, undefined);
  assert.deepEqual(await c.pending(), []);
  assert.deepEqual(await c.history(), []);
  assert.equal((await room.stats()).message_count_in_buffer, 0);
  assert.ok(!JSON.stringify(await room.transcript()).includes('working'));
  assert.equal(ok(await hub.get('/api/stats')).messages_total, counted);
  stream.close();
});

test('a status has 1 to 280 characters', async () => {
  ok(await ann.trySend({ message: 'é'.repeat(280), kind: 'status' }));
  assertInvalid(await ann.trySend({ message: 'é'.repeat(281), kind: 'status' }));
  assertInvalid(await ann.trySend({ message: '', kind: 'status' }));
});

test('priority is passed on, and left out when it is default', async () => {
  await bob.listen();
  for (const priority of ['min', 'low', 'default', 'high', 'urgent']) {
    const sent = await ann.send('bob', priority, { priority });
    assert.equal(sent.priority, priority === 'default' ? undefined : priority);
  }
  const { messages } = await bob.listen();
  assert.deepEqual(messages.map(({ priority }) => priority), ['min', 'low', undefined, 'high', 'urgent']);
});

test('the same client_id again answers the first result and delivers nothing', async () => {
  await bob.listen();
  const first = await ann.send('bob', 'once', { client_id: 'k1' });
  const second = await ann.send('bob', 'once', { client_id: 'k1' });
  assert.equal(second.duplicate, true);
  assert.equal(second.id, first.id);
  assert.equal(second.at, first.at);
  assert.equal(second.to, first.to);
  assert.deepEqual(await bob.pending(), ['once']);
});

test('the same client_id with another body is 409 conflict', async () => {
  await ann.send('bob', 'one thing', { client_id: 'k2' });
  assertError(await ann.trySend({ to: 'bob', message: 'another', client_id: 'k2' }), 409, 'conflict');
  assertError(await ann.trySend({ to: 'all', message: 'one thing', client_id: 'k2' }), 409, 'conflict');
});

test('a client_id belongs to its callsign', async () => {
  await ann.send('all', 'same', { client_id: 'k3' });
  assert.equal((await bob.send('all', 'same', { client_id: 'k3' })).duplicate, undefined);
});

test('the last 256 client_ids of a callsign are remembered', async () => {
  const room = await createChannel(hub, { ring_size: 1000 });
  const a = await room.join('ann');
  const ids = Array.from({ length: 256 }, (_, i) => `c${i}`);
  for (const client_id of ids) await a.send('all', client_id, { client_id });
  assert.equal((await a.send('all', 'c0', { client_id: 'c0' })).duplicate, true);
  assert.equal((await a.send('all', 'c255', { client_id: 'c255' })).duplicate, true);
});

test('two sends with one client_id at the same moment deliver one message', async () => {
  await bob.listen();
  const answers = await Promise.all(Array.from({ length: 8 }, () => ann.send('bob', 'race', { client_id: 'race' })));
  assert.equal(new Set(answers.map(({ id }) => id)).size, 1);
  assert.equal(answers.filter(({ duplicate }) => duplicate).length, 7);
  assert.deepEqual(await bob.pending(), ['race']);
});

test('half of a character is called that, and where it is', async () => {
  const channel = await createChannel(hub);
  const [ann] = await channel.joinAll('ann', 'bob');
  for (const [body, says] of [
    ['{"to":"bob","message":"\\ud83d"}', /lone surrogate \(half of a UTF-16 pair\), \\ud83d.*/],
    ['{"to":"bob","message":"smile \\ude00"}', /at byte 29: a lone surrogate \(half of a UTF-16 pair\), \\ude00/],
    ['{"to":"bob","mes\\udc00sage":"x"}', /lone surrogate/],
  ]) {
    assertError(await ann.trySend(body), 400, 'invalid', says);
  }
  await ann.trySend('{"to":"bob","message":"\\ud83d\\ude00"}');
});
