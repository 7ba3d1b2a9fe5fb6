import { createHash, randomBytes } from 'node:crypto';
import { type HttpSession, configOf, graphBody } from '../../scripts/http-session';

/** What the service has answered: each graph's versions, by the hash of the config that was sent. */
export type Answered = Map<string, Map<number, string>>;

interface Head {
  id: string;
  version: number;
}

/**
 * Writers that create and change graphs without a pause, and remember each answered write. They end when the
 * service does not answer any more, or when they are stopped; what was sent and not answered is nobody's promise.
 */
export class Load {
  private stopped = false;
  private readonly writers: Array<Promise<void>>;
  /** Answers that were neither success nor an honest refusal (503). */
  readonly strange: string[] = [];

  constructor(
    private readonly session: HttpSession,
    readonly answered: Answered,
    writers: number,
  ) {
    this.writers = Array.from({ length: writers }, (_, i) => this.write(i));
  }

  /** How many writes were answered, by all loads on the same record. */
  get count(): number {
    return [...this.answered.values()].reduce((sum, versions) => sum + versions.size, 0);
  }

  /** Waits until `count` more writes were answered. */
  async until(count: number): Promise<void> {
    const goal = this.count + count;
    while (this.count < goal && !this.stopped) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  /** Ends the load; resolves when every writer has had its last answer, or none. */
  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.all(this.writers);
  }

  private async write(writer: number): Promise<void> {
    let id = [...this.answered.keys()][writer] ?? '';
    for (let step = 0; !this.stopped; step += 1) {
      // Some graphs are made in between, so that creating is under the hammer as well.
      if (step % 20 === 19) id = '';
      const config = documentOf(writer, step);
      const answer = await this.session
        .send(id === '' ? 'POST' : 'PUT', `/api/v1/graphs${id && `/${id}`}`, graphBody('load', config))
        .catch(() => null);
      if (answer === null) return;
      if (answer.status === 503) continue;
      if (answer.status !== 200 && answer.status !== 201) {
        this.strange.push(`${answer.status} ${answer.body.toString().slice(0, 300)}`);
        return;
      }
      const head = headOf(answer.body);
      id = head.id;
      this.note(head, sha256(config));
    }
  }

  private note({ id, version }: Head, hash: string): void {
    const versions = this.answered.get(id) ?? new Map<number, string>();
    versions.set(version, hash);
    this.answered.set(id, versions);
  }
}

/** Reads everything back that was answered; names what is missing or different, and holes in what is there. */
export async function findLost(session: HttpSession, answered: Answered): Promise<string[]> {
  const lost: string[] = [];
  for (const [id, versions] of answered) {
    const listed = await session.send('GET', `/api/v1/graphs/${id}/versions?limit=500`);
    if (listed.status !== 200) {
      lost.push(`graph ${id}: ${listed.status}`);
      continue;
    }
    const numbers = (JSON.parse(listed.body.toString()) as Array<{ version: number }>).map(
      ({ version }) => version,
    );
    const whole = numbers.every((version, i) => version === numbers.length - i);
    if (!whole) lost.push(`graph ${id} has holes: ${numbers.join(', ')}`);
    const head = await session.send('GET', `/api/v1/graphs/${id}`);
    if (headOf(head.body).version !== numbers[0])
      lost.push(`graph ${id}: its head is not its newest version`);
    for (const [version, hash] of versions) {
      const answer = await session.send('GET', `/api/v1/graphs/${id}/versions/${version}`);
      if (answer.status !== 200) lost.push(`graph ${id} version ${version}: ${answer.status}`);
      else if (sha256(configOf(answer.body)) !== hash)
        lost.push(`graph ${id} version ${version}: other bytes`);
    }
  }
  return lost;
}

function documentOf(writer: number, step: number): string {
  const nodes = Array.from({ length: 40 }, (_, i) => ({
    id: `n${i}`,
    x: i * 20,
    y: i === step % 40 ? step : 0,
  }));
  return JSON.stringify({ nodes, edges: [], note: `${writer}/${step}/${randomBytes(24).toString('hex')}` });
}

function headOf(body: Buffer): Head {
  const end = body.indexOf('"config":') - 1;
  return JSON.parse(`${body.subarray(0, end).toString()}}`) as Head;
}

function sha256(bytes: string | Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
