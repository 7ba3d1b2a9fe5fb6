import { sharedRead } from './shared-read';

it('reads once for concurrent callers, and again for the next', async () => {
  let reads = 0;
  const read = sharedRead(() => Promise.resolve(void (reads += 1)));
  await Promise.all([read(), read(), read()]);
  expect(reads).toBe(1);
  await read();
  expect(reads).toBe(2);
});

it('does not fail if the read fails', async () => {
  let reads = 0;
  const read = sharedRead(() => {
    reads += 1;
    return Promise.reject(new Error('no database'));
  });
  await Promise.all([read(), read()]);
  await read();
  expect(reads).toBe(2);
});
