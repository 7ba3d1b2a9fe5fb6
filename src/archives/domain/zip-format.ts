// The records of a zip archive (PKWARE APPNOTE 6.3.10, chapter 4), for files whose data is deflated and whose size
// becomes known while it is written.

/** What a file's record in the archive's directory says. */
export interface ZipEntry {
  path: string;
  /** Date of the file, ms since 1970 UTC. */
  at: number;
  crc32: number;
  bytes: number;
  deflatedBytes: number;
  /** Where in the archive the file's header is. */
  offset: number;
}

/** Version 2.0 of the format has DEFLATE, 4.5 has places beyond 4 GiB. */
const VERSION = 20;
const VERSION_64 = 45;
/** Made on Unix: a regular file that its owner may change and all may read. */
const MADE_ON_UNIX = (3 << 8) | VERSION_64;
const ATTRIBUTES = (0o100644 << 16) >>> 0;
/** CRC and sizes are behind the data; the path is in UTF-8. */
const FLAGS = 0x0808;
const DEFLATED = 8;
const PLACE_64_FIELD = 0x0001;
/** Info-ZIP's "extended timestamp": seconds since 1970 UTC; the date of the record itself has no time zone. */
const TIME_FIELD = 0x5455;
const HAS_TIME = 1;
const TIME_MAX = 0x7fffffff;
const MAX_16 = 0xffff;
const MAX_32 = 0xffffffff;
const FIRST_YEAR = 1980;
const LAST_YEAR = 2107;

/** What is before a file's data (4.3.7). */
export function fileHeader({ path, at }: Pick<ZipEntry, 'path' | 'at'>): Buffer {
  const name = Buffer.from(path);
  const record = Buffer.alloc(30);
  record.writeUInt32LE(0x04034b50, 0);
  record.writeUInt16LE(VERSION, 4);
  record.writeUInt16LE(FLAGS, 6);
  record.writeUInt16LE(DEFLATED, 8);
  record.writeUInt32LE(dosTime(at), 10);
  record.writeUInt16LE(name.length, 26);
  return Buffer.concat([record, name]);
}

/** What is behind a file's data (4.3.9). A file must be smaller than 4 GiB, as all Buffers are. */
export function fileTrailer({ crc32, bytes, deflatedBytes }: ZipEntry): Buffer {
  const record = Buffer.alloc(16);
  record.writeUInt32LE(0x08074b50, 0);
  record.writeUInt32LE(crc32, 4);
  record.writeUInt32LE(deflatedBytes, 8);
  record.writeUInt32LE(bytes, 12);
  return record;
}

/** A file's record in the directory at the end of the archive (4.3.12). */
export function directoryRecord({ path, at, crc32, bytes, deflatedBytes, offset }: ZipEntry): Buffer {
  const name = Buffer.from(path);
  const isFar = offset >= MAX_32;
  const extra = Buffer.concat([timeField(at), isFar ? placeField(offset) : Buffer.alloc(0)]);
  const record = Buffer.alloc(46);
  record.writeUInt32LE(0x02014b50, 0);
  record.writeUInt16LE(MADE_ON_UNIX, 4);
  record.writeUInt16LE(isFar ? VERSION_64 : VERSION, 6);
  record.writeUInt16LE(FLAGS, 8);
  record.writeUInt16LE(DEFLATED, 10);
  record.writeUInt32LE(dosTime(at), 12);
  record.writeUInt32LE(crc32, 16);
  record.writeUInt32LE(deflatedBytes, 20);
  record.writeUInt32LE(bytes, 24);
  record.writeUInt16LE(name.length, 28);
  record.writeUInt16LE(extra.length, 30);
  record.writeUInt32LE(ATTRIBUTES, 38);
  record.writeUInt32LE(Math.min(offset, MAX_32), 42);
  return Buffer.concat([record, name, extra]);
}

/** What is behind the directory: how many files it has, its size, and where in the archive it begins (4.3.14 to 4.3.16). */
export function directoryEnd(files: number, bytes: number, offset: number): Buffer {
  const record = Buffer.alloc(22);
  record.writeUInt32LE(0x06054b50, 0);
  record.writeUInt16LE(Math.min(files, MAX_16), 8);
  record.writeUInt16LE(Math.min(files, MAX_16), 10);
  record.writeUInt32LE(Math.min(bytes, MAX_32), 12);
  record.writeUInt32LE(Math.min(offset, MAX_32), 16);
  const isLarge = files >= MAX_16 || bytes >= MAX_32 || offset >= MAX_32;
  return isLarge ? Buffer.concat([directoryEnd64(files, bytes, offset), record]) : record;
}

function directoryEnd64(files: number, bytes: number, offset: number): Buffer {
  const record = Buffer.alloc(56);
  record.writeUInt32LE(0x06064b50, 0);
  // What follows this field.
  record.writeBigUInt64LE(44n, 4);
  record.writeUInt16LE(MADE_ON_UNIX, 12);
  record.writeUInt16LE(VERSION_64, 14);
  record.writeBigUInt64LE(BigInt(files), 24);
  record.writeBigUInt64LE(BigInt(files), 32);
  record.writeBigUInt64LE(BigInt(bytes), 40);
  record.writeBigUInt64LE(BigInt(offset), 48);
  const locator = Buffer.alloc(20);
  locator.writeUInt32LE(0x07064b50, 0);
  locator.writeBigUInt64LE(BigInt(offset + bytes), 8);
  locator.writeUInt32LE(1, 16);
  return Buffer.concat([record, locator]);
}

function timeField(at: number): Buffer {
  const field = Buffer.alloc(9);
  field.writeUInt16LE(TIME_FIELD, 0);
  field.writeUInt16LE(5, 2);
  field.writeUInt8(HAS_TIME, 4);
  field.writeInt32LE(Math.max(-TIME_MAX, Math.min(Math.floor(at / 1_000), TIME_MAX)), 5);
  return field;
}

function placeField(offset: number): Buffer {
  const field = Buffer.alloc(12);
  field.writeUInt16LE(PLACE_64_FIELD, 0);
  field.writeUInt16LE(8, 2);
  field.writeBigUInt64LE(BigInt(offset), 4);
  return field;
}

/** Local time in steps of two seconds, the date in the upper half. */
function dosTime(at: number): number {
  const date = new Date(at);
  const year = Math.max(FIRST_YEAR, Math.min(date.getFullYear(), LAST_YEAR)) - FIRST_YEAR;
  const day = (year << 9) | ((date.getMonth() + 1) << 5) | date.getDate();
  const time = (date.getHours() << 11) | (date.getMinutes() << 5) | (date.getSeconds() >> 1);
  return day * 2 ** 16 + time;
}
