import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeFolderSync } from '../files/make-folder';
import { workerFile } from './worker-file';

describe('workerFile', () => {
  let root: string;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'worker-file-'));
    makeFolderSync(join(root, 'dist/feature'));
    writeFileSync(join(root, 'dist/feature/x.worker.js'), '');
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it('finds the compiled file from sources and from compiled code', () => {
    const compiled = join(root, 'dist/feature/x.worker.js');
    expect(workerFile(join(root, 'src/feature'), 'x.worker')).toBe(compiled);
    expect(workerFile(join(root, 'dist/feature'), 'x.worker')).toBe(compiled);
  });

  it('says what to do when there is none', () => {
    expect(() => workerFile(join(root, 'src/feature'), 'y.worker')).toThrow('run "npm run build" first');
  });
});
