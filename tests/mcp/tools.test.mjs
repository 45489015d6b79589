// The tools, asked without a client library: wrong arguments, sizes, privacy, and what is consumed.

import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { Channel, createChannel } from '../e2e/support/channel.mjs';
import { startHub } from '../e2e/support/hub.mjs';
import { Legacy, Modern, refused } from './support/rpc.mjs';

const hub = await startHub();
after(() => hub.stop());

const bytes = (value) => Buffer.byteLength(typeof value === 'string' ? value : JSON.stringify(value));

async function seated(callsign = 'ann', channel = undefined) {
  const where = channel ?? await createChannel(hub);
  const agent = new Modern(hub);
  await agent.join(where, callsign);
  return { channel: where, agent };
}

for (const endpoint of ['/mcp', '/mcp/<id>']) {
  test(`the list of tools is small at ${endpoint}`, async () => {
    const path = endpoint === '/mcp' ? endpoint : `/mcp/${(await createChannel(hub)).id}`;
    for (const caller of [new Modern(hub, { path }), await Legacy.open(hub, { path })]) {
      const { tools, ...rest } = await caller.result('tools/list');
      const read = tools.reduce((sum, { description, inputSchema }) => sum + bytes(description) + bytes(inputSchema), 0);
      assert.ok(read <= 8192, `descriptions and input schemas take ${read} bytes`);
      const whole = bytes({ tools, ...rest });
      assert.ok(whole <= 14336, `the list takes ${whole} bytes`);
      const withOutput = tools.filter((tool) => tool.outputSchema).map(({ name }) => name).sort();
      const expected = ['create_channel', 'history', 'join', 'listen', 'wait'];
      for (const name of expected) assert.ok(withOutput.includes(name), `${name} has an output schema`);
    }
  });
}

test('every tool says whether it changes anything', async () => {
  const { tools } = await new Modern(hub).result('tools/list');
  const readOnly = tools.filter(({ annotations }) => annotations.readOnlyHint === true).map(({ name }) => name).sort();
  for (const name of ['history', 'roster', 'receipts', 'channels']) assert.ok(readOnly.includes(name), name);
  for (const name of ['send', 'join', 'leave', 'create_channel', 'ask']) assert.ok(!readOnly.includes(name), name);
});

test('a send and an empty listen answer in a few words', async () => {
  const { channel, agent } = await seated();
  await channel.join('bob');
  for (const args of [{ to: 'bob', message: 'x' }, { message: 'y' }, { to: 'bob', message: 'z', priority: 'urgent' }]) {
    const { text } = await agent.use('send', args);
    assert.ok(bytes(text) <= 200, `${bytes(text)} bytes: ${text}`);
  }
  const { text, data } = await agent.use('listen', { timeout_seconds: 0 });
  assert.ok(bytes(text) <= 200, `${bytes(text)} bytes: ${text}`);
  assert.deepEqual(data.messages, []);
});

test('the roster of a large channel comes by pages, in the text as well', async () => {
  const { channel, agent } = await seated();
  const intro = 'i'.repeat(140);
  for (let i = 0; i < 300; i += 50) {
    await Promise.all(Array.from({ length: 50 }, (_, n) => channel.join(`agent-${i + n}`, { intro })));
  }
  const first = await agent.use('roster', {});
  assert.deepEqual([first.data.roster.length, first.data.roster_count, first.data.total], [200, 301, 301]);
  assert.ok(bytes(first.text) < 48_000, `${bytes(first.text)} bytes`);
  assert.match(first.text, /^301 on: .* and 101 more\.\nThe next page: call roster with after "[a-z0-9-]+"\.$/s);
  const second = await agent.use('roster', { after: first.data.next, limit: 1000 });
  assert.equal(second.data.roster.length, 101);
  assert.equal(second.data.next, undefined);
  refused(await agent.tool('roster', { after: 'No Callsign' }), /after/);
});

// What is wrong with an argument is said by the tool, with the name of the argument.
const kWrong = [
  ['join', { channel_id: 7.5, callsign: 'x' }, /channel_id/],
  ['join', { channel_id: 'CHANNEL', token: ['x'] }, /token/],
  ['join', { channel_id: 'CHANNEL', token: 'TOKEN', callsign: true }, /callsign/],
  ['join', { channel_id: 'CHANNEL', token: 'TOKEN', callsign: 'no spaces please' }, /callsign/],
  ['join', { channel_id: 'CHANNEL', token: 'TOKEN', callsign: 'operator' }, /operator/],
  ['join', { channel_id: 'CHANNEL', callsign: 'x' }, /token/],
  ['join', { callsign: 'x' }, /channel_id/],
  ['join', { channel_id: 'no-such-0000', token: 'x' }, /no-such-0000|channel/],
  ['send', { to: 'bob' }, /message/],
  ['send', { to: 'bob', message: { a: 1 } }, /message/],
  ['send', { to: ['bob'], message: 'x' }, /to\b/],
  ['send', { to: 'nobody', message: 'x' }, /nobody|bob/],
  ['send', { message: 'x', kind: 'text' }, /kind/],
  ['send', { message: 'x', priority: 'soon' }, /priority/],
  ['send', { message: 'x', suggested_replies: 'yes' }, /suggested_replies/],
  ['send', { message: 'x', suggested_replies: ['1', '2', '3', '4', '5'] }, /suggested_replies/],
  ['send', { message: 'x', attachments: [{ mime: 'text/html', data_base64: 'YQ==' }] }, /mime/],
  ['send', { message: 'x', reply_to: 'the last one' }, /reply_to/],
  ['send', { message: 'x', client_id: 5 }, /client_id/],
  ['send', { message: 'x'.repeat(8193) }, /8192/],
  ['listen', { timeout_seconds: 'long' }, /timeout_seconds/],
  ['listen', { since: 'yesterday' }, /since/],
  ['wait', { timeout_seconds: [1] }, /timeout_seconds/],
  ['history', { n: 'all' }, /\bn\b/],
  ['receipts', {}, /id/],
  ['receipts', { id: 'x' }, /id/],
  ['receipts', { id: 12345 }, /12345|message/],
  ['create_channel', { retention: 'forever' }, /retention/],
  ['create_channel', { durable: 'yes' }, /durable/],
  ['create_channel', { trust_mode: 'trusted' }, /owner_password|require_identity/],
  ['ask', { to: 'bob' }, /message/],
];

test('a wrong argument is the tool\'s to refuse, by its name', async (t) => {
  const { channel, agent } = await seated();
  await channel.join('bob');
  for (const [name, args, says] of kWrong) {
    await t.test(`${name} ${JSON.stringify(args).slice(0, 70)}`, async () => {
      const filled = JSON.parse(JSON.stringify(args).replace('CHANNEL', channel.id).replace('TOKEN', channel.token));
      const caller = name === 'join' ? new Modern(hub) : agent;
      const answer = refused(await caller.tool(name, filled), says);
      assert.ok(bytes(answer.text) < 600, answer.text);
    });
  }
});

const unknown = [
  ['send', { recipient: 'bob', message: 'private' }, /did you mean "to"/],
  ['send', { to: 'bob', content: 'private' }, /did you mean "message"/],
  ['send', { to: 'bob', message: 'x', colour: 'green' }, /no argument "colour"\. It has to, message/],
  ['send', { to: 'bob', message: 'x', await: { for: 'reply' } }, /no argument "await"/],
  ['wait', { timeout: 1 }, /did you mean "timeout_seconds"/],
  ['join', { name: 'carol' }, /did you mean "callsign"/],
  ['create_channel', { require_identiy: true }, /did you mean "require_identity"/],
  ['roster', { n: 5 }, /no argument "n"/],
];
for (const [tool, args, says] of unknown) {
  test(`${tool} ${JSON.stringify(args)} is refused: what it says would be lost`, async () => {
    const { channel, agent } = await seated();
    const bob = await channel.join('bob');
    refused(await agent.tool(tool, args), says);
    assert.deepEqual(await bob.pending(), []);
  });
}

test('arguments that are no object are a wrong request', async () => {
  for (const wrong of ['x', ['x'], 7]) {
    const error = await new Modern(hub).error('tools/call', { name: 'roster', arguments: wrong });
    assert.equal(error.code, -32602);
  }
});

test('an unknown tool is a wrong request', async () => {
  const { agent } = await seated();
  for (const name of ['create_accounts', 'SEND', 'sends']) {
    assert.equal((await agent.error('tools/call', { name, arguments: {} })).code, -32602, name);
  }
  const legacy = await Legacy.open(hub);
  assert.equal((await legacy.error('tools/call', { name: 'destroy', arguments: {} })).code, -32602);
});

test('a tool that needs a channel says how to get one', async () => {
  for (const caller of [new Modern(hub), await Legacy.open(hub)]) {
    for (const name of ['send', 'listen', 'wait', 'roster', 'history']) {
      refused(await caller.tool(name, name === 'send' ? { message: 'x' } : {}), /join/);
    }
  }
});

test('message and text mean the same, names may be numbers', async () => {
  const { channel, agent } = await seated();
  const bob = await channel.join('42');
  await agent.use('send', { to: '@42', text: 'by text' });
  await agent.use('send', { to: '@42', message: 7 });
  assert.deepEqual(await bob.pending(), ['by text', '7']);
});

test('a client_id is delivered once', async () => {
  const { channel, agent } = await seated();
  const bob = await channel.join('bob');
  const first = await agent.use('send', { message: 'once', client_id: 'c1' });
  const again = await agent.use('send', { message: 'once', client_id: 'c1' });
  assert.equal(again.data.id, first.data.id);
  assert.equal(again.data.duplicate, true);
  assert.deepEqual(await bob.pending(), ['once']);
  refused(await agent.tool('send', { message: 'another', client_id: 'c1' }), /client_id/);
});

test('direct messages of others are nowhere to be seen', async () => {
  const { channel, agent: eve } = await seated('eve');
  const [ann, bob] = await channel.joinAll('ann', 'bob');
  await ann.send('bob', 'the-secret-plan');
  await ann.send('all', 'in public');
  const seen = [];
  for (const [name, args] of [['history', {}], ['listen', { timeout_seconds: 0, since: 0 }],
    ['wait', { timeout_seconds: 1, since: 0 }], ['roster', {}], ['channels', {}]]) {
    const { text, data } = await eve.use(name, args);
    seen.push(text, JSON.stringify(data ?? {}));
  }
  for (const name of ['inbox', 'roster', 'history']) {
    seen.push(await eve.read(channel, name));
  }
  const newcomer = await new Modern(hub).join(channel, 'newcomer');
  seen.push(newcomer.text, JSON.stringify(newcomer.data));
  assert.ok(seen.join('').includes('in public'));
  for (const text of seen) assert.ok(!text.includes('the-secret-plan'), text);
  const [{ id }] = (await bob.listen()).messages;
  refused(await eve.tool('receipts', { id }));
});

test('what a listen gave is not given again, and since goes back', async () => {
  const { channel, agent } = await seated();
  const bob = await channel.join('bob');
  const ids = [];
  for (const text of ['one', 'two', 'three']) ids.push((await bob.send('ann', text)).id);
  const texts = async (args) => (await agent.use('listen', { timeout_seconds: 0, ...args })).data.messages.map(({ text }) => text);
  assert.deepEqual(await texts({}), ['one', 'two', 'three']);
  assert.deepEqual(await texts({}), []);
  assert.deepEqual(await texts({ since: ids[0] }), ['two', 'three']);
  assert.deepEqual((await agent.use('history', { n: 2 })).data.history.map(({ text }) => text), ['two', 'three']);
});

test('attachments are named, and images come when asked for', async () => {
  const { channel, agent } = await seated();
  const bob = await channel.join('bob');
  const data_base64 = Buffer.from('not much of a picture').toString('base64');
  const attachments = [{ mime: 'image/png', data_base64, filename: 'plot.png' },
    { mime: 'application/pdf', data_base64, filename: 'paper.pdf' }];
  const { id } = await bob.send('ann', 'see', { attachments });
  const plain = await agent.use('listen', { timeout_seconds: 0 });
  assert.match(plain.text, /plot\.png/);
  assert.match(plain.text, /image\/png/);
  assert.match(plain.text, /paper\.pdf/);
  assert.ok(!JSON.stringify(plain.result).includes(data_base64), 'not inlined unless asked for');
  const whole = await agent.use('listen', { timeout_seconds: 0, since: id - 1, include_attachments: true });
  const images = whole.result.content.filter(({ type }) => type === 'image');
  assert.deepEqual(images.map(({ mimeType, data }) => ({ mimeType, data })), [{ mimeType: 'image/png', data: data_base64 }]);
});

test('a status reaches who is listening now and is kept nowhere', async () => {
  const { channel, agent } = await seated();
  const bob = await channel.join('bob');
  const waiting = agent.use('wait', { timeout_seconds: 30 });
  await hub.untilPolls(1);
  await bob.send('ann', 'compiling', { kind: 'status' });
  const { data, text } = await waiting;
  assert.equal(data.messages[0].kind, 'status');
  assert.match(text, /compiling/);
  assert.deepEqual((await agent.use('history')).data.history, []);
});

test('a second wait of the same session ends the first, which has nothing', async () => {
  const { channel, agent } = await seated();
  const bob = await channel.join('bob');
  const first = agent.use('wait', { timeout_seconds: 50 });
  await hub.untilPolls(1);
  const second = agent.use('wait', { timeout_seconds: 50 });
  const { data } = await first;
  assert.deepEqual([data.messages, data.timed_out], [[], true]);
  await bob.send('ann', 'for the second');
  assert.deepEqual((await second).data.messages.map(({ text }) => text), ['for the second']);
});

test('joining tells the loop to follow, whose words follow, and who is there', async () => {
  const channel = await createChannel(hub);
  const bob = await channel.join('bob');
  await bob.send('all', 'is anybody there?');
  const { text, data } = await new Modern(hub).join(channel, 'ann');
  assert.match(text, /wait/);
  assert.match(text, /bob/);
  assert.deepEqual(data.history.map((message) => message.text), ['is anybody there?']);
  assert.equal(data.callsign, 'ann');
  assert.deepEqual(data.roster, ['ann', 'bob']);
  assert.equal(data.trust_mode, 'untrusted');
});

test('a join without a callsign gets one that is free', async () => {
  const channel = await createChannel(hub);
  const { data } = await new Modern(hub).use('join', { channel_id: channel.id, token: channel.token });
  assert.match(data.callsign, /^[a-z0-9][a-z0-9_-]{0,31}$/);
});

test('create_channel gives all that an invitation needs, and joins nothing', async () => {
  const agent = await Legacy.open(hub);
  const { data, text } = await agent.use('create_channel', { retention: 'metadata', session_ttl_seconds: 600 });
  assert.match(data.channel_id, /^[a-z]+-[a-z]+-[0-9a-f]{4}$/);
  assert.ok(text.includes(data.join_token) && text.includes(data.channel_id));
  refused(await agent.tool('roster'), /join/);
  await agent.use('join', { channel_id: data.channel_id, token: data.join_token, callsign: 'ann' });
  const info = (await hub.get(`/api/channels/${data.channel_id}`)).json;
  assert.deepEqual([info.retention, info.session_ttl_seconds, info.agent_count], ['metadata', 600, 1]);
});

test('the answer of an expired or left session says to join again', async () => {
  const { agent } = await seated();
  await agent.use('leave');
  refused(await agent.tool('listen', { timeout_seconds: 0 }), /join/);
});

test('resources and their templates are listed', async () => {
  const { channel, agent } = await seated();
  const { resourceTemplates } = await agent.result('resources/templates/list');
  for (const name of ['inbox', 'roster', 'history']) {
    assert.ok(resourceTemplates.some(({ uriTemplate }) => uriTemplate.startsWith('rogerthat://channel/{') &&
      uriTemplate.includes(`/${name}`)), name);
  }
  assert.ok(Array.isArray((await agent.result('resources/list')).resources));
  for (const name of ['inbox', 'roster', 'history']) {
    const uri = agent.uri(channel, name);
    const { contents: [content] } = await agent.result('resources/read', { uri });
    assert.deepEqual([content.uri, content.mimeType], [uri, 'text/plain']);
    assert.ok(content.text.length > 0);
  }
});

test('an identity is made and borne without leaving the tools', async () => {
  const agent = new Modern(hub);
  const account = await agent.use('create_account');
  for (const name of ['recovery_token', 'session_token']) {
    assert.equal(account.text.split(account.data[name]).length, 2, `${name} once`);
  }
  refused(await agent.tool('create_identity', {}), /session_token/);
  refused(await agent.tool('create_identity', { session_token: 'rtses_wrong' }), /session_token/);
  refused(await agent.tool('create_identity', { session_token: account.data.session_token, callsign: 'operator' }),
    /reserved/);
  const callsign = `by-tools-${process.pid}`;
  const made = await agent.use('create_identity', { session_token: account.data.session_token, callsign });
  assert.equal(made.data.callsign, callsign);
  const channel = await createChannel(hub, { require_identity: true });
  refused(await agent.tool('join', { channel_id: channel.id, token: channel.token, callsign: 'ann' }), /identity_key/);
  const { data } = await agent.use('join',
    { channel_id: channel.id, token: channel.token, identity_key: made.data.identity_key });
  assert.deepEqual([data.callsign, data.identity_account], [callsign, account.data.account_id]);
  refused(await agent.tool('create_identity', { session_token: account.data.session_token, callsign }), /callsign/);
});

test('remote control is opened, joined and driven by tools', async () => {
  const agent = await Legacy.open(hub);
  refused(await agent.tool('open_remote_control', { share: 'yes' }), /share/);
  const { data, text, result } = await agent.use('open_remote_control');
  assert.ok(text.includes(data.mobile_url) && bytes(text) < 1500, text);
  const [{ data: picture, mimeType }] = result.content.filter(({ type }) => type === 'image');
  assert.deepEqual([mimeType, `data:image/png;base64,${picture}`], ['image/png', data.qr_data_url]);
  const { data: shared, text: words } = await agent.use('open_remote_control', { share: true });
  assert.match(words, /on another way the owner_password/);
  assert.ok(!shared.mobile_url.includes(shared.owner_password));

  const joined = await agent.use('join', { channel_id: data.channel_id, token: data.channel_token,
    identity_key: data.agent.identity_key, owner_password: data.owner_password });
  assert.equal(joined.data.callsign, data.agent.callsign);
  assert.equal(joined.data.human_authorized, true);
  const channel = new Channel(hub, { channel_id: data.channel_id, join_token: data.channel_token });
  const phone = await channel.join(undefined,
    { identity_key: data.phone.identity_key, owner_password: data.owner_password });
  await phone.send('all', 'what is the state of things?');
  const heard = await agent.use('listen');
  assert.match(heard.text, new RegExp(`${data.phone.callsign} \\(verified\\) → all: what is`));
  await agent.use('send', { to: data.phone.callsign, message: 'all green' });
  assert.deepEqual(await phone.pending(), ['all green']);
});
