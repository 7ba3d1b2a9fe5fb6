import { api } from '../api/client';
import type { components } from '../api/schema';
import { say } from './toasts';

/** Without `dry_run`, the answer is the graph. */
type Graph = components['schemas']['GraphView'];

/** Brings a whole version back; returns the number of the version that this made. */
export async function restoreVersion(graph: string, version: number): Promise<number> {
  const { data } = await api.post('/graphs/{id}/restore', { path: { id: graph }, body: { version } });
  return (data as Graph).version;
}

/** Says that something was done, and offers to bring back the version from before it. */
export function sayWithUndo(text: string, graph: string, before: number, onUndone: () => void): void {
  say(text, () => {
    restoreVersion(graph, before).then(
      (undone) => {
        onUndone();
        say(`Undone: version ${undone} is as version ${before} was.`);
      },
      (error: unknown) => say(`Not undone. ${(error as Error).message}`),
    );
  });
}
