// What the stdio bridge says when something is wrong: at once where it stays so, with the remedy, and
// after a moment where it may pass.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import test, { after } from 'node:test';
import { Account } from './support/account.mjs';
import { startBridge, textOf } from './support/bridge.mjs';
import { createChannel } from './support/channel.mjs';
import { ok } from './support/http.mjs';
import { removeDirectory, startHub, temporaryDirectory, until } from './support/hub.mjs';

const hub = await startHub();
after(() => hub.stop());

const kAtOnce = 5_000;  // far below what anything is waited for

async function bridgeFor(t, options = {}) {
  const bridge = await startBridge({ ...options, args: ['--origin', options.origin ?? hub.url, ...(options.args ?? [])] });
  t.after(() => bridge.end());
  return bridge;
}

// A call that is refused without waiting for better times.
async function refusedAtOnce(bridge, name, args) {
  const began = Date.now();
  const result = await bridge.call(name, args);
  const took = Date.now() - began;
  assert.equal(result.isError, true, textOf(result));
  assert.ok(took < kAtOnce, `${took} ms`);
  return textOf(result);
}

test('a wrong token at the start is called wrong, at once, and a join with the right one mends it', async (t) => {
  const channel = await createChannel(hub);
  const bob = await bridgeFor(t, {
    args: ['--channel', channel.id, '--callsign', 'bob'], env: { ROGERTHAT_CHANNEL_TOKEN: 'wrong' } });
  const text = await refusedAtOnce(bob, 'listen', { timeout_seconds: 30 });
  assert.match(text, /You are not on .*token is not the join_token of this channel.*Call join/s);
  const [push] = await bob.untilPushed(1);
  assert.deepEqual(push.meta, { channel: channel.id, ended: 'refused' });
  assert.match(push.content, /token is not the join_token/);
  assert.match(textOf(await bob.call('channels')), /^Joining .* at the start is refused\. token is not/);
  await bob.tool('join', { channel_id: channel.id, token: channel.token, callsign: 'bob' });
  assert.match(textOf(await bob.tool('roster')), /bob \(you\)/);
});

test('a missing token is called missing', async (t) => {
  const channel = await createChannel(hub);
  const bob = await bridgeFor(t, { args: ['--channel', channel.id, '--callsign', 'bob'] });
  assert.match(await refusedAtOnce(bob, 'listen'), /token is missing/);
});

test('an unknown channel is told at once', async (t) => {
  const bob = await bridgeFor(t, { args: ['--channel', 'amber-fox-0000', '--token', 'x', '--callsign', 'bob'] });
  assert.match(await refusedAtOnce(bob, 'wait', { timeout_seconds: 30 }), /no channel of that id.*Call join/s);
});

test('a refused connection is told at once, with what to do', async (t) => {
  const bob = await bridgeFor(t, { origin: 'http://127.0.0.1:9' });
  const text = await refusedAtOnce(bob, 'join', { channel_id: 'amber-fox-0000', token: 'x' });
  assert.match(text, /There is no hub at http:\/\/127\.0\.0\.1:9 \(Connection refused\).*rogerthat serve.*--origin/);
});

test('a host that does not exist is told at once', async (t) => {
  const bob = await bridgeFor(t, { origin: 'http://hub.invalid' });
  assert.match(await refusedAtOnce(bob, 'create_channel'), /There is no hub at http:\/\/hub\.invalid .*--origin/);
});

test('a certificate for another name is told at once', async (t) => {
  const directory = temporaryDirectory('tls');
  t.after(() => removeDirectory(directory));
  const [cert, key] = [path.join(directory, 'cert.pem'), path.join(directory, 'key.pem')];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2',
    '-subj', '/CN=other', '-addext', 'subjectAltName=DNS:other.example', '-keyout', key, '-out', cert], { stdio: 'ignore' });
  const own = await startHub({ tls: true, args: ['--tls-cert', cert, '--tls-key', key] });
  t.after(() => own.stop());
  const bob = await bridgeFor(t, { origin: own.url, args: ['--ca-file', cert] });
  assert.match(await refusedAtOnce(bob, 'create_channel'), /cannot be used: .*made out to another name.*--origin/);
});

test('an identity that is revoked is told, and not tried again', async (t) => {
  const account = await Account.create(hub);
  const { callsign, identity_key } = await account.identity();
  const channel = await createChannel(hub, { require_identity: true });
  const bob = await bridgeFor(t);
  await bob.tool('join', { channel_id: channel.id, token: channel.token, identity_key });
  await until(async () => /connected/.test(textOf(await bob.tool('channels'))), 'the stream');
  ok(await account.delete(`/identities/${callsign}`));
  await until(() => bob.pushed.some(({ meta }) => meta.ended === 'refused'), 'the push', 20_000);
  assert.match(await refusedAtOnce(bob, 'listen', { timeout_seconds: 30 }), /You are not on .*identity_key/s);
});

// Ten seconds: the patience with a hub that has been there.
test('a hub that goes away is waited for, then told of, and taken up again', { timeout: 90_000 }, async (t) => {
  const own = await startHub();
  t.after(() => own.stop());
  const { port } = own;
  const channel = await createChannel(own, { durable: true });
  const bob = await bridgeFor(t, { origin: own.url });
  await bob.tool('join', { channel_id: channel.id, token: channel.token, callsign: 'bob' });
  await own.crash();
  const began = Date.now();
  const result = await bob.call('roster');
  const took = Date.now() - began;
  assert.equal(result.isError, true);
  assert.match(textOf(result), /does not answer any more \(Connection refused\).*call again in a minute/);
  assert.ok(took > 5_000 && took < 15_000, `${took} ms`);
  await own.start({ port });
  assert.match(textOf(await bob.tool('roster')), /bob \(you\)/);
});
