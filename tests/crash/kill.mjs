// kill -9 under load, again and again, on one data directory.
//   node tests/crash/kill.mjs [rounds, default 20] [seed]
// Several connections send durable messages with client ids; the hub is killed at a random moment and
// started again. Then every message that was answered with 200 is there exactly once, in order, under
// the id of its answer; those without an answer are sent again by client id and come once, too.
// Ends with a line "N passed, N failed": one check per round.

import assert from 'node:assert/strict';
import http from 'node:http';
import { createChannel } from '../e2e/support/channel.mjs';
import { ok } from '../e2e/support/http.mjs';
import { startHub } from '../e2e/support/hub.mjs';

const rounds = Number(process.argv[2] ?? 20);
const seed = Number(process.argv[3] ?? Date.now() % 1_000_000);
const kSenders = 6;

let state = seed;
function random(below) {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((state / 2 ** 32) * below);
}

// One callsign that sends numbered messages one after the other over one connection.
class Sender {
  constructor(member) {
    this.member = member;
    this.agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    this.acknowledged = [];  // ids, by number
    this.unanswered = null;  // the body that may or may not have been stored
  }

  body(number) {
    const text = `${this.member.callsign}:${number}:${'x'.repeat((number * 37) % 900)}`;
    return { to: 'all', message: text, client_id: `c${number}` };
  }

  async sendUntil(stopped) {
    while (!stopped()) {
      this.unanswered = this.body(this.acknowledged.length);
      let answer;
      try {
        answer = await this.member.trySend(this.unanswered, { agent: this.agent, timeout: 10_000 });
      } catch {
        return;
      }
      this.acknowledged.push(ok(answer).id);
      this.unanswered = null;
    }
  }

  async sendAgain() {
    this.agent.destroy();
    this.agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    if (this.unanswered === null) return;
    const sent = ok(await this.member.trySend(this.unanswered));
    const twice = ok(await this.member.trySend(this.unanswered));
    assert.equal(twice.duplicate, true, 'a client id is remembered');
    assert.equal(twice.id, sent.id);
    this.acknowledged.push(sent.id);
    this.unanswered = null;
  }
}

async function everything(reader) {
  const messages = [];
  for (let since = 0, more = true; more;) {
    const answer = await reader.listen({ timeout: 0, since });
    assert.equal(answer.gap, undefined, 'nothing has left the ring');
    messages.push(...answer.messages);
    more = answer.more === true;
    since = messages.at(-1)?.id ?? 0;
  }
  return messages;
}

function check(messages, senders) {
  for (let i = 1; i < messages.length; ++i) {
    assert.ok(messages[i].id > messages[i - 1].id, 'ids rise');
  }
  for (const sender of senders) {
    const own = messages.filter(({ from }) => from === sender.member.callsign);
    assert.deepEqual(own.map(({ id }) => id), sender.acknowledged,
      `${sender.member.callsign}: each acknowledged message once, in order`);
    own.forEach(({ text }, number) => assert.equal(text, sender.body(number).message));
  }
}

class Scene {
  static async create(hub) {
    const scene = new Scene();
    scene.channel = await createChannel(hub, { retention: 'full', ring_size: 10_000, loop_guard: 'off' });
    scene.reader = await scene.channel.join('reader');
    scene.senders = [];
    for (let i = 0; i < kSenders; ++i) {
      scene.senders.push(new Sender(await scene.channel.join(`sender-${i}`)));
    }
    return scene;
  }

  get size() {
    return this.senders.reduce((sum, { acknowledged }) => sum + acknowledged.length, 0);
  }

  async verify() {
    check(await everything(this.reader), this.senders);
    const { events } = await this.channel.transcript({ limit: 10_000 });
    const texts = events.filter(({ type }) => type === 'message').map(({ text }) => text);
    assert.equal(new Set(texts).size, texts.length, 'the transcript has each once');
    assert.ok(texts.length >= Math.min(this.size, 9_000), 'the transcript has them all');
  }

  close() {
    for (const { agent } of this.senders) agent.destroy();
  }
}

let passed = 0;
let failed = 0;
let messages = 0;
const hub = await startHub();
try {
  let scene = await Scene.create(hub);
  for (let round = 1; round <= rounds; ++round) {
    // A new channel now and then: rings are bounded, and several rounds on one are wanted as well.
    if (scene.size > 6_000) {
      scene.close();
      scene = await Scene.create(hub);
    }
    const before = scene.size;
    let killed = false;
    const sending = scene.senders.map((sender) => sender.sendUntil(() => killed));
    await new Promise((resolve) => setTimeout(resolve, 30 + random(400)));
    killed = true;
    await hub.crash();
    await Promise.all(sending);
    await hub.start();
    try {
      check(await everything(scene.reader).then((all) => all.filter(({ from, text }) => {
        const sender = scene.senders.find(({ member }) => member.callsign === from);
        return text !== sender.unanswered?.message;
      })), scene.senders);
      for (const sender of scene.senders) await sender.sendAgain();
      await scene.verify();
      passed += 1;
    } catch (error) {
      failed += 1;
      console.error(`round ${round} (seed ${seed}): ${error.message}`);
      scene.close();
      scene = await Scene.create(hub);
    }
    messages += scene.size - Math.min(before, scene.size);
  }
  scene.close();
} finally {
  await hub.stop();
}
console.log(`${messages} messages, ${rounds} kills, seed ${seed}`);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
