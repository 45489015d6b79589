// A network that breaks all the time: connections are cut at any moment, also inside answers that a
// proxy has taken from the hub already. An agent that confirms what it has got misses nothing.

import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { createChannel } from '../e2e/support/channel.mjs';
import { AgentV1, AgentV2 } from './support/clients.mjs';
import { Proxy } from './support/proxy.mjs';
import { testWithHub } from './support/with_hub.mjs';

const kMessages = 150;
// Not every client notices that the stream of its answer has ended without one.
const kPatience = { timeout: 300 };
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

// Cuts some connection every few milliseconds until it is told to stop.
function breakNow(proxy) {
  let on = true;
  (async () => {
    for (let i = 0; on; i++) {
      await pause(3 + (i * 7) % 29);
      proxy.cutOne(i);
    }
  })();
  return () => (on = false);
}

async function receiveAll(agent, count, deadline) {
  const got = [];
  for (let ack = 0; got.length < count;) {
    assert.ok(Date.now() < deadline, `${got.length} of ${count} came in time`);
    try {
      const { data } = await agent.use('wait', { timeout_seconds: 20, ack }, kPatience);
      for (const { id } of data.messages) {
        if (id > ack) got.push(id);
        ack = Math.max(ack, id);
      }
    } catch {
      // The connection broke under the call, or nothing came in time.
    }
  }
  return got;
}

describe('a network that breaks all the time', { concurrency: 2 }, () => {
  for (const Agent of [AgentV1, AgentV2]) {
    testWithHub(`loses nothing for a client of the ${Agent.era} era`, async (hub, context) => {
      const proxy = await Proxy.to(hub);
      context.after(() => proxy.close());
      const channel = await createChannel(hub, { loop_guard: 'off', ring_size: 1000 });
      const bob = await channel.join('bob');
      const agent = await Agent.connect(hub, { url: proxy.url });
      context.after(() => agent.close());
      await agent.join(channel, 'ann', { ack: 'explicit' });
      const stop = breakNow(proxy);
      context.after(stop);
      const receiving = receiveAll(agent, kMessages, Date.now() + 60_000);
      const sent = [];
      for (let i = 0; i < kMessages; i++) {
        sent.push((await bob.send('ann', `message ${i}`)).id);
        await pause((i * 5) % 13);
      }
      assert.deepEqual(await receiving, sent);
      assert.ok(proxy.cuts >= 10, `${proxy.cuts} connections were cut`);
    });
  }
});
