import type { components } from '../../api/schema';
import { count } from '../../parts/format';

type Recovery = components['schemas']['RecoveryView'];
export type Entry = components['schemas']['RecoveryEntryView'];
export type RecoveryAction = Entry['action'];

/** Most graphs that one request can name. */
const GRAPH_IDS_MAX = 1_000;

/** What happens, as a badge: its text and its colour. */
export const ACTIONS: Record<RecoveryAction, readonly [text: string, kind: string]> = {
  restore: ['goes back', 'info'],
  recover: ['comes out of the trash', 'ok'],
  delete: ['moves to the trash', 'warning'],
  unreachable: ['stays as it is', 'danger'],
  unchanged: ['is the same', ''],
};
/** Those that change something first. */
export const ORDER = ['restore', 'recover', 'delete', 'unreachable', 'unchanged'] as const;

/** The graphs that a recovery changes. */
export function changedIn({ graphs }: Recovery): Entry[] {
  return graphs.filter(({ action }) => action !== 'unchanged' && action !== 'unreachable');
}

/** "3 graphs go back to an earlier version, 1 graph moves to the trash". */
export function wordsOf({ graphs }: Recovery): string {
  const of = (action: RecoveryAction) => graphs.filter((entry) => entry.action === action).length;
  const phrase = (action: RecoveryAction, one: string, many: string) => {
    const number = of(action);
    return number === 0 ? [] : [`${count(number, 'graph')} ${number === 1 ? one : many}`];
  };
  const phrases = [
    ...phrase('restore', 'goes back to an earlier version', 'go back to earlier versions'),
    ...phrase('recover', 'comes out of the trash', 'come out of the trash'),
    ...phrase('delete', 'moves to the trash', 'move to the trash'),
    ...phrase('unreachable', 'cannot be recovered', 'cannot be recovered'),
  ];
  return phrases.length === 0 ? 'nothing changes' : phrases.join(', ');
}

/** What undoes a recovery: to the moment just before it, and only the graphs that it changed. */
export function undoOf(done: Recovery): { at: string; dry_run: false; graph_ids?: string[] } {
  const at = new Date(Date.parse(done.recovered_at!) - 1).toISOString();
  const ids = changedIn(done).map(({ graph_id }) => graph_id);
  return { at, dry_run: false, ...(ids.length <= GRAPH_IDS_MAX && { graph_ids: ids }) };
}
