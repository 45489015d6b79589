// The official client of the newer line: revision 2026-07-28, no sessions, explicit handles.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createChannel } from '../e2e/support/channel.mjs';
import { startHub } from '../e2e/support/hub.mjs';
import { clientTests, pair } from './support/client_tests.mjs';
import { AgentV2 } from './support/clients.mjs';
import { CurlAgent } from './support/curl.mjs';
import { testWithHub } from './support/with_hub.mjs';

describe('client of the newer line', { concurrency: 4 }, () => {
  clientTests(AgentV2);

  testWithHub('the newest revision is agreed on at once', async (hub, context) => {
    const agent = await AgentV2.connect(hub);
    context.after(() => agent.close());
    assert.equal(agent.client.getNegotiatedProtocolVersion(), '2026-07-28');
    assert.equal(agent.client.getProtocolEra(), 'modern');
    assert.equal(agent.client.getServerVersion().name, 'rogerthat');
    assert.equal(agent.transport.sessionId, undefined);
    assert.deepEqual(agent.errors, []);
  });

  testWithHub('a pinned and an older negotiation work, too', async (hub, context) => {
    for (const [mode, revision] of [[{ pin: '2026-07-28' }, '2026-07-28'], ['legacy', '2025-11-25']]) {
      const agent = await AgentV2.connect(hub, { mode });
      context.after(() => agent.close());
      assert.equal(agent.client.getNegotiatedProtocolVersion(), revision);
      const { data } = await agent.use('create_channel');
      assert.match(data.channel_id, /^[a-z]+-[a-z]+-[0-9a-f]{4}$/);
    }
  });

  testWithHub('lists may be cached, what is in a channel may not', async (hub, context) => {
    const { channel, agent } = await pair(AgentV2, hub, context);
    const tools = await agent.client.listTools();
    assert.ok(tools.ttlMs > 0);
    assert.equal(tools.cacheScope, 'public');
    const inbox = await agent.client.readResource({ uri: agent.uri(channel, 'inbox') });
    assert.equal(inbox.ttlMs, 0);
    assert.equal(inbox.cacheScope, 'private');
  });

  testWithHub('a subscription ends in good order when the hub goes', async (hub, context) => {
    const { channel, agent } = await pair(AgentV2, hub, context);
    await agent.watch(agent.uri(channel, 'inbox'));
    hub.signal('SIGTERM');
    assert.equal(await agent.subscription.closed, 'graceful');
    assert.equal((await hub.exited).code, 0);
  });

  test('handles outlive kill -9 on a durable channel', async (t) => {
    const hub = await startHub();
    t.after(() => hub.stop());
    const channel = await createChannel(hub, { durable: true });
    const agent = await AgentV2.connect(hub);
    t.after(() => agent.close());
    await agent.join(channel, 'ann');
    const peer = await CurlAgent.join(channel, 'bob');
    await peer.send('ann', 'before the crash');
    await hub.restart({ port: hub.port });
    assert.deepEqual(await agent.pending(), ['before the crash']);
    await agent.use('send', { to: 'bob', message: 'after the crash' });
    assert.deepEqual((await peer.listen(5)).map(({ text }) => text), ['after the crash']);
  });
});
