// The inspector against the product's own endpoints: strict about the list of tools, and a call of
// every tool, in every era that it speaks. Each call is a process that connects anew, so whatever
// it does on a channel goes by handles.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { createChannel } from '../e2e/support/channel.mjs';
import { startHub, temporaryDirectory } from '../e2e/support/hub.mjs';
import { inspect } from './support/inspector.mjs';
import { Modern } from './support/rpc.mjs';

const hub = await startHub();
const home = temporaryDirectory('inspector');
after(() => hub.stop());

async function result(url, era, args, options = {}) {
  const run = await inspect(url, args, { home, era, ...options });
  assert.equal(run.code, 0, `${args.join(' ')}: exit ${run.code}\n${run.stderr}\n${run.stdout}`);
  return run.json.result ?? run.json;
}

async function call(url, era, name, args, options) {
  const answer = await result(url, era,
    ['--method', 'tools/call', '--tool-name', name, '--tool-args-json', JSON.stringify(args)], options);
  assert.notEqual(answer.isError, true, `${name}: ${JSON.stringify(answer)}`);
  return answer;
}

// The arguments of one call of every tool; `peer` sends what is to be received.
function callsOfEveryTool(handles, channel, question, account) {
  const calls = {
    create_channel: { retention: 'none' },
    join: { channel_id: channel.id, token: channel.token },
    send: { ...handles, to: 'bob', message: 'by the inspector', suggested_replies: ['yes', 'no'] },
    listen: { ...handles, timeout_seconds: 1 },
    wait: { ...handles, timeout_seconds: 1 },
    roster: handles,
    history: { ...handles, n: 5 },
    ask: { ...handles, to: 'bob', message: 'still there?', timeout_seconds: 1 },
    receipts: { ...handles, id: question },
    channels: handles,
    create_account: {},
    create_identity: { session_token: account.session_token },
    open_remote_control: {},
  };
  return Object.entries(calls);
}

for (const era of ['legacy', 'auto', 'modern']) {
  describe(`era ${era}`, { concurrency: true }, () => {
    test('the list at /mcp has no flaw', async () => {
      const { tools } = await result(`${hub.url}/mcp`, era, ['--method', 'tools/list', '--strict']);
      assert.equal(tools.length, 14);
    });

    test('the list at /mcp/<id> has no flaw', async () => {
      const channel = await createChannel(hub);
      const { tools } = await result(`${hub.url}/mcp/${channel.id}`, era, ['--method', 'tools/list', '--strict'],
        { headers: { Authorization: `Bearer ${channel.token}` } });
      assert.ok(tools.length >= 8);
    });

    test('every tool at /mcp', async () => {
      const channel = await createChannel(hub);
      const bob = await channel.join('bob');
      const url = `${hub.url}/mcp`;
      const joiner = new Modern(hub);
      await joiner.join(channel, 'ann');
      const { data: { id } } = await joiner.use('send', { to: 'bob', message: 'first' });
      await bob.send('ann', 'hello');
      const account = (await joiner.use('create_account')).data;
      const calls = callsOfEveryTool(joiner.handles, channel, id, account);
      const answers = Object.fromEntries(await Promise.all(
        calls.map(async ([name, args]) => [name, await call(url, era, name, args)])));
      assert.ok(answers.history.structuredContent.history.length >= 1);
      assert.ok(answers.roster.structuredContent.roster.includes('ann'));
      await call(url, era, 'leave', joiner.handles);
      assert.equal((await channel.info()).agent_count >= 1, true);
    });

    test('tools at /mcp/<id>', async () => {
      const channel = await createChannel(hub);
      await channel.join('bob');
      const url = `${hub.url}/mcp/${channel.id}`;
      const options = { headers: { Authorization: `Bearer ${channel.token}` } };
      const joined = await call(url, era, 'join', { callsign: 'carl' }, options);
      const joiner = new Modern(hub, { path: `/mcp/${channel.id}` });
      await joiner.join(channel, 'ann');
      const { session } = joiner.handles;
      await Promise.all([['send', { session, message: 'hi' }], ['wait', { session, timeout_seconds: 1 }],
        ['create_channel', {}]].map(([name, args]) => call(url, era, name, args, options)));
      assert.equal(joined.structuredContent.callsign, 'carl');
    });

    test('resources are listed, described and read', async () => {
      const channel = await createChannel(hub);
      const joiner = new Modern(hub);
      await joiner.join(channel, 'ann');
      const url = `${hub.url}/mcp`;
      const [templates, listed, ...read] = await Promise.all([
        result(url, era, ['--method', 'resources/templates/list']), result(url, era, ['--method', 'resources/list']),
        ...['inbox', 'history'].map((name) =>
          result(url, era, ['--method', 'resources/read', '--uri', joiner.uri(channel, name)]))]);
      for (const { contents } of read) assert.equal(contents[0].mimeType, 'text/plain');
      assert.ok(templates.resourceTemplates.length >= 3);
      assert.ok(Array.isArray(listed.resources));
    });

    test('a wrong call is told apart from a tool that does not exist', async () => {
      const url = `${hub.url}/mcp`;
      const missing = await inspect(url, ['--method', 'tools/call', '--tool-name', 'destroy'], { home, era });
      assert.equal(missing.code, 5, missing.stderr);
      const wrong = await inspect(url, ['--method', 'tools/call', '--tool-name', 'join', '--tool-args-json',
        JSON.stringify({ channel_id: 'no-such-0000', token: 'x' })], { home, era });
      assert.match(wrong.stdout, /no channel of that id/);
    });
  });
}
