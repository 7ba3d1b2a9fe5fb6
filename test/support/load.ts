import { graphBody, HttpSession, configOf, type HttpAnswer } from '../../scripts/http-session';
import { GRAPHS, sha256, type GraphJson, type VersionJson } from './graphs';

/** The account that everything is written to. */
const WRITER = { email: 'writer@test.example', password: 'a password of tests' };

/** An answer other than the graph or a clean refusal. */
type Refusal = { status: number } | { connection: string };

/**
 * Several clients that make and change graphs for as long as the service lets them, and remember each version they
 * were answered, with the hash of the bytes they sent; across kills and starts of the service.
 */
export class WriteLoad {
  /** Graph id → version → SHA-256 of the config that was answered with 200 or 201. */
  readonly answered = new Map<string, Map<number, string>>();
  /** What ended a client: an answer with an error, or a connection that was refused or cut. */
  readonly refusals: Refusal[] = [];
  answers = 0;
  /** Versions that two changes were answered with: the first was lost, and its number given to the second. */
  private readonly twice: string[] = [];
  private readonly sent = new Set<string>();
  /** The version up to which each graph has been read back. */
  private readonly seen = new Map<string, number>();
  private count = 0;
  /** Outlives the service that gave it. */
  private token: string | undefined;

  /** `signsInEachTime`: each run begins with a session of its own. */
  constructor(private readonly signsInEachTime = false) {}

  /** Writes with `clients` at once until each has met an error; calls `each` after every answer, where false ends it. */
  async run(url: string, clients: number, each: (answersOfThisRun: number) => boolean | void): Promise<void> {
    const session = await this.signIn(url, clients);
    const before = this.answers;
    const one = async (client: number): Promise<void> => {
      while (await this.write(session, client)) if (each(this.answers - before) === false) return;
    };
    await Promise.all(Array.from({ length: clients }, (_, client) => one(client)));
    session.close();
  }

  /** Reads everything back. Each answered version must be there with its bytes; unanswered ones must be whole. */
  verify(url: string): Promise<{ versions: number }> {
    this.seen.clear();
    return this.verifyNew(url);
  }

  /** As `verify`, without the bytes of versions that it has read back before. */
  async verifyNew(url: string): Promise<{ versions: number }> {
    expect(this.twice).toEqual([]);
    const session = await this.signIn(url, 8);
    const graphs: GraphJson[] = [];
    for (let skip = 0, full = true; full; skip += 500) {
      const part = await json<GraphJson[]>(session, `${GRAPHS}?limit=500&skip=${skip}`);
      graphs.push(...part);
      full = part.length === 500;
    }
    const found = new Set(graphs.map(({ id }) => id));
    expect([...this.answered.keys()].filter((id) => !found.has(id))).toEqual([]);
    let versions = 0;
    for (const graph of graphs) versions += await this.verifyGraph(session, graph);
    session.close();
    return { versions };
  }

  /** How many versions were answered, over all runs. */
  get answeredVersions(): number {
    return [...this.answered.values()].reduce((sum, versions) => sum + versions.size, 0);
  }

  private async verifyGraph(session: HttpSession, graph: GraphJson): Promise<number> {
    const answered = this.answered.get(graph.id) ?? new Map<number, string>();
    expect(Math.max(0, ...answered.keys())).toBeLessThanOrEqual(graph.version);
    const seen = this.seen.get(graph.id) ?? 0;
    if (seen === graph.version) return seen;
    const listed = await json<VersionJson[]>(session, `${GRAPHS}/${graph.id}/versions?limit=500`);
    // Without a hole, from the first to the head.
    expect(listed.map(({ version }) => version)).toEqual(
      Array.from({ length: graph.version }, (_, i) => graph.version - i),
    );
    for (const { version, config_sha256 } of listed.filter(({ version }) => version > seen)) {
      const read = await session.send('GET', `${GRAPHS}/${graph.id}/versions/${version}`);
      const hash = sha256(configOf(read.body));
      expect({ version, status: read.status, hash }).toEqual({
        version,
        status: 200,
        hash: answered.get(version) ?? config_sha256,
      });
      // An unconfirmed version is something that was sent too, and not a part of it.
      expect(this.sent.has(hash)).toBe(true);
    }
    const head = await session.send('GET', `${GRAPHS}/${graph.id}`);
    expect([sha256(configOf(head.body)), graph.config_sha256]).toEqual(
      Array(2).fill(listed[0]?.config_sha256),
    );
    this.seen.set(graph.id, graph.version);
    return listed.length;
  }

  private async signIn(url: string, connections: number): Promise<HttpSession> {
    const session = new HttpSession(url, connections, this.token);
    if (!this.token || (await session.send('GET', '/api/v1/auth/me')).status !== 200)
      await session.signIn(WRITER.email, WRITER.password);
    if (!this.signsInEachTime) this.token = session.accessToken;
    return session;
  }

  /** One graph made, or one of the known ones changed, also one that another client changes just now. */
  private async write(session: HttpSession, client: number): Promise<boolean> {
    const n = (this.count += 1);
    const config = `{ "client": ${client}, "n": ${n}, "filling": "${'graph '.repeat((n * 37) % 900)}" }`;
    this.sent.add(sha256(config));
    const ids = [...this.answered.keys()];
    const id = n % 8 === 0 ? undefined : ids[(n * 7) % Math.max(1, Math.min(ids.length, 12))];
    const [method, path] = id === undefined ? ['POST', GRAPHS] : ['PUT', `${GRAPHS}/${id}`];
    try {
      return this.note(await session.send(method, path, graphBody(`graph ${n}`, config)), config);
    } catch (error) {
      this.refusals.push({ connection: (error as NodeJS.ErrnoException).code ?? String(error) });
      return false;
    }
  }

  private note(answer: HttpAnswer, config: string): boolean {
    if (answer.status >= 300) {
      this.refusals.push({ status: answer.status });
      return false;
    }
    const { id, version } = JSON.parse(answer.body.toString()) as GraphJson;
    const versions = this.answered.get(id) ?? new Map<number, string>();
    if (versions.has(version)) this.twice.push(`version ${version} of ${id}`);
    this.answered.set(id, versions.set(version, sha256(config)));
    this.answers += 1;
    return true;
  }
}

async function json<T>(session: HttpSession, path: string): Promise<T> {
  const answer = await session.send('GET', path);
  if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}: ${answer.body.toString()}`);
  return JSON.parse(answer.body.toString()) as T;
}
