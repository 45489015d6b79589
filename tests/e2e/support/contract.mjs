// Holds what the hub answers against what it says about itself: every JSON answer that a test gets
// must be described in /openapi.json, by route and status, with every field that it has. The
// published schemas leave room for fields of later versions; here there is none.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';

const require = createRequire(new URL('../../mcp/package.json', import.meta.url));

let contract;

export const hasContract = () => contract !== undefined;

export function setContract(document) {
  contract = new Contract(document);
}

// Calls that are not described (unknown paths, wrong methods, HEAD) are none of its business.
export function checkAnswer(method, path, answer) {
  if (contract === undefined || method === 'HEAD') return;
  if (!(answer.headers['content-type'] ?? '').startsWith('application/json')) return;
  contract.check(method, path, answer);
}

class Contract {
  constructor(document) {
    const Ajv = require('ajv/dist/2020').default;
    this.ajv = new Ajv({ strict: false, validateSchema: false });
    this.ajv.addSchema(closed(document), 'api');
    this.validators = new Map();
    this.calls = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.entries(operations).map(([method, { responses }]) =>
        ({ method: method.toUpperCase(), path, responses, matches: pattern(path) })));
  }

  check(method, target, answer) {
    const path = target.split('?')[0].replace(/^\/m\/[^/]+/, '');
    const call = this.calls.find((each) => each.method === method && each.matches.test(path));
    // The front page is JSON of another route, and what MCP answers is MCP's.
    if (call === undefined || path === '/' || path === '/mcp' || path.startsWith('/mcp/')) return;
    const where = `${method} ${call.path} answers ${answer.status}`;
    assert.ok(call.responses[answer.status], `${where}, which /openapi.json does not tell: ${answer.text}`);
    const validate = this.#validator(call, answer.status);
    if (validate(JSON.parse(answer.text))) return;
    assert.fail(`${where} otherwise than /openapi.json says: ${this.ajv.errorsText(validate.errors)} `
      + `${JSON.stringify(validate.errors[0].params)}\n${answer.text.slice(0, 2000)}`);
  }

  #validator(call, status) {
    const key = `${call.method} ${call.path} ${status}`;
    if (!this.validators.has(key)) {
      const response = call.responses[status].$ref?.slice(1)
        ?? `/paths/${escape(call.path)}/${call.method.toLowerCase()}/responses/${status}`;
      this.validators.set(key, this.ajv.compile({ $ref: `api#${response}/content/application~1json/schema` }));
    }
    return this.validators.get(key);
  }
}

function pattern(path) {
  return new RegExp(`^${path.split(/\{[^}]*\}/).map((part) => part.replace(/[.*+?^$()|[\]\\]/g, '\\$&')).join('[^/]+')}$`);
}

// A step of a JSON pointer within a URI.
function escape(path) {
  return encodeURIComponent(path.replace(/~/g, '~0').replace(/\//g, '~1'));
}

// The same with every object closed to fields that are not described.
function closed(node) {
  if (Array.isArray(node)) return node.map(closed);
  if (typeof node !== 'object' || node === null) return node;
  const copy = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, closed(value)]));
  if (node.type === 'object' && node.properties && !node.additionalProperties) copy.additionalProperties = false;
  return copy;
}
