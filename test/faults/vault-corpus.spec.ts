import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { readHistory } from '../../scripts/corpus';
import { startApp } from '../support/app';
import { runCli } from '../support/cli';
import { graphBody } from '../support/client';
import { databaseKind, newPlace } from '../support/database';
import { GRAPHS, type GraphJson } from '../support/graphs';
import { present } from '../support/recovered';
import { copyNow } from '../support/vault';

const CORPUS = join(__dirname, '..', '..', '..', 'shared', 'corpus');
const histories = existsSync(CORPUS) ? readdirSync(CORPUS).filter((name) => name.endsWith('.ndjson.br')) : [];
/** Of each history; all of all of them take minutes, and were tried by hand. */
const VERSIONS = databaseKind === 'sqlite' ? 24 : 8;

async function firstOf(file: string): Promise<Buffer[]> {
  const configs: Buffer[] = [];
  for await (const config of readHistory(file)) if (configs.push(config) >= VERSIONS) break;
  return configs;
}

const itWithCorpus = histories.length > 0 ? it : it.skip;

itWithCorpus(
  'the database is deleted under a stopped service and rebuilt: recorded histories are back byte for byte (skipped without ../shared/corpus)',
  async () => {
    const app = await startApp();
    const user = await app.aUser();
    const stored = new Map<string, Buffer[]>();
    for (const name of histories) {
      let id: string | undefined;
      for (const config of await firstOf(join(CORPUS, name))) {
        const body = graphBody(name, config.toString());
        const answer = id ? await user.put(`${GRAPHS}/${id}`, body) : await user.post(GRAPHS, body);
        expect([name, answer.status]).toEqual([name, id ? 200 : 201]);
        const graph = answer.json<GraphJson>();
        id = graph.id;
        // Equal neighbours are one version.
        (stored.get(id) ?? stored.set(id, []).get(id)!)[graph.version - 1] = config;
      }
      expect(await copyNow(app)).toBe('done');
    }
    const expected = await present(app.place);
    await app.stop();

    const target = databaseKind === 'sqlite' ? app.place : await newPlace();
    if (databaseKind === 'sqlite')
      for (const suffix of ['', '-wal', '-shm', '.lock'])
        rmSync(app.place.databaseUrl.slice('sqlite:///'.length) + suffix, { force: true });
    const place = { ...app.place, databaseUrl: target.databaseUrl };
    const rebuilt = await runCli('vault', ['rebuild', '--to', target.databaseUrl], place);
    expect(rebuilt).toMatchObject({ code: 0 });
    expect(await present(place)).toEqual(expected);
    const again = await startApp({}, place);
    const back = await again.anonymous.signIn(user.credentials!.email, user.credentials!.password);
    for (const [id, configs] of stored) {
      for (const [at, config] of configs.entries()) {
        const answer = await back.get(`${GRAPHS}/${id}/versions/${at + 1}`);
        // White space around the value belongs to the body that carried it.
        expect(answer.configBytes.equals(Buffer.from(config.toString().trim()))).toBe(true);
      }
    }
    await again.stop();
    if (target !== app.place) await target.remove();
    await app.close();
  },
);
