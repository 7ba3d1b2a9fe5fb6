import { isUuid, uuidBytes, uuidText } from '../../platform/ids/uuid';

const TEXT_MARK = 0;

/**
 * A request id as bytes: a lower-case UUID as its 16 bytes, which most are, anything else as a zero byte and its text.
 * A text of 15 letters would be 16 bytes long too; only UUIDs without a leading zero byte take the short form.
 */
export function packRequestId(id: string): Buffer {
  if (isUuid(id) && id === id.toLowerCase()) {
    const bytes = uuidBytes(id);
    if (bytes[0] !== TEXT_MARK) return bytes;
  }
  return Buffer.concat([Buffer.of(TEXT_MARK), Buffer.from(id, 'utf8')]);
}

/** The text that `packRequestId` was given. */
export function unpackRequestId(bytes: Buffer): string {
  return bytes[0] === TEXT_MARK ? bytes.toString('utf8', 1) : uuidText(bytes);
}
