import { ownMember, setOwnMember } from '../../platform/hardening/own-member';
import { writeExact } from '../exact-json';
import type { Json, JsonObject } from '../json';
import { ByteSink, StringSink, type Sink } from './json-sinks';
import { entryOf, type Entry, type JsonText, type Span, type SpanIndex } from './json-text';

/** An element or member as it will be written. */
interface Slot {
  key?: string;
  /** The entry of the text that the slot was; undefined for a new one. */
  entry?: Entry;
  value: Json;
  /** The value is not the one of the entry. */
  changed?: true;
  /** How a text or number that comes from one of the texts is spelled there. */
  spelled?: Piece | undefined;
  renamed?: true;
}

/** A part of a text. */
interface Piece {
  text: JsonText;
  start: number;
  end: number;
}

/** Where a value is in a container that was read from one of the texts. */
export interface Origin {
  holder: object;
  key: string | number;
}

/**
 * Changes to parsed JSON values that are written back into the bytes they were read from. What is not changed keeps
 * its exact bytes, wherever it is put, also in another text; new entries take the white space of their neighbours.
 * The parsed values themselves stay as they are, except for new ones (see `put`).
 */
export class JsonEdits {
  private readonly slots = new Map<object, Slot[]>();
  /** The slots of objects by name; of duplicates the last one. */
  private readonly named = new Map<object, Map<string, Slot>>();
  private readonly dirty = new Set<Span>();

  constructor(readonly spans: SpanIndex) {}

  /** The member of an object as it is now. */
  get(object: JsonObject, name: string): Json | undefined {
    const slots = this.named.get(object);
    return slots === undefined ? ownMember(object, name) : slots.get(name)?.value;
  }

  /** The names of an object's members as they are now. */
  names(object: JsonObject): string[] {
    const slots = this.slots.get(object);
    return slots === undefined ? Object.keys(object) : [...new Set(slots.map(({ key = '' }) => key))];
  }

  /** The elements of an array as they are now. */
  items(list: Json[]): Json[] {
    return this.slots.get(list)?.map(({ value }) => value) ?? list;
  }

  /** Sets a member; a new one comes last. A value that has an origin keeps the spelling it has there. */
  set(object: JsonObject, name: string, value: Json, origin?: Origin): void {
    const slots = this.edit(object);
    if (slots === undefined) return setOwnMember(object, name, value);
    const slot = this.named.get(object)?.get(name);
    const content = { value, changed: true, spelled: this.spelling(origin) } as const;
    if (slot === undefined) this.put(object, slots, slots.length, { key: name, ...content });
    else Object.assign(slot, content);
  }

  /** Sets a member. A new one comes after the member `after`, in front of all if that is null, last if it is missing. */
  setAfter(object: JsonObject, name: string, value: Json, after: string | null, origin?: Origin): void {
    const slots = this.edit(object);
    const named = this.named.get(object);
    const before = after === null ? undefined : named?.get(after);
    const isLast = after !== null && before === undefined;
    if (slots === undefined || named?.has(name) || isLast) return this.set(object, name, value, origin);
    const at = before === undefined ? 0 : slots.indexOf(before) + 1;
    this.put(object, slots, at, { key: name, value, changed: true, spelled: this.spelling(origin) });
  }

  /** Gives a member another name; its value and its place stay. */
  rename(object: JsonObject, name: string, to: string): void {
    for (const slot of this.edit(object) ?? [])
      if (slot.key === name) Object.assign(slot, { key: to, renamed: true });
    this.index(object);
  }

  /** Removes a member, with its duplicates. */
  remove(object: JsonObject, name: string): void {
    const slots = this.edit(object);
    if (slots === undefined) Reflect.deleteProperty(object, name);
    else {
      this.slots.set(
        object,
        slots.filter(({ key }) => key !== name),
      );
      this.named.get(object)?.delete(name);
    }
  }

  /** Inserts an element in front of the one that has the index now. */
  insert(list: Json[], index: number, value: Json, origin?: Origin): void {
    const slots = this.edit(list);
    if (slots === undefined) list.splice(index, 0, value);
    else slots.splice(index, 0, { value, changed: true, spelled: this.spelling(origin) });
  }

  /** Replaces the element that has the index now. */
  replace(list: Json[], index: number, value: Json, origin?: Origin): void {
    const slot = this.edit(list)?.[index];
    if (slot === undefined) list[index] = value;
    else Object.assign(slot, { value, changed: true, spelled: this.spelling(origin) });
  }

  /** Removes the element that has the index now. */
  take(list: Json[], index: number): void {
    (this.edit(list) ?? list).splice(index, 1);
  }

  /** The bytes of a value with all changes. */
  print(value: Json): Buffer {
    const sink = new ByteSink();
    this.write(value, sink);
    return sink.bytes();
  }

  /** The slots of a container, to be changed; undefined for a new one, which is changed itself. */
  private edit(container: JsonObject | Json[]): Slot[] | undefined {
    const known = this.slots.get(container);
    if (known !== undefined) return known;
    const span = this.spans.of(container);
    if (span === undefined) return undefined;
    const slots = span.entries.map((entry, index): Slot =>
      Array.isArray(container)
        ? { entry, value: container[index] ?? null }
        : { key: entry.key ?? '', entry, value: ownMember(container, entry.key ?? '') ?? null },
    );
    this.slots.set(container, slots);
    if (!Array.isArray(container)) this.index(container);
    for (let at: Span | undefined = span; at !== undefined; at = at.parent?.span) this.dirty.add(at);
    return slots;
  }

  private put(object: JsonObject, slots: Slot[], at: number, slot: Slot): void {
    slots.splice(at, 0, slot);
    this.named.get(object)?.set(slot.key ?? '', slot);
  }

  private index(object: JsonObject): void {
    const slots = this.slots.get(object) ?? [];
    this.named.set(object, new Map(slots.map((slot) => [slot.key ?? '', slot])));
  }

  private spelling(origin: Origin | undefined): Piece | undefined {
    const span = origin && this.spans.of(origin.holder);
    const entry = span && entryOf(span, origin.key);
    return span && entry && { text: span.text, start: entry.valueStart, end: entry.end };
  }

  private write(value: Json, sink: Sink, spelled?: Piece): void {
    if (typeof value !== 'object' || value === null) {
      if (spelled === undefined) return sink.write(writeExact(value));
      return sink.slice(spelled.text, spelled.start, spelled.end);
    }
    const span = this.spans.of(value);
    if (span === undefined) return this.writeNew(value, sink);
    if (!this.dirty.has(span)) return sink.slice(span.text, span.start, span.end);
    const slots = this.slots.get(value);
    if (slots === undefined) this.writeAround(span, sink);
    else this.writeSlots(span, slots, sink);
  }

  private writeNew(value: Json[] | JsonObject, sink: Sink): void {
    const isList = Array.isArray(value);
    sink.write(isList ? '[' : '{');
    Object.entries(value).forEach(([key, item], index) => {
      sink.write(`${index > 0 ? ',' : ''}${isList ? '' : `${JSON.stringify(key)}:`}`);
      this.write(item, sink);
    });
    sink.write(isList ? ']' : '}');
  }

  /** Only something further inside is changed. */
  private writeAround({ text, start, end, entries }: Span, sink: Sink): void {
    let copied = start;
    for (const entry of entries) {
      if (entry.child === undefined || !this.dirty.has(entry.child)) continue;
      sink.slice(text, copied, entry.valueStart);
      this.writeOld(text, entry, sink);
      copied = entry.end;
    }
    sink.slice(text, copied, end);
  }

  /** The value of an entry that still has it. */
  private writeOld(text: JsonText, { child, valueStart, end }: Entry, sink: Sink): void {
    if (child?.value === undefined || !this.dirty.has(child)) return sink.slice(text, valueStart, end);
    if (child.text === text) return this.write(child.value as Json, sink);
    const { root, bytes } = child.text;
    const inner = new StringSink(sink);
    sink.write('"');
    inner.slice(child.text, 0, root?.start ?? 0);
    this.write(child.value as Json, inner);
    inner.slice(child.text, root?.end ?? bytes.length, bytes.length);
    sink.write('"');
  }

  private writeSlots(span: Span, slots: readonly Slot[], sink: Sink): void {
    const { text, start, end, entries } = span;
    sink.slice(text, start, start + 1);
    const lines = entries.length === 0 && slots.length > 0 ? linesIn(span) : { lead: '', trail: '' };
    slots.forEach((slot, index) => {
      if (index > 0) sink.write(',');
      const lead = index === 0 ? (entries[0] ?? slot.entry) : (slot.entry ?? entries.at(-1));
      if (index > 0 && !slot.entry && entries.length === 1 && isOnLine(span)) sink.write(this.gapOf(slot));
      else if (lead !== undefined) sink.slice(text, lead.lead, lead.start);
      else sink.write(lines.lead);
      this.writeSlot(span, slot, sink);
      const last = index === slots.length - 1;
      const trail = last ? entries.at(-1) : slot.entry !== entries.at(-1) ? slot.entry : undefined;
      if (trail !== undefined) sink.slice(text, trail.end, trail.trail);
    });
    sink.write(lines.trail);
    sink.slice(text, end - 1, end);
  }

  /** The white space after a comma where a list on one line has none yet: that of the list a value came from. */
  private gapOf({ value }: Slot): string {
    const list = this.spans.of(value)?.parent?.span;
    const [, second] = list?.entries ?? [];
    return list === undefined || second === undefined || !isOnLine(list)
      ? ''
      : list.text.bytes.toString('utf8', second.lead, second.start);
  }

  private writeSlot(span: Span, slot: Slot, sink: Sink): void {
    const { key, entry, value, changed, renamed, spelled } = slot;
    if (entry !== undefined) {
      if (renamed) sink.write(JSON.stringify(key));
      sink.slice(span.text, renamed ? entry.keyEnd : entry.start, entry.valueStart);
      if (changed) this.write(value, sink, spelled);
      else this.writeOld(span.text, entry, sink);
      return;
    }
    if (key !== undefined) sink.write(JSON.stringify(key) + colonOf(span));
    this.write(value, sink, spelled);
  }
}

function isOnLine({ text, entries: [first] }: Span): boolean {
  return first === undefined || first.lead === first.start || text.bytes[first.lead] === 0x20;
}

/** How the colon is spelled in an object, or in the nearest one around it. */
function colonOf(span: Span): string {
  for (let at: Span | undefined = span; at !== undefined; at = at.parent?.span) {
    const sample = at.entries.at(-1);
    if (sample?.key !== undefined) return at.text.bytes.toString('utf8', sample.keyEnd, sample.valueStart);
  }
  return ':';
}

/** The white space for the entries of a container that had none, after the lines around it. */
function linesIn(span: Span): { lead: string; trail: string } {
  const around = leadOf(span);
  if (!around.startsWith('\n') && !around.startsWith('\r')) return { lead: '', trail: '' };
  const outer = span.parent === undefined ? '' : leadOf(span.parent.span);
  const unit = around.startsWith(outer) ? around.slice(outer.length) : '';
  return { lead: around + (outer === '' ? around.replace(/^\s*\n/, '') : unit), trail: around };
}

function leadOf({ parent, text }: Span): string {
  return parent?.span.text === text ? text.bytes.toString('utf8', parent.entry.lead, parent.entry.start) : '';
}
