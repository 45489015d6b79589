// Knowing what became of a message: receipts of direct messages and broadcasts.

import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { createChannel } from './support/channel.mjs';
import { assertError, ok } from './support/http.mjs';
import { startHub } from './support/hub.mjs';

const hub = await startHub();
after(() => hub.stop());

test('a direct message goes from queued to delivered, confirmed and answered, each with its time', async () => {
  const channel = await createChannel(hub);
  const [ann, bob] = await channel.joinAll('ann', 'bob');
  const sent = await ann.send('bob', 'hello');
  const look = async () => ok(await ann.tryMessage(sent.id));

  const first = await look();
  assert.equal(first.id, sent.id);
  assert.equal(first.text, 'hello');
  assert.equal(first.from, 'ann');
  assert.equal(first.receipts.bob.state, 'queued');

  await bob.listen();
  const delivered = (await look()).receipts.bob;
  assert.equal(delivered.state, 'delivered');
  assert.ok(delivered.at >= sent.at);

  await bob.listen({ timeout: 0, ack: sent.id });
  const confirmed = (await look()).receipts.bob;
  assert.equal(confirmed.state, 'confirmed');
  assert.ok(confirmed.at >= delivered.at);

  await bob.send('ann', 'hi', { reply_to: sent.id });
  const answered = (await look()).receipts.bob;
  assert.equal(answered.state, 'answered');
  assert.ok(answered.at >= confirmed.at);
});

for (const [how, confirm] of Object.entries({
  since: (bob, id) => bob.listen({ timeout: 0, since: id }),
  ack: (bob, id) => bob.listen({ timeout: 0, ack: id }),
  'Last-Event-ID': async (bob, id) => (await bob.stream({}, { 'Last-Event-ID': String(id) })).close(),
})) {
  test(`${how} confirms everything up to that id`, async () => {
    const channel = await createChannel(hub);
    const [ann, bob] = await channel.joinAll('ann', 'bob');
    const one = await ann.send('bob', 'one');
    const two = await ann.send('bob', 'two');
    await bob.listen();
    await confirm(bob, two.id);
    assert.equal(await ann.receipt(one.id, 'bob'), 'confirmed');
    assert.equal(await ann.receipt(two.id, 'bob'), 'confirmed');
  });
}

test('a broadcast has a receipt for every callsign that it is for', async () => {
  const channel = await createChannel(hub);
  const [ann, bob, cid] = await channel.joinAll('ann', 'bob', 'cid');
  const sent = await ann.send('all', 'hello');
  await bob.listen();
  await bob.send('all', 'hi', { reply_to: sent.id });
  const { receipts } = ok(await ann.tryMessage(sent.id));
  assert.equal(receipts.bob.state, 'answered');
  assert.equal(receipts.cid.state, 'queued');
  assert.equal(receipts.ann, undefined);
  assert.equal(receipts.bob.at, undefined, 'times for direct messages only');
  ok(await cid.tryMessage(sent.id));
});

test('a message that left the ring unread is dropped', async () => {
  const channel = await createChannel(hub, { ring_size: 10 });
  const [ann, bob] = await channel.joinAll('ann', 'bob');
  const read = await ann.send('bob', 'read');
  await bob.listen();
  const unread = await ann.send('bob', 'never read');
  for (let i = 0; i < 12; ++i) await ann.send('all', `m${i}`);
  assert.equal(await ann.receipt(unread.id, 'bob'), 'dropped');
  assert.notEqual(await ann.receipt(read.id, 'bob'), 'dropped');
});

test('only the sender and the addressees may look', async () => {
  const channel = await createChannel(hub);
  const [ann, bob, cid] = await channel.joinAll('ann', 'bob', 'cid');
  const { id } = await ann.send('bob', 'between us');
  ok(await bob.tryMessage(id));
  const refusal = assertError(await cid.tryMessage(id), 404, 'not_found');
  const unknown = assertError(await cid.tryMessage(1), 404, 'not_found');
  assert.equal(refusal.error.replace(String(id), 'N'), unknown.error.replace(/\b1\b/, 'N'), 'as if it did not exist');
});

for (const id of ['0', '1', '99999999999999999999', 'x', '-1', '1.5']) {
  test(`messages/${id} is no message`, async () => {
    const channel = await createChannel(hub);
    const ann = await channel.join('ann');
    const answer = await ann.tryMessage(id);
    assert.ok([400, 404].includes(answer.status), answer.text);
    assert.ok(['invalid', 'not_found'].includes(answer.json.code));
  });
}

test('above 100 recipients there are counts only', async () => {
  const channel = await createChannel(hub);
  const ann = await channel.join('ann');
  for (let i = 0; i < 101; ++i) await channel.join(`m${i}`);
  const { id } = await ann.send('all', 'hello everybody');
  const text = (await ann.tryMessage(id)).text;
  assert.match(text, /101/);
  assert.doesNotMatch(text, /"m5"/);
});
