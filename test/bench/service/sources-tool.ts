import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { series } from '../http/documents';

/** What the other process is to serve, or `change`: another state of every document. */
export type ToolOrder = { items: number; bytes: number; page: number } | 'change';

/** A few texts of this size; each document is one of them, with its own number in front. */
const TEXTS = 20;
let revision = 1;
let bodies: string[] = [];
let size = { items: 0, page: 1 };

const server = createServer(({ url = '' }, response) => {
  const { pathname, searchParams } = new URL(url, 'http://tool');
  const id = /^\/flows\/(\d+)$/.exec(pathname)?.[1];
  response.setHeader('content-type', 'application/json');
  response.end(id === undefined ? pageAt(Number(searchParams.get('from') ?? 0)) : documentOf(Number(id)));
});

function documentOf(id: number): string {
  const text = bodies[(id + revision) % bodies.length]!;
  return `{"id":${id},"flow":{"number":${id},"revision":${revision},${text.slice(1)}}`;
}

function pageAt(from: number): string {
  const to = Math.min(size.items, from + size.page);
  const items = Array.from({ length: to - from }, (_, at) => ({
    ...{ id: `${from + at}`, name: `Flow ${from + at}`, rev: revision },
  }));
  return JSON.stringify({ items, next: to < size.items ? `/flows?from=${to}` : null });
}

process.on('message', (order: ToolOrder) => {
  if (order === 'change') {
    revision += 1;
    process.send?.(revision);
    return;
  }
  size = order;
  bodies = series(order.bytes, TEXTS, 9).map((text) => text.toString());
  if (server.listening) process.send?.((server.address() as AddressInfo).port);
  else server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
});
