// The MCP inspector on the command line: every run is a process that connects, asks one thing and
// ends.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const modules = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../node_modules');
// It needs a newer Node than systems bring.
const node = path.join(modules, '.bin/node');
const inspector = path.join(modules, '.bin/mcp-inspector');

const kAtOnce = 4;
let running = 0;
const queue = [];

async function turn() {
  while (running === kAtOnce) await new Promise((resolve) => queue.push(resolve));
  running += 1;
}

function done() {
  running -= 1;
  queue.shift()?.();
}

// Gives {code, stdout, stderr, json}.
export async function inspect(url, args, { home, era, headers = {} }) {
  await turn();
  try {
    const all = [inspector, '--cli', url, '--transport', 'http', '--protocol-era', era,
      '--format', 'json', '-q', ...args];
    for (const [name, value] of Object.entries(headers)) all.push('--header', `${name}: ${value}`);
    const child = spawn(node, all, {
      stdio: ['ignore', 'pipe', 'pipe'],
      // Most of a run is compiling the same program.
      env: { ...process.env, HOME: home, NO_COLOR: '1', NODE_COMPILE_CACHE: `${home}/compiled` },
    });
    const timer = setTimeout(() => child.kill('SIGKILL'), 60_000);
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (chunk) => (stdout += chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk) => (stderr += chunk));
    const [code] = await once(child, 'close');
    clearTimeout(timer);
    return { code, stdout, stderr, get json() { return JSON.parse(stdout); } };
  } finally {
    done();
  }
}
