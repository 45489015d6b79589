// What a user of either official client relies on. Lives here: the tests that are the same for both
// lines; what only one of them can do is in its own file.

import assert from 'node:assert/strict';
import { createChannel } from '../../e2e/support/channel.mjs';
import { CurlAgent } from './curl.mjs';
import { refused } from './rpc.mjs';
import { testWithHub } from './with_hub.mjs';

// Both ends of a channel: an agent by MCP and one that has only curl.
export async function pair(Agent, hub, context, { channel: options = {}, ...connect } = {}) {
  const channel = await createChannel(hub, options);
  const agent = await Agent.connect(hub, connect);
  context.after(() => agent.close());
  const { data: { session_id: session } } = await agent.join(channel, 'ann');
  const peer = await CurlAgent.join(channel, 'bob');
  return { channel, agent, peer, handles: { channel_id: channel.id, session } };
}

// A callsign in an error's text that is not the one that was refused.
export function suggestedCallsign(text, refusedOne) {
  const words = text.match(/[a-z0-9][a-z0-9_-]*/g) ?? [];
  return words.find((word) => word !== refusedOne && word.startsWith(refusedOne));
}

export function clientTests(Agent) {
  testWithHub('the tools are listed, with titles and schemas', async (hub, context) => {
    const agent = await Agent.connect(hub);
    context.after(() => agent.close());
    const { tools } = await agent.client.listTools();
    assert.deepEqual(tools.map(({ name }) => name).sort(), ['ask', 'channels', 'create_account',
      'create_channel', 'create_identity', 'history', 'join', 'leave', 'listen', 'open_remote_control', 'receipts',
      'roster', 'send', 'wait']);
    for (const tool of tools) {
      assert.ok(tool.title, tool.name);
      assert.ok(tool.description.length < 600, tool.name);
      assert.ok(tool.annotations, tool.name);
      assert.equal(tool.inputSchema.type, 'object');
    }
    assert.match(agent.client.getInstructions(), /channel/);
  });

  testWithHub('an agent by MCP and one with curl converse', async (hub, context) => {
    const { agent, peer } = await pair(Agent, hub, context);
    const question = await peer.send('ann', 'what is the state of the build?');
    const { data } = await agent.use('listen');
    assert.deepEqual(data.messages.map(({ id, from, text }) => ({ id, from, text })),
      [{ id: question.id, from: 'bob', text: 'what is the state of the build?' }]);

    const listening = peer.listen(30);
    await hub.untilPolls(1);
    const sent = await agent.use('send', { to: 'bob', message: 'green', reply_to: question.id });
    const [answer] = await listening;
    assert.deepEqual([answer.id, answer.from, answer.text, answer.reply_to],
      [sent.data.id, 'ann', 'green', question.id]);
    assert.equal(await peer.receipt(question.id, 'ann'), 'answered');
    const { data: receipts } = await agent.use('receipts', { id: sent.data.id });
    assert.match(JSON.stringify(receipts), /"bob"/);
  });

  testWithHub('a wait is answered when the message comes', async (hub, context) => {
    const { agent, peer } = await pair(Agent, hub, context);
    const waiting = agent.use('wait', { timeout_seconds: 50 });
    await hub.untilPolls(1);
    await peer.send('ann', 'here it is');
    const { data, text } = await waiting;
    assert.deepEqual(data.messages.map((message) => message.text), ['here it is']);
    assert.equal(data.timed_out, false);
    assert.match(text, /here it is/);
    await agent.untilNothingIsPending();
  });

  testWithHub('ask gives the answer to the message that it sends', async (hub, context) => {
    const { agent, peer } = await pair(Agent, hub, context);
    const asking = agent.use('ask', { to: 'bob', message: 'which port?' });
    const [question] = await peer.listen(30);
    await peer.send('ann', 'another matter');
    await peer.send('ann', '7424', { reply_to: question.id });
    const { text } = await asking;
    assert.match(text, /7424/);
    assert.doesNotMatch(text, /another matter/);
  });

  testWithHub('a cancelled wait loses nothing', async (hub, context) => {
    const { agent, peer } = await pair(Agent, hub, context);
    const controller = new AbortController();
    const waiting = agent.tool('wait', { timeout_seconds: 50 }, { signal: controller.signal });
    await hub.untilPolls(1);
    controller.abort();
    await assert.rejects(waiting);
    await hub.untilPolls(0);
    await peer.send('ann', 'sent meanwhile');
    assert.deepEqual(await agent.pending(), ['sent meanwhile']);
    await agent.untilNothingIsPending();
  });

  testWithHub('a watched inbox tells that something waits, and consumes nothing', async (hub, context) => {
    const { channel, agent, peer } = await pair(Agent, hub, context);
    const uri = agent.uri(channel, 'inbox');
    await agent.watch(uri);
    await peer.send('ann', 'look here');
    assert.equal(await agent.updates.next(), uri);
    assert.deepEqual(await agent.pending(), ['look here']);
    await peer.send('ann', 'and here');
    assert.equal(await agent.updates.next(), uri);
    await agent.unwatch(uri);
    assert.deepEqual(await agent.pending(), ['and here']);
  });

  testWithHub('the inbox shows what is pending without taking it', async (hub, context) => {
    const { channel, agent, peer } = await pair(Agent, hub, context);
    await peer.send('ann', 'read me twice');
    assert.match(await agent.read(channel, 'inbox'), /read me twice/);
    assert.deepEqual(await agent.pending(), ['read me twice']);
  });

  testWithHub('a wait tells its progress', async (hub, context) => {
    const { agent, peer } = await pair(Agent, hub, context);
    const steps = [];
    let firstStep;
    const step = new Promise((resolve) => (firstStep = resolve));
    const waiting = agent.use('wait', { timeout_seconds: 50 }, {
      onprogress: (progress) => (steps.push(progress.progress), firstStep()),
    });
    await Promise.race([step, waiting]);
    assert.ok(steps.length > 0, 'progress came before the answer');
    await peer.send('ann', 'done');
    assert.deepEqual((await waiting).data.messages.map(({ text }) => text), ['done']);
    for (let i = 1; i < steps.length; i++) assert.ok(steps[i] > steps[i - 1], `${steps}`);
  });

  testWithHub('a live callsign is refused with one that is free', async (hub, context) => {
    const { channel, agent } = await pair(Agent, hub, context);
    const other = await Agent.connect(hub);
    context.after(() => other.close());
    const args = { channel_id: channel.id, token: channel.token };
    const answer = refused(await other.tool('join', { ...args, callsign: 'bob' }), /bob/);
    const free = suggestedCallsign(answer.text, 'bob');
    assert.ok(free, `a suggestion in: ${answer.text}`);
    await other.join(channel, free);
    const { data } = await agent.use('roster');
    assert.deepEqual([...data.roster].sort(), ['ann', 'bob', free].sort());
  });

  testWithHub('handles work on two channels at once', async (hub, context) => {
    const agent = await Agent.connect(hub);
    context.after(() => agent.close());
    const places = [];
    for (const name of ['first', 'second']) {
      const channel = await createChannel(hub);
      // Another connection joins, so that this one has nothing but the handles.
      const joiner = await Agent.connect(hub);
      context.after(() => joiner.close());
      const { data } = await joiner.join(channel, 'ann');
      const peer = await CurlAgent.join(channel, 'bob');
      places.push({ name, peer, handles: { channel_id: channel.id, session: data.session_id } });
    }
    for (const { name, handles } of places) await agent.use('send', { ...handles, to: 'bob', message: name });
    for (const { name, peer } of places) {
      assert.deepEqual((await peer.listen(1)).map(({ text }) => text), [name]);
      await peer.send('ann', `${name} back`);
    }
    for (const { name, handles } of places) assert.deepEqual(await agent.pending(handles), [`${name} back`]);
    const { data } = await agent.use('channels', places[1].handles);
    assert.deepEqual(data.channels.map(({ channel_id: id, callsign }) => [id, callsign]),
      [[places[1].handles.channel_id, 'ann']]);
  });

  testWithHub('one channel has an endpoint of its own', async (hub, context) => {
    const channel = await createChannel(hub);
    const headers = { Authorization: `Bearer ${channel.token}` };
    const agent = await Agent.connect(hub, { path: `/mcp/${channel.id}`, headers });
    context.after(() => agent.close());
    const { tools } = await agent.client.listTools();
    const names = tools.map(({ name }) => name);
    for (const name of ['create_channel', 'history', 'join', 'leave', 'listen', 'roster', 'send', 'wait']) {
      assert.ok(names.includes(name), name);
    }
    assert.ok(!names.includes('channels'));
    await agent.join(channel, 'ann');
    const peer = await CurlAgent.join(channel, 'bob');
    await agent.use('send', { to: 'bob', message: 'one' });
    assert.deepEqual((await peer.listen(1)).map(({ text }) => text), ['one']);
    await peer.send('ann', 'two');
    assert.deepEqual(await agent.pending(), ['two']);
  });

  testWithHub('leaving frees the callsign', async (hub, context) => {
    const { channel, agent } = await pair(Agent, hub, context);
    await agent.use('leave');
    assert.deepEqual((await channel.join('ann')).joined.idempotent, false);
    refused(await agent.tool('send', { to: 'bob', message: 'still here?' }), /join/);
  });
}
