import fc from 'fast-check';
import { ManifestText } from './manifest-text';

const aGraph = fc.record({ id: fc.uuid(), title: fc.string(), folder: fc.string(), versions: fc.nat() });

it('is the JSON text of the manifest, whatever the titles and the number of graphs are', () => {
  fc.assert(
    fc.property(fc.array(aGraph), fc.option(fc.constant({ keep_last: 7 })), (graphs, policy) => {
      const text = new ManifestText('2026-01-01T00:00:00.000Z', policy);
      for (const graph of graphs) text.add(graph);
      expect(JSON.parse(Buffer.concat([...text.end()]).toString())).toEqual({
        format: 'graphomat-backup-archive',
        format_version: 1,
        exported_at: '2026-01-01T00:00:00.000Z',
        policy,
        graphs,
      });
    }),
  );
});
