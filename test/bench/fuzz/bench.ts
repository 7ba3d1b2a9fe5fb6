import { setTimeout as sleep } from 'node:timers/promises';
import { HttpSession, graphBody } from '../../../scripts/http-session';
import { Clock } from '../../../src/platform/clock/clock';
import { rawRequest } from '../../support/raw-http';
import { operationsOf, type OpenApiDocument } from '../../support/openapi';
import { RandomRequests, type RandomFacts, type RandomRequest } from '../../support/random-requests';
import { withFolder } from '../folder';
import type { Options } from '../options';
import { ProbedService } from '../service/probed-service';
import { whereOf } from '../where';
import { HostileTool } from './hostile-tool';

const CONNECTIONS = 16;
const SLOW_MS = 5_000;
const GRAPHS = 20;
const USERS = 4;
const PASSWORD = 'a password of the fuzz';
const ADMINISTRATOR = { ADMIN_EMAIL: 'admin@example.org', ADMIN_PASSWORD: PASSWORD };
/** Memory that a service may hold more than after the first tenth of the requests, bytes. */
const GROWTH_BYTES = 150_000_000;
const SETTLE_MS = 5_000;
/** The hostile server's endless list gives each account so many graphs; each export reads all of them. */
const SOURCE_ITEMS = '200';
/** Requests between two lines about the progress. */
const PROGRESS = 10_000;

/**
 * Sends random requests over the OpenAPI document: methods, ids, headers, queries, bodies, archives, tokens, hostile
 * graphs of every dialect, sources and webhooks that lead to a hostile server. Throws for a 5xx other than 503, an
 * answer that takes over 5 s, and memory that is not returned.
 */
export async function benchFuzz({ requests, seed, database }: Options): Promise<void> {
  await withFolder(async (folder) => {
    const where = await whereOf(database, folder);
    const tool = await HostileTool.start();
    try {
      // Guesses and registrations are refused otherwise, and nothing behind them is reached.
      const open = {
        ...{ THROTTLE_LOGIN_PER_MINUTE: '100000', SOURCE_NETWORKS: 'any', SOURCE_ITEMS_MAX: SOURCE_ITEMS },
        ...ADMINISTRATOR,
      };
      const service = await ProbedService.start(folder, ['--expose-gc'], { ...where.environment, ...open });
      try {
        await new Fuzz(service, tool, { requests, seed }).run();
      } finally {
        await service.stop();
      }
    } finally {
      tool.close();
      await where.stop();
    }
  });
}

class Fuzz {
  private readonly facts: RandomFacts & { ids: string[]; tokens: string[] };
  private readonly faults: string[] = [];
  private readonly statuses = new Map<number, number>();
  private readonly met = new Map<string, Set<number>>();
  private readonly slow: [ms: number, what: string][] = [];
  private left: number;
  private made = 0;

  constructor(
    private readonly service: ProbedService,
    tool: HostileTool,
    private readonly order: { requests: number; seed: number },
  ) {
    this.left = order.requests;
    const document = { paths: {} } as OpenApiDocument;
    this.facts = { document, ids: [], tokens: [], archives: [], addresses: tool.addresses };
  }

  async run(): Promise<void> {
    const { requests, seed } = this.order;
    await this.prepare();
    const random = new RandomRequests(this.facts, seed);
    await this.send(random, requests * 0.9);
    const early = await this.service.heldBytes();
    await this.send(random, 0);
    await sleep(SETTLE_MS);
    this.print();
    const late = await this.service.heldBytes();
    const rows = (['heap', 'buffers', 'resident'] as const).map(
      (part) => `${part} ${mib(early[part])}, then ${mib(late[part])}`,
    );
    console.log(`memory after a tenth, and at the end, MiB: ${rows.join('; ')}`);
    for (const fault of this.faults.slice(0, 20)) console.log(fault);
    if (this.faults.length > 0)
      throw new Error(`${this.faults.length} requests were not answered as they have to be.`);
    if (late.heap + late.buffers - early.heap - early.buffers > GROWTH_BYTES)
      throw new Error('Memory was not returned.');
  }

  private async prepare(): Promise<void> {
    const { session } = this.service;
    for (let at = 0; at < GRAPHS; at += 1) {
      const { body } = await session.send('POST', '/api/v1/graphs', graphBody(`Graph ${at}`, '{"a":1}'));
      this.facts.ids.push((JSON.parse(body.toString()) as { id: string }).id);
    }
    const document = (await session.send('GET', '/docs/openapi.json')).body.toString();
    Object.assign(this.facts, {
      document: JSON.parse(document) as OpenApiDocument,
      tokens: [
        session.accessToken,
        ...(await Promise.all(Array.from({ length: USERS }, () => this.token()))),
      ],
      times: [new Date(new Clock().now()).toISOString()],
      archives: [(await session.send('GET', '/api/v1/export')).body],
    });
  }

  /** Sends requests until so many are left. */
  private async send(random: RandomRequests, until: number): Promise<void> {
    const worker = async (): Promise<void> => {
      while (this.left > until) {
        this.left -= 1;
        if (this.left % PROGRESS === 0) console.log(`${this.left} requests left`);
        await this.sendOne(random);
      }
    };
    await Promise.all(Array.from({ length: CONNECTIONS }, worker));
  }

  private async sendOne(random: RandomRequests): Promise<void> {
    const request = random.next();
    const begun = performance.now();
    try {
      const { status, text } = await rawRequest(this.service.child.url, request);
      this.count(request, status, performance.now() - begun);
      if (status === 200 || status === 201) random.learn(request, text);
      if (status === 401) await this.replace(request);
    } catch (error) {
      this.faults.push(`${described(request)}: ${String(error)}`);
    }
  }

  private count(request: RandomRequest, status: number, ms: number): void {
    this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
    this.slow.push([ms, `${request.method} ${request.path.slice(0, 100)} ${status}`]);
    if (this.slow.length > 1_000) this.slow.sort((one, other) => other[0] - one[0]).length = 10;
    const operation = operationOf(this.facts.document, request);
    if (operation !== undefined) {
      const met = this.met.get(operation) ?? new Set();
      this.met.set(operation, met.add(status));
    }
    if (status >= 500 && status !== 503) this.faults.push(`${described(request)}: ${status}`);
    if (ms > SLOW_MS) this.faults.push(`${described(request)}: ${ms.toFixed(0)} ms`);
  }

  /** A session that a request has ended is replaced by one of another user. */
  private async replace({ headers }: RandomRequest): Promise<void> {
    const at = this.facts.tokens.indexOf(headers['authorization']?.slice('Bearer '.length) ?? '');
    if (at < 0) return;
    const ended = this.facts.tokens[at];
    const fresh = await this.token();
    if (this.facts.tokens[at] === ended) this.facts.tokens[at] = fresh;
  }

  /** Of an administrator, then of new users. */
  private async token(): Promise<string> {
    this.made += 1;
    const session = new HttpSession(this.service.child.url, 1);
    const isAdministrator = this.made % (USERS + 1) === 1;
    if (isAdministrator) await session.signIn(ADMINISTRATOR.ADMIN_EMAIL, PASSWORD).catch(() => undefined);
    const other = () => session.signIn(`fuzz-${this.made}@example.org`, PASSWORD);
    const token = session.hasToken ? session.accessToken : await other().then(() => session.accessToken);
    session.close();
    return token;
  }

  private print(): void {
    const { requests, seed } = this.order;
    console.log(`${requests} requests with seed ${seed}: ${JSON.stringify(Object.fromEntries([...this.statuses].sort()))}`); // prettier-ignore
    const names = operationsOf(this.facts.document).map(
      ({ method, path }) => `${method.toUpperCase()} ${path}`,
    );
    const unmet = names.filter((name) => ![...(this.met.get(name) ?? [])].some((status) => status < 300));
    console.log(`${names.length - unmet.length} of ${names.length} operations have succeeded at least once`);
    if (unmet.length > 0) console.log(`never: ${unmet.join(', ')}`);
    this.slow.sort((one, other) => other[0] - one[0]);
    for (const [ms, what] of this.slow.slice(0, 5)) console.log(`${ms.toFixed(0)} ms  ${what}`);
  }
}

function operationOf({ paths }: OpenApiDocument, { method, path }: RandomRequest): string | undefined {
  const [place = ''] = path.split('?');
  const fits = (pattern: string) => new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(place); // prettier-ignore
  const exact = paths[place] ? place : Object.keys(paths).find(fits);
  return exact === undefined ? undefined : `${method} ${exact}`;
}

const described = ({ method, path, body }: RandomRequest) =>
  `${method} ${path} ${body?.toString().slice(0, 300) ?? ''}`;

const mib = (bytes: number) => (bytes / 2 ** 20).toFixed(0);
