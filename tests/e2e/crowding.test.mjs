// A hub with no room for more connections: one address never has all of them, and who has most gives
// way to others. Every address here is one of this machine.

import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { createChannel } from './support/channel.mjs';
import { startHub, until } from './support/hub.mjs';
import { RawConnection } from './support/raw.mjs';

// Of 200 files a quarter is for everything else.
const kConnections = 150;
const kPerAddress = kConnections / 2;

const limitedFiles = (count) => ['sh', '-c', `ulimit -n ${count} && exec "$0" "$@"`];

const hub = await startHub({ wrap: limitedFiles(200), args: ['--trusted-proxy', 'none'] });
after(() => hub.stop());

async function answered(connection) {
  connection.send('GET', '/healthz');
  return (await connection.answer()).status;
}

// Connections that have been answered once and stay.
async function crowd(from, count, to = hub) {
  const connections = [];
  for (let n = 0; n < count; ++n) {
    const connection = await RawConnection.to(to, { from });
    assert.equal(await answered(connection), 200);
    connections.push(connection);
  }
  return connections;
}

const ended = (connections) => connections.filter(({ peerEnded }) => peerEnded).length;
const closeAll = (connections) => connections.forEach((connection) => connection.close());
const untilOpen = (count) => until(
  async () => (await hub.metric('connections_open')) === count + 1, `${count} connections beside the one that asks`);

test('the bounds follow the limit of open files', async () => {
  assert.equal(await hub.metric('connections_max'), kConnections);
  assert.equal(await hub.metric('connections_per_address_max'), kPerAddress);
});

test('one address never has all connections', async () => {
  const flood = await crowd('127.0.0.2', kPerAddress);
  const further = await RawConnection.to(hub, { from: '127.0.0.2' });
  assert.equal((await further.answer()).status, 429);
  const other = await crowd('127.0.0.3', 1);
  assert.equal(ended(flood), 0, 'there is room');
  closeAll([further, ...flood, ...other]);
  await untilOpen(0);
});

test('when all are taken the address with most gives way, and parked polls of others stay', async () => {
  const channel = await createChannel(hub);
  const ann = await channel.join('ann');
  const polls = [];
  for (let n = 0; n < 12; ++n) {
    const member = await channel.join(`reader-${n}`);
    const connection = await RawConnection.to(hub, { from: '127.0.0.4' });
    connection.send('GET', `${channel.path('listen')}?timeout=30`, { headers: channel.headers({ session: member.session }) });
    polls.push(connection);
  }
  await hub.untilPolls(polls.length);
  const floods = [await crowd('127.0.0.2', kPerAddress), await crowd('127.0.0.3', kConnections - kPerAddress - polls.length)];
  const before = await hub.metric('connections_ended_for_room_total');

  const others = [];
  for (let n = 10; n < 40; ++n) others.push(...await crowd(`127.0.0.${n}`, 2));
  assert.ok((await hub.metric('connections_ended_for_room_total')) - before >= others.length);
  assert.equal(ended(polls) + ended(others), 0);
  await until(() => ended(floods.flat()) >= others.length, 'what gave way to have ended');

  await ann.send('all', 'to everybody');
  for (const poll of polls) assert.equal((await poll.answer()).json.messages.length, 1);
  closeAll([...polls, ...floods.flat(), ...others]);
  await untilOpen(0);
});

test('what waits for a request gives way before what waits for its answer', async () => {
  const channel = await createChannel(hub);
  const polls = [];
  for (let n = 0; n < 10; ++n) {
    const member = await channel.join(`reader-${n}`);
    const connection = await RawConnection.to(hub, { from: '127.0.0.2' });
    connection.send('GET', `${channel.path('listen')}?timeout=30`, { headers: channel.headers({ session: member.session }) });
    polls.push(connection);
  }
  await hub.untilPolls(polls.length);
  const flood = await crowd('127.0.0.2', kPerAddress - polls.length);
  const rest = [...await crowd('127.0.0.3', 50), ...await crowd('127.0.0.4', 25)];
  const others = [];
  for (let n = 10; n < 22; ++n) others.push(...await crowd(`127.0.0.${n}`, 1));
  await until(() => ended(flood) >= others.length, 'what gave way to have ended');
  assert.equal(ended(polls) + ended(rest) + ended(others), 0);
  closeAll([...polls, ...flood, ...rest, ...others]);
});

test('connections of a trusted proxy are those of many clients, and give way to nobody', async () => {
  const behind = await startHub({ wrap: limitedFiles(200), args: ['--trusted-proxy', '127.0.0.9'] });
  try {
    const proxied = await crowd('127.0.0.9', 100, behind);
    const direct = await crowd('127.0.0.2', 50, behind);
    const further = await RawConnection.to(behind, { from: '127.0.0.9' });
    assert.equal((await further.answer()).status, 503);
    const other = await crowd('127.0.0.3', 1, behind);
    await until(() => ended(direct) === 1, 'one of the direct ones to have given way');
    assert.equal(ended(proxied), 0);
    closeAll([further, ...proxied, ...direct, ...other]);
  } finally {
    await behind.stop();
  }
});
