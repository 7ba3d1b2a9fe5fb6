import fc from 'fast-check';
import {
  type ChainState,
  type SizedLink,
  chainStateOf,
  isWorthACopy,
  placeNext,
  readCost,
  readLimit,
  stateAfter,
} from './chain';
import { ChainTree } from './chain-tree';
import { planRemoval } from './removal';

const KIB = 1024;
const MIB = 1024 * KIB;

/** The links of a graph as the version store would keep them, without documents. */
class Links {
  rows: SizedLink[] = [];
  state: ChainState | null = null;
  head = 0;

  append(bytes: number, patched = true): SizedLink {
    const placement = placeNext(this.state, this.head, bytes);
    const row = { version: this.head + 1, base: patched ? placement.base : null, bytes };
    this.state = stateAfter(this.state, placement, row.version, row.base !== null);
    this.head = row.version;
    this.rows.push(row);
    return row;
  }

  remove(versions: number[]): number {
    const plan = planRemoval(this.rows, versions);
    const bases = new Map(plan.rewrites.map(({ version, base }) => [version, base]));
    this.rows = this.rows
      .filter(({ version }) => !plan.removed.includes(version))
      .map((row) => ({ ...row, base: bases.has(row.version) ? (bases.get(row.version) ?? null) : row.base }));
    this.state = plan.state;
    return plan.rewrites.length;
  }

  /** The effect of repacking on the links: one version moves onto another base that has room. */
  rebase(version: number, onto: number): void {
    const tree = new ChainTree(this.rows);
    const current = tree.baseOf(version);
    if (onto >= version || current === null || onto === current) return;
    if (!tree.hasRoom(onto) || tree.depth(onto) >= tree.depth(version)) return;
    this.rows = this.rows.map((row) => (row.version === version ? { ...row, base: onto } : row));
    this.state = chainStateOf(this.rows);
  }

  cost(version: number): number {
    const bytes = new Map(this.rows.map((row) => [row.version, row.bytes]));
    return this.path(version).reduce((sum, at) => sum + readCost(bytes.get(at) ?? 0), 0);
  }

  path(version: number): number[] {
    return new ChainTree(this.rows).path(version);
  }

  mostChildren(): number {
    const counts = new Map<number, number>();
    for (const { base } of this.rows) if (base !== null) counts.set(base, (counts.get(base) ?? 0) + 1);
    return Math.max(0, ...counts.values());
  }
}

const aStep = fc.oneof(
  { weight: 8, arbitrary: fc.record({ append: fc.integer({ min: 1, max: 12 * MIB }) }) },
  {
    weight: 1,
    arbitrary: fc.record({ appendMany: fc.integer({ min: 1, max: 40 }), of: fc.constant(9 * MIB) }),
  },
  { weight: 1, arbitrary: fc.record({ full: fc.integer({ min: 1, max: MIB }) }) },
  { weight: 3, arbitrary: fc.record({ remove: fc.nat(200) }) },
  { weight: 1, arbitrary: fc.record({ removeMany: fc.array(fc.nat(200), { maxLength: 60 }) }) },
  { weight: 2, arbitrary: fc.record({ rebase: fc.nat(200), onto: fc.nat(200) }) },
);

describe('the chain of a graph', () => {
  it('begins with a full frame and continues with patches on the previous version', () => {
    const links = new Links();
    const bases = [10, 10, 10].map((kib) => links.append(kib * KIB).base);
    expect(bases).toEqual([null, 1, 2]);
  });

  it('makes a shortcut to its full frame when reading the head would take too long', () => {
    const links = new Links();
    const rows = Array.from({ length: 60 }, () => links.append(3 * MIB));
    const shortcut = rows.find(({ version, base }) => base !== null && base !== version - 1);
    expect(shortcut?.base).toBe(1);
    expect(links.path(60).length).toBeLessThan(45);
  });

  it('accepts smaller patches only, the less room is left', () => {
    const near = placeNext({ anchor: 1, anchors: 10, since: 10 }, 5, KIB);
    const far = placeNext({ anchor: 1, anchors: 10, since: readLimit(KIB) - 50 }, 5, KIB);
    expect(far.role).toBe('step');
    expect(far.worth).toBeLessThan(near.worth);
  });

  it('writes a full frame when shortcuts have used up the room', () => {
    const state = { anchor: 7, anchors: readLimit(KIB) - 1, since: 0 };
    expect(placeNext(state, 9, KIB)).toMatchObject({ role: 'keyframe', base: null });
  });

  it('is worth a copy of its newest version when it is long, but not for large documents', () => {
    const long = (readLimit(KIB) * 3) / 4;
    expect(isWorthACopy({ anchor: 1, anchors: 7, since: long - 7 }, KIB)).toBe(false);
    expect(isWorthACopy({ anchor: 1, anchors: 7, since: long - 6 }, KIB)).toBe(true);
    expect(isWorthACopy({ anchor: 1, anchors: 7, since: long }, MIB)).toBe(true);
    expect(isWorthACopy({ anchor: 1, anchors: 7, since: long }, MIB + 1)).toBe(false);
  });

  it('starts again after a full frame that was written instead of a patch', () => {
    const links = new Links();
    links.append(KIB);
    links.append(KIB, false);
    expect(links.state).toEqual({ anchor: 2, anchors: readCost(KIB), since: 0 });
  });

  it('has a cost that fits in a small integer, whatever the size', () => {
    expect(readLimit(2 ** 40)).toBeLessThan(32_768);
  });

  it('has no state without links', () => {
    expect(chainStateOf([])).toBeNull();
  });

  it('can be derived from its links alone', () => {
    const links = new Links();
    for (let count = 0; count < 300; count++) {
      links.append(MIB);
      expect(chainStateOf(links.rows)).toEqual(links.state);
    }
  });

  it('stays bounded, and a removal small, under any interleaving of writing, removing and repacking', () => {
    fc.assert(
      fc.property(fc.array(aStep, { maxLength: 120 }), (steps) => {
        const links = new Links();
        for (const step of steps) take(links, step);
        expect(links.mostChildren()).toBeLessThanOrEqual(2);
        for (const { version, base } of links.rows) if (base !== null) expect(base).toBeLessThan(version);
      }),
      { numRuns: 200 },
    );
  });
});

type Step = typeof aStep extends fc.Arbitrary<infer T> ? T : never;

function take(links: Links, step: Step): void {
  if ('append' in step) appendOne(links, step.append);
  else if ('appendMany' in step) for (let at = 0; at < step.appendMany; at++) appendOne(links, step.of);
  else if ('full' in step) links.append(step.full, false);
  else if ('remove' in step) removeSome(links, [step.remove]);
  else if ('removeMany' in step) removeSome(links, step.removeMany);
  else links.rebase(step.rebase % (links.head + 1), step.onto % (links.head + 1));
}

function appendOne(links: Links, bytes: number): void {
  const { version } = links.append(bytes);
  expect(links.cost(version)).toBeLessThanOrEqual(readLimit(bytes));
  expect(links.cost(version)).toBe((links.state?.anchors ?? 0) + (links.state?.since ?? 0));
}

function removeSome(links: Links, places: number[]): void {
  const versions = places.map((place) => links.rows[place % links.rows.length]?.version ?? 0);
  const toRemove = [...new Set(versions)].filter((version) => version !== links.head && version > 0);
  const before = new Map(links.rows.map(({ version }) => [version, links.path(version).length]));
  const standing = links.rows.filter(
    ({ version, base }) => base !== null && toRemove.includes(base) && !toRemove.includes(version),
  );
  const rewritten = links.remove(toRemove);
  expect(rewritten).toBeLessThanOrEqual(toRemove.length === 1 ? 2 : standing.length);
  for (const { version } of links.rows) {
    expect(links.path(version).length).toBeLessThanOrEqual(before.get(version) ?? 0);
  }
}
