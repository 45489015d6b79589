// An identity and its direct messages under short names. `try…` gives the answer as it is; the
// others insist on a 200 and give its body.

import assert from 'node:assert/strict';
import { Account } from './account.mjs';
import { ok } from './http.mjs';
import { Stream } from './sse.mjs';

function query(parameters = {}) {
  const text = new URLSearchParams(parameters).toString();
  return text === '' ? '' : `?${text}`;
}

export class Handle {
  // Each on an account of its own, unless one is given.
  static async create(hub, callsign, account) {
    const owner = account ?? await Account.create(hub);
    return new Handle(hub, owner, await owner.identity(callsign));
  }

  constructor(hub, account, { callsign, identity_key }) {
    Object.assign(this, { hub, account, callsign, key: identity_key });
  }

  headers(more = {}) {
    return { 'X-Identity-Key': this.key, ...more };
  }

  // options: {headers, agent, timeout}
  call(method, path, body, { headers, ...options } = {}) {
    return this.hub.request({
      method, path: `/api/dm${path}`, body, headers: this.headers(headers), ...options });
  }

  trySend(to, text, more = {}, options = {}) {
    return this.call('POST', '', { to: to.callsign ?? to, text, ...more }, options);
  }
  async send(to, text, more) {
    return ok(await this.trySend(to, text, more));
  }

  async inbox(parameters) {
    return ok(await this.call('GET', `/inbox${query(parameters)}`));
  }
  // What is unread now, as texts; looking moves nothing.
  async unread() {
    return (await this.inbox({ limit: 1000 })).messages.map(({ text }) => text);
  }

  tryWait(parameters, options) {
    return this.call('GET', `/wait${query(parameters)}`, undefined, options);
  }
  async wait(parameters = { timeout: 0 }) {
    return ok(await this.tryWait(parameters));
  }

  async stream(parameters = {}, headers = {}) {
    const stream = await Stream.open(this.hub.url, {
      path: `/api/dm/stream${query(parameters)}`, headers: this.headers(headers) });
    assert.equal(stream.status, 200);
    stream.hello = (await stream.next('hello')).data;
    return stream;
  }

  async ack(id) {
    return ok(await this.call('POST', '/ack', { id }));
  }
  async block(sender) {
    return ok(await this.call('POST', '/block', { sender: sender.callsign ?? sender }));
  }
  async unblock(sender) {
    return ok(await this.call('POST', '/unblock', { sender: sender.callsign ?? sender }));
  }
  async blocked() {
    return ok(await this.call('GET', '/blocked')).blocked;
  }
}
