// Runs test files beside each other: most of their time is waiting, so more of them run at once than
// there are cores.
//   node tests/e2e/run.mjs [FILE…]        all of this directory when none is given
// The exit code is zero when nothing failed. Prints failures as they come and "N passed, N failed".

import fs from 'node:fs';
import path from 'node:path';
import { run } from 'node:test';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
const named = process.argv.slice(2);
const files = named.length > 0
  ? named.map((file) => path.resolve(file))
  : fs.readdirSync(here).filter((name) => name.endsWith('.test.mjs')).sort().map((name) => path.join(here, name));

const counts = { passed: 0, failed: 0, skipped: 0 };
// A file that hangs fails instead of holding up the others.
const stream = run({ files, concurrency: 5, timeout: 180_000 });
// A file is a test of its own to the runner; what counts are the tests inside.
const isFile = ({ name }) => path.isAbsolute(name) || name.endsWith('.test.mjs');
stream.on('test:pass', (event) => {
  if (event.skip !== undefined) {
    counts.skipped += 1;
    console.log(`skipped: ${event.name} (${event.skip})`);
  } else if (!isFile(event)) {
    counts.passed += 1;
  }
});
// A file that cannot be loaded has said why on its stderr.
stream.on('test:stderr', ({ message }) => process.stderr.write(message));
stream.on('test:fail', (event) => {
  const { error } = event.details;
  // A file or a group that fails because of what is inside has been told of already.
  if (error.failureType === 'subtestsFailed') return;
  counts.failed += 1;
  const where = event.file ? path.basename(event.file) : '';
  console.log(`\nfailed: ${where}: ${event.name}\n  ${String(error.cause?.stack ?? error.cause ?? error).split('\n').join('\n  ')}`);
});
stream.on('end', () => {
  if (counts.skipped > 0) console.log(`${counts.skipped} skipped`);
  console.log(`${counts.passed} passed, ${counts.failed} failed`);
  process.exitCode = counts.failed === 0 ? 0 : 1;
});
stream.resume();
