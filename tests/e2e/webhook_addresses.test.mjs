// Where a webhook may lead: what is refused when it is made, and again of the address that is about
// to be connected to. Names come from a hosts file that only the hub sees.

import assert from 'node:assert/strict';
import dgram from 'node:dgram';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import test, { after } from 'node:test';
import { Account } from './support/account.mjs';
import { createChannel } from './support/channel.mjs';
import { assertError, assertInvalid, ok } from './support/http.mjs';
import { startHub, temporaryDirectory, removeDirectory, until } from './support/hub.mjs';
import { canHaveOwnNames, kNameServer, ownNames } from './support/system.mjs';
import { Receiver } from './support/webhook_receiver.mjs';

const skip = canHaveOwnNames() ? false : 'needs root, to give the hub a hosts file of its own';

// Names as a name server of the other side would answer for them.
const names = {
  'public.example': ['8.8.8.8'],
  'loopback.example': ['127.0.0.1'],
  'six.example': ['::1'],
  'private.example': ['10.1.2.3'],
  'metadata.example': ['169.254.169.254'],
  'carrier.example': ['100.64.3.4'],
  'everything.example': ['0.0.0.0'],
  'mixed.example': ['8.8.8.8', '192.168.0.7'],
  'group.example': ['224.0.0.251'],
};

const directory = temporaryDirectory('hosts');
after(() => removeDirectory(directory));

function writeHosts(file, table) {
  const lines = Object.entries(table).flatMap(([name, answers]) => answers.map((address) => `${address} ${name}`));
  // In place: the hub has this very file mounted.
  fs.writeFileSync(file, `127.0.0.1 localhost\n${lines.join('\n')}\n`);
}

async function hubWithNames(context, args, { servers } = {}) {
  const file = path.join(directory, `${Math.random()}`);
  writeHosts(file, names);
  const hub = await startHub({ args: ['--shards', '1', ...args], wrap: ownNames(file, servers) });
  context.after(() => hub.stop());
  return { hub, file };
}

function tryHook(channel, url) {
  return channel.call('POST', 'webhooks', { body: { url } });
}

const kPublicHub = ['--origin', 'http://hub.example'];

test('a hub that others use refuses every address that is not public', async (context) => {
  const hub = await startHub({ args: kPublicHub });
  context.after(() => hub.stop());
  const channel = await createChannel(hub);
  const numbers = ['127.0.0.1', '127.255.255.254', '0.0.0.0', '10.0.0.1', '100.64.0.1', '169.254.169.254',
    '172.16.0.1', '192.168.1.1', '192.0.0.192', '198.18.0.1', '203.0.113.1', '224.0.0.1', '240.0.0.1',
    '255.255.255.255', '168.63.129.16', '192.88.99.1', '[::]', '[::1]', '[::ffff:127.0.0.1]', '[::ffff:a9fe:a9fe]',
    '[::127.0.0.1]', '[64:ff9b::7f00:1]', '[64:ff9b:1::1]', '[2002:7f00:1::1]', '[2001:0:4136:e378:8000:63bf:3fff:fdd2]',
    '[fc00::1]', '[fd00:ec2::254]', '[fe80::1]', '[fec0::1]', '[ff02::1]', '[2001:db8::1]', '[100::1]'];
  const spellings = ['2130706433', '017700000001', '0x7f000001', '0177.0.0.1', '0x7f.1', '127.1', '127.0.0.1.',
    '127.0.0.01', '0', 'localhost', 'LOCALHOST', 'localhost.', 'a.localhost', '[fe80::1%25lo]', '[::1%25lo]',
    '%6c%6f%63%61%6c%68%6f%73%74', '127。0。0。1', 'user@127.0.0.1', '8.8.8.8@127.0.0.1', 'user:word@8.8.8.8',
    '8.8.8.8%2f@127.0.0.1', '8.8.8.8\\@127.0.0.1', '8.8.8.8:80@127.0.0.1'];
  for (const host of [...numbers, ...spellings]) {
    assertInvalid(await tryHook(channel, `http://${host}/`), 'url');
  }
  for (const host of numbers) assertInvalid(await tryHook(channel, `https://${host}:8443/a?b=c`), 'url');
  ok(await tryHook(channel, 'http://8.8.8.8/never-called'));
  assert.equal(ok(await channel.call('GET', 'webhooks')).webhooks.length, 1);
});

test('a hub on loopback alone may call this machine, and nothing else that is private', async (context) => {
  const hub = await startHub();
  context.after(() => hub.stop());
  const receiver = await Receiver.start();
  context.after(() => receiver.stop());
  const channel = await createChannel(hub);
  for (const host of ['10.0.0.1', '169.254.169.254', '[fd00::1]', '[64:ff9b::7f00:1]', '0.0.0.0', '[::]']) {
    assertInvalid(await tryHook(channel, `http://${host}/`), 'url');
  }
  ok(await tryHook(channel, `http://localhost:${receiver.port}/`));
  ok(await tryHook(channel, `http://127.0.0.1:${receiver.port}/`));
  ok(await tryHook(channel, `http://[::ffff:127.0.0.1]:${receiver.port}/`));
  const [alice] = await channel.joinAll('alice');
  await alice.send('all', 'three ways');
  await receiver.first(3);
});

// What a proxy in front of the hub sends on for somebody elsewhere: with its own Host and a forwarding
// header, with the Host that was asked for, or with neither.
const kThroughAProxy = {
  'with a forwarding header': { 'X-Forwarded-For': '198.51.100.7' },
  'under the public name': { Host: 'hub.example' },
  'without any sign of it': {},
};

for (const [what, headers] of Object.entries(kThroughAProxy)) {
  test(`a hub with an --allowed-host leads nobody to this machine: ${what}`, async (context) => {
    const hub = await startHub({ args: ['--allowed-host', 'hub.example'] });
    context.after(() => hub.stop());
    const channel = await createChannel(hub);
    const made = await channel.call('POST', 'webhooks', { body: { url: 'http://127.0.0.1:9/' }, headers });
    assertInvalid(made, 'url');
    const account = await Account.create(hub);
    assertInvalid(await hub.post('/api/account/webhooks', { url: 'http://localhost:9/' },
      { ...account.headers, ...headers }), 'url');
  });
}

test('a hub of this machine alone leads callers from elsewhere to public addresses only', { skip }, async (context) => {
  const receiver = await Receiver.start();
  context.after(() => receiver.stop());
  const { hub, file } = await hubWithNames(context, []);
  const channel = await createChannel(hub, { durable: true });
  const headers = { 'X-Forwarded-For': '198.51.100.7' };
  const create = (url, more) => channel.call('POST', 'webhooks', { body: { url }, headers: more });
  assertInvalid(await create(`http://127.0.0.1:${receiver.port}/`, headers), 'url');
  assertInvalid(await create(`http://loopback.example:${receiver.port}/`, headers), 'url');
  const foreign = ok(await create(`http://public.example:${receiver.port}/foreign`, headers));
  const own = ok(await create(`http://loopback.example:${receiver.port}/own`, {}));
  // The name that was public leads here now: what was made from elsewhere is not followed, not even
  // over a connection that the webhook of this machine has opened.
  writeHosts(file, { ...names, 'public.example': ['127.0.0.1'] });
  const [alice] = await channel.joinAll('alice');
  await alice.send('all', 'one');
  await alice.send('all', 'two');
  await receiver.first(2);
  assert.deepEqual(receiver.requests.map(({ path: at }) => at), ['/own', '/own']);
  await until(async () => {
    const lines = ok(await channel.call('GET', `webhooks/${foreign.id}/deliveries`)).deliveries;
    return lines.length === 2 && lines.every(({ attempts }) => attempts >= 1);
  }, 'two refused attempts');
  assert.equal(receiver.requests.length, 2);
  await hub.restart();
  await alice.send('all', 'three');
  assert.equal((await receiver.first(3))[2].path, '/own', 'where it was made is known after a restart');
  assert.equal(ok(await channel.call('GET', `webhooks/${own.id}/deliveries`)).deliveries.length > 0, true);
});

test('a name is refused for what it stands for', { skip }, async (context) => {
  const { hub } = await hubWithNames(context, kPublicHub);
  const channel = await createChannel(hub);
  for (const name of [...Object.keys(names), 'nobody.example']) {
    const answer = await tryHook(channel, `http://${name}/hook`);
    if (name === 'public.example') ok(answer);
    else assertInvalid(answer, 'url');
  }
});

test('an operator may allow networks', { skip }, async (context) => {
  const { hub } = await hubWithNames(context,
    [...kPublicHub, '--webhook-allow', '10.1.0.0/16', '--webhook-allow', '::1']);
  const channel = await createChannel(hub);
  ok(await tryHook(channel, 'http://private.example/'));
  ok(await tryHook(channel, 'http://10.1.255.255/'));
  ok(await tryHook(channel, 'http://[::1]:9/'));
  for (const host of ['10.2.0.1', '127.0.0.1', 'loopback.example', 'mixed.example']) {
    assertInvalid(await tryHook(channel, `http://${host}/`), 'url');
  }
});

test('a name that was public when the webhook was made is not followed to this machine', { skip }, async (context) => {
  const receiver = await Receiver.start();
  context.after(() => receiver.stop());
  const { hub, file } = await hubWithNames(context, kPublicHub);
  const channel = await createChannel(hub, { durable: true });
  const made = ok(await tryHook(channel, `http://public.example:${receiver.port}/`));
  writeHosts(file, { ...names, 'public.example': ['127.0.0.1'] });
  const [alice] = await channel.joinAll('alice');
  await alice.send('all', 'where to?');
  let line;
  await until(async () => {
    [line] = ok(await channel.call('GET', `webhooks/${made.id}/deliveries`)).deliveries;
    return line?.attempts >= 1;
  }, 'a refused attempt');
  assert.equal('status' in line, false);
  assert.match(line.error, /public address/);
  assert.doesNotMatch(JSON.stringify(line), /127\.0/);
  assert.equal(receiver.requests.length, 0);

  // The same delivery, once the operator allows where the name leads: it was the check, and no other
  // failure, that kept it back.
  hub.extraArgs.push('--webhook-allow', '127.0.0.0/8');
  await hub.restart();
  const [request] = await receiver.first(1);
  assert.equal(request.id, line.id);
});

test('of several addresses only those that may be reached are connected to', { skip }, async (context) => {
  const receiver = await Receiver.start();
  context.after(() => receiver.stop());
  const { hub, file } = await hubWithNames(context, [...kPublicHub, '--webhook-allow', '127.0.0.2']);
  const channel = await createChannel(hub);
  writeHosts(file, { ...names, 'public.example': ['127.0.0.2'] });
  const made = ok(await tryHook(channel, `http://public.example:${receiver.port}/`));
  // Where 127.0.0.1 is not allowed the receiver, which listens on that alone, is out of reach.
  writeHosts(file, { ...names, 'public.example': ['127.0.0.1', '127.0.0.2'] });
  const [alice] = await channel.joinAll('alice');
  await alice.send('all', 'which one?');
  let line;
  await until(async () => {
    [line] = ok(await channel.call('GET', `webhooks/${made.id}/deliveries`)).deliveries;
    return line?.attempts >= 1;
  }, 'a failed attempt');
  assert.match(line.error, /refused/i);
  assert.equal(receiver.requests.length, 0);
});

// A name server that takes questions and answers none.
async function silentNameServer(context) {
  const server = dgram.createSocket('udp4');
  server.bind(53, kNameServer);
  await once(server, 'listening');
  context.after(() => server.close());
  return server;
}

test('a webhook whose host nobody answers for is given up after five seconds', { skip }, async (context) => {
  await silentNameServer(context);
  const { hub } = await hubWithNames(context, [], { servers: 3 });
  const channel = await createChannel(hub);
  const begun = performance.now();
  const answer = await tryHook(channel, 'http://nobody.example/');
  const took = performance.now() - begun;
  const { retry_after_seconds: wait } = assertError(answer, 503, 'unavailable', /url .*name server.* 5 s/);
  assert.ok(wait > 0);
  assert.ok(took > 4_900 && took < 7_000, `${took}`);
  assert.deepEqual(ok(await channel.call('GET', 'webhooks')).webhooks, []);
});

test('a hub that goes down does not wait for a name', { skip }, async (context) => {
  const server = await silentNameServer(context);
  const { hub } = await hubWithNames(context, []);
  const channel = await createChannel(hub);
  const asked = once(server, 'message');
  const answer = tryHook(channel, 'http://nobody.example/');
  await asked;
  const begun = performance.now();
  hub.signal('SIGTERM');
  assertError(await answer, 503, 'unavailable', /going down/);
  assert.equal((await hub.exited).code, 0);
  assert.ok(performance.now() - begun < 3_000);
});

test('names that nobody answers for hold up nobody else', { skip }, async (context) => {
  const silent = await silentNameServer(context);
  const receiver = await Receiver.start();
  context.after(() => receiver.stop());
  const { hub, file } = await hubWithNames(context, []);
  const table = { 'here.example': ['127.0.0.1'] };
  const dead = Array.from({ length: 9 }, (_, i) => `dead${i}.example`);
  for (const name of dead) table[name] = ['127.0.0.1'];
  writeHosts(file, table);
  const channel = await createChannel(hub);
  for (const name of dead) ok(await tryHook(channel, `http://${name}/`));
  ok(await tryHook(channel, `http://here.example:${receiver.port}/`));
  writeHosts(file, { 'here.example': ['127.0.0.1'] });

  let asked = 0;
  silent.on('message', () => ++asked);
  const [alice] = await channel.joinAll('alice');
  const begun = performance.now();
  for (let i = 0; i < 20; ++i) await alice.send('all', `${i}`);
  await receiver.first(20, 3_000);
  assert.ok(performance.now() - begun < 3_000);
  assert.ok(asked > 0, 'the others were looked for');
});
