import { createHash } from 'node:crypto';
import { UnitOfWork } from '../../src/platform/database/unit-of-work';
import type { TestApp } from './app';
import { graphBody, type ApiClient } from './client';

export const GRAPHS = '/api/v1/graphs';

/** A graph as the API answers it. */
export interface GraphJson {
  id: string;
  user_id: string;
  title: string;
  description: string | null;
  status: string;
  config?: unknown;
  version: number;
  config_bytes: number;
  config_sha256: string;
  created_at: string;
  updated_at: string;
  deleted_at: string | null;
  purge_at: string | null;
  backup_status: string;
  versions?: VersionJson[];
}

/** A version as the API answers it. */
export interface VersionJson {
  version: number;
  change: string;
  title: string;
  description?: string | null;
  status: string;
  author_id: string;
  created_at: string;
  label: string | null;
  pinned: boolean;
  config?: unknown;
  config_bytes: number;
  config_sha256: string;
  restored_from: number | null;
  backup_status: string;
}

/** A new graph of the user's; the body is completed by a title where it has none. */
export async function aGraph(user: ApiClient, body: object = {}): Promise<GraphJson> {
  const made = await user.post(GRAPHS, { title: 'A graph', ...body });
  if (made.status !== 201) throw new Error(`The test's graph was not made: ${made.text}`);
  return made.json<GraphJson>();
}

/** A new graph whose config is exactly these bytes. */
export async function aGraphOf(
  user: ApiClient,
  config: string | Buffer,
  title = 'A graph',
): Promise<GraphJson> {
  const made = await user.post(GRAPHS, graphBody(title, config));
  if (made.status !== 201) throw new Error(`The test's graph was not made: ${made.text}`);
  return made.json<GraphJson>();
}

/** The versions of a graph, newest first. */
export async function versionsOf(user: ApiClient, id: string): Promise<VersionJson[]> {
  const answer = await user.get(`${GRAPHS}/${id}/versions`);
  if (answer.status !== 200) throw new Error(`The versions were not listed: ${answer.text}`);
  return answer.json<VersionJson[]>();
}

export function sha256(bytes: string | Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

const TABLES = ['users', 'user_keys', 'graphs', 'versions', 'version_texts', 'journal', 'master_keys'];

/** How many rows each table has: two equal answers with something in between mean that it wrote nothing. */
export function rowCounts(app: TestApp): Promise<Record<string, number>> {
  const unitOfWork = app.service.app.get(UnitOfWork);
  return unitOfWork.read(async (em) => {
    const counts: Record<string, number> = {};
    for (const table of TABLES) {
      const rows = await em.query<Array<{ n: number | string }>>(`SELECT COUNT(*) AS n FROM ${table}`);
      counts[table] = Number(rows[0]?.n);
    }
    return counts;
  });
}
