import { Clock } from '../../src/platform/clock/clock';
import { changed, SPELLINGS } from './documents';
import { GRAPHS, type DemoGraph } from './graphs';

export const DAY_MS = 86_400_000;
export const DEMO = { email: 'demo@example.org', password: 'a month of history' };

/** A clock that the demonstration sets, from a month ago to now. */
export class DemoClock extends Clock {
  private at: number | null = null;

  override now(): number {
    return this.at ?? super.now();
  }

  /** Sets the time; null: the real one again. */
  set(at: number | null): void {
    this.at = at;
  }
}

/** Something that a person does at a time. */
interface Deed {
  at: number;
  graph: DemoGraph;
  change: number;
}

type Send = (method: string, path: string, body?: object) => Promise<{ id: string }>;

/** When each graph is changed: on working days, by day, and the last one a short while ago. */
function deeds(now: number, days: number): Deed[] {
  return GRAPHS.flatMap((graph, index) =>
    Array.from({ length: graph.changes + 1 }, (_, change): Deed => {
      const share = (change + index * 0.07) / (graph.changes + 1);
      const day = Math.floor(share * days);
      const minute = 8 * 60 + ((change * 53 + index * 97) % 600);
      const start = new Date(now - (days - day) * DAY_MS).setUTCHours(0, 0, 0, 0);
      return { at: Math.min(start + minute * 60_000, now - (index + 2) * 7 * 60_000), graph, change };
    }),
  ).sort((a, b) => a.at - b.at || a.change - b.change);
}

/** Does what a small team does in a month: creates the graphs, changes them, labels, restores and deletes. */
export async function fill(
  send: Send,
  clock: DemoClock,
  now: number,
  days = 30,
): Promise<Map<string, string>> {
  const ids = new Map<string, string>();
  for (const { at, graph, change } of deeds(now, days)) {
    clock.set(at);
    const { title, description, status, flow, spelling } = graph;
    const config = SPELLINGS[spelling](changed(flow, change));
    const id = ids.get(title);
    if (id === undefined)
      ids.set(title, (await send('POST', '/graphs', { title, description, status, config })).id);
    else await send('PUT', `/graphs/${id}`, { config });
  }
  clock.set(now - 5 * 60_000);
  const order = ids.get('Order intake')!;
  await send('PATCH', `/graphs/${order}/versions/12`, { label: 'before the summer sale', pinned: true });
  await send('PATCH', `/graphs/${order}/versions/1`, { label: 'as delivered' });
  await send('POST', `/graphs/${ids.get('Boiler room')!}/restore`, { version: 20 });
  await send('DELETE', `/graphs/${ids.get('Old newsletter')!}`);
  return ids;
}
