// Running the hub: health, metrics, refusals at start, the way down, certificates.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import test, { after } from 'node:test';
import tls from 'node:tls';
import { createChannel } from './support/channel.mjs';
import { assertError, ok } from './support/http.mjs';
import { removeDirectory, runBinary, startHub, temporaryDirectory } from './support/hub.mjs';
import { RawConnection } from './support/raw.mjs';

const hub = await startHub({ adminToken: 'the-admin-token-of-this-test' });
after(() => hub.stop());

test('healthz and readyz answer ok', async () => {
  for (const name of ['/healthz', '/readyz']) {
    const answer = await hub.get(name);
    assert.equal(answer.status, 200);
    assert.equal(answer.text.trim(), 'ok');
  }
});

test('metrics are Prometheus text without secrets and without names', async () => {
  const channel = await createChannel(hub, { owner_password: 'metrics password' });
  const ann = await channel.join('ann-of-metrics');
  await ann.send('all', 'text of metrics');
  const answer = await hub.get('/metrics', { Authorization: 'Bearer the-admin-token-of-this-test' });
  assert.equal(answer.status, 200);
  assert.match(answer.headers['content-type'], /^text\/plain; version=0\.0\.4/);
  for (const line of answer.text.trimEnd().split('\n')) {
    assert.match(line, /^(# (HELP|TYPE) rogerthat_\w+ .+|rogerthat_\w+(\{[^}]*\})? -?[0-9.e+-]+|rogerthat_\w+(\{[^}]*\})? \+?Inf)$/);
  }
  for (const secret of [channel.id, channel.token, ann.session, 'ann-of-metrics', 'text of metrics', 'metrics password', 'the-admin-token', '127.0.0.1']) {
    assert.ok(!answer.text.includes(secret), secret);
  }
  for (const name of ['connections_open', 'requests_total', 'waiting_polls', 'open_streams', 'messages_total', 'store_commit_seconds_count']) {
    await hub.metric(name);
  }
});

test('metrics answer to loopback or to the admin token', async () => {
  const elsewhere = { 'X-Forwarded-For': '198.51.100.1' };
  const refusal = await hub.get('/metrics', elsewhere);
  assert.ok([401, 403].includes(refusal.status), String(refusal.status));
  assert.equal(refusal.json.code, 'unauthorized');
  assert.equal((await hub.get('/metrics', { ...elsewhere, Authorization: 'Bearer the-admin-token-of-this-test' })).status, 200);
  assert.equal((await hub.get('/metrics', { ...elsewhere, Authorization: 'Bearer wrong' })).status, 401);
});

test('metrics of a hub that others use are for the admin token alone', async () => {
  const token = 'an-admin-token-of-a-proxied-hub';
  for (const args of [['--allowed-host', 'hub.example'], ['--origin', 'https://hub.example'],
    ['--client-address-header', 'CF-Connecting-IP']]) {
    const proxied = await startHub({ args, adminToken: token });
    try {
      const refusal = await proxied.get('/metrics');
      assertError(refusal, 401, 'unauthorized', /admin token/);
      assert.equal((await proxied.get('/metrics', { Authorization: `Bearer ${token}` })).status, 200, args[0]);
    } finally {
      await proxied.stop();
    }
  }
});

test('metrics of a hub on this machine are for who speaks to it as to this machine', async () => {
  assert.equal((await hub.get('/metrics', { Host: `localhost:${hub.port}` })).status, 200);
  assertError(await hub.get('/metrics', { 'X-Forwarded-Host': 'localhost' }), 401, 'unauthorized');
});

test('lifetime counters are kept across restarts', async () => {
  const own = await startHub();
  try {
    const channel = await createChannel(own, { retention: 'full' });
    await (await channel.join('ann')).send('all', 'x');
    const before = ok(await own.get('/api/stats'));
    assert.equal(before.channels_created, 1);
    assert.equal(before.joins_total, 1);
    assert.equal(before.messages_total, 1);
    assert.ok(before.started_at);
    own.signal('SIGTERM');
    await own.exited;
    await own.start();
    const stats = ok(await own.get('/api/stats'));
    assert.deepEqual([stats.channels_created, stats.joins_total, stats.messages_total], [1, 1, 1]);
  } finally {
    await own.stop();
  }
});

test('what is printed at the start: the address, the data directory, no secret', async () => {
  assert.ok(hub.output.includes(hub.url));
  assert.ok(hub.output.includes(hub.dataDir));
  assert.ok(!(hub.output + hub.errors).includes('the-admin-token'));
});

test('a hub token guards creation and the bands, not the channels', async () => {
  const guarded = await startHub({ env: { ROGERTHAT_TOKEN: 'hub-token-of-the-test' } });
  try {
    assertError(await guarded.post('/api/channels', {}), 401, 'unauthorized');
    assertError(await guarded.post('/api/channels', {}, { Authorization: 'Bearer wrong-hub-token' }), 401, 'unauthorized');
    const token = { Authorization: 'Bearer hub-token-of-the-test' };
    const created = ok(await guarded.post('/api/channels', {}, token));
    ok(await guarded.post('/api/channels', {}, { 'X-Hub-Token': 'hub-token-of-the-test' }));
    assertError(await guarded.post('/api/channels/general/join', {}), 401, 'unauthorized');
    ok(await guarded.post('/api/channels/general/join', {}, token));
    ok(await guarded.post(`/api/channels/${created.channel_id}/join`, {}, { Authorization: `Bearer ${created.join_token}` }));
    assertError(await guarded.post(`/api/channels/${created.channel_id}/join`, {}, token), 401, 'unauthorized');
    assert.ok(!fs.readFileSync(`/proc/${guarded.child.pid}/cmdline`, 'latin1').includes('hub-token'));
  } finally {
    await guarded.stop();
  }
});

test('a token given as a flag is wiped from the process list', async () => {
  const guarded = await startHub({ args: ['--token', 'visible-only-for-a-moment'] });
  try {
    assert.ok(!fs.readFileSync(`/proc/${guarded.child.pid}/cmdline`, 'latin1').includes('visible-only'));
    ok(await guarded.post('/api/channels', {}, { Authorization: 'Bearer visible-only-for-a-moment' }));
  } finally {
    await guarded.stop();
  }
});

test('the hub leaves no core', async () => {
  const limits = fs.readFileSync(`/proc/${hub.child.pid}/limits`, 'utf8');
  const [, soft, hard] = /^Max core file size\s+(\S+)\s+(\S+)/m.exec(limits);
  assert.ok(Number(soft) <= 1 && Number(hard) <= 1, `${soft} ${hard}`);
});

test('a token file that others may read is refused, with the remedy', async () => {
  const directory = temporaryDirectory('tokens');
  const file = path.join(directory, 'token');
  fs.writeFileSync(file, 'a-token-that-lies-open\n', { mode: 0o644 });
  for (const option of ['--token-file', '--admin-token-file']) {
    const { code, stderr } = await runBinary(['serve', '--port', '0', '--data-dir', path.join(directory, 'data'), option, file]);
    assert.equal(code, 2);
    assert.ok(stderr.includes(`chmod 600 ${file}`), stderr);
    assert.ok(!stderr.includes('lies-open'));
  }
  removeDirectory(directory);
});

test('SIGTERM drains: streams get bye, polls are answered, exit 0', async () => {
  const draining = await startHub();
  try {
    const channel = await createChannel(draining, { retention: 'full' });
    const [ann, bob] = await channel.joinAll('ann', 'bob');
    const stream = await ann.stream();
    const poll = bob.listen({ timeout: 60 });
    await draining.untilPolls(1);
    const idle = await RawConnection.to(draining);
    draining.signal('SIGTERM');
    const { data } = await stream.next('bye');
    assert.equal(typeof data.reason, 'string');
    await stream.end();
    assert.deepEqual((await poll).messages, []);
    const { code, signal } = await draining.exited;
    assert.deepEqual([code, signal], [0, null]);
    idle.close();
  } finally {
    await draining.stop();
  }
});

test('SIGINT ends the hub in order too', async () => {
  const ending = await startHub();
  ending.signal('SIGINT');
  assert.equal((await ending.exited).code, 0);
  await ending.stop();
});

test('a data directory is used by one process: the second says so and ends with 1', async () => {
  const second = await runBinary(['serve', '--port', '0', '--data-dir', hub.dataDir]);
  assert.equal(second.code, 1);
  assert.match(second.stderr, /data/i);
  assert.ok(second.stderr.includes(hub.dataDir));
  ok(await hub.get('/api/bands'));
});

test('a port that is taken: the message names it, exit 1', async () => {
  const directory = temporaryDirectory();
  const second = await runBinary(['serve', '--port', String(hub.port), '--data-dir', directory]);
  removeDirectory(directory);
  assert.equal(second.code, 1);
  assert.ok(second.stderr.includes(String(hub.port)), second.stderr);
});

for (const [what, args, says] of [
  ['binding beyond loopback without a token', ['--host', '0.0.0.0', '--port', '0'], /--token|--insecure-open/],
  ['a token beyond loopback that can be guessed', ['--host', '0.0.0.0', '--port', '0', '--token', 'fifteen-letters'], /only 15 characters.*16 or more, as from: openssl/s],
  ['an unknown flag, with the nearest known one', ['--prot', '0'], /--port/],
  ['a port that is no port', ['--port', '99999'], /port/],
  ['a flag without its value', ['--port'], /--port/],
  ['a certificate without a key', ['--tls-cert', '/nonexistent.pem'], /--tls-key/],
]) {
  test(`exit 2 and a clear message: ${what}`, async () => {
    const { code, stderr, stdout } = await runBinary(['serve', ...args]);
    assert.equal(code, 2, stderr);
    assert.match(stderr, says);
    assert.equal(stdout, '');
  });
}

test('an unknown key in the environment or the file is refused with the nearest known name', async () => {
  const directory = temporaryDirectory();
  const file = path.join(directory, 'hub.toml');
  fs.writeFileSync(file, 'prot = 1\n');
  const byFile = await runBinary(['serve', '--config', file]);
  assert.equal(byFile.code, 2);
  assert.match(byFile.stderr, /prot.*port/s);
  const byEnvironment = await runBinary(['serve'], { env: { ROGERTHAT_PROT: '1' } });
  assert.equal(byEnvironment.code, 2);
  assert.match(byEnvironment.stderr, /ROGERTHAT_PORT/);
  removeDirectory(directory);
});

test('flag before environment before file', async () => {
  const directory = temporaryDirectory();
  const file = path.join(directory, 'hub.toml');
  fs.writeFileSync(file, 'rate-send = 1\nrate-join = 2\nrate-create = 3\n');
  const { code, stdout } = await runBinary(['serve', '--print-config', '--config', file, '--rate-join', '22'],
    { env: { ROGERTHAT_RATE_JOIN: '20', ROGERTHAT_RATE_CREATE: '30', ROGERTHAT_TOKEN: 'never-printed' } });
  assert.equal(code, 0);
  assert.match(stdout, /rate-send\s*=\s*"?1"?\b/);
  assert.match(stdout, /rate-join\s*=\s*"?22"?\b/);
  assert.match(stdout, /rate-create\s*=\s*"?30"?\b/);
  assert.ok(!stdout.includes('never-printed'));
  removeDirectory(directory);
});

test('--version and --help', async () => {
  const version = await runBinary(['--version']);
  assert.equal(version.code, 0);
  assert.match(version.stdout, /\d+\.\d+/);
  for (const args of [['--help'], ['serve', '--help']]) {
    const help = await runBinary(args);
    assert.equal(help.code, 0);
    assert.match(help.stdout, /serve/);
  }
});

function makeCertificate(directory, serial) {
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2',
    '-subj', '/CN=localhost', '-set_serial', String(serial), '-keyout', path.join(directory, 'key.pem'),
    '-out', path.join(directory, 'cert.pem')], { stdio: 'ignore' });
}

function servedSerial(hub) {
  return new Promise((resolve, reject) => {
    const socket = tls.connect({ host: '127.0.0.1', port: hub.port, rejectUnauthorized: false, servername: 'localhost' }, () => {
      resolve(Number.parseInt(socket.getPeerCertificate().serialNumber, 16));
      socket.destroy();
    });
    socket.on('error', reject);
  });
}

test('TLS: served with HSTS, and SIGHUP takes a new certificate without dropping anybody', async () => {
  const directory = temporaryDirectory('tls');
  makeCertificate(directory, 1001);
  const secure = await startHub({ tls: true, args: ['--tls-cert', path.join(directory, 'cert.pem'), '--tls-key', path.join(directory, 'key.pem')] });
  try {
    const channel = await createChannel(secure);
    assert.ok(channel.created.mcp_url.startsWith('https://'));
    const [ann, bob] = await channel.joinAll('ann', 'bob');
    const answer = await secure.get('/healthz');
    assert.match(answer.headers['strict-transport-security'], /max-age=\d+/);
    assert.equal((await hub.get('/healthz')).headers['strict-transport-security'], undefined, 'only over TLS');
    assert.equal(await servedSerial(secure), 1001);

    const poll = bob.listen({ timeout: 30 });
    await secure.untilPolls(1);
    makeCertificate(directory, 2002);
    secure.signal('SIGHUP');
    while ((await servedSerial(secure)) !== 2002);
    await ann.send('bob', 'over the old connection');
    assert.deepEqual((await poll).messages.map(({ text }) => text), ['over the old connection']);

    fs.writeFileSync(path.join(directory, 'cert.pem'), 'garbage');
    secure.signal('SIGHUP');
    await secure.get('/healthz');
    assert.equal(await servedSerial(secure), 2002, 'a broken file leaves the old one in force');

    const plain = await RawConnection.to(secure);
    plain.send('GET', '/healthz');
    assert.doesNotMatch(await plain.untilClosed(), /200/);
  } finally {
    await secure.stop();
    removeDirectory(directory);
  }
});
