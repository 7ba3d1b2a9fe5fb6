import { HOSTILE_NAMES, hostileGraphs } from './hostile-names';
import { operationsOf, type OpenApiDocument, type OpenApiSchema, type Operation } from './openapi';

/** A request that may be wrong in any way that HTTP can express. */
export interface RandomRequest {
  method: string;
  path: string;
  headers: Record<string, string>;
  body?: Buffer;
}

/** What requests are made of. */
export interface RandomFacts {
  document: OpenApiDocument;
  /** Ids that name something. */
  ids: readonly string[];
  /** Tokens that are valid. */
  tokens: readonly string[];
}

/** What means something to a language, a database, a parser or this service. */
const VALUES: readonly unknown[] = [
  ...[null, true, false, 0, -1, 1, 2, 1.5, 1e21, 2 ** 31, 2 ** 53, '', ' ', '0', '-1', '1', 'x', [], {}],
  ...[
    'a\0b',
    '\u200B',
    '\uFDFA',
    "'; DROP TABLE graphs",
    '%',
    '../..',
    '2026-11-23T09:15:00Z',
    '0001-01-01T00:00:00Z',
  ],
  ...[
    '99999999999999999999',
    'draft',
    'active',
    'include',
    'config,versions',
    '-updated_at',
    'title',
    'full',
    'x'.repeat(300),
  ],
  ...[
    { keep_last: 1 },
    { keep_last: -1 },
    ['read', 'write'],
    [[[]]],
    'W10',
    'WzFd',
    'true',
    'json',
    'svg',
    'markdown',
  ],
];

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'];

/** Requests over an OpenAPI document, the same for the same seed. */
export class RandomRequests {
  private readonly operations: Operation[];
  private state: number;

  constructor(
    private readonly facts: RandomFacts,
    seed: number,
  ) {
    this.operations = operationsOf(facts.document);
    this.state = seed;
  }

  next(): RandomRequest {
    const operation = this.one(this.operations);
    const method = this.chance(0.03) ? this.one(METHODS) : operation.method.toUpperCase();
    const path = operation.path.replace(/\{(\w+)\}/g, (_, name: string) => this.part(name));
    const query = this.query(operation);
    const body = operation.requestBody || this.chance(0.02) ? this.body(operation) : undefined;
    const headers = { ...this.headers(), ...(body && { 'content-type': this.type() }) };
    return { method, path: query ? `${path}?${query}` : path, headers, ...(body && { body }) };
  }

  private part(name: string): string {
    if (this.chance(0.7)) return name === 'version' ? String(1 + this.below(3)) : this.one(this.facts.ids);
    return encodeURIComponent(this.text()) || 'x';
  }

  private query(operation: Operation): string {
    const names = (operation.parameters ?? []).filter((one) => one.in === 'query').map(({ name }) => name);
    if (names.length === 0 && this.chance(0.95)) return '';
    const pairs = Array.from({ length: this.below(4) }, (): [string, string] => [
      this.chance(0.05) ? this.one(HOSTILE_NAMES) : this.one([...names, 'x']),
      this.text(),
    ]);
    return new URLSearchParams(pairs).toString();
  }

  private body(operation: Operation): Buffer {
    if (this.chance(0.1)) return Buffer.from(this.one(['', '{', '[', 'null', '{"a":1,"a":2}', '\xff', '['.repeat(300), '{"__proto__":1}'])); // prettier-ignore
    const reference = operation.requestBody?.content['application/json']?.schema;
    const schemas = this.facts.document.components.schemas;
    const schema: OpenApiSchema = schemas[reference?.$ref?.split('/').at(-1) ?? ''] ?? reference ?? {};
    const names = Object.keys(schema.properties ?? {});
    const members = names.flatMap((name) => (this.chance(0.7) ? [this.member(name)] : []));
    if (this.chance(0.1)) members.push(`${JSON.stringify(this.one(HOSTILE_NAMES))}:1`);
    return Buffer.from(`{${members.join(',')}}`);
  }

  private member(name: string): string {
    if (name === 'config' && this.chance(0.8)) return `"config":${this.graph()}`;
    if (name === 'title' && this.chance(0.8)) return `"title":${JSON.stringify(`Graph ${this.below(50)}`)}`;
    return `${JSON.stringify(name)}:${JSON.stringify(this.one(VALUES))}`;
  }

  private graph(): string {
    return this.one([...hostileGraphs(this.one(HOSTILE_NAMES)).values()]);
  }

  private headers(): Record<string, string> {
    const token = this.chance(0.9) ? this.one(this.facts.tokens) : this.one(['', 'x', 'a.b.c', 'gmb_x_y']);
    const odd: Record<string, string>[] = [
      { 'if-match': '"1-0000000000000000"' },
      { 'if-none-match': '*' },
      { 'x-request-id': 'x'.repeat(200) },
      { 'idempotency-key': `key-${this.below(10)}` },
      { 'content-encoding': 'gzip' },
      { accept: 'text/html', range: 'bytes=0-1' },
      { origin: 'https://elsewhere.example', 'x-forwarded-for': '192.0.2.1, x' },
    ];
    return { authorization: `Bearer ${token}`, ...(this.chance(0.2) && this.one(odd)) };
  }

  private type(): string {
    return this.chance(0.95)
      ? 'application/json'
      : this.one(['text/plain', 'application/x-www-form-urlencoded', 'x']);
  }

  private text(): string {
    const value = this.chance(0.1) ? this.one(this.facts.ids) : this.one(VALUES);
    return typeof value === 'string' ? value : JSON.stringify(value);
  }

  private one<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }

  private chance(part: number): boolean {
    return this.below(1_000) < part * 1_000;
  }

  // Mulberry32: https://gist.github.com/tommyettinger/46a874533244883189143505d203312c (public domain).
  private below(limit: number): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  }
}
