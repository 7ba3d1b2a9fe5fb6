import { constants } from 'node:fs';
import { lstat, open, readdir, realpath } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { Injectable } from '@nestjs/common';
import { JsonScanError } from '../../../platform/http/json-scan';
import type { FieldRules } from '../../domain/fields';
import { fingerprintWithout } from '../../domain/fingerprint';
import { isContainer, wholeValue } from '../../domain/json-slices';
import { COMFYUI_VIEW, isComfyuiWorkflow } from '../comfyui/comfyui-view';
import type { Connection, Connector, ConnectorSession, ListedGraph, RemoteGraph } from '../connector';
import { ConnectorError, ItemError, RemoteGoneError } from '../connector-errors';

/** Files in one page. */
const PAGE = 200;
/** Folders inside folders; a deeper one is left out. */
const DEPTH_MAX = 32;
const BYTE_ORDER_MARK = Buffer.from('\ufeff');

const OPTIONS: FieldRules = {
  subfolders: { type: 'boolean', default: true, about: 'Whether folders inside the folder are read too.' },
};

/** JSON files below a folder of this machine that SOURCE_FOLDERS allows. Symbolic links are not followed. */
@Injectable()
export class FolderConnector implements Connector {
  readonly kind = 'folder';
  readonly isLocal = true;
  readonly options = OPTIONS;
  readonly credentials = {};

  async connect(connection: Connection): Promise<ConnectorSession> {
    const root = await resolved(connection.url);
    const allowed = await Promise.all(connection.limits.folders.map((folder) => resolved(folder)));
    if (root === undefined || !allowed.some((folder) => folder !== undefined && isBelow(folder, root)))
      throw new ConnectorError(
        'This folder does not exist, or the operator does not permit reading it (SOURCE_FOLDERS).',
      );
    return new FolderSession(connection, root);
  }

  /** White space inside of a document counts: a file comes back as it was. A workflow of ComfyUI changes with each pan. */
  fingerprint(config: Buffer): Buffer {
    return fingerprintWithout(config, isComfyuiWorkflow(config) ? COMFYUI_VIEW : []);
  }
}

class FolderSession implements ConnectorSession {
  readonly toolVersion = null;
  readonly problems: readonly string[] = [];

  constructor(
    private readonly connection: Connection,
    private readonly root: string,
  ) {}

  async *list(): AsyncGenerator<readonly ListedGraph[]> {
    let page: ListedGraph[] = [];
    for await (const file of this.files(this.root, 0)) {
      page.push(file);
      if (page.length < PAGE) continue;
      yield page;
      page = [];
    }
    if (page.length > 0) yield page;
  }

  async read({ remoteId }: Pick<ListedGraph, 'remoteId'>): Promise<RemoteGraph> {
    const path = join(this.root, remoteId);
    if (!isBelow(this.root, path)) throw new RemoteGoneError('This file is outside the folder.');
    const { bytes, changedAt } = await this.bytesOf(path);
    const text = bytes.subarray(0, 3).equals(BYTE_ORDER_MARK) ? bytes.subarray(3) : bytes;
    try {
      await this.connection.scan(text);
    } catch (error) {
      if (!(error instanceof JsonScanError)) throw error;
      throw new ItemError(`The file is not JSON: ${error.reason}.`);
    }
    const { start, end } = wholeValue(text);
    if (!isContainer(text, start)) throw new ItemError('The file has no JSON object or array.');
    return { title: titleOf(remoteId), config: text.subarray(start, end), changedAt, revision: null };
  }

  private async *files(folder: string, depth: number): AsyncGenerator<ListedGraph> {
    const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
      throw new ConnectorError(`A folder cannot be read (${codeOf(error)}).`);
    });
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const entry of entries) {
      this.connection.signal.throwIfAborted();
      const path = join(folder, entry.name);
      if (entry.isFile() && /\.json$/i.test(entry.name)) {
        const listed = await this.listed(path);
        if (listed) yield listed;
      } else if (entry.isDirectory() && this.enters(entry.name, depth)) yield* this.files(path, depth + 1);
    }
  }

  private enters(name: string, depth: number): boolean {
    return this.connection.options['subfolders'] !== false && depth < DEPTH_MAX && !name.startsWith('.');
  }

  /** Null for a file that was removed in the meantime. */
  private async listed(path: string): Promise<ListedGraph | null> {
    const remoteId = relative(this.root, path).split(sep).join('/');
    const found = await lstat(path, { bigint: true }).catch(() => null);
    const signal = found && `${found.size} ${found.mtimeNs} ${found.ino}`;
    return signal === null ? null : { remoteId, title: titleOf(remoteId), signal };
  }

  private async bytesOf(path: string): Promise<{ bytes: Buffer; changedAt: number }> {
    // A link in place of the file is refused by the flag, one in place of a folder by its real path.
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
      missing,
    );
    try {
      const real = await resolved(path);
      if (real === undefined || !isBelow(this.root, real))
        throw new RemoteGoneError('This file is outside the folder.');
      const found = await file.stat();
      if (!found.isFile()) throw new ItemError('This is no regular file.');
      const { documentBytes } = this.connection.limits;
      if (found.size > documentBytes)
        throw new ItemError(
          `The file has ${found.size} bytes; at most ${documentBytes} are allowed (MAX_BODY_BYTES).`,
        );
      return { bytes: await file.readFile(), changedAt: Math.round(found.mtimeMs) };
    } finally {
      await file.close();
    }
  }
}

function missing(error: unknown): never {
  const code = codeOf(error);
  if (['ENOENT', 'ENOTDIR', 'ELOOP'].includes(code))
    throw new RemoteGoneError('The file does not exist any more.');
  throw new ItemError(`The file cannot be read (${code}).`);
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown error';
}

function resolved(path: string): Promise<string | undefined> {
  return realpath(path).catch(() => undefined);
}

/** Whether `path` is the folder or below it. */
function isBelow(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

function titleOf(remoteId: string): string {
  return remoteId.replace(/\.json$/i, '');
}
