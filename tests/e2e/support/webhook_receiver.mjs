// A server that webhooks are posted to. Lives here: it keeps what came, answers as it is told, and
// lets tests wait for the next request.

import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';

const running = new Set();
process.on('exit', () => {
  for (const receiver of running) receiver.server.close();
});

// One request as it came. `at`: when its last byte was there.
class Received {
  constructor(incoming, body) {
    this.method = incoming.method;
    this.path = incoming.url;
    this.headers = incoming.headers;
    this.body = body;
    this.at = performance.now();
  }
  get json() {
    return JSON.parse(this.body);
  }
  get id() {
    return this.headers['webhook-id'];
  }
}

export class Receiver {
  // answer(request, response, number): number counts from 1; nothing is answered where it does not.
  // tls: {key, cert}.
  static async start({ answer, port = 0, tls } = {}) {
    const receiver = new Receiver(answer, tls);
    await receiver.listen(port);
    return receiver;
  }

  constructor(answer = (request, response) => response.end(), tls) {
    this.answer = answer;
    this.tls = tls;
    this.requests = [];
    this.waiting = [];
  }

  async listen(port = this.port) {
    const take = (incoming, response) => this.#take(incoming, response);
    this.server = this.tls ? https.createServer(this.tls, take) : http.createServer(take);
    this.server.on('tlsClientError', () => {});
    this.server.listen(port, '127.0.0.1');
    await once(this.server, 'listening');
    this.port = this.server.address().port;
    running.add(this);
  }

  async #take(incoming, response) {
    const pieces = [];
    try {
      for await (const piece of incoming) pieces.push(piece);
    } catch {
      return;  // cut off
    }
    const request = new Received(incoming, Buffer.concat(pieces));
    this.requests.push(request);
    response.on('error', () => {});
    this.answer(request, response, this.requests.length);
    for (const wake of this.waiting.splice(0)) wake();
  }

  url(path = '/') {
    return `http://127.0.0.1:${this.port}${path}`;
  }

  // The first `count` requests, once there are so many.
  async first(count, patience = 15_000) {
    const deadline = performance.now() + patience;
    while (this.requests.length < count) {
      const left = deadline - performance.now();
      assert.ok(left > 0, `only ${this.requests.length} of ${count} requests came`);
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, left);
        this.waiting.push(() => (clearTimeout(timer), resolve()));
      });
    }
    return this.requests.slice(0, count);
  }

  // Nobody listens any more, and what is open is closed.
  async stop() {
    running.delete(this);
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }
}

const hmac = (key, text) => crypto.createHmac('sha256', key).update(text);

// Both forms, from what the hook's owner knows: the secret as it was printed.
export function assertSigned(request, secret) {
  const { headers, body } = request;
  const whole = `sha256=${hmac(secret, body).digest('hex')}`;
  assert.equal(headers['x-rogerthat-signature'], whole);
  assert.equal(headers['x-rogerrat-signature'], whole);

  const timestamp = headers['webhook-timestamp'];
  assert.match(timestamp, /^\d{10}$/);
  assert.ok(Math.abs(Date.now() / 1000 - Number(timestamp)) < 60, 'the timestamp is of now');
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const content = Buffer.concat([Buffer.from(`${headers['webhook-id']}.${timestamp}.`), body]);
  assert.equal(headers['webhook-signature'], `v1,${hmac(key, content).digest('base64')}`);
}
