import { sharedRead } from './shared-read';

it('reads once for all who ask at the same time, and anew for the next', async () => {
  let reads = 0;
  const read = sharedRead(() => Promise.resolve(void (reads += 1)));
  await Promise.all([read(), read(), read()]);
  expect(reads).toBe(1);
  await read();
  expect(reads).toBe(2);
});

it('does not fail when the read does', async () => {
  let reads = 0;
  const read = sharedRead(() => {
    reads += 1;
    return Promise.reject(new Error('no database'));
  });
  await Promise.all([read(), read()]);
  await read();
  expect(reads).toBe(2);
});
