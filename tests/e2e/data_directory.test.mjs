// The data directory while the hub runs: who else may write there, and what becomes of the hub when
// somebody takes away its lock file, its database or the whole directory. What was acknowledged is
// there in the end, whoever answered.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { Account } from './support/account.mjs';
import { assertError, ok } from './support/http.mjs';
import { Hub, removeDirectory, runBinary, startHub, temporaryDirectory, until } from './support/hub.mjs';

// A hub whose data lies in a directory of a directory, so that it can be moved.
async function hubIn(context) {
  const place = temporaryDirectory('place');
  const dataDir = path.join(place, 'data');
  const hub = await startHub({ dataDir });
  context.after(async () => { await hub.stop(); removeDirectory(place); });
  return { hub, place, dataDir };
}

async function accounts(hub, count) {
  return Promise.all(Array.from({ length: count }, async () => (await Account.create(hub)).recovery));
}

async function assertKnown(hub, recoveries) {
  for (const recovery_token of recoveries) ok(await hub.post('/api/account/recover', { recovery_token }));
}

const second = (dataDir) => runBinary(['serve', '--port', '0', '--data-dir', dataDir]);

async function assertHeld(dataDir, says) {
  const { code, stderr, stdout } = await second(dataDir);
  assert.equal(code, 1, stderr + stdout);
  assert.match(stderr, says);
  assert.equal(stdout, '');
}

const logged = (hub, what) => until(() => hub.errors.includes(what), `"${what}" in the log`);

test('a lock file that is removed lets nobody in, and comes back', async (context) => {
  const { hub, dataDir } = await hubIn(context);
  const lock = path.join(dataDir, 'lock');
  fs.rmSync(lock);
  const first = accounts(hub, 50);
  await assertHeld(dataDir, /the data directory .* is held by (process \d+|another process)/);
  const known = await first;
  await logged(hub, 'the lock file was removed: made again');
  await until(() => fs.existsSync(lock) && fs.readFileSync(lock, 'utf8') === `${hub.child.pid}\n`, 'the lock file');
  await assertHeld(dataDir, new RegExp(`held by process ${hub.child.pid}`));
  known.push(...await accounts(hub, 50));
  hub.signal('SIGTERM');
  assert.equal((await hub.exited).code, 0);
  await hub.start();
  await assertKnown(hub, known);
});

test('a data directory that is moved is held where it is, and stores nothing until it is back', async (context) => {
  const { hub, place, dataDir } = await hubIn(context);
  const known = await accounts(hub, 20);
  const elsewhere = path.join(place, 'elsewhere');
  fs.renameSync(dataDir, elsewhere);
  assertError(await hub.post('/api/account', {}), 503, 'unavailable');
  await until(async () => (await hub.get('/readyz')).status === 503, 'a red readyz');
  await logged(hub, 'the data directory was moved or removed');
  await assertHeld(elsewhere, /is held by/);
  fs.renameSync(elsewhere, dataDir);
  await until(async () => (await hub.post('/api/account', {})).status === 200, 'the hub to store again');
  await logged(hub, 'the data directory is back');
  await hub.restart();
  await assertKnown(hub, known);
});

test('a database that is moved into another directory is held there, too', async (context) => {
  const { hub, place, dataDir } = await hubIn(context);
  const known = await accounts(hub, 20);
  const elsewhere = path.join(place, 'elsewhere');
  fs.mkdirSync(elsewhere);
  for (const name of fs.readdirSync(dataDir)) {
    if (name !== 'lock') fs.renameSync(path.join(dataDir, name), path.join(elsewhere, name));
  }
  await assertHeld(elsewhere, /the database .* is held by another process/);
  assertError(await hub.post('/api/account', {}), 503, 'unavailable');
  await hub.crash();
  const moved = await startHub({ dataDir: elsewhere });
  context.after(() => moved.stop());
  await assertKnown(moved, known);
});

test('a hub whose directory was moved harms none that begins anew at the old path', async (context) => {
  const { hub, place, dataDir } = await hubIn(context);
  const old = await accounts(hub, 20);
  fs.renameSync(dataDir, path.join(place, 'elsewhere'));
  const anew = await startHub({ dataDir });
  context.after(() => anew.stop());
  const known = await accounts(anew, 20);
  assertError(await hub.post('/api/account', {}), 503, 'unavailable');
  hub.signal('SIGTERM');
  await hub.exited;
  known.push(...await accounts(anew, 20));
  await anew.restart();
  await assertKnown(anew, known);
  const moved = await startHub({ dataDir: path.join(place, 'elsewhere') });
  context.after(() => moved.stop());
  await assertKnown(moved, old);
});

test('a database that is put in place of the hub\'s own is not written to', async (context) => {
  const { hub, dataDir } = await hubIn(context);
  const database = path.join(dataDir, 'rogerthat.db');
  const known = await accounts(hub, 20);
  fs.copyFileSync(database, `${database}.copy`);
  fs.renameSync(database, `${database}.own`);
  fs.renameSync(`${database}.copy`, database);
  const before = fs.readFileSync(database);
  for (let i = 0; i < 3; ++i) assertError(await hub.post('/api/account', {}), 503, 'unavailable');
  assert.deepEqual(fs.readFileSync(database), before);
  fs.renameSync(`${database}.own`, database);
  await until(async () => (await hub.post('/api/account', {})).status === 200, 'the hub to store again');
  await hub.restart();
  await assertKnown(hub, known);
});

test('a second process has no chance at the start of the first', async (context) => {
  const place = temporaryDirectory('place');
  const dataDir = path.join(place, 'data');
  const hubs = Array.from({ length: 5 }, () => new Hub({ dataDir }));
  context.after(async () => { for (const hub of hubs) await hub.stop(); removeDirectory(place); });
  const started = await Promise.allSettled(hubs.map((hub) => hub.start()));
  assert.equal(started.filter(({ status }) => status === 'fulfilled').length, 1);
  for (const { reason } of started) if (reason) assert.match(String(reason), /is held by/);
});

test('a database that others may read is closed to them, with a word in the log', async (context) => {
  const { hub, dataDir } = await hubIn(context);
  const database = path.join(dataDir, 'rogerthat.db');
  await hub.crash();
  for (const name of [database, `${database}-wal`]) fs.chmodSync(name, 0o644);
  await hub.start();
  for (const name of [database, `${database}-wal`]) assert.equal(fs.statSync(name).mode & 0o777, 0o600);
  await logged(hub, 'closed to other users');
  assert.match(hub.errors, /0644/);
});
