import type { TestApp } from './app';
import type { ApiClient } from './client';
import { PATIENCE_MS, until } from './within';
import { JobRunner } from '../../src/platform/jobs/job-runner';

export const SOURCES = '/api/v1/sources';
const MINUTE_MS = 60_000;

/** A source as the API answers it. */
export interface SourceJson {
  id: string;
  kind: string;
  name: string;
  url: string;
  status: string;
  enabled: boolean;
  every_minutes: number;
  options: Record<string, unknown>;
  has_credentials: boolean;
  last_attempt_at: string | null;
  last_success_at: string | null;
  next_attempt_at: string | null;
  failure: string | null;
  counts: { items: number; changed: number; gone: number };
  created_at: string;
  hook_token: string;
}

/** A run as the API answers it. */
export interface SourceRunJson {
  number: number;
  status: string;
  seen: number;
  created: number;
  changed: number;
  unchanged: number;
  gone: number;
  failed: number;
  failure: string | null;
  failed_items: Array<{ remote_id: string; title: string; reason: string }>;
}

/** An item as the API answers it. */
export interface SourceItemJson {
  remote_id: string;
  title: string;
  graph_id: string | null;
  state: string;
  gone_since: string | null;
  failure: string | null;
}

/** A new source whose first run has ended. */
export async function aSource(user: ApiClient, body: object): Promise<SourceJson> {
  const made = await user.post(SOURCES, { name: 'A tool', ...body });
  if (made.status !== 201) throw new Error(`The test's source was not made: ${made.text}`);
  const source = made.json<SourceJson>();
  await runsOf(user, source.id, 1);
  return source;
}

/** Waits until a source has so many runs that have ended; returns all, newest first. */
export function runsOf(user: ApiClient, id: string, count: number): Promise<SourceRunJson[]> {
  return until(PATIENCE_MS, `run ${count} of a source`, async () => {
    const runs = (await user.get(`${SOURCES}/${id}/runs`)).json<SourceRunJson[]>();
    return runs.length >= count && runs.every(({ status }) => status !== 'running') ? runs : undefined;
  });
}

/** Runs a source now and waits for the end of the run. */
export async function sync(user: ApiClient, id: string): Promise<SourceRunJson> {
  const before = (await user.get(`${SOURCES}/${id}/runs`)).json<SourceRunJson[]>();
  const asked = await user.post(`${SOURCES}/${id}/sync`);
  if (asked.status !== 202) throw new Error(`The source was not read: ${asked.text}`);
  return (await runsOf(user, id, (before[0]?.number ?? 0) + 1))[0]!;
}

/** The items of a source. */
export async function itemsOf(user: ApiClient, id: string): Promise<SourceItemJson[]> {
  return (await user.get(`${SOURCES}/${id}/items`)).json<SourceItemJson[]>();
}

/** Lets so many minutes pass, and all sources that are due then run. */
export async function letMinutesPass(app: TestApp, minutes: number): Promise<void> {
  app.clock.advance(minutes * MINUTE_MS);
  await app.service.app.get(JobRunner).runIfDue('sources-sync');
}
