/** Content of one block at most, bytes (RFC 8878, 3.1.1.2.4). */
const BLOCK_BYTES = 128 * 1024;
/** A shorter match can't be written. */
const MATCH_BYTES_MIN = 3;
const WINDOW_LOG_MIN = 10;
const WINDOW_LOG_MAX = 27;
const MAGIC = 0xfd2fb528;
/** No checksum, no dictionary id, four bytes of content size, a window descriptor. */
const FRAME_DESCRIPTOR = 0x80;
/** Block type "compressed". */
const COMPRESSED = 2;
/** No literals; one sequence; its three codes each written once, without probabilities. */
const BLOCK_BEGINNING = [0x00, 0x01, 0x54];

/** Match length codes from 32 on: the length they begin with, and the number of extra bits (RFC 8878, table 13). */
const LENGTH_CODES: ReadonlyArray<readonly [number, number]> = [
  ...([
    [35, 1],
    [37, 1],
    [39, 1],
    [41, 1],
    [43, 2],
    [47, 2],
    [51, 3],
    [59, 3],
    [67, 4],
    [83, 4],
  ] as const),
  ...([
    [99, 5],
    [131, 7],
    [259, 8],
    [515, 9],
    [1027, 10],
    [2051, 11],
    [4099, 12],
    [8195, 13],
  ] as const),
  ...([
    [16387, 14],
    [32771, 15],
    [65539, 16],
  ] as const),
];

/**
 * A zstd frame that decodes to exactly its dictionary, whatever that holds: a patch that changes nothing, made from
 * the dictionary's length alone. Each block is one match that reaches back by the whole length.
 *
 * @param bytes length of the dictionary, at least 3
 */
export function copyFrame(bytes: number): Buffer {
  const header = Buffer.alloc(10);
  header.writeUInt32LE(MAGIC, 0);
  header.writeUInt8(FRAME_DESCRIPTOR, 4);
  header.writeUInt8((windowLog(bytes) - WINDOW_LOG_MIN) << 3, 5);
  header.writeUInt32LE(bytes, 6);
  const sizes = blockSizes(bytes);
  const blocks = sizes.map((size, index) => copyBlock(bytes, size, index === sizes.length - 1));
  return Buffer.concat([header, ...blocks]);
}

function windowLog(bytes: number): number {
  return Math.min(Math.max(Math.ceil(Math.log2(bytes + 1)), WINDOW_LOG_MIN), WINDOW_LOG_MAX);
}

/** Full blocks, and a last one that is long enough for a match. */
function blockSizes(bytes: number): number[] {
  const sizes = new Array<number>(Math.floor(bytes / BLOCK_BYTES)).fill(BLOCK_BYTES);
  const rest = bytes % BLOCK_BYTES;
  if (rest === 0) return sizes;
  if (rest >= MATCH_BYTES_MIN) return [...sizes, rest];
  return [...sizes.slice(1), BLOCK_BYTES - MATCH_BYTES_MIN, MATCH_BYTES_MIN + rest];
}

function copyBlock(distance: number, length: number, last: boolean): Buffer {
  // Offset values 1 to 3 stand for earlier offsets.
  const offset = distance + 3;
  const offsetCode = Math.floor(Math.log2(offset));
  const [lengthCode, lengthBase, lengthBits] = lengthCodeOf(length);
  // Read from its end: a bit that marks the end, the offset's extra bits, the length's.
  const stream =
    (((1n << BigInt(offsetCode)) | BigInt(offset - 2 ** offsetCode)) << BigInt(lengthBits)) |
    BigInt(length - lengthBase);
  const body = [...BLOCK_BEGINNING, 0, offsetCode, lengthCode, ...littleEndian(stream)];
  const header = (body.length << 3) | (COMPRESSED << 1) | Number(last);
  return Buffer.from([header & 0xff, (header >> 8) & 0xff, header >> 16, ...body]);
}

/** The code of a match length, the length that it begins with, and its number of extra bits. */
function lengthCodeOf(length: number): readonly [number, number, number] {
  if (length < LENGTH_CODES[0]![0]) return [length - MATCH_BYTES_MIN, length, 0];
  const at = LENGTH_CODES.findLastIndex(([base]) => base <= length);
  return [32 + at, ...LENGTH_CODES[at]!];
}

function littleEndian(value: bigint): number[] {
  const bytes: number[] = [];
  for (let rest = value; rest > 0n; rest >>= 8n) bytes.push(Number(rest & 0xffn));
  return bytes;
}
