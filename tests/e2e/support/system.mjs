// What only root can arrange: a network namespace with links that can be cut without a word, and a
// small file system that can be filled or turned read-only. Every helper says whether it works here.

import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { removeDirectory, temporaryDirectory } from './hub.mjs';

function run(command, ...args) {
  return execFileSync(command, args, { stdio: ['ignore', 'pipe', 'pipe'] }).toString();
}

function quietly(command, ...args) {
  try { run(command, ...args); } catch { /* was not there */ }
}

export function canMakeNamespaces() {
  if (process.getuid() !== 0) return false;
  const name = `rt-probe-${process.pid}`;
  try {
    run('ip', 'netns', 'add', name);
    run('ip', '-n', name, 'link', 'set', 'lo', 'up');
    return true;
  } catch {
    return false;
  } finally {
    quietly('ip', 'netns', 'del', name);
  }
}

// A namespace for the hub, with two links to it: `first` can be cut, `second` stays.
export class Network {
  constructor() {
    const tag = (process.pid % 10_000).toString(36) + (Network.count++).toString(36);
    this.name = `rt-e2e-${tag}`;
    this.removeOnExit = () => this.remove();
    process.on('exit', this.removeOnExit);
    run('ip', 'netns', 'add', this.name);
    run('ip', '-n', this.name, 'link', 'set', 'lo', 'up');
    const subnet = 1 + (process.pid + Network.count) % 250;
    this.first = this.#link(`rta${tag}`, `10.201.${subnet}`);
    this.second = this.#link(`rtb${tag}`, `10.202.${subnet}`);
  }

  #link(name, prefix) {
    run('ip', 'link', 'add', name, 'type', 'veth', 'peer', 'name', `${name}p`, 'netns', this.name);
    run('ip', 'addr', 'add', `${prefix}.1/30`, 'dev', name);
    run('ip', 'link', 'set', name, 'up');
    run('ip', '-n', this.name, 'addr', 'add', `${prefix}.2/30`, 'dev', `${name}p`);
    run('ip', '-n', this.name, 'link', 'set', `${name}p`, 'up');
    return { name, client: `${prefix}.1`, hub: `${prefix}.2` };
  }

  get wrap() {
    return ['ip', 'netns', 'exec', this.name];
  }

  // From now on the hub's packets to the client go to a hardware address that nobody has. Neither
  // side is told: no reset, no carrier loss.
  cut({ name, client }) {
    run('ip', '-n', this.name, 'neigh', 'replace', client, 'lladdr', '02:00:00:00:00:fe',
      'dev', `${name}p`, 'nud', 'permanent');
  }

  // The same with the client's packets to the hub: what the hub writes arrives, and it never hears so.
  deafen({ name, hub }) {
    run('ip', 'neigh', 'replace', hub, 'lladdr', '02:00:00:00:00:fe', 'dev', name, 'nud', 'permanent');
  }

  hear({ name, hub }) {
    run('ip', 'neigh', 'del', hub, 'dev', name);
  }

  remove() {
    process.off('exit', this.removeOnExit);
    quietly('ip', 'link', 'del', this.first?.name ?? '-');
    quietly('ip', 'link', 'del', this.second?.name ?? '-');
    quietly('ip', 'netns', 'del', this.name);
  }
}
Network.count = 0;

// Where a name server would be that nobody runs.
export const kNameServer = '127.77.77.77';

// In front of a command: it finds names in `file` as its /etc/hosts, asks kNameServer for others, and
// nobody else does. `servers`: how many such name servers it believes to have, each of which it gives
// its time.
export function ownNames(file, servers = 1) {
  const resolv = `${file}.resolv`;
  fs.writeFileSync(resolv, `nameserver ${kNameServer}\n`.repeat(servers));
  const script = 'mount --bind "$0" /etc/hosts && mount --bind "$1" /etc/resolv.conf && shift && exec "$@"';
  return ['unshare', '--mount', 'sh', '-c', script, file, resolv];
}

export function canHaveOwnNames() {
  if (process.getuid() !== 0) return false;
  const directory = temporaryDirectory('hosts');
  const file = path.join(directory, 'hosts');
  try {
    fs.writeFileSync(file, '127.0.0.9 probe.example\n');
    const [command, ...args] = [...ownNames(file), 'getent', 'ahosts', 'probe.example'];
    return run(command, ...args).includes('127.0.0.9');
  } catch {
    return false;
  } finally {
    removeDirectory(directory);
  }
}

export function canMount() {
  if (process.getuid() !== 0) return false;
  try {
    new SmallDisk(1 << 20).remove();
    return true;
  } catch {
    return false;
  }
}

export class SmallDisk {
  constructor(bytes) {
    this.path = temporaryDirectory('disk');
    this.removeOnExit = () => this.remove();
    process.on('exit', this.removeOnExit);
    run('mount', '-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', this.path);
  }

  get ballast() {
    return path.join(this.path, 'ballast');
  }

  fill() {
    const file = fs.openSync(this.ballast, 'a');
    try {
      for (let size = 1 << 16; size >= 1; size >>= 1) {
        try {
          const block = Buffer.alloc(size);
          while (fs.writeSync(file, block) === size);
        } catch (error) {
          if (error.code !== 'ENOSPC') throw error;
        }
      }
    } finally {
      fs.closeSync(file);
    }
  }

  free() {
    fs.rmSync(this.ballast, { force: true });
  }

  remove() {
    process.off('exit', this.removeOnExit);
    quietly('umount', '-l', this.path);
    removeDirectory(this.path);
  }
}

// Makes the files of a directory refuse every write, also through descriptors that are open.
export class ReadOnlyFiles {
  constructor(directory) {
    this.directory = directory;
    this.removeOnExit = () => this.release();
    process.on('exit', this.removeOnExit);
  }

  freeze() {
    run('chattr', '-R', '+i', this.directory);
  }

  release() {
    quietly('chattr', '-R', '-i', this.directory);
  }

  remove() {
    process.off('exit', this.removeOnExit);
    this.release();
  }
}

export function canFreezeFiles() {
  if (process.getuid() !== 0) return false;
  const directory = temporaryDirectory('frozen');
  const file = fs.openSync(path.join(directory, 'probe'), 'w');
  try {
    run('chattr', '+i', path.join(directory, 'probe'));
    fs.writeSync(file, 'x');
    return false;
  } catch (error) {
    return error.code === 'EPERM';
  } finally {
    quietly('chattr', '-R', '-i', directory);
    fs.closeSync(file);
    removeDirectory(directory);
  }
}
