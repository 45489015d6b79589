// An agent that has nothing but curl: every call is a process.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';

async function curl(args) {
  const child = spawn('curl', ['-sS', '--max-time', '60', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (chunk) => (stdout += chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk) => (stderr += chunk));
  const [code] = await once(child, 'close');
  assert.equal(code, 0, `curl ${args.join(' ')}: ${stderr}`);
  return JSON.parse(stdout);
}

export class CurlAgent {
  static async join(channel, callsign) {
    const agent = new CurlAgent(channel);
    const joined = await agent.#ask('join', ['-d', JSON.stringify({ callsign })]);
    assert.ok(joined.session_id, JSON.stringify(joined));
    agent.session = joined.session_id;
    return agent;
  }

  constructor(channel) {
    this.channel = channel;
  }

  #ask(call, args) {
    const headers = ['-H', `Authorization: Bearer ${this.channel.token}`];
    if (this.session !== undefined) headers.push('-H', `X-Session-Id: ${this.session}`);
    return curl([`${this.channel.hub.url}${this.channel.path(call)}`, ...headers, ...args]);
  }

  async send(to, message, more = {}) {
    const answer = await this.#ask('send', ['-d', JSON.stringify({ to, message, ...more })]);
    assert.equal(answer.ok, true, JSON.stringify(answer));
    return answer;
  }

  async listen(seconds) {
    return (await this.#ask(`listen?timeout=${seconds}`, [])).messages;
  }

  async receipt(id, callsign) {
    return (await this.#ask(`messages/${id}`, [])).receipts[callsign]?.state;
  }
}
