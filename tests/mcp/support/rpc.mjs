// MCP over plain HTTP, without a client library: every header and field is the test's to choose.
// Lives here: requests of both eras, sessions, and reading an answer that is JSON or a stream.

import assert from 'node:assert/strict';
import { EventStream } from './events.mjs';

export const kModern = '2026-07-28';
export const kLegacy = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'];
export const kAccept = 'application/json, text/event-stream';
export const kClientInfo = { name: 'probe', version: '1.0' };

const kMeta = 'io.modelcontextprotocol';

export function modernMeta(more = {}) {
  return {
    [`${kMeta}/protocolVersion`]: kModern,
    [`${kMeta}/clientCapabilities`]: {},
    [`${kMeta}/clientInfo`]: kClientInfo,
    ...more,
  };
}

// The messages of an answer, whether it is one JSON document or a finished stream.
export function messagesOf(answer) {
  const type = answer.headers['content-type'] ?? '';
  if (type.startsWith('application/json')) {
    const body = JSON.parse(answer.text);
    return Array.isArray(body) ? body : [body];
  }
  assert.match(type, /^text\/event-stream/, `${answer.status} ${type}: ${answer.text}`);
  return answer.text.split(/\r?\n/).filter((line) => /^data: ?\S/.test(line))
    .map((line) => JSON.parse(line.replace(/^data: ?/, '')));
}

export function answerTo(id, answer) {
  const found = messagesOf(answer).filter((one) => one.id === id && !('method' in one));
  assert.equal(found.length, 1, `one answer to ${JSON.stringify(id)}: ${answer.status} ${answer.text}`);
  return found[0];
}

// Whoever has no session in the transport names the one that `join` gave.
export function resourceUri(channel, name, session) {
  const uri = `rogerthat://channel/${channel.id}/${name}`;
  return session === undefined ? uri : `${uri}?session=${session}`;
}

// What a tool said: `text` of all text blocks, `data` the structured content.
export class ToolAnswer {
  constructor(result) {
    this.result = result;
    this.isError = result.isError === true;
    this.data = result.structuredContent;
    this.text = result.content.filter(({ type }) => type === 'text').map(({ text }) => text).join('\n');
  }
}

export function succeeded(answer) {
  assert.ok(!answer.isError, `the tool failed: ${answer.text}`);
  return answer;
}

export function refused(answer, says) {
  assert.ok(answer.isError, `the tool should have refused: ${answer.text}`);
  if (says !== undefined) assert.match(answer.text, says);
  return answer;
}

class Caller {
  constructor(hub, { path = '/mcp', headers = {}, agent } = {}) {
    this.hub = hub;
    this.path = path;
    this.extraHeaders = headers;
    this.agent = agent;
    this.handles = {};
    this.nextId = 1;
  }

  // One HTTP exchange; `body` is an object, or a string that is sent as it is.
  exchange(method, body, headers = {}) {
    const all = { Accept: kAccept, ...this.extraHeaders, ...headers };
    for (const name of Object.keys(all)) if (all[name] === null) delete all[name];
    return this.hub.request({ method, path: this.path, headers: all, body, agent: this.agent });
  }

  async call(method, params = {}, { id = this.nextId++, headers = {} } = {}) {
    const message = this.message(method, params, id);
    const answer = await this.exchange('POST', message, { ...this.headersFor(message), ...headers });
    return answerTo(id, answer);
  }

  async result(method, params, options) {
    const answer = await this.call(method, params, options);
    assert.ok(answer.result, `${method} failed: ${JSON.stringify(answer.error)}`);
    return answer.result;
  }

  async error(method, params, options) {
    const answer = await this.call(method, params, options);
    assert.ok(answer.error, `${method} should have failed: ${JSON.stringify(answer.result)}`);
    return answer.error;
  }

  // The answer of a tool, with the handles that join() has left here.
  async tool(name, args = {}, options) {
    const params = { name, arguments: { ...this.handles, ...args } };
    return new ToolAnswer(await this.result('tools/call', params, options));
  }

  async use(name, args, options) {
    return succeeded(await this.tool(name, args, options));
  }

  // A call whose answer is read as it comes: {stream, id}.
  async open(method, params, { id = this.nextId++, headers = {} } = {}) {
    const message = this.message(method, params, id);
    const all = { Accept: kAccept, 'Content-Type': 'application/json', ...this.extraHeaders,
      ...this.headersFor(message), ...headers };
    const stream = await EventStream.open(this.hub.url, {
      path: this.path, headers: all, body: JSON.stringify(message),
    });
    return { stream, id };
  }

  openTool(name, args = {}, { meta, ...options } = {}) {
    const params = { name, arguments: { ...this.handles, ...args } };
    if (meta !== undefined) params._meta = meta;
    return this.open('tools/call', params, options);
  }

  uri(channel, name) {
    return resourceUri(channel, name, this.handles.session);
  }

  // The text of a channel's resource.
  async read(channel, name) {
    const { contents } = await this.result('resources/read', { uri: this.uri(channel, name) });
    return contents.map(({ text }) => text).join('\n');
  }
}

export class Legacy extends Caller {
  static async open(hub, { revision = kLegacy[0], capabilities = {}, ...options } = {}) {
    const caller = new Legacy(hub, options);
    await caller.initialize(revision, capabilities);
    return caller;
  }

  async initialize(revision = kLegacy[0], capabilities = {}) {
    this.revision = revision;
    const message = {
      jsonrpc: '2.0', id: 0, method: 'initialize',
      params: { protocolVersion: revision, capabilities, clientInfo: kClientInfo },
    };
    const answer = await this.exchange('POST', message);
    assert.equal(answer.status, 200, answer.text);
    this.initialized = answerTo(0, answer).result;
    this.session = answer.headers['mcp-session-id'];
    const accepted = await this.notify('notifications/initialized');
    assert.equal(accepted.status, 202, accepted.text);
  }

  message(method, params, id) {
    return { jsonrpc: '2.0', id, method, params };
  }

  headersFor() {
    const headers = {};
    if (this.session !== undefined) headers['Mcp-Session-Id'] = this.session;
    // The header came with 2025-06-18.
    if (this.revision >= '2025-06-18') headers['MCP-Protocol-Version'] = this.revision;
    return headers;
  }

  notify(method, params) {
    return this.exchange('POST', { jsonrpc: '2.0', method, params }, this.headersFor());
  }

  // The stream of the session, or of a broken answer when it resumes one.
  get(lastEventId, headers = {}) {
    const all = { Accept: 'text/event-stream', ...this.extraHeaders, ...this.headersFor(), ...headers };
    if (lastEventId !== undefined) all['Last-Event-ID'] = lastEventId;
    return EventStream.open(this.hub.url, { path: this.path, method: 'GET', headers: all });
  }

  end(headers = {}) {
    return this.exchange('DELETE', undefined, { ...this.headersFor(), ...headers });
  }

  async join(channel, callsign, more = {}) {
    const args = this.path === '/mcp' ? { channel_id: channel.id, token: channel.token } : {};
    return this.use('join', { ...args, callsign, ...more });
  }
}

export class Modern extends Caller {
  message(method, params = {}, id) {
    return { jsonrpc: '2.0', id, method, params: { ...params, _meta: modernMeta(params._meta) } };
  }

  headersFor(message) {
    const headers = { 'MCP-Protocol-Version': kModern, 'Mcp-Method': message.method };
    const name = message.method === 'resources/read' ? message.params.uri : message.params.name;
    if (['tools/call', 'prompts/get', 'resources/read'].includes(message.method)) {
      headers['Mcp-Name'] = name;
    }
    return headers;
  }

  async join(channel, callsign, more = {}) {
    const unified = this.path === '/mcp';
    const args = unified ? { channel_id: channel.id, token: channel.token } : {};
    const joined = await this.use('join', { ...args, callsign, ...more });
    this.handles = { session: joined.data.session_id };
    if (unified) this.handles.channel_id = channel.id;
    return joined;
  }
}
