import { Time } from '../../parts/time';

const numbers = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
const STATES: Record<string, string> = {
  running: 'info',
  done: 'ok',
  stored: 'info',
  verified: 'ok',
  held: 'warning',
  incomplete: 'warning',
  interrupted: 'warning',
  stopped: 'danger',
  failed: 'danger',
  corrupt: 'danger',
};

/** "850 ms", "31.5 s", "4.2 min", "3 h". */
export function duration(seconds: number): string {
  if (seconds < 1) return `${Math.round(seconds * 1_000)} ms`;
  if (seconds < 120) return `${numbers.format(seconds)} s`;
  if (seconds < 7_200) return `${numbers.format(seconds / 60)} min`;
  return seconds < 172_800
    ? `${numbers.format(seconds / 3_600)} h`
    : `${numbers.format(seconds / 86_400)} days`;
}

export function timeOr(at: string | null, otherwise = 'not yet') {
  return at === null ? otherwise : <Time at={at} />;
}

export function stateBadge(status: string) {
  return <span class={`badge ${STATES[status] ?? ''}`}>{status}</span>;
}
