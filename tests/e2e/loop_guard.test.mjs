// Two agents that only answer each other: a warning, or a stop.

import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { createChannel } from './support/channel.mjs';
import { assertError, ok } from './support/http.mjs';
import { startHub } from './support/hub.mjs';

const hub = await startHub();
after(() => hub.stop());

async function talk(a, b, count) {
  for (let i = 0; i < count; ++i) {
    if (i % 2 === 0) await a.send(b.callsign, `m${i}`);
    else await b.send(a.callsign, `m${i}`);
  }
}

test('40 messages between two agents are a conversation, more are warned of', async () => {
  const [ann, bob] = await (await createChannel(hub)).joinAll('ann', 'bob');
  await talk(ann, bob, 40);
  assert.equal((await bob.listen()).loop_warning, undefined);
  await talk(ann, bob, 2);
  assert.ok((await bob.listen()).loop_warning);
  assert.ok((await ann.wait()).loop_warning);
  ok(await ann.trySend({ to: 'bob', message: 'warn does not stop anybody' }));
});

test('others on the channel are not warned', async () => {
  const [ann, bob, cid] = await (await createChannel(hub)).joinAll('ann', 'bob', 'cid');
  await talk(ann, bob, 44);
  assert.equal((await cid.listen()).loop_warning, undefined);
});

test('with block the next sends are 429 with the reason', async () => {
  const [ann, bob, cid] = await (await createChannel(hub, { loop_guard: 'block' })).joinAll('ann', 'bob', 'cid');
  await talk(ann, bob, 41);
  const refused = await ann.trySend({ to: 'bob', message: 'one more' });
  const error = assertError(refused, 429, 'rate_limited', /loop|human|bob/i);
  assert.ok(error.retry_after_seconds > 0 && error.retry_after_seconds <= 300);
  ok(await ann.trySend({ to: 'cid', message: 'to somebody else' }));
  ok(await cid.trySend({ to: 'bob', message: 'from somebody else' }));
});

test('a human that takes part ends the block', async () => {
  const channel = await createChannel(hub, { loop_guard: 'block', owner_password: 'open sesame' });
  const [ann, bob] = await channel.joinAll('ann', 'bob');
  await talk(ann, bob, 41);
  assertError(await bob.trySend({ to: 'ann', message: 'x' }), 429, 'rate_limited');
  const human = await channel.join('boss', { owner_password: 'open sesame' });
  await human.send('all', 'go on');
  ok(await bob.trySend({ to: 'ann', message: 'x' }));
});

test('with off nothing is said', async () => {
  const [ann, bob] = await (await createChannel(hub, { loop_guard: 'off' })).joinAll('ann', 'bob');
  await talk(ann, bob, 60);
  assert.equal((await bob.listen()).loop_warning, undefined);
});
