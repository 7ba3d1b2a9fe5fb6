import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { POLICY_FIELDS } from '../platform/config/policy-limits';
import { columnsOf, placeholders } from '../platform/database/columns';
import { Statement } from '../platform/database/statement';
import { TransactionLock } from '../platform/database/transaction-lock';
import { WHOLE_ACCOUNT, policySchema, type PolicyRow } from './domain/policy.entity';

const COLUMNS = columnsOf(policySchema);

const of = new Statement<PolicyRow>(
  `SELECT ${COLUMNS.join(', ')} FROM policies WHERE user_key = :user_key AND graph_key IN (${WHOLE_ACCOUNT}, :graph_key) ORDER BY graph_key`,
);
const ofUser = new Statement<PolicyRow>(
  `SELECT ${COLUMNS.join(', ')} FROM policies WHERE user_key = :user_key ORDER BY graph_key`,
);
const put = new Statement(
  `INSERT INTO policies (${COLUMNS.join(', ')}) VALUES (${placeholders(COLUMNS)})
   ON CONFLICT (user_key, graph_key) DO UPDATE SET ${['seq', 'changed_at', ...POLICY_FIELDS].map((column) => `${column} = excluded.${column}`).join(', ')}`,
);
const removeOf = new Statement('DELETE FROM policies WHERE user_key = :user_key AND graph_key = :graph_key');
const removeOfUser = new Statement('DELETE FROM policies WHERE user_key = :user_key');
const changed = new Statement<ChangedUser>(
  // Walks the index of the time, so unchanged policies are not read.
  `SELECT user_key, changed_at, seq FROM policies WHERE graph_key = ${WHOLE_ACCOUNT} AND changed_at >= :at AND (changed_at, user_key) > (:at, :after)
   ORDER BY changed_at, user_key LIMIT :limit`,
);
const applied = new Statement(
  `UPDATE policies SET changed_at = NULL WHERE user_key = :user_key AND graph_key = :graph_key AND seq = :seq`,
);

/** A user whose account policy changed, when (ms since the epoch), and the `seq` of the row that says so. */
export type ChangedUser = Readonly<{ user_key: number; changed_at: number; seq: number }>;

/** A level of a policy as a run has applied it. */
export type AppliedPolicy = Readonly<{ userKey: number; graphKey: number; seq: number }>;

/** Serialises a change of a user's policies with the transactions that prune by them. */
const lock = new TransactionLock('policies');

/** The policies' rows. */
@Injectable()
export class PoliciesStore {
  /** Holds off all transactions that prune by the user's policies until the caller's transaction ends. */
  lockForChange(em: EntityManager, userKey: number): Promise<void> {
    return lock.exclusive(em, userKey);
  }

  /** Holds off all changes of the user's policies until the caller's transaction ends. */
  lockForUse(em: EntityManager, userKey: number): Promise<void> {
    return lock.shared(em, userKey);
  }

  /** The user's rows for the whole account and for one graph. */
  of(em: EntityManager, userKey: number, graphKey: number): Promise<PolicyRow[]> {
    return of.all(em, { user_key: userKey, graph_key: graphKey });
  }

  /** All rows of the user. */
  ofUser(em: EntityManager, userKey: number): Promise<PolicyRow[]> {
    return ofUser.all(em, { user_key: userKey });
  }

  async put(em: EntityManager, row: PolicyRow): Promise<void> {
    await put.run(em, { ...row });
  }

  /** Removes the policy of a purged graph. */
  async removeOf(em: EntityManager, userKey: number, graphKey: number): Promise<void> {
    await removeOf.run(em, { user_key: userKey, graph_key: graphKey });
  }

  /** Removes all policies of a deleted account. */
  async removeOfUser(em: EntityManager, userKey: number): Promise<void> {
    await removeOfUser.run(em, { user_key: userKey });
  }

  /** Users whose account policy changed and was not applied to all their graphs since. */
  changed(em: EntityManager, after: Omit<ChangedUser, 'seq'>, limit: number): Promise<ChangedUser[]> {
    return changed.all(em, { at: after.changed_at, after: after.user_key, limit });
  }

  /** Records that a level was applied to all its graphs, unless it was changed again since. */
  async applied(em: EntityManager, { userKey, graphKey, seq }: AppliedPolicy): Promise<void> {
    await applied.run(em, { user_key: userKey, graph_key: graphKey, seq });
  }
}
