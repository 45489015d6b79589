// `rogerthat mcp` as an MCP client runs it: a process with pipes. Lives here: the process, lines of
// JSON-RPC both ways, and insisting that nothing else is ever written to stdout.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { binary, removeDirectory, temporaryDirectory, until } from './hub.mjs';

const running = new Set();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export class Bridge {
  // `home`: where ~/.rogerthat is; one of its own unless a test needs it for longer.
  constructor({ args = [], env = {}, home } = {}) {
    this.ownsHome = home === undefined;
    this.home = home ?? temporaryDirectory('home');
    const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('ROGERTHAT_')));
    this.child = spawn(binary, ['mcp', ...args], { env: { ...clean, HOME: this.home, ...env } });
    running.add(this.child);
    this.exited = once(this.child, 'close').then(([code, signal]) => {
      running.delete(this.child);
      for (const { reject } of this.waiting.values()) reject(new Error(`the bridge has ended: ${this.errors}`));
      return { code, signal };
    });
    this.errors = '';
    this.child.stderr.on('data', (chunk) => (this.errors += chunk));
    this.child.stdin.on('error', () => {});
    this.messages = [];  // everything that came, in order
    this.waiting = new Map();
    this.lastId = 0;
    this.#readLines();
  }

  #readLines() {
    let rest = '';
    this.child.stdout.setEncoding('utf8');
    this.child.stdout.on('data', (chunk) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop();
      for (const line of lines) this.#take(line);
    });
    this.child.stdout.on('end', () => assert.equal(rest, '', 'the last line is whole'));
  }

  #take(line) {
    const message = JSON.parse(line);
    assert.equal(message.jsonrpc, '2.0', line);
    this.messages.push(message);
    const waiting = message.id === undefined ? undefined : this.waiting.get(message.id);
    if (waiting === undefined) return;
    this.waiting.delete(message.id);
    waiting.resolve(message);
  }

  write(message) {
    this.child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  }

  // The whole response.
  ask(method, params, id = ++this.lastId) {
    const answer = new Promise((resolve, reject) => this.waiting.set(id, { resolve, reject }));
    this.write({ id, method, params });
    return answer;
  }

  async initialize(protocolVersion = '2025-11-25') {
    const { result } = await this.ask('initialize', {
      protocolVersion, capabilities: {}, clientInfo: { name: 'scripted', version: '1' },
    });
    this.write({ method: 'notifications/initialized' });
    return result;
  }

  async call(name, args = {}) {
    const answer = await this.ask('tools/call', { name, arguments: args });
    assert.ok(answer.result, JSON.stringify(answer));
    return answer.result;
  }

  // A call that succeeds.
  async tool(name, args) {
    const result = await this.call(name, args);
    assert.notEqual(result.isError, true, textOf(result));
    return result;
  }

  // The pushed notifications so far.
  get pushed() {
    return this.messages.filter(({ method }) => method === 'notifications/claude/channel').map(({ params }) => params);
  }

  async untilPushed(count) {
    await until(() => this.pushed.length >= count, `${count} pushed messages`, 20_000);
    return this.pushed;
  }

  // Closes its input, as a client that goes away.
  async end() {
    this.child.stdin.end();
    const how = await this.exited;
    if (this.ownsHome) removeDirectory(this.home);
    return how;
  }

  async kill() {
    this.child.kill('SIGKILL');
    await this.exited;
    if (this.ownsHome) removeDirectory(this.home);
  }
}

export async function startBridge(options) {
  const bridge = new Bridge(options);
  bridge.server = await bridge.initialize();
  return bridge;
}

export function textOf(result) {
  return result.content.map(({ text }) => text).join('\n');
}
