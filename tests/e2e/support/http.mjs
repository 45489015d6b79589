// Ordinary HTTP requests as ordinary clients make them: each on a connection of its own, which the
// client closes when it has the whole answer. Connection-level behaviour is in raw.mjs.

import assert from 'node:assert/strict';
import http from 'node:http';
import https from 'node:https';
import { checkAnswer } from './contract.mjs';

// `body`: an object is sent as JSON, a string or buffer as it is.
export function request(origin, options) {
  const { method = 'GET', path, headers = {}, body, timeout = 90_000, agent } = options;
  const url = new URL(origin);
  const secure = url.protocol === 'https:';
  const payload = encodeBody(body);
  const all = { ...headers };
  if (payload !== undefined && !('content-length' in lowerKeys(all))) {
    all['Content-Length'] = payload.length;
  }
  if (body !== undefined && isPlain(body) && !('content-type' in lowerKeys(all))) {
    all['Content-Type'] = 'application/json';
  }
  return new Promise((resolve, reject) => {
    const own = agent ?? new (secure ? https : http).Agent({ keepAlive: true, maxSockets: 1 });
    const finish = () => agent ?? own.destroy();
    const outgoing = (secure ? https : http).request({
      host: url.hostname, port: url.port, method, path, headers: all, agent: own,
      rejectUnauthorized: false, timeout,
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error(`${method} ${path}: no answer in time`)));
    outgoing.on('error', (error) => (finish(), reject(error)));
    outgoing.on('response', (incoming) => {
      const chunks = [];
      incoming.on('data', (chunk) => chunks.push(chunk));
      incoming.on('error', (error) => (finish(), reject(error)));
      incoming.on('end', () => {
        finish();
        const answer = new Answer(incoming, Buffer.concat(chunks));
        try {
          checkAnswer(method, path, answer);
          resolve(answer);
        } catch (error) {
          reject(error);
        }
      });
    });
    outgoing.end(payload);
  });
}

function isPlain(body) {
  return typeof body === 'object' && body !== null && !Buffer.isBuffer(body);
}

function encodeBody(body) {
  if (body === undefined) return undefined;
  return Buffer.from(isPlain(body) ? JSON.stringify(body) : body);
}

function lowerKeys(headers) {
  return Object.fromEntries(Object.entries(headers).map(([k, v]) => [k.toLowerCase(), v]));
}

export class Answer {
  constructor(incoming, bytes) {
    this.status = incoming.statusCode;
    this.headers = incoming.headers;
    this.bytes = bytes;
    this.text = bytes.toString('utf8');
  }

  get json() {
    assert.equal(this.headers['content-type'], 'application/json; charset=utf-8');
    return JSON.parse(this.text);
  }
}

// The answer of a call that must work.
export function ok(answer) {
  assert.equal(answer.status, 200, `expected 200, got ${answer.status}: ${answer.text}`);
  return answer.json;
}

// An error in the form of the contract: a sentence, a code and, where asked for, a hint.
export function assertError(answer, status, code, says) {
  assert.equal(answer.status, status, `expected ${status} ${code}, got ${answer.status}: ${answer.text}`);
  const body = answer.json;
  assert.equal(body.code, code, answer.text);
  assert.equal(typeof body.error, 'string');
  assert.ok(body.error.length > 5, 'the error is a sentence');
  if (body.hint !== undefined) assert.equal(typeof body.hint, 'string');
  if (says !== undefined) assert.match(`${body.error} ${body.hint ?? ''}`, says);
  return body;
}

export function assertInvalid(answer, field) {
  const says = field === undefined ? undefined : new RegExp(field.replace(/[[\]]/g, '\\$&'));
  return assertError(answer, 400, 'invalid', says);
}
