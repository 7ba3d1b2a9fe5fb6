import type { TestApp } from './app';

/**
 * The parts of `/health` that are degraded, without the process itself: its event loop is late and its memory is large
 * when the machine runs many tests at the same time.
 */
export async function degradedParts(app: TestApp): Promise<string[]> {
  const answer = await app.anonymous.get('/health');
  const { details } = answer.json<{ details: Record<string, { degraded?: boolean }> }>();
  return Object.entries(details)
    .filter(([name, { degraded }]) => name !== 'process' && degraded === true)
    .map(([name]) => name);
}
