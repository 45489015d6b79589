// A disk that is full or refuses writes: durable sends say so, everything else goes on, and the hub
// recovers by itself. Needs root for a small file system of its own.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { createChannel } from './support/channel.mjs';
import { assertError, ok } from './support/http.mjs';
import { removeDirectory, runBinary, startHub, temporaryDirectory, until } from './support/hub.mjs';
import { canFreezeFiles, canMount, ReadOnlyFiles, SmallDisk } from './support/system.mjs';

const adminToken = 'the-admin-token-of-disk-tests';

// Sends until the disk refuses. `pending` is the message that was refused last: it may come to be
// stored all the same, because a log that has been emptied has room once more.
class Filler {
  constructor(hub, ann, acknowledged) {
    Object.assign(this, { hub, ann, acknowledged, count: 0, pending: null });
  }

  async untilRefused() {
    for (; ; this.pending = null) {
      this.pending ??= { to: 'bob', message: `${this.count} ${'x'.repeat(8000)}`, client_id: `c${this.count++}` };
      assert.ok(this.count < 8_000, 'the disk never refuses');
      let answer;
      while ((answer = await this.ann.trySend(this.pending)).status !== 200) {
        assertError(answer, 503, 'unavailable');
        if ((await this.hub.get('/readyz')).status === 503) return;
      }
      this.acknowledged.push(answer.json.id);
    }
  }

  // What `ask` answers while the disk refuses.
  async during(ask, isOut) {
    for (let answer; !isOut(answer = await ask());) await this.untilRefused();
  }
}

// `fail` makes the disk refuse, `repair` ends that.
async function outage(hub, { fail, repair }) {
  const durable = await createChannel(hub, { retention: 'full', ring_size: 10_000, loop_guard: 'off' });
  const memory = await createChannel(hub, { loop_guard: 'off' });
  const [ann, bob] = await durable.joinAll('ann', 'bob');
  const [cid, dan] = await memory.joinAll('cid', 'dan');
  const acknowledged = [];
  for (let i = 0; i < 20; ++i) acknowledged.push((await ann.send('bob', `before ${i}`)).id);

  fail();
  const filler = new Filler(hub, ann, acknowledged);
  await filler.untilRefused();
  assert.equal((await hub.get('/healthz')).status, 200);
  await filler.during(() => hub.metric('store_healthy'), (healthy) => healthy === 0);
  await cid.send('dan', 'memory channels go on');
  assert.deepEqual(await dan.pending(), ['memory channels go on']);
  const everything = async () => {
    const ids = [];
    for (let more = true; more;) {
      const answer = await bob.listen({ timeout: 0, since: ids.at(-1) ?? 0 });
      ids.push(...answer.messages.map(({ id }) => id));
      more = answer.more === true;
    }
    return ids;
  };
  const seen = await everything();
  assert.deepEqual(seen.slice(0, acknowledged.length), acknowledged, 'readers see what is stored');
  // The refused one may have found its place on the disk by now; nothing else may be seen.
  assert.ok(seen.length <= acknowledged.length + 1);
  // What must outlast the process is not said to be done.
  const operator = { Authorization: `Bearer ${adminToken}` };
  const refused = (ask) => filler.during(ask, (answer) => {
    if (answer.status === 200) return false;
    assertError(answer, 503, 'unavailable');
    return true;
  });
  await refused(() => hub.post('/api/account', {}));
  await refused(() => hub.post('/api/admin/ban', { callsign: 'zed' }, operator));
  let guests = 0;
  await refused(async () => {
    const callsign = `guest-${guests++}`;
    await memory.join(callsign);
    return hub.post('/api/admin/kick', { callsign }, operator);
  });

  repair();
  let again;
  await until(async () => (again = await ann.trySend(filler.pending)).status === 200, 'the hub to recover', 30_000);
  acknowledged.push(again.json.id);
  await until(async () => (await hub.get('/readyz')).status === 200, 'readyz', 30_000);
  acknowledged.push((await ann.send('bob', 'after')).id);
  await cid.send('dan', 'still here');

  assert.deepEqual(await everything(), acknowledged, 'each once: the unsure one did not come twice');
  await hub.restart();
  assert.deepEqual(await everything(), acknowledged);
}

test('disk full: durable sends are 503, memory channels go on, it recovers by itself',
  { skip: canMount() ? false : 'needs root and mount' }, async (t) => {
    const disk = new SmallDisk(24 << 20);
    t.after(() => disk.remove());
    const hub = await startHub({ dataDir: path.join(disk.path, 'data'), args: ['--ring-bytes', '64MiB'], adminToken });
    t.after(() => hub.stop());
    await outage(hub, { fail: () => disk.fill(), repair: () => disk.free() });
  });

test('files that refuse writes: durable sends are 503, memory channels go on, it recovers by itself',
  { skip: canFreezeFiles() ? false : 'needs root and chattr' }, async (t) => {
    const hub = await startHub({ args: ['--ring-bytes', '64MiB'], adminToken });
    const files = new ReadOnlyFiles(hub.dataDir);
    t.after(() => files.remove());
    t.after(async () => { files.release(); await hub.stop(); });
    await outage(hub, { fail: () => files.freeze(), repair: () => files.release() });
  });

test('a data directory that cannot be written: a clear message, exit 1', async () => {
  const directory = temporaryDirectory();
  const file = path.join(directory, 'a-file');
  fs.writeFileSync(file, '');
  const { code, stderr } = await runBinary(['serve', '--port', '0', '--data-dir', path.join(file, 'data')]);
  removeDirectory(directory);
  assert.equal(code, 1);
  assert.ok(stderr.includes(file), stderr);
});

test('a database that is damaged: the hub says so and does not start over', async () => {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'rogerthat-damaged-'));
  try {
    const hub = await startHub({ dataDir: directory });
    ok(await hub.post('/api/channels', { retention: 'full' }));
    hub.signal('SIGTERM');
    await hub.exited;
    const databases = fs.readdirSync(directory).filter((name) => fs.statSync(path.join(directory, name)).size > 4096);
    assert.ok(databases.length > 0);
    for (const name of databases) fs.writeFileSync(path.join(directory, name), Buffer.alloc(20_000, 'garbage '));
    const { code, stderr } = await runBinary(['serve', '--port', '0', '--data-dir', directory]);
    assert.equal(code, 1);
    assert.ok(stderr.length > 20, stderr);
  } finally {
    fs.rmSync(directory, { recursive: true, force: true });
  }
});
