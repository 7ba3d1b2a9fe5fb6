import { loadBundle } from './load-bundle';

/**
 * Import it first in a program, for its effect: what the program imports after it is loaded from the bundle of the
 * build, if there is one that fits. Undefined, or why the start is slow.
 */
export const slowStart = loadBundle(__dirname, require.main?.filename ?? '');
