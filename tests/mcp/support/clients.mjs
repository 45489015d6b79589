// The official clients of both lines behind one set of verbs, so that the same test asks both.

import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ResourceUpdatedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { Client as ClientV2, StreamableHTTPClientTransport as TransportV2 } from '@modelcontextprotocol/client';
import { until } from '../../e2e/support/hub.mjs';
import { kClientInfo, resourceUri, succeeded, ToolAnswer } from './rpc.mjs';

// Reconnects at once: a test has no network to be kind to.
const kReconnection = {
  initialReconnectionDelay: 20, maxReconnectionDelay: 200, reconnectionDelayGrowFactor: 1.5, maxRetries: 10,
};

// Waits for URIs that were told to have changed.
class Updates {
  constructor() {
    this.seen = [];
    this.waiters = [];
  }

  take(uri) {
    this.seen.push(uri);
    for (const wake of this.waiters.splice(0)) wake();
  }

  async next(timeout = 10_000) {
    const deadline = Date.now() + timeout;
    while (this.seen.length === 0) {
      const left = deadline - Date.now();
      if (left <= 0) throw new Error('no resource was said to have changed in time');
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, left);
        this.waiters.push(() => (clearTimeout(timer), resolve()));
      });
    }
    return this.seen.shift();
  }
}

class Agent {
  constructor(hub, { path = '/mcp', url = hub.url, headers = {}, ...options } = {}) {
    this.hub = hub;
    this.path = path;
    this.url = new URL(path, url);
    this.headers = headers;
    this.options = options;
    this.handles = {};
    this.updates = new Updates();
    this.errors = [];
  }

  // options: {signal, onprogress, onresumptiontoken}
  async tool(name, args = {}, options) {
    return this.callTool({ name, arguments: { ...this.handles, ...args } }, options);
  }

  async use(name, args, options) {
    return succeeded(await this.tool(name, args, options));
  }

  async join(channel, callsign, more = {}) {
    const args = this.path === '/mcp' ? { channel_id: channel.id, token: channel.token } : {};
    const joined = await this.use('join', { ...args, callsign, ...more });
    this.joined(channel, joined.data);
    return joined;
  }

  // Texts of what is pending now.
  async pending(args = {}) {
    const { data } = await this.use('listen', { timeout_seconds: 0, ...args });
    return data.messages.map(({ text }) => text);
  }

  // What was received is received for good. Clients keep several connections: until this machine
  // has acknowledged the answer on one, a call on another may get the same messages again.
  untilNothingIsPending(args) {
    return until(async () => (await this.pending(args)).length === 0, 'the messages to be received');
  }

  uri(channel, name) {
    return resourceUri(channel, name, this.handles.session);
  }

  async read(channel, name) {
    const { contents } = await this.client.readResource({ uri: this.uri(channel, name) });
    return contents.map(({ text }) => text).join('\n');
  }

  async close() {
    await this.client.close();
  }
}

// @modelcontextprotocol/sdk: revision 2025-11-25, with a session.
export class AgentV1 extends Agent {
  static era = 'legacy';

  static async connect(hub, options) {
    const agent = new AgentV1(hub, options);
    await agent.initialize();
    return agent;
  }

  async initialize() {
    this.client = new ClientV1(kClientInfo);
    this.client.onerror = (error) => this.errors.push(error);
    this.client.setNotificationHandler(ResourceUpdatedNotificationSchema,
      ({ params }) => this.updates.take(params.uri));
    this.transport = new TransportV1(this.url, {
      requestInit: { headers: this.headers }, reconnectionOptions: kReconnection, ...this.options,
    });
    await this.client.connect(this.transport);
    await this.client.listTools(); // from now on it holds answers against the output schemas
  }

  async callTool(params, options) {
    return new ToolAnswer(await this.client.callTool(params, undefined, options));
  }

  joined() {}

  async watch(uri) {
    await this.client.subscribeResource({ uri });
  }

  unwatch(uri) {
    return this.client.unsubscribeResource({ uri });
  }
}

// @modelcontextprotocol/client: asks for the newest revision and gets 2026-07-28, without sessions.
export class AgentV2 extends Agent {
  static era = 'modern';

  static async connect(hub, { mode = 'auto', ...options } = {}) {
    const agent = new AgentV2(hub, options);
    agent.client = new ClientV2(kClientInfo, { versionNegotiation: { mode } });
    agent.client.onerror = (error) => agent.errors.push(error);
    agent.client.setNotificationHandler('notifications/resources/updated',
      ({ params }) => agent.updates.take(params.uri));
    agent.transport = new TransportV2(agent.url, {
      requestInit: { headers: agent.headers }, reconnectionOptions: kReconnection, ...agent.options,
    });
    await agent.client.connect(agent.transport);
    await agent.client.listTools();
    return agent;
  }

  async callTool(params, options) {
    return new ToolAnswer(await this.client.callTool(params, options));
  }

  joined(channel, data) {
    this.handles = { session: data.session_id };
    if (this.path === '/mcp') this.handles.channel_id = channel.id;
  }

  async watch(uri) {
    this.subscription = await this.client.listen({ resourceSubscriptions: [uri] });
  }

  unwatch() {
    return this.subscription.close();
  }
}
