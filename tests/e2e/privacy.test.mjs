// One walk over every path by which somebody could see another pair's direct messages.

import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { createChannel } from './support/channel.mjs';
import { assertError } from './support/http.mjs';
import { startHub } from './support/hub.mjs';

const hub = await startHub({ args: ['--log-level', 'debug'] });
after(() => hub.stop());

test('nobody sees another pair\'s direct messages by any path', async () => {
  const secret = 'xyzzy-plugh-7';
  const channel = await createChannel(hub, { retention: 'metadata', durable: true });
  const [ann, bob, cid] = await channel.joinAll('ann', 'bob', 'cid');
  const stream = await cid.stream({ presence: 1 });
  const poll = cid.listen({ timeout: 30 });
  await hub.untilPolls(1);

  const { id } = await ann.send('bob', `${secret} one`, {
    suggested_replies: [`${secret} two`], client_id: `${secret}-three`,
    attachments: [{ mime: 'image/png', data_base64: 'aGVsbG8=', filename: `${secret}-four.png` }],
  });
  const reply = await bob.send('ann', `${secret} five`, { reply_to: id });
  await ann.send('bob', `${secret} status`, { kind: 'status' });
  const marker = await ann.send('all', 'marker');

  const seen = {};
  seen['a parked poll'] = JSON.stringify(await poll);
  await stream.messagesThrough(marker.id);
  seen['an attached stream'] = stream.raw;
  stream.close();
  seen['a new stream from the beginning'] = await (async () => {
    const all = await cid.stream({ since: 0 });
    await all.messagesThrough(marker.id);
    all.close();
    return all.raw;
  })();
  seen['a poll from the beginning'] = JSON.stringify(await cid.listen({ timeout: 0, since: 0 }));
  seen['a wait'] = JSON.stringify(await cid.wait({ timeout: 0, since: 0 }));
  seen['the history of a session'] = JSON.stringify(await cid.history({ n: 100 }));
  seen['the history of a token holder'] = (await channel.call('GET', 'history', { query: { n: 100 } })).text;
  seen['a join'] = JSON.stringify((await channel.join('dan')).joined);
  seen['a re-join'] = JSON.stringify((await cid.rejoin()).joined);
  for (const message of [id, reply.id]) {
    const answer = await cid.tryMessage(message);
    assertError(answer, 404, 'not_found');
    seen[`the receipts of message ${message}`] = answer.text;
  }
  const reached = await cid.trySend({ to: 'ann', message: 'x', reply_to: id });
  seen['a reply to it'] = reached.text;
  seen['stats'] = JSON.stringify(await channel.stats());
  seen['the page of the channel'] = JSON.stringify(await channel.info());
  seen['a metadata transcript'] = (await channel.call('GET', 'transcript')).text;
  seen['metrics'] = (await hub.get('/metrics')).text;
  seen['the counters of the server'] = (await hub.get('/api/stats')).text;
  seen['the log'] = hub.output + hub.errors;
  for (const [path, text] of Object.entries(seen)) {
    assert.ok(!text.includes(secret), `${path} shows it: ${text.slice(0, 500)}`);
    assert.ok(!text.includes('aGVsbG8='), `${path} shows the attachment`);
  }

  const unread = await cid.pending({ since: 0 });
  assert.deepEqual(unread, ['marker'], 'what cid may see is seen');
  assert.ok((await bob.pending({ since: 0 })).includes(`${secret} one`), 'and the addressee gets it');
});

test('the log holds no token, session, password, query or message', async () => {
  const channel = await createChannel(hub, { owner_password: 'a quiet password' });
  const ann = await channel.join('ann', { owner_password: 'a quiet password' });
  await ann.send('all', 'a message for nobody\'s log');
  await ann.listen({ timeout: 0, since: 12345 });
  await channel.call('GET', 'stats', { token: 'a-wrong-token-for-the-log' });
  await hub.get('/api/channels/nothing?token=in-the-query');
  const log = hub.output + hub.errors;
  for (const secret of [channel.token, ann.session, 'a quiet password', 'nobody\'s log', 'a-wrong-token-for-the-log', 'in-the-query', 'since=12345']) {
    assert.ok(!log.includes(secret), `the log shows ${secret}`);
  }
});
