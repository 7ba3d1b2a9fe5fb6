import type { PolicyPart } from '../../platform/config/policy-limits';
import { ByteList } from './byte-list';
import { ARCHIVE_FORMAT, ARCHIVE_FORMAT_VERSION, type ArchiveManifest } from './manifest';

/**
 * The text of an archive's `manifest.json`, written graph by graph: a large account's would be in memory three times,
 * as objects, as text and as bytes.
 */
export class ManifestText {
  private readonly bytes = new ByteList();
  private separator = '\n';

  constructor(exportedAt: string, policy: PolicyPart | null) {
    const head: Omit<ArchiveManifest, 'graphs'> = {
      format: ARCHIVE_FORMAT,
      format_version: ARCHIVE_FORMAT_VERSION,
      exported_at: exportedAt,
      policy,
    };
    this.write(`${JSON.stringify(head, null, 2).slice(0, -'\n}'.length)},\n  "graphs": [`);
  }

  add(graph: ArchiveManifest['graphs'][number]): void {
    this.write(`${this.separator}    ${JSON.stringify(graph)}`);
    this.separator = ',\n';
  }

  /** The whole text; nothing can be added any more. */
  end(): Iterable<Uint8Array> {
    this.write('\n  ]\n}\n');
    return this.bytes;
  }

  private write(text: string): void {
    this.bytes.append(Buffer.from(text));
  }
}
