import type { UserKeyRow } from '../platform/crypto/user-key.entity';
import { open } from '../platform/crypto/sealed-box';
import type { UnitOfWork } from '../platform/database/unit-of-work';
import { uuidText } from '../platform/ids/uuid';
import { decodeTree, type DecodedVersion } from '../versions/domain/codec';
import type { Link } from '../versions/domain/chain-tree';
import { CorruptVersionError } from '../versions/domain/corrupt-version.error';
import { openFrame } from '../versions/domain/sealed-frames';
import { ScratchStore } from './scratch.store';
import { VersionsStore } from '../versions/versions.store';

/** Links that are read by one statement: a few milliseconds. */
const LINKS_AT_ONCE = 1_000;

/** A graph in a database that was made out of copies, and what opens it. */
export interface StoredGraph {
  place: { user_key: number; graph_key: number };
  /** The 16 bytes of its UUID. */
  id: Buffer;
  master: Buffer;
  wrapped: UserKeyRow;
}

/** A version as it came out of the copies; the hash is of the document that its row promises. */
export type StoredVersionRead = DecodedVersion & { sha256: Buffer | undefined };

const versions = new VersionsStore();
const scratch = new ScratchStore();

/**
 * Decodes every version of a graph out of a database that was made out of copies, one frame in memory at a time. A
 * version that does not read back has an `error`. Throws UnsealError when the owner's key does not open.
 */
export async function* readStoredGraph(
  unitOfWork: UnitOfWork,
  { place, id, master, wrapped }: StoredGraph,
): AsyncGenerator<StoredVersionRead> {
  const key = open(master, wrapped.wrapped, wrapped.user_id);
  const ids = { userId: uuidText(wrapped.user_id), graphId: uuidText(id) };
  let sha256: Buffer | undefined;
  const load = async (version: number) => {
    const row = await unitOfWork.read((em) => versions.frame(em, place, version));
    sha256 = row?.config_sha256;
    if (!row) throw new CorruptVersionError(version, version, 'missing-row');
    return openFrame(key, ids, row);
  };
  const links = await linksOf(unitOfWork, place);
  for await (const decoded of decodeTree(links, load)) yield { ...decoded, sha256 };
}

/** The bases of all frames, read in parts: a graph may have tens of thousands. */
async function linksOf(unitOfWork: UnitOfWork, place: StoredGraph['place']): Promise<Link[]> {
  const links: Link[] = [];
  for (let after = 0; ;) {
    const from = after;
    const part = await unitOfWork.read((em) => scratch.links(em, place, from, LINKS_AT_ONCE));
    links.push(...part);
    const last = part.at(-1);
    if (!last || part.length < LINKS_AT_ONCE) return links;
    after = last.version;
  }
}
