import { Readable } from 'node:stream';
import { toIso } from '../../platform/clock/instant';
import { yieldToEventLoop } from '../../platform/async/yield-to-event-loop';
import type { HeavyReads } from '../../platform/fairness/heavy-reads';
import { Answer } from '../../platform/http/answer';
import type { AccountPreview } from '../preview.service';
import { GraphVerdictView, PolicyView } from './policy.dto';

/** A graph with more versions takes milliseconds, so other requests get a turn in between. */
const LONG_HISTORY = 1_000;

/**
 * The preview of an account as a stream, one graph in memory at a time: an account may have millions of versions. Each
 * graph is a heavy read, for which users take turns. Throws 429 when the user receives too many already.
 */
export function previewAnswer(preview: AccountPreview, heavy: HeavyReads, userId: string): Answer {
  const end = heavy.beginStream(userId);
  const texts = textsOf(preview, (read) => heavy.inTurn(userId, read));
  const stream = Readable.from(texts, { objectMode: false }).once('close', end);
  return new Answer(stream, { 'content-type': 'application/json; charset=utf-8' });
}

async function* textsOf(
  { at, effective, graphs }: AccountPreview,
  inTurn: <T>(read: () => Promise<T>) => Promise<T>,
): AsyncGenerator<Buffer> {
  const sums = { kept: 0, removed: 0, removed_bytes: 0 };
  const head = JSON.stringify({ at: toIso(at), policy: PolicyView.from(effective) });
  yield Buffer.from(`${head.slice(0, -1)},"graphs":[`);
  let separator = '';
  const next = async (): Promise<string | null> => {
    const graph = await graphs.next();
    if (graph.done) return null;
    // 40,000 versions take 70 ms: a third each to decide, to describe and to write.
    const isLong = graph.value.verdicts.length > LONG_HISTORY;
    if (isLong) await yieldToEventLoop();
    const view = GraphVerdictView.from(graph.value);
    if (isLong) await yieldToEventLoop();
    sums.kept += view.kept;
    sums.removed += view.removed;
    sums.removed_bytes += view.removed_bytes;
    return JSON.stringify(view);
  };
  for (let text = await inTurn(next); text !== null; text = await inTurn(next)) {
    yield Buffer.from(separator + text);
    separator = ',';
  }
  yield Buffer.from(`],${JSON.stringify(sums).slice(1)}`);
}
