import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { SEAL_OVERHEAD_BYTES } from '../platform/crypto/sealed-box';
import { columnsOf, placeholders } from '../platform/database/columns';
import { Statement } from '../platform/database/statement';
import { COUNT, countParams } from '../usage/usage.store';
import type { UsageCounts } from '../usage/domain/usage-counts';
import { AGED_COLUMNS, agedOf, type AgedRow } from './domain/aged-row';
import { versionSchema, type FrameRow, type VersionInfoRow } from './domain/version.entity';
import type { VersionRow, VersionTextRow } from './domain/version.entity';
import type {
  AgedVersion,
  DatedLink,
  GraphPlace,
  ListedVersion,
  SizedFrame,
  VersionExtent,
} from './domain/version-views';

export type { AgedVersion, DatedLink, GraphPlace, ListedVersion };

const COLUMNS = columnsOf(versionSchema);
const ONE_GRAPH = 'user_key = :user_key AND graph_key = :graph_key';
const INFO = columnsOf(versionSchema, ['frame'])
  .map((column) => `v.${column}`)
  .join(', ');
const LISTED = `${INFO}, t.title, t.description`;
const LISTED_FROM = `versions v
   JOIN version_texts t ON t.user_key = v.user_key AND t.graph_key = v.graph_key AND t.version = v.text_version`;

type FrameSize = { frame_bytes: number };
const insert = new Statement(
  `INSERT INTO versions (${COLUMNS.join(', ')}) VALUES (${placeholders(COLUMNS)})`,
);
const count = new Statement(COUNT);
const insertText = new Statement(
  `INSERT INTO version_texts (user_key, graph_key, version, seq, title, description)
   VALUES (:user_key, :graph_key, :version, :seq, :title, :description)`,
);
const chain = new Statement<FrameRow>(
  `WITH RECURSIVE chain(version, base_version) AS (
     SELECT version, base_version FROM versions WHERE ${ONE_GRAPH} AND version = :version
     UNION ALL
     SELECT v.version, v.base_version FROM chain c JOIN versions v
     ON v.user_key = :user_key AND v.graph_key = :graph_key AND v.version = c.base_version
   )
   SELECT v.version, v.base_version, v.config_bytes, v.config_sha256, v.frame FROM chain c JOIN versions v
   ON v.user_key = :user_key AND v.graph_key = :graph_key AND v.version = c.version ORDER BY v.version`,
);
const links = new Statement<Pick<VersionInfoRow, 'version' | 'base_version' | 'config_bytes' | 'created_at'>>(
  `SELECT version, base_version, config_bytes, created_at FROM versions WHERE ${ONE_GRAPH} ORDER BY version`,
);
const one = new Statement<ListedVersion>(
  `SELECT ${LISTED} FROM ${LISTED_FROM} WHERE v.user_key = :user_key AND v.graph_key = :graph_key AND v.version = :version`,
);
const at = new Statement<ListedVersion>(
  `SELECT ${LISTED} FROM ${LISTED_FROM} WHERE v.user_key = :user_key AND v.graph_key = :graph_key AND v.created_at <= :at
   ORDER BY v.version DESC LIMIT 1`,
);
const after = new Statement<{ version: number; created_at: number }>(
  `SELECT version, created_at FROM versions WHERE ${ONE_GRAPH} AND version > :version ORDER BY version LIMIT 1`,
);
// On the kept version before a gap: its validity ends when the first removed version began.
const closeGap = new Statement(
  `UPDATE versions SET valid_until = :valid_until, seq = :seq WHERE ${ONE_GRAPH} AND version = :version AND valid_until IS NULL`,
);
const list = new Statement<ListedVersion>(
  `SELECT ${LISTED} FROM ${LISTED_FROM} WHERE v.user_key = :user_key AND v.graph_key = :graph_key AND v.version < :before
   ORDER BY v.version DESC LIMIT :limit`,
);
// Passes over the primary key alone; the rows that are skipped are not read.
const nthBelow = new Statement<{ version: number }>(
  `SELECT version FROM versions WHERE ${ONE_GRAPH} AND version < :before ORDER BY version DESC LIMIT 1 OFFSET :skip`,
);
// Times grow with version numbers, so the oldest version has the lowest number.
const oldest = new Statement<{ created_at: number }>(
  `SELECT created_at FROM versions WHERE ${ONE_GRAPH} ORDER BY version LIMIT 1`,
);
const stored = new Statement<FrameRow>(
  `SELECT version, base_version, config_bytes, config_sha256, frame FROM versions WHERE ${ONE_GRAPH} ORDER BY version`,
);
const storedOne = new Statement<FrameRow>(
  `SELECT version, base_version, config_bytes, config_sha256, frame FROM versions WHERE ${ONE_GRAPH} AND version = :version`,
);
const textless = new Statement<{ version: number }>(
  `SELECT v.version FROM versions v LEFT JOIN version_texts t
   ON t.user_key = v.user_key AND t.graph_key = v.graph_key AND t.version = v.text_version
   WHERE v.user_key = :user_key AND v.graph_key = :graph_key AND t.version IS NULL ORDER BY v.version`,
);
const total = new Statement<{ total: number }>(
  `SELECT COUNT(*) AS total FROM (SELECT version FROM versions WHERE ${ONE_GRAPH} LIMIT :up_to) AS counted`,
);
const sizes = new Statement<Pick<VersionInfoRow, 'version' | 'base_version' | 'config_bytes'> & FrameSize>(
  `SELECT version, base_version, config_bytes, octet_length(frame) AS frame_bytes FROM versions WHERE ${ONE_GRAPH} ORDER BY version`,
);
const ages = new Statement<AgedRow>(
  `SELECT ${AGED_COLUMNS} FROM versions WHERE ${ONE_GRAPH} AND version > :after ORDER BY version LIMIT :limit`,
);
const agesOfSome = new Statement<AgedRow & { graph_key: number }>(
  `SELECT graph_key, ${AGED_COLUMNS} FROM versions WHERE user_key = :user_key AND graph_key >= :first AND graph_key <= :last
   ORDER BY graph_key, version LIMIT :limit`,
);
// Deletes and inserts the row instead of updating it. On SQLite the row moves to the end of the table, so that
// pages from which other rows were removed become empty and can be reused.
const takeOut = new Statement<VersionInfoRow & FrameSize>(
  `DELETE FROM versions WHERE ${ONE_GRAPH} AND version = :version RETURNING ${columnsOf(versionSchema, ['frame']).join(', ')}, octet_length(frame) AS frame_bytes`,
);
const remove = new Statement<Pick<VersionInfoRow, 'config_bytes'> & FrameSize>(
  `DELETE FROM versions WHERE ${ONE_GRAPH} AND version IN (:...versions) RETURNING config_bytes, octet_length(frame) AS frame_bytes`,
);
const removeUnusedTexts = new Statement(
  `DELETE FROM version_texts WHERE ${ONE_GRAPH} AND version NOT IN (SELECT text_version FROM versions WHERE ${ONE_GRAPH})`,
);
const removeTexts = new Statement(`DELETE FROM version_texts WHERE ${ONE_GRAPH}`);
const removeTextsUpTo = new Statement(`DELETE FROM version_texts WHERE ${ONE_GRAPH} AND version <= :version`);
const mark = new Statement(
  `UPDATE versions SET label = :label, pinned = :pinned, seq = :seq WHERE ${ONE_GRAPH} AND version = :version`,
);

/** The rows of the versions. Every statement filters by the owner's key. */
@Injectable()
export class VersionsStore {
  /** Inserts a version and updates its owner's counters; the last statement of its transaction. */
  async insertCounted(em: EntityManager, row: VersionRow, usage: UsageCounts): Promise<void> {
    await insert.send(em, { ...row });
    await count.send(em, countParams(row.user_key, row.graph_key, usage));
  }

  async insertText(em: EntityManager, row: VersionTextRow): Promise<void> {
    await insertText.send(em, { ...row });
  }

  /**
   * The frames from the full one up to `version`, in decoding order, by one query. Empty if the version does not
   * exist.
   */
  chain(em: EntityManager, place: GraphPlace, version: number): Promise<FrameRow[]> {
    return chain.all(em, { ...place, version });
  }

  /** The bases of all frames of a graph. */
  async links(em: EntityManager, place: GraphPlace): Promise<DatedLink[]> {
    return (await links.all(em, { ...place })).map(({ version, base_version, config_bytes, created_at }) => ({
      version,
      base: base_version,
      bytes: config_bytes,
      createdAt: created_at,
    }));
  }

  /** The frames of all versions. Small, because most are patches. */
  frames(em: EntityManager, place: GraphPlace): Promise<FrameRow[]> {
    return stored.all(em, { ...place });
  }

  /** One version's frame. */
  frame(em: EntityManager, place: GraphPlace, version: number): Promise<FrameRow | undefined> {
    return storedOne.one(em, { ...place, version });
  }

  /** Versions without title and description. */
  async withoutText(em: EntityManager, place: GraphPlace): Promise<number[]> {
    return (await textless.all(em, { ...place })).map(({ version }) => version);
  }

  find(em: EntityManager, place: GraphPlace, version: number): Promise<ListedVersion | undefined> {
    return one.one(em, { ...place, version });
  }

  /** The newest version that existed at `time` (ms since the epoch). */
  findAt(em: EntityManager, place: GraphPlace, time: number): Promise<ListedVersion | undefined> {
    return at.one(em, { ...place, at: time });
  }

  /** The kept version right after the given one. */
  next(
    em: EntityManager,
    place: GraphPlace,
    version: number,
  ): Promise<{ version: number; created_at: number } | undefined> {
    return after.one(em, { ...place, version });
  }

  /**
   * Records on a kept version that the versions after it are about to be removed; the first of them began at
   * `validUntil` (ms).
   */
  async closeGap(
    em: EntityManager,
    place: GraphPlace,
    version: number,
    validUntil: number,
    seq: number,
  ): Promise<void> {
    await closeGap.run(em, { ...place, version, valid_until: validUntil, seq });
  }

  /** Lists versions below `before`, newest first; reads no frame. */
  async list(
    em: EntityManager,
    place: GraphPlace,
    before: number,
    limit: number,
    skip: number,
  ): Promise<ListedVersion[]> {
    if (skip === 0) return list.all(em, { ...place, before, limit });
    const first = await nthBelow.one(em, { ...place, before, skip });
    return first ? list.all(em, { ...place, before: first.version + 1, limit }) : [];
  }

  /** Counts the versions of a graph, up to `upTo`. */
  async count(em: EntityManager, place: GraphPlace, upTo: number): Promise<number> {
    return Number((await total.one(em, { ...place, up_to: upTo }))?.total ?? 0);
  }

  /** When the oldest version was created, ms since the epoch; null if the graph has no version. */
  async oldest(em: EntityManager, place: GraphPlace): Promise<number | null> {
    return (await oldest.one(em, { ...place }))?.created_at ?? null;
  }

  /** The bases of all frames of a graph, and their sizes as plain zstd, bytes. */
  async sizes(em: EntityManager, place: GraphPlace): Promise<SizedFrame[]> {
    return (await sizes.all(em, { ...place })).map(
      ({ version, base_version, config_bytes, frame_bytes }) => ({
        version,
        base: base_version,
        bytes: config_bytes,
        frameBytes: frame_bytes - SEAL_OVERHEAD_BYTES,
      }),
    );
  }

  /** The next versions of a graph above `after`, ascending, as policies see them. */
  async ages(em: EntityManager, place: GraphPlace, after: number, limit: number): Promise<AgedVersion[]> {
    return (await ages.all(em, { ...place, after, limit })).map(agedOf);
  }

  /** The first versions of a user's graphs, from one key to another, each with its graph's key. */
  async agesOfSome(
    em: EntityManager,
    range: { user_key: number; first: number; last: number },
    limit: number,
  ): Promise<Array<{ graphKey: number; aged: AgedVersion }>> {
    const rows = await agesOfSome.all(em, { ...range, limit });
    return rows.map((row) => ({ graphKey: row.graph_key, aged: agedOf(row) }));
  }

  /** Replaces a version's frame; the content stays the same. Returns how many bytes larger it is than before. */
  async rewrite(
    em: EntityManager,
    place: GraphPlace,
    version: number,
    base: number | null,
    frame: Buffer,
    seq: number,
  ): Promise<number> {
    const row = await takeOut.one(em, { ...place, version });
    if (!row) return 0;
    const { frame_bytes, ...info } = row;
    await insert.run(em, { ...info, base_version: base, frame, seq });
    return frame.length - frame_bytes;
  }

  /** Removes those of the versions that exist; returns what was removed. */
  async remove(em: EntityManager, place: GraphPlace, versions: readonly number[]): Promise<VersionExtent> {
    const removed = await remove.all(em, { ...place, versions });
    return removed.reduce<VersionExtent>(
      (sum, { config_bytes, frame_bytes }) => ({
        versions: sum.versions + 1,
        config_bytes: sum.config_bytes + config_bytes,
        frame_bytes: sum.frame_bytes + frame_bytes,
      }),
      { versions: 0, config_bytes: 0, frame_bytes: 0 },
    );
  }

  /** Removes titles and descriptions that no version refers to. */
  async removeUnusedTexts(em: EntityManager, place: GraphPlace): Promise<void> {
    await removeUnusedTexts.run(em, { ...place });
  }

  /** Removes titles and descriptions of a graph that is being removed, up to a version. */
  async removeTextsUpTo(em: EntityManager, place: GraphPlace, version: number): Promise<void> {
    await removeTextsUpTo.run(em, { ...place, version });
  }

  /** Removes all titles and descriptions of a graph that is being removed. */
  async removeTexts(em: EntityManager, place: GraphPlace): Promise<void> {
    await removeTexts.run(em, { ...place });
  }

  async mark(
    em: EntityManager,
    place: GraphPlace,
    version: number,
    marks: { label: string | null; pinned: number; seq: number },
  ): Promise<boolean> {
    return (await mark.run(em, { ...place, version, ...marks })) === 1;
  }
}
