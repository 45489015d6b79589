// Roster, history and transcripts: looking without receiving.

import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { createChannel } from './support/channel.mjs';
import { assertError, ok } from './support/http.mjs';
import { startHub } from './support/hub.mjs';

const hub = await startHub();
after(() => hub.stop());

test('the roster tells who is here and who has been', async () => {
  const channel = await createChannel(hub);
  const [zoe, ann, bob] = await channel.joinAll('zoe', 'ann', 'bob');
  await ann.leave();
  const { roster, roster_with_index, roster_all } = await zoe.roster();
  assert.deepEqual(roster, ['bob', 'zoe']);
  assert.deepEqual(roster_with_index.map(({ idx, callsign }) => [idx, callsign]), [[1, 'zoe'], [2, 'bob']]);
  for (const { joined_at, verified } of roster_with_index) {
    assert.ok(Math.abs(joined_at - Date.now()) < 60_000);
    assert.equal(verified, undefined);
  }
  assert.deepEqual(roster_all, [
    { callsign: 'ann', online: false, idx: null },
    { callsign: 'bob', online: true, idx: 2 },
    { callsign: 'zoe', online: true, idx: 1 },
  ]);
  await bob.keepalive();
});

test('the roster of a large channel comes by pages, who is on first', async () => {
  const channel = await createChannel(hub);
  const names = Array.from({ length: 450 }, (_, n) => `agent-${n}`);
  const members = [];
  for (let i = 0; i < names.length; i += 50) {
    members.push(...await Promise.all(names.slice(i, i + 50).map((name) => channel.join(name))));
  }
  await Promise.all(members.slice(0, 150).map((member) => member.leave()));
  const page = async (query) => {
    const answer = await channel.call('GET', 'roster', { query });
    assert.ok(answer.text.length < 100_000, `${answer.text.length} bytes`);
    return ok(answer);
  };
  const first = await page();
  assert.deepEqual([first.roster.length, first.roster_count, first.total], [200, 300, 450]);
  assert.deepEqual(first.roster, names.slice(150).sort().slice(0, 200));
  const [places, all] = [new Map(), []];
  let live = 0;
  for (let after = ''; after !== undefined;) {
    const { roster, roster_with_index, roster_all, next } = await page({ limit: 70, ...(after && { after }) });
    assert.ok(roster_all.length <= 70);
    assert.deepEqual(roster_with_index.map(({ callsign }) => callsign).sort(), roster);
    for (const { idx, callsign } of roster_with_index) places.set(idx, callsign);
    live += roster.length;
    all.push(...roster_all.map(({ callsign }) => callsign));
    after = next;
  }
  assert.equal(live, 300);
  assert.deepEqual([...places.keys()].sort((a, b) => a - b), Array.from({ length: 300 }, (_, n) => n + 1));
  assert.deepEqual(all.sort(), [...names].sort(), 'everybody once');
  assert.equal((await page({ limit: 5000 })).roster_all.length, 450, 'a limit beyond the bound is the bound');
  assertError(await channel.call('GET', 'roster', { query: { after: 'No Callsign' } }), 400, 'invalid', /after/);
});

test('history with a session: broadcasts and one\'s own; without: broadcasts', async () => {
  const channel = await createChannel(hub);
  const [ann, bob, cid] = await channel.joinAll('ann', 'bob', 'cid');
  await ann.send('all', 'for all');
  await ann.send('bob', 'for bob');
  await bob.send('cid', 'for cid');
  const texts = (history) => history.map(({ text }) => text);
  assert.deepEqual(texts(await ann.history()), ['for all', 'for bob']);
  assert.deepEqual(texts(await bob.history()), ['for all', 'for bob', 'for cid']);
  assert.deepEqual(texts(await cid.history()), ['for all', 'for cid']);
  assert.deepEqual(texts(ok(await channel.call('GET', 'history')).history), ['for all']);
});

for (const [n, count] of [[undefined, 20], ['1', 1], ['7', 7], ['100', 100], ['1000', 100], ['0', 1], ['-5', 1], ['junk', 20], ['', 20]]) {
  test(`history?n=${n} shows ${count} messages, oldest first`, async () => {
    const channel = await historyChannel();
    const query = n === undefined ? {} : { n };
    const { history } = ok(await channel.call('GET', 'history', { query }));
    assert.equal(history.length, count);
    assert.equal(history.at(-1).text, 'm119');
    assert.equal(history[0].text, `m${120 - count}`);
  });
}
let made;
function historyChannel() {
  made ??= (async () => {
    const channel = await createChannel(hub, { ring_size: 200 });
    const ann = await channel.join('ann');
    for (let i = 0; i < 120; ++i) await ann.send('all', `m${i}`);
    return channel;
  })();
  return made;
}

test('history does not move the cursor', async () => {
  const channel = await createChannel(hub);
  const [ann, bob] = await channel.joinAll('ann', 'bob');
  await ann.send('bob', 'one');
  await bob.history();
  assert.deepEqual(await bob.pending(), ['one']);
});

// What happened on a channel, for every retention the same: joins, three messages, a leave.
async function happened(retention) {
  const channel = await createChannel(hub, { retention });
  const [ann, bob] = await channel.joinAll('ann', 'bob');
  await ann.send('bob', 'first of ann');
  await bob.send('all', 'first of bob \u{1F600}');
  await ann.send('all', 'second of ann');
  await ann.send('all', 'a passing status', { kind: 'status' });
  await bob.leave();
  return channel;
}
const withoutTimes = (events) => events.map(({ ts, ...event }) => {
  assert.ok(Math.abs(ts - Date.now()) < 60_000, 'every event has its time');
  return event;
});
const around = (retention, messages) => [
  { type: 'channel_created', retention },
  { type: 'join', callsign: 'ann' },
  { type: 'join', callsign: 'bob' },
  ...messages,
  { type: 'leave', callsign: 'bob' },
];
const message = (from, to, text) => ({ type: 'message', from, to, text });
const meta = (from, to, bytes) => ({ type: 'message_meta', from, to, bytes });

test('retention none: there is no transcript', async () => {
  const channel = await happened('none');
  assertError(await channel.call('GET', 'transcript'), 404, 'not_found');
});

test('retention metadata: who wrote to whom, and how much', async () => {
  const channel = await happened('metadata');
  const { channel_id, retention, events } = await channel.transcript();
  assert.equal(channel_id, channel.id);
  assert.equal(retention, 'metadata');
  assert.deepEqual(withoutTimes(events), around('metadata', [
    meta('ann', 'bob', 12), meta('bob', 'all', 17), meta('ann', 'all', 13)]));
});

test('retention prompts: each agent\'s first message only', async () => {
  const { events } = await (await happened('prompts')).transcript();
  const kept = withoutTimes(events).filter(({ type }) => type === 'message');
  assert.deepEqual(kept, [message('ann', 'bob', 'first of ann'), message('bob', 'all', 'first of bob \u{1F600}')]);
  assert.ok(!JSON.stringify(events).includes('second of ann'));
});

test('retention full: everything', async () => {
  const { events } = await (await happened('full')).transcript();
  assert.deepEqual(withoutTimes(events), around('full', [
    message('ann', 'bob', 'first of ann'), message('bob', 'all', 'first of bob \u{1F600}'), message('ann', 'all', 'second of ann')]));
});

test('limit takes the newest events and is clamped', async () => {
  const channel = await happened('full');
  assert.deepEqual(withoutTimes((await channel.transcript({ limit: 1 })).events), [{ type: 'leave', callsign: 'bob' }]);
  assert.equal((await channel.transcript({ limit: 0 })).events.length, 1);
  assert.equal((await channel.transcript({ limit: 'junk' })).events.length, 7);
  assert.equal((await channel.transcript({ limit: 1_000_000 })).events.length, 7);
});

test('jsonl is one event a line', async () => {
  const channel = await happened('full');
  const answer = await channel.call('GET', 'transcript', { query: { format: 'jsonl' } });
  assert.equal(answer.status, 200);
  assert.match(answer.headers['content-type'], /jsonl|ndjson|json-seq|x-ndjson/);
  const lines = answer.text.trimEnd().split('\n').map((line) => JSON.parse(line));
  assert.deepEqual(lines, (await channel.transcript()).events);
});

test('md is readable text with every message', async () => {
  const channel = await happened('full');
  const answer = await channel.call('GET', 'transcript', { query: { format: 'md' } });
  assert.equal(answer.status, 200);
  assert.match(answer.headers['content-type'], /^text\/markdown/);
  for (const text of ['first of ann', 'first of bob', 'second of ann', channel.id]) assert.ok(answer.text.includes(text), text);
});

test('an unknown format is 400', async () => {
  const channel = await happened('full');
  assertError(await channel.call('GET', 'transcript', { query: { format: 'docx' } }), 400, 'invalid', /format/);
});
