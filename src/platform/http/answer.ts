/** JSON text that is already written, e.g. around a `config` that must go out byte for byte. */
export class JsonText {
  /** In parts, so that a large `config` need not be copied to stand between others. */
  readonly parts: readonly Uint8Array[];

  constructor(...parts: readonly Uint8Array[]) {
    this.parts = parts;
  }

  /** Its length in bytes. */
  get length(): number {
    return this.parts.reduce((sum, part) => sum + part.byteLength, 0);
  }

  /** All of it; copied, unless it is of one part. */
  get bytes(): Buffer {
    const [first] = this.parts;
    return this.parts.length === 1 && Buffer.isBuffer(first) ? first : Buffer.concat(this.parts);
  }
}

/** An answer with headers. With an `etag`, a GET whose `If-None-Match` holds it is answered with 304. */
export class Answer<T = unknown> {
  constructor(
    readonly body: T,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {}
}

/**
 * The JSON text of `fields` with one more member, `name`, whose value is put in as the given bytes. `fields`
 * must have at least one member.
 */
export function jsonWith(fields: object, name: string, value: Uint8Array): JsonText {
  const text = JSON.stringify(fields);
  return new JsonText(Buffer.from(`${text.slice(0, -1)},"${name}":`), value, CLOSING_BRACE);
}

const CLOSING_BRACE = Buffer.from('}');
