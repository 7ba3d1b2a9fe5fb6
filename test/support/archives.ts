import type { ArchiveManifest, GraphManifest } from '../../src/archives/domain/manifest';
import { unzip } from './zip';

/**
 * What an archive says of an account: its policy and each graph with all its versions and their bytes, sorted by id.
 * Without what an import does not keep: the numbers of versions and what kinds of changes they were, except deletions.
 */
export async function contentOf(archive: Buffer) {
  const files = await unzip(archive);
  const json = <T>(path: string) => JSON.parse(files.get(path)!.bytes.toString()) as T;
  const { graphs, policy } = json<ArchiveManifest>('manifest.json');
  const contents = graphs.map(({ folder, title, versions: count }) => {
    const { versions, ...graph } = json<GraphManifest>(`${folder}/graph.json`);
    return {
      ...graph,
      listed: { title, count },
      versions: versions.map(
        ({ change, title, description, status, created_at, label, pinned, config_sha256, file }) => ({
          ...{ title, description, status, created_at, label, pinned, config_sha256 },
          isDeletion: change === 'deleted',
          config: files.get(`${folder}/${file}`)?.bytes.toString('latin1'),
        }),
      ),
    };
  });
  return { policy, graphs: contents.sort((a, b) => (a.id < b.id ? -1 : 1)) };
}
