import { createCipheriv, randomBytes } from 'node:crypto';
import { encode, sha256 } from '../../../src/versions/domain/codec';
import { Times, table } from '../figures';

const ROUNDS = 2_000;

/** What one new version costs on the calling thread, by part and size of the document. */
export function measureOneVersion(): string {
  const rows = [10, 30, 64, 100, 300].map((kib) => line(kib * 1024));
  return table([
    [
      'one version',
      'sha-256 ms',
      'patch ms',
      'AES-256-GCM ms',
      'full frame ms',
      'patch bytes',
      'unchanged bytes',
    ],
    ...rows,
  ]);
}

function line(bytes: number): string[] {
  const [hash, patch, seal, full] = [new Times(), new Times(), new Times(), new Times()];
  const key = randomBytes(32);
  const documents = Array.from({ length: 20 }, (_, edit) => aDocument(bytes, edit));
  let patchBytes = 0;
  for (let round = 1; round <= ROUNDS; round++) {
    const base = documents[(round - 1) % documents.length] ?? Buffer.alloc(0);
    const next = documents[round % documents.length] ?? Buffer.alloc(0);
    hash.take(() => sha256(next));
    const { frame } = patch.take(() => encode(next, base));
    seal.take(() => sealed(frame, key));
    if (round % 20 === 0) full.take(() => encode(next, null));
    patchBytes += frame.byteLength;
  }
  const first = documents[0] ?? Buffer.alloc(0);
  const unchanged = encode(first, first).frame.byteLength;
  const sizes = [Math.round(patchBytes / ROUNDS), unchanged].map(String);
  return [`${bytes / 1024} KiB`, ...[hash, patch, seal, full].map((times) => times.summary()), ...sizes];
}

function sealed(frame: Buffer, key: Buffer): Buffer {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.alloc(48));
  return Buffer.concat([nonce, cipher.update(frame), cipher.final(), cipher.getAuthTag()]);
}

/** A node graph of about `bytes` bytes; `edit` moves one node and renames another. */
function aDocument(bytes: number, edit: number): Buffer {
  const nodes: unknown[] = [];
  for (let size = 0, at = 0; size < bytes; at++) {
    const id = sha256(Buffer.from(`${at}`))
      .toString('hex')
      .slice(0, 16);
    const name = at === (edit * 7) % 20 ? `Renamed ${edit}` : `Step ${at}`;
    const position = { x: (at * 7919) % 4000, y: at === edit % 20 ? edit * 13 : (at * 104729) % 3000 };
    const node = {
      id,
      type: `kind-${at % 9}`,
      name,
      position,
      parameters: { url: `/${id}`, retries: at % 5 },
    };
    size += JSON.stringify(node).length + 1;
    nodes.push(node);
  }
  return Buffer.from(JSON.stringify({ name: 'graph', nodes }));
}
