// The first conversation of the README, run as a reader would: two shells and what is printed there.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import test, { after } from 'node:test';
import { startHub } from './support/hub.mjs';
import { bash, bashUntil } from './support/shell.mjs';

const hub = await startHub();
after(() => hub.stop());

const readme = fs.readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

function conversation() {
  const section = readme.split(/^## /m).find((part) => part.startsWith('A first conversation'));
  const blocks = [...section.matchAll(/```bash\n([\s\S]*?)```/g)].map((match) => match[1]);
  assert.equal(blocks.length, 2, 'two shells');
  return blocks.map((block) => block.replace('http://127.0.0.1:7424', hub.url));
}

test('the conversation in the README works when pasted', async () => {
  const [first, second] = conversation();
  let answered;
  const heard = await bashUntil(first, {
    seen: (output) => {
      const line = /^id=\S+ token=\S+$/m.exec(output)?.[0];
      answered ??= line && bash(`${line}\n${second}`);
      return output.includes('"messages"');
    },
  });
  const { code, stdout } = await answered;
  assert.equal(code, 0);
  assert.equal(JSON.parse(stdout).ok, true);
  const message = JSON.parse(/\{"messages".*/.exec(heard)[0]).messages[0];
  assert.deepEqual([message.from, message.to, message.text], ['bravo', 'alpha', 'hello']);
});
