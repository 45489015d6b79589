// Remote control: what the answer holds is all that a phone and an agent need to talk to each other.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import test, { after } from 'node:test';
import { Channel, Member } from './support/channel.mjs';
import { assertError, assertInvalid, ok } from './support/http.mjs';
import { removeDirectory, startHub, temporaryDirectory, until } from './support/hub.mjs';
import { bash, bashUntil, processesWith } from './support/shell.mjs';

const adminToken = 'the-admin-token-of-remote-control';
const hub = await startHub({ args: ['--shards', '2'], adminToken });
const home = temporaryDirectory('home');
after(async () => { await hub.stop(); removeDirectory(home); });
const shell = { cwd: home, env: { HOME: home } };

async function open(body = {}, on = hub) {
  return ok(await on.post('/api/remote-control', body));
}

// What the phone's page reads off the link.
function readLink(url) {
  const { origin, pathname, hash, search } = new URL(url);
  assert.equal(search, '', 'nothing that a server would be sent');
  const { t, k, cs, p, n } = Object.fromEntries(new URLSearchParams(hash.slice(1)));
  return { origin, channel_id: /^\/remote\/([a-z0-9-]+)$/.exec(pathname)[1], join_token: t, identity_key: k,
    callsign: cs, owner_password: p, name: n };
}

async function joinAs(on, link, body) {
  const channel = new Channel(on, link);
  return new Member(channel, ok(await channel.tryJoin(body)));
}
const phoneOf = (made, on = hub) => {
  const link = readLink(made.mobile_url);
  return joinAs(on, link, { identity_key: link.identity_key, owner_password: link.owner_password });
};
const agentOf = (made, on = hub) => joinAs(on, { channel_id: made.channel_id, join_token: made.channel_token },
  { identity_key: made.agent.identity_key, owner_password: made.owner_password });

function decode(picture) {
  const file = path.join(home, 'code.png');
  fs.writeFileSync(file, picture);
  const text = execFileSync('zbarimg', ['--quiet', '--raw', '-Sdisable', '-Sqrcode.enable', file],
    { stdio: ['ignore', 'pipe', 'ignore'] }).toString();
  fs.rmSync(file);
  return text.replace(/\n$/, '');
}

// A picture of what a terminal shows: two rows of modules a line, as a portable grey map.
function photograph(lines, scale = 8) {
  const rows = lines.flatMap((line) => ['▀', '▄'].map((half) =>
    [...line].map((block) => block === '█' || block === half ? 0 : 255)));
  const pixels = rows.flatMap((row) => Array(scale).fill(row.flatMap((value) => Array(scale).fill(value))).flat());
  return Buffer.concat([Buffer.from(`P5 ${rows[0].length * scale} ${rows.length * scale} 255\n`), Buffer.from(pixels)]);
}

test('the answer is complete, and its link holds what the phone needs', async () => {
  const made = await open();
  const link = readLink(made.mobile_url);
  assert.deepEqual(link, { origin: hub.url, channel_id: made.channel_id, join_token: made.channel_token,
    identity_key: made.phone.identity_key, callsign: made.phone.callsign, owner_password: made.owner_password,
    name: made.agent.callsign });
  assert.match(made.phone.callsign, /^human-authorized/);
  assert.match(made.agent.callsign, /^[a-z]+-[a-z]+/);
  assert.match(made.agent.identity_key, /^rtid_/);
  assert.match(made.recovery_token, /^rtacc_/);
  assert.equal(made.session_ttl_seconds, 86400);
  assert.match(made.notice, /disk/);
  const info = ok(await hub.get(`/api/channels/${made.channel_id}`));
  assert.deepEqual([info.require_identity, info.trust_mode, info.retention, info.has_owner_password,
    info.session_ttl_seconds, info.agent_count], [true, 'trusted', 'metadata', true, 86400, 0]);
});

test('every phone has a callsign of its own', async () => {
  const callsigns = new Set();
  for (let i = 0; i < 12; ++i) {
    const { phone } = await open();
    assert.match(phone.callsign, /^human-authorized(-[0-9a-f]+)?$/);
    callsigns.add(phone.callsign);
  }
  assert.equal(callsigns.size, 12);
});

test('phone and agent converse, and both know whom they talk to', async () => {
  const made = await open();
  const agent = await agentOf(made);
  const phone = await phoneOf(made);
  assert.equal(phone.joined.human_authorized, true);
  assert.equal(phone.joined.trust_posture, 'trusted-authorized');
  assert.equal(agent.callsign, made.agent.callsign);
  assert.deepEqual(phone.joined.roster_with_index.map(({ callsign, verified }) => [callsign, verified]),
    [[made.agent.callsign, true], [made.phone.callsign, true]]);
  await phone.send('all', 'run the tests');
  const [{ text, from, verified, id }] = (await agent.listen()).messages;
  assert.deepEqual([text, from, verified], ['run the tests', made.phone.callsign, true]);
  await agent.send(from, 'they pass', { reply_to: id });
  assert.deepEqual(await phone.pending(), ['they pass']);
});

test('a restart in between loses nothing', async () => {
  const mortal = await startHub({ args: ['--shards', '2'] });
  try {
    const made = await open({}, mortal);
    const agent = await agentOf(made, mortal);
    const phone = await phoneOf(made, mortal);
    await phone.send(agent.callsign, 'before');
    const { port } = mortal;
    await mortal.restart({ port });
    assert.deepEqual(await agent.pending(), ['before']);
    await agent.send(phone.callsign, 'after');
    assert.deepEqual(await phone.pending(), ['after']);
    const again = await phoneOf(made, mortal);
    assert.equal(again.callsign, made.phone.callsign);
    const { session_token } = ok(await mortal.post('/api/account/recover', { recovery_token: made.recovery_token }));
    const account = ok(await mortal.get('/api/account', { Authorization: `Bearer ${session_token}` }));
    assert.deepEqual([account.account_id, account.identities.map(({ callsign }) => callsign).sort()],
      [made.account_id, [made.agent.callsign, made.phone.callsign].sort()]);
  } finally {
    await mortal.stop();
  }
});

test('the account closes everything that was opened', async () => {
  const made = await open();
  const agent = await agentOf(made);
  const phone = await phoneOf(made);
  const { session_token } = ok(await hub.post('/api/account/recover', { recovery_token: made.recovery_token }));
  const headers = { Authorization: `Bearer ${session_token}` };
  const { channels } = ok(await hub.get('/api/account/channels', headers));
  assert.deepEqual(channels.map(({ id }) => id), [made.channel_id]);
  ok(await hub.request({ method: 'DELETE', path: `/api/account/identities/${made.phone.callsign}`, headers }));
  assert.ok([400, 410].includes((await phone.trySend({ message: 'still me' })).status));
  ok(await hub.request({ method: 'DELETE', path: `/api/account/channels/${made.channel_id}`, headers }));
  assertError(await agent.trySend({ message: 'anybody?' }), 404, 'not_found');
});

test('a link to be shared has no password, and opens nothing without it', async () => {
  const made = await open({ share: true });
  const link = readLink(made.mobile_url);
  assert.equal(link.owner_password, undefined);
  assert.ok(!made.mobile_url.includes(made.owner_password));
  assert.match(made.hint, /no password.*owner_password/);
  const channel = new Channel(hub, link);
  assertError(await channel.tryJoin({ identity_key: link.identity_key }), 403, 'unauthorized', /owner_password/);
  assertError(await channel.tryJoin({ identity_key: link.identity_key, owner_password: 'a guess' }),
    401, 'unauthorized');
  const phone = await joinAs(hub, link, { identity_key: link.identity_key, owner_password: made.owner_password });
  assert.equal(phone.joined.human_authorized, true);
  // The page comes back by its session; without it, it must prove itself again.
  const again = ok(await channel.tryJoin({ identity_key: link.identity_key }, { session: phone.session }));
  assert.deepEqual([again.session_id, again.human_authorized], [phone.session, true]);
  assertError(await channel.tryJoin({ identity_key: link.identity_key }), 403, 'unauthorized');
});

test('a phone\'s callsign is worn nowhere else', async () => {
  const made = await open();
  const plain = new Channel(hub, ok(await hub.post('/api/channels', {})));
  assertError(await plain.tryJoin({ identity_key: made.phone.identity_key }), 403, 'unauthorized');
  assertError(await plain.tryJoin({ identity_key: made.phone.identity_key, owner_password: made.owner_password }),
    403, 'unauthorized');
  assertError(await plain.tryJoin({ callsign: made.phone.callsign }), 400, 'invalid');
  const dm = { 'X-Identity-Key': made.phone.identity_key };
  assertError(await hub.post('/api/dm', { to: made.agent.callsign, text: 'do as I say' }, dm), 403, 'unauthorized');
  const other = await open();
  assertError(await new Channel(hub, { channel_id: other.channel_id, join_token: other.channel_token }).tryJoin(
    { identity_key: made.phone.identity_key, owner_password: made.owner_password }), 401, 'unauthorized');
});

test('a wrong body is refused by its field', async () => {
  assertInvalid(await hub.post('/api/remote-control', { share: 'yes' }), 'share');
  assertInvalid(await hub.post('/api/remote-control', '[1'));
});

test('the hub token is asked for, and the rate is limited', async () => {
  const strict = await startHub({ args: ['--rate-limit-loopback'], env: { ROGERTHAT_TOKEN: 'the-hub-token' } });
  try {
    assertError(await strict.post('/api/remote-control', {}), 401, 'unauthorized');
    const headers = { 'X-Hub-Token': 'the-hub-token' };
    for (let i = 0; i < 5; ++i) ok(await strict.post('/api/remote-control', {}, headers));
    assertError(await strict.post('/api/remote-control', {}, headers), 429, 'rate_limited');
  } finally {
    await strict.stop();
  }
});

test('the QR codes are the link, in all three renderings', async () => {
  for (const body of [{}, { share: true }]) {
    const made = await open(body);
    const picture = Buffer.from(/^data:image\/png;base64,(.*)$/.exec(made.qr_data_url)[1], 'base64');
    assert.deepEqual([picture.readUInt32BE(16), picture.readUInt32BE(20)], [512, 512]);
    assert.equal(decode(picture), made.mobile_url);
    const lines = made.qr_ascii_clean.replace(/\n$/, '').split('\n');
    assert.match(made.qr_ascii_clean, /^[ ▀▄█\n]+$/);
    assert.equal(decode(photograph(lines)), made.mobile_url);
    // eslint-disable-next-line no-control-regex
    assert.equal(made.qr_ascii.replace(/\x1b\[[0-9;]*m/g, ''), made.qr_ascii_clean);
  }
});

test('the commands run as they are pasted, and no secret of them is seen by others', async () => {
  const made = await open();
  const listening = bashUntil(made.listener_command, { ...shell, timeout: 60_000, seen: (output) => output.includes('the last') });
  const phone = await phoneOf(made);
  await until(async () => (await phone.roster()).roster.includes(made.agent.callsign), 'the agent');
  for (const secret of [made.channel_token, made.agent.identity_key, made.owner_password]) {
    // bash was given the whole text by this test; what it runs must not pass it on.
    assert.deepEqual(processesWith(secret).filter((line) => !line.startsWith('bash\0-c')), []);
  }

  const texts = (output) => output.trim().split('\n').map((line) => JSON.parse(line).text);
  await phone.send(made.agent.callsign, 'the first "one"');
  assert.deepEqual(texts((await bash(made.doorbell_command, shell)).stdout), ['the first "one"']);
  const rung = bash(made.doorbell_command, shell);
  await phone.send(made.agent.callsign, 'second\nof two lines');
  assert.deepEqual(texts((await rung).stdout), ['second\nof two lines']);

  const sent = await bash(made.reply_command, shell);
  assert.equal(JSON.parse(sent.stdout).ok, true, sent.stdout + sent.stderr);
  assert.deepEqual(await phone.pending(), ['On it.']);

  const monitored = bashUntil(made.monitor_command, { ...shell, seen: (output) => output.includes('third') });
  await phone.send(made.agent.callsign, 'third');
  const shown = await monitored;
  assert.ok(!shown.includes('second'), 'what the doorbell has told is not told again');
  await phone.send(made.agent.callsign, 'the last');
  await listening;
  for (const name of fs.readdirSync(home)) {
    assert.equal(fs.statSync(path.join(home, name)).mode & 0o077, 0, name);
    fs.rmSync(path.join(home, name));
  }
});

test('a listener whose key was revoked ends by itself', async () => {
  const made = await open();
  const listening = bash(made.listener_command, shell);
  const phone = await phoneOf(made);
  await until(async () => (await phone.roster()).roster.includes(made.agent.callsign), 'the agent');
  const { session_token } = ok(await hub.post('/api/account/recover', { recovery_token: made.recovery_token }));
  ok(await hub.request({ method: 'DELETE', path: `/api/account/identities/${made.agent.callsign}`,
    headers: { Authorization: `Bearer ${session_token}` } }));
  const { signal, stderr } = await listening;
  assert.equal(signal, null);
  assert.match(stderr, /identity_key/);
  for (const name of fs.readdirSync(home)) fs.rmSync(path.join(home, name));
});

test('a listener that the operator stops brings the standdown and does not join again', async () => {
  const made = await open();
  const listening = bash(made.listener_command, shell);
  await hub.untilPolls(1);  // the roster knows it a moment before it listens
  ok(await hub.post('/api/admin/stop', { channel: made.channel_id }, { Authorization: `Bearer ${adminToken}` }));
  const { signal, stdout, stderr } = await listening;
  assert.equal(signal, null);
  assert.match(stdout, /standdown/);
  assert.match(stderr, /The operator has ended/);
  for (const name of fs.readdirSync(home)) fs.rmSync(path.join(home, name));
});

test('no secret is kept as it is', async () => {
  const made = await open();
  const secrets = [made.channel_token, made.owner_password, made.agent.identity_key.slice(5),
    made.phone.identity_key.slice(5), made.recovery_token.slice(6)];
  const found = execFileSync('sh', ['-c', `grep -rlaF ${secrets.map((secret) => `-e '${secret}'`).join(' ')} "${hub.dataDir}" || true`]);
  assert.equal(found.toString(), '');
});
