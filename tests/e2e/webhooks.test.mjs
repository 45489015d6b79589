// Webhooks: making and ending them, what they say, who may have which content, their secrets.

import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { Account } from './support/account.mjs';
import { band, Channel, createChannel } from './support/channel.mjs';
import { assertError, assertInvalid, ok } from './support/http.mjs';
import { startHub, until } from './support/hub.mjs';
import { assertSigned, Receiver } from './support/webhook_receiver.mjs';

const hub = await startHub({ args: ['--shards', '2'] });
after(() => hub.stop());

let names = 0;
const fresh = () => `hooked-${process.pid}-${++names}`;

async function receiverFor(context, options) {
  const receiver = await Receiver.start(options);
  context.after(() => receiver.stop());
  return receiver;
}

function tryHook(channel, body, headers = {}) {
  return channel.call('POST', 'webhooks', { body, headers });
}

async function hook(channel, receiver, more = {}) {
  return ok(await tryHook(channel, { url: receiver.url('/hook'), ...more }));
}

async function deliveries(channel, id) {
  return ok(await channel.call('GET', `webhooks/${id}/deliveries`)).deliveries;
}

// The one delivery of a webhook, once it is no longer on its way.
async function settled(channel, id) {
  let last;
  await until(async () => {
    [last] = await deliveries(channel, id);
    return last !== undefined && last.state !== 'waiting';
  }, 'a settled delivery');
  return last;
}

test('a message is posted with both signatures, under the names of old and new', async (context) => {
  const receiver = await receiverFor(context);
  const channel = await createChannel(hub);
  const made = await hook(channel, receiver);
  assert.match(made.id, /^wh_/);
  assert.match(made.secret, /^whsec_[A-Za-z0-9+/]{43}=$/);
  assert.deepEqual(made.events, ['message.received']);
  assert.match(made.notice, /once/);

  const [alice] = await channel.joinAll('alice', 'bob');
  const sent = await alice.send('bob', 'hi — “quoted”\nand more', {
    priority: 'high', suggested_replies: ['yes'], attachments: [{ mime: 'image/png', data_base64: 'aGVsbG8=' }],
  });
  const [request] = await receiver.first(1);
  assert.equal(request.method, 'POST');
  assert.equal(request.path, '/hook');
  assert.equal(request.headers['content-type'], 'application/json; charset=utf-8');
  assert.match(request.headers['user-agent'], /^rogerthat\//);
  for (const name of ['x-rogerthat', 'x-rogerrat']) {
    assert.equal(request.headers[`${name}-event`], 'message.received');
    assert.equal(request.headers[`${name}-delivery`], request.id);
  }
  assertSigned(request, made.secret);

  const { delivered_at, ...body } = request.json;
  assert.ok(Math.abs(delivered_at - Date.now()) < 60_000);
  assert.deepEqual(body, {
    event: 'message.received', channel_id: channel.id, hook_id: made.id,
    message: {
      id: sent.id, from: 'alice', to: 'bob', text: 'hi — “quoted”\nand more', at: sent.at, priority: 'high',
      suggested_replies: ['yes'], attachments: [{ mime: 'image/png', data_base64: 'aGVsbG8=' }],
    },
  });
  const line = await settled(channel, made.id);
  assert.deepEqual({ ...line, latency_ms: 0, created_at: 0, attempted_at: 0 }, {
    id: request.id, event: 'message.received', state: 'delivered', attempts: 1, status: 200,
    latency_ms: 0, created_at: 0, attempted_at: 0,
  });
});

test('a status is nobody\'s news', async (context) => {
  const receiver = await receiverFor(context);
  const channel = await createChannel(hub);
  await hook(channel, receiver);
  const [alice] = await channel.joinAll('alice');
  await alice.send('all', 'thinking', { kind: 'status' });
  await alice.send('all', 'done');
  const [request] = await receiver.first(1);
  assert.equal(request.json.message.text, 'done');
});

test('joins and leaves are told to who asks for them', async (context) => {
  const [both, messages] = [await receiverFor(context), await receiverFor(context)];
  const channel = await createChannel(hub);
  const made = await hook(channel, both, { events: ['session.left', 'session.joined', 'session.joined'] });
  assert.deepEqual(made.events, ['session.joined', 'session.left']);
  await hook(channel, messages);
  const [alice] = await channel.joinAll('alice');
  const [joined] = await both.first(1);
  await alice.send('all', 'bye');
  await alice.leave();
  const left = (await both.first(2))[1];
  await messages.first(1);

  for (const [request, event] of [[joined, 'session.joined'], [left, 'session.left']]) {
    assert.equal(request.headers['x-rogerthat-event'], event);
    assertSigned(request, made.secret);
    const { at, delivered_at, ...body } = request.json;
    assert.deepEqual(body, { event, channel_id: channel.id, callsign: 'alice', hook_id: made.id });
    assert.ok(Math.abs(at - Date.now()) < 60_000 && delivered_at >= at);
  }
  assert.deepEqual(messages.requests.map(({ json }) => json.event), ['message.received']);
});

test('what a webhook cannot be is named', async (context) => {
  const receiver = await receiverFor(context);
  const channel = await createChannel(hub);
  const url = receiver.url();
  for (const body of [{}, { url: '' }, { url: 7 }, { url: 'nowhere' }, { url: 'ftp://hub.example/' },
    { url: 'http://me:secret@127.0.0.1/' }, { url: `${url}#part` }, { url: `${url}${'a'.repeat(2100)}` }]) {
    assertInvalid(await tryHook(channel, body), 'url');
  }
  for (const events of ['message.received', [], ['message.sent'], [1], [null], ['message.received', '']]) {
    assertInvalid(await tryHook(channel, { url, events }), 'events');
  }
  assertError(await channel.call('POST', 'webhooks', { body: { url }, token: null }), 401, 'unauthorized');
  assertError(await channel.call('GET', 'webhooks', { token: 'wrong' }), 401, 'unauthorized');
  for (const [method, path] of [['DELETE', 'wh_x'], ['POST', 'wh_x/rotate'], ['GET', 'wh_x/deliveries']]) {
    assertError(await channel.call(method, `webhooks/${path}`), 404, 'not_found');
  }
  assertError(await tryHook(new Channel(hub, { channel_id: 'no-such-0000', join_token: 'x' }), { url }),
    404, 'not_found');
  assertError(await tryHook(band(hub, 'general'), { url }), 403, 'unauthorized', /band/);
  assert.deepEqual(ok(await channel.call('GET', 'webhooks')), { webhooks: [] });
  assert.equal(receiver.requests.length, 0, 'nothing is posted to find out whether a URL is good');
});

test('a channel has at most ten, and one of another channel is none of its own', async (context) => {
  const receiver = await receiverFor(context);
  const [channel, other] = [await createChannel(hub), await createChannel(hub)];
  const ids = [];
  for (let i = 0; i < 10; ++i) ids.push((await hook(channel, receiver)).id);
  assertError(await tryHook(channel, { url: receiver.url() }), 409, 'conflict', /10/);
  const { webhooks } = ok(await channel.call('GET', 'webhooks'));
  assert.deepEqual(webhooks.map(({ id }) => id), ids);
  for (const { created_at, id, ...rest } of webhooks) {
    assert.deepEqual(rest, { url: receiver.url('/hook'), events: ['message.received'], active: true });
    assert.ok(Math.abs(created_at - Date.now()) < 60_000);
  }
  for (const [method, path] of [['DELETE', ids[0]], ['POST', `${ids[0]}/rotate`], ['GET', `${ids[0]}/deliveries`]]) {
    assertError(await other.call(method, `webhooks/${path}`), 404, 'not_found');
  }
  assert.deepEqual(ok(await channel.call('DELETE', `webhooks/${ids[0]}`)), { ok: true });
  assertError(await channel.call('DELETE', `webhooks/${ids[0]}`), 404, 'not_found');
  await hook(channel, receiver);

  const [alice] = await channel.joinAll('alice');
  await alice.send('all', 'to ten');
  const hooks = (await receiver.first(10)).map(({ json }) => json.hook_id);
  assert.equal(new Set(hooks).size, 10);
  assert.equal(hooks.includes(ids[0]), false);
});

test('a fresh secret takes over from the old one', async (context) => {
  const receiver = await receiverFor(context);
  const channel = await createChannel(hub);
  const made = await hook(channel, receiver);
  const [alice] = await channel.joinAll('alice');
  await alice.send('all', 'one');
  assertSigned((await receiver.first(1))[0], made.secret);
  const rotated = ok(await channel.call('POST', `webhooks/${made.id}/rotate`));
  assert.notEqual(rotated.secret, made.secret);
  assert.deepEqual([rotated.id, rotated.url, rotated.events], [made.id, made.url, made.events]);
  await alice.send('all', 'two');
  const second = (await receiver.first(2))[1];
  assertSigned(second, rotated.secret);
  assert.throws(() => assertSigned(second, made.secret));
});

test('where identities are required, the token alone brings direct messages as metadata', async (context) => {
  const [plain, owner, creator] = [await receiverFor(context), await receiverFor(context), await receiverFor(context)];
  const account = await Account.create(hub);
  const made = await hub.post('/api/channels', { require_identity: true, owner_password: 'open sesame' },
    account.headers);
  const channel = new Channel(hub, ok(made));
  assert.match((await hook(channel, plain)).notice, /without their text/);
  const wrong = await tryHook(channel, { url: owner.url() }, { 'X-Owner-Password': 'open barley' });
  assertError(wrong, 401, 'unauthorized', /X-Owner-Password/);
  assert.match(ok(await tryHook(channel, { url: owner.url() }, { 'X-Owner-Password': 'open sesame' })).notice, /direct/);
  ok(await channel.call('POST', 'webhooks', { body: { url: creator.url() }, token: account.token }));
  const stranger = await Account.create(hub);
  assertError(await channel.call('GET', 'webhooks', { token: stranger.token }), 403, 'unauthorized');
  assert.equal(ok(await channel.call('GET', 'webhooks', { token: account.token })).webhooks.length, 3);

  const [one, two] = [await account.identity(fresh()), await account.identity(fresh())];
  const sender = await channel.join(undefined, { identity_key: one.identity_key });
  await channel.join(undefined, { identity_key: two.identity_key });
  const direct = await sender.send(two.callsign, 'for your eyes – only', { suggested_replies: ['burn it'] });
  await sender.send('all', 'for everybody');
  for (const receiver of [owner, creator]) {
    const texts = (await receiver.first(2)).map(({ json }) => json.message.text);
    assert.deepEqual(texts.sort(), ['for everybody', 'for your eyes – only']);
  }
  const requests = await plain.first(2);
  const metadata = requests.find(({ json }) => json.message.to !== 'all');
  assert.deepEqual(metadata.json.message, {
    id: direct.id, from: one.callsign, to: two.callsign, at: direct.at, bytes: 22, verified: true,
  });
  assert.equal(requests.some(({ body }) => body.includes('eyes') || body.includes('burn')), false);
  assert.ok(requests.some(({ json }) => json.message.text === 'for everybody'));
});

test('the account that created a channel reads its transcript whole', async () => {
  const account = await Account.create(hub);
  const channel = new Channel(hub, ok(await hub.post('/api/channels',
    { require_identity: true, retention: 'full' }, account.headers)));
  const [one, two] = [await account.identity(fresh()), await account.identity(fresh())];
  const sender = await channel.join(undefined, { identity_key: one.identity_key });
  await channel.join(undefined, { identity_key: two.identity_key });
  await sender.send(two.callsign, 'between us');
  const seen = async (token) => {
    const { events } = ok(await channel.call('GET', 'transcript', { token }));
    return events.some(({ text }) => text === 'between us');
  };
  assert.equal(await seen(channel.token), false);
  assert.equal(await seen(account.token), true);
});

test('a webhook of an account hears direct messages to its identities', async (context) => {
  const receiver = await receiverFor(context);
  const [account, other] = [await Account.create(hub), await Account.create(hub)];
  assertInvalid(await account.post('/webhooks', { url: receiver.url(), events: ['session.joined'] }), 'events');
  const made = ok(await account.post('/webhooks', { url: receiver.url('/mine') }));
  assert.deepEqual(ok(await account.get('/webhooks')).webhooks.map(({ id, url }) => [id, url]),
    [[made.id, receiver.url('/mine')]]);
  assertError(await other.delete(`/webhooks/${made.id}`), 404, 'not_found');
  assertError(await other.get(`/webhooks/${made.id}/deliveries`), 404, 'not_found');

  const sender = await other.identity(fresh());
  const mine = [];
  for (let i = 0; i < 4; ++i) mine.push(await account.identity(fresh()));
  const sent = [];
  for (const { callsign } of mine) {
    sent.push(ok(await hub.post('/api/dm', { to: callsign, text: `hello ${callsign}` },
      { 'X-Identity-Key': sender.identity_key })));
  }
  // To somebody else's identity: no news for this account.
  ok(await hub.post('/api/dm', { to: sender.callsign, text: 'not yours' }, { 'X-Identity-Key': mine[0].identity_key }));
  const requests = await receiver.first(4);
  for (const request of requests) {
    assertSigned(request, made.secret);
    const index = mine.findIndex(({ callsign }) => callsign === request.json.message.to);
    const { delivered_at, ...body } = request.json;
    assert.deepEqual(body, {
      event: 'message.received', channel_id: null, hook_id: made.id,
      message: {
        id: sent[index].id, from: sender.callsign, to: mine[index].callsign,
        text: `hello ${mine[index].callsign}`, at: sent[index].at, verified: true,
      },
    });
  }
  await until(async () => {
    const lines = ok(await account.get(`/webhooks/${made.id}/deliveries`)).deliveries;
    return lines.length === 4 && lines.every(({ state }) => state === 'delivered');
  }, 'four deliveries in the log');
  const rotated = ok(await account.post(`/webhooks/${made.id}/rotate`));
  assert.notEqual(rotated.secret, made.secret);
  assert.deepEqual(ok(await account.delete(`/webhooks/${made.id}`)), { ok: true });
  assert.deepEqual(ok(await account.get('/webhooks')), { webhooks: [] });
});

test('webhooks end with their channel and their account', async (context) => {
  const receiver = await receiverFor(context, { answer: (request, response) => { response.statusCode = 503; response.end(); } });
  const account = await Account.create(hub);
  const channel = new Channel(hub, ok(await hub.post('/api/channels', {}, account.headers)));
  await hook(channel, receiver);
  const [alice] = await channel.joinAll('alice');
  await alice.send('all', 'one');
  await receiver.first(1);
  const before = await hub.metric('webhooks');
  ok(await account.delete(`/channels/${channel.id}`));
  await until(async () => (await hub.metric('webhook_deliveries_waiting')) === 0, 'nothing waiting');
  await until(async () => (await hub.metric('webhooks')) === before - 1, 'one webhook less');
  ok(await account.post('/webhooks', { url: receiver.url() }));
  ok(await account.delete());
  await until(async () => (await hub.metric('webhooks')) === before - 1, 'one webhook less');
});
