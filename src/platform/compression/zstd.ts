import {
  CCtx,
  CParameter,
  DCtx,
  ResetDirective,
  Strategy,
  compressBound,
  getFrameContentSize,
} from 'zstd-napi/binding';

/**
 * How much time a frame is worth: `stream` for bulk data that is already compressed, `head` for the copy of the
 * current config on the graph's row, `ingest` while a user waits, `strong` for rare and large frames at ingest
 * (about 20 times slower), `tight` for jobs that have time.
 */
export type Effort = 'stream' | 'head' | 'ingest' | 'strong' | 'tight';

type Settings = Partial<Record<keyof typeof CParameter, number>>;

const WINDOW_LOG_MIN = 10;
const WINDOW_LOG_MAX = 27;
const HASH_LOG_MIN = 6;
const INGEST_HASH_LOG_MAX = 22;
const KIB = 1024;
const MIB = 1024 * KIB;
/** Up to this size of dictionary + content, matches of 5 bytes are better; above, 6 are both smaller and faster. */
const SHORT_MATCHES_UP_TO = 512 * KIB;
/**
 * Above this many bytes of dictionary + content, the optimal parser is worse than the lazy one: it cuts long
 * matches.
 */
export const OPTIMAL_PARSER_UP_TO = 2 * MIB;
/** zstd reads a dictionary with these first bytes as its own format, not as raw content. */
const DICTIONARY_MAGIC = Buffer.from([0x37, 0xa4, 0x30, 0xec]);
/** zstd ignores shorter dictionaries when compressing. */
const DICTIONARY_BYTES_MIN = 8;
const SCRATCH_BYTES = 128 * KIB;

// One context per thread is enough, because every call is synchronous. Creating one costs more than a small patch.
const compressor = new CCtx();
const decompressor = new DCtx();
const scratch = Buffer.allocUnsafeSlow(SCRATCH_BYTES);

/** Whether zstd would accept these bytes as a raw-content dictionary, as `compress` and `zstd -D` do. */
export function fitsAsDictionary(bytes: Uint8Array): boolean {
  return (
    bytes.byteLength >= DICTIONARY_BYTES_MIN &&
    DICTIONARY_MAGIC.compare(bytes, 0, DICTIONARY_MAGIC.byteLength) !== 0
  );
}

/**
 * Compresses `bytes` into one plain zstd frame (RFC 8878) with its content size, without checksum and dictionary
 * id. With `dictionary`, the frame is a patch: `zstd -d -D <dictionary>` decodes it. `tight` tries two parsers and
 * returns the smaller frame.
 *
 * The settings come from the version store's measurements: a window over dictionary and content, no long-distance
 * matching; instead of level 9 its parser (`lazy2`) with a deeper search over a hash table of a quarter of the window,
 * which makes smaller patches in less time; instead of level 19 its optimal parser. A table of half the window makes
 * patches 0.5 % smaller and takes 14 % longer for 100 KB: it does not fit into the processor's cache.
 *
 * @throws RangeError if `dictionary` does not pass `fitsAsDictionary`
 */
export function compress(bytes: Uint8Array, options: { effort: Effort; dictionary?: Uint8Array }): Buffer {
  const { effort, dictionary } = options;
  if (dictionary && !fitsAsDictionary(dictionary))
    throw new RangeError('these bytes cannot be a zstd dictionary');
  const frames = settingsFor(effort, bytes.byteLength + (dictionary?.byteLength ?? 0)).map((settings) =>
    compressWith(bytes, dictionary, settings),
  );
  return frames.reduce((best, frame) => (frame.byteLength < best.byteLength ? frame : best));
}

/** The content length that a frame states, in bytes; null if it states none or is not a frame. */
export function contentBytes(frame: Uint8Array): number | null {
  try {
    return getFrameContentSize(frame);
  } catch {
    return null;
  }
}

/**
 * Decompresses one frame of exactly `expectedBytes` bytes; `dictionary` is the one it was compressed with. The result
 * is at the start of `into` if given (it must be large enough and must not overlap the dictionary), otherwise in new
 * memory. Memory is allocated only if the frame states the same length. A frame that decodes is not yet the right one:
 * compare the hash of the result.
 *
 * @throws Error if the frame is broken, or its content is shorter or longer
 */
export function decompress(
  frame: Uint8Array,
  options: { expectedBytes: number; dictionary?: Uint8Array; into?: Buffer },
): Buffer {
  const { expectedBytes, dictionary, into } = options;
  if (contentBytes(frame) !== expectedBytes) throw new Error('zstd frame has another length');
  const bytes = into?.subarray(0, expectedBytes) ?? Buffer.allocUnsafe(expectedBytes);
  const length = dictionary
    ? decompressor.decompressUsingDict(bytes, frame, dictionary)
    : decompressor.decompress(bytes, frame);
  if (length !== expectedBytes) throw new Error('zstd frame is shorter than its stated length');
  return bytes;
}

function compressWith(bytes: Uint8Array, dictionary: Uint8Array | undefined, settings: Settings): Buffer {
  const bound = compressBound(bytes.byteLength);
  const target = bound <= SCRATCH_BYTES ? scratch : Buffer.allocUnsafeSlow(bound);
  try {
    for (const [name, value] of Object.entries(settings)) {
      compressor.setParameter(CParameter[name as keyof typeof CParameter], value);
    }
    if (dictionary) compressor.loadDictionary(dictionary);
    return Buffer.from(target.subarray(0, compressor.compress2(target, bytes)));
  } finally {
    // Releases the context's copy of the dictionary, and clears the state of a failed call.
    compressor.reset(ResetDirective.sessionAndParameters);
  }
}

function settingsFor(effort: Effort, totalBytes: number): Settings[] {
  const windowLog = clamp(Math.ceil(Math.log2(totalBytes + 1)), WINDOW_LOG_MIN, WINDOW_LOG_MAX);
  if (effort === 'stream') return [{ compressionLevel: 1 }];
  if (effort === 'head') return [{ compressionLevel: 1, windowLog }];
  if (effort === 'ingest') return [lazyParser(windowLog, windowLog - 2, totalBytes)];
  const lazy = lazyParser(windowLog, windowLog, totalBytes);
  if (totalBytes > OPTIMAL_PARSER_UP_TO) return [lazy];
  return effort === 'strong'
    ? [optimalParser(windowLog, Strategy.btultra, 5, 256)]
    : [optimalParser(windowLog, Strategy.btultra2, 7, 999), lazy];
}

function lazyParser(windowLog: number, hashLog: number, totalBytes: number): Settings {
  return {
    windowLog,
    strategy: Strategy.lazy2,
    hashLog: clamp(hashLog, HASH_LOG_MIN, INGEST_HASH_LOG_MAX),
    chainLog: windowLog,
    searchLog: 6,
    minMatch: totalBytes <= SHORT_MATCHES_UP_TO ? 5 : 6,
  };
}

function optimalParser(
  windowLog: number,
  strategy: Strategy,
  searchLog: number,
  targetLength: number,
): Settings {
  return {
    windowLog,
    strategy,
    hashLog: windowLog,
    chainLog: windowLog + 1,
    searchLog,
    minMatch: 3,
    targetLength,
  };
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
