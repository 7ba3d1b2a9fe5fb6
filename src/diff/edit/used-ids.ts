import { textOf } from '../exact-json';
import type { Json } from '../json';

/** The ids in use in the scopes of a file, and ids that are free. */
export class UsedIds {
  private readonly scopes = new Map<string, { used: Set<string>; highest: number }>();

  /** The wanted id if it is free, else one like it: the next number, or with a number behind. Takes it. */
  take(wanted: Json, scope: string): Json {
    const id = this.scope(scope).used.has(textOf(wanted) ?? '') ? this.free(wanted, scope) : wanted;
    this.note(id, scope);
    return id;
  }

  /** Takes an id. */
  note(id: Json | undefined, name: string): void {
    const text = textOf(id);
    if (text === undefined) return;
    const scope = this.scope(name);
    scope.used.add(text);
    const number = Number(text);
    if (Number.isSafeInteger(number)) scope.highest = Math.max(scope.highest, number);
  }

  private free(wanted: Json, name: string): Json {
    const { used, highest } = this.scope(name);
    if (typeof wanted === 'number') return highest + 1;
    for (let count = 2; ; count++) {
      const id = `${textOf(wanted) ?? ''}-${count}`;
      if (!used.has(id)) return id;
    }
  }

  private scope(name: string): { used: Set<string>; highest: number } {
    let scope = this.scopes.get(name);
    if (scope === undefined) this.scopes.set(name, (scope = { used: new Set(), highest: 0 }));
    return scope;
  }
}
