import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Statement } from '../platform/database/statement';

/** An event that wrote a version of a graph. */
export interface WriterRow {
  seq: number;
  version: number;
  actor_key: number | null;
  details: string | null;
}

/** The events that wrote versions of a graph: which graph, and which actions. */
export interface WritesOf {
  userKey: number;
  subjectId: Buffer;
  actions: readonly number[];
}

const WRITE = 'user_key = :user_key AND subject_id = :subject_id AND action IN (:...actions)';
const COLUMNS = 'SELECT seq, version, actor_key, details FROM journal';

const bySeq = new Statement<WriterRow>(`${COLUMNS} WHERE seq IN (:...seqs) AND ${WRITE}`);
const inSlice = new Statement<WriterRow>(
  `${COLUMNS} WHERE ${WRITE} AND seq > :above AND seq < :below AND version IN (:...versions)`,
);
const sliceEnd = new Statement<{ seq: number }>(
  `SELECT seq FROM journal WHERE user_key = :user_key AND seq > :above AND seq < :below
   ORDER BY seq DESC LIMIT 1 OFFSET :size`,
);

/** Finds in the journal who wrote the versions of a graph. */
@Injectable()
export class VersionWritersStore {
  /** The events with these numbers, as far as they wrote versions of the graph. */
  bySeq(em: EntityManager, of: WritesOf, seqs: readonly number[]): Promise<WriterRow[]> {
    return bySeq.all(em, { ...paramsOf(of), seqs });
  }

  /** The events between two numbers that wrote one of the given versions. */
  inSlice(
    em: EntityManager,
    of: WritesOf,
    { above, below }: { above: number; below: number },
    versions: readonly number[],
  ): Promise<WriterRow[]> {
    return inSlice.all(em, { ...paramsOf(of), above, below, versions });
  }

  /** The number of the user's event that is `size` events before `below`; undefined if `above` comes first. */
  async sliceEnd(
    em: EntityManager,
    userKey: number,
    { above, below }: { above: number; below: number },
    size: number,
  ): Promise<number | undefined> {
    return (await sliceEnd.one(em, { user_key: userKey, above, below, size }))?.seq;
  }
}

function paramsOf({ userKey, subjectId, actions }: WritesOf) {
  return { user_key: userKey, subject_id: subjectId, actions };
}
