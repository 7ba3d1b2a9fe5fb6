import { ImportPlaces } from './import-places';

const { signal } = new AbortController();

function gate(): { open: () => void; passed: Promise<void> } {
  let open: () => void = () => undefined;
  const passed = new Promise<void>((resolve) => (open = resolve));
  return { open: () => open(), passed };
}

it('holds one place for each owner, and a few in all', () => {
  const places = new ImportPlaces();
  const ends = ['a', 'b', 'c', 'd', 'e', 'f'].map((owner) => places.hold(owner));
  expect(() => places.hold('a')).toThrow(/^An import of yours is in progress/);
  expect(() => places.hold('g')).toThrow(/^Other imports are in progress/);
  ends[0]!();
  places.hold('g');
});

it('runs two at a time in the order in which they came, and a held place keeps no one waiting', async () => {
  const places = new ImportPlaces();
  ['slow', 'slower'].forEach((owner) => places.hold(owner));
  const gates = [gate(), gate()];
  const order: number[] = [];
  const running = gates.map(({ passed }) => places.run(signal, () => passed));
  const waiting = [1, 2, 3].map((at) => places.run(signal, () => Promise.resolve(order.push(at))));
  expect(order).toEqual([]);
  gates[0]!.open();
  await Promise.all(waiting);
  expect(order).toEqual([1, 2, 3]);
  gates[1]!.open();
  await Promise.all(running);
});

it('gives up waiting with its client, and a place of one that fails is free again', async () => {
  const places = new ImportPlaces();
  const gates = [gate(), gate()];
  const running = gates.map(({ passed }) => places.run(signal, () => passed));
  const client = new AbortController();
  const gone = places.run(client.signal, () => Promise.resolve('not run'));
  const failing = places.run(signal, () => Promise.reject(new Error('no')));
  const last = places.run(signal, () => Promise.resolve('last'));
  client.abort(new Error('gone'));
  await expect(gone).rejects.toThrow('gone');
  gates.forEach(({ open }) => open());
  await expect(failing).rejects.toThrow('no');
  await expect(last).resolves.toBe('last');
  await Promise.all(running);
  await expect(places.run(signal, () => Promise.resolve('free'))).resolves.toBe('free');
});
