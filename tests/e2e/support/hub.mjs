// Starts and stops the real binary. Lives here: the process, its data directory, its address.
// Nothing in here knows the API beyond /readyz.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { hasContract, setContract } from './contract.mjs';
import { request } from './http.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
export const binary = path.resolve(
  process.env.ROGERTHAT_BIN ?? path.join(here, '../../../build/release/src/rogerthat'));

if (!fs.existsSync(binary)) {
  throw new Error(`there is no ${binary}: build it (script/build release) or set ROGERTHAT_BIN`);
}

const running = new Set();
const directories = new Set();

// A test that throws, or a run that is interrupted, leaves neither a process nor a file.
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
  for (const directory of directories) fs.rmSync(directory, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130));

export function temporaryDirectory(name = 'e2e') {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), `rogerthat-${name}-`));
  directories.add(directory);
  return directory;
}

export function removeDirectory(directory) {
  fs.rmSync(directory, { recursive: true, force: true });
  directories.delete(directory);
}

// Runs the binary to its end, for wrong usage and the like.
export async function runBinary(args, { env = {}, timeout = 10_000 } = {}) {
  const child = spawn(binary, args, { env: { ...cleanEnvironment(), ...env } });
  running.add(child);
  const timer = setTimeout(() => child.kill('SIGKILL'), timeout);
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => (stdout += chunk));
  child.stderr.on('data', (chunk) => (stderr += chunk));
  const [code, signal] = await once(child, 'close');
  clearTimeout(timer);
  running.delete(child);
  return { code, signal, stdout, stderr };
}

function cleanEnvironment() {
  const env = { ...process.env };
  for (const name of Object.keys(env)) if (name.startsWith('ROGERTHAT_')) delete env[name];
  return env;
}

export class Hub {
  constructor({ args = [], host = '127.0.0.1', dataDir, wrap = [], address, env = {}, tls = false, adminToken }) {
    this.extraArgs = args;
    this.host = host;
    this.ownsDataDir = dataDir === undefined;
    this.dataDir = dataDir ?? temporaryDirectory();
    this.wrap = wrap;
    this.address = address ?? '127.0.0.1';
    this.env = env;
    this.adminToken = adminToken;
    if (adminToken) this.env = { ...env, ROGERTHAT_ADMIN_TOKEN: adminToken };
    this.scheme = tls ? 'https' : 'http';
    this.output = '';
  }

  get url() {
    return `${this.scheme}://${this.address}:${this.port}`;
  }

  async start({ timeout = 20_000, port = 0 } = {}) {
    const command = [...this.wrap, binary, 'serve', '--port', String(port), '--host', this.host,
      '--data-dir', this.dataDir, ...this.extraArgs];
    this.child = spawn(command[0], command.slice(1), { env: { ...cleanEnvironment(), ...this.env } });
    running.add(this.child);
    this.exited = once(this.child, 'close').then(([code, signal]) => {
      running.delete(this.child);
      return { code, signal };
    });
    this.output = '';
    this.errors = '';
    this.child.stderr.on('data', (chunk) => (this.errors += chunk));
    this.port = await this.#portFromOutput(timeout);
    await this.#untilReady(timeout);
    if (!hasContract()) setContract((await this.get('/openapi.json')).json);
    return this;
  }

  #portFromOutput(timeout) {
    return new Promise((resolve, reject) => {
      const fail = (why) => reject(new Error(`${why}\nstdout: ${this.output}\nstderr: ${this.errors}`));
      const timer = setTimeout(() => fail('the hub printed no address'), timeout);
      this.child.stdout.on('data', (chunk) => {
        this.output += chunk;
        const found = /https?:\/\/[^\s/]+:(\d+)/.exec(this.output);
        if (!found) return;
        clearTimeout(timer);
        resolve(Number(found[1]));
      });
      this.exited.then(({ code, signal }) => {
        clearTimeout(timer);
        fail(`the hub ended with ${code ?? signal} before it listened`);
      });
    });
  }

  async #untilReady(timeout) {
    const deadline = Date.now() + timeout;
    for (;;) {
      try {
        const answer = await request(this.url, { path: '/readyz', timeout: 5_000 });
        if (answer.status === 200) return;
      } catch (error) {
        if (Date.now() > deadline) throw error;
      }
      assert.ok(Date.now() < deadline, `the hub did not get ready: ${this.errors}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  signal(name) {
    this.child.kill(name);
  }

  // As a power cut would: nothing is flushed by the process itself.
  async crash() {
    this.child.kill('SIGKILL');
    await this.exited;
  }

  async restart(options) {
    await this.crash();
    await this.start(options);
  }

  async stop() {
    if (this.child && this.child.exitCode === null && this.child.signalCode === null) {
      this.child.kill('SIGKILL');
      await this.exited;
    }
    if (this.ownsDataDir) removeDirectory(this.dataDir);
  }

  request(options) {
    return request(this.url, options);
  }

  get(path, headers) {
    return this.request({ path, headers });
  }

  post(path, body, headers) {
    return this.request({ method: 'POST', path, body, headers });
  }

  // The sum of a metric over its labels.
  async metric(name) {
    const headers = this.adminToken ? { Authorization: `Bearer ${this.adminToken}` } : {};
    const { text } = await this.get('/metrics', headers);
    let sum = 0;
    let found = false;
    for (const line of text.split('\n')) {
      const match = /^(\w+)(?:\{[^}]*\})? (\S+)$/.exec(line);
      if (match?.[1] !== `rogerthat_${name}`) continue;
      sum += Number(match[2]);
      found = true;
    }
    assert.ok(found, `there is a metric rogerthat_${name}`);
    return sum;
  }

  // Waits for the event "so many are attached now", seen through the metrics.
  untilPolls(count) {
    return until(async () => (await this.metric('waiting_polls')) === count, `${count} waiting polls`);
  }

  untilStreams(count) {
    return until(async () => (await this.metric('open_streams')) === count, `${count} open streams`);
  }
}

export async function startHub(options = {}) {
  const hub = new Hub(options);
  try {
    return await hub.start();
  } catch (error) {
    await hub.stop();
    throw error;
  }
}

// Looks again and again until `condition` holds; for what the outside can only observe.
export async function until(condition, what, timeout = 10_000) {
  const deadline = Date.now() + timeout;
  while (!(await condition())) {
    assert.ok(Date.now() < deadline, `still waiting for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
