import '../platform/hardening/guard-prototypes';
import { lowerPriority } from '../platform/workers/lower-priority';
import { diffConfigs } from './diff-configs';
import { revertForWorker, restoreForWorker, type RestoreParts, type WorkerEdit } from './edit/worker-edit';
import type { RevertParts } from './edit/revert-version';
import { writeExact } from './exact-json';
import * as pictures from './picture/draw';
import { diffText, type TextOptions } from './text/diff-text';

lowerPriority();

/** Two configs' bytes. */
export interface Sides {
  from: Uint8Array;
  to: Uint8Array;
}

/** The JSON text (UTF-8) of a ConfigDiff, numbers past a double's reach included. */
export function diff({ from, to, withBefore }: Sides & { withBefore: boolean }): Uint8Array {
  return utf8(writeExact(diffConfigs(from, to, withBefore)));
}

/** What changed as a person reads it (UTF-8). */
export function describe({ from, to, options }: Sides & { options: TextOptions }): Uint8Array {
  return utf8(diffText(from, to, options));
}

/** The counts of a ConfigDiff as JSON text (UTF-8). */
export function summarize({ from, to }: Sides): Uint8Array {
  const { dialect, formatting_only, summary } = diffConfigs(from, to);
  return utf8(JSON.stringify({ dialect, formatting_only, summary }));
}

/** The SVG text (UTF-8) of what changed; `bare`: without the legend. */
export function drawDiff({ from, to, bare }: Sides & { bare: boolean }): Uint8Array {
  return utf8(pictures.drawDiff(from, to, bare));
}

/** The SVG text (UTF-8) of one version; `bare`: without the legend. */
export function drawGraph({ config, bare }: { config: Uint8Array; bare: boolean }): Uint8Array {
  return utf8(pictures.drawGraph(config, bare));
}

/** Nodes of an older config brought into a present one. */
export function restoreNodes(parts: RestoreParts): WorkerEdit {
  return restoreForWorker(parts);
}

/** What a version changed, taken back in a present config. */
export function revertVersion(parts: RevertParts): WorkerEdit {
  return revertForWorker(parts);
}

/** In memory of its own, unlike `Buffer.from`, so that it is never part of a pool shared with others. */
function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
