// /openapi.json as a tool reads it. That the answers are what it says is held by every other test:
// support/contract.mjs looks at each of them.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import test, { after } from 'node:test';
import { Answer, ok } from '../e2e/support/http.mjs';
import { startHub } from '../e2e/support/hub.mjs';
import { checkAnswer } from '../e2e/support/contract.mjs';

const require = createRequire(import.meta.url);
const { createConfig, lintFromString } = require('@redocly/openapi-core');

const hub = await startHub();
after(() => hub.stop());

test('redocly finds neither an error nor a warning', async () => {
  const { text } = await hub.get('/openapi.json');
  const config = await createConfig({ extends: ['recommended'] });
  const problems = await lintFromString({ source: text, absoluteRef: 'openapi.json', config });
  assert.deepEqual(problems.map(({ ruleId, message, location }) => `${ruleId} at ${location[0]?.pointer}: ${message}`), []);
});

test('every call says what it answers, and what when it fails', async () => {
  const { paths, components } = ok(await hub.get('/openapi.json'));
  for (const [path, operations] of Object.entries(paths)) {
    for (const [method, { responses }] of Object.entries(operations)) {
      const [[type, { schema }]] = Object.entries(responses['200'].content);
      if (type === 'application/json') assert.ok(Object.keys(schema.properties).length > 0, `${method} ${path}`);
      assert.ok(Object.keys(responses).some((status) => status.startsWith('4')), `${method} ${path}`);
    }
  }
  for (const name of Object.keys(components.responses)) {
    assert.deepEqual(components.responses[name].content['application/json'].schema, { $ref: '#/components/schemas/Error' });
  }
});

test('an answer that is not as described does not pass unseen', () => {
  const answer = (status, body) => new Answer({ statusCode: status, headers: { 'content-type': 'application/json; charset=utf-8' } },
    Buffer.from(JSON.stringify(body)));
  const stats = { channels_created: 1, joins_total: 1, messages_total: 1, started_at: 1 };
  checkAnswer('GET', '/api/stats', answer(200, stats));
  for (const [status, body] of [[200, { ...stats, more: 1 }], [200, { ...stats, started_at: 'now' }],
    [200, { channels_created: 1 }], [418, { error: 'a sentence', code: 'invalid' }], [503, { error: 'no code' }]]) {
    assert.throws(() => checkAnswer('GET', '/api/stats?x=1', answer(status, body)), /openapi\.json/, JSON.stringify(body));
  }
});
