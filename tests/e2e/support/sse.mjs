// An event stream read as strictly as the oldest clients do: only `event: x\ndata: y\n\n`, with
// `id: z` after the data, and comment lines. Anything else in the stream fails the test.

import assert from 'node:assert/strict';
import http from 'node:http';
import https from 'node:https';

const kEvent = /^event: ([a-z_]+)\ndata: ([^\n\r]*)(?:\nid: (\d+))?$/;

export class Stream {
  static open(origin, { path, headers = {} }) {
    const url = new URL(origin);
    const secure = url.protocol === 'https:';
    return new Promise((resolve, reject) => {
      const outgoing = (secure ? https : http).request({
        host: url.hostname, port: url.port, path, headers, agent: false, rejectUnauthorized: false,
      });
      outgoing.on('error', reject);
      outgoing.on('response', (incoming) => resolve(new Stream(outgoing, incoming)));
      outgoing.end();
    });
  }

  constructor(outgoing, incoming) {
    this.outgoing = outgoing;
    this.incoming = incoming;
    this.status = incoming.statusCode;
    this.headers = incoming.headers;
    this.raw = '';
    this.events = [];
    this.comments = 0;
    this.waiters = [];
    this.ended = false;
    this.broken = null;
    let rest = '';
    incoming.setEncoding('utf8');
    incoming.on('data', (chunk) => {
      this.raw += chunk;
      rest += chunk;
      let end;
      while ((end = rest.indexOf('\n\n')) !== -1) {
        this.#take(rest.slice(0, end));
        rest = rest.slice(end + 2);
      }
    });
    const finish = () => {
      if (rest !== '') this.broken ??= new Error(`the stream ends inside an event: ${rest}`);
      this.ended = true;
      this.#wake();
    };
    incoming.on('end', finish);
    incoming.on('error', finish);
    outgoing.on('error', finish);
  }

  #take(block) {
    if (block.startsWith(': ')) {
      this.comments += 1;
    } else {
      const match = kEvent.exec(block);
      if (!match) this.broken = new Error(`not an event an old client can parse: ${JSON.stringify(block)}`);
      else this.events.push({ event: match[1], data: JSON.parse(match[2]), id: match[3] && Number(match[3]) });
    }
    this.#wake();
  }

  #wake() {
    for (const wake of this.waiters.splice(0)) wake();
  }

  async #changed(deadline, what) {
    const left = deadline - Date.now();
    assert.ok(left > 0, `the stream brought no ${what} in time; so far: ${this.raw.slice(-2000)}`);
    await new Promise((resolve) => {
      const timer = setTimeout(resolve, left);
      this.waiters.push(() => (clearTimeout(timer), resolve()));
    });
  }

  // The next event of that name; events before it that have another name are passed over.
  async next(name, timeout = 10_000) {
    const deadline = Date.now() + timeout;
    for (;;) {
      if (this.broken) throw this.broken;
      const index = this.events.findIndex(({ event }) => event === name);
      if (index !== -1) return this.events.splice(0, index + 1).at(-1);
      assert.ok(!this.ended, `the stream ended before a ${name}: ${this.raw.slice(-2000)}`);
      await this.#changed(deadline, name);
    }
  }

  // Messages until (and with) the one of that id.
  async messagesThrough(id, timeout) {
    const messages = [];
    do messages.push((await this.next('message', timeout)).data);
    while (messages.at(-1).id < id);
    return messages;
  }

  async comment(timeout) {
    const deadline = Date.now() + timeout;
    while (this.comments === 0) await this.#changed(deadline, 'comment');
  }

  async end(timeout = 10_000) {
    const deadline = Date.now() + timeout;
    while (!this.ended) await this.#changed(deadline, 'end');
    if (this.broken) throw this.broken;
  }

  close() {
    this.outgoing.destroy();
  }
}
