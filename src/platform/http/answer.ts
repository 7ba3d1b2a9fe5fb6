/** JSON text that is already written, e.g. around a `config` that must go out byte for byte. */
export class JsonText {
  constructor(readonly bytes: Buffer) {}
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
export function jsonWith(fields: object, name: string, value: Uint8Array): Buffer {
  const text = JSON.stringify(fields);
  return Buffer.concat([Buffer.from(`${text.slice(0, -1)},"${name}":`), value, CLOSING_BRACE]);
}

const CLOSING_BRACE = Buffer.from('}');
