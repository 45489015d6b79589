// The stdio bridge when the hub's operator ends its session: it stays away until it is told to join.

import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { startBridge, textOf } from './support/bridge.mjs';
import { createChannel } from './support/channel.mjs';
import { ok } from './support/http.mjs';
import { startHub, until } from './support/hub.mjs';

const adminToken = 'the-admin-token-of-bridge-tests';
const hub = await startHub({ adminToken });
after(() => hub.stop());
const operator = (act, body) => hub.post(`/api/admin/${act}`, body, { Authorization: `Bearer ${adminToken}` });

for (const act of ['kick', 'stop']) {
  test(`a bridge that the operator has ended by ${act} does not come back by itself`, async (t) => {
    const channel = await createChannel(hub);
    const bridge = await startBridge({ args: ['--origin', hub.url] });
    t.after(() => bridge.end());
    await bridge.tool('join', { channel_id: channel.id, token: channel.token, callsign: 'bob' });
    await until(async () => /connected/.test(textOf(await bridge.tool('channels'))), 'the stream');
    ok(await operator(act, act === 'kick' ? { callsign: 'bob', channel: channel.id } : { channel: channel.id }));
    await until(() => bridge.pushed.some(({ content }) => content.includes('operator has ended')), 'the push');

    const refused = await bridge.call('listen', { timeout_seconds: 0 });
    assert.equal(refused.isError, true);
    assert.match(textOf(refused), /operator has ended this session/);
    assert.match(textOf(await bridge.tool('channels')), /ended by the hub's operator/);
    assert.deepEqual(ok(await hub.get(`/api/channels/${channel.id}`)).agent_count, 0);

    const again = await bridge.tool('join', { channel_id: channel.id, token: channel.token, callsign: 'bob' });
    assert.notEqual(again.isError, true, textOf(again));
    const ann = await channel.join('ann');
    await ann.send('bob', 'welcome back');
    await until(() => bridge.pushed.some(({ content }) => content.includes('welcome back')), 'a push after joining again');
  });
}
