import { isUuid, uuidBytes, uuidText } from '../../platform/ids/uuid';

const TEXT_MARK = 0;

/**
 * Packs a request id into bytes: a lower-case UUID, as most are, into its 16 bytes, anything else into a zero byte
 * and its text. A text of 15 letters would be 16 bytes long too, so only UUIDs without a leading zero byte take the
 * short form.
 */
export function packRequestId(id: string): Buffer {
  if (isUuid(id) && id === id.toLowerCase()) {
    const bytes = uuidBytes(id);
    if (bytes[0] !== TEXT_MARK) return bytes;
  }
  return Buffer.concat([Buffer.of(TEXT_MARK), Buffer.from(id, 'utf8')]);
}

/** Returns the text that was given to `packRequestId`. */
export function unpackRequestId(bytes: Buffer): string {
  return bytes[0] === TEXT_MARK ? bytes.toString('utf8', 1) : uuidText(bytes);
}
