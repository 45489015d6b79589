// The official client of the older line: revision 2025-11-25, sessions, resumption.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createChannel } from '../e2e/support/channel.mjs';
import { startHub, until } from '../e2e/support/hub.mjs';
import { clientTests, pair } from './support/client_tests.mjs';
import { AgentV1 } from './support/clients.mjs';
import { CurlAgent } from './support/curl.mjs';
import { Proxy } from './support/proxy.mjs';
import { testWithHub } from './support/with_hub.mjs';

// An agent whose connections go through a proxy that can cut them, with a wait under way.
async function waitThroughProxy(hub, context) {
  const proxy = await Proxy.to(hub);
  context.after(() => proxy.close());
  const { agent, peer, handles } = await pair(AgentV1, hub, context, { url: proxy.url });
  let primed;
  const resumable = new Promise((resolve) => (primed = resolve));
  const waiting = agent.tool('wait', { timeout_seconds: 50 }, { onresumptiontoken: primed });
  waiting.catch(() => {});
  await resumable;
  await hub.untilPolls(1);
  return { agent, peer, handles, proxy, waiting };
}

describe('client of the older line', { concurrency: 4 }, () => {
  clientTests(AgentV1);

  testWithHub('a session is opened and ended', async (hub, context) => {
    const { channel, agent } = await pair(AgentV1, hub, context);
    assert.match(agent.transport.sessionId, /^[\x21-\x7e]{20,}$/);
    assert.equal(agent.transport.protocolVersion, '2025-11-25');
    assert.deepEqual(agent.errors, []);
    await agent.transport.terminateSession();
    // The end of the session was the end of what it had joined.
    assert.equal((await channel.join('ann')).joined.idempotent, false);
  });

  testWithHub('a second join leaves the first channel', async (hub, context) => {
    const { channel, agent } = await pair(AgentV1, hub, context);
    const second = await createChannel(hub);
    await agent.join(second, 'ann');
    assert.deepEqual((await (await channel.join('carl')).roster()).roster, ['bob', 'carl']);
    const { data } = await agent.use('roster');
    assert.deepEqual(data.roster, ['ann']);
    const list = JSON.stringify((await agent.use('channels')).data);
    assert.ok(list.includes(second.id) && !list.includes(channel.id), list);
  });

  testWithHub('a deleted session is answered 404, and a new one is a matter of one handshake', async (hub, context) => {
    const { channel, agent, peer } = await pair(AgentV1, hub, context);
    const { status } = await hub.request({
      method: 'DELETE', path: '/mcp', headers: { 'Mcp-Session-Id': agent.transport.sessionId },
    });
    assert.ok(status === 200 || status === 204, `${status}`);
    await assert.rejects(agent.tool('roster'), ({ code }) => code === 404);
    await agent.client.close();
    await agent.initialize();
    await agent.join(channel, 'ann');
    await peer.send('ann', 'welcome back');
    assert.deepEqual(await agent.pending(), ['welcome back']);
  });

  testWithHub('a broken answer is resumed, and its message is consumed once', async (hub, context) => {
    const { agent, peer, proxy, waiting } = await waitThroughProxy(hub, context);
    assert.ok(proxy.cut('"wait"') >= 1);
    const { id } = await peer.send('ann', 'sent while the network was down');
    const { data } = await waiting;
    assert.deepEqual(data.messages.map((message) => message.id), [id]);
    await agent.untilNothingIsPending();
    const receipt = await peer.receipt(id, 'ann');
    assert.ok(['delivered', 'confirmed'].includes(receipt), receipt);
  });

  testWithHub('an answer that is resumed twice comes once', async (hub, context) => {
    const { agent, peer, proxy, waiting } = await waitThroughProxy(hub, context);
    proxy.cut('"wait"');
    await until(() => proxy.cut('last-event-id: ') > 0, 'the client to come back');
    const { id } = await peer.send('ann', 'third time lucky');
    const { data } = await waiting;
    assert.deepEqual(data.messages.map((message) => message.id), [id]);
    await agent.untilNothingIsPending();
  });

  testWithHub('what a client does not come back for is pending for its next listen', async (hub, context) => {
    const { agent, peer, proxy, handles } = await waitThroughProxy(hub, context);
    await agent.close();
    proxy.close();
    const { id } = await peer.send('ann', 'nobody there');
    const successor = await AgentV1.connect(hub);
    context.after(() => successor.close());
    // It comes back with the handle of before.
    const rejoined = await successor.join(peer.channel, 'ann', { session: handles.session });
    assert.equal(rejoined.data.session_id, handles.session);
    const { data } = await successor.use('listen', { timeout_seconds: 0 });
    assert.deepEqual(data.messages.map((message) => message.id), [id]);
    await successor.untilNothingIsPending();
  });

  test('kill -9 ends the session, and a new handshake goes on with a durable channel', async (t) => {
    const hub = await startHub();
    t.after(() => hub.stop());
    const channel = await createChannel(hub, { durable: true });
    const agent = await AgentV1.connect(hub);
    t.after(() => agent.close());
    const { data: { session_id: session } } = await agent.join(channel, 'ann');
    const peer = await CurlAgent.join(channel, 'bob');
    await peer.send('ann', 'before the crash');
    await hub.restart({ port: hub.port });
    await assert.rejects(agent.tool('roster'), ({ code }) => code === 404);
    await agent.client.close();
    await agent.initialize();
    // The handle of before, without a join.
    assert.deepEqual(await agent.pending({ channel_id: channel.id, session }), ['before the crash']);
    await agent.use('send', { channel_id: channel.id, session, to: 'bob', message: 'after' });
    assert.deepEqual((await peer.listen(5)).map(({ text }) => text), ['after']);
  });
});
