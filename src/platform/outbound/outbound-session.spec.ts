import { createServer, type AddressInfo, type Server } from 'node:net';
import type { HttpAdapterHost } from '@nestjs/core';
import { AppConfig } from '../config/app-config';
import { OutboundClient } from './outbound-client';
import { OutboundError } from './outbound-error';
import type { OutboundSession } from './outbound-session';

const outbound = new OutboundClient(
  AppConfig.from({ SOURCE_NETWORKS: '127.0.0.1' }),
  {} as unknown as HttpAdapterHost,
);

let session: OutboundSession;
let servers: Server[];
beforeEach(() => {
  session = outbound.open({ verifyTls: true });
  servers = [];
});
afterEach(async () => {
  session.close();
  for (const server of servers) await new Promise((resolve) => server.close(resolve));
});

async function listening(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** A server that sends this text for each connection, then `more` as long as anybody reads. */
const raw = (head: string, more = '') =>
  listening(
    createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => {
        socket.write(head);
        const send = (): void => {
          if (more !== '' && !socket.destroyed) socket.write(more, () => setImmediate(send));
        };
        send();
      });
    }),
  );

const OK = 'HTTP/1.1 200 OK\r\n';
const LINE = `${'x'.repeat(1_000)}: ${'y'.repeat(1_000)}\r\n`;

it.each([
  ['headers without end', OK, LINE, /headers that are too large/],
  ['one header without end', `${OK}a: `, 'y'.repeat(4_096), /headers that are too large/],
  [
    'a status line without end',
    'HTTP/1.1 200 ',
    'y'.repeat(4_096),
    /headers that are too large|not answer in HTTP/,
  ],
  [
    'a size of a chunk without end',
    `${OK}transfer-encoding: chunked\r\n\r\n1;`,
    'y'.repeat(4_096),
    /closed the connection|not answer in HTTP|headers that are too large/,
  ],
  [
    'trailers without end',
    `${OK}transfer-encoding: chunked\r\n\r\n1\r\na\r\n0\r\n`,
    LINE,
    /closed the connection|not answer in HTTP|headers that are too large/,
  ],
  [
    'chunks without end',
    `${OK}transfer-encoding: chunked\r\n\r\n`,
    `400\r\n${'y'.repeat(1_024)}\r\n`,
    /limit/,
  ],
  ['a body without end', `${OK}\r\n`, 'y'.repeat(4_096), /limit/],
  ['a length beyond the limit', `${OK}content-length: 99999999999\r\n\r\n`, 'y'.repeat(4_096), /limit/],
  ['preliminary answers without end', '', 'HTTP/1.1 102 Processing\r\n\r\n', /too many preliminary answers/],
  ['something else than HTTP', 'SSH-2.0-OpenSSH_9.6\r\n', '', /not answer in HTTP/],
  ['a compressed body', `${OK}content-encoding: gzip\r\n\r\n`, '\x1f\x8b', /compresses its answers/],
  [
    'a body that is compressed twice',
    `${OK}content-encoding: gzip, br\r\n\r\n`,
    '\x1f\x8b',
    /compresses its answers/,
  ],
  ['a redirect to a file', 'HTTP/1.1 302 Found\r\nlocation: file:///etc/passwd\r\n\r\n', '', /redirects/],
  [
    'a change of protocol',
    'HTTP/1.1 101 Switching Protocols\r\nupgrade: h2c\r\nconnection: upgrade\r\n\r\n',
    '',
    /changes to another protocol \(101\)/,
  ],
])('refuses %s', async (_, head, more, sentence) => {
  const port = await raw(head, more);
  const url = new URL(`http://127.0.0.1:${port}/`);
  const refusal = session.request({ url, maxBytes: 100_000 });
  await expect(refusal).rejects.toBeInstanceOf(OutboundError);
  await expect(refusal).rejects.toThrow(sentence);
});
