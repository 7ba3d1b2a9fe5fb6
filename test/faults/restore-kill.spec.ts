import { copyFileSync } from 'node:fs';
import { startChild } from '../support/child';
import { JobRunner } from '../../src/platform/jobs/job-runner';
import type { TestApp } from '../support/app';
import { runCli } from '../support/cli';
import { databaseKind, type TestPlace } from '../support/database';
import { GRAPHS, aGraphOf } from '../support/graphs';
import { KILLABLE, killPoint, spread } from '../support/killed';
import { rawSql } from '../support/raw-database';
import { severalPlaces } from '../support/several-places';
import { copyNow, verifyNow } from '../support/vault';
import { PATIENCE_MS, until } from '../support/within';

/** Spread evenly over the statements of a copy and a seal. */
const KILLS = 4;

const { aPlace, aMigratedPlace, startOn } = severalPlaces();

const fileOf = ({ databaseUrl }: TestPlace) => databaseUrl.slice('sqlite:///'.length);

async function lineageOf(place: TestPlace): Promise<string> {
  const [row] = await rawSql(place, 'SELECT lineage FROM vault_state');
  return String(row!['lineage']);
}

/** An identical database next to a place's own; the place must be stopped. */
async function duplicate(place: TestPlace): Promise<TestPlace> {
  const copy = await aPlace();
  if (databaseKind === 'sqlite') {
    copyFileSync(fileOf(place), fileOf(copy));
  } else {
    const name = new URL(copy.databaseUrl).pathname.slice(1);
    const server = { ...place, databaseUrl: new URL('/postgres', place.databaseUrl).toString() };
    await rawSql(server, `DROP DATABASE ${name}`);
    await rawSql(server, `CREATE DATABASE ${name} TEMPLATE ${new URL(place.databaseUrl).pathname.slice(1)}`);
  }
  return { ...place, databaseUrl: copy.databaseUrl };
}

async function sealNow(app: TestApp): Promise<string> {
  const { ended } = await app.service.app.get(JobRunner).trigger('seal');
  return (await ended).status;
}

/**
 * Copies and seals in a process of its own, which is killed right before the given step. Returns the number of steps,
 * or null if the process was killed.
 */
async function runOnRestored(place: TestPlace, at: number): Promise<number | null> {
  const settings = {
    DATA_DIR: place.dataDir,
    DATABASE_URL: place.databaseUrl,
    ...killPoint({ at, jobs: ['vault-copy', 'seal'] }),
  };
  const child = await startChild(settings, KILLABLE);
  child.process.kill('SIGUSR2');
  const steps = await until(PATIENCE_MS, 'the end of a copy and a seal, or the kill', () => {
    if (child.process.signalCode) return null;
    const line = child.lines.find((text) => text.startsWith('ran '));
    return line === undefined ? undefined : Number(line.slice('ran '.length));
  });
  await child.stop('SIGKILL');
  return steps;
}

it('yesterday’s database, killed between the statements of its first copy and seal, loses nothing that the copies hold', async () => {
  const today = await aMigratedPlace();
  const first = await startOn(today);
  const user = await first.aUser();
  const { id } = await aGraphOf(user, '["yesterday"]');
  expect(await sealNow(first)).toBe('done');
  expect(await copyNow(first)).toBe('done');
  await first.stop();
  const yesterday = await duplicate(today);

  const second = await startOn(today);
  const newcomer = await second.aUser();
  const newest = await aGraphOf(newcomer, '["today"]');
  expect(await sealNow(second)).toBe('done');
  expect(await copyNow(second)).toBe('done');
  await second.stop();
  const oldLine = await lineageOf(today);

  const steps = (await runOnRestored(await duplicate(yesterday), 0))!;
  for (const at of spread(steps, KILLS)) {
    const restored = await duplicate(yesterday);
    expect([at, await runOnRestored(restored, at)]).toEqual([at, null]);
    // As if the time of the dead run's lease had passed.
    await rawSql(restored, 'UPDATE jobs SET expires_at = 0');
    const app = await startOn(restored);
    expect(await copyNow(app)).toBe('done');
    expect(await lineageOf(restored)).not.toBe(oldLine);
    expect(await sealNow(app)).toBe('done');
    expect(await verifyNow(app)).toBe('done');
    const back = await app.anonymous.signIn(user.credentials!.email, user.credentials!.password);
    expect((await back.get(`${GRAPHS}/${id}`)).configBytes.toString()).toBe('["yesterday"]');
    const verification = await (await app.admin()).get('/api/v1/audit/verification');
    expect(verification.json()).toMatchObject({ intact: false });
    await app.stop();
  }

  const target = await aPlace();
  const rebuilt = await runCli('vault', ['rebuild', '--to', target.databaseUrl, '--lineage', oldLine], today);
  expect(rebuilt).toMatchObject({ code: 0 });
  const last = await startOn({ ...today, databaseUrl: target.databaseUrl });
  const { email, password } = newcomer.credentials!;
  const back = await last.anonymous.signIn(email, password);
  expect((await back.get(`${GRAPHS}/${newest.id}`)).configBytes.toString()).toBe('["today"]');
});
