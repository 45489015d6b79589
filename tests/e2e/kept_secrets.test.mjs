// What the memory of the hub shows of secrets. Not for binaries with a sanitizer, which keeps copies of
// its own.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { ok } from './support/http.mjs';
import { removeDirectory, startHub, temporaryDirectory } from './support/hub.mjs';

// Whether a text stands anywhere in the memory of a process that can be written.
function remembers(pid, text) {
  const wanted = Buffer.from(text);
  const memory = fs.openSync(`/proc/${pid}/mem`, 'r');
  try {
    for (const line of fs.readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n')) {
      const found = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line);
      if (!found) continue;
      const [begin, end] = [Number(`0x${found[1]}`), Number(`0x${found[2]}`)];
      const piece = Buffer.alloc(end - begin);
      try {
        fs.readSync(memory, piece, 0, piece.length, begin);
      } catch (error) {
        if (error.code === 'EIO') continue;  // nothing is there yet
        throw error;
      }
      if (piece.includes(wanted)) return true;
    }
    return false;
  } finally {
    fs.closeSync(memory);
  }
}

test('of the tokens only hashes are kept: nowhere in the process, however they came', async () => {
  const directory = temporaryDirectory('tokens');
  const file = path.join(directory, 'token');
  const hubToken = 'a-hub-token-that-nobody-repeats';
  const adminToken = 'an-admin-token-that-nobody-repeats';
  fs.writeFileSync(file, `${hubToken}\n`, { mode: 0o600 });
  for (const options of [
    { env: { ROGERTHAT_TOKEN: hubToken, ROGERTHAT_ADMIN_TOKEN: adminToken } },
    { args: ['--token', hubToken, `--admin-token=${adminToken}`] },
    { args: ['--token-file', file], env: { ROGERRAT_ADMIN_TOKEN: adminToken } },
  ]) {
    const guarded = await startHub(options);
    try {
      const { pid } = guarded.child;
      for (const name of ['environ', 'cmdline']) {
        const shown = fs.readFileSync(`/proc/${pid}/${name}`, 'latin1');
        assert.ok(!shown.includes('nobody-repeats'), `${name}: ${shown}`);
      }
      assert.ok(remembers(pid, guarded.dataDir), 'it can be looked at');
      for (const token of [hubToken, adminToken]) assert.ok(!remembers(pid, token), JSON.stringify(options));
      ok(await guarded.post('/api/channels', {}, { 'X-Hub-Token': hubToken }));
      ok(await guarded.get('/api/admin/overview', { Authorization: `Bearer ${adminToken}` }));
    } finally {
      await guarded.stop();
    }
  }
  removeDirectory(directory);
});
