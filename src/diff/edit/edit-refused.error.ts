/** Why an edit was not made. `detail` entries name nodes, never contents. */
export type RefusalCode = 'no-graph' | 'unknown-nodes' | 'not-editable' | 'conflict';

/** A part that stands against an edit. */
export interface Obstacle {
  /** The id of a node, a JSON pointer, or a field of the graph. */
  field: string;
  message: string;
}

/** The edit cannot be made; nothing was changed. The message is a sentence for people. */
export class EditRefusedError extends Error {
  constructor(
    readonly code: RefusalCode,
    message: string,
    readonly obstacles: Obstacle[] = [],
  ) {
    super(message);
    this.name = 'EditRefusedError';
  }
}

/** The form of the file does not allow a safe edit. */
export function notEditable(why: string): EditRefusedError {
  return new EditRefusedError(
    'not-editable',
    `This change cannot be made safely in this file: ${why}. Restore the whole version instead.`,
  );
}
