// The address of an account: codes by mail through a real server, and what nobody must learn.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test, { after } from 'node:test';
import { Account } from './support/account.mjs';
import { canRunExim, Exim } from './support/exim.mjs';
import { assertError, assertInvalid, ok } from './support/http.mjs';
import { runBinary, startHub, temporaryDirectory, until } from './support/hub.mjs';
import { canServeMail, MailServer, makeAuthority } from './support/mail_server.mjs';

const skip = canServeMail() ? false : 'python3-aiosmtpd is not installed';
const authority = skip ? null : makeAuthority();
const login = { user: 'hub', password: 'a pass phrase & more' };
const mail = skip ? null : await MailServer.start({ security: 'starttls', authority, ...login });
const hub = skip ? null : await startHub(withArgs(mail.hubOptions, '--origin', 'https://hub.test', '--log-level', 'debug', '--shards', '2'));
after(async () => {
  await hub?.stop();
  await mail?.stop();
});

function withArgs(options, ...more) {
  return { ...options, args: [...options.args, ...more] };
}

let addresses = 0;
const fresh = () => `someone-${++addresses}@example.test`;
const wrong = (code) => String((Number(code) + 1) % 1_000_000).padStart(6, '0');
const recover = (email, on = hub, headers = undefined) => on.post('/api/account/recover/email', { email }, headers);
const confirm = (email, code, more = {}, headers = undefined) =>
  hub.post('/api/account/recover/email/confirm', { email, code, ...more }, headers);

// An account with a verified address.
async function withEmail(email = fresh()) {
  const account = await Account.create(hub);
  ok(await account.post('/email', { email }));
  assert.deepEqual(ok(await account.post('/email/verify', { code: await mail.code(email) })), { ok: true });
  return Object.assign(account, { email });
}

test('an address is attached by the code that was sent to it', { skip }, async () => {
  const account = await Account.create(hub);
  const email = fresh();
  assert.equal(ok(await account.post('/email', { email: `  ${email.toUpperCase()} ` })).ok, true);
  const pending = ok(await account.get());
  assert.deepEqual([pending.email, pending.email_verified], [email, false]);
  const { headers, text } = await mail.next(email);
  assert.equal(headers['x-secure'], 'True');
  assert.equal(headers['x-login'], 'True');
  assert.equal(headers['x-envelope-from'], 'hub@hub.test');
  assert.equal(headers.from, 'hub@hub.test');
  assert.equal(headers.to, email);
  assert.match(headers['message-id'], /^<[^@<>\s]+@hub\.test>$/);
  assert.ok(Math.abs(Date.parse(headers.date) - Date.now()) < 60_000, headers.date);
  assert.ok(!/\d{6}/.test(headers.subject), 'a locked screen shows the subject');
  assert.match(text, /^\d{6} is the code .* https:\/\/hub\.test\./);
  const code = text.slice(0, 6);
  assertError(await account.post('/email/verify', { code: wrong(code) }), 401, 'unauthorized');
  assert.deepEqual(ok(await account.post('/email/verify', { code: ` ${code} ` })), { ok: true });
  const verified = ok(await account.get());
  assert.deepEqual([verified.email, verified.email_verified], [email, true]);
  assertError(await account.post('/email/verify', { code }), 401, 'unauthorized', /code/);
  assert.deepEqual(ok(await account.delete('/email')), { ok: true });
  assert.equal('email' in ok(await account.get()), false);
});

test('a verified address gives the account back, once, and with a fresh recovery_token', { skip }, async () => {
  const account = await withEmail();
  await account.identity();
  ok(await recover(account.email));
  const code = await mail.code(account.email);
  const back = ok(await confirm(account.email.toUpperCase(), code));
  assert.equal(back.account_id, account.id);
  assert.match(back.session_token, /^rtses_/);
  assert.match(back.recovery_token, /^rtacc_/);
  assertError(await confirm(account.email, code), 401, 'unauthorized');
  assertError(await hub.post('/api/account/recover', { recovery_token: account.recovery }), 401, 'unauthorized');
  ok(await hub.post('/api/account/recover', { recovery_token: back.recovery_token }));
  assert.equal((await account.get()).status, 200, 'other sessions go on');

  ok(await recover(account.email));
  const again = ok(await confirm(account.email, await mail.code(account.email), { revoke: true }));
  assertError(await account.get(), 401, 'unauthorized');
  account.token = again.session_token;
  assert.equal(ok(await account.get()).identities.length, 1);
});

test('a code sent as a number may have lost its zeros', { skip }, async () => {
  for (let tries = 0; tries < 3; ++tries) {
    const account = await Account.create(hub);
    const email = fresh();
    ok(await account.post('/email', { email }));
    ok(await account.post('/email/verify', { code: Number(await mail.code(email)) }));
  }
});

test('five wrong codes end a code, also the right one', { skip }, async () => {
  const account = await withEmail();
  ok(await recover(account.email));
  const code = await mail.code(account.email);
  for (let i = 0; i < 5; ++i) assertError(await confirm(account.email, wrong(code)), 401, 'unauthorized');
  assertError(await confirm(account.email, code), 401, 'unauthorized');
  ok(await recover(account.email));
  const fourth = await mail.code(account.email);
  for (let i = 0; i < 4; ++i) assertError(await confirm(account.email, wrong(fourth)), 401, 'unauthorized');
  ok(await confirm(account.email, fourth));
});

test('a newer code ends the older one, and codes survive a crash', { skip }, async () => {
  const account = await Account.create(hub);
  const email = fresh();
  ok(await account.post('/email', { email }));
  const older = await mail.code(email);
  ok(await account.post('/email', { email }));
  const newer = await mail.code(email);
  const { port } = hub;
  await hub.crash();
  await hub.start({ port });
  if (older !== newer) assertError(await account.post('/email/verify', { code: older }), 401, 'unauthorized');
  ok(await account.post('/email/verify', { code: newer }));
});

test('who reads the mailbox decides whose the address is', { skip }, async () => {
  const first = await withEmail();
  const second = await withEmail(first.email);
  assert.equal('email' in ok(await first.get()), false);
  ok(await recover(first.email));
  assert.equal(ok(await confirm(first.email, await mail.code(first.email))).account_id, second.id);
});

test('a code for one purpose or account is none for another', { skip }, async () => {
  const [one, two] = [await withEmail(), await withEmail()];
  ok(await recover(one.email));
  const code = await mail.code(one.email);
  assertError(await one.post('/email/verify', { code }), 401, 'unauthorized');
  ok(await recover(two.email));
  await mail.code(two.email);
  assertError(await confirm(two.email, code), 401, 'unauthorized');
  ok(await confirm(one.email, code));
});

// Everything of an answer but what differs by its nature.
function seen({ status, headers, text }) {
  const { date, ...rest } = headers;
  return { status, text, headers: rest };
}

test('no answer tells whether an address is known', { skip }, async () => {
  const account = await withEmail();
  const unknown = fresh();
  assert.deepEqual(seen(await recover(unknown)), seen(await recover(account.email)));
  await mail.next(account.email);
  assert.deepEqual(seen(await confirm(unknown, '123456')), seen(await confirm(account.email, '123456')));
  assert.deepEqual(mail.mails().filter(({ to }) => to === unknown), [], 'and it gets no mail');
});

test('nor does it, how often one may ask', { skip }, async () => {
  const account = await withEmail();  // has got a mail already
  const attaching = fresh();
  await (await Account.create(hub)).post('/email', { email: attaching });
  for (let i = 0; i < 12; ++i) {
    const answers = await Promise.all([account.email, attaching, fresh()].map(async (email) => seen(await recover(email))));
    assert.equal(answers[0].status, 200, answers[0].text);
    for (const answer of answers) assert.deepEqual(answer, answers[0]);
  }
  const from = await Promise.all([account.email, fresh()].map(async (email) =>
    seen(await (await Account.create(hub)).post('/email', { email }))));
  assert.equal(from[0].status, 200);
  assert.deepEqual(from[1], from[0]);
});

test('a refusal takes no longer where there is an account', { skip }, async () => {
  const account = await withEmail();
  ok(await recover(account.email));
  await mail.next(account.email);
  const unknown = fresh();
  const times = { known: [], unknown: [] };
  const time = async (what, email) => {
    const begin = process.hrtime.bigint();
    assertError(await confirm(email, '000000'), 401, 'unauthorized');
    times[what].push(Number(process.hrtime.bigint() - begin) / 1e6);
  };
  for (let i = 0; i < 60; ++i) {
    await time('known', account.email);
    await time('unknown', unknown);
  }
  const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];
  const [known, other] = [median(times.known), median(times.unknown)];
  assert.ok(Math.abs(known - other) < 1 + 0.5 * Math.min(known, other), `${known} ms and ${other} ms`);
});

test('one address gets three mails an hour, whoever asks', { skip }, async () => {
  const email = fresh();
  for (let i = 0; i < 3; ++i) {
    ok(await (await Account.create(hub)).post('/email', { email }));
    await mail.next(email);
  }
  assert.match(ok(await (await Account.create(hub)).post('/email', { email })).notice, /3 an hour/);
  assert.match(ok(await recover(email)).notice, /3 an hour/);
  await later();
  assert.equal(mail.mails().filter(({ to }) => to === email).length, 3);
});

// Mails go out in the order in which they were asked for: this one is the last.
async function later() {
  const email = fresh();
  await (await Account.create(hub)).post('/email', { email });
  await mail.next(email);
}

test('a request that sends no mail leaves the code of the last one good', { skip }, async () => {
  const account = await withEmail();
  ok(await recover(account.email));
  await mail.code(account.email);
  ok(await recover(account.email));
  const code = await mail.code(account.email);
  for (let i = 0; i < 3; ++i) ok(await recover(account.email));
  await later();
  assert.equal(mail.mails().filter(({ to }) => to === account.email).length, 3);
  assert.equal(ok(await confirm(account.email, code)).account_id, account.id);
});

test('one account asks for three mails an hour, to whomever', { skip }, async () => {
  const account = await Account.create(hub);
  for (let i = 0; i < 3; ++i) ok(await account.post('/email', { email: fresh() }));
  assertError(await account.post('/email', { email: fresh() }), 429, 'rate_limited', /account/);
});

test('bad input is named, and no try is lost by it', { skip }, async () => {
  const account = await Account.create(hub);
  for (const email of ['', 'x', 'x@y', 'a b@example.test', 'a@example.test\r\nBcc: b@example.test', '<a@example.test>', `${'x'.repeat(250)}@a.bc`]) {
    assertInvalid(await account.post('/email', { email }), 'email');
    assertInvalid(await recover(email), 'email');
  }
  assertInvalid(await account.post('/email', {}), 'email');
  assertInvalid(await account.post('/email', { email: 1 }), 'email');
  const email = fresh();
  ok(await account.post('/email', { email }));
  for (const code of ['', '12345', '1234567', 'abcdef', true]) {
    assertInvalid(await account.post('/email/verify', { code }), 'code');
    assertInvalid(await confirm(email, code), 'code');
  }
  for (let i = 0; i < 4; ++i) await account.post('/email/verify', { code: 'abc' });
  ok(await account.post('/email/verify', { code: await mail.code(email) }));
  for (const [method, path] of [['POST', '/email'], ['POST', '/email/verify'], ['DELETE', '/email']]) {
    assertError(await hub.request({ method, path: `/api/account${path}`, body: {} }), 401, 'unauthorized');
  }
});

test('neither disk nor log holds a code or a password, and the log no address', { skip }, async () => {
  const account = await withEmail();
  ok(await recover(account.email));
  const code = await mail.code(account.email);
  ok(await account.post('/email', { email: 'refused@example.test' }));
  await until(() => hub.errors.includes('mail not sent'), 'the log');
  assert.match(hub.errors, /mail not sent.*550 5\.1\.1/);
  const log = hub.output + hub.errors;
  for (const secret of [code, account.email, 'refused@', login.password, Buffer.from(`\0${login.user}\0${login.password}`).toString('base64')]) {
    assert.ok(!log.includes(secret), `the log shows ${secret}`);
  }
  for (const name of fs.readdirSync(hub.dataDir, { recursive: true })) {
    const file = path.join(hub.dataDir, name);
    if (!fs.statSync(file).isFile()) continue;
    assert.ok(!fs.readFileSync(file).includes(login.password), name);
  }
});

test('a mail server that stalls holds up neither answers nor the end', { skip }, async () => {
  const own = await startHub(mail.hubOptions);
  try {
    const account = await Account.create(own);
    ok(await account.post('/email', { email: 'stalled@example.test' }));
    const begin = Date.now();
    ok(await (await Account.create(own)).post('/email', { email: fresh() }));
    ok(await own.post('/api/channels', { owner_password: 'hashed on a worker' }));
    assert.ok(Date.now() - begin < 5_000);
    own.signal('SIGTERM');
    assert.equal((await own.exited).code, 0);
    assert.ok(Date.now() - begin < 10_000, 'it gives up what is on its way');
  } finally {
    await own.stop();
  }
});

for (const [what, options] of [
  ['TLS from the first byte', { security: 'tls', ...login }],
  ['a login in two steps', { security: 'starttls', ...login, args: ['--only-login'] }],
  ['a relay on this machine', { security: 'none' }],
]) {
  test(`sending by ${what}`, { skip }, async () => {
    const server = await MailServer.start({ authority, ...options });
    const own = await startHub(server.hubOptions);
    try {
      const account = await Account.create(own);
      ok(await account.post('/email', { email: 'someone@example.test' }));
      const { headers, text } = await server.next('someone@example.test');
      assert.equal(headers['x-secure'], options.security === 'none' ? 'False' : 'True');
      assert.match(text, /a RogerThat hub\./, 'no origin is set, and none is taken from a request');
      ok(await account.post('/email/verify', { code: text.slice(0, 6) }));
    } finally {
      await own.stop();
      await server.stop();
    }
  });
}

test('Exim takes the mails, by STARTTLS and by TLS, with a login', { skip: canRunExim() ? skip : 'there is no Exim that we may start' }, async () => {
  const server = await Exim.start({ authority, ...login });
  try {
    for (const security of ['starttls', 'tls']) {
      const own = await startHub(server.hubOptions(security));
      try {
        const account = await Account.create(own);
        const email = `${security}@example.test`;
        ok(await account.post('/email', { email }));
        const text = await server.next(email);
        assert.match(text, /with esmtpsa/, 'under TLS and after a login');
        ok(await account.post('/email/verify', { code: /\n(\d{6}) is the code/.exec(text)[1] }));
      } finally {
        await own.stop();
      }
    }
  } finally {
    await server.stop();
  }
});

for (const [what, change, says] of [
  ['a certificate of another authority', (options) => ({ ...options, args: options.args.map((arg) => (arg === authority.ca ? makeAuthority().ca : arg)) }), /certificate/],
  ['a certificate for another name', (options) => ({ ...options, args: options.args.map((arg) => arg.replace('localhost:', '127.0.0.1:')) }), /certificate/],
  ['a wrong password', (options) => ({ ...options, env: { ROGERTHAT_SMTP_PASSWORD: 'wrong' } }), /the login was answered with 535/],
  ['a server that does not speak TLS where it must', (options) => ({ ...options, args: options.args.map((arg) => (arg === 'starttls' ? 'tls' : arg)) }), /TLS/],
]) {
  test(`nothing is sent with ${what}, and the log says why`, { skip }, async () => {
    const before = mail.mails().length;
    const own = await startHub(change(mail.hubOptions));
    try {
      ok(await (await Account.create(own)).post('/email', { email: fresh() }));
      await until(() => own.errors.includes('mail not sent'), 'the log');
      assert.match(own.errors, says);
      assert.equal(mail.mails().length, before);
    } finally {
      await own.stop();
    }
  });
}

test('without a mail server the routes say so, to everybody alike', async () => {
  const bare = await startHub();
  try {
    const account = await Account.create(bare);
    assertError(await account.post('/email', { email: 'a@example.test' }), 503, 'unavailable', /--smtp/);
    assertError(await recover('a@example.test', bare), 503, 'unavailable');
    assertError(await account.post('/email/verify', { code: '123456' }), 401, 'unauthorized');
    assert.deepEqual(ok(await account.delete('/email')), { ok: true });
  } finally {
    await bare.stop();
  }
});

test('the password of the mail server is no flag', async () => {
  const config = path.join(temporaryDirectory('config'), 'hub.toml');
  fs.writeFileSync(config, 'smtp = "mail.example"\nsmtp-from = "a@example.org"\nsmtp-user = "u"\nsmtp-password = "from the file"\n');
  const refused = await runBinary(['serve', '--smtp-password', 'x']);
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /ROGERTHAT_SMTP_PASSWORD/);
  const printed = await runBinary(['serve', '--config', config, '--print-config']);
  assert.equal(printed.code, 0, printed.stderr);
  assert.match(printed.stdout, /smtp-password is set \(file\)/);
  assert.ok(!printed.stdout.includes('from the file'));
  for (const [args, says] of [[['--smtp', 'mail.example'], /--smtp-from/],
    [['--smtp', 'mail.example', '--smtp-from', 'nobody'], /smtp-from must be a mail address/],
    [['--smtp', 'a:b:c', '--smtp-from', 'a@b.c'], /smtp must be a host/],
    [['--smtp', 'mail.example', '--smtp-from', 'a@b.c', '--smtp-user', 'u'], /belong together/]]) {
    const { code, stderr } = await runBinary(['serve', ...args]);
    assert.equal(code, 2);
    assert.match(stderr, says);
  }
});
