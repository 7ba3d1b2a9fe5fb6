import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../../platform/clock/clock';
import { UnitOfWork } from '../../platform/database/unit-of-work';
import type { RunLease } from '../../platform/jobs/job';
import { AlertMessages, type AlertMessage } from './alert-messages';
import { AlertsStore } from './alerts.store';
import { ConditionChecks, type Finding } from './condition-checks';
import { NEVER_SEEN, observe, type AlertState } from './domain/alert-state';
import type { AlertRow } from './domain/alert.entity';

/** Looks at the conditions, and tells operators when one begins and when it is over. */
@Injectable()
export class AlertsService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly store: AlertsStore,
    private readonly checks: ConditionChecks,
    private readonly messages: AlertMessages,
    private readonly clock: Clock,
  ) {}

  /**
   * Checks all conditions once. States and messages are written together, by the run that holds the lease: two replicas
   * send one message, and a restart forgets none and repeats none. Returns how many conditions hold, and the messages.
   */
  async run(lease: RunLease): Promise<{ active: number; messages: number }> {
    const findings = await this.checks.all();
    const now = this.clock.now();
    const messages = await this.unitOfWork.write(async (em) => {
      await lease.guard(em);
      const known = new Map((await this.store.all(em)).map((row) => [row.condition, row]));
      const added: AlertMessage[] = [];
      for (const finding of findings) added.push(...(await this.note(em, finding, known, now)));
      return added;
    });
    this.messages.sent(messages);
    return { active: findings.filter(({ active }) => active).length, messages: messages.length };
  }

  private async note(
    em: EntityManager,
    { condition, active, reason }: Finding,
    known: ReadonlyMap<string, AlertRow>,
    now: number,
  ): Promise<AlertMessage[]> {
    if (active === null) return [];
    const row = known.get(condition);
    const { next, tell } = observe(row ? stateOf(row) : NEVER_SEEN, active, now);
    if (!row && !active) return [];
    if (!row || tell || row.active !== Number(active)) await this.store.put(em, rowOf(condition, next));
    if (!tell) return [];
    const message = { condition, active, since: next.since, at: now, reason };
    await this.messages.add(em, message);
    return [message];
  }
}

function stateOf(row: AlertRow): AlertState {
  return {
    active: row.active === 1,
    since: row.since,
    changes: row.changes,
    toldActive: row.told_active === 1,
    toldAt: row.told_at,
  };
}

function rowOf(condition: string, state: AlertState): AlertRow {
  return {
    condition,
    active: Number(state.active),
    since: state.since,
    changes: state.changes,
    told_active: Number(state.toldActive),
    told_at: state.toldAt,
  };
}
