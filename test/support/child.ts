import { join } from 'node:path';
import { startChild as start, type ChildService } from '../../scripts/child-service';

export type { ChildService };

/** What makes a process of the service or a tool load its modules faster; see quick-load.cjs. */
export const QUICK_LOAD: readonly string[] = ['--require', join(__dirname, 'quick-load.cjs')];

/** Starts the compiled service as a process of its own; see scripts/child-service.ts. */
export const startChild = (
  environment: Record<string, string>,
  execArgv: readonly string[] = [],
  main?: string,
  wrapper?: string[],
): Promise<ChildService> => start(environment, [...QUICK_LOAD, ...execArgv], main, wrapper);
