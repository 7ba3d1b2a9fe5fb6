import { textOf } from '../exact-json';
import type { Json } from '../json';

/** Hands out ids that are unique within one graph, whatever the file says. */
export class NodeIds {
  private readonly counts = new Map<string, number>();

  /**
   * The id to use for a node that the file gives the id `wanted`. The k-th node with the same id is `id#k`;
   * a node without one becomes `#k` and is anonymous.
   */
  claim(wanted: Json | undefined): { id: string; anonymous?: true } {
    const text = textOf(wanted);
    if (text === undefined || text === '') return { id: this.unique('', '#1'), anonymous: true };
    return { id: this.unique(text, text) };
  }

  private unique(base: string, first: string): string {
    let id = first;
    while (this.counts.has(id)) {
      const count = (this.counts.get(base) ?? 1) + 1;
      this.counts.set(base, count);
      id = `${base}#${count}`;
    }
    this.counts.set(id, 1);
    return id;
  }
}
