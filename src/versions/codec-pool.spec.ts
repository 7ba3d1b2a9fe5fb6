import { CodecPool } from './codec-pool';
import { BufferGarbage } from '../platform/memory/buffer-garbage';
import { WorkerPool, WorkerRefusedError } from '../platform/workers/worker-pool';
import * as codec from './domain/codec';
import { CorruptVersionError } from './domain/corrupt-version.error';

function aDocument(nodes: number, edit: number): Buffer {
  const list = Array.from({ length: nodes }, (_, id) => ({
    id,
    name: `Step ${id}`,
    x: (id * 7919) % (3001 + edit),
  }));
  return Buffer.from(JSON.stringify({ nodes: list }));
}

function aChain(nodes: number): { rows: codec.StoredVersion[]; documents: Buffer[] } {
  const documents = [0, 1, 2].map((edit) => aDocument(nodes, edit));
  const rows = documents.map((bytes, at) => ({
    version: at + 1,
    base: at > 0 ? at : null,
    bytes: bytes.length,
    sha256: codec.sha256(bytes),
    frame: codec.encode(bytes, documents[at - 1] ?? null).frame,
  }));
  return { rows, documents };
}

describe('CodecPool', () => {
  let pool: CodecPool;
  beforeEach(() => {
    pool = new CodecPool();
  });
  afterEach(() => pool.close());

  // Some 1 KB, 40 KB and 300 KB: all inline, the second encoding aside, nearly all aside.
  it.each([20, 1_000, 7_500])('returns the same as the codec, for a document of %i nodes', async (nodes) => {
    const { rows, documents } = aChain(nodes);
    const [one, two] = documents as [Buffer, Buffer];
    expect(await pool.encode(two, one)).toEqual(codec.encode(two, one));
    expect(await pool.encode(two, null)).toEqual(codec.encode(two, null));
    expect(await pool.rebase(two, [one, null], 1e9)).toEqual(codec.rebase(two, [one, null], 1e9));
    expect(await pool.sha256(one)).toEqual(codec.sha256(one));
    const head = { version: 3, bytes: one.length, sha256: codec.sha256(one), frame: codec.encodeHead(one) };
    expect(await pool.encodeHead(one)).toEqual(head.frame);
    expect(one.equals(await pool.decodeHead(head))).toBe(true);
    expect(documents[2]!.equals(await pool.decodeChain(rows, 3))).toBe(true);
  });

  it('counts all Buffers that a chain leaves, so that they are collected in time', async () => {
    const garbage = new BufferGarbage();
    const count = jest.spyOn(garbage, 'count');
    const { rows, documents } = aChain(1_000);
    await new CodecPool(undefined, garbage).decodeChain(rows, 3);
    const frames = rows.reduce((sum, { frame }) => sum + frame.length, 0);
    expect(count.mock.calls[0]?.[0]).toBeGreaterThan(2 * frames + 2 * documents[0]!.length);
  });

  it('does not detach the buffers of its callers', async () => {
    const { rows, documents } = aChain(10_000);
    const [one, two] = documents as [Buffer, Buffer];
    await Promise.all([pool.encode(two, one), pool.decodeChain(rows, 3), pool.sha256(two)]);
    expect(two.equals(aDocument(10_000, 1))).toBe(true);
    expect(codec.decodeChain(rows, 2).equals(two)).toBe(true);
  });

  it('names a damaged version, also from a worker', async () => {
    const { rows } = aChain(60_000);
    const bad = rows.map((row) => (row.version === 2 ? { ...row, frame: row.frame.subarray(1) } : row));
    const failure = pool.decodeChain(bad, 3);
    await expect(failure).rejects.toBeInstanceOf(CorruptVersionError);
    await expect(failure).rejects.toMatchObject({ version: 3, at: 2, reason: 'broken-frame' });
  });

  it('lets owners take turns: one large job does not wait for all of another owner', async () => {
    const [one, two] = aChain(7_500).documents as [Buffer, Buffer];
    const order: string[] = [];
    const encode = (owner: string) => pool.encode(two, one, 1, owner).then(() => order.push(owner));
    await Promise.all([...Array.from({ length: 10 }, () => encode('a')), encode('b')]);
    expect(order.indexOf('b')).toBeLessThan(5);
  });

  it.each([
    ['owner', 'too_many', 'too-many-large-graphs'],
    ['queue', 'unavailable', 'codec-busy'],
  ] as const)('says whose jobs are too many when the %s is full', async (reason, kind, code) => {
    const run = jest.spyOn(WorkerPool.prototype, 'run').mockRejectedValue(new WorkerRefusedError(reason));
    const hash = pool.sha256(Buffer.alloc(2_000_000), 'a');
    await expect(hash).rejects.toMatchObject({ kind, code, retryAfter: 2 });
    run.mockRestore();
  });

  it('waits for running jobs when it is closed', async () => {
    const [one, two] = aChain(10_000).documents as [Buffer, Buffer];
    const jobs = [pool.encode(one, null), pool.encode(two, one)];
    await pool.close();
    await expect(Promise.all(jobs)).resolves.toHaveLength(2);
  });
});
