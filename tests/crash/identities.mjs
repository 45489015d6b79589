// kill -9 while accounts and identities are made and direct messages are sent, again and again, on one
// data directory.
//   node tests/crash/identities.mjs [rounds, default 20] [seed]
// What was answered with 200 is there after the start: accounts open by each of their secrets,
// identities are their account's and their keys work, messages are in the inbox once and in order. What
// got no answer is there whole or not at all: a handle that is taken is its account's and can be given a
// key, one that is not can be made; a message that is sent again by its client id comes once.
// Ends with a line "N passed, N failed": one check per round.

import assert from 'node:assert/strict';
import http from 'node:http';
import { Account } from '../e2e/support/account.mjs';
import { Handle } from '../e2e/support/handle.mjs';
import { ok } from '../e2e/support/http.mjs';
import { startHub } from '../e2e/support/hub.mjs';

const rounds = Number(process.argv[2] ?? 20);
const seed = Number(process.argv[3] ?? Date.now() % 1_000_000);
const kSenders = 4;
const kInboxFull = 900;  // of the thousand that an inbox takes

let state = seed;
function random(below) {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((state / 2 ** 32) * below);
}

// Calls step() until the hub is gone; a step that was cut off has thrown.
async function until(stopped, step) {
  while (!stopped()) {
    try {
      await step();
    } catch (error) {
      if (error.code === 'ERR_ASSERTION') throw error;
      return;
    }
  }
}

class AccountMaker {
  constructor(hub) {
    Object.assign(this, { hub, made: [] });
  }
  async step() {
    this.made.push(await Account.create(this.hub));
  }
  async verify() {
    for (const account of this.made) {
      assert.equal(ok(await account.get()).account_id, account.id);
      const back = ok(await this.hub.post('/api/account/recover', { recovery_token: account.recovery }));
      assert.equal(back.account_id, account.id);
    }
    this.made = [];
  }
}

// One account that makes one identity after the other.
class IdentityMaker {
  constructor(account, number) {
    Object.assign(this, { account, number, count: 0, made: [], unanswered: null });
  }
  async step() {
    this.unanswered = `maker-${this.number}-${this.count++}`;
    this.made.push(await this.account.identity(this.unanswered));
    this.unanswered = null;
  }
  async verify() {
    const listed = new Set(ok(await this.account.get('/identities')).identities.map(({ callsign }) => callsign));
    for (const { callsign, identity_key } of this.made) {
      assert.ok(listed.has(callsign), `${callsign} is its account's`);
      await new Handle(this.account.hub, this.account, { callsign, identity_key }).inbox();
    }
    if (this.unanswered !== null) {
      const callsign = this.unanswered;
      const given = ok(listed.has(callsign)
        ? await this.account.post(`/identities/${callsign}/rotate`)
        : await this.account.post('/identities', { callsign }));
      const handle = new Handle(this.account.hub, this.account, given);
      await handle.inbox();
      assert.equal((await this.account.post('/identities', { callsign })).status, 409, 'taken for good');
      this.unanswered = null;
    }
    // An account holds so many: these have served their purpose.
    for (const { callsign } of this.made.splice(0)) ok(await this.account.delete(`/identities/${callsign}`));
  }
}

// One handle that sends numbered messages to another, over one connection.
class Sender {
  constructor(handle, to) {
    Object.assign(this, { handle, to, acknowledged: [], unanswered: null });
    this.agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  }
  text(number) {
    return `${this.handle.callsign}:${number}:${'x'.repeat((number * 37) % 900)}`;
  }
  async step() {
    const number = this.acknowledged.length;
    this.unanswered = { text: this.text(number), client_id: `c${number}` };
    this.acknowledged.push(ok(await this.send()).id);
    this.unanswered = null;
  }
  send() {
    const { text, client_id } = this.unanswered;
    return this.handle.trySend(this.to, text, { client_id }, { agent: this.agent, timeout: 10_000 });
  }
  async sendAgain() {
    this.close();
    this.agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    if (this.unanswered === null) return;
    const sent = ok(await this.send());
    const twice = ok(await this.send());
    assert.deepEqual([twice.id, twice.duplicate], [sent.id, true], 'a client id is remembered');
    this.acknowledged.push(sent.id);
    this.unanswered = null;
  }
  check(messages) {
    const own = messages.filter(({ from }) => from === this.handle.callsign);
    assert.deepEqual(own.map(({ id }) => id), this.acknowledged,
      `${this.handle.callsign}: each acknowledged message once, in order`);
    own.forEach(({ text }, number) => assert.equal(text, this.text(number)));
  }
  close() {
    this.agent.destroy();
  }
}

class Mailbox {
  static async create(hub, account) {
    const mailbox = new Mailbox();
    mailbox.reader = await Handle.create(hub, undefined, account);
    mailbox.senders = [];
    for (let i = 0; i < kSenders; ++i) {
      mailbox.senders.push(new Sender(await Handle.create(hub, undefined, account), mailbox.reader));
    }
    return mailbox;
  }
  get size() {
    return this.senders.reduce((sum, { acknowledged }) => sum + acknowledged.length, 0);
  }
  async verify() {
    const unsure = new Set(this.senders.map(({ unanswered }) => unanswered?.text));
    const { messages } = await this.reader.inbox({ limit: 1000 });
    for (const sender of this.senders) sender.check(messages.filter(({ text }) => !unsure.has(text)));
    for (const sender of this.senders) await sender.sendAgain();
    const after = await this.reader.inbox({ limit: 1000 });
    for (const sender of this.senders) sender.check(after.messages);
    assert.equal(after.unread, this.size);
    for (let i = 1; i < after.messages.length; ++i) {
      assert.ok(after.messages[i].id > after.messages[i - 1].id, 'ids rise');
    }
  }
  close() {
    for (const sender of this.senders) sender.close();
  }
}

let passed = 0;
let failed = 0;
const made = { accounts: 0, identities: 0, messages: 0 };
const hub = await startHub({ args: ['--shards', '2'] });
try {
  const owner = await Account.create(hub);
  const accounts = new AccountMaker(hub);
  const makers = [0, 1].map(async (number) => new IdentityMaker(await Account.create(hub), number));
  const identities = await Promise.all(makers);
  let mailbox = await Mailbox.create(hub, owner);
  for (let round = 1; round <= rounds; ++round) {
    if (mailbox.size > kInboxFull / 2) {
      mailbox.close();
      mailbox = await Mailbox.create(hub, owner);
    }
    const before = mailbox.size;
    let killed = false;
    const stopped = () => killed || mailbox.size > kInboxFull;
    const making = [accounts, ...identities, ...mailbox.senders].map((maker) => until(stopped, () => maker.step()));
    await new Promise((resolve) => setTimeout(resolve, 30 + random(400)));
    killed = true;
    await hub.crash();
    await Promise.all(making);
    made.accounts += accounts.made.length;
    made.identities += identities.reduce((sum, maker) => sum + maker.made.length, 0);
    made.messages += mailbox.size - before;
    await hub.start();
    try {
      assert.ok(!hub.errors.includes('record skipped'), 'every record makes sense');
      await accounts.verify();
      for (const maker of identities) await maker.verify();
      await mailbox.verify();
      passed += 1;
    } catch (error) {
      failed += 1;
      console.error(`round ${round} (seed ${seed}): ${error.message}`);
      accounts.made = [];
      for (const maker of identities) Object.assign(maker, { made: [], unanswered: null });
      mailbox.close();
      mailbox = await Mailbox.create(hub, owner);
    }
  }
  mailbox.close();
} finally {
  await hub.stop();
}
console.log(`${made.accounts} accounts, ${made.identities} identities, ${made.messages} messages, ${rounds} kills, seed ${seed}`);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
