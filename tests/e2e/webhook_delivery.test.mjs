// Deliveries of webhooks: when they are tried again and when not, what survives restarts, and that
// nobody waits for a receiver that does not answer.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import test, { after } from 'node:test';
import { createChannel } from './support/channel.mjs';
import { ok } from './support/http.mjs';
import { startHub, until } from './support/hub.mjs';
import { assertSigned, Receiver } from './support/webhook_receiver.mjs';

const hub = await startHub({ args: ['--shards', '2'] });
after(() => hub.stop());

async function receiverFor(context, options) {
  const receiver = await Receiver.start(options);
  context.after(() => receiver.stop());
  return receiver;
}

async function ownHub(context, options) {
  const own = await startHub(options);
  context.after(() => own.stop());
  return own;
}

const status = (code, headers = {}) => (request, response) => {
  response.writeHead(code, headers);
  response.end();
};

async function hook(channel, url, more = {}) {
  return ok(await channel.call('POST', 'webhooks', { body: { url, ...more } }));
}

async function deliveries(channel, { id }) {
  return ok(await channel.call('GET', `webhooks/${id}/deliveries`)).deliveries;
}

// Waits until the newest delivery fits; gives it.
async function untilDelivery(channel, made, fits, what) {
  let newest;
  await until(async () => {
    [newest] = await deliveries(channel, made);
    return newest !== undefined && fits(newest);
  }, what);
  return newest;
}

const isSettled = ({ state }) => state !== 'waiting';

async function hookedChannel(on, url, options = {}) {
  const channel = await createChannel(on, options);
  const made = await hook(channel, url);
  const [alice] = await channel.joinAll('alice');
  return { channel, made, alice };
}

test('what fails is tried again after 1 and 3 seconds: same body, same id, fresh timestamp', async (context) => {
  const receiver = await receiverFor(context, {
    answer: (request, response, number) => status(number < 3 ? 500 + number : 204)(request, response),
  });
  const { channel, made, alice } = await hookedChannel(hub, receiver.url());
  const begun = performance.now();
  await alice.send('all', 'again and again');
  const [first, second, third] = await receiver.first(3);
  assert.ok(first.at - begun < 900, 'the first attempt is made at once');
  for (const [gap, due] of [[second.at - first.at, 1000], [third.at - second.at, 3000]]) {
    assert.ok(gap > due - 30 && gap < due + 900, `${gap} ms between two attempts, not ${due}`);
  }
  for (const request of [first, second, third]) {
    assertSigned(request, made.secret);
    assert.deepEqual(request.body, first.body);
    assert.equal(request.id, first.id);
    assert.equal(request.headers['x-rogerthat-delivery'], first.id);
    assert.equal(request.headers['x-rogerthat-signature'], first.headers['x-rogerthat-signature']);
  }
  const stamps = [first, second, third].map(({ headers }) => Number(headers['webhook-timestamp']));
  assert.ok(stamps[0] < stamps[1] && stamps[1] < stamps[2], `${stamps}`);
  const line = await untilDelivery(channel, made, isSettled, 'the delivery');
  assert.deepEqual([line.state, line.status, line.attempts], ['delivered', 204, 3]);
  assert.equal('next_at' in line, false);
});

test('between attempts the log says when the next one comes', async (context) => {
  const receiver = await receiverFor(context, { answer: status(503) });
  const { channel, made, alice } = await hookedChannel(hub, receiver.url());
  await alice.send('all', 'later');
  const line = await untilDelivery(channel, made, ({ attempts }) => attempts === 1, 'the first attempt');
  assert.deepEqual([line.state, line.status], ['waiting', 503]);
  assert.ok(Math.abs(line.next_at - line.attempted_at - 1000) < 100, JSON.stringify(line));
  assert.ok(line.latency_ms >= 0 && line.created_at <= line.attempted_at);
  ok(await channel.call('DELETE', `webhooks/${made.id}`));
});

test('a refusal is final, and so is a redirect, which is not followed', async (context) => {
  const elsewhere = await receiverFor(context);
  for (const [code, headers] of [[400, {}], [404, {}], [429, {}], [301, { Location: elsewhere.url() }],
    [302, { Location: elsewhere.url() }], [307, { Location: elsewhere.url() }], [308, { Location: elsewhere.url() }],
    [304, {}]]) {
    const receiver = await receiverFor(context, { answer: status(code, headers) });
    const { channel, made, alice } = await hookedChannel(hub, receiver.url());
    await alice.send('all', 'no?');
    const line = await untilDelivery(channel, made, isSettled, `the end of a delivery answered with ${code}`);
    assert.deepEqual([line.state, line.status, line.attempts], ['failed', code, 1]);
    assert.equal('next_at' in line, false);
    await alice.send('all', 'and this?');
    await receiver.first(2);
  }
  assert.equal(elsewhere.requests.length, 0);
});

test('410 ends a webhook', async (context) => {
  const [gone, other] = [await receiverFor(context, { answer: status(410) }), await receiverFor(context)];
  const { channel, made, alice } = await hookedChannel(hub, gone.url());
  const fence = await hook(channel, other.url());
  await alice.send('all', 'anybody home?');
  const line = await untilDelivery(channel, made, isSettled, 'the end of the delivery');
  assert.deepEqual([line.state, line.status], ['failed', 410]);
  const active = async () => ok(await channel.call('GET', 'webhooks')).webhooks
    .map(({ id, active: is }) => [id === made.id, is]);
  await until(async () => (await active()).some(([, is]) => !is), 'an inactive webhook');
  assert.deepEqual(await active(), [[true, false], [false, true]]);
  for (let i = 0; i < 3; ++i) await alice.send('all', `${i}`);
  await other.first(4);
  assert.equal((await deliveries(channel, fence)).length, 4);
  assert.equal(gone.requests.length, 1);
});

test('a connection that breaks, nobody there, and an answer that is no HTTP are tried again', async (context) => {
  const refused = await Receiver.start();
  await refused.stop();
  const garbage = net.createServer((socket) => socket.on('error', () => {}).once('data', () => socket.end('hello\r\n\r\n')));
  await new Promise((resolve) => garbage.listen(0, '127.0.0.1', resolve));
  context.after(() => garbage.close());
  const cut = await receiverFor(context, { answer: (request) => void request });
  cut.answer = (request, response) => response.socket.destroy();
  for (const url of [refused.url(), `http://127.0.0.1:${garbage.address().port}/`, cut.url()]) {
    const { channel, made, alice } = await hookedChannel(hub, url);
    await alice.send('all', 'hello?');
    const line = await untilDelivery(channel, made, ({ attempts }) => attempts === 1, 'a failed attempt');
    assert.equal(line.state, 'waiting');
    assert.equal('status' in line, false);
    assert.ok(line.error.length > 5, JSON.stringify(line));
    ok(await channel.call('DELETE', `webhooks/${made.id}`));
  }
  assert.equal(cut.requests.length, 1);
});

test('of an answer only the status counts, however long the rest is', async (context) => {
  let closed = false;
  const receiver = await receiverFor(context, {
    answer: (request, response) => {
      response.writeHead(200);
      response.on('close', () => (closed = true));
      const more = () => {
        while (!closed && response.write(Buffer.alloc(16 << 10)));
        if (!closed) response.once('drain', more);
      };
      more();
    },
  });
  const { channel, made, alice } = await hookedChannel(hub, receiver.url());
  await alice.send('all', 'go on and on');
  const line = await untilDelivery(channel, made, isSettled, 'the delivery');
  assert.deepEqual([line.state, line.status, line.attempts], ['delivered', 200, 1]);
  assert.ok(line.latency_ms < 5_000, `it is read for ${line.latency_ms} ms`);
  await until(() => closed, 'the end of the connection');
});

test('receivers that do not answer hold up nobody else', async (context) => {
  const dead = await receiverFor(context, { answer: () => {} });
  const healthy = await receiverFor(context);
  const { channel, alice } = await hookedChannel(hub, healthy.url());
  // Without a second shard's help: everything on the one where the healthy one is.
  for (let i = 0; i < 9; ++i) await hook(channel, dead.url(`/${i}`));
  const begun = performance.now();
  let slowest = 0;
  for (let i = 0; i < 100; ++i) {
    const before = performance.now();
    await alice.send('all', `${i}`);
    slowest = Math.max(slowest, performance.now() - before);
  }
  const texts = (await healthy.first(100, 9_000)).map(({ json }) => Number(json.message.text));
  assert.ok(performance.now() - begun < 9_000, 'before the first attempt at the dead ones is over');
  assert.equal(new Set(texts).size, 100);
  assert.ok(slowest < 1_000, `a send took ${slowest} ms`);
  // Four at a time each, no more.
  assert.ok(dead.requests.length <= 9 * 4, `${dead.requests.length} requests under way`);
  for (const { id } of ok(await channel.call('GET', 'webhooks')).webhooks) {
    ok(await channel.call('DELETE', `webhooks/${id}`));
  }
});

test('the log shows the last fifty, newest first', async (context) => {
  const receiver = await receiverFor(context);
  const { channel, made, alice } = await hookedChannel(hub, receiver.url());
  for (let i = 0; i < 60; ++i) await alice.send('all', `${i}`);
  const ids = new Set((await receiver.first(60)).map(({ id }) => id));
  assert.equal(ids.size, 60);
  await untilDelivery(channel, made, isSettled, 'the last delivery');
  const lines = await deliveries(channel, made);
  assert.equal(lines.length, 50);
  for (let i = 1; i < lines.length; ++i) assert.ok(lines[i - 1].created_at >= lines[i].created_at);
});

test('connections to a receiver are used again', async (context) => {
  const receiver = await receiverFor(context);
  let connections = 0;
  receiver.server.on('connection', () => ++connections);
  const { alice } = await hookedChannel(hub, receiver.url());
  for (let i = 0; i < 20; ++i) {
    await alice.send('all', `${i}`);
    await receiver.first(i + 1);
  }
  assert.ok(connections <= 4, `${connections} connections for 20 deliveries`);
});

test('a durable channel delivers to a receiver that was away over two restarts', async (context) => {
  const own = await ownHub(context);
  const receiver = await Receiver.start({ answer: status(503) });
  const { channel, made, alice } = await hookedChannel(own, receiver.url(), { durable: true });
  await alice.send('all', 'keep this');
  const [first] = await receiver.first(1);
  await untilDelivery(channel, made, ({ attempts }) => attempts === 1, 'the first attempt');
  await receiver.stop();
  await own.restart();
  await untilDelivery(channel, made, ({ attempts }) => attempts >= 2, 'an attempt after the crash');
  own.signal('SIGTERM');
  await own.exited;
  receiver.answer = status(200);
  await receiver.listen();
  context.after(() => receiver.stop());
  await own.start();
  const last = (await receiver.first(2))[1];
  assert.deepEqual(last.body, first.body);
  assert.equal(last.id, first.id);
  assertSigned(last, made.secret);
  const line = await untilDelivery(channel, made, isSettled, 'the delivery');
  assert.equal(line.state, 'delivered');

  // In good order: right after a delivery, a crash may bring it once more.
  own.signal('SIGTERM');
  await own.exited;
  await own.start();
  const [bob] = await channel.joinAll('bob');
  await bob.send('all', 'and this');
  const requests = await receiver.first(3);
  assert.equal(requests[2].json.message.text, 'and this', 'nothing is delivered twice');
});

test('an attempt that a restart cuts off does not count', async (context) => {
  const own = await ownHub(context);
  const receiver = await receiverFor(context, {
    answer: (request, response, number) => number > 1 && response.end(),
  });
  const { channel, made, alice } = await hookedChannel(own, receiver.url(), { durable: true });
  await alice.send('all', 'cut me off');
  await receiver.first(1);
  const begun = performance.now();
  own.signal('SIGTERM');
  assert.deepEqual(await own.exited, { code: 0, signal: null });
  assert.ok(performance.now() - begun < 5_000, 'it does not wait for who does not answer');
  await own.start();
  const [first, second] = await receiver.first(2);
  assert.equal(second.id, first.id);
  const line = await untilDelivery(channel, made, isSettled, 'the delivery');
  assert.deepEqual([line.state, line.attempts], ['delivered', 1]);
});

test('an answer that comes during the drain is kept', async (context) => {
  const own = await ownHub(context);
  const waiting = [];
  const receiver = await receiverFor(context, { answer: (request, response) => waiting.push(response) });
  const { channel, made, alice } = await hookedChannel(own, receiver.url(), { durable: true });
  await alice.send('all', 'in time');
  await receiver.first(1);
  own.signal('SIGTERM');
  await until(() => own.errors.includes('draining'), 'the drain');
  waiting[0].end();
  assert.deepEqual(await own.exited, { code: 0, signal: null });
  await own.start();
  const [bob] = await channel.joinAll('bob');
  await bob.send('all', 'after');
  const second = (await receiver.first(2))[1];
  assert.equal(second.json.message.text, 'after');
  waiting[1].end();
  await untilDelivery(channel, made, isSettled, 'the delivery');
});

test('a channel in memory leaves nothing of its deliveries on disk', async (context) => {
  const own = await ownHub(context);
  const receiver = await receiverFor(context, { answer: status(503) });
  const { channel, made, alice } = await hookedChannel(own, receiver.url());
  const durable = await hookedChannel(own, receiver.url(), { durable: true });
  const secret = 'x9-not-for-the-disk-7c';
  await alice.send('all', secret);
  await durable.alice.send('all', 'for the disk');
  await untilDelivery(channel, made, ({ attempts }) => attempts >= 2, 'two attempts');
  const { id } = (await deliveries(channel, made))[0];
  const kept = (await deliveries(durable.channel, durable.made))[0].id;
  assert.equal(onDisk(own.dataDir, secret), false);
  assert.equal(onDisk(own.dataDir, id), false);
  assert.equal(onDisk(own.dataDir, made.secret), false, 'no signing secret is stored');
  await own.restart();
  assert.equal(onDisk(own.dataDir, secret), false);
  assert.equal(onDisk(own.dataDir, id), false);
  assert.equal(onDisk(own.dataDir, kept), true, 'this is how one looks that is stored');
  assert.deepEqual(await deliveries(channel, made), []);
});

function onDisk(directory, text) {
  return fs.readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .some(({ parentPath, path: older, name }) =>
      fs.readFileSync(path.join(parentPath ?? older, name)).includes(text));
}

test('a deleted webhook takes what waited for it along', async (context) => {
  const receiver = await receiverFor(context, { answer: status(503) });
  const { channel, made, alice } = await hookedChannel(hub, receiver.url(), { durable: true });
  const before = await hub.metric('webhook_deliveries_waiting');
  for (let i = 0; i < 5; ++i) await alice.send('all', `${i}`);
  await receiver.first(1);
  ok(await channel.call('DELETE', `webhooks/${made.id}`));
  await until(async () => (await hub.metric('webhook_deliveries_waiting')) <= before, 'nothing more waiting');
});

test('over TLS, with a certificate that the system knows', async (context) => {
  const directory = fs.mkdtempSync(path.join(hub.dataDir, 'tls-'));
  const [key, certificate] = [path.join(directory, 'key.pem'), path.join(directory, 'cert.pem')];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes',
    '-keyout', key, '-out', certificate, '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost',
    '-days', '2'], { stdio: 'ignore' });
  const receiver = await Receiver.start({ tls: { key: fs.readFileSync(key), cert: fs.readFileSync(certificate) } });
  context.after(() => receiver.stop());
  const url = `https://localhost:${receiver.port}/`;

  const distrusting = await hookedChannel(hub, url);
  await distrusting.alice.send('all', 'who are you?');
  const line = await untilDelivery(distrusting.channel, distrusting.made, ({ attempts }) => attempts === 1, 'an attempt');
  assert.match(line.error, /certificate/i);
  ok(await distrusting.channel.call('DELETE', `webhooks/${distrusting.made.id}`));
  assert.equal(receiver.requests.length, 0);

  const trusting = await ownHub(context, { env: { SSL_CERT_FILE: certificate } });
  const { made, alice } = await hookedChannel(trusting, url);
  await alice.send('all', 'hello');
  assertSigned((await receiver.first(1))[0], made.secret);
});
