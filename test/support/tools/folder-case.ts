import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { FolderConnector } from '../../../src/sources/connectors/folder/folder.connector';
import type { ConnectorCase } from './connector-case';

/** The `folder` connector on a folder of the test's own. */
export const FOLDER_CASE: ConnectorCase = {
  name: 'folder',
  connector: new FolderConnector(),
  start: () => {
    const folder = mkdtempSync(join(tmpdir(), 'graphomat-folder-'));
    let seconds = 1_700_000_000;
    const touch = (path: string) => utimesSync(path, (seconds += 1), seconds);
    const pathOf = (name: string) => join(folder, 'sub', `${name}.json`);
    return Promise.resolve({
      tool: null,
      url: folder,
      options: {},
      credentials: {},
      wrongCredentials: null,
      put: (name, content) => {
        mkdirSync(dirname(pathOf(name)), { recursive: true });
        const config = `{ "v": ${content}.0,\t"a": [] }`;
        writeFileSync(pathOf(name), ` ${config}\n`);
        touch(pathOf(name));
        return { remoteId: `sub/${name}.json`, title: `sub/${name}`, config };
      },
      touch: (name) => touch(pathOf(name)),
      remove: (name) => rmSync(pathOf(name)),
      close: () => rm(folder, { recursive: true }),
    });
  },
};
