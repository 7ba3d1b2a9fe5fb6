import fc from 'fast-check';
import { type ChainState, chainStateOf, placeNext, stateAfter } from './chain';
import { type StoredVersion, decodeChain, decodeEvery, encode, rebase, sha256 } from './codec';
import { planRemoval, rewriteFrames } from './removal';
import { repackBatch } from './repack';

interface Node {
  id: number;
  name: string;
  x: number;
}

/** A graph of the version store in memory, and the documents as they were sent. */
class History {
  rows: StoredVersion[] = [];
  readonly sent = new Map<number, Buffer>();
  private state: ChainState | null = null;
  private head = 0;

  append(bytes: Buffer): void {
    const placement = placeNext(this.state, this.head, bytes.length);
    const base = placement.base === null ? null : this.read(placement.base);
    const { frame, patched } = encode(bytes, base, placement.worth);
    this.head += 1;
    this.rows.push({
      version: this.head,
      base: patched ? placement.base : null,
      bytes: bytes.length,
      sha256: sha256(bytes),
      frame,
    });
    this.state = stateAfter(this.state, placement, this.head, patched);
    this.sent.set(this.head, bytes);
  }

  again(): void {
    this.append(this.sent.get(this.head) ?? Buffer.from('{"nodes":[]}'));
  }

  /** Removes the versions at these positions, except the head; returns how many rows were rewritten. */
  async remove(places: readonly number[]): Promise<number> {
    const toRemove = places
      .map((place) => this.rows[place % this.rows.length]?.version ?? 0)
      .filter((version) => version !== this.head);
    const plan = planRemoval(this.rows, toRemove);
    const load = (version: number) => Promise.resolve(this.read(version));
    const encoder = (bytes: Buffer, base: Buffer | null) => Promise.resolve(encode(bytes, base));
    let rewritten = 0;
    const fresh: StoredVersion[] = [];
    for await (const { version, base, frame } of rewriteFrames(plan, load, encoder)) {
      fresh.push({ ...this.row(version), base, frame });
      rewritten += 1;
    }
    this.replace(fresh);
    this.rows = this.rows.filter(({ version }) => !plan.removed.includes(version));
    for (const version of plan.removed) this.sent.delete(version);
    this.state = chainStateOf(this.rows);
    return rewritten;
  }

  /** Repacks one batch; returns by how many bytes the frames have shrunk. */
  async repack(after: number, budgetBytes: number): Promise<{ saved: number; next: number | null }> {
    const rows = this.rows.map((row) => ({ ...row, frameBytes: row.frame.byteLength }));
    const before = this.frameBytes();
    const batch = await repackBatch(rows, { after: after, upTo: Infinity }, budgetBytes, {
      load: (version) => Promise.resolve(this.read(version)),
      rebase: (bytes, bases, currentBytes) => Promise.resolve(rebase(bytes, bases, currentBytes)),
    });
    this.replace(batch.rewritten.map(({ version, base, frame }) => ({ ...this.row(version), base, frame })));
    this.state = batch.state;
    expect(before - this.frameBytes()).toBe(batch.savedBytes);
    return { saved: batch.savedBytes, next: batch.next };
  }

  read(version: number): Buffer {
    return decodeChain(this.rows, version);
  }

  frameBytes(): number {
    return this.rows.reduce((sum, { frame }) => sum + frame.byteLength, 0);
  }

  depthOf(version: number): number {
    const { base } = this.row(version);
    return base === null ? 0 : 1 + this.depthOf(base);
  }

  expectWhole(): void {
    expect(this.rows.map(({ version }) => version).sort((a, b) => a - b)).toEqual(
      [...this.sent.keys()].sort((a, b) => a - b),
    );
    const every = [...decodeEvery(this.rows)];
    expect(every).toHaveLength(this.rows.length);
    const wrong = [
      ...every.filter(({ version, bytes }) => !bytes || !this.sent.get(version)!.equals(bytes)),
      ...this.rows.filter(({ version }) => !this.sent.get(version)!.equals(this.read(version))),
    ];
    expect(wrong.map(({ version }) => version)).toEqual([]);
  }

  private replace(rows: readonly StoredVersion[]): void {
    const fresh = new Map(rows.map((row) => [row.version, row]));
    this.rows = this.rows.map((row) => fresh.get(row.version) ?? row);
  }

  private row(version: number): StoredVersion {
    const row = this.rows.find((candidate) => candidate.version === version);
    if (!row) throw new Error(`There is no version ${version}.`);
    return row;
  }
}

const anEdit = fc.record({
  at: fc.nat(60),
  kind: fc.constantFrom('rename', 'move', 'add', 'cut', 'replace-all'),
  text: fc.string({ maxLength: 30 }),
});

type Edit = typeof anEdit extends fc.Arbitrary<infer T> ? T : never;

const anAction = fc.oneof(
  { weight: 8, arbitrary: fc.record({ edit: anEdit }) },
  { weight: 1, arbitrary: fc.constant({ again: true as const }) },
  { weight: 2, arbitrary: fc.record({ remove: fc.nat(100) }) },
  { weight: 1, arbitrary: fc.record({ removeMany: fc.array(fc.nat(100), { maxLength: 12 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({ repackAfter: fc.nat(30), budget: fc.integer({ min: 1, max: 100_000 }) }),
  },
);

type Action = typeof anAction extends fc.Arbitrary<infer T> ? T : never;

function edited(nodes: Node[], { at, kind, text }: Edit): Node[] {
  const place = at % Math.max(nodes.length, 1);
  if (kind === 'cut') return nodes.filter((_, index) => index !== place);
  if (kind === 'replace-all')
    return nodes.map((node) => ({ ...node, name: `${text}${node.id * 31}`, x: node.id ^ at }));
  if (kind === 'add') return [...nodes, { id: nodes.length + at, name: text, x: at * 13 }];
  return nodes.map((node, index) =>
    index === place ? { ...node, [kind === 'move' ? 'x' : 'name']: text } : node,
  );
}

function toBytes(nodes: Node[]): Buffer {
  return Buffer.from(JSON.stringify({ nodes }));
}

const someNodes = (count: number): Node[] =>
  Array.from({ length: count }, (_, id) => ({ id, name: `Step ${id}`, x: (id * 7919) % 3001 }));

async function play(history: History, actions: readonly Action[]): Promise<void> {
  let nodes = someNodes(30);
  history.append(toBytes(nodes));
  for (const action of actions) {
    if ('edit' in action) history.append(toBytes((nodes = edited(nodes, action.edit))));
    else if ('again' in action) history.again();
    else if ('remove' in action) expect(await history.remove([action.remove])).toBeLessThanOrEqual(2);
    else if ('removeMany' in action) await history.remove(action.removeMany);
    else await history.repack(action.repackAfter, action.budget);
  }
}

describe('a history', () => {
  it('returns every remaining version after writing, removing and repacking in any order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anAction, { maxLength: 50 }), async (actions) => {
        const history = new History();
        await play(history, actions);
        history.expectWhole();
      }),
      { numRuns: 60 },
    );
  });

  it('costs little more than its changes', () => {
    const history = new History();
    let nodes = someNodes(200);
    history.append(toBytes(nodes));
    const full = history.frameBytes();
    for (let at = 0; at < 150; at++) {
      nodes = edited(nodes, { at, kind: 'rename', text: `Renamed ${at}` });
      history.append(toBytes(nodes));
    }
    expect(history.frameBytes()).toBeLessThan(full + 150 * 80);
  });

  it('stays bounded and complete when it is long, is pruned, and continues', async () => {
    const history = new History();
    let nodes = someNodes(12);
    const write = (count: number) => {
      for (let at = 0; at < count; at++) {
        nodes = edited(nodes, { at, kind: 'rename', text: `Renamed ${at}` });
        history.append(toBytes(nodes));
      }
    };
    write(400);
    const deepest = () => Math.max(...history.rows.map(({ version }) => history.depthOf(version)));
    expect(deepest()).toBeGreaterThan(300);
    expect(deepest()).toBeLessThan(330);
    await history.remove(Array.from({ length: 360 }, (_, at) => (at * 10 + (at % 9)) % 400));
    expect(deepest()).toBeLessThan(330);
    write(300);
    for (let after: number | null = 0; after !== null;) after = (await history.repack(after, 200_000)).next;
    expect(deepest()).toBeLessThan(330);
    history.expectWhole();
  });

  it('is not much larger after removals than one without the removed versions', async () => {
    const thinned = new History();
    const fresh = new History();
    let nodes = someNodes(100);
    for (let at = 0; at < 120; at++) {
      nodes = edited(nodes, { at: at * 7, kind: at % 3 === 0 ? 'add' : 'rename', text: `Text ${at}` });
      thinned.append(toBytes(nodes));
      if (at % 4 === 3) fresh.append(toBytes(nodes));
    }
    await thinned.remove(Array.from({ length: 120 }, (_, at) => at).filter((at) => at % 4 !== 3));
    thinned.expectWhole();
    expect(thinned.frameBytes()).toBeLessThan(1.3 * fresh.frameBytes());
  });

  it('gets smaller by repacking, most for reverted changes, and only once', async () => {
    const history = new History();
    const nodes = someNodes(100);
    for (let at = 0; at < 30; at++) {
      const large = { at, kind: 'replace-all', text: `Other ${at}` } as const;
      history.append(
        toBytes(at % 2 === 0 ? edited(nodes, { at, kind: 'rename', text: `T${at}` }) : edited(nodes, large)),
      );
    }
    const before = history.frameBytes();
    const { saved } = await history.repack(0, Infinity);
    expect(saved).toBeGreaterThan(before / 10);
    history.expectWhole();
    const again = await history.repack(0, Infinity);
    expect(again.saved).toBeLessThan(saved / 10);
  });

  it('repacks no more than requested at a time', async () => {
    const history = new History();
    for (let at = 0; at < 5; at++)
      history.append(toBytes(edited(someNodes(20), { at, kind: 'rename', text: 'T' })));
    expect((await history.repack(0, 1)).next).toBe(1);
    expect((await history.repack(1, 4_000)).next).toBeGreaterThan(1);
    expect((await history.repack(5, 1)).next).toBeNull();
  });
});
