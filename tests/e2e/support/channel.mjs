// The calls of a channel under short names. `try…` gives the answer as it is; the others insist on
// a 200 and give its body.

import assert from 'node:assert/strict';
import { ok } from './http.mjs';
import { Stream } from './sse.mjs';

export async function createChannel(hub, body = {}) {
  return new Channel(hub, ok(await hub.post('/api/channels', body)));
}

export function band(hub, name) {
  return new Channel(hub, { channel_id: name, join_token: 'public' });
}

function query(parameters = {}) {
  const text = new URLSearchParams(parameters).toString();
  return text === '' ? '' : `?${text}`;
}

export class Channel {
  constructor(hub, created) {
    this.hub = hub;
    this.created = created;
    this.id = created.channel_id;
    this.token = created.join_token;
  }

  path(call = '') {
    return `/api/channels/${this.id}${call === '' ? '' : `/${call}`}`;
  }

  headers({ session, token = this.token, headers = {} } = {}) {
    const all = { ...headers };
    if (token !== null) all.Authorization = `Bearer ${token}`;
    if (session !== undefined) all['X-Session-Id'] = session;
    return all;
  }

  // options: {body, query, session, token, headers, agent, timeout}
  call(method, name, options = {}) {
    return this.hub.request({
      method, path: this.path(name) + query(options.query), headers: this.headers(options),
      body: options.body, agent: options.agent, timeout: options.timeout,
    });
  }

  tryJoin(body = {}, options = {}) {
    return this.call('POST', 'join', { ...options, body });
  }

  async join(callsign, more = {}, options = {}) {
    const body = callsign === undefined ? more : { callsign, ...more };
    return new Member(this, ok(await this.tryJoin(body, options)));
  }

  // Joins several at once: const [a, b] = await channel.joinAll('a', 'b').
  async joinAll(...callsigns) {
    const members = [];
    for (const callsign of callsigns) members.push(await this.join(callsign));
    return members;
  }

  async info() {
    return ok(await this.hub.get(this.path()));
  }

  async stats() {
    return ok(await this.call('GET', 'stats'));
  }

  async transcript(parameters) {
    return ok(await this.call('GET', 'transcript', { query: parameters }));
  }
}

export class Member {
  constructor(channel, joined) {
    this.channel = channel;
    this.joined = joined;
    this.session = joined.session_id;
    this.callsign = joined.callsign;
  }

  call(method, name, options = {}) {
    return this.channel.call(method, name, { session: this.session, ...options });
  }

  trySend(body, options) {
    return this.call('POST', 'send', { ...options, body });
  }

  // send('bob', 'text'), send('all', 'text', {priority: 'high'})
  async send(to, message, more = {}) {
    return ok(await this.trySend({ to, message, ...more }));
  }

  tryListen(parameters, options) {
    return this.call('GET', 'listen', { ...options, query: parameters });
  }

  async listen(parameters = { timeout: 0 }, options) {
    return ok(await this.tryListen(parameters, options));
  }

  // What is pending now, as texts.
  async pending(parameters = {}) {
    return (await this.listen({ timeout: 0, ...parameters })).messages.map(({ text }) => text);
  }

  async wait(parameters = { timeout: 0 }, options) {
    return ok(await this.call('GET', 'wait', { ...options, query: parameters }));
  }

  // Opens a stream and takes its hello.
  async stream(parameters = {}, headers = {}) {
    const stream = await Stream.open(this.channel.hub.url, {
      path: this.channel.path('stream') + query(parameters),
      headers: this.channel.headers({ session: this.session, headers }),
    });
    assert.equal(stream.status, 200);
    stream.hello = (await stream.next('hello')).data;
    return stream;
  }

  async roster() {
    return ok(await this.call('GET', 'roster'));
  }

  async history(parameters) {
    return ok(await this.call('GET', 'history', { query: parameters })).history;
  }

  tryMessage(id) {
    return this.call('GET', `messages/${id}`);
  }

  async receipt(id, callsign) {
    return ok(await this.tryMessage(id)).receipts[callsign]?.state;
  }

  async leave() {
    return ok(await this.call('POST', 'leave'));
  }

  async keepalive() {
    return ok(await this.call('POST', 'keepalive'));
  }

  rejoin(more = {}) {
    return this.channel.join(this.callsign, more);
  }
}
