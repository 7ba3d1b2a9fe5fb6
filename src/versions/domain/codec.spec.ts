import fc from 'fast-check';
import {
  type DecodedVersion,
  type StoredVersion,
  decodeChain,
  decodeEvery,
  decodeTree,
  decodeHead,
  encode,
  encodeAgain,
  encodeHead,
  rebase,
  sha256,
} from './codec';
import { CorruptVersionError } from './corrupt-version.error';

const aDocument = (edit: number, nodes = 40): Buffer =>
  Buffer.from(
    JSON.stringify({
      nodes: Array.from({ length: nodes }, (_, id) => ({
        id,
        name: `Step ${id}`,
        x: (id * 7919) % (997 + edit),
      })),
    }),
  );

function aRow(
  version: number,
  base: StoredVersion | null,
  bytes: Buffer,
  baseBytes: Buffer | null,
): StoredVersion {
  const { frame, patched } = encode(bytes, baseBytes);
  const on = patched && base ? base.version : null;
  return { version, base: on, bytes: bytes.length, sha256: sha256(bytes), frame };
}

/** Five versions in a row, and a sixth on the second. */
function aHistory(): { rows: StoredVersion[]; documents: Buffer[] } {
  const documents = [0, 1, 2, 3, 4, 5].map((edit) => aDocument(edit));
  const rows: StoredVersion[] = [];
  documents.forEach((bytes, at) => {
    const under = at === 5 ? 1 : at - 1;
    rows.push(aRow(at + 1, rows[under] ?? null, bytes, documents[under] ?? null));
  });
  return { rows, documents };
}

function damaged(
  rows: StoredVersion[],
  version: number,
  change: (row: StoredVersion) => StoredVersion,
): StoredVersion[] {
  return rows.map((row) => (row.version === version ? change(row) : row));
}

function faultOf(
  rows: StoredVersion[],
  version: number,
): Pick<CorruptVersionError, 'version' | 'at' | 'reason'> {
  try {
    decodeChain(rows, version);
  } catch (error) {
    if (error instanceof CorruptVersionError) {
      return { version: error.version, at: error.at, reason: error.reason };
    }
  }
  throw new Error('The version was read.');
}

describe('the codec', () => {
  it('decodes any document with any other as its base', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3_000 }), fc.uint8Array({ maxLength: 3_000 }), (one, two) => {
        const first = aRow(1, null, Buffer.from(one), null);
        const rows = [first, aRow(2, first, Buffer.from(two), Buffer.from(one))];
        expect(decodeChain(rows, 1)).toEqual(Buffer.from(one));
        expect(decodeChain(rows, 2)).toEqual(Buffer.from(two));
      }),
    );
  });

  it('writes a full frame if a patch is too large', () => {
    const noise = Buffer.from(Array.from({ length: 4_000 }, (_, at) => (at * at * 31 + (at >> 3)) % 251));
    expect(encode(noise, aDocument(1)).patched).toBe(false);
    expect(encode(aDocument(2), aDocument(1)).patched).toBe(true);
    expect(encode(aDocument(2), Buffer.from('{}')).patched).toBe(false);
  });

  it('prefers a full frame to a patch that has little worth', () => {
    const half = Buffer.concat([aDocument(1), Buffer.from(aDocument(800).toString('latin1').toUpperCase())]);
    expect(encode(half, aDocument(1), 1).patched).toBe(true);
    expect(encode(half, aDocument(1), 0.05).patched).toBe(false);
  });

  it('encodes an unchanged document in a few bytes, whatever its size', () => {
    const large = aDocument(1, 9_000);
    expect(encode(large, large).frame.length).toBeLessThan(64);
  });

  it('encodes the head independently', () => {
    const bytes = aDocument(3);
    const head = { version: 9, bytes: bytes.length, sha256: sha256(bytes), frame: encodeHead(bytes) };
    expect(decodeHead(head)).toEqual(bytes);
    expect(() => decodeHead({ ...head, sha256: sha256(aDocument(4)) })).toThrow('wrong-hash at version 9');
  });

  it('never makes a frame larger when it encodes again', () => {
    const { frame } = encode(aDocument(2), aDocument(1));
    const again = encodeAgain(aDocument(2), aDocument(1), frame.length, 'tight');
    expect(again?.length ?? 0).toBeLessThan(frame.length);
    expect(encodeAgain(aDocument(2), aDocument(1), 1, 'tight')).toBeNull();
  });

  it('repacks on the best of several bases', () => {
    const bases = [aDocument(40), null, aDocument(2), Buffer.from('{}')];
    expect(rebase(aDocument(2), bases, 10_000)).toMatchObject({ base: 2 });
    expect(rebase(aDocument(2), [null], 10_000)).toMatchObject({ base: 0 });
    expect(rebase(aDocument(2), bases, 5)).toBeNull();
  });
});

describe('a damaged chain', () => {
  it('names the row that is missing', () => {
    const { rows } = aHistory();
    const left = rows.filter(({ version }) => version !== 3);
    expect(faultOf(left, 5)).toEqual({ version: 5, at: 3, reason: 'missing-row' });
    expect(faultOf(left, 99)).toEqual({ version: 99, at: 99, reason: 'missing-row' });
  });

  it('names the row whose document has another hash, not the requested one', () => {
    const { rows } = aHistory();
    const wrong = aRow(3, rows[1] ?? null, aDocument(77), aDocument(1));
    const bad = damaged(rows, 3, (row) => ({ ...row, frame: wrong.frame, bytes: wrong.bytes }));
    expect(faultOf(bad, 3)).toEqual({ version: 3, at: 3, reason: 'wrong-hash' });
    expect(faultOf(bad, 5)).toMatchObject({ version: 5, at: 3 });
  });

  it('causes no endless loop, and no allocation based on a wrong length', () => {
    const { rows } = aHistory();
    expect(
      faultOf(
        damaged(rows, 2, (row) => ({ ...row, base: 4 })),
        5,
      ),
    ).toMatchObject({ reason: 'wrong-base' });
    const huge = damaged(rows, 3, (row) => ({ ...row, bytes: 2 ** 52 }));
    expect(faultOf(huge, 5)).toEqual({ version: 5, at: 3, reason: 'broken-frame' });
  });

  it('never returns wrong bytes, whichever bit of any frame is flipped', () => {
    const { rows, documents } = aHistory();
    fc.assert(
      fc.property(fc.nat(5), fc.nat(), fc.nat(7), (at, place, bit) => {
        const bad = damaged(rows, at + 1, (row) => ({ ...row, frame: flipped(row.frame, place, bit) }));
        const read = [...decodeEvery(bad)];
        expect(read).toHaveLength(6);
        for (const { version, bytes, error } of read) {
          if (bytes) expect(documents[version - 1]!.equals(bytes)).toBe(true);
          else expect(error).toMatchObject({ version, at: at + 1 });
        }
        for (const { version } of rows) tryRead(bad, version, documents);
      }),
      { numRuns: 500 },
    );
  });

  it('leaves independent versions readable, and lists exactly the others', () => {
    const { rows, documents } = aHistory();
    const bad = damaged(rows, 3, (row) => ({ ...row, frame: Buffer.alloc(5) }));
    const read = [...decodeEvery(bad)];
    const unread = read.filter(({ error }) => error).map(({ version }) => version);
    expect(unread.sort()).toEqual([3, 4, 5]);
    expect(read.find(({ version }) => version === 6)?.bytes).toEqual(documents[5]);
  });

  it('lists the versions based on a missing row', () => {
    const { rows } = aHistory();
    const left = rows.filter(({ version }) => version !== 2);
    const unread = [...decodeEvery(left)].filter(({ error }) => error);
    expect(unread.map(({ version }) => version).sort()).toEqual([3, 4, 5, 6]);
    expect(unread.every(({ error }) => error?.at === 2 && error.reason === 'missing-row')).toBe(true);
  });

  it('reads the same row by row, whichever row is damaged or missing', async () => {
    const { rows } = aHistory();
    await fc.assert(
      fc.asyncProperty(fc.nat(5), fc.nat(), fc.boolean(), async (at, place, missing) => {
        const bad = damaged(rows, at + 1, (row) => ({ ...row, frame: flipped(row.frame, place, 0) }));
        const left = missing ? bad.filter(({ version }) => version !== at + 1) : bad;
        const load = (version: number) => Promise.resolve(left.find((row) => row.version === version)!);
        const read: DecodedVersion[] = [];
        for await (const decoded of decodeTree(left, load)) read.push(decoded);
        expect(read).toEqual([...decodeEvery(left)]);
      }),
      { numRuns: 100 },
    );
  });

  it('goes on with the other versions when a row cannot be opened', async () => {
    const { rows } = aHistory();
    const load = (version: number) =>
      version === 3
        ? Promise.reject(new CorruptVersionError(3, 3, 'broken-frame'))
        : Promise.resolve(rows[version - 1]!);
    const unread: number[] = [];
    for await (const { version, error } of decodeTree(rows, load)) if (error) unread.push(version);
    expect(unread.sort()).toEqual([3, 4, 5]);
  });

  it('reveals nothing of the content', () => {
    expect(new CorruptVersionError(5, 3, 'wrong-hash').message).toBe(
      'Version 5 cannot be read: wrong-hash at version 3',
    );
  });
});

function flipped(frame: Uint8Array, place: number, bit: number): Buffer {
  const copy = Buffer.from(frame);
  copy[place % copy.length] = (copy[place % copy.length] ?? 0) ^ (1 << bit);
  return copy;
}

/** A flipped bit that changes nothing in the document (zstd has such) may pass; a wrong document may not. */
function tryRead(rows: StoredVersion[], version: number, documents: Buffer[]): void {
  try {
    expect(documents[version - 1]!.equals(decodeChain(rows, version))).toBe(true);
  } catch (error) {
    expect(error).toBeInstanceOf(CorruptVersionError);
  }
}
