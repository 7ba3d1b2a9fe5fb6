import { JsonDepthError, JsonSyntaxError, scanJson } from './json-scan';
import { JsonScanPool } from './json-scan-pool';

const OPTIONS = { maxDepth: 4, maxMembers: 10 };
const LARGE = '{"title":"a","config":'.concat(JSON.stringify({ text: 'ä"\\'.repeat(200_000) }), '}');

describe('JsonScanPool', () => {
  let pool: JsonScanPool;

  beforeEach(() => void (pool = new JsonScanPool()));
  afterEach(() => pool.close());

  it('scans small texts on the spot', () => {
    const bytes = Buffer.from('{"a":1}');
    expect(pool.scan(bytes, OPTIONS)).toEqual(scanJson(bytes, OPTIONS));
  });

  it('finds in a large text, aside, what scanning it here finds', async () => {
    const bytes = Buffer.from(LARGE);
    const found = pool.scan(bytes, OPTIONS);
    expect(found).toBeInstanceOf(Promise);
    expect(await found).toEqual(scanJson(bytes, OPTIONS));
  });

  it.each([
    ['that ends too early', LARGE.slice(0, -1), JsonSyntaxError],
    ['that is nested too deep', LARGE.slice(0, -1).concat(',"deep":[[[[[1]]]]]}'), JsonDepthError],
  ])('refuses a large text %s as scanning it here does', async (_, text, kind) => {
    const bytes = Buffer.from(text);
    const fault = await Promise.resolve(pool.scan(bytes, OPTIONS)).catch((error: unknown) => error);
    expect(fault).toBeInstanceOf(kind);
    expect(() => scanJson(bytes, OPTIONS)).toThrow((fault as Error).message);
  });

  it('scans again after it was closed, and two texts at once', async () => {
    const bytes = Buffer.from(LARGE);
    await pool.scan(bytes, OPTIONS);
    await pool.close();
    const both = await Promise.all([
      pool.scan(bytes, OPTIONS),
      pool.scan(Buffer.from(`[${LARGE}]`), OPTIONS),
    ]);
    expect(both.map(({ kind }) => kind)).toEqual(['object', 'array']);
  });
});
