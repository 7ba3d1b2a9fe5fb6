import { textOf } from '../exact-json';
import type { Json } from '../json';
import type { NodeIds } from './node-ids';

/** Numbers of up to six digits, alone or behind a word (`12`, `n3`, `panel-4`, `llmAgentflow_0`): counted, not random. */
const SERIAL = /^(?:[A-Za-z]{0,3}|.*[A-Za-z][-_# ])\d{1,6}$/;

/** An id for a node, with what it is worth. */
export interface ClaimedId {
  id: string;
  anonymous?: true;
  weak?: true;
}

/** The ids of one graph among several in a document: what a file calls a node, and what we call it. */
export class Scope {
  private readonly claimed = new Map<string, string>();

  constructor(
    private readonly ids: NodeIds,
    private readonly prefix = '',
  ) {}

  /** The id to use for a node that the file gives the id `wanted`. */
  claim(wanted: Json | undefined): ClaimedId {
    const text = textOf(wanted);
    if (text === undefined || text === '') return this.ids.claim(undefined);
    const claimed = this.ids.claim(this.prefix + text);
    if (!this.claimed.has(text)) this.claimed.set(text, claimed.id);
    return SERIAL.test(text) ? { ...claimed, weak: true } : claimed;
  }

  /** Our id of the node that the file calls `text`, also of one that is not there. */
  resolve(text: string): string {
    return this.claimed.get(text) ?? this.prefix + text;
  }

  /** The ids of a part whose own ids may repeat those of other parts. */
  inner(part: string): Scope {
    return new Scope(this.ids, `${this.prefix}${part}/`);
  }
}
