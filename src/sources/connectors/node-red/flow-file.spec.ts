import { readNodes } from './flow-file';

const read = (text: string) => readNodes(Buffer.from(text));

it('reads the nodes of a flow file, and leaves out what is none', () => {
  const text = `[{"id":"a","type":"tab","label":"Main"},{"id":"b","type":"mqtt","name":"","env":[{"type":"cred"}]},
    {"id":"c"},{"type":"x"},{"id":1,"type":"x"},[],null,"x",[{"id":"d","type":"x"}]]`;
  expect(read(text)).toEqual([
    { id: 'a', type: 'tab', name: 'Main', env: undefined },
    { id: 'b', type: 'mqtt', name: 'b', env: [{ type: 'cred' }] },
  ]);
});

it.each(['{}', '{"id":"a","type":"b"}', '[]', '"x"'])('finds no nodes in %s', (text) => {
  expect(read(text)).toEqual([]);
});

it('takes the last of members of the same name, and names that every object knows are nothing special', () => {
  const [node] = read(
    '[{"id":"a","id":"__proto__","type":"constructor","__proto__":{"name":"x"},"name":"n"}]',
  );
  expect(node).toEqual({ id: '__proto__', type: 'constructor', name: 'n', env: undefined });
});

it('makes no values of members that warnings do not need, however large they are', () => {
  const parse = jest.spyOn(JSON, 'parse');
  const many = `[${'[],'.repeat(100_000)}[]]`;
  expect(read(`[{"id":"a","type":"t","x":${many},"env":${many}},${many}]`)).toEqual([
    { id: 'a', type: 't', name: 'a', env: undefined },
  ]);
  const parsed = parse.mock.calls.map(([text]) => text.length);
  parse.mockRestore();
  expect(Math.max(...parsed)).toBeLessThan(10);
});
