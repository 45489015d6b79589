// Everything that the hub prints for pasting is pasted, into a real bash with the real curl.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import test, { after } from 'node:test';
import { Channel, createChannel } from './support/channel.mjs';
import { ok } from './support/http.mjs';
import { removeDirectory, startHub, temporaryDirectory } from './support/hub.mjs';
import { bash, bashUntil } from './support/shell.mjs';

const hub = await startHub();
const home = temporaryDirectory('home');
after(async () => { await hub.stop(); removeDirectory(home); });
const shell = { cwd: home, env: { HOME: home } };

async function run(script, options = {}) {
  const result = await bash(script, { ...shell, ...options });
  assert.equal(result.code, 0, `${script}\n--- stdout: ${result.stdout}\n--- stderr: ${result.stderr}`);
  return result.stdout;
}
const blocks = (text) => [...text.matchAll(/```(?:bash|sh)\n([\s\S]*?)\n```/g)].map((match) => match[1]);

const editions = ['', 'park', 'live', 'go', ...['claude', 'codex', 'cursor', 'cline', 'kimi', 'gemini', 'aider'].flatMap((harness) => [harness, `${harness}-go`])];

for (const edition of editions) {
  test(`agent_prompt of the ${edition || 'default'} edition: every block runs`, async () => {
    const channel = new Channel(hub, ok(await hub.post(edition ? `/m/${edition}/api/channels` : '/api/channels', {})));
    const host = await channel.join('host');
    const prompt = channel.created.connect.agent_prompt;
    const commands = blocks(prompt);
    assert.ok(commands.length >= 3, prompt);

    const joinBlock = commands.find((command) => command.includes('/join'));
    const sendBlock = commands.find((command) => command.includes('/send'));
    const leaveBlock = commands.find((command) => command.includes('/leave'));
    const receiveBlocks = commands.filter((command) => /\/(wait|listen|stream)/.test(command));
    assert.ok(joinBlock && sendBlock && leaveBlock && receiveBlocks.length > 0, prompt);

    const joined = JSON.parse(/\{.*\}/s.exec(await run(joinBlock))[0]);
    assert.equal(joined.channel_id ?? channel.id, channel.id);
    assert.ok(prompt.includes(joined.callsign));
    if (edition.endsWith('go')) assert.equal(joined.human_authorized, true);

    for (const receive of receiveBlocks) {
      const text = `a "quoted" it's for ${joined.callsign}`;
      await host.send(joined.callsign, text);
      await bashUntil(receive, { ...shell, seen: (output) => output.includes(JSON.stringify(text).slice(1, -1)) });
    }
    const sent = JSON.parse(await run(sendBlock));
    assert.equal(sent.ok, true);
    const { messages: [message] } = await host.listen();
    assert.equal(message.from, joined.callsign);
    assert.equal(message.id, sent.id);

    await run(leaveBlock);
    assert.ok(!(await host.roster()).roster.includes(joined.callsign));
    assert.deepEqual(fs.readdirSync(home), [], 'nothing is left in the home directory');
  });
}

test('the files that snippets keep are readable by their owner only', async () => {
  const channel = await createChannel(hub);
  await run(blocks(channel.created.connect.agent_prompt).find((command) => command.includes('/join')));
  for (const name of fs.readdirSync(home)) {
    assert.equal(fs.statSync(path.join(home, name)).mode & 0o077, 0, name);
    fs.rmSync(path.join(home, name));
  }
});

test('the token appears in no process list while a snippet runs', async () => {
  const channel = await createChannel(hub);
  const commands = blocks(channel.created.connect.agent_prompt);
  await run(commands.find((command) => command.includes('/join')));
  const receive = commands.find((command) => /\/wait/.test(command));
  const waiting = bash(receive, shell);
  await hub.untilPolls(1);
  for (const pid of fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    let line = '';
    try { line = fs.readFileSync(`/proc/${pid}/cmdline`, 'latin1'); } catch { continue; }
    if (line.includes('curl')) assert.ok(!line.includes(channel.token), line);
  }
  const host = await channel.join('host');
  await host.send('all', 'end');
  await waiting;
  for (const name of fs.readdirSync(home)) fs.rmSync(path.join(home, name));
});

test('peer_invite is one line: a link for people and a join for agents', async () => {
  const channel = await createChannel(hub);
  const invite = channel.created.peer_invite;
  assert.ok(!invite.includes('\n'));
  const link = new RegExp(`${hub.url}/c/${channel.id}#t=${channel.token}&cs=([a-z0-9_-]+)`).exec(invite);
  assert.ok(link, invite);
  const joined = JSON.parse(await run(invite.slice(invite.indexOf('curl'))));
  assert.equal(joined.callsign, link[1]);
  assert.equal(joined.idempotent, false, 'the callsign was free');
});

test('the callsign of an invite is free though the channel has members', async () => {
  const channel = await createChannel(hub);
  const names = new Set();
  for (let i = 0; i < 20; ++i) {
    const created = ok(await hub.post('/api/channels', {}));
    names.add(/&cs=([a-z0-9_-]+)/.exec(created.peer_invite)[1]);
  }
  assert.ok(names.size > 1, 'picked, not fixed');
  await channel.join('host');
});

test('curl_test tells that the token works', async () => {
  const channel = await createChannel(hub);
  const stats = JSON.parse(await run(channel.created.connect.curl_test));
  assert.equal(stats.channel_id, channel.id);
});

test('rest_bash_loop joins, prints messages as they come and survives an expired session', async () => {
  const channel = await createChannel(hub, { session_ttl_seconds: 2 });
  const host = await channel.join('host');
  const keep = await host.stream();
  let step = 0;
  const sendNext = async () => {
    const name = (await host.roster()).roster.find((callsign) => callsign !== 'host');
    await host.send(name ?? 'all', step === 0 ? 'first "message"\nwith a second line' : 'second message');
  };
  const loop = bashUntil(channel.created.connect.rest_bash_loop, {
    ...shell,
    seen: (output) => {
      if (step === 0 && output.includes('first \\"message\\"\\nwith')) {
        step = 1;
        sendNext();
      }
      return output.includes('second message');
    },
  });
  await hub.untilPolls(1);
  await sendNext();
  const output = await loop;
  const lines = output.split('\n').filter((line) => line.startsWith('{'));
  const [first, second] = lines.map((line) => JSON.parse(line));
  assert.equal(first.text, 'first "message"\nwith a second line');
  assert.equal(second.text, 'second message');
  keep.close();
  for (const name of fs.readdirSync(home)) fs.rmSync(path.join(home, name));
});

test('claude_code is one command whose arguments arrive whole', async () => {
  const channel = await createChannel(hub);
  const bin = path.join(home, 'bin');
  fs.mkdirSync(bin);
  fs.writeFileSync(path.join(bin, 'claude'), '#!/bin/bash\nprintf "%s\\n" "$@"\n', { mode: 0o755 });
  const output = await run(channel.created.connect.claude_code, { env: { HOME: home, PATH: `${bin}:${process.env.PATH}` } });
  const args = output.trimEnd().split('\n');
  assert.deepEqual(args.slice(0, 2), ['mcp', 'add']);
  assert.ok(args.includes(channel.created.mcp_url));
  assert.ok(args.includes(`Authorization: Bearer ${channel.token}`));
  fs.rmSync(bin, { recursive: true });
});

test('the MCP configurations name the endpoint and the token', async () => {
  const { created, token } = await createChannel(hub);
  for (const name of ['cursor_json', 'claude_desktop_json', 'vscode_cline_json']) {
    const { rogerthat } = (typeof created.connect[name] === 'string' ? JSON.parse(created.connect[name]) : created.connect[name]).mcpServers;
    assert.equal(rogerthat.url, created.mcp_url);
    assert.deepEqual(rogerthat.headers, { Authorization: `Bearer ${token}` });
  }
  assert.ok(JSON.stringify(created.connect.gemini_json).includes(created.mcp_url));
  assert.deepEqual(created.connect.anthropic_sdk, { type: 'url', url: created.mcp_url, name: 'rogerthat', authorization_token: token });
  const script = 'import sys, json, tomllib; print(json.dumps(tomllib.loads(sys.stdin.read())))';
  const toml = JSON.parse(execFileSync('python3', ['-c', script], { input: created.connect.codex_toml }).toString());
  assert.equal(toml.mcp_servers.rogerthat.url, created.mcp_url);
});

test('a published one-liner with curl -d works: a form content type is read as JSON', async () => {
  const created = JSON.parse(await run(`curl -sS '${hub.url}/api/channels' -d '{"retention":"metadata"}'`));
  assert.equal(created.retention, 'metadata');
  const base = `${hub.url}/api/channels/${created.channel_id}`;
  const bearer = `-H 'Authorization: Bearer ${created.join_token}'`;
  const joined = JSON.parse(await run(`curl -sS ${bearer} '${base}/join' -d '{"callsign":"ann"}'`));
  const session = `-H 'X-Session-Id: ${joined.session_id}'`;
  const sent = JSON.parse(await run(`curl -sS ${bearer} ${session} '${base}/send' -d '{"to":"all","message":"hello"}'`));
  assert.equal(sent.ok, true);
  JSON.parse(await run(`curl -sS ${bearer} ${session} '${base}/listen?timeout=0'`));
  JSON.parse(await run(`curl -sS -X POST ${bearer} ${session} '${base}/keepalive'`));
  JSON.parse(await run(`curl -sS -X POST ${bearer} ${session} '${base}/leave'`));
});

for (const edition of ['', '/m/claude', '/m/gemini', '/m/cline']) {
  test(`every command of ${edition}/llms.txt runs in the order of the text`, async () => {
    const channel = await createChannel(hub, { retention: 'full' });
    const host = await channel.join('host');
    const { text } = await hub.get(`${edition}/llms.txt`);
    const commands = blocks(text).map((command) => command.replaceAll('CHANNEL', channel.id)
      .replaceAll('TOKEN', channel.token).replaceAll('CALLSIGN', 'reader-of-the-guide'));
    const leave = commands.find((command) => command.includes('/leave'));
    assert.ok(commands.length >= 5 && leave, text);
    for (const command of [...commands.filter((each) => each !== leave), leave]) {
      if (/\/(wait|listen|stream)/.test(command)) {
        await host.send('reader-of-the-guide', 'it\'s "for" you');
        await bashUntil(command, { ...shell, seen: (output) => output.includes('it\'s \\"for\\" you') });
      } else {
        const output = await run(command);
        assert.ok(!output.includes('"error"'), `${command}\n${output}`);
      }
    }
    assert.ok((await host.pending()).length > 0, 'what the guide sends has arrived');
    assert.deepEqual((await host.roster()).roster, ['host']);
    assert.deepEqual(fs.readdirSync(home), [], 'nothing is left in the home directory');
  });
}
