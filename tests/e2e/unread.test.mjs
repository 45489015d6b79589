// Clients that ask and do not read: what they make the hub and its kernel hold is small, and told.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import test, { after } from 'node:test';
import { createChannel } from './support/channel.mjs';
import { startHub, until } from './support/hub.mjs';
import { RawConnection } from './support/raw.mjs';

const kClients = 40;
const kHeldBySocket = 80 << 10;  // what /metrics counts for one that is full
const kHeldBySocketMax = 128 << 10;

const hub = await startHub({ args: ['--ring-bytes', '64MiB'] });
after(() => hub.stop());

// Bytes in the kernel that the hub has written and that nobody has taken, over all its connections.
function heldByKernel() {
  const told = execFileSync('ss', ['-tmnH', `sport = :${hub.port}`]).toString();
  return [...told.matchAll(/skmem:\([^)]*,w(\d+),/g)].reduce((sum, [, bytes]) => sum + Number(bytes), 0);
}

async function silentReaders(count, begin) {
  return Promise.all(Array.from({ length: count }, async () => {
    const connection = await RawConnection.to(hub);
    await begin(connection);
    connection.stopReading();
    return connection;
  }));
}

const untilHeld = (count) => until(
  async () => (await hub.metric('kept_answer_bytes')) >= count * kHeldBySocket, `${count} full sockets`);
const untilNothingHeld = () => until(
  async () => (await hub.metric('kept_answer_bytes')) === 0, 'what they held to be free');

test('pipelined requests whose answers are not read hold little, and none is lost', async () => {
  const document = (await hub.get('/openapi.json')).text;
  const readers = await silentReaders(kClients, async () => {});
  for (const reader of readers) {
    for (let i = 0; i < 100; ++i) reader.send('GET', '/openapi.json');
  }
  await untilHeld(kClients);
  assert.ok(heldByKernel() < kClients * kHeldBySocketMax, `${heldByKernel()} bytes in the kernel`);
  assert.ok((await hub.metric('kept_answer_bytes')) < kClients * (kHeldBySocketMax + 2 * document.length),
    'the requests behind an answer that is not read wait');
  assert.ok((await hub.metric('kept_request_bytes')) > 0, '... and are counted');

  const [first, ...others] = readers;
  for (const reader of others) reader.close();
  first.readOn();
  for (let i = 0; i < 100; ++i) assert.equal((await first.answer()).text, document);
  first.close();
  await untilNothingHeld();
});

test('streams that are not read hold the messages together, and little each', async () => {
  const channel = await createChannel(hub, { ring_size: 5000, loop_guard: 'off' });
  const ann = await channel.join('ann');
  const members = [];
  for (let n = 0; n < kClients; ++n) members.push(await channel.join(`reader-${n}`));
  let n = 0;
  const streams = await silentReaders(kClients, async (connection) => {
    const headers = channel.headers({ session: members[n++].session });
    connection.send('GET', channel.path('stream'), { headers });
    await connection.untilReceived('event: hello');
  });
  const resident = await hub.metric('process_resident_bytes');
  const text = 'x'.repeat(8000);
  let sent = 0;
  while ((await hub.metric('kept_answer_bytes')) < kClients * kHeldBySocket) {
    for (let i = 0; i < 20; ++i) await ann.send('all', text);
    assert.ok((sent += 20) < 1000, 'the streams are full some time');
  }
  for (let i = 0; i < 100; ++i) await ann.send('all', text);
  assert.ok(heldByKernel() < kClients * kHeldBySocketMax, `${heldByKernel()} bytes in the kernel`);
  assert.ok((await hub.metric('process_resident_bytes')) - resident < kClients * text.length * 50,
    'a message is there once, however many have not read it');
  for (const stream of streams) stream.close();
  await untilNothingHeld();
});
