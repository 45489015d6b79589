// The heartbeat of a quiet stream. In a file of its own, because it takes 25 seconds of waiting.

import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { createChannel } from './support/channel.mjs';
import { startHub } from './support/hub.mjs';

const hub = await startHub();
after(() => hub.stop());

test('a quiet stream carries a ping every 25 seconds', async () => {
  const ann = await (await createChannel(hub)).join('ann');
  const begin = Date.now();
  const stream = await ann.stream();
  await stream.comment(40_000);
  const took = (Date.now() - begin) / 1000;
  assert.ok(took > 15 && took < 32, `after ${took} s`);
  assert.ok(stream.raw.endsWith(': ping\n\n'), stream.raw);
  stream.close();
});
