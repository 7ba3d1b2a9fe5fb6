import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { POLICY_FIELDS } from '../platform/config/policy-limits';
import { Statement } from '../platform/database/statement';
import { WHOLE_ACCOUNT, type PolicyRow } from './domain/policy.entity';

const COLUMNS = ['user_key', 'graph_key', 'seq', 'changed_at', ...POLICY_FIELDS];

const of = new Statement<PolicyRow>(
  `SELECT ${COLUMNS.join(', ')} FROM policies WHERE user_key = :user_key AND graph_key IN (${WHOLE_ACCOUNT}, :graph_key) ORDER BY graph_key`,
);
const ofUser = new Statement<PolicyRow>(
  `SELECT ${COLUMNS.join(', ')} FROM policies WHERE user_key = :user_key ORDER BY graph_key`,
);
const put = new Statement(
  `INSERT INTO policies (${COLUMNS.join(', ')}) VALUES (${COLUMNS.map((column) => `:${column}`).join(', ')})
   ON CONFLICT (user_key, graph_key) DO UPDATE SET ${['seq', 'changed_at', ...POLICY_FIELDS].map((column) => `${column} = excluded.${column}`).join(', ')}`,
);
const removeOf = new Statement('DELETE FROM policies WHERE user_key = :user_key AND graph_key = :graph_key');
const removeOfUser = new Statement('DELETE FROM policies WHERE user_key = :user_key');
const changed = new Statement<ChangedUser>(
  // Along the index of the time: those that nobody has changed are not read.
  `SELECT user_key, changed_at FROM policies WHERE graph_key = ${WHOLE_ACCOUNT} AND changed_at >= :at AND (changed_at, user_key) > (:at, :after)
   ORDER BY changed_at, user_key LIMIT :limit`,
);
const applied = new Statement(
  `UPDATE policies SET changed_at = NULL WHERE user_key = :user_key AND graph_key = ${WHOLE_ACCOUNT} AND changed_at = :changed_at`,
);

/** A user whose policy was changed, and when, ms since the epoch. */
export type ChangedUser = Readonly<{ user_key: number; changed_at: number }>;

/** The policies' rows. */
@Injectable()
export class PoliciesStore {
  /** What the user says for the whole account, and for one graph. */
  of(em: EntityManager, userKey: number, graphKey: number): Promise<PolicyRow[]> {
    return of.all(em, { user_key: userKey, graph_key: graphKey });
  }

  /** Everything the user says. */
  ofUser(em: EntityManager, userKey: number): Promise<PolicyRow[]> {
    return ofUser.all(em, { user_key: userKey });
  }

  async put(em: EntityManager, row: PolicyRow): Promise<void> {
    await put.run(em, { ...row });
  }

  /** Forgets what was said for a graph that is gone. */
  async removeOf(em: EntityManager, userKey: number, graphKey: number): Promise<void> {
    await removeOf.run(em, { user_key: userKey, graph_key: graphKey });
  }

  /** Forgets everything that a user said whose account is gone. */
  async removeOfUser(em: EntityManager, userKey: number): Promise<void> {
    await removeOfUser.run(em, { user_key: userKey });
  }

  /** Users whose policy has changed and whose graphs have not all been looked at since. */
  changed(em: EntityManager, after: ChangedUser, limit: number): Promise<ChangedUser[]> {
    return changed.all(em, { at: after.changed_at, after: after.user_key, limit });
  }

  /** All graphs of the user have been looked at, unless the policy has changed again since `changedAt` (ms). */
  async applied(em: EntityManager, userKey: number, changedAt: number): Promise<void> {
    await applied.run(em, { user_key: userKey, changed_at: changedAt });
  }
}
