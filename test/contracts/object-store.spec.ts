import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ObjectStoreError,
  readIfThere,
  readWhole,
  type ObjectStore,
} from '../../src/platform/objects/object-store';
import { openObjectStore } from '../../src/platform/objects/open-object-store';
import { parseStoreUrl } from '../../src/platform/objects/store-url';
import { emptied, hasRealS3, realS3Credentials, realS3Url } from '../support/real-s3';
import { startS3, type S3Server } from '../support/s3-server';

const MIB = 1024 * 1024;
const folder = mkdtempSync(join(tmpdir(), 'graphomat-objects-'));
let s3: S3Server;
let stores = 0;

beforeAll(async () => {
  s3 = await startS3();
});
afterAll(async () => {
  await s3.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Kind {
  url: () => string;
  /** For the AWS client in this process; the small server's own where there are none. */
  credentials?: Record<string, string>;
}

// A third one, such as Ceph's or Garage's, where TEST_S3_URL names it: see test/support/real-s3.ts.
const kinds: Array<[string, Kind]> = [
  ['a folder', { url: () => `file:///${join(folder, `store-${(stores += 1)}`)}` }],
  ['an S3 server', { url: () => s3.url(`store-${(stores += 1)}`) }],
  ...(hasRealS3
    ? [['a real S3 store', { url: realS3Url, credentials: realS3Credentials() }] satisfies [string, Kind]]
    : []),
];

if (!hasRealS3)
  it.skip('no real S3 store was named (TEST_S3_URL), so the client was held against the small server only', () =>
    undefined);

async function namesIn(store: ObjectStore, prefix: string, after?: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of store.list(prefix, after)) names.push(name);
  return names;
}

async function faultOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return error instanceof ObjectStoreError ? error.fault : `no fault of the store: ${String(error)}`;
}

describe.each(kinds)('%s', (_, kind) => {
  let store: ObjectStore;
  let url: string;
  const own = { ...process.env };
  beforeAll(() => {
    Object.assign(own, process.env);
    Object.assign(process.env, kind.credentials);
  });
  afterAll(() => void Object.assign(process.env, own));
  beforeEach(async () => {
    url = kind.url();
    store = await openObjectStore(url);
  });
  afterEach(async () => {
    store.close();
    if (kind.credentials) await emptied(url);
  });

  it.each([0, 1, 1024, 3 * MIB, 21 * MIB + 7])('gives back %i bytes as they were put', async (length) => {
    const bytes = randomBytes(length);
    const pieces = Array.from({ length: Math.ceil(length / 700_000) }, (_piece, i) =>
      bytes.subarray(i * 700_000, (i + 1) * 700_000),
    );
    expect(await store.put('a/b/object-1.seg', pieces)).toBe(length);
    const back = createHash('sha256')
      .update(await readWhole(store, 'a/b/object-1.seg'))
      .digest('hex');
    expect(back).toBe(createHash('sha256').update(bytes).digest('hex'));
  });

  it('replaces an object in one step', async () => {
    await store.put('one', [Buffer.from('old')]);
    await store.put('one', [Buffer.from('new')]);
    expect((await readWhole(store, 'one')).toString()).toBe('new');
  });

  it('lists in the order of whole names, by prefix and after a name', async () => {
    const names = ['a/1', 'a-b', 'a/b/2', 'a/b-2', 'b/1', 'a/10', 'a', 'a.x', 'a/2'].sort();
    for (const name of [...names].reverse().filter((name) => name !== 'a'))
      await store.put(name, [Buffer.from('x')]);
    const there = names.filter((name) => name !== 'a');
    expect(await namesIn(store, '')).toEqual(there);
    expect(await namesIn(store, 'a/')).toEqual(there.filter((name) => name.startsWith('a/')));
    expect(await namesIn(store, 'a/1')).toEqual(['a/1', 'a/10']);
    expect(await namesIn(store, 'a/', 'a/10')).toEqual(
      there.filter((name) => name.startsWith('a/') && name > 'a/10'),
    );
    expect(await namesIn(store, 'nothing/')).toEqual([]);
  });

  it('lists more objects than one answer of the server holds', async () => {
    const names = Array.from({ length: 1_050 }, (_name, i) => `many/${String(i).padStart(6, '0')}`);
    // Few at once: each looks at the unfinished objects of the others.
    for (let from = 0; from < names.length; from += 5)
      await Promise.all(names.slice(from, from + 5).map((name) => store.put(name, [Buffer.from('x')])));
    expect(await namesIn(store, 'many/')).toEqual(names);
    expect(await namesIn(store, 'many/', 'many/001020')).toHaveLength(29);
  });

  it('tells what is not there from what cannot be read, and deletes what is not there', async () => {
    expect(await faultOf(readWhole(store, 'nowhere/1'))).toBe('missing');
    expect(await readIfThere(store, 'nowhere/1')).toBeUndefined();
    await store.delete('nowhere/1');
    await store.put('here', [Buffer.from('x')]);
    await store.delete('here');
    expect(await namesIn(store, '')).toEqual([]);
  });

  it.each([10, 12 * MIB])('shows nothing of an object whose bytes break off after %i', async (length) => {
    await store.put('kept', [Buffer.from('whole')]);
    for (const name of ['new', 'kept']) {
      const broken = store.put(name, breakingOff(length));
      await expect(broken).rejects.toThrow('the source broke');
    }
    expect(await namesIn(store, '')).toEqual(['kept']);
    expect((await readWhole(store, 'kept')).toString()).toBe('whole');
  });

  it('stops when it is asked to, and shows nothing', async () => {
    const stop = new AbortController();
    async function* endless() {
      for (let i = 0; ; i += 1) {
        if (i === 3) stop.abort(new Error('stopped by the test'));
        yield await Promise.resolve(randomBytes(MIB));
      }
    }
    await expect(store.put('endless', endless(), stop.signal)).rejects.toThrow('stopped by the test');
    expect(await namesIn(store, '')).toEqual([]);
  });

  it.each([
    '../x',
    'a/../../x',
    '/etc/passwd',
    'a//b',
    '.hidden',
    'a/.b',
    'a/',
    '',
    'A',
    'a\\b',
    'a\0b',
    'a b',
    '~',
    'é',
    'x'.repeat(600),
  ])('refuses the name %j', async (name) => {
    await expect(store.put(name, [Buffer.from('x')])).rejects.toThrow(RangeError);
    await expect(readWhole(store, name)).rejects.toThrow(RangeError);
    await expect(store.delete(name)).rejects.toThrow(RangeError);
    expect(await namesIn(store, '')).toEqual([]);
  });
});

(hasRealS3 ? describe : describe.skip)('a real S3 store with troubles (where TEST_S3_URL names one)', () => {
  const own = { ...process.env };
  beforeEach(() => {
    Object.assign(own, process.env);
    Object.assign(process.env, realS3Credentials());
  });
  afterEach(() => void Object.assign(process.env, own));

  it('is said to refuse wrong credentials, and to have no such bucket', async () => {
    const elsewhere = new URL(realS3Url());
    elsewhere.hostname = 'no-such-bucket-here';
    const nowhere = await openObjectStore(elsewhere.toString());
    await expect(nowhere.put('x', [Buffer.from('x')])).rejects.toThrow('bucket no-such-bucket-here');
    process.env['AWS_SECRET_ACCESS_KEY'] = 'wrong';
    const refused = await openObjectStore(realS3Url());
    expect(await faultOf(refused.put('x', [Buffer.from('x')]))).toBe('denied');
    expect(await faultOf(namesIn(refused, ''))).toBe('denied');
  });
});

async function* breakingOff(length: number) {
  yield await Promise.resolve(randomBytes(length));
  throw new Error('the source broke');
}

describe('a folder that does not work', () => {
  it('is reported as unusable if there is a file in its place', async () => {
    const path = join(folder, 'a-file');
    writeFileSync(path, 'x');
    const store = await openObjectStore(`file:///${path}`);
    expect(await faultOf(store.put('x', [Buffer.from('x')]))).toBe('unreachable');
  });

  it('leaves what another process left half-written out of its lists', async () => {
    const path = join(folder, 'left');
    mkdirSync(join(path, '.unfinished'), { recursive: true });
    writeFileSync(join(path, '.unfinished', '1-aaaa'), 'half');
    const store = await openObjectStore(`file:///${path}`);
    await store.put('x', [Buffer.from('x')]);
    expect(await namesIn(store, '')).toEqual(['x']);
    expect(readdirSync(join(path, '.unfinished'))).toEqual(['1-aaaa']);
  });

  it('takes little memory to read small objects', async () => {
    const store = await openObjectStore(`file:///${join(folder, 'small')}`);
    const small = Buffer.from('small');
    await store.put('small', [small]);
    const allocated = jest.spyOn(Buffer, 'allocUnsafeSlow');
    expect(await readWhole(store, 'small')).toEqual(small);
    const bytes = allocated.mock.calls.reduce((sum, [size]) => sum + size, 0);
    expect(bytes).toBeLessThan(100 * small.length);
  });

  it('may be a link to a folder', async () => {
    mkdirSync(join(folder, 'real'));
    symlinkSync(join(folder, 'real'), join(folder, 'link'));
    const store = await openObjectStore(`file:///${join(folder, 'link')}`);
    await store.put('x/y', [Buffer.from('x')]);
    expect(await namesIn(store, '')).toEqual(['x/y']);
    chmodSync(join(folder, 'real'), 0o700);
  });
});

describe('an S3 server with troubles', () => {
  afterEach(() => {
    s3.fault = undefined;
  });

  it('is asked again while it is too busy', async () => {
    const store = await openObjectStore(s3.url('busy'));
    s3.slowDowns = 2;
    await store.put('x', [Buffer.from('whole')]);
    s3.slowDowns = 2;
    expect((await readWhole(store, 'x')).toString()).toBe('whole');
  });

  it.each([
    [507, 'XMinioStorageFull'],
    [403, 'QuotaExceeded'],
  ])('that answers %i %s is said to be full', async (status, code) => {
    s3.fault = { status, code };
    const store = await openObjectStore(s3.url('full'));
    expect(await faultOf(store.put('x', [Buffer.from('x')]))).toBe('full');
  });

  it('keeps no parts of an upload that was given up', async () => {
    const store = await openObjectStore(s3.url('parts'));
    await expect(store.put('x', breakingOff(20 * MIB))).rejects.toThrow('the source broke');
    expect(s3.uploads.size).toBe(0);
  });

  it('is said to refuse wrong credentials, to have no such bucket, or not to answer', async () => {
    const url = s3.url('refused');
    const right = process.env['AWS_SECRET_ACCESS_KEY'];
    process.env['AWS_SECRET_ACCESS_KEY'] = 'wrong';
    const refused = await openObjectStore(url);
    expect(await faultOf(refused.put('x', [Buffer.from('x')]))).toBe('denied');
    process.env['AWS_SECRET_ACCESS_KEY'] = right;
    const elsewhere = await openObjectStore(url.replace('copies', 'no-such-bucket'));
    await expect(elsewhere.put('x', [Buffer.from('x')])).rejects.toThrow('bucket no-such-bucket');
    const unreachable = await openObjectStore(url.replace(/127\.0\.0\.1:\d+/, '127.0.0.1:9'));
    expect(await faultOf(unreachable.put('x', [Buffer.from('x')]))).toBe('unreachable');
    expect(await faultOf(namesIn(unreachable, ''))).toBe('unreachable');
  });
});

describe("a store's URL", () => {
  it.each([
    ['file:////var/copies', { kind: 'file', folder: '/var/copies' }],
    ['file:///var/copies', { kind: 'file', folder: '/var/copies' }],
    ['file:///./copies', { kind: 'file', folder: join(process.cwd(), 'copies') }],
    [
      's3://b',
      { kind: 's3', bucket: 'b', prefix: '', endpoint: undefined, region: undefined, pathStyle: false },
    ],
    [
      's3://b/p/q/?endpoint=https://s3.example&region=eu-1&path_style=true',
      {
        kind: 's3',
        bucket: 'b',
        prefix: 'p/q',
        endpoint: 'https://s3.example',
        region: 'eu-1',
        pathStyle: true,
      },
    ],
  ])('%s is read', (url, target) => {
    expect(parseStoreUrl(url)).toEqual(target);
  });

  it.each([
    'ftp://x',
    'file:///',
    's3://',
    's3://key:secret@b',
    's3://b?regoin=x',
    's3://b?path_style=yes',
    's3://b?endpoint=ftp://x',
    's3://b/../c%2f..',
  ])('%s is refused without being quoted', (url) => {
    expect(() => parseStoreUrl(url)).toThrow(/^(must|needs|can only) /);
    if (url.length > 8) expect(() => parseStoreUrl(url)).not.toThrow(url);
  });
});
