import type { components } from '../../api/schema';
import { Time } from '../../parts/time';
import type { Source } from './draft';

type Item = components['schemas']['SourceItemView'];
type Run = components['schemas']['SourceRunView'];

const STATUS: Readonly<Record<Source['status'], readonly [tone: string, text: string]>> = {
  ok: ['ok', 'works'],
  syncing: ['info', 'is being read'],
  failing: ['danger', 'fails'],
  paused: ['warning', 'paused'],
  new: ['info', 'not read yet'],
};
const ITEM: Readonly<Record<Item['state'], readonly [tone: string, text: string]>> = {
  synced: ['ok', 'same as here'],
  drifted: ['warning', 'edited here'],
  gone: ['warning', 'gone at the tool'],
  failed: ['danger', 'not stored'],
  ignored: ['', 'in the trash here'],
};
const RUN: Readonly<Record<Run['status'], readonly [tone: string, text: string]>> = {
  running: ['info', 'running'],
  done: ['ok', 'done'],
  failed: ['danger', 'failed'],
  interrupted: ['warning', 'interrupted'],
};

const badge = ([tone, text]: readonly [string, string]) => <span class={`badge ${tone}`}>{text}</span>;

export const statusBadge = ({ status }: Source) => badge(STATUS[status]);
/** Shown as long as anybody could pose as the tool. */
export const unverifiedBadge = ({ options, url }: Source) =>
  options['verify_tls'] === false &&
  url.startsWith('https:') &&
  badge(['warning', 'certificate not verified']);
export const itemBadge = ({ state }: Item) => badge(ITEM[state]);
export const runBadge = ({ status }: Run) => badge(RUN[status]);

export function timeOr(at: string | null, otherwise: string) {
  return at === null ? otherwise : <Time at={at} />;
}

/** What a run did, in words: `12 graphs; 1 new, 2 changed`. */
export function runWords({ seen, created, changed, gone, failed }: Run): string {
  const parts = [
    created > 0 && `${created} new`,
    changed > 0 && `${changed} changed`,
    gone > 0 && `${gone} gone`,
    failed > 0 && `${failed} not stored`,
  ].filter((part) => part !== false);
  const graphs = `${seen} ${seen === 1 ? 'graph' : 'graphs'}`;
  return parts.length === 0 ? `${graphs}, no change` : `${graphs}: ${parts.join(', ')}`;
}
