import { HOSTILE_NAMES, hostileGraphs } from './hostile-names';
import { operationsOf, type OpenApiDocument, type OpenApiSchema, type Operation } from './openapi';

/** A request that may be wrong in any way that HTTP can express. */
export interface RandomRequest {
  method: string;
  path: string;
  headers: Record<string, string>;
  body?: Buffer;
}

/** What requests are made of. Lists may change between requests. */
export interface RandomFacts {
  document: OpenApiDocument;
  /** Ids that name something, graphs mostly. */
  ids: readonly string[];
  /** Tokens that are valid. */
  tokens: readonly string[];
  /** Zip archives that can be imported; requests damage some of them. */
  archives?: readonly Buffer[];
  /** Addresses of servers that answer, for sources and webhooks. */
  addresses?: readonly string[];
  /** Times at which graphs existed, ISO 8601. */
  times?: readonly string[];
}

/** Ids of one collection that are remembered; older ones are forgotten at random. */
const KNOWN_MAX = 200;
const ZIP = 'application/zip';
const FORM = 'application/x-www-form-urlencoded';

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
  /** By token and collection. */
  private readonly known = new Map<string, string[]>();
  private token = '';
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
    this.token = this.chance(0.95) ? this.one(this.facts.tokens) : this.one(['', 'x', 'a.b.c', 'gmb_x_y']);
    const method = this.chance(0.03) ? this.one(METHODS) : operation.method.toUpperCase();
    const path = operation.path.replace(/([\w-]+)\/\{(\w+)\}/g, (_, of: string, name: string) => `${of}/${this.part(of, name)}`); // prettier-ignore
    const query = this.query(operation);
    const [type, body] = operation.requestBody || this.chance(0.02) ? this.body(operation) : [];
    const headers = { ...this.headers(), ...(type !== undefined && { 'content-type': type }) };
    return { method, path: query ? `${path}?${query}` : path, headers, ...(body && { body }) };
  }

  /** Remembers an id that was answered, so that later requests with the same token name it. */
  learn({ path, headers }: RandomRequest, answer: string): void {
    const ids = [...answer.slice(0, 10_000).matchAll(/"(?:id|user_id|actor_id)":"([^"]+)"/g)];
    const id = ids.length > 0 ? this.one(ids)[1]! : undefined;
    const of = collectionOf(path);
    if (id === undefined || of === undefined) return;
    const key = `${headers['authorization'] ?? ''} ${of}`;
    const known = this.known.get(key) ?? [];
    if (known.length < KNOWN_MAX) known.push(id);
    else known[this.below(KNOWN_MAX)] = id;
    this.known.set(key, known);
  }

  private part(of: string, name: string): string {
    if (this.chance(0.1)) return encodeURIComponent(this.text()) || 'x';
    if (name === 'version' || name === 'n') return String(1 + this.below(3));
    const known = this.known.get(`Bearer ${this.token} ${of}`);
    return this.one(known !== undefined && this.chance(0.8) ? known : this.facts.ids);
  }

  private query(operation: Operation): string {
    const parameters = (operation.parameters ?? []).filter((one) => one.in === 'query');
    if (parameters.length === 0 && this.chance(0.95)) return '';
    const pairs = parameters
      .filter(() => this.chance(0.4))
      .map(({ name, schema, example }): [string, string] => [
        name,
        this.chance(0.6) ? textOf(this.valid(name, { ...schema, example })) : this.text(),
      ]);
    if (this.chance(0.05)) pairs.push([this.one([...HOSTILE_NAMES, 'x']), this.text()]);
    return new URLSearchParams(pairs).toString();
  }

  private body(operation: Operation): [type: string, body: Buffer] {
    const content = operation.requestBody?.content ?? {};
    const type = this.one([...Object.keys(content), 'application/json']);
    const sent = this.chance(0.95) ? type : this.one(['text/plain', FORM, ZIP, 'x']);
    if (this.chance(0.05)) return [sent, Buffer.from(this.one(['', '{', '[', 'null', '{"a":1,"a":2}', '\xff', '['.repeat(300), '{"__proto__":1}']))]; // prettier-ignore
    if (type === ZIP) return [sent, this.archive()];
    const schema = this.resolved(content[type]?.schema);
    if (schema.properties === undefined) return [sent, Buffer.from(this.graph())];
    const members = this.members(schema);
    if (type !== FORM) return [sent, objectOf(members)];
    const pairs = members.map(([name, value]): [string, string] => [name, textOf(JSON.parse(value))]);
    return [sent, Buffer.from(new URLSearchParams(pairs).toString())];
  }

  /** Names and values as JSON. Most are what the schema says, so that the request gets past its validation. */
  private members({ properties = {}, required = [] }: OpenApiSchema): [string, string][] {
    const wild = this.chance(0.4);
    const optional = this.one([0.1, 0.5, 0.9]);
    const members = Object.entries(properties)
      .filter(([name]) => this.chance(required.includes(name) ? 0.97 : optional))
      .map(([name, schema]): [string, string] => [
        name,
        wild && this.chance(0.4) ? JSON.stringify(this.one(VALUES)) : this.member(name, schema),
      ]);
    if (wild && this.chance(0.2)) members.push([this.one(HOSTILE_NAMES), '1']);
    return members;
  }

  private member(name: string, schema: OpenApiSchema): string {
    return name === 'config' ? this.graph() : JSON.stringify(this.valid(name, schema));
  }

  /** What the schema permits. */
  private valid(name: string, given: OpenApiSchema): unknown {
    const schema = this.resolved(given);
    if (name === 'email' || name === 'username') return `user-${this.below(50)}@example.org`;
    if (name.includes('password')) return 'a password of the fuzz';
    if (name === 'title') return `${this.one(['Graph', ...HOSTILE_NAMES])} ${this.below(50)}`;
    if (name === 'url' && this.facts.addresses) return this.one(this.facts.addresses);
    if (name === 'graph_ids') return [this.one(this.facts.ids)];
    if (name === 'nodes') return [this.one(HOSTILE_NAMES), 'other'];
    if (name === 'from') return '2020-01-01T00:00:00Z';
    if (name === 'at' || name === 'to') return this.one(this.facts.times ?? ['2099-01-01T00:00:00Z']);
    if (schema.enum) return this.one(schema.enum);
    if (schema.type === 'boolean') return this.chance(0.5);
    if (schema.type === 'integer' || schema.type === 'number') return 1 + this.below(5);
    const items = schema.items?.enum;
    if (items) return items.filter(() => this.chance(0.5));
    return schema.example ?? this.one(VALUES);
  }

  private resolved(schema: OpenApiSchema = {}): OpenApiSchema {
    const name = schema.$ref?.split('/').at(-1) ?? '';
    return this.facts.document.components.schemas[name] ?? schema;
  }

  private archive(): Buffer {
    const archive = Buffer.from(this.one(this.facts.archives ?? [Buffer.from('PK\x05\x06')]));
    if (this.chance(0.3)) return archive.subarray(0, this.below(archive.length));
    const flips = this.chance(0.3) ? 0 : 1 + this.below(4);
    for (let times = 0; times < flips; times += 1) archive[this.below(archive.length)] = this.below(256);
    return archive;
  }

  private graph(): string {
    return this.one([...hostileGraphs(this.one(HOSTILE_NAMES)).values()]);
  }

  private headers(): Record<string, string> {
    const odd: Record<string, string>[] = [
      { 'if-match': '"1-0000000000000000"' },
      { 'if-none-match': '*' },
      { 'x-request-id': 'x'.repeat(200) },
      { 'idempotency-key': `key-${this.below(10)}` },
      { 'content-encoding': 'gzip' },
      { accept: 'text/html', range: 'bytes=0-1' },
      { origin: 'https://elsewhere.example', 'x-forwarded-for': '192.0.2.1, x' },
    ];
    return { authorization: `Bearer ${this.token}`, ...(this.chance(0.2) && this.one(odd)) };
  }

  private text(): string {
    return textOf(this.chance(0.1) ? this.one(this.facts.ids) : this.one(VALUES));
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

/** Where the ids of an answer belong: the last part of its path that is no id. */
function collectionOf(path: string): string | undefined {
  const parts = path.split('?')[0]!.split('/');
  const of = parts.findLast((part) => /^[a-z][a-z-]+$/.test(part));
  return of === 'register' || of === 'audit' ? 'users' : of;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function objectOf(members: readonly [string, string][]): Buffer {
  return Buffer.from(`{${members.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(',')}}`);
}
