import { Readable } from 'node:stream';
import { yieldToEventLoop } from '../../platform/async/yield-to-event-loop';
import { toIso } from '../../platform/clock/instant';
import { Answer } from '../../platform/http/answer';
import type { AccountPreview } from '../preview.service';
import { GraphVerdictView, PolicyView } from './policy.dto';

/** The preview of an account as a stream, one graph in memory at a time: an account may have millions of versions. */
export function previewAnswer(preview: AccountPreview): Answer {
  const stream = Readable.from(texts(preview), { objectMode: false });
  return new Answer(stream, { 'content-type': 'application/json; charset=utf-8' });
}

async function* texts({ at, effective, graphs }: AccountPreview): AsyncGenerator<Buffer> {
  const sums = { kept: 0, removed: 0, removed_bytes: 0 };
  const head = JSON.stringify({ at: toIso(at), policy: PolicyView.from(effective) });
  yield Buffer.from(`${head.slice(0, -1)},"graphs":[`);
  let separator = '';
  for await (const preview of graphs) {
    const view = GraphVerdictView.from(preview);
    sums.kept += view.kept;
    sums.removed += view.removed;
    sums.removed_bytes += view.removed_bytes;
    yield Buffer.from(separator + JSON.stringify(view));
    separator = ',';
    await yieldToEventLoop();
  }
  yield Buffer.from(`],${JSON.stringify(sums).slice(1)}`);
}
