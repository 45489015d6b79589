// The command line of the real binary: what a start that fails says and leaves behind.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test, { after } from 'node:test';
import { removeDirectory, runBinary, startHub, temporaryDirectory } from './support/hub.mjs';

const hub = await startHub();
after(() => hub.stop());

test('a start on a port that is taken leaves no directory behind', async (t) => {
  const directory = temporaryDirectory('failed');
  t.after(() => removeDirectory(directory));
  const { code, stderr } = await runBinary(
    ['serve', '--port', String(hub.port), '--data-dir', path.join(directory, 'new/data')]);
  assert.equal(code, 1, stderr);
  assert.match(stderr, new RegExp(`${hub.port}`));
  assert.deepEqual(fs.readdirSync(directory), []);
});

test('what was in the data directory before a failed start stays', async (t) => {
  const directory = temporaryDirectory('failed');
  t.after(() => removeDirectory(directory));
  fs.writeFileSync(path.join(directory, 'notes'), 'mine');
  assert.equal((await runBinary(['serve', '--port', String(hub.port), '--data-dir', directory])).code, 1);
  assert.equal(fs.readFileSync(path.join(directory, 'notes'), 'utf8'), 'mine');
});

test('a data directory that cannot be made is told with the remedy', async () => {
  const { code, stderr } = await runBinary(['serve', '--port', '0', '--data-dir', '/sys/rogerthat']);
  assert.equal(code, 1);
  assert.match(stderr, /the data directory \/sys\/rogerthat cannot be made: .*\n.*--data-dir/);
});

test('version is a verb, and a verb that is not known has a nearest one', async () => {
  const version = await runBinary(['version']);
  assert.equal(version.code, 0);
  assert.equal(version.stdout, (await runBinary(['--version'])).stdout);
  const unknown = await runBinary(['sevre']);
  assert.equal(unknown.code, 2);
  assert.match(unknown.stderr, /unknown verb "sevre"; did you mean serve\?/);
});
