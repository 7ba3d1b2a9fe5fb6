/**
 * V8 counts neither the memory of a `SharedArrayBuffer` as its own, and so does not collect such garbage, how much of it
 * there may be: a hundred bodies of 16 MB that were answered long ago stay in memory. An `ArrayBuffer` of the same size
 * is counted. It costs addresses and no memory, since nothing is written to it, and lives as long as its partner.
 */
const counted = new WeakMap<SharedArrayBuffer, ArrayBuffer>();

/** Memory that worker threads see, too. */
export function allocateShared(byteLength: number): Buffer {
  const shared = new SharedArrayBuffer(byteLength);
  counted.set(shared, partner(byteLength));
  return Buffer.from(shared);
}

/** To be called for bytes that came from another thread, once in each thread that holds them. */
export function countShared<T extends Uint8Array>(bytes: T): T {
  const { buffer } = bytes;
  if (buffer instanceof SharedArrayBuffer && !counted.has(buffer))
    counted.set(buffer, partner(buffer.byteLength));
  return bytes;
}

// A resizable one lies in pages of its own. The C library would clear memory that it uses again, and so fill it.
function partner(byteLength: number): ArrayBuffer {
  const Resizable = ArrayBuffer as new (length: number, options: { maxByteLength: number }) => ArrayBuffer;
  return new Resizable(byteLength, { maxByteLength: byteLength });
}

/**
 * The bytes in memory that worker threads see, too, so that sending them to one costs nothing; those that lie there
 * already as they are, others as a copy. Sending a copy of 9 MB takes the sending thread 3 to 6 ms each time.
 */
export function inSharedMemory(bytes: Uint8Array): Buffer {
  const { buffer, byteOffset, byteLength } = bytes;
  if (buffer instanceof SharedArrayBuffer) return Buffer.from(buffer, byteOffset, byteLength);
  const shared = allocateShared(byteLength);
  shared.set(bytes);
  return shared;
}
