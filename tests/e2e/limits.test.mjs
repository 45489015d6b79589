// Bounds of requests, connections and slow clients.

import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { createChannel } from './support/channel.mjs';
import { assertError, ok } from './support/http.mjs';
import { startHub, until } from './support/hub.mjs';
import { RawConnection } from './support/raw.mjs';
import { Stream } from './support/sse.mjs';

const hub = await startHub({
  args: ['--header-seconds', '2', '--body-seconds', '2', '--idle-seconds', '3',
    '--stream-backlog-bytes', '64KiB', '--ring-bytes', '64MiB', '--write-stall-seconds', '5'],
});
after(() => hub.stop());

test('headers beyond the bound are 431', async () => {
  const connection = await RawConnection.to(hub);
  connection.send('GET', '/healthz', { headers: { 'X-Filler': 'x'.repeat(17 << 10) } });
  assert.equal((await connection.answer()).status, 431);
  await connection.untilClosed();
});

test('a request line beyond the bound is 414 or 431', async () => {
  const connection = await RawConnection.to(hub);
  connection.send('GET', `/${'x'.repeat(17 << 10)}`);
  assert.ok([414, 431].includes((await connection.answer()).status));
  await connection.untilClosed();
});

test('many small headers are bounded as well', async () => {
  const connection = await RawConnection.to(hub);
  connection.write(`GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n${'a:b\r\n'.repeat(20_000)}`);
  const received = await connection.untilClosed();
  assert.match(received, /^HTTP\/1\.1 431 /);
});

test('a body beyond the bound is 413 and is not waited for', async () => {
  const channel = await createChannel(hub);
  const connection = await RawConnection.to(hub);
  connection.write(`POST ${channel.path('join')} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${channel.token}\r\nContent-Length: 100000000\r\n\r\n`);
  const answer = await connection.answer();
  assert.equal(answer.status, 413);
  assert.equal(answer.json.code, 'invalid', 'old clients look for that code');
  await connection.untilClosed();
});

test('a chunked body without end is 413', async () => {
  const connection = await RawConnection.to(hub);
  connection.write('POST /api/channels HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n');
  for (let i = 0; i < 64 && !connection.peerEnded; ++i) {
    connection.write(`10000\r\n${' '.repeat(0x10000)}\r\n`);
    await new Promise(setImmediate);
  }
  const received = await connection.untilClosed();
  assert.match(received, /^HTTP\/1\.1 413 /);
});

test('Expect: 100-continue is answered before the body is sent, or refused by its size', async () => {
  const connection = await RawConnection.to(hub);
  connection.write('POST /api/channels HTTP/1.1\r\nHost: 127.0.0.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n');
  assert.equal((await connection.answer()).status, 100);
  connection.write('{}');
  assert.equal((await connection.answer()).status, 200);
  connection.write('POST /api/channels HTTP/1.1\r\nHost: 127.0.0.1\r\nExpect: 100-continue\r\nContent-Length: 100000000\r\n\r\n');
  assert.equal((await connection.answer()).status, 413);
  await connection.untilClosed();
});

test('JSON that is nested too deep is refused', async () => {
  const deep = `{"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}`;
  assertError(await hub.post('/api/channels', deep), 400, 'invalid');
});

test('odd numbers do no harm', async () => {
  for (const value of ['1e999', '-1e999', '1e-999', '99999999999999999999', '-0', '0.0000001']) {
    const answer = await hub.post('/api/channels', `{"session_ttl_seconds":${value}}`);
    assert.ok([200, 400].includes(answer.status), `${value}: ${answer.status}`);
  }
  const channel = await createChannel(hub);
  const ann = await channel.join('ann');
  for (const since of ['99999999999999999999', '-99999999999999999999', '9007199254740993', '00000000000000000001']) {
    const answer = await ann.tryListen({ timeout: 0, since });
    assert.ok([200, 400].includes(answer.status), `${since}: ${answer.status} ${answer.text}`);
  }
});

test('odd paths are 404 or 400, never a crash', async () => {
  for (const path of ['/%00', '/%', '/%zz', '/..', '/../etc/passwd', '/api/channels/%2e%2e/join', '//api//channels', '/api/channels/',
    '/api/channels/a/b/c/d', '/?', '/api/bands?%', '/api/bands?a=%00&&&=', '/*', `/api/channels/${'a'.repeat(5000)}`]) {
    const answer = await hub.get(path);
    assert.ok(answer.status < 500, `${path}: ${answer.status}`);
  }
});

test('slow headers are cut off, however many connections send them', async () => {
  const slow = await Promise.all(Array.from({ length: 100 }, () => RawConnection.to(hub)));
  const begin = Date.now();
  for (const connection of slow) connection.write('GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n');
  const drip = setInterval(() => {
    for (const connection of slow) if (!connection.peerEnded) connection.write('X-Drip: x\r\n');
  }, 300);
  const channel = await createChannel(hub);
  ok(await channel.tryJoin({}));
  await Promise.all(slow.map((connection) => connection.untilClosed(15_000)));
  clearInterval(drip);
  const took = Date.now() - begin;
  assert.ok(took > 1_500 && took < 10_000, `after ${took} ms`);
  for (const connection of slow) connection.close();
});

test('a slow body is cut off', async () => {
  const connection = await RawConnection.to(hub);
  connection.write('POST /api/channels HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\n{');
  const drip = setInterval(() => connection.peerEnded || connection.write(' '), 300);
  await connection.untilClosed(15_000);
  clearInterval(drip);
  connection.close();
});

test('an idle connection is closed after its time, a waiting poll is not idle', async () => {
  const channel = await createChannel(hub);
  const ann = await channel.join('ann');
  const idle = await RawConnection.to(hub);
  idle.send('GET', '/healthz');
  await idle.answer();
  const waiting = ann.listen({ timeout: 5 });
  await idle.untilClosed(10_000);
  assert.equal((await waiting).timed_out, true);
});

for (const [what, args] of [
  ['of an address', ['--trusted-proxy', 'none', '--connections-per-address-max', '150']],
  ['in all', ['--connections-max', '150']],
]) {
  test(`connections beyond the bound ${what} are refused, and the others go on`, async () => {
    const crowded = await startHub({ args });
    try {
      const kept = await RawConnection.to(crowded);
      kept.send('GET', '/healthz');
      await kept.answer();
      const held = [];
      for (let i = 0; i < 200; ++i) held.push(await RawConnection.to(crowded));
      await until(() => held.filter((connection) => connection.peerEnded).length >= 50, 'refusals');
      kept.send('GET', '/healthz');
      assert.equal((await kept.answer()).status, 200);
      for (const connection of held) connection.close();
      await until(async () => {
        kept.send('GET', '/metrics');
        return /^rogerthat_connections_open 1$/m.test((await kept.answer()).text);
      }, 'room');
      assert.equal((await crowded.get('/healthz')).status, 200);
      kept.close();
    } finally {
      await crowded.stop();
    }
  });
}

test('a stream that is not read is cut off with bye, resumes by id and loses nothing', async () => {
  const channel = await createChannel(hub, { ring_size: 5000, loop_guard: 'off' });
  const [ann, bob, cid] = await channel.joinAll('ann', 'bob', 'cid');
  const slow = await RawConnection.to(hub);
  slow.send('GET', bob.channel.path('stream'), { headers: channel.headers({ session: bob.session }) });
  await slow.untilReceived('event: hello');
  slow.stopReading();
  const cut = await hub.metric('slow_streams_cut_total');
  const ids = [];
  const text = 'x'.repeat(8192);
  while ((await hub.metric('slow_streams_cut_total')) === cut) {
    for (let i = 0; i < 50; ++i) ids.push((await ann.send('all', text)).id);
    assert.ok(ids.length < 4_000, 'the stream is never cut off');
  }
  const after = await ann.send('all', 'after the cut');
  ids.push(after.id);
  assert.deepEqual((await cid.listen()).messages[0].id, ids[0], 'nobody else is held up');

  slow.readOn();
  const received = await slow.untilClosed(15_000);
  assert.match(received, /event: bye\ndata: \{[^\n]*"reason"/);
  const got = [...received.matchAll(/\nid: (\d+)\n/g)].map((match) => Number(match[1]));
  assert.ok(got.length < ids.length);
  const resumed = await Stream.open(hub.url, {
    path: bob.channel.path('stream'),
    headers: channel.headers({ session: bob.session, headers: { 'Last-Event-ID': String(got.at(-1) ?? 0) } }),
  });
  const rest = await resumed.messagesThrough(after.id, 20_000);
  resumed.close();
  assert.deepEqual([...got, ...rest.map(({ id }) => id)], ids);
});

test('channels are bounded, and the error says what to do', async () => {
  const small = await startHub({ args: ['--channels-max', '6', '--shards', '1'] });
  try {
    const existing = ok(await small.get('/api/bands')).bands.length;
    for (let n = existing; n < 6; ++n) await createChannel(small);
    const refused = await small.post('/api/channels', {});
    assertError(refused, 503, 'unavailable');
    assert.match(JSON.stringify(refused.json), /--channels-max/);
  } finally {
    await small.stop();
  }
});
