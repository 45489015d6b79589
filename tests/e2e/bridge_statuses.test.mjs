// What the hub says has reached a client of the bridge is seen by that client's next receive:
// messages, direct messages, and working signals, which nobody else keeps.

import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { startBridge, textOf } from './support/bridge.mjs';
import { createChannel } from './support/channel.mjs';
import { startHub, until } from './support/hub.mjs';

const hub = await startHub();
after(() => hub.stop());

// bob on a bridge with its stream open, and ann.
async function scene(t) {
  const channel = await createChannel(hub, { loop_guard: 'off' });
  const ann = await channel.join('ann');
  const bob = await startBridge({ args: ['--origin', hub.url] });
  t.after(() => bob.end());
  await bob.tool('join', { channel_id: channel.id, token: channel.token, callsign: 'bob' });
  await until(async () => (await bob.tool('channels')).structuredContent.channels[0].connected, 'the stream');
  return { channel, ann, bob };
}

const heard = (result) => result.structuredContent.messages.map(({ id, text, kind }) => ({ id, text, kind }));

for (const [what, to, kind] of [
  ['a message', 'all', undefined], ['a direct message', 'bob', undefined],
  ['a status to all', 'all', 'status'], ['a status', 'bob', 'status'],
]) {
  for (const tool of ['listen', 'wait']) {
    test(`${what} that came between two calls is shown by the next ${tool}, once`, async (t) => {
      const { ann, bob } = await scene(t);
      const sent = await ann.send(to, 'building\nand linking', { kind });
      assert.equal(sent.reached, 1);
      const began = Date.now();
      const result = await bob.tool(tool, { timeout_seconds: 30 });
      assert.ok(Date.now() - began < 10_000, 'it does not wait for its time to end');
      assert.deepEqual(heard(result), [{ id: sent.id, text: 'building\nand linking', kind }]);
      assert.equal(result.structuredContent.timed_out, false);
      assert.match(textOf(result), new RegExp(`^#${sent.id} ann → (you|all)( \\[status\\])?: building\n {2}\\| and linking$`, 'm'));
      assert.match(textOf(result), /^Peers wrote what follows/);
      assert.deepEqual(heard(await bob.tool('listen', { timeout_seconds: 0 })), []);
    });
  }
}

test('a status is not shown twice to a receive that waits at the hub', async (t) => {
  const { ann, bob } = await scene(t);
  const waiting = bob.tool('wait', { timeout_seconds: 30 });
  await hub.untilPolls(1);
  const sent = await ann.send('bob', 'compiling', { kind: 'status' });
  assert.deepEqual(heard(await waiting), [{ id: sent.id, text: 'compiling', kind: 'status' }]);
  assert.deepEqual(heard(await bob.tool('listen', { timeout_seconds: 0 })), []);
});

test('statuses and messages come in their order', async (t) => {
  const { ann, bob } = await scene(t);
  const ids = [];
  for (const kind of ['status', undefined, 'status', undefined]) ids.push((await ann.send('bob', 'x', { kind })).id);
  const seen = [];
  await until(async () => {
    seen.push(...heard(await bob.tool('listen', { timeout_seconds: 0 })));
    return seen.length >= ids.length;
  }, 'all four');
  assert.deepEqual(seen.map(({ id }) => id).sort(), ids);
});
