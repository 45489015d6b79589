// Everything that the hub prints for pasting is pasted, into real shells with the real curl.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import test, { after } from 'node:test';
import { Channel, createChannel } from './support/channel.mjs';
import { ok } from './support/http.mjs';
import { removeDirectory, startHub, temporaryDirectory, until } from './support/hub.mjs';
import { bash, bashUntil, processesWith, startShell } from './support/shell.mjs';

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
  assert.deepEqual(processesWith(channel.token), []);
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

const invitedTo = (created) => new URL(/http\S+#\S+/.exec(created.peer_invite)[0]);

for (const name of ['bash', 'sh']) {
  test(`peer_invite and its link join in ${name}, with the owner password where there is one`, async () => {
    for (const [path, authorized] of [['/api/channels', false], ['/m/go/api/channels', true]]) {
      const created = ok(await hub.post(path, {}));
      const link = invitedTo(created);
      const line = JSON.parse(await run(created.peer_invite, { shell: name }));
      assert.deepEqual([line.callsign, line.human_authorized], [new URLSearchParams(link.hash.slice(1)).get('cs'), authorized]);

      const page = await hub.get(link.pathname);
      assert.equal(page.headers['content-type'], 'text/plain; charset=utf-8');
      assert.ok(!page.text.includes(created.join_token));
      const command = /^L=[^]*?(?=\n\n)/m.exec(page.text)[0];
      const byLink = JSON.parse(await run(command.replace('LINK', () => link.href.replace(/cs=[^&]*/, `cs=by-link-${name}`)), { shell: name }));
      assert.deepEqual([byLink.callsign, byLink.human_authorized], [`by-link-${name}`, authorized]);
    }
  });

  test(`a channel of identities says where a key comes from, in ${name}`, async () => {
    const created = ok(await hub.post('/m/team/api/channels', {}));
    const link = invitedTo(created);
    assert.ok(!link.hash.includes('cs='), 'the key names the callsign');
    const [identity, ...commands] = blocks(created.connect.agent_prompt);
    const { callsign, identity_key: key } = JSON.parse(await run(identity, { shell: name }));
    assert.equal(JSON.parse(await run(identity, { shell: name })).identity_key, key, 'it is made once');
    const find = (part) => commands.find((command) => command.includes(part));
    assert.equal(JSON.parse(await run(find('/join'), { shell: name })).callsign, callsign);
    assert.equal(JSON.parse(await run(find('/send'), { shell: name })).ok, true);
    assert.ok(!created.connect.agent_prompt.includes(/You are ([a-z]+-[a-z]+) on/.exec(created.connect.agent_prompt)?.[1] ?? '\0'));
    await run(find('/leave'), { shell: name });

    const env = { HOME: home, RR_IDENTITY_KEY: key };
    assert.equal(JSON.parse(await run(created.peer_invite, { shell: name, env })).callsign, callsign);
    const { text } = await hub.get(link.pathname);
    assert.ok(text.includes(identity), text);
    const command = /^L=[^]*?(?=\n\n)/m.exec(text)[0].replace('LINK', () => link.href);
    assert.equal(JSON.parse(await run(command, { shell: name })).callsign, callsign);
    for (const file of fs.readdirSync(home)) fs.rmSync(path.join(home, file));
  });

  // A terminal sends Ctrl-C to the whole group; what ends a command otherwise often reaches its shell alone.
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGKILL', 'SIGINT']) {
    test(`a listener in ${name} ends with its shell (${signal}) and takes its key file along`, async () => {
      const channel = await createChannel(hub);
      const { child, ended } = startShell(channel.created.connect.rest_bash_loop, { ...shell, shell: name });
      await hub.untilPolls(1);
      process.kill(signal === 'SIGINT' ? -child.pid : child.pid, signal);
      await ended;
      await until(() => processesWith(channel.id).length === 0, 'its processes to end');
      assert.deepEqual(fs.readdirSync(home), []);
    });
  }

  test(`a listener in ${name} ends with its session and with its key file, and says so`, async () => {
    const channel = await createChannel(hub);
    const host = await channel.join('host');
    const loop = () => startShell(channel.created.connect.rest_bash_loop, { ...shell, shell: name }).ended;
    const keyFile = () => path.join(home, fs.readdirSync(home).find((file) => /^\.rr-[^.]*\.[^.]*$/.test(file)));

    const left = loop();
    await hub.untilPolls(1);
    await run(`curl -sSK ${keyFile()} -d '' '${hub.url}${channel.path('leave')}'`);
    const end = await left;
    assert.match(end.stderr, /^This listener has ended\. .*has left/m);
    assert.deepEqual(fs.readdirSync(home), []);

    const lost = loop();
    await hub.untilPolls(1);
    fs.rmSync(keyFile());
    await host.send('all', 'the last');
    const { stdout, stderr } = await lost;
    assert.equal(JSON.parse(stdout).text, 'the last');
    assert.match(stderr, /^This listener has ended\. Its key file is gone\.$/m);
    assert.deepEqual(fs.readdirSync(home), []);
  });

  test(`a waiting command in ${name} that is ended takes no message with it`, async () => {
    const channel = new Channel(hub, ok(await hub.post('/m/claude/api/channels', {})));
    const host = await channel.join('host');
    const [join, wait] = blocks(channel.created.connect.agent_prompt);
    const joined = JSON.parse(await run(join, { shell: name }));
    const { child, ended } = startShell(wait, { ...shell, shell: name });
    await hub.untilPolls(1);
    child.kill('SIGTERM');
    await ended;
    await hub.untilPolls(0);
    await host.send(joined.callsign, 'kept');
    const again = await bash(wait, { ...shell, shell: name });
    assert.deepEqual(JSON.parse(again.stdout).messages.map(({ text }) => text), ['kept']);
    fs.rmSync(path.join(home, fs.readdirSync(home).find((file) => /^\.rr-[^.]*\.[^.]*$/.test(file))));
    assert.match((await bash(wait, { ...shell, shell: name })).stdout, /Join again/);
    for (const file of fs.readdirSync(home)) fs.rmSync(path.join(home, file));
  });
}

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
