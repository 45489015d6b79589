// Runs what the hub prints for pasting in a real shell, in a directory of its own.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';

export function bash(script, options) {
  return startShell(script, options).ended;
}

// One that runs on: `child` to be signalled, `ended` with its code, signal and output.
export function startShell(script, { shell = 'bash', cwd, env = {}, timeout = 20_000, args = [] } = {}) {
  const child = spawn(shell, ['-c', script, shell, ...args], {
    cwd, env: { ...process.env, ...env }, detached: true, stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => (stdout += chunk));
  child.stderr.on('data', (chunk) => (stderr += chunk));
  const killAll = () => {
    try { process.kill(-child.pid, 'SIGKILL'); } catch { /* already gone */ }
  };
  const timer = setTimeout(killAll, timeout);
  process.on('exit', killAll);
  const ended = once(child, 'close').then(([code, signal]) => {
    clearTimeout(timer);
    process.off('exit', killAll);
    return { code, signal, stdout, stderr };
  });
  return { child, ended };
}

// The command lines of the running processes that hold `text`.
export function processesWith(text) {
  return fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name)).flatMap((pid) => {
    try {
      const line = fs.readFileSync(`/proc/${pid}/cmdline`, 'latin1');
      return line.includes(text) ? [line] : [];
    } catch {
      return [];  // gone meanwhile
    }
  });
}

// A snippet that runs on by design (a loop): `seen` tells when it has done its work.
export function bashUntil(script, { cwd, env = {}, timeout = 20_000, seen }) {
  const child = spawn('bash', ['-c', script], {
    cwd, env: { ...process.env, ...env }, detached: true, stdio: ['ignore', 'pipe', 'pipe'],
  });
  const killAll = () => {
    try { process.kill(-child.pid, 'SIGKILL'); } catch { /* already gone */ }
  };
  process.on('exit', killAll);
  let output = '';
  return new Promise((resolve, reject) => {
    const finish = (done, value) => {
      clearTimeout(timer);
      killAll();
      process.off('exit', killAll);
      done(value);
    };
    const timer = setTimeout(() => finish(reject, new Error(`not seen in time; output: ${output}`)), timeout);
    const look = (chunk) => {
      output += chunk;
      if (seen(output)) finish(resolve, output);
    };
    child.stdout.on('data', look);
    child.stderr.on('data', look);
    child.on('close', (code) => finish(reject, new Error(`ended with ${code}; output: ${output}`)));
  });
}
