import { diffConfigs } from '../diff-configs';
import { writeExact } from '../exact-json';
import { EditRefusedError, type Obstacle, type RefusalCode } from './edit-refused.error';
import { restoreNodes, type Edited } from './restore-nodes';
import { revertVersion, type RevertParts } from './revert-version';

/** Two configs, and the ids of the nodes of `from` to bring into `into`. */
export interface RestoreParts {
  from: Uint8Array;
  into: Uint8Array;
  nodes: readonly string[];
}

/** Why an edit was not made, in a form that survives the way between threads. */
export interface WorkerRefusal {
  refused: { code: RefusalCode; message: string; obstacles: Obstacle[] };
}

/** A config after an edit. `report` is JSON text: the difference to the present config, and what was left out. */
export type WorkerEdit = { config: Uint8Array; report: Uint8Array } | WorkerRefusal;

/** Partial restore, with its report. */
export function restoreForWorker({ from, into, nodes }: RestoreParts): WorkerEdit {
  return answer(into, () => restoreNodes(from, into, nodes));
}

/** Revert, with its report. */
export function revertForWorker(parts: RevertParts): WorkerEdit {
  return answer(parts.present, () => revertVersion(parts));
}

function answer(present: Uint8Array, edit: () => Edited): WorkerEdit {
  try {
    const { config, left_out, along } = edit();
    const report = { ...diffConfigs(present, config), left_out, along };
    return { config: new Uint8Array(config), report: new TextEncoder().encode(writeExact(report)) };
  } catch (error) {
    if (!(error instanceof EditRefusedError)) throw error;
    const { code, message, obstacles } = error;
    return { refused: { code, message, obstacles } };
  }
}
