import { join } from 'node:path';
export { startChild, type ChildService } from '../../scripts/child-service';

/** What makes a process that loads TypeScript sources load its packages faster; see quick-load.cjs. */
export const QUICK_LOAD: readonly string[] = ['--require', join(__dirname, 'quick-load.cjs')];
