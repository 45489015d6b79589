// What channels hold is bounded in all: what goes is told, and what is let go goes back to the
// system. The test of what came back reads the resident size of the process.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import test, { after } from 'node:test';
import { createChannel } from './support/channel.mjs';
import { ok } from './support/http.mjs';
import { runBinary, startHub, until } from './support/hub.mjs';
import { Operator } from './support/operator.mjs';

const MiB = 1 << 20;
// The longest text there is: 8,192 characters of four bytes.
const longest = '\u{1F680}'.repeat(8192);

const hubs = [];
const start = async (...args) => {
  const hub = await startHub({ args, adminToken: 'an-admin-token' });
  hubs.push(hub);
  return hub;
};
after(() => Promise.all(hubs.map((hub) => hub.stop())));

const resident = (hub) => Number(
  /^VmRSS:\s+(\d+)/m.exec(fs.readFileSync(`/proc/${hub.child.pid}/status`, 'utf8'))[1]) * 1024;

// Sends `count` of the longest messages; several are under way at once.
async function fill(member, count) {
  let left = count;
  const sendSome = async () => {
    while (left-- > 0) await member.send('all', longest);
  };
  await Promise.all(Array.from({ length: 8 }, sendSome));
}

async function readAll(member) {
  let messages = 0;
  let dropped = 0;
  for (;;) {
    const answer = await member.listen({ timeout: 0 });
    messages += answer.messages.length;
    dropped += answer.gap?.dropped ?? 0;
    if (!answer.more && answer.messages.length === 0) return { messages, dropped };
  }
}

test('all rings together are bounded, the fattest let go first, and their readers are told', async () => {
  const hub = await start('--memory-max', '16MiB');
  const small = await createChannel(hub);
  const [ann, bob] = await small.joinAll('ann', 'bob');
  await ann.send('all', 'kept');
  const before = resident(hub);
  const fat = [];
  for (let i = 0; i < 12; ++i) {
    const channel = await createChannel(hub, { ring_size: 10_000 });
    const [writer, reader] = await channel.joinAll('writer', 'reader');
    await fill(writer, 120);
    fat.push(reader);
    assert.ok((await hub.metric('held_bytes')) <= 16 * MiB);
  }
  assert.ok((await hub.metric('held_bytes')) > 10 * MiB, 'what may be held is held');
  const grown = resident(hub) - before;
  assert.ok(grown < 1.6 * 16 * MiB, `${grown / MiB} MiB more are resident`);
  assert.ok((await hub.metric('evicted_messages_total')) > 0);
  assert.deepEqual(await bob.pending(), ['kept'], 'a thin channel loses nothing to fat ones');
  for (const reader of fat) {
    const { messages, dropped } = await readAll(reader);
    assert.equal(messages + dropped, 120, 'every message comes or is told of as dropped');
    assert.ok(messages > 0 && dropped > 0, `${messages} came, ${dropped} dropped`);
  }
  const { memory } = ok(await new Operator(hub).get('overview'));
  assert.equal(memory.held_bytes_max, 16 * MiB);
  assert.ok(memory.messages_bytes > 0 && memory.evicted_messages > 0);
  assert.equal(memory.inboxes_bytes, 0);
});

test('what a durable channel had to let go is told after a crash as well', async () => {
  const hub = await start('--memory-max', '16MiB', '--shards', '1');
  const channel = await createChannel(hub, { durable: true, ring_size: 10_000 });
  const [writer, reader] = await channel.joinAll('writer', 'reader');
  await fill(writer, 200);
  const others = [];
  for (let i = 0; i < 4; ++i) others.push(await createChannel(hub, { ring_size: 10_000 }));
  for (const other of others) await fill(await other.join('writer'), 200);
  const evicted = await hub.metric('evicted_messages_total');
  assert.ok(evicted > 0);
  await until(async () => (await hub.metric('store_queued_batches')) === 0, 'what went to be on disk');
  await hub.restart();
  const answer = await reader.listen({ timeout: 0 });
  assert.ok(answer.gap, 'a gap is told');
  const held = (await channel.stats()).message_count_in_buffer;
  assert.ok(held > 0 && held < 200, `${held} are held`);
});

test('the bound has a default, and a value of it is checked', async () => {
  const hub = await start();
  const all = Number(/^MemTotal:\s+(\d+)/m.exec(fs.readFileSync('/proc/meminfo', 'utf8'))[1]) * 1024;
  const max = await hub.metric('held_bytes_max');
  assert.ok(max > 16 * MiB && max <= all / 2 + MiB, `${max} of ${all}`);
  const refused = await runBinary(['serve', '--memory-max', '1MiB']);
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /--memory-max/);
});

test('the memory of channels that were removed goes back to the system', async () => {
  const hub = await start();
  const operator = new Operator(hub);
  const warm = await createChannel(hub, { ring_size: 10_000 });
  await fill(await warm.join('writer'), 20);
  const before = resident(hub);
  const channels = [];
  for (let i = 0; i < 20; ++i) {
    const channel = await createChannel(hub, { ring_size: 10_000 });
    const writer = await channel.join('writer');
    await Promise.all([fill(writer, 120), Promise.all(Array.from({ length: 400 }, (_, n) => writer.send('all', `${n}`.padEnd(8000, '.'))))]);
    channels.push(channel);
  }
  const full = resident(hub);
  assert.ok(full - before > 100 * MiB, `grown by ${(full - before) / MiB} MiB`);
  for (const channel of channels) ok(await operator.delete(`channels/${channel.id}`));
  await until(() => full - resident(hub) >= 0.8 * (full - before), '80 % to be given back', 10_000);
});
