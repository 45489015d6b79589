// The rules of revision 2026-07-28 as seen on the wire: header checks, codes, statuses, streams.

import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { createChannel } from '../e2e/support/channel.mjs';
import { startHub } from '../e2e/support/hub.mjs';
import { answerTo, kModern, Legacy, Modern, modernMeta } from './support/rpc.mjs';

const hub = await startHub();
after(() => hub.stop());
const modern = new Modern(hub);

// Sends a well-formed request with some headers changed (null: left out).
async function send(method, params, headers = {}, id = 'h1') {
  const message = modern.message(method, params, id);
  return modern.exchange('POST', message, { ...modern.headersFor(message), ...headers });
}

function assertRefused(answer, status, code, id = 'h1') {
  assert.equal(answer.status, status, answer.text);
  const message = JSON.parse(answer.text);
  assert.equal(message.error.code, code, answer.text);
  if (id !== undefined) assert.equal(message.id, id);
  assert.ok(message.error.message.length > 5);
  return message.error;
}

test('discovery tells who answers, what it has and what the hub is for', async () => {
  const answer = await send('server/discover');
  assert.equal(answer.status, 200);
  assert.equal(answer.headers['mcp-session-id'], undefined);
  const { result } = answerTo('h1', answer);
  assert.equal(result.resultType, 'complete');
  assert.ok(result.supportedVersions.includes(kModern));
  assert.ok(result.capabilities.tools && result.capabilities.resources);
  assert.equal(result._meta['io.modelcontextprotocol/serverInfo'].name, 'rogerthat');
  assert.match(result.instructions.slice(0, 512), /channel/);
  assert.ok(Number.isInteger(result.ttlMs) && result.ttlMs > 0);
  assert.equal(result.cacheScope, 'public');
});

test('lists and reads say how long they may be cached', async () => {
  for (const method of ['tools/list', 'resources/list', 'resources/templates/list', 'prompts/list']) {
    const { result, error } = answerTo('h1', await send(method));
    if (error !== undefined) {
      assert.equal(error.code, -32601, method);
      continue;
    }
    assert.ok(Number.isInteger(result.ttlMs), method);
    assert.match(result.cacheScope, /^(public|private)$/);
    assert.equal(result.resultType, 'complete');
  }
});

test('the list is the same for everybody, to the byte', async () => {
  const one = answerTo('h1', await send('tools/list')).result;
  const other = answerTo('h1', await send('tools/list', {}, { 'Mcp-Session-Id': 'ignored' })).result;
  assert.equal(JSON.stringify(one), JSON.stringify(other));
});

const roster = { name: 'channels', arguments: {} };
const kHeaderTable = [
  ['no revision', { 'MCP-Protocol-Version': null }],
  ['another revision', { 'MCP-Protocol-Version': '2025-11-25' }],
  ['no method', { 'Mcp-Method': null }],
  ['another method', { 'Mcp-Method': 'tools/list' }],
  ['a method in other case', { 'Mcp-Method': 'Tools/Call' }],
  ['no name', { 'Mcp-Name': null }],
  ['another name', { 'Mcp-Name': 'send' }],
  ['an encoded other name', { 'Mcp-Name': `=?base64?${Buffer.from('send').toString('base64')}?=` }],
];
for (const [what, headers] of kHeaderTable) {
  test(`${what} in the headers is a mismatch`, async () => {
    assertRefused(await send('tools/call', roster, headers), 400, -32020);
  });
}

test('headers that agree in another form are fine', async () => {
  for (const headers of [{ 'mcp-method': '  tools/call ' },
    { 'Mcp-Name': `=?base64?${Buffer.from('channels').toString('base64')}?=` }, { 'Mcp-Session-Id': 'ignored' }]) {
    const answer = await send('tools/call', roster, headers);
    assert.equal(answer.status, 200, JSON.stringify(headers));
  }
});

test('a resource is named in the header, too', async () => {
  const channel = await createChannel(hub);
  const uri = `rogerthat://channel/${channel.id}/roster`;
  assertRefused(await send('resources/read', { uri }, { 'Mcp-Name': null }), 400, -32020);
  assertRefused(await send('resources/read', { uri }, { 'Mcp-Name': `${uri}x` }), 400, -32020);
});

test('an unsupported revision is told which there are', async () => {
  const message = modern.message('server/discover', {}, 'h1');
  message.params._meta['io.modelcontextprotocol/protocolVersion'] = '2027-01-01';
  const answer = await modern.exchange('POST', message,
    { 'MCP-Protocol-Version': '2027-01-01', 'Mcp-Method': 'server/discover' });
  const { data } = assertRefused(answer, 400, -32022);
  assert.ok(data.supported.includes(kModern));
  assert.equal(data.requested, '2027-01-01');
});

test('a request whose _meta is incomplete is refused', async () => {
  for (const name of ['clientCapabilities']) {
    const message = modern.message('tools/list', {}, 'h1');
    delete message.params._meta[`io.modelcontextprotocol/${name}`];
    assertRefused(await modern.exchange('POST', message, modern.headersFor(message)), 400, -32602);
  }
  const nameless = modern.message('tools/list', {}, 'h1');
  delete nameless.params._meta['io.modelcontextprotocol/clientInfo'];
  assert.equal((await modern.exchange('POST', nameless, modern.headersFor(nameless))).status, 200);
  // The header alone does not make a request modern.
  const bare = { jsonrpc: '2.0', id: 'h1', method: 'tools/list', params: {} };
  assertRefused(await modern.exchange('POST', bare, modern.headersFor(bare)), 400, -32602);
});

test('methods that the revision has removed, and unknown ones, are 404', async () => {
  for (const method of ['ping', 'logging/setLevel', 'resources/subscribe', 'resources/unsubscribe', 'tools/destroy']) {
    assertRefused(await send(method, { uri: 'rogerthat://x' }), 404, -32601);
  }
});

test('ids come back as they were, of every type', async () => {
  for (const id of ['one', '', '1', 1, 0, -7, 2 ** 53 - 1]) {
    assert.strictEqual(JSON.parse((await send('tools/list', {}, {}, id)).text).id, id);
  }
});

test('a notification is accepted without a body, a batch is not accepted', async () => {
  const notification = { jsonrpc: '2.0', method: 'notifications/whatever', params: { _meta: modernMeta() } };
  const accepted = await modern.exchange('POST', notification,
    { 'MCP-Protocol-Version': kModern, 'Mcp-Method': 'notifications/whatever' });
  assert.equal(accepted.status, 202);
  assert.equal(accepted.text, '');
  const message = modern.message('tools/list', {}, 'h1');
  const batch = await modern.exchange('POST', JSON.stringify([message]), modern.headersFor(message));
  assert.equal(batch.status, 400);
  assert.equal(JSON.parse(batch.text).error.code, -32600);
});

test('an unknown tool or resource is an error that names it', async () => {
  const tool = await modern.error('tools/call', { name: 'destroy', arguments: {} });
  assert.equal(tool.code, -32602);
  assert.match(tool.message, /destroy/);
  for (const uri of ['rogerthat://channel/no-such-0000/inbox', 'file:///etc/passwd', 'rogerthat://']) {
    const resource = await modern.error('resources/read', { uri });
    assert.equal(resource.code, -32602);
    assert.equal(resource.data.uri, uri);
  }
});

test('a wait streams at once and carries notifications and the answer only', async () => {
  const channel = await createChannel(hub);
  const bob = await channel.join('bob');
  const agent = new Modern(hub);
  await agent.join(channel, 'ann');
  const { stream, id } = await agent.openTool('wait', { timeout_seconds: 50 });
  assert.equal(stream.status, 200);
  assert.match(stream.headers['content-type'], /^text\/event-stream/);
  assert.equal(stream.headers['x-accel-buffering'], 'no');
  assert.equal(stream.headers['mcp-session-id'], undefined);
  await hub.untilPolls(1);
  await bob.send('ann', 'here');
  const { result } = await stream.answer(id);
  assert.equal(result.structuredContent.messages[0].text, 'here');
  await stream.end();
  assert.deepEqual(stream.ids, [], 'nothing to resume by in this revision');
  assert.equal(stream.messages.length, 1);
});

test('closing the stream of a wait cancels it, and nothing is consumed', async () => {
  const channel = await createChannel(hub);
  const bob = await channel.join('bob');
  const agent = new Modern(hub);
  await agent.join(channel, 'ann');
  const { stream } = await agent.openTool('wait', { timeout_seconds: 50 });
  await hub.untilPolls(1);
  stream.close();
  await hub.untilPolls(0);
  await bob.send('ann', 'kept');
  assert.deepEqual((await agent.use('listen', { timeout_seconds: 0 })).data.messages.map(({ text }) => text), ['kept']);
});

test('a subscription acknowledges what it honours first, then tells what changes', async () => {
  const channel = await createChannel(hub);
  const bob = await channel.join('bob');
  const agent = new Modern(hub);
  await agent.join(channel, 'ann');
  const inbox = agent.uri(channel, 'inbox');
  const rosterUri = agent.uri(channel, 'roster');
  for (const id of [31, 'thirty-one']) {
    const { stream } = await agent.open('subscriptions/listen',
      { notifications: { resourceSubscriptions: [inbox, rosterUri, 'file:///etc/passwd'], toolsListChanged: true } }, { id });
    assert.equal(stream.status, 200);
    const first = await stream.until(() => stream.messages[0], 'the first message');
    assert.equal(first.method, 'notifications/subscriptions/acknowledged');
    assert.strictEqual(first.params._meta['io.modelcontextprotocol/subscriptionId'], id);
    const honoured = first.params.notifications.resourceSubscriptions;
    assert.ok(!honoured.includes('file:///etc/passwd'), JSON.stringify(honoured));
    if (!honoured.includes(inbox)) throw new Error(`the inbox is not watched: ${JSON.stringify(first)}`);
    await bob.send('ann', 'news');
    const updated = await stream.notification('notifications/resources/updated');
    assert.equal(updated.params.uri, inbox);
    assert.strictEqual(updated.params._meta['io.modelcontextprotocol/subscriptionId'], id);
    await bob.call('POST', 'leave');
    await stream.until(() => stream.messages.some(({ params }) => params?.uri === rosterUri), 'the roster to change');
    await channel.join('bob', {}, { session: bob.session });
    stream.close();
  }
});

test('a session of the older generation means nothing here', async () => {
  const legacy = await Legacy.open(hub);
  const channel = await createChannel(hub);
  await legacy.join(channel, 'ann');
  const answer = await modern.tool('send', { to: 'all', message: 'x' }, { headers: { 'Mcp-Session-Id': legacy.session } });
  assert.ok(answer.isError, answer.text);
});
