// A TCP proxy in front of the hub whose connections can be cut: to a client the network has failed.

import net from 'node:net';
import { once } from 'node:events';

export class Proxy {
  static async to(hub) {
    const proxy = new Proxy(hub);
    proxy.server.listen(0, '127.0.0.1');
    await once(proxy.server, 'listening');
    return proxy;
  }

  constructor(hub) {
    this.pairs = new Set();
    this.cuts = 0;
    this.server = net.createServer((inside) => {
      const outside = net.connect({ host: hub.address, port: hub.port });
      const pair = { inside, outside, sent: '' };
      this.pairs.add(pair);
      inside.on('data', (chunk) => {
        pair.sent += chunk.toString('latin1');
        outside.write(chunk);
      });
      outside.on('data', (chunk) => inside.write(chunk));
      for (const [one, other] of [[inside, outside], [outside, inside]]) {
        one.on('error', () => {});
        one.on('end', () => other.end());
        one.on('close', () => (other.destroy(), this.pairs.delete(pair)));
      }
    });
  }

  get url() {
    return `http://127.0.0.1:${this.server.address().port}`;
  }

  // Ends every connection whose requests so far contain `text`.
  cut(text = '') {
    let count = 0;
    for (const pair of this.pairs) {
      if (!pair.sent.includes(text)) continue;
      count += 1;
      this.#cutPair(pair);
    }
    return count;
  }

  // Ends one of them, if there is one.
  cutOne(number) {
    const pair = [...this.pairs][number % Math.max(1, this.pairs.size)];
    if (pair !== undefined) this.#cutPair(pair);
  }

  #cutPair(pair) {
    this.cuts += 1;
    pair.inside.resetAndDestroy();
    pair.outside.destroy();
  }

  close() {
    this.server.close();
    this.cut();
  }
}
