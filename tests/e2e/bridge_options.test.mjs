// The options of the stdio bridge, where they come from, and what is wrong usage.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test, { after } from 'node:test';
import { startBridge } from './support/bridge.mjs';
import { createChannel } from './support/channel.mjs';
import { removeDirectory, runBinary, startHub, temporaryDirectory, until } from './support/hub.mjs';

const hub = await startHub();
after(() => hub.stop());

test('takes its options from a profile that nobody else may read', async (t) => {
  const home = temporaryDirectory('home');
  t.after(() => removeDirectory(home));
  const channel = await createChannel(hub);
  fs.mkdirSync(path.join(home, '.rogerthat/profiles'), { recursive: true });
  const file = path.join(home, '.rogerthat/profiles/team.toml');
  fs.writeFileSync(file, `origin = "${hub.url}"\nchannel = "${channel.id}"\ntoken = "${channel.token}"\ncallsign = "bob"\n`,
    { mode: 0o644 });
  const refused = await runBinary(['mcp', '--profile', 'team'], { env: { HOME: home } });
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /may be read by others.*chmod 600/);
  assert.ok(!refused.stderr.includes(channel.token));

  fs.chmodSync(file, 0o600);
  const bob = await startBridge({ args: ['--profile', 'team'], home });
  const ann = await channel.join('ann');
  await until(async () => (await ann.roster()).roster.includes('bob'), 'bob to join');
  await bob.end();
});

for (const [args, sentence] of [
  [['--chanel', 'x'], /unknown option --chanel; did you mean --channel\?/],
  [['--channel'], /--channel needs a value/],
  [['join'], /unexpected argument "join"/],
  [['--origin', 'hub.example'], /--origin must be the hub's address/],
  [['--origin', 'https://u:secret@hub.example'], /--origin must be the hub's address(?!.*secret)/],
  [['--origin', 'http://hub.example/mcp'], /without a path/],
  [['--callsign', '-x-'], /--callsign must be a callsign/],
  [['--token', 'abc'], /without the channel/],
  [['--channel', 'general', '--token', 'a', '--token-file', '/dev/null'], /say the same thing/],
  [['--channel', 'general', '--token-file', '/no/such/file'], /No such file/],
  [['--profile', '../x'], /--profile must be the name of a file/],
  [['--profile', 'missing'], /missing\.toml: cannot be read/],
]) {
  test(`mcp ${args.join(' ')} is wrong usage`, async (t) => {
    const home = temporaryDirectory('home');
    t.after(() => removeDirectory(home));
    const { code, stdout, stderr } = await runBinary(['mcp', ...args], { env: { HOME: home } });
    assert.equal(code, 2, stderr);
    assert.equal(stdout, '');
    assert.match(stderr, sentence);
  });
}

test('help names it and its options', async () => {
  assert.match((await runBinary(['help'])).stdout, /\n {2}mcp {2,}/);
  for (const args of [['help', 'mcp'], ['mcp', '--help']]) {
    const { code, stdout } = await runBinary(args);
    assert.equal(code, 0);
    for (const option of ['--origin', '--channel', '--token-file', '--profile', 'ROGERTHAT_CHANNEL_TOKEN']) {
      assert.ok(stdout.includes(option), option);
    }
  }
});
