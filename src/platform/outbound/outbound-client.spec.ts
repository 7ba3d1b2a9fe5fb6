import dns from 'node:dns';
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
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
  const own = [
    ...['127.0.0.1', 'localhost', '[::1]', '127.9.9.9', '[::ffff:127.0.0.1]', '[::127.0.0.1]'],
    // As people write it who hope that it is not recognised: short, decimal, octal, hexadecimal, in circles.
    ...['127.1', '2130706433', '017700000001', '0x7f.1', '0x7f000001', '127.0.0.1.', '①②⑦.0.0.1'],
    // A translator and a tunnel would lead back.
    ...['[64:ff9b::7f00:1]', '[64:ff9b:1::7f00:1]', '[2002:7f00:1::]'],
  ];
  for (const host of own)
    expect(await failure(get(session, `http://${host}:${port}/`))).toMatch(/is this service itself/);
  const { address: outside } = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .find(({ internal, family }) => !internal && family === 'IPv4') ?? { address: '127.0.0.1' };
  expect(await failure(get(session, `http://${outside}:${port}/`))).toMatch(/is this service itself/);
  answering(['127.0.0.1']);
  expect(await failure(get(session, `http://tool.example:${port}/`))).toMatch(/is this service itself/);
});

it('never connects to the address where people reach this service', async () => {
  const session = open({ PUBLIC_URL: 'https://backup.example.org/graphs' });
  for (const url of ['https://backup.example.org/api/v1', 'https://BACKUP.example.org:443/'])
    expect(await failure(get(session, url))).toMatch(/is this service itself/);
});

it.each([
  ['http://2852039166/', /not allowed/],
  ['http://0xa9fea9fe/', /not allowed/],
  ['http://0251.0376.0251.0376/', /not allowed/],
  ['http://169.254.43518/', /not allowed/],
  ['http://[::ffff:a9fe:a9fe]/', /not allowed/],
  ['http://[::ffff:0:a9fe:a9fe]/', /not allowed/],
  ['http://[::a9fe:a9fe]/', /not allowed/],
  ['http://[64:ff9b::a9fe:a9fe]/', /not allowed/],
  ['http://[64:ff9b:1::a9fe:a9fe]/', /not allowed/],
  ['http://[2002:a9fe:a9fe::1]/', /not allowed/],
  ['http://[fe80::1]/', /not allowed/],
  ['http://[fd00:ec2::254]/', /not allowed/],
  ['http://0/', /not allowed/],
  ['http://0.0.0.0:3000/', /not allowed/],
  ['http://[::]/', /not allowed/],
  ['http://255.255.255.255/', /not allowed/],
  ['http://[ff02::1]/', /not allowed/],
  ['http://user:secret@127.0.0.1/', /contains a user name or a password/],
  ['file:///etc/passwd', /Only http/],
  ['ftp://127.0.0.1/', /Only http/],
])('never connects to %s, whatever the operator permits', async (url, sentence) => {
  const lookup = jest.spyOn(dns, 'lookup');
  for (const networks of ['any', 'public', '0.0.0.0/0,::/0']) {
    const message = await failure(get(open({ SOURCE_NETWORKS: networks }), url));
    expect(message).toMatch(sentence);
    expect(message).not.toContain('secret');
  }
  expect(lookup).not.toHaveBeenCalled();
});

it.each([['metadata.google.internal'], ['169.254.169.254.nip.io'], ['instance-data']])(
  'never connects to metadata services by a name such as %s',
  async (host) => {
    for (const address of [METADATA, 'fd20:ce::254', 'fe80::a9fe:a9fe%eth0', '::ffff:a9fe:a9fe']) {
      jest.restoreAllMocks();
      answering([address]);
      const session = open({ SOURCE_NETWORKS: `any,${host}` });
      expect(await failure(get(session, `http://${host}/latest/meta-data/`))).toMatch(/not allowed/);
    }
  },
);
