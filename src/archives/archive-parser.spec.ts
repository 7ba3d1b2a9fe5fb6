import { Workers } from '../platform/workers/workers';
import { ArchiveParser } from './archive-parser';
import { ARCHIVE_FORMAT, ARCHIVE_FORMAT_VERSION } from './domain/manifest';

const parser = new ArchiveParser(new Workers());
afterAll(() => parser.onApplicationShutdown());

const manifestOf = (graphs: object[]) =>
  Buffer.from(
    JSON.stringify({ format: ARCHIVE_FORMAT, format_version: ARCHIVE_FORMAT_VERSION, policy: null, graphs }),
  );

it('does not parse what has millions of values: it is one document, and no manifest', async () => {
  const bytes = Buffer.from(`[${'{},'.repeat(3_000_000)}{}]`);
  await expect(parser.manifest(bytes, 'manifest.json')).rejects.toThrow(
    'manifest.json has more than 3000000 values',
  );
  expect(await parser.documents(bytes, 'a/b.json')).toEqual([{ title: 'b', start: 0, end: bytes.length }]);
});

describe.each([
  ['small', 1],
  ['large', 3_000],
])('a %s file', (_, count) => {
  it('is parsed as an archive, or is none', async () => {
    const graphs = Array.from({ length: count }, (_each, n) => ({
      title: `A ${n}`,
      folder: `graphs/a-${n}`,
    }));
    expect(await parser.manifest(manifestOf(graphs), 'manifest.json')).toEqual({ policy: null, graphs });
    expect(await parser.manifest(Buffer.from(JSON.stringify({ graphs })), 'manifest.json')).toBeNull();
  });

  it('is refused with a sentence where it is wrong', async () => {
    const wrong = manifestOf(Array.from({ length: count }, () => ({ title: 'A', folder: '../a-folder' })));
    await expect(parser.manifest(wrong, 'manifest.json')).rejects.toThrow('"folder" is missing or not as');
    const cut = manifestOf(Array.from({ length: count }, () => ({ title: 'A'.repeat(60) }))).subarray(0, -1);
    await expect(parser.manifest(cut, 'manifest.json')).rejects.toThrow('manifest.json is not JSON.');
  });

  it('is cut into the workflows that it holds', async () => {
    const workflows = Array.from({ length: count }, (_each, n) => `{"name": "W ${n}",  "nodes":[]}`);
    const bytes = Buffer.from(`[${workflows.join(' ,\n')}]`);
    const places = await parser.documents(bytes, null);
    expect(places.map(({ start, end }) => bytes.subarray(start, end).toString())).toEqual(workflows);
    expect(places.at(-1)?.title).toBe(`W ${count - 1}`);
  });
});
