// The rules of the revisions with a handshake, as seen on the wire: what no client library shows.

import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { createChannel } from '../e2e/support/channel.mjs';
import { startHub, until } from '../e2e/support/hub.mjs';
import { answerTo, kAccept, kLegacy, Legacy, messagesOf, Modern } from './support/rpc.mjs';

const hub = await startHub();
after(() => hub.stop());

const rpc = (id, method, params) => ({ jsonrpc: '2.0', id, method, params });
const errorOf = (answer) => JSON.parse(answer.text).error;

for (const revision of kLegacy) {
  test(`${revision} is agreed on when asked for`, async () => {
    const session = await Legacy.open(hub, { revision });
    const { protocolVersion, serverInfo, capabilities, instructions } = session.initialized;
    assert.equal(protocolVersion, revision);
    assert.equal(serverInfo.name, 'rogerthat');
    assert.equal(capabilities.resources.subscribe, true);
    assert.match(instructions.slice(0, 512), /join/);
    assert.match(session.session, /^[\x21-\x7e]{20,}$/);
    assert.deepEqual(await session.result('ping'), {});
    assert.ok((await session.result('tools/list')).tools.length > 0);
    await session.end();
  });
}

test('a revision that nobody knows gets the newest with a handshake', async () => {
  for (const revision of ['1999-01-01', '2026-07-28', '']) {
    const answer = await hub.post('/mcp', rpc(1, 'initialize',
      { protocolVersion: revision, capabilities: {}, clientInfo: { name: 'x', version: '1' } }), { Accept: kAccept });
    assert.equal(answer.status, 200);
    assert.equal(answerTo(1, answer).result.protocolVersion, '2025-11-25');
  }
});

test('session ids do not repeat', async () => {
  const ids = new Set();
  for (let i = 0; i < 20; i++) ids.add((await Legacy.open(hub)).session);
  assert.equal(ids.size, 20);
});

test('a batch is answered where 2025-03-26 was agreed on', async () => {
  const session = await Legacy.open(hub, { revision: '2025-03-26' });
  const answer = await session.exchange('POST', JSON.stringify([
    rpc('a', 'ping'), { jsonrpc: '2.0', method: 'notifications/roots/list_changed' }, rpc(2, 'tools/list'),
  ]), session.headersFor());
  assert.equal(answer.status, 200, answer.text);
  assert.deepEqual(messagesOf(answer).map(({ id }) => id).sort(), [2, 'a']);
  const notifications = await session.exchange('POST',
    JSON.stringify([{ jsonrpc: '2.0', method: 'notifications/roots/list_changed' }]), session.headersFor());
  assert.equal(notifications.status, 202);
  assert.equal(notifications.text, '');
  const empty = await session.exchange('POST', '[]', session.headersFor());
  assert.equal(empty.status, 400);
});

for (const revision of kLegacy.filter((one) => one !== '2025-03-26')) {
  test(`a batch is refused where ${revision} was agreed on`, async () => {
    const session = await Legacy.open(hub, { revision });
    const answer = await session.exchange('POST', JSON.stringify([rpc(1, 'ping')]), session.headersFor());
    assert.equal(answer.status, 400);
    assert.equal(errorOf(answer).code, -32600);
  });
}

test('notifications and responses are accepted without a body', async () => {
  const session = await Legacy.open(hub);
  for (const message of [{ jsonrpc: '2.0', method: 'notifications/roots/list_changed' },
    { jsonrpc: '2.0', method: 'notifications/of_a_kind_that_nobody_knows' },
    { jsonrpc: '2.0', id: 'never asked', result: {} }]) {
    const answer = await session.exchange('POST', message, session.headersFor());
    assert.equal(answer.status, 202, JSON.stringify(message));
    assert.equal(answer.text, '');
  }
});

test('ids come back as they were, of every type', async () => {
  const session = await Legacy.open(hub);
  for (const id of ['one', '', '1', 1, 0, -7, 2 ** 53 - 1, '\u{1F600}\n"\\']) {
    const answer = await session.exchange('POST', rpc(id, 'ping'), session.headersFor());
    assert.deepEqual(JSON.parse(answer.text), { jsonrpc: '2.0', id, result: {} });
  }
  for (const id of [null, true, [1], { a: 1 }]) {
    const answer = await session.exchange('POST', rpc(id, 'ping'), session.headersFor());
    assert.equal(answer.status, 400, JSON.stringify(id));
    assert.equal(errorOf(answer).code, -32600);
  }
});

test('what is not JSON, or not JSON-RPC, is refused with its own code', async () => {
  const session = await Legacy.open(hub);
  for (const [body, code] of [['{"jsonrpc":', -32700], ['', -32700], ['{}', -32600], ['"ping"', -32600],
    ['{"jsonrpc":"1.0","id":1,"method":"ping"}', -32600], ['{"jsonrpc":"2.0","id":1,"method":7}', -32600]]) {
    const answer = await session.exchange('POST', body, session.headersFor());
    assert.equal(answer.status, 400, body);
    assert.equal(errorOf(answer).code, code, `${body}: ${answer.text}`);
  }
});

test('an unknown method is an error of its own', async () => {
  const session = await Legacy.open(hub);
  for (const method of ['tools/destroy', 'server/discover', 'subscriptions/listen']) {
    assert.equal((await session.error(method)).code, -32601);
  }
});

test('a request without its session is 400, with an unknown one 404', async () => {
  const missing = await hub.post('/mcp', rpc(1, 'tools/list'), { Accept: kAccept });
  assert.equal(missing.status, 400);
  const unknown = await hub.post('/mcp', rpc(1, 'tools/list'), { Accept: kAccept, 'Mcp-Session-Id': 'x'.repeat(32) });
  assert.equal(unknown.status, 404);
  assert.equal(errorOf(unknown).code, -32001);
  for (const method of ['GET', 'DELETE']) {
    const answer = await hub.request({ method, path: '/mcp',
      headers: { Accept: 'text/event-stream', 'Mcp-Session-Id': 'x'.repeat(32) } });
    assert.equal(answer.status, 404, method);
  }
});

test('a session that was ended is unknown', async () => {
  const session = await Legacy.open(hub);
  const ended = await session.end();
  assert.ok([200, 202, 204].includes(ended.status), `${ended.status}`);
  const answer = await session.exchange('POST', rpc(1, 'ping'), session.headersFor());
  assert.equal(answer.status, 404);
  assert.equal((await session.end()).status, 404);
});

test('a session belongs to the endpoint where it was opened', async () => {
  const channel = await createChannel(hub);
  const other = await createChannel(hub);
  const unified = await Legacy.open(hub);
  const bound = await Legacy.open(hub, { path: `/mcp/${channel.id}` });
  for (const [session, path] of [[unified, `/mcp/${channel.id}`], [bound, '/mcp'], [bound, `/mcp/${other.id}`]]) {
    const answer = await hub.post(path, rpc(1, 'ping'), { Accept: kAccept, ...session.headersFor() });
    assert.equal(answer.status, 404, path);
  }
  assert.deepEqual(await bound.result('ping'), {});
});

test('a session is used with the Authorization that it was opened with', async () => {
  const opened = await Legacy.open(hub, { headers: { Authorization: 'Bearer one' } });
  for (const Authorization of ['Bearer two', 'Basic one', null]) {
    for (const method of ['POST', 'GET', 'DELETE']) {
      const body = method === 'POST' ? rpc(1, 'ping') : undefined;
      const answer = await opened.exchange(method, body, {
        ...opened.headersFor(), Authorization, Accept: method === 'GET' ? 'text/event-stream' : kAccept,
      });
      assert.ok([401, 403, 404].includes(answer.status), `${method} ${Authorization}: ${answer.status}`);
    }
  }
  assert.deepEqual(await opened.result('ping'), {});
});

test('a revision in the header that does not exist is 400', async () => {
  const session = await Legacy.open(hub);
  const answer = await session.exchange('POST', rpc(1, 'ping'),
    { ...session.headersFor(), 'MCP-Protocol-Version': '1999-01-01' });
  assert.equal(answer.status, 400);
  const without = await session.exchange('POST', rpc(1, 'ping'), { 'Mcp-Session-Id': session.session });
  assert.equal(without.status, 200, 'a missing header stands for 2025-03-26');
});

test('methods that an endpoint does not have are 405 and say which it has', async () => {
  for (const method of ['PUT', 'PATCH']) {
    const answer = await hub.request({ method, path: '/mcp', body: {} });
    assert.equal(answer.status, 405);
    for (const allowed of ['GET', 'POST', 'DELETE']) assert.match(answer.headers.allow, new RegExp(allowed));
  }
});

test('a client that takes neither JSON nor a stream is told 406', async () => {
  const session = await Legacy.open(hub);
  const answer = await session.exchange('POST', rpc(1, 'ping'), { ...session.headersFor(), Accept: 'text/html' });
  assert.equal(answer.status, 406);
});

test('a second GET stream does not make messages come twice', async () => {
  const channel = await createChannel(hub);
  const bob = await channel.join('bob');
  const session = await Legacy.open(hub);
  await session.join(channel, 'ann');
  const uri = `rogerthat://channel/${channel.id}/inbox`;
  await session.result('resources/subscribe', { uri });
  const first = await session.get();
  assert.equal(first.status, 200);
  assert.match(first.headers['content-type'], /^text\/event-stream/);
  const second = await session.get();
  await bob.send('ann', 'once');
  const streams = [first, second].filter(({ status }) => status === 200);
  const told = (stream) => stream.messages.filter(({ method }) => method === 'notifications/resources/updated');
  await until(() => streams.some((stream) => told(stream).length > 0), 'the notification');
  // A request that is answered after it: whatever was to come has come.
  await session.result('ping');
  assert.equal(streams.flatMap(told).length, 1);
  assert.equal(streams.flatMap(told)[0].params.uri, uri);
  for (const stream of [first, second]) stream.close();
});

test('notifications/cancelled ends a wait without an answer and without consuming', async () => {
  const channel = await createChannel(hub);
  const bob = await channel.join('bob');
  const session = await Legacy.open(hub);
  await session.join(channel, 'ann');
  for (const id of [77, 'seventy-seven']) {
    const { stream } = await session.openTool('wait', { timeout_seconds: 50 }, { id });
    assert.equal(stream.status, 200);
    await hub.untilPolls(1);
    assert.equal((await session.notify('notifications/cancelled', { requestId: id, reason: 'bored' })).status, 202);
    await stream.end();
    assert.deepEqual(stream.messages, []);
    await bob.send('ann', `after ${id}`);
    const { data } = await session.use('listen', { timeout_seconds: 0 });
    assert.deepEqual(data.messages.map(({ text }) => text), [`after ${id}`]);
  }
  // Of something that is not running, or was not asked here: no harm.
  assert.equal((await session.notify('notifications/cancelled', { requestId: 4711 })).status, 202);
});

test('a cancellation reaches only requests of its own session', async () => {
  const channel = await createChannel(hub);
  const bob = await channel.join('bob');
  const session = await Legacy.open(hub);
  await session.join(channel, 'ann');
  const { stream } = await session.openTool('wait', { timeout_seconds: 50 }, { id: 5 });
  await hub.untilPolls(1);
  const stranger = await Legacy.open(hub);
  await stranger.notify('notifications/cancelled', { requestId: 5 });
  await bob.send('ann', 'still waiting?');
  const { result } = await stream.answer(5);
  assert.equal(result.structuredContent.messages[0].text, 'still waiting?');
});

test('a wait streams at once, with an event to resume by where the revision has it', async () => {
  const channel = await createChannel(hub);
  await channel.join('bob');
  for (const [revision, primed] of [['2025-11-25', true], ['2025-06-18', false], ['2025-03-26', false]]) {
    const session = await Legacy.open(hub, { revision });
    await session.join(channel, 'ann');
    const { stream, id } = await session.openTool('wait', { timeout_seconds: 1 });
    assert.match(stream.headers['content-type'], /^text\/event-stream/);
    assert.equal(stream.headers['x-accel-buffering'], 'no');
    assert.match(stream.headers['cache-control'], /no-/);
    const { result } = await stream.answer(id);
    assert.equal(result.structuredContent.timed_out, true);
    await stream.end();
    assert.equal(stream.primed, primed, `${revision}: ${stream.raw}`);
    await session.end();
  }
});

test('a client that takes only JSON gets a wait as JSON', async () => {
  const channel = await createChannel(hub);
  const session = await Legacy.open(hub);
  await session.join(channel, 'ann');
  const params = { name: 'wait', arguments: { timeout_seconds: 1 } };
  const answer = await session.exchange('POST', rpc(9, 'tools/call', params),
    { ...session.headersFor(), Accept: 'application/json' });
  if (answer.status === 406) return; // the revision allows to insist on both
  assert.equal(answer.status, 200);
  assert.match(answer.headers['content-type'], /^application\/json/);
  assert.equal(JSON.parse(answer.text).result.structuredContent.timed_out, true);
});

test('both generations share one URL', async () => {
  const legacy = await Legacy.open(hub);
  const modern = new Modern(hub);
  const one = (await legacy.result('tools/list')).tools;
  const other = (await modern.result('tools/list')).tools;
  assert.deepEqual(one.map(({ name }) => name), other.map(({ name }) => name));
});
