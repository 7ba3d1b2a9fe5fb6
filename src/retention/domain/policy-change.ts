import type { PolicyLevel } from './policy';

/** A level of a policy that changed and was not applied to all its graphs since. */
export interface PolicyChange {
  level: PolicyLevel;
  userKey: number;
  graphKey: number;
  /** Number of the change; 0 for the instance's default. */
  seq: number;
}

/** The instance's default policy. */
export const INSTANCE_CHANGE: PolicyChange = { level: 'default', userKey: 0, graphKey: 0, seq: 0 };

/** Names a level within a run: equal for equal levels, whatever their `seq`. */
export function policyKey({ level, userKey, graphKey }: Omit<PolicyChange, 'seq'>): string {
  if (level === 'default') return level;
  return level === 'user' ? `user ${userKey}` : `graph ${userKey} ${graphKey}`;
}
