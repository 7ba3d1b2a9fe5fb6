import type { HttpAdapterHost } from '@nestjs/core';
import { AppConfig } from '../../src/platform/config/app-config';
import { scanJson } from '../../src/platform/http/json-scan';
import { OutboundClient } from '../../src/platform/outbound/outbound-client';
import type { OutboundSession } from '../../src/platform/outbound/outbound-session';
import { HttpConnector } from '../../src/sources/connectors/generic-http/http.connector';
import { COMMON_OPTIONS, withDefaults, type Fields } from '../../src/sources/domain/fields';
import { FakeTool, type ToolAnswer } from '../support/tools/fake-tool';

const ITEMS = Array.from({ length: 7 }, (_, i) => ({ id: `i${i}`, v: i }));
const PAGE = 3;

const outbound = new OutboundClient(
  AppConfig.from({ SOURCE_NETWORKS: '127.0.0.1' }),
  {} as unknown as HttpAdapterHost,
);
const connector = new HttpConnector();
let tool: FakeTool;
let http: OutboundSession;
beforeEach(async () => {
  tool = await FakeTool.start();
  http = outbound.open({ verifyTls: true });
});
afterEach(async () => {
  http.close();
  await tool.close();
});

/** The ids that are listed, page by page, where `answer` answers the list from item `from` on. */
async function pagesOf(
  options: Fields,
  answer: (from: number) => ToolAnswer,
  credentials: Fields = {},
): Promise<string[][]> {
  tool.handle = ({ url }) => answer(Number(new URL(url, tool.url).searchParams.get('from') ?? 0));
  const session = await connector.connect({
    url: tool.url,
    options: withDefaults(
      { ...COMMON_OPTIONS, ...connector.options },
      { list_path: '/list?all=1', ...options },
    ),
    credentials,
    http,
    signal: new AbortController().signal,
    limits: { documentBytes: 1e6, answerBytes: 1e6, folders: [] },
    scan: (bytes) => Promise.resolve(void scanJson(bytes, { maxDepth: 64, maxMembers: 0 })),
  });
  const pages = [];
  for await (const page of session.list()) pages.push(page.map(({ remoteId }) => remoteId));
  return pages;
}

const PAGES = [['i0', 'i1', 'i2'], ['i3', 'i4', 'i5'], ['i6']];

it('follows a Link header and an address in the body', async () => {
  const next = (from: number) => `/list?from=${from + PAGE}`;
  const linked = await pagesOf({}, (from) => ({
    json: ITEMS.slice(from, from + PAGE),
    ...(from + PAGE < ITEMS.length && { headers: { link: `<${next(from)}>; rel="next"` } }),
  }));
  expect(linked).toEqual(PAGES);
  const named = await pagesOf({ items: '/items', next: '/next' }, (from) => ({
    json: { items: ITEMS.slice(from, from + PAGE), next: from + PAGE < ITEMS.length ? next(from) : null },
  }));
  expect(named).toEqual(PAGES);
});

it('leaves out the items it has by the parameter of `skip`, until a page is empty', async () => {
  const pages = await pagesOf({ skip: 'from' }, (from) => ({ json: ITEMS.slice(from, from + PAGE) }));
  expect(pages).toEqual([...PAGES, []]);
  expect(tool.calls.map(({ url }) => url)).toEqual(
    ['', '&from=3', '&from=6', '&from=7'].map((more) => `/list?all=1${more}`),
  );
});

it('takes the list of a server that does not know the parameter of `skip` once', async () => {
  expect(await pagesOf({ skip: 'from' }, () => ({ json: ITEMS }))).toEqual([ITEMS.map(({ id }) => id)]);
});

const PERSON = { username: 'me', password: 'p&ss' };

it.each<[string, Fields, string, string | undefined]>([
  ['nothing', {}, 'authorization', undefined],
  ['a token', { token: 'right' }, 'authorization', 'Bearer right'],
  ['a header', { header_name: 'X-Api-Key', header_value: 'right' }, 'x-api-key', 'right'],
  ['a person', PERSON, 'authorization', `Basic ${Buffer.from('me:p&ss').toString('base64')}`],
])('sends %s as its credentials with each page', async (_, credentials, name, expected) => {
  await pagesOf({ skip: 'from' }, (from) => ({ json: ITEMS.slice(from, from + PAGE) }), credentials);
  expect(tool.calls.map(({ headers }) => headers[name])).toEqual(new Array(4).fill(expected));
});

it('signs a person in by a form once, and says so where that gives no token', async () => {
  const options = { sign_in_path: '/token' };
  await pagesOf(options, () => ({ json: { access_token: 'made' } }), PERSON).catch(() => undefined);
  const [signIn, list] = tool.calls;
  expect([signIn!.method, signIn!.url, signIn!.body.toString()]).toEqual([
    ...['POST', '/token', 'username=me&password=p%26ss'],
  ]);
  expect(list!.headers.authorization).toBe('Bearer made');
  await expect(pagesOf(options, () => ({ json: [] }), PERSON)).rejects.toThrow(/without an access_token/);
});
