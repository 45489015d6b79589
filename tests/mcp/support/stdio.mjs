// A scripted client of an MCP server on pipes. Lives here: the process, one JSON-RPC message a line.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { ToolAnswer } from './rpc.mjs';

export class StdioClient {
  static async start(command, args, { env = {}, capabilities = {} } = {}) {
    const client = new StdioClient(command, args, env);
    client.initialized = await client.result('initialize', {
      protocolVersion: '2025-11-25', capabilities, clientInfo: { name: 'probe', version: '1.0' },
    });
    client.notify('notifications/initialized');
    return client;
  }

  constructor(command, args, env) {
    this.child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, ...env } });
    this.exited = once(this.child, 'close');
    this.messages = [];
    this.stderr = '';
    this.waiters = [];
    this.nextId = 1;
    this.broken = null;
    this.removeOnExit = () => this.child.kill('SIGKILL');
    process.on('exit', this.removeOnExit);
    let rest = '';
    this.child.stdout.setEncoding('utf8').on('data', (chunk) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop();
      for (const line of lines) this.#take(line);
    });
    this.child.stderr.setEncoding('utf8').on('data', (chunk) => (this.stderr += chunk));
    this.child.on('close', () => this.#wake());
    this.child.stdin.on('error', () => {});
  }

  #take(line) {
    try {
      const message = JSON.parse(line);
      assert.equal(message.jsonrpc, '2.0');
      this.messages.push(message);
    } catch (error) {
      this.broken = new Error(`not the protocol's: ${line}`, { cause: error });
    }
    this.#wake();
  }

  #wake() {
    for (const wake of this.waiters.splice(0)) wake();
  }

  // Takes the first message that `matches`.
  async take(matches, what, timeout = 20_000) {
    const deadline = Date.now() + timeout;
    for (;;) {
      if (this.broken) throw this.broken;
      const at = this.messages.findIndex(matches);
      if (at !== -1) return this.messages.splice(at, 1)[0];
      assert.equal(this.child.exitCode, null, `it ended before ${what}: ${this.stderr}`);
      const left = deadline - Date.now();
      assert.ok(left > 0, `no ${what} in time; waiting: ${JSON.stringify(this.messages)}; ${this.stderr}`);
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, left);
        this.waiters.push(() => (clearTimeout(timer), resolve()));
      });
    }
  }

  write(message) {
    this.child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  }

  notify(method, params) {
    this.write({ method, params });
  }

  async result(method, params) {
    const id = this.nextId++;
    this.write({ id, method, params });
    const answer = await this.take((one) => one.id === id && !('method' in one), `answer to ${method}`);
    assert.ok(answer.result, `${method}: ${JSON.stringify(answer.error)}`);
    return answer.result;
  }

  async tool(name, args = {}) {
    return new ToolAnswer(await this.result('tools/call', { name, arguments: args }));
  }

  notification(method, timeout) {
    return this.take((one) => one.method === method, method, timeout);
  }

  async stop() {
    process.off('exit', this.removeOnExit);
    this.child.kill('SIGKILL');
    await this.exited;
  }
}
