import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import { allocateShared, countShared, inSharedMemory } from './shared-bytes';

describe('inSharedMemory', () => {
  it('copies bytes once, and only their own part of what they lie in', () => {
    const shared = inSharedMemory(Buffer.from('{"nodes":[]}').subarray(1, 8));
    expect(shared.toString()).toBe('"nodes"');
    expect(shared.buffer.byteLength).toBe(7);
    const part = inSharedMemory(shared.subarray(1, 6));
    expect(part.buffer).toBe(shared.buffer);
    expect(part.toString()).toBe('nodes');
  });

  it('is seen by the receiver, without a copy', () => {
    const shared = inSharedMemory(Buffer.from('before'));
    const { port1, port2 } = new MessageChannel();
    port1.postMessage(shared);
    shared.write('after!');
    const { message } = receiveMessageOnPort(port2) as { message: Uint8Array };
    expect(Buffer.from(message).toString()).toBe('after!');
    port1.close();
  });
});

describe('shared memory that is not used any more', () => {
  const MIB = 1024 * 1024;
  const held = (): number => process.memoryUsage().arrayBuffers / MIB;

  it.each([
    ['allocated here', () => allocateShared(16 * MIB)],
    ['received', () => countShared(Buffer.from(new SharedArrayBuffer(16 * MIB)))],
  ])('is returned without further ado: %s', async (_, allocate) => {
    for (let times = 0; times < 64; times++) {
      allocate();
      await new Promise(setImmediate);
    }
    expect(held()).toBeLessThan(512);
  });
});
