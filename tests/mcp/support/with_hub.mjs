// Tests that each have a hub to themselves, and so can run beside each other.

import { test } from 'node:test';
import { startHub } from '../../e2e/support/hub.mjs';

// test_with_hub('name', {args: […]}, async (hub, context) => …); what `context.after` is told to end
// ends before the hub does.
export function testWithHub(name, options, body) {
  if (body === undefined) return testWithHub(name, {}, options);
  const { skip, ...hubOptions } = options;
  return test(name, { skip, timeout: 120_000 }, async () => {
    const hub = await startHub(hubOptions);
    const endings = [];
    try {
      await body(hub, { after: (ending) => endings.push(ending) });
    } finally {
      for (const ending of endings.reverse()) await Promise.resolve(ending()).catch(() => {});
      await hub.stop();
    }
  });
}
