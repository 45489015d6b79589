// Awaiting what becomes of a message within the send itself.

import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { createChannel } from './support/channel.mjs';
import { startHub, until } from './support/hub.mjs';

const hub = await startHub();
after(() => hub.stop());

async function pair() {
  const channel = await createChannel(hub);
  return channel.joinAll('ann', 'bob');
}
const untilAwaits = (count) => until(async () => (await hub.metric('waiting_awaits')) === count, `${count} awaits`);

test('await delivered: the answer comes when the message was handed over', async () => {
  const [ann, bob] = await pair();
  const sending = ann.send('bob', 'hello', { await: { for: 'delivered', seconds: 20 } });
  await untilAwaits(1);
  assert.deepEqual(await bob.pending(), ['hello']);
  const sent = await sending;
  assert.ok(sent.receipt, JSON.stringify(sent));
  assert.match(JSON.stringify(sent.receipt), /delivered|confirmed/);
  assert.equal(sent.await_timed_out, undefined);
});

test('await delivered is over at once when a listener is attached', async () => {
  const [ann, bob] = await pair();
  const stream = await bob.stream();
  const sent = await ann.send('bob', 'hello', { await: { for: 'delivered', seconds: 20 } });
  assert.equal(sent.reached, 1);
  assert.match(JSON.stringify(sent.receipt), /delivered|confirmed/);
  stream.close();
});

test('await confirmed: the answer comes when the addressee confirms', async () => {
  const [ann, bob] = await pair();
  const sending = ann.send('bob', 'hello', { await: { for: 'confirmed', seconds: 20 } });
  await untilAwaits(1);
  const { messages } = await bob.listen();
  await bob.listen({ timeout: 0, ack: messages[0].id });
  assert.match(JSON.stringify((await sending).receipt), /confirmed/);
});

test('await reply: the answer holds the reply, which also comes by listen', async () => {
  const [ann, bob] = await pair();
  const sending = ann.send('bob', 'what is 6 times 7?', { await: { for: 'reply', seconds: 20 } });
  await untilAwaits(1);
  const { messages: [question] } = await bob.listen();
  await bob.send('ann', 'unrelated');
  const answer = await bob.send('ann', '42', { reply_to: question.id });
  const { reply } = await sending;
  assert.equal(reply.id, answer.id);
  assert.equal(reply.text, '42');
  assert.equal(reply.from, 'bob');
  assert.equal(reply.reply_to, question.id);
  assert.deepEqual(await ann.pending(), ['unrelated', '42'], 'the cursor did not move');
});

test('await reply to all: the first reply counts', async () => {
  const channel = await createChannel(hub);
  const [ann, , cid] = await channel.joinAll('ann', 'bob', 'cid');
  const sending = ann.send('all', 'anybody?', { await: { for: 'reply', seconds: 20 } });
  await untilAwaits(1);
  const { messages: [question] } = await cid.listen();
  await cid.send('all', 'me', { reply_to: question.id });
  assert.equal((await sending).reply.from, 'cid');
});

for (const awaited of ['delivered', 'confirmed', 'reply']) {
  test(`await ${awaited}: nothing comes, the answer says so`, async () => {
    const [ann] = await pair();
    const begin = Date.now();
    const sent = await ann.send('bob', 'hello', { await: { for: awaited, seconds: 1 } });
    assert.equal(sent.await_timed_out, true);
    assert.ok(sent.id && sent.ok);
    const took = Date.now() - begin;
    assert.ok(took >= 900 && took < 5_000, `after ${took} ms`);
  });
}

test('two parties that await each other: the second is told at once', async () => {
  const [ann, bob] = await pair();
  const first = ann.send('bob', 'you first', { await: { for: 'reply', seconds: 20 } });
  await untilAwaits(1);
  const begin = Date.now();
  const second = await bob.send('ann', 'no, you', { await: { for: 'reply', seconds: 20 } });
  assert.equal(second.await_conflict, true);
  assert.ok(Date.now() - begin < 5_000);
  const { messages: [asked] } = await bob.listen();
  await bob.send('ann', 'fine', { reply_to: asked.id });
  assert.equal((await first).reply.text, 'fine');
});

test('a broadcast is not confirmed by who came after it had been dropped', async () => {
  const channel = await createChannel(hub, { ring_size: 10, loop_guard: 'off' });
  const ann = await channel.join('ann');
  const sending = ann.send('all', 'early', { await: { for: 'confirmed', seconds: 2 } });
  await untilAwaits(1);
  const other = await channel.join('other');
  let last;
  for (let i = 0; i < 12; ++i) last = await other.send('all', `later ${i}`);
  const late = await channel.join('late');
  assert.equal((await late.listen({ timeout: 1 })).messages.length, 10);
  await late.listen({ timeout: 0, ack: last.id });
  const sent = await sending;
  assert.equal(sent.await_timed_out, true, JSON.stringify(sent));
  assert.equal(sent.receipt, undefined);
});
