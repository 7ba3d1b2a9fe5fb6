import { constants, setPriority } from 'node:os';
import { isMainThread } from 'node:worker_threads';
import { diffConfigs } from './diff-configs';
import { writeExact } from './exact-json';
import * as pictures from './picture/draw';

// On Linux a priority is a thread's own: where cores are short, requests go before large documents.
if (!isMainThread && process.platform === 'linux') setPriority(constants.priority.PRIORITY_BELOW_NORMAL);

/** Two configs' bytes. */
export interface Sides {
  from: Uint8Array;
  to: Uint8Array;
}

/** The JSON text (UTF-8) of a ConfigDiff, numbers past a double's reach included. */
export function diff({ from, to }: Sides): Uint8Array {
  return utf8(writeExact(diffConfigs(from, to)));
}

/** The SVG text (UTF-8) of what changed. */
export function drawDiff({ from, to }: Sides): Uint8Array {
  return utf8(pictures.drawDiff(from, to));
}

/** The SVG text (UTF-8) of one version. */
export function drawGraph(config: Uint8Array): Uint8Array {
  return utf8(pictures.drawGraph(config));
}

/** In memory of its own, unlike `Buffer.from`, so that it is never part of a pool shared with others. */
function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
