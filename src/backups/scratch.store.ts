import type { EntityManager } from 'typeorm';
import { Statement } from '../platform/database/statement';
import type { Link } from '../versions/domain/chain-tree';

/** A graph in a database that was made out of copies. */
export interface ScratchGraph {
  user_key: number;
  key: number;
  id: Buffer;
}

const PAGE = 500;

const graphId = new Statement<{ id: Buffer }>(
  'SELECT id FROM graphs WHERE user_key = :user_key AND key = :graph_key',
);
const graphs = new Statement<ScratchGraph>(
  `SELECT user_key, key, id FROM graphs WHERE (user_key, key) > (:user_key, :key) ORDER BY user_key, key LIMIT ${PAGE}`,
);

const links = new Statement<{ version: number; base_version: number | null }>(
  `SELECT version, base_version FROM versions WHERE user_key = :user_key AND graph_key = :graph_key AND version > :after
   ORDER BY version LIMIT :limit`,
);

/** Reads a database that was made out of copies. */
export class ScratchStore {
  /** The 16 bytes of a graph's UUID. */
  async graphId(
    em: EntityManager,
    place: { user_key: number; graph_key: number },
  ): Promise<Buffer | undefined> {
    return (await graphId.one(em, place))?.id;
  }

  /** The bases of the next frames of a graph above the version `after`, ascending. */
  async links(
    em: EntityManager,
    place: { user_key: number; graph_key: number },
    after: number,
    limit: number,
  ): Promise<Link[]> {
    const rows = await links.all(em, { ...place, after, limit });
    return rows.map(({ version, base_version }) => ({ version, base: base_version }));
  }

  /** The next graphs after the given one. */
  graphs(
    em: EntityManager,
    after: { user_key: number; key: number } = { user_key: -1, key: -1 },
  ): Promise<ScratchGraph[]> {
    return graphs.all(em, { user_key: after.user_key, key: after.key });
  }
}
