// Deliveries as the official Standard Webhooks library sees them, with the secret as it was printed.

import assert from 'node:assert/strict';
import { Webhook } from 'standardwebhooks';
import { createChannel } from '../e2e/support/channel.mjs';
import { ok } from '../e2e/support/http.mjs';
import { Receiver } from '../e2e/support/webhook_receiver.mjs';
import { testWithHub } from './support/with_hub.mjs';

testWithHub('the official library verifies what comes, and nothing that was changed', async (hub, context) => {
  const receiver = await Receiver.start();
  context.after(() => receiver.stop());
  const channel = await createChannel(hub);
  const { id, secret } = ok(await channel.call('POST', 'webhooks', { body: { url: receiver.url() } }));
  const [alice] = await channel.joinAll('alice');
  await alice.send('all', 'signed – "sealed"');
  const [{ headers, body }] = await receiver.first(1);
  const webhook = new Webhook(secret);
  const payload = webhook.verify(body.toString(), headers);
  assert.equal(payload.message.text, 'signed – "sealed"');
  assert.throws(() => webhook.verify(`${body} `, headers));
  assert.throws(() => webhook.verify(body.toString(), { ...headers, 'webhook-id': 'dlv_other' }));

  const rotated = ok(await channel.call('POST', `webhooks/${id}/rotate`));
  await alice.send('all', 'again');
  const second = (await receiver.first(2))[1];
  new Webhook(rotated.secret).verify(second.body.toString(), second.headers);
  assert.throws(() => webhook.verify(second.body.toString(), second.headers));
});
