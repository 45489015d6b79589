// A real mail server on loopback, with a certificate of an authority that is made for it. Lives
// here: starting it, and the mails that it has got.

import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { removeDirectory, temporaryDirectory, until } from './hub.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const python = '/usr/bin/python3';  // Debian's, which finds Debian's aiosmtpd
const running = new Set();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

export function canServeMail() {
  try {
    execFileSync(python, ['-c', 'import aiosmtpd'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

function openssl(directory, ...args) {
  execFileSync('openssl', args, { cwd: directory, stdio: 'ignore' });
}

// ca.pem, and cert.pem with key.pem for `name` signed by it.
export function makeAuthority(name = 'localhost') {
  const directory = temporaryDirectory('ca');
  fs.writeFileSync(path.join(directory, 'names'), `subjectAltName=DNS:${name}\n`);
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl(directory, 'req', '-x509', ...newKey, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=Test CA', '-days', '1');
  openssl(directory, 'req', ...newKey, '-keyout', 'key.pem', '-out', 'request.pem', '-subj', `/CN=${name}`);
  openssl(directory, 'x509', '-req', '-in', 'request.pem', '-CA', 'ca.pem', '-CAkey', 'ca.key',
    '-CAcreateserial', '-out', 'cert.pem', '-days', '1', '-extfile', 'names');
  return { directory, ca: path.join(directory, 'ca.pem'), cert: path.join(directory, 'cert.pem'), key: path.join(directory, 'key.pem') };
}

export class MailServer {
  static async start({ security = 'starttls', authority, user, password, args = [] }) {
    const server = new MailServer();
    server.directory = temporaryDirectory('mail');
    server.security = security;
    server.authority = authority;
    Object.assign(server, { user, password, seen: new Set() });
    const all = ['--security', security, '--maildir', path.join(server.directory, 'box'), ...args];
    if (security !== 'none') all.push('--cert', authority.cert, '--key', authority.key);
    if (user) all.push('--user', user, '--password', password);
    server.child = spawn(python, [path.join(here, 'mail_server.py'), ...all], { stdio: ['pipe', 'pipe', 'pipe'] });
    running.add(server.child);
    let output = '';
    server.errors = '';
    server.child.stdout.on('data', (chunk) => (output += chunk));
    server.child.stderr.on('data', (chunk) => (server.errors += chunk));
    await until(() => /^\d+\n/.test(output) || server.child.exitCode !== null, 'the mail server');
    server.port = Number(output);
    if (!server.port) throw new Error(`the mail server does not start: ${server.errors}`);
    return server;
  }

  // What a hub needs to send by this server.
  get hubOptions() {
    const args = ['--smtp', `localhost:${this.port}`, '--smtp-security', this.security, '--smtp-from', 'hub@hub.test'];
    if (this.authority) args.push('--smtp-ca', this.authority.ca);
    if (!this.user) return { args };
    return { args: [...args, '--smtp-user', this.user], env: { ROGERTHAT_SMTP_PASSWORD: this.password } };
  }

  // All mails so far, each as {to, headers, text}.
  mails() {
    const directory = path.join(this.directory, 'box', 'new');
    if (!fs.existsSync(directory)) return [];
    return fs.readdirSync(directory).map((name) => {
      const [head, ...rest] = fs.readFileSync(path.join(directory, name), 'utf8').replaceAll('\r\n', '\n').split('\n\n');
      const headers = Object.fromEntries(head.replaceAll(/\n\s+/g, ' ').split('\n')
        .map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 2)]));
      return { name, to: headers['x-envelope-to'], headers, text: rest.join('\n\n') };
    });
  }

  // The next mail to that address which has not been taken yet.
  async next(address) {
    let found;
    await until(() => (found = this.mails().find(({ name, to }) => to === address && !this.seen.has(name))), `a mail to ${address}`);
    this.seen.add(found.name);
    return found;
  }

  // ... and the code that it holds.
  async code(address) {
    return /^(\d{6}) /.exec((await this.next(address)).text)[1];
  }

  async stop() {
    this.child.kill('SIGKILL');
    running.delete(this.child);
    removeDirectory(this.directory);
  }
}
