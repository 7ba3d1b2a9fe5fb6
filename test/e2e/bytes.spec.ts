import fc from 'fast-check';
import { startApp, type TestApp } from '../support/app';
import { graphBody, type ApiAnswer, type ApiClient } from '../support/client';
import { GRAPHS, sha256, type GraphJson } from '../support/graphs';
import { anyJsonText, nested } from '../support/json-text';

let app: TestApp;
let user: ApiClient;

beforeAll(async () => {
  app = await startApp();
  user = await app.aUser();
});
afterAll(() => app.close());
beforeEach(() => app.clock.stop());

const OTHER = '["something else"]';
const BLANKS = fc.constantFrom('', ' ', '\n\t', '  \r\n');

/** What an answer says of its config: the exact bytes, their number and their hash. */
function facts(answer: ApiAnswer): object {
  const { config_bytes, config_sha256 } = answer.json<GraphJson>();
  return { status: answer.status, config: answer.configBytes.toString(), config_bytes, config_sha256 };
}

function expected(config: string, status = 200): object {
  return { status, config, config_bytes: Buffer.byteLength(config), config_sha256: sha256(config) };
}

/** A body that carries a config somewhere among other members, with any blanks around. */
const anyBody = fc
  .tuple(anyJsonText, BLANKS, BLANKS, fc.constantFrom('config', 'con\\u0066ig'), fc.boolean())
  .map(([config, before, after, name, last]) => {
    const member = `"${name}"${before}:${after}${config}${before}`;
    const body = last ? `{"title":"bytes",${member}}${after}` : `${before}{${member},"title":"bytes"}`;
    return { config, body };
  });

describe('any JSON text that was sent', () => {
  it('comes back byte for byte: at once, as the head, by version, by time, in lists', async () => {
    await fc.assert(
      fc.asyncProperty(anyBody, async ({ config, body }) => {
        const made = await user.post(GRAPHS, body);
        expect(facts(made)).toEqual(expected(config, 201));
        const { id, created_at } = made.json<GraphJson>();
        const path = `${GRAPHS}/${id}`;
        expect(facts(await user.get(path))).toEqual(expected(config));
        const list = await user.get(`${GRAPHS}?include=versions,config&limit=1`);
        expect(list.bytes.subarray(-Buffer.byteLength(config) - 2).toString()).toBe(`${config}}]`);
        app.clock.advance(1_000);
        await user.put(path, graphBody('bytes', OTHER));
        expect(facts(await user.get(path))).toEqual(expected(OTHER));
        expect(facts(await user.get(`${path}/versions/1`))).toEqual(expected(config));
        expect(facts(await user.get(`${path}?at=${created_at}`))).toEqual(expected(config));
      }),
      { numRuns: 60 },
    );
  });

  it('comes back byte for byte out of a whole history, deletion and recovery included', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyJsonText, { minLength: 2, maxLength: 8 }), async (configs) => {
        const made = await user.post(GRAPHS, graphBody('history', configs[0] ?? '{}'));
        const path = `${GRAPHS}/${made.json<GraphJson>().id}`;
        const kept: string[] = [configs[0] ?? '{}'];
        for (const config of configs.slice(1)) {
          if (config === kept.at(-1)) continue;
          await user.put(path, graphBody('history', config));
          kept.push(config);
        }
        await user.delete(path);
        await user.post(`${path}/recover`);
        const last = kept.at(-1) ?? '';
        kept.push(last, last);
        expect(facts(await user.get(path))).toEqual(expected(last));
        for (const [index, config] of kept.entries()) {
          expect(facts(await user.get(`${path}/versions/${index + 1}`))).toEqual(expected(config));
        }
      }),
      { numRuns: 20 },
    );
  });

  it('comes back byte for byte as deep as it may be nested', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 256 }), fc.func(fc.boolean()), async (depth, isObject) => {
        const config = nested(depth, isObject);
        const made = await user.post(GRAPHS, graphBody('deep', config));
        expect(facts(made)).toEqual(expected(config, 201));
      }),
      {
        numRuns: 25,
        examples: [
          [256, () => false],
          [256, () => true],
        ],
      },
    );
  });
});

/** A flow of so many nodes: text that compresses as real ones do. */
function largeFlow(nodes: number, moved: number): string {
  const one = (n: number) =>
    `{"id":"node-${n}","type":"transform","position":{"x":${n * 10 + (n === moved ? 1 : 0)}.50,"y":${(n * 7919) % 10_007}},` +
    `"data":{"label":"Node ${n}","script":"return items.filter((item) => item.key !== ${n * 31});"}}`;
  return `{"nodes":[${Array.from({ length: nodes }, (_, n) => one(n)).join(',\n')}],"edges":[]}`;
}

describe('a document of many megabytes', () => {
  it('comes back byte for byte at every version, as the head, by time and in a list', async () => {
    const documents = [0, 1].map((moved) => largeFlow(57_000, moved));
    expect(Buffer.byteLength(documents[0] ?? '')).toBeGreaterThan(9_000_000);
    const owner = await app.aUser();
    const made = await owner.post(GRAPHS, graphBody('large', documents[0] ?? ''));
    expect(made.status).toBe(201);
    const { id, created_at } = made.json<GraphJson>();
    app.clock.advance(1_000);
    for (const document of documents.slice(1)) {
      expect((await owner.put(`${GRAPHS}/${id}`, graphBody('large', document))).status).toBe(200);
    }
    // By hash, and without parsing: megabytes in a failure's message are useless.
    const hash = (answer: ApiAnswer) => [
      answer.status,
      sha256(answer.configBytes),
      /"config_sha256":"(\w+)"/.exec(answer.bytes.subarray(0, 2_000).toString())?.[1],
    ];
    const sums = documents.map((document) => sha256(document));
    for (const [index, sum] of sums.entries()) {
      expect(hash(await owner.get(`${GRAPHS}/${id}/versions/${index + 1}`))).toEqual([200, sum, sum]);
    }
    expect(hash(await owner.get(`${GRAPHS}/${id}`))).toEqual([200, sums[1], sums[1]]);
    expect(hash(await owner.get(`${GRAPHS}/${id}?at=${created_at}`))).toEqual([200, sums[0], sums[0]]);
    const list = await owner.get(`${GRAPHS}?include=config`);
    expect(sha256(list.bytes.subarray(list.bytes.indexOf('"config":') + 9, -2))).toBe(sums[1]);
  });

  it('comes back byte for byte when nothing in it can be compressed', async () => {
    const random = Buffer.alloc(6_800_000);
    let state = 42;
    for (let i = 0; i < random.length; i += 1)
      random[i] = (state = (state * 1_103_515_245 + 12_345) & 0x7fffffff) >> 16;
    const config = `["${random.toString('base64')}"]`;
    const made = await user.post(GRAPHS, graphBody('noise', config));
    expect([made.status, sha256(made.configBytes)]).toEqual([201, sha256(config)]);
    const read = await user.get(`${GRAPHS}/${made.json<GraphJson>().id}/versions/1`);
    expect(sha256(read.configBytes)).toBe(sha256(config));
  });
});
