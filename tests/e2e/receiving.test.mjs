// Receiving by long poll: what waits, what is pending, cursors, gaps, acknowledgements.

import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { createChannel } from './support/channel.mjs';
import { assertError } from './support/http.mjs';
import { startHub } from './support/hub.mjs';

const hub = await startHub();
after(() => hub.stop());

async function pair(options = {}) {
  const channel = await createChannel(hub, { loop_guard: 'off', ...options });
  return channel.joinAll('ann', 'bob');
}
const texts = ({ messages }) => messages.map(({ text }) => text);

for (const call of ['listen', 'wait']) {
  test(`${call}?timeout=0 answers at once`, async () => {
    const [, bob] = await pair();
    const begin = Date.now();
    const answer = await bob[call]({ timeout: 0 });
    assert.deepEqual(answer.messages, []);
    assert.equal(answer.timed_out, true);
    assert.ok(Date.now() - begin < 900);
  });

  test(`${call}?timeout=1 waits a second`, async () => {
    const [, bob] = await pair();
    const begin = Date.now();
    const answer = await bob[call]({ timeout: 1 });
    const took = Date.now() - begin;
    assert.deepEqual(answer.messages, []);
    assert.equal(answer.timed_out, true);
    assert.ok(took >= 900 && took < 5_000, `after ${took} ms`);
  });

  test(`${call} answers as soon as a message comes`, async () => {
    const [ann, bob] = await pair();
    const waiting = bob[call]({ timeout: 30 });
    await hub.untilPolls(1);
    await ann.send('bob', 'now');
    const answer = await waiting;
    assert.deepEqual(texts(answer), ['now']);
    assert.equal(answer.timed_out, false);
  });

  test(`${call} answers at once when something is pending, however long it may wait`, async () => {
    const [ann, bob] = await pair();
    await ann.send('bob', 'before');
    assert.deepEqual(texts(await bob[call]({ timeout: 100_000 })), ['before']);
    await ann.send('bob', 'again');
    assert.deepEqual(texts(await bob[call]({})), ['again'], 'with the default');
  });

  for (const [name, value] of [['timeout', 'soon'], ['timeout', '1s'], ['since', 'yesterday'], ['since', '1e'], ['ack', 'yes'], ['since', '12x']]) {
    test(`${call}?${name}=${value} is 400 invalid`, async () => {
      const [, bob] = await pair();
      assertError(await bob.call('GET', call, { query: { timeout: 0, [name]: value } }), 400, 'invalid', new RegExp(name));
    });
  }
}

test('wait brings the roster and what to do next', async () => {
  const [, bob] = await pair();
  const answer = await bob.wait({ timeout: 0 });
  assert.deepEqual(answer.roster, ['ann', 'bob']);
  assert.equal(answer.roster_count, 2);
  assert.equal(typeof answer.meta_hint, 'string');
});

test('without since, what is pending is everything after the cursor', async () => {
  const [ann, bob] = await pair();
  await ann.send('bob', 'one');
  await ann.send('all', 'two');
  assert.deepEqual(await bob.pending(), ['one', 'two']);
  assert.deepEqual(await bob.pending(), []);
  await ann.send('bob', 'three');
  assert.deepEqual(await bob.pending(), ['three']);
});

test('with since, everything after that id comes, whatever the cursor says', async () => {
  const [ann, bob] = await pair();
  const ids = [];
  for (const text of ['one', 'two', 'three']) ids.push((await ann.send('bob', text)).id);
  assert.deepEqual(await bob.pending(), ['one', 'two', 'three']);
  assert.deepEqual(await bob.pending({ since: ids[0] }), ['two', 'three']);
  assert.deepEqual(await bob.pending({ since: 0 }), ['one', 'two', 'three']);
  assert.deepEqual(await bob.pending({ since: '' }), ['one', 'two', 'three'], 'empty is 0');
  assert.deepEqual(await bob.pending({ since: ids[2] }), []);
});

test('since ahead of everything waits for what comes after it', async () => {
  const [ann, bob] = await pair();
  const { id } = await ann.send('bob', 'seen');
  const waiting = bob.listen({ timeout: 20, since: id });
  await hub.untilPolls(1);
  await ann.send('bob', 'fresh');
  assert.deepEqual(texts(await waiting), ['fresh']);
});

test('the cursor belongs to the callsign and outlives its sessions', async () => {
  const [ann, bob] = await pair();
  await ann.send('bob', 'one');
  assert.deepEqual(await bob.pending(), ['one']);
  await bob.leave();
  await ann.send('bob', 'two');
  const again = await bob.rejoin();
  assert.notEqual(again.session, bob.session);
  assert.deepEqual(await again.pending(), ['two']);
});

test('the first receive of a newcomer brings what the ring holds', async () => {
  const [ann] = await pair();
  await ann.send('all', 'early');
  await ann.send('bob', 'not for cid');
  const cid = await ann.channel.join('cid');
  assert.equal(cid.joined.unread, 1);
  const answer = await cid.listen();
  assert.deepEqual(texts(answer), ['early']);
});

test('what was dropped before the first join is no gap', async () => {
  const [ann] = await pair({ ring_size: 10 });
  for (let i = 0; i < 25; ++i) await ann.send('all', `m${i}`);
  const cid = await ann.channel.join('cid');
  const answer = await cid.listen();
  assert.equal(answer.messages.length, 10);
  assert.equal(answer.gap, undefined);
});

test('messages dropped from the ring are told as a gap', async () => {
  const [ann, bob] = await pair({ ring_size: 10 });
  const first = await ann.send('all', 'first');
  assert.deepEqual(await bob.pending(), ['first']);
  const ids = [];
  for (let i = 0; i < 25; ++i) ids.push((await ann.send('all', `m${i}`)).id);
  for (const parameters of [{}, { since: first.id }]) {
    const answer = await bob.listen({ timeout: 0, ...parameters });
    assert.deepEqual(answer.messages.map(({ id }) => id), ids.slice(15));
    assert.deepEqual(answer.gap, { dropped: 15, oldest_id: ids[15] });
  }
});

test('once told and passed, a gap is not told again', async () => {
  const [ann, bob] = await pair({ ring_size: 10 });
  await ann.send('all', 'first');
  await bob.listen();
  for (let i = 0; i < 25; ++i) await ann.send('all', `m${i}`);
  assert.ok((await bob.listen()).gap);
  await ann.send('all', 'next');
  assert.equal((await bob.listen()).gap, undefined);
});

test('at most 1,000 messages an answer, then more is true', async () => {
  const [ann, bob] = await pair({ ring_size: 2000 });
  const all = Array.from({ length: 1001 }, (_, i) => `m${i}`);
  for (let i = 0; i < all.length; i += 91) {
    for (const answer of await Promise.all(all.slice(i, i + 91).map((text) => ann.send('bob', text)))) assert.ok(answer.id);
  }
  const first = await bob.listen();
  assert.equal(first.messages.length, 1000);
  assert.equal(first.more, true);
  const rest = await bob.listen();
  assert.equal(rest.messages.length, 1);
  assert.equal(rest.more, undefined);
});

test('at most 4 MiB an answer, then more is true', async () => {
  const [ann, bob] = await pair({ ring_size: 1000 });
  const big = '\u{1F600}'.repeat(8192);
  for (let i = 0; i < 150; ++i) await ann.send('bob', big);
  let received = 0;
  let answers = 0;
  for (let more = true; more;) {
    const answer = await bob.call('GET', 'listen', { query: { timeout: 0 } });
    assert.ok(answer.bytes.length <= (4 << 20) + 100_000, `${answer.bytes.length} bytes`);
    received += answer.json.messages.length;
    more = answer.json.more === true;
    answers += 1;
  }
  assert.equal(received, 150);
  assert.ok(answers >= 2);
});

test('a newer poll of the session ends the older with an empty answer', async () => {
  const [ann, bob] = await pair();
  const older = bob.listen({ timeout: 30 });
  await hub.untilPolls(1);
  const newer = bob.listen({ timeout: 30 });
  const ended = await older;
  assert.deepEqual(ended.messages, []);
  assert.equal(ended.timed_out, true);
  await ann.send('bob', 'to the newer one');
  assert.deepEqual(texts(await newer), ['to the newer one']);
});

test('a poll that was displaced is told to stop; one that is again and again, later and why', async () => {
  for (const form of ['listen', 'wait']) {
    const [ann, bob] = await pair();
    const polls = [bob[form]({ timeout: 30 })];
    const began = Date.now();
    for (let i = 0; i < 11; ++i) {
      await hub.untilPolls(1);
      polls.push(bob[form]({ timeout: 30 }));
      if (i === 10) break;
      const answer = await polls[i];
      assert.deepEqual([answer.timed_out, answer.superseded, answer.messages], [true, true, []]);
      assert.match(answer.hint, /stop this one/);
      if (form === 'wait') assert.equal(answer.meta_hint, answer.hint);
    }
    const often = await polls[10];
    assert.ok(Date.now() - began >= 5000, 'the eleventh within a minute takes five seconds');
    assert.equal(often.superseded, true);
    assert.match(often.hint, /Two readers under your callsign/);
    await ann.send('bob', 'to the newest');
    assert.deepEqual(texts(await polls[11]), ['to the newest']);
  }
});

test('polls of many sessions each get a broadcast', async () => {
  const channel = await createChannel(hub);
  const ann = await channel.join('ann');
  const others = [];
  for (let i = 0; i < 10; ++i) others.push(await channel.join(`m${i}`));
  const polls = others.map((member) => member.listen({ timeout: 30 }));
  await hub.untilPolls(10);
  const sent = await ann.send('all', 'everybody');
  assert.equal(sent.reached, 10);
  for (const poll of polls) assert.deepEqual(texts(await poll), ['everybody']);
});

test('a parked poll ends when its session leaves', async () => {
  const [, bob] = await pair();
  const parked = bob.tryListen({ timeout: 30 });
  await hub.untilPolls(1);
  await bob.leave();
  const answer = await parked;
  assert.ok([200, 410].includes(answer.status), answer.text);
});

test('an explicit session gets unconfirmed messages again until it confirms', async () => {
  const channel = await createChannel(hub);
  const ann = await channel.join('ann');
  const bob = await channel.join('bob', { ack: 'explicit' });
  const one = await ann.send('bob', 'one');
  const two = await ann.send('bob', 'two');
  assert.deepEqual(await bob.pending(), ['one', 'two']);
  assert.deepEqual(await bob.pending(), ['one', 'two'], 'not confirmed');
  assert.deepEqual(await bob.pending({ ack: one.id }), ['two']);
  assert.deepEqual(await bob.pending({ since: two.id }), []);
  assert.deepEqual(await bob.pending(), []);
});

test('an acknowledgement confirms at most what was handed to the callsign', async () => {
  const channel = await createChannel(hub);
  const ann = await channel.join('ann');
  const bob = await channel.join('bob', { ack: 'explicit' });
  await ann.send('bob', 'one');
  assert.deepEqual(await bob.pending(), ['one']);
  const two = await ann.send('bob', 'two');
  assert.deepEqual(await bob.pending({ ack: two.id + 1_000_000 }), ['two'], 'two had not been handed over');
});

test('ack on wait confirms as well', async () => {
  const channel = await createChannel(hub);
  const ann = await channel.join('ann');
  const bob = await channel.join('bob', { ack: 'explicit' });
  const one = await ann.send('bob', 'one');
  assert.deepEqual(texts(await bob.wait({ timeout: 0 })), ['one']);
  assert.deepEqual(texts(await bob.wait({ timeout: 0, ack: one.id })), []);
});

test('with since, an acknowledgement never moves the cursor back', async () => {
  const [ann, bob] = await pair();
  const one = await ann.send('bob', 'one');
  await ann.send('bob', 'two');
  assert.deepEqual(await bob.pending(), ['one', 'two']);
  assert.deepEqual(await bob.pending({ ack: one.id }), []);
  assert.deepEqual(await bob.pending({ since: 0 }), ['one', 'two']);
  assert.deepEqual(await bob.pending(), []);
});
