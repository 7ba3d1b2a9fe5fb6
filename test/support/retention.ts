import { ClockWatchService } from '../../src/platform/clock/clock-watch.service';
import type { TestApp } from './app';
import type { ApiClient } from './client';
import { GRAPHS, aGraphOf, type GraphJson } from './graphs';
import { NO_LEASE } from './upkeep';

export const RUNS = '/api/v1/retention/runs';
export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

/** A policy that keeps the newest two versions, and nothing for its age. */
export const LAST_TWO = {
  keep_last: 2,
  keep_within_hours: 0,
  keep_hourly: 0,
  keep_daily: 0,
  keep_weekly: 0,
  keep_monthly: 0,
  keep_yearly: 0,
};

/** A run as the API answers it. */
export interface RunJson {
  id: number;
  status: string;
  dry_run: boolean;
  forced: boolean;
  stopped_because: string | null;
  held_policies: string[];
  versions_held: number;
  graphs_purged: number;
  versions_purged: number;
  graphs_pruned: number;
  versions_pruned: number;
  disk_bytes: number;
  removed_bytes: number;
  graphs_repacked: number;
  repacked_bytes: number;
  graphs_failed: number;
  versions_planned: number;
  error: string | null;
  failed_graph_ids: string[];
  finished_at: string | null;
  plan?: {
    would_stop_because: string | null;
    graphs: Array<{ graph_id: string; action: string; versions: number; held: boolean }>;
  };
}

/** Lets days pass as they do while the service runs: every few hours it records that the clock is right. */
export async function passDays(app: TestApp, days: number): Promise<void> {
  const watch = app.service.app.get(ClockWatchService);
  for (let hours = 0; hours < days * 24; hours += 12) {
    app.clock.advance(12 * HOUR_MS);
    await watch.check(NO_LEASE);
  }
}

/** A run asked for by the administrator, to its end. */
export async function run(app: TestApp, wish: { dry_run: boolean; force?: boolean }): Promise<RunJson> {
  const admin = await app.admin();
  const answer = await admin.post(RUNS, wish);
  if (answer.status !== 200 && answer.status !== 202) throw new Error(`The run was refused: ${answer.text}`);
  let made = answer.json<RunJson>();
  while (made.status === 'running') {
    await new Promise((resolve) => setTimeout(resolve, 50));
    made = (await admin.get(RUNS)).json<RunJson[]>().find(({ id }) => id === made.id)!;
  }
  return made;
}

let changes = 0;
const configOf = (step: number) =>
  JSON.stringify({
    nodes: Array.from({ length: 20 }, (_, i) => ({ id: i, at: i === step % 20 ? step : 'still' })),
  });

/** A graph of so many versions, `stepMs` apart by the test's clock; the token must last for it. */
export async function aHistory(
  app: TestApp,
  user: ApiClient,
  versions: number,
  stepMs = 1_000,
): Promise<GraphJson> {
  const graph = await aGraphOf(user, configOf(0));
  await addVersions(app, user, graph.id, versions - 1, stepMs);
  return graph;
}

/** Changes a graph so many times. */
export async function addVersions(
  app: TestApp,
  user: ApiClient,
  id: string,
  versions: number,
  stepMs = 1_000,
): Promise<void> {
  for (let step = 0; step < versions; step += 1) {
    app.clock.advance(stepMs);
    const client = stepMs > HOUR_MS / 10 ? await user.signInAgain() : user;
    const answer = await client.put(`${GRAPHS}/${id}`, `{"config":${configOf((changes += 1))}}`);
    if (answer.status !== 200) throw new Error(`The test's graph was not changed: ${answer.text}`);
  }
}
