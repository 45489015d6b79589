// An event stream of MCP: JSON-RPC messages as `data`, ids to resume by, comments, `retry`. Lives
// here: reading one, and waiting for what it brings.

import assert from 'node:assert/strict';
import http from 'node:http';

export class EventStream {
  // options: {path, method, headers, body}. Answers when the head is there.
  static open(origin, { path, method = 'POST', headers = {}, body }) {
    const url = new URL(origin);
    return new Promise((resolve, reject) => {
      const outgoing = http.request({
        host: url.hostname, port: url.port, path, method, headers, agent: false,
      });
      outgoing.on('error', reject);
      outgoing.on('response', (incoming) => resolve(new EventStream(outgoing, incoming)));
      outgoing.end(body);
    });
  }

  constructor(outgoing, incoming) {
    this.outgoing = outgoing;
    this.status = incoming.statusCode;
    this.headers = incoming.headers;
    this.raw = '';
    this.messages = [];
    this.ids = [];
    this.primed = false;
    this.retry = undefined;
    this.comments = 0;
    this.ended = false;
    this.waiters = [];
    let rest = '';
    incoming.setEncoding('utf8');
    incoming.on('data', (chunk) => {
      this.raw += chunk;
      rest += chunk;
      let match;
      while ((match = /\r?\n\r?\n/.exec(rest)) !== null) {
        this.#take(rest.slice(0, match.index));
        rest = rest.slice(match.index + match[0].length);
      }
      this.#wake();
    });
    const finish = () => ((this.ended = true), this.#wake());
    incoming.on('end', finish);
    incoming.on('error', finish);
    incoming.on('close', finish);
    outgoing.on('error', finish);
  }

  #take(block) {
    let data;
    for (const line of block.split(/\r?\n/)) {
      const [, name, value] = /^([^:]*):? ?(.*)$/s.exec(line);
      if (name === '') this.comments += 1;
      else if (name === 'id') this.ids.push(value);
      else if (name === 'retry') this.retry = Number(value);
      else if (name === 'data') data = data === undefined ? value : `${data}\n${value}`;
    }
    if (data === '') this.primed = true;
    else if (data !== undefined) this.messages.push(JSON.parse(data));
  }

  #wake() {
    for (const wake of this.waiters.splice(0)) wake();
  }

  // Waits until `found()` gives something.
  async until(found, what, timeout = 10_000) {
    const deadline = Date.now() + timeout;
    for (;;) {
      const value = found();
      if (value !== undefined && value !== false) return value;
      assert.ok(!this.ended, `the stream ended before ${what}: ${this.raw.slice(-2000)}`);
      const left = deadline - Date.now();
      assert.ok(left > 0, `the stream brought no ${what} in time; so far: ${this.raw.slice(-2000)}`);
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, left);
        this.waiters.push(() => (clearTimeout(timer), resolve()));
      });
    }
  }

  answer(id, timeout) {
    return this.until(() => this.messages.find((one) => one.id === id && !('method' in one)),
      `answer to ${JSON.stringify(id)}`, timeout);
  }

  notification(method, timeout) {
    return this.until(() => this.messages.find((one) => one.method === method), method, timeout);
  }

  firstId(timeout) {
    return this.until(() => this.ids[0], 'event id', timeout);
  }

  end(timeout = 10_000) {
    return this.until(() => this.ended, 'end', timeout);
  }

  close() {
    this.outgoing.destroy();
  }
}
