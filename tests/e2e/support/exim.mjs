// Exim on loopback, as Debian ships it: a mail server in wide use, with a TLS library that is not ours.
// Lives here: starting it from a directory of its own, and the mails that it has delivered. It has to
// be started by root; the machine's own mail is left alone.

import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { removeDirectory, temporaryDirectory, until } from './hub.mjs';

const exim = '/usr/sbin/exim4';
const running = new Set();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

export const canRunExim = () => process.getuid() === 0 && fs.existsSync(exim);

// Exim cannot be asked for any port: one that was free a moment ago.
async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const configuration = ({ directory, starttls, tls, user, password }) => `
spool_directory = ${directory}/spool
log_file_path = ${directory}/spool/%s.log
pid_file_path = ${directory}/pid
primary_hostname = mail.test
keep_environment =
local_interfaces = 127.0.0.1
daemon_smtp_ports = ${starttls} : ${tls}
tls_on_connect_ports = ${tls}
tls_advertise_hosts = *
tls_certificate = ${directory}/cert.pem
tls_privatekey = ${directory}/key.pem
auth_advertise_hosts = \${if eq{$tls_in_cipher}{}{}{*}}
host_lookup =
rfc1413_hosts =
acl_smtp_rcpt = with_login
acl_smtp_data = anything
deliver_drop_privilege = true
begin acl
with_login:
  deny !authenticated = *
  accept
anything:
  accept
begin routers
all:
  driver = accept
  transport = box
begin transports
box:
  driver = appendfile
  directory = ${directory}/box
  maildir_format
  user = Debian-exim
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = \${if and{{eq{$auth2}{${user}}}{eq{$auth3}{${password}}}}}
  server_set_id = $auth2
`;

export class Exim {
  static async start({ authority, user, password }) {
    const server = new Exim();
    const directory = temporaryDirectory('exim');
    Object.assign(server, { directory, authority, user, password, starttls: await freePort(), tls: await freePort() });
    for (const name of ['spool', 'box']) fs.mkdirSync(path.join(directory, name));
    for (const name of ['cert', 'key']) fs.copyFileSync(authority[name], path.join(directory, `${name}.pem`));
    fs.writeFileSync(path.join(directory, 'configuration'), configuration(server));
    execFileSync('chown', ['-R', 'Debian-exim:Debian-exim', directory]);
    execFileSync('chown', ['root:root', path.join(directory, 'configuration')]);
    server.child = spawn(exim, ['-C', path.join(directory, 'configuration'), '-bdf', '-q1h']);
    running.add(server.child);
    server.errors = '';
    server.child.stderr.on('data', (chunk) => (server.errors += chunk));
    await until(() => server.log().includes('listening for SMTP') || server.child.exitCode !== null, 'Exim');
    if (server.child.exitCode !== null) throw new Error(`Exim does not start: ${server.errors}`);
    return server;
  }

  hubOptions(security) {
    return {
      args: ['--smtp', `localhost:${this[security]}`, '--smtp-security', security, '--smtp-from', 'hub@hub.test',
        '--smtp-user', this.user, '--smtp-ca', this.authority.ca],
      env: { ROGERTHAT_SMTP_PASSWORD: this.password },
    };
  }

  log() {
    const file = path.join(this.directory, 'spool', 'main.log');
    return fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '';
  }

  async next(address) {
    const box = path.join(this.directory, 'box', 'new');
    let found;
    await until(() => {
      const mails = fs.existsSync(box) ? fs.readdirSync(box).map((name) => fs.readFileSync(path.join(box, name), 'utf8')) : [];
      return (found = mails.find((mail) => mail.includes(`\nTo: ${address}\n`)));
    }, `a mail to ${address}: ${this.log()}`);
    return found;
  }

  async stop() {
    this.child.kill('SIGTERM');
    await new Promise((resolve) => (this.child.exitCode === null && this.child.signalCode === null ? this.child.once('close', resolve) : resolve()));
    running.delete(this.child);
    removeDirectory(this.directory);
  }
}
