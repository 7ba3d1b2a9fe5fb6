import dns from 'node:dns';
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { HttpAdapterHost } from '@nestjs/core';
import { AppConfig } from '../config/app-config';
import { OutboundClient } from './outbound-client';
import { OutboundError } from './outbound-error';
import type { OutboundResponse, OutboundSession } from './outbound-session';

const TLS = join(__dirname, '..', '..', '..', 'test', 'samples', 'tls');
const CA_FILE = join(TLS, 'ca.pem');
const pem = (name: string) => readFileSync(join(TLS, `${name}.pem`));

let servers: Server[];
let sessions: OutboundSession[];
beforeEach(() => {
  servers = [];
  sessions = [];
});
afterEach(async () => {
  jest.restoreAllMocks();
  for (const session of sessions) session.close();
  for (const server of servers) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

async function listening(server: Server, host = '127.0.0.1'): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return (server.address() as AddressInfo).port;
}

/** A server that answers `hello` with the certificate of a file in test/samples/tls; returns its port. */
const secured = (certificate: string) =>
  listening(
    createServer(
      { key: pem('server.key'), cert: pem(certificate) },
      (_, response) => void response.end('hello'),
    ),
  );
/** A server that answers the host it was asked for, and closes each connection. */
const plain = (host?: string) =>
  listening(
    createHttpServer(({ headers }, response) => {
      response.writeHead(200, { connection: 'close' });
      response.end(headers.host);
    }),
    host,
  );

function open(settings: Record<string, string> = {}, verifyTls = true): OutboundSession {
  const config = AppConfig.from({ SOURCE_NETWORKS: 'any', ...settings });
  const session = new OutboundClient(config, {} as unknown as HttpAdapterHost).open({ verifyTls });
  sessions.push(session);
  return session;
}

const get = (session: OutboundSession, url: string): Promise<OutboundResponse> =>
  session.request({ url: new URL(url), maxBytes: 1_000 });

async function failure(asked: Promise<unknown>): Promise<string> {
  const error: unknown = await asked.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(OutboundError);
  return (error as OutboundError).message;
}

describe('the certificate of a server', () => {
  it.each([
    ['self-signed', /^The certificate of localhost is not signed by a trusted authority\..*SOURCE_CA_FILE/],
    ['localhost', /^The certificate of localhost is not signed by a trusted authority\./],
    ['expired', /trusted authority|has expired/],
  ])(
    '(%s) is refused with a sentence when no authority of the machine has signed it',
    async (name, sentence) => {
      const port = await secured(name);
      expect(await failure(get(open(), `https://localhost:${port}/`))).toMatch(sentence);
    },
  );

  it('is accepted when it is signed by the authority in SOURCE_CA_FILE', async () => {
    const port = await secured('localhost');
    const session = open({ SOURCE_CA_FILE: CA_FILE });
    for (const host of ['localhost', '127.0.0.1'])
      expect((await get(session, `https://${host}:${port}/`)).body.toString()).toBe('hello');
  });

  it.each([
    ['expired', 'The certificate of localhost has expired.'],
    ['other-host', 'The certificate of localhost was issued for another name.'],
    ['self-signed', expect.stringContaining('not signed by a trusted authority') as string],
  ])('(%s) is refused although the authority is trusted', async (name, sentence) => {
    const port = await secured(name);
    expect(await failure(get(open({ SOURCE_CA_FILE: CA_FILE }), `https://localhost:${port}/`))).toEqual(
      sentence,
    );
  });

  it.each(['expired', 'other-host', 'self-signed'])(
    '(%s) is accepted if it shall not be verified',
    async (name) => {
      const port = await secured(name);
      expect((await get(open({}, false), `https://localhost:${port}/`)).body.toString()).toBe('hello');
    },
  );

  it('is missing on a port without TLS, which a sentence explains', async () => {
    const port = await plain();
    expect(await failure(get(open(), `https://127.0.0.1:${port}/`))).toMatch(
      /does not speak TLS on this port/,
    );
  });
});

/** Makes DNS answer these addresses, one list for each question; the last one for all that follow. */
function answering(...answers: string[][]) {
  const lookup = (
    _: string,
    __: dns.LookupAllOptions,
    callback: (error: null, addresses: dns.LookupAddress[]) => void,
  ) => {
    const addresses = answers.length > 1 ? answers.shift()! : answers[0]!;
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  };
  return jest.spyOn(dns, 'lookup').mockImplementation(lookup as unknown as typeof dns.lookup);
}

const METADATA = '169.254.169.254';

describe('a name that changes its address', () => {
  it('leads to the address that was checked: it is resolved once for each connection', async () => {
    const port = await plain();
    const lookup = answering(['127.0.0.1'], [METADATA]);
    const session = open();
    const answer = await get(session, `http://tool.example:${port}/`);
    expect(answer.body.toString()).toBe(`tool.example:${port}`);
    expect(lookup).toHaveBeenCalledTimes(1);
    // The next connection is checked again.
    expect(await failure(get(session, `http://tool.example:${port}/`))).toMatch(
      /tool\.example are not allowed/,
    );
    expect(lookup).toHaveBeenCalledTimes(2);
  });

  it('leads to the allowed ones of several addresses only', async () => {
    const port = await plain();
    answering([METADATA, '::ffff:169.254.169.254', '127.0.0.1']);
    expect((await get(open(), `http://tool.example:${port}/`)).status).toBe(200);
  });

  it.each([METADATA, '::ffff:169.254.169.254', 'fe80::1', '0.0.0.0', '224.0.0.1', 'fd00:ec2::254'])(
    'is refused for %s, whatever networks are allowed',
    async (address) => {
      answering([address]);
      for (const networks of ['any', 'tool.example', '0.0.0.0/0,::/0'])
        expect(await failure(get(open({ SOURCE_NETWORKS: networks }), 'http://tool.example/'))).toMatch(
          /not allowed/,
        );
    },
  );

  it('is refused for an address of a private network where only public ones are allowed', async () => {
    for (const address of ['127.0.0.1', '10.1.2.3', '192.168.1.1', '100.64.0.1', 'fd12::1', '::1']) {
      jest.restoreAllMocks();
      answering([address]);
      expect(await failure(get(open({ SOURCE_NETWORKS: 'public' }), 'http://tool.example/'))).toMatch(
        /SOURCE_NETWORKS/,
      );
    }
  });
});

it('does not follow redirects, wherever they lead', async () => {
  const port = await listening(
    createHttpServer((_, response) => {
      response.writeHead(307, { location: `http://${METADATA}/latest` });
      response.end();
    }),
  );
  expect(await failure(get(open(), `http://127.0.0.1:${port}/`))).toBe(
    '127.0.0.1 redirects to another address (307). Enter the final address.',
  );
});

it('never connects to this service itself, by any of its names', async () => {
  const server = createHttpServer((_, response) => void response.end('me'));
  const port = await listening(server, '0.0.0.0');
  const adapter = { httpAdapter: { getHttpServer: () => server } } as unknown as HttpAdapterHost;
  const session = new OutboundClient(AppConfig.from({ SOURCE_NETWORKS: 'any' }), adapter).open({
    verifyTls: true,
  });
  sessions.push(session);
  for (const host of ['127.0.0.1', 'localhost', '[::ffff:127.0.0.1]', '127.1'])
    expect(await failure(get(session, `http://${host}:${port}/`))).toMatch(/is this service itself/);
  answering(['127.0.0.1']);
  expect(await failure(get(session, `http://tool.example:${port}/`))).toMatch(/is this service itself/);
});
