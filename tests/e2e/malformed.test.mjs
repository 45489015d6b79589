// Requests that two parsers could read differently. Each is refused once, and whatever follows it on
// the connection is never taken for a request.

import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { startHub } from './support/hub.mjs';
import { RawConnection } from './support/raw.mjs';

const hub = await startHub();
after(() => hub.stop());

const smuggled = 'GET /api/bands HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n';
const post = (headers, body = '') => `POST /api/channels HTTP/1.1\r\nHost: 127.0.0.1\r\n${headers}\r\n\r\n${body}`;
const get = (headers) => `GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n${headers}\r\n\r\n`;

const refused = {
  'Content-Length and Transfer-Encoding': post('Content-Length: 5\r\nTransfer-Encoding: chunked', '0\r\n\r\n'),
  'Transfer-Encoding and Content-Length': post('Transfer-Encoding: chunked\r\nContent-Length: 5', '0\r\n\r\n'),
  'two different Content-Lengths': post('Content-Length: 2\r\nContent-Length: 3', '{} '),
  'a list of Content-Lengths': post('Content-Length: 2, 3', '{} '),
  'a Content-Length with a sign': post('Content-Length: +2', '{}'),
  'a negative Content-Length': post('Content-Length: -2', '{}'),
  'a hexadecimal Content-Length': post('Content-Length: 0x2', '{}'),
  'a Content-Length with a space inside': post('Content-Length: 1 2', '{}'),
  'an empty Content-Length': post('Content-Length:', '{}'),
  'a Content-Length that overflows': post('Content-Length: 18446744073709551618', '{}'),
  'Transfer-Encoding identity': post('Transfer-Encoding: identity', '{}'),
  'Transfer-Encoding chunked twice': post('Transfer-Encoding: chunked, chunked', '0\r\n\r\n'),
  'two Transfer-Encoding headers': post('Transfer-Encoding: chunked\r\nTransfer-Encoding: identity', '0\r\n\r\n'),
  'chunked not last': post('Transfer-Encoding: chunked, gzip', '0\r\n\r\n'),
  'chunked with a prefix': post('Transfer-Encoding: xchunked', '0\r\n\r\n'),
  'chunked with a control character': post('Transfer-Encoding: \x0bchunked', '0\r\n\r\n'),
  'chunked in quotes': post('Transfer-Encoding: "chunked"', '0\r\n\r\n'),
  'chunked in HTTP/1.0': 'POST /api/channels HTTP/1.0\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  'a space before the colon': post('Content-Length : 2', '{}'),
  'a space before the first header': 'GET /healthz HTTP/1.1\r\n Host: 127.0.0.1\r\n\r\n',
  'a folded header': post('X-A: b\r\n c\r\nContent-Length: 2', '{}'),
  'a header without a colon': get('nonsense'),
  'a header without a name': get(': value'),
  'a header name with a space': get('X A: b'),
  'a header name with a control character': get('X\x01A: b'),
  'a header name that is not ASCII': get('X\xe9: b'),
  'a NUL in a header value': get('X-A: a\0b'),
  'a bare CR in a header value': get('X-A: a\rContent-Length: 5'),
  'bare LF line ends': 'GET /healthz HTTP/1.1\nHost: 127.0.0.1\n\n',
  'a bare LF in the middle of the headers': get('X-A: b\nX-B: c'),
  'no Host': 'GET /healthz HTTP/1.1\r\n\r\n',
  'two Hosts': 'GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: 127.0.0.1\r\n\r\n',
  'a Host with a path': 'GET /healthz HTTP/1.1\r\nHost: 127.0.0.1/x\r\n\r\n',
  'a Host with user information': 'GET /healthz HTTP/1.1\r\nHost: me@127.0.0.1\r\n\r\n',
  'HTTP/0.9': 'GET /healthz\r\n\r\n',
  'HTTP/2.0 in words': 'GET /healthz HTTP/2.0\r\nHost: 127.0.0.1\r\n\r\n',
  'HTTP/1.10': 'GET /healthz HTTP/1.10\r\nHost: 127.0.0.1\r\n\r\n',
  'a protocol in lower case': 'GET /healthz http/1.1\r\nHost: 127.0.0.1\r\n\r\n',
  'two spaces in the request line': 'GET  /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n',
  'a tab in the request line': 'GET\t/healthz\tHTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n',
  'a space inside the target': 'GET /heal thz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n',
  'a control character in the target': 'GET /heal\x01thz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n',
  'a NUL in the target': 'GET /heal\0thz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n',
  'a target without a slash': 'GET healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n',
  'CONNECT': 'CONNECT 127.0.0.1:80 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n',
  'a method with a control character': 'G\x01T /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n',
  'a TLS hello': '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n',
  'an HTTP/2 preface': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'a chunk size with a prefix': post('Transfer-Encoding: chunked', '0x2\r\n{}\r\n0\r\n\r\n'),
  'a chunk size with a sign': post('Transfer-Encoding: chunked', '+2\r\n{}\r\n0\r\n\r\n'),
  'a chunk size with spaces in front': post('Transfer-Encoding: chunked', '  2\r\n{}\r\n0\r\n\r\n'),
  'no chunk size': post('Transfer-Encoding: chunked', '\r\n{}\r\n0\r\n\r\n'),
  'a chunk size that overflows': post('Transfer-Encoding: chunked', 'ffffffffffffffff2\r\n{}\r\n0\r\n\r\n'),
  'a chunk that is longer than it says': post('Transfer-Encoding: chunked', '2\r\n{} \r\n0\r\n\r\n'),
  'a chunk that ends with a bare LF': post('Transfer-Encoding: chunked', '2\r\n{}\n0\r\n\r\n'),
  'a chunk size line that ends with a bare LF': post('Transfer-Encoding: chunked', '2\n{}\r\n0\r\n\r\n'),
};

for (const [what, bytes] of Object.entries(refused)) {
  test(`refused: ${what}`, async () => {
    const connection = await RawConnection.to(hub);
    connection.write(bytes + smuggled);
    const received = await connection.untilClosed();
    const statuses = [...received.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((match) => Number(match[1]));
    assert.equal(statuses.length, 1, `one answer and no more: ${received}`);
    assert.ok([400, 403, 405, 411, 501, 505].includes(statuses[0]), received);
    assert.ok(!received.includes('"bands"'), 'what followed was not taken for a request');
    assert.match(received, /connection: close/i);
    connection.close();
  });
}

test('the hub is as well as before', async () => {
  assert.equal((await hub.get('/healthz')).text.trim(), 'ok');
});

const understood = {
  'a chunked body': post('Transfer-Encoding: chunked', '3\r\n{"r\r\nE\r\netention":"met\r\n7\r\nadata"}\r\n0\r\n\r\n'),
  'a chunked body with extensions and trailers': post('Transfer-Encoding: chunked', '18;a=b\r\n{"retention":"metadata"}\r\n0\r\nX-Trailer: x\r\n\r\n'),
  'chunk sizes in lower and upper case, with zeros in front': post('Transfer-Encoding: Chunked', '0018\r\n{"retention":"metadata"}\r\n0\r\n\r\n'),
  'header names in any case': post('cOnTeNt-LeNgTh: 24', '{"retention":"metadata"}'),
  'white space around header values': post('Content-Length: \t 24 \t', '{"retention":"metadata"}'),
};
for (const [what, bytes] of Object.entries(understood)) {
  test(`understood, and the connection goes on: ${what}`, async () => {
    const connection = await RawConnection.to(hub);
    connection.write(bytes);
    assert.equal((await connection.answer()).json.retention, 'metadata');
    connection.write(smuggled);
    assert.equal((await connection.answer()).json.bands.length, 3);
    connection.close();
  });
}

test('a request may come byte by byte', async () => {
  const connection = await RawConnection.to(hub);
  for (const byte of post('Content-Length: 24', '{"retention":"metadata"}')) {
    connection.write(byte);
    await new Promise(setImmediate);
  }
  assert.equal((await connection.answer()).json.retention, 'metadata');
  connection.close();
});

test('pipelined requests are answered in order', async () => {
  const connection = await RawConnection.to(hub);
  const paths = ['/healthz', '/api/bands', '/no-such', '/llms.txt', '/healthz'];
  connection.write(paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`).join(''));
  const statuses = [];
  for (let i = 0; i < paths.length; ++i) statuses.push((await connection.answer()).status);
  assert.deepEqual(statuses, [200, 200, 404, 200, 200]);
  connection.close();
});

test('HTTP/1.0 is answered and the connection closed', async () => {
  const connection = await RawConnection.to(hub);
  connection.write('GET /healthz HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n');
  const answer = await connection.answer();
  assert.equal(answer.status, 200);
  await connection.untilClosed();
});

test('Connection: close is kept', async () => {
  const connection = await RawConnection.to(hub);
  connection.send('GET', '/healthz', { headers: { Connection: 'close' } });
  const answer = await connection.answer();
  assert.match(answer.headers.connection, /close/i);
  await connection.untilClosed();
});
