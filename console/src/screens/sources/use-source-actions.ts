import { useState } from 'preact/hooks';
import { api } from '../../api/client';
import { say } from '../../parts/toasts';
import { useAction } from '../../parts/use-action';
import { changeSource } from './change-source';
import type { Source } from './draft';

/** Reading a source now, pausing and resuming it. `reload` gets the sources again. */
export function useSourceActions(reload: () => void) {
  /** Sources that were asked to run, with the time of the run before. */
  const [asked, setAsked] = useState<ReadonlyMap<string, string | null>>(new Map());
  const sync = useAction(async (source: Source) => {
    await api.post('/sources/{id}/sync', { path: { id: source.id } });
    ask(source);
    reload();
  });
  const enable = useAction(async ({ id, name }: Source, enabled: boolean, isUndo: boolean) => {
    const changed = await changeSource(id, { enabled });
    if (enabled) ask(changed);
    reload();
    say(
      enabled ? `“${name}” is read again.` : `“${name}” is paused.`,
      isUndo ? undefined : () => void enable.run(changed, !enabled, true),
    );
  });
  /** Looks at the source until the run that has been started is over. */
  const ask = ({ id, last_attempt_at }: Source) => setAsked(new Map([...asked, [id, last_attempt_at]]));
  /** Whether the run that was asked for has not begun yet. */
  const isAsked = ({ id, last_attempt_at }: Source) => asked.get(id) === last_attempt_at && asked.has(id);
  return { sync, enable, ask, isAsked, error: sync.error ?? enable.error, busy: sync.busy || enable.busy };
}
