// A TCP connection whose every byte the test decides: for pipelining, half-closing, resetting,
// not reading and malformed requests. Answers are parsed without mercy.

import assert from 'node:assert/strict';
import net from 'node:net';

export class RawConnection {
  // `from`: an address of this machine, for limits that count by it.
  static async to(hub, { address = hub.address, port = hub.port, from } = {}) {
    const socket = net.connect({ host: address, port, localAddress: from, allowHalfOpen: true, noDelay: true });
    await new Promise((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    return new RawConnection(socket, `${address}:${port}`);
  }

  constructor(socket, host) {
    this.socket = socket;
    this.host = host;
    this.received = Buffer.alloc(0);
    this.closed = false;
    this.peerEnded = false;
    this.waiters = [];
    socket.on('data', (chunk) => {
      this.received = Buffer.concat([this.received, chunk]);
      this.#wake();
    });
    socket.on('end', () => ((this.peerEnded = true), this.#wake()));
    socket.on('error', () => {});
    socket.on('close', () => ((this.closed = true), (this.peerEnded = true), this.#wake()));
  }

  #wake() {
    for (const wake of this.waiters.splice(0)) wake();
  }

  async #more(deadline) {
    assert.ok(!this.peerEnded, `the hub closed the connection after: ${this.received.toString('latin1')}`);
    await this.#changed(deadline);
  }

  async #changed(deadline) {
    const left = deadline - Date.now();
    assert.ok(left > 0, `no answer in time; so far: ${this.received.toString('latin1').slice(0, 500)}`);
    await new Promise((resolve) => {
      const timer = setTimeout(resolve, left);
      this.waiters.push(() => (clearTimeout(timer), resolve()));
    });
  }

  write(bytes) {
    this.socket.write(bytes, 'latin1');
  }

  // A well-formed request with Host and, where there is a body, Content-Length.
  send(method, path, { headers = {}, body } = {}) {
    const lines = [`${method} ${path} HTTP/1.1`, `Host: ${this.host}`];
    for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`);
    const bytes = body === undefined ? Buffer.alloc(0) : Buffer.from(
      typeof body === 'string' ? body : JSON.stringify(body));
    if (body !== undefined) lines.push(`Content-Length: ${bytes.length}`);
    this.socket.write(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), bytes]));
  }

  async answer({ timeout = 10_000, head = false } = {}) {
    const deadline = Date.now() + timeout;
    let end;
    while ((end = this.received.indexOf('\r\n\r\n')) === -1) await this.#more(deadline);
    const lines = this.received.subarray(0, end).toString('latin1').split('\r\n');
    const status = /^HTTP\/1\.1 (\d{3}) /.exec(lines[0]);
    assert.ok(status, `a status line: ${lines[0]}`);
    const headers = {};
    for (const line of lines.slice(1)) {
      const at = line.indexOf(': ');
      assert.ok(at > 0, `a header line: ${line}`);
      headers[line.slice(0, at).toLowerCase()] = line.slice(at + 2);
    }
    this.received = this.received.subarray(end + 4);
    const code = Number(status[1]);
    const text = head || code < 200 || code === 204 || code === 304
      ? '' : (await this.#body(headers, deadline)).toString('utf8');
    return { status: code, headers, text, get json() { return JSON.parse(text); } };
  }

  async #body(headers, deadline) {
    if (headers['transfer-encoding'] !== undefined) return this.#chunks(deadline);
    const length = headers['content-length'];
    assert.match(length ?? '', /^\d+$/, 'an answer says how long it is');
    return this.#bytes(Number(length), deadline);
  }

  async #bytes(count, deadline) {
    while (this.received.length < count) await this.#more(deadline);
    const bytes = this.received.subarray(0, count);
    this.received = this.received.subarray(count);
    return bytes;
  }

  async #chunks(deadline) {
    const parts = [];
    for (;;) {
      let end;
      while ((end = this.received.indexOf('\r\n')) === -1) await this.#more(deadline);
      const size = parseInt(this.received.subarray(0, end).toString('latin1'), 16);
      this.received = this.received.subarray(end + 2);
      const part = await this.#bytes(size + 2, deadline);
      if (size === 0) return Buffer.concat(parts);
      parts.push(Buffer.from(part.subarray(0, size)));
    }
  }

  // Waits until the bytes received so far contain `text`.
  async untilReceived(text, timeout = 10_000) {
    const deadline = Date.now() + timeout;
    while (!this.received.includes(text)) await this.#more(deadline);
  }

  // Everything until the hub closes the connection.
  async untilClosed(timeout = 10_000) {
    const deadline = Date.now() + timeout;
    while (!this.peerEnded) await this.#changed(deadline);
    return this.received.toString('latin1');
  }

  stopReading() {
    this.socket.pause();
  }

  readOn() {
    this.socket.resume();
  }

  halfClose() {
    this.socket.end();
  }

  reset() {
    this.socket.resetAndDestroy();
  }

  close() {
    this.socket.destroy();
  }
}
