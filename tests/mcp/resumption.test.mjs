// Answers whose connection broke: resumed by GET and Last-Event-ID, once, by their own session; and
// what nobody comes back for is not lost.

import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { createChannel } from '../e2e/support/channel.mjs';
import { startHub } from '../e2e/support/hub.mjs';
import { canMakeNamespaces, Network } from '../e2e/support/system.mjs';
import { Legacy } from './support/rpc.mjs';
import { testWithHub } from './support/with_hub.mjs';

const hub = await startHub();
after(() => hub.stop());

// A legacy session that waits on a channel of its own, and the stream of its answer.
async function waiting(where = hub, options = {}) {
  const channel = await createChannel(where);
  const bob = await channel.join('bob');
  const session = await Legacy.open(where, options);
  const { data } = await session.join(channel, 'ann');
  const handles = { channel_id: channel.id, session: data.session_id };
  const { stream, id } = await session.openTool('wait', { timeout_seconds: 50 });
  await stream.firstId();
  await where.untilPolls(1);
  return { channel, bob, session, handles, stream, id, resumeAt: stream.ids.at(-1) };
}

const idsOf = ({ result }) => result.structuredContent.messages.map(({ id }) => id);
const pending = async (session, handles = {}) =>
  (await session.use('listen', { timeout_seconds: 0, ...handles })).data.messages.map(({ id }) => id);

test('a stream that broke before its answer is taken up again', async () => {
  const { bob, session, stream, id, resumeAt } = await waiting();
  stream.close();
  const resumed = await session.get(resumeAt);
  assert.equal(resumed.status, 200);
  const sent = await bob.send('ann', 'after the break');
  assert.deepEqual(idsOf(await resumed.answer(id)), [sent.id]);
  await resumed.end();
  assert.deepEqual(await pending(session), []);
  assert.match(await bob.receipt(sent.id, 'ann'), /delivered|confirmed/);
});

test('an answer that was made while nobody was connected is there for who comes back', async () => {
  const { bob, session, stream, id, resumeAt } = await waiting();
  stream.close();
  const sent = await bob.send('ann', 'meanwhile');
  const resumed = await session.get(resumeAt);
  assert.deepEqual(idsOf(await resumed.answer(id)), [sent.id]);
  await resumed.end();
  assert.deepEqual(await pending(session), []);
  assert.match(await bob.receipt(sent.id, 'ann'), /delivered|confirmed/);
});

test('the answer carries the id of its request, whatever type it has', async () => {
  const channel = await createChannel(hub);
  const bob = await channel.join('bob');
  const session = await Legacy.open(hub);
  await session.join(channel, 'ann');
  const { stream } = await session.openTool('wait', { timeout_seconds: 50 }, { id: 'the one' });
  const resumeAt = await stream.firstId();
  stream.close();
  await bob.send('ann', 'x');
  const resumed = await session.get(resumeAt);
  assert.equal((await resumed.answer('the one')).id, 'the one');
});

test('what nobody comes back for is pending for the next listen', async () => {
  const { bob, session, handles, stream } = await waiting();
  stream.close();
  const sent = await bob.send('ann', 'nobody there');
  const successor = await Legacy.open(hub);
  assert.deepEqual(await pending(successor, handles), [sent.id]);
  assert.deepEqual(await pending(session), []);
});

test('a listen of the same client takes the place of a wait that broke', async () => {
  const { bob, session, stream } = await waiting();
  stream.close();
  assert.deepEqual(await pending(session), []);
  const sent = await bob.send('ann', 'later');
  assert.deepEqual(await pending(session), [sent.id]);
});

test('DELETE ends a wait that broke, and its message stays', async () => {
  const { channel, bob, session, stream } = await waiting();
  stream.close();
  await session.end();
  await hub.untilPolls(0);
  const sent = await bob.send('ann', 'for the next ann');
  const next = await Legacy.open(hub);
  const { data } = await next.join(channel, 'ann');
  assert.equal(data.callsign, 'ann');
  assert.deepEqual(await pending(next), [sent.id]);
});

test('a cancellation reaches a wait that broke', async () => {
  const { bob, session, stream, id } = await waiting();
  stream.close();
  await session.notify('notifications/cancelled', { requestId: id });
  await hub.untilPolls(0);
  const sent = await bob.send('ann', 'still there');
  assert.deepEqual(await pending(session), [sent.id]);
});

test('a stream is resumed by its own session only', async () => {
  const { bob, session, stream, id, resumeAt } = await waiting();
  stream.close();
  const stranger = await Legacy.open(hub);
  const theirs = await stranger.get(resumeAt);
  const sent = await bob.send('ann', 'not for strangers');
  await stranger.result('ping');
  assert.ok(!theirs.raw.includes('not for strangers'), theirs.raw);
  theirs.close();
  const resumed = await session.get(resumeAt);
  assert.deepEqual(idsOf(await resumed.answer(id)), [sent.id]);
});

test('event ids that were never given out do no harm', async () => {
  const { bob, session, stream, id, resumeAt } = await waiting();
  for (const wrong of ['', 'x', '0', '-1', `${resumeAt}9`, '9'.repeat(400), 'ffffffffffffffff', '1-1', '999-1-1', '%00']) {
    const answer = await session.get(wrong);
    assert.ok(answer.status < 500, `${wrong}: ${answer.status}`);
    answer.close();
  }
  const sent = await bob.send('ann', 'still waiting');
  assert.deepEqual(idsOf(await stream.answer(id)), [sent.id]);
});

test('where there is nothing to resume by, a connection that closes is a cancellation', async () => {
  const channel = await createChannel(hub);
  const bob = await channel.join('bob');
  const session = await Legacy.open(hub, { revision: '2025-06-18' });
  await session.join(channel, 'ann');
  const { stream } = await session.openTool('wait', { timeout_seconds: 50 });
  await hub.untilPolls(1);
  stream.close();
  await hub.untilPolls(0);
  const sent = await bob.send('ann', 'kept');
  assert.deepEqual(await pending(session), [sent.id]);
});

testWithHub('a hub that goes down in good order ends what waits', async (own) => {
  const { bob, session, stream, id } = await waiting(own);
  const broken = await session.openTool('ask', { to: 'bob', message: 'well?', timeout_seconds: 50 });
  await broken.stream.firstId();
  broken.stream.close();
  await bob.listen();
  own.signal('SIGTERM');
  const answer = await stream.answer(id);
  assert.ok(answer.result ?? answer.error);
  assert.equal((await own.exited).code, 0);
});

const root = canMakeNamespaces();
const needsRoot = { skip: root ? false : 'needs root and ip netns' };

// A session whose wait is answered over a link that has failed without a word to either side.
async function answeredIntoTheVoid(t) {
  const network = new Network();
  t.after(() => network.remove());
  const inside = await startHub({ host: '0.0.0.0', args: ['--insecure-open'], wrap: network.wrap,
    address: network.second.hub, adminToken: 'admin-token-of-the-test' });
  t.after(() => inside.stop());
  const channel = await createChannel(inside);
  const bob = await channel.join('bob');
  const session = await Legacy.open(inside);
  await session.join(channel, 'ann');
  session.hub = Object.create(inside, { url: { value: `http://${network.first.hub}:${inside.port}` } });
  const { stream, id } = await session.openTool('wait', { timeout_seconds: 50 });
  session.hub = inside;
  t.after(() => stream.close());
  const resumeAt = await stream.firstId();
  await inside.untilPolls(1);
  network.cut(network.first);
  const sent = await bob.send('ann', 'into the void');
  assert.equal(await bob.receipt(sent.id, 'ann'), 'queued');
  return { bob, session, id, resumeAt, sent };
}

test('an answer into the void is written again for who resumes', needsRoot, async (t) => {
  const { bob, session, id, resumeAt, sent } = await answeredIntoTheVoid(t);
  const resumed = await session.get(resumeAt);
  assert.deepEqual(idsOf(await resumed.answer(id)), [sent.id]);
  await resumed.end();
  assert.deepEqual(await pending(session), []);
  assert.match(await bob.receipt(sent.id, 'ann'), /delivered|confirmed/);
});

test('an answer into the void is pending for who listens instead', needsRoot, async (t) => {
  const { session, sent } = await answeredIntoTheVoid(t);
  assert.deepEqual(await pending(session), [sent.id]);
  assert.deepEqual(await pending(session), []);
});
