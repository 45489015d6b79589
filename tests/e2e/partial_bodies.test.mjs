// Bodies that are announced and do not come: who may not send them is told at once, and who may has
// no more of the hub's memory than others leave.

import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { createChannel } from './support/channel.mjs';
import { assertError, ok } from './support/http.mjs';
import { startHub, until } from './support/hub.mjs';
import { RawConnection } from './support/raw.mjs';

const kLarge = 1 << 20;

const hub = await startHub({ args: ['--rate-limit-loopback', '--rate-join', '0', '--rate-create', '0'] });
after(() => hub.stop());
const locked = await startHub({ args: ['--token', 'a-hub-token-for-tests'], adminToken: 'an-admin-token-for-tests' });
after(() => locked.stop());

// The head of a POST, and of its body only what is given here.
async function begin(to, path, { headers = {}, size = 100_000, body = '', expect = false } = {}) {
  const connection = await RawConnection.to(to);
  const all = { ...headers, 'Content-Length': size };
  if (expect) all.Expect = '100-continue';
  connection.send('POST', path, { headers: all });
  if (body !== '') connection.write(body);
  return connection;
}

const kRefused = [
  ['a path that is no route', () => hub, '/api/nothing', {}, 404, 'not_found'],
  ['a channel that does not exist', () => hub, '/api/channels/no-such-channel/send', {}, 404, 'not_found'],
  ['a channel that does not exist, by MCP', () => hub, '/mcp/no-such-channel', {}, 404, 'not_found'],
  ['a page of another origin', () => hub, '/api/channels', { Origin: 'https://elsewhere.example' }, 403, 'unauthorized'],
  ['no account', () => hub, '/api/account/identities', { Authorization: 'Bearer nobody' }, 401, 'unauthorized'],
  ['no identity', () => hub, '/api/dm', {}, 401, 'unauthorized'],
  ['no inbox', () => hub, '/api/dm/ack', { 'X-Identity-Key': 'wrong' }, 401, 'unauthorized'],
  ['no hub token', () => locked, '/api/channels', {}, 401, 'unauthorized'],
  ['a wrong hub token, by MCP', () => locked, '/mcp', { Authorization: 'Bearer wrong' }, 401, 'unauthorized'],
  ['no admin token', () => locked, '/api/admin/send', { Authorization: 'Bearer wrong' }, 401, 'unauthorized'],
];

for (const [what, to, path, headers, status, code] of kRefused) {
  test(`${what}: the answer does not wait for the body`, async () => {
    for (const expect of [false, true]) {
      const connection = await begin(to(), path, { headers, expect, body: expect ? '' : '{' });
      assertError(await connection.answer(), status, code);
      await connection.untilClosed();
      connection.close();
    }
    assert.equal(await to().metric('kept_request_bytes'), 0);
  });
}

test('a wrong token is told before the body, and is one wrong guess', async () => {
  const channel = await createChannel(hub);
  const refused = await hub.metric('refusals_total');
  const headers = { Authorization: 'Bearer wrong', 'X-Forwarded-For': '9.9.9.1' };
  const connection = await begin(hub, channel.path('send'), { headers, size: kLarge, body: '{"to":' });
  const answer = await connection.answer();
  assertError(answer, 401, 'unauthorized');
  assert.ok(answer.headers['x-ratelimit-limit'], 'a send is told its limit whatever becomes of it');
  await connection.untilClosed();
  assert.equal((await hub.metric('refusals_total')) - refused, 1);
  connection.close();
});

test('who may send is counted once, wherever the channel lives and however the body comes', async () => {
  for (let n = 0; n < 8; ++n) {  // on all shards
    const channel = await createChannel(hub);
    const headers = { 'X-Forwarded-For': `9.9.8.${n}` };
    const ann = await channel.join('ann', {}, { headers });
    const requests = await hub.metric('http_requests_total');
    const body = JSON.stringify({ to: 'all', message: 'in two pieces' });
    const connection = await begin(hub, channel.path('send'), {
      headers: channel.headers({ session: ann.session, headers }), size: body.length, expect: true,
    });
    assert.equal((await connection.answer()).status, 100);
    connection.write(body);
    const answer = await connection.answer();
    assert.equal(answer.status, 200);
    assert.equal(Number(answer.headers['x-ratelimit-limit']) - Number(answer.headers['x-ratelimit-remaining']), 1);
    assert.equal((await hub.metric('http_requests_total')) - requests, 2, 'the send, and the look at the metric');
    connection.close();
  }
});

test('a body that is still coming may move its connection, also behind a parked answer', async () => {
  const channels = await Promise.all(Array.from({ length: 6 }, () => createChannel(hub)));
  const connection = await RawConnection.to(hub);
  for (const channel of channels) {
    const ann = await channel.join('ann');
    const headers = channel.headers({ session: ann.session });
    connection.send('GET', `${channel.path('listen')}?timeout=0`, { headers });
    assert.equal((await connection.answer()).status, 200);
    const body = JSON.stringify({ to: 'all', message: 'x'.repeat(8000) });
    connection.send('POST', channel.path('send'), { headers: { ...headers, 'Content-Length': body.length } });
    connection.write(body.slice(0, 4000));
    connection.write(body.slice(4000));
    assert.equal((await connection.answer()).status, 200);
  }
  connection.close();
});

test('a flood of bodies that stop short gives way to those of others', async () => {
  const small = await startHub({ args: ['--shards', '1', '--body-seconds', '300'] });
  try {
    const channel = await createChannel(small);
    const ann = await channel.join('ann');
    const bound = await small.metric('kept_request_bytes_max');
    const headersFrom = (address) =>
      channel.headers({ session: ann.session, headers: { 'X-Forwarded-For': address } });
    const part = ' '.repeat(kLarge - 1);
    const flood = [];
    const hold = async () => flood.push(await begin(small, channel.path('send'), {
      headers: headersFrom('9.9.9.9'), size: kLarge, body: part,
    }));
    while (flood.length < bound / kLarge - 10) await hold();
    await until(async () => (await small.metric('kept_request_bytes')) > bound - 16 * kLarge, 'the memory to be full', 60_000);

    const body = JSON.stringify({ to: 'all', message: 'large' });
    const large = await begin(small, channel.path('send'), {
      headers: headersFrom('8.8.8.8'), size: kLarge, body: body + part.slice(0, kLarge - 1 - body.length),
    });
    for (let n = 0; n < 24; ++n) await hold();
    await until(async () => (await small.metric('cut_off_for_memory_total')) > 0, 'somebody to give way');
    large.write(' ');
    assert.equal(ok(await large.answer()).ok, true);
    const told = flood.filter((connection) => connection.received.includes('HTTP/1.1 503'));
    assert.ok(told.length > 0 && told.length < flood.length, `${told.length} of the flood gave way`);
    assert.ok((await small.metric('kept_request_bytes')) <= bound);
    for (const connection of [large, ...flood]) connection.close();
  } finally {
    await small.stop();
  }
});
